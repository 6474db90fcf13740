#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Reads what a table maps: read-table.py IMAGE <TABLE >BYTES, the table being for IMAGE itself."""
import sys

position = 0
with open(sys.argv[1], "rb") as image:
    for line in sys.stdin:
        start, length, kind, *rest = line.split()
        if int(start) != position or kind not in ("linear", "zero") or len(rest) != (2 if kind == "linear" else 0):
            sys.exit(f"not a table: {line.strip()}")
        if kind == "linear":
            image.seek(int(rest[1]) * 512)
            data = image.read(int(length) * 512)
        else:
            data = bytes(int(length) * 512)
        if len(data) != int(length) * 512:
            sys.exit(f"past the image's end: {line.strip()}")
        sys.stdout.buffer.write(data)
        position += int(length)
