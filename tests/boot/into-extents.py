#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes an image into the clusters of a file on an NTFS volume, or reads it out of there.

Usage: into-extents.py write|read CONTENT DISK OFFSET CLUSTER-SIZE EXTENTS

OFFSET is where the volume begins on the disk, in bytes. EXTENTS has lines "VCN LCN LENGTH", as `ntfs-edit IMAGE extents PATH` prints
them. All of CONTENT is written, zeros too: else what was there would show.
"""
import sys

STEP = 1 << 20


def main():
    verb, content_path, disk_path, offset, unit, extents_path = sys.argv[1:]
    offset, unit = int(offset), int(unit)
    with open(extents_path) as lines:
        extents = sorted(tuple(map(int, line.split())) for line in lines)
    with open(content_path, "rb" if verb == "write" else "wb") as content, open(disk_path, "r+b") as disk:
        for vcn, lcn, length in extents:
            for done in range(0, length * unit, STEP):
                size = min(STEP, length * unit - done)
                disk.seek(offset + lcn * unit + done)
                content.seek(vcn * unit + done)
                if verb == "write":
                    disk.write(content.read(size))
                else:
                    content.write(disk.read(size))


if __name__ == "__main__":
    main()
