#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Takes apart what `table --concise` prints, as dmsetup(8) describes that form and the kernel reads its targets.

Usage: read-concise.py <CONCISE; a line for each target: name, uuid, minor, flags and the target's words, with tabs between.
"""
import re, sys


def split(text, separator):
    """At separators that no backslash comes before; the backslashes stay."""
    return re.findall(r"((?:\\.|[^\\%s])*)(?:%s|$)" % (separator, separator), text, re.DOTALL)[: -1]


def plain(text):
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def words(line):
    """As the kernel's dm_split_args()."""
    return [plain(word) for word in re.findall(r"(?:\\.|[^\\ \t\n\v\f\r])+", line, re.DOTALL)]


text = sys.stdin.buffer.read().decode("latin-1")
if not text.endswith("\n"):
    sys.exit("it doesn't end with a newline")
for device in split(text[:-1], ";"):
    name, uuid, minor, flags, *targets = split(device, ",")
    if not targets:
        sys.exit(f"no table: {device}")
    for target in targets:
        line = "\t".join([plain(name), plain(uuid), minor, flags] + words(plain(target)))
        sys.stdout.buffer.write(line.encode("latin-1") + b"\n")
