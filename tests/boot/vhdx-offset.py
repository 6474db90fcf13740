#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Where in a fixed VHDX, whose blocks lie one after the other, the content of RAW begins, in bytes. Usage: vhdx-offset.py VHDX RAW

It has to be found, by the ext4 superblock's UUID in RAW, at a whole MiB, as blocks of a VHDX are.
"""
import sys

MIB = 1 << 20
with open(sys.argv[1], "rb") as vhdx, open(sys.argv[2], "rb") as raw:
    raw.seek(1024 + 0x38)
    magic = raw.read(64)
    for offset in range(0, 64 * MIB, MIB):
        vhdx.seek(offset + 1024 + 0x38)
        if vhdx.read(64) == magic:
            print(offset)
            break
    else:
        sys.exit("not found")
