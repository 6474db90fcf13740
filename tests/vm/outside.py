#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether two images are alike, byte for byte, outside a file's extents.

Usage: outside.py BEFORE AFTER EXTENTS CHANGED|SAME [OFFSET]

EXTENTS has lines "VCN LCN LENGTH", LCN a number or "hole", as `ntfs-edit IMAGE extents PATH` prints them. The cluster size is read from BEFORE's boot
sector. OFFSET is where the volume begins in the images, if they are of a whole disk, in bytes. With CHANGED something within the extents must have changed, so that the comparison can't pass for want of writes;
with SAME nothing may have.
"""
import os, struct, sys

STEP = 1 << 20


def cluster_size(image, offset=0):
    image.seek(offset)
    sector, per_cluster = struct.unpack_from("<HB", image.read(512), 11)
    # Past 128 it is a negative power of two (libntfs-3g, bootsect.c).
    return sector * (per_cluster if per_cluster <= 128 else 1 << (256 - per_cluster))


def first_difference(before, after, start, end):
    for position in range(start, end, STEP):
        length = min(STEP, end - position)
        before.seek(position)
        after.seek(position)
        old, new = before.read(length), after.read(length)
        if old != new:
            at = next(i for i in range(max(len(old), len(new))) if old[i : i + 1] != new[i : i + 1])
            return position + at
    return None


def main():
    before_path, after_path, extents_path, changed = sys.argv[1:5]
    offset = int(sys.argv[5]) if len(sys.argv) > 5 else 0
    size = os.path.getsize(before_path)
    if os.path.getsize(after_path) != size:
        sys.exit(f"{after_path}: its size has changed")
    with open(before_path, "rb") as before, open(after_path, "rb") as after:
        unit = cluster_size(before, offset)
        with open(extents_path) as lines:
            runs = sorted((offset + int(lcn) * unit, int(length) * unit) for _, lcn, length in map(str.split, lines) if lcn != "hole")
        if not runs:
            sys.exit(f"{extents_path}: no extents")
        outside, position, inside = 0, 0, False
        for start, length in runs + [(size, 0)]:
            at = first_difference(before, after, position, start)
            if at is not None:
                sys.exit(f"{after_path}: byte {at} has changed, which is not the file's")
            outside += start - position
            if not inside:
                inside = first_difference(before, after, start, start + length) is not None
            position = start + length
        print(f"  {outside} bytes outside {len(runs)} runs compared")
        if inside != (changed == "CHANGED"):
            sys.exit(f"{after_path}: the file itself has {'' if inside else 'not '}changed")


if __name__ == "__main__":
    main()
