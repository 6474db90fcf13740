#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What an NTFS reader that shares no code with libntfs-3g says of the files of a volume.

ntfs.py IMAGE list                                every stream: MFT record, runs, bytes, what speaks against a map, path
ntfs.py IMAGE extents FILE [--block-size BYTES]   its extents, logical, physical and length, in blocks (of 512 bytes)

FILE: /dir/file, /dir/file:stream, mft:NUMBER or mft:NUMBER:stream.
"""
import argparse
import sys

sys.dont_write_bytecode = True

from judge import Judge, coalesce  # noqa: E402
from volume import Broken  # noqa: E402


def printable(text):
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def path_of(judge, number, name):
    paths = judge.tree.paths(number)
    return printable("/" + "/".join(paths[0]) if paths else f"mft:{number}") + (f":{printable(name)}" if name else "")


def show_list(judge):
    print("record runs bytes against path")
    for number, name in judge.files():
        try:
            verdict = judge.verdict(number, name)
            facts = f"{len(verdict.stream.runs)} {verdict.stream.data}"
            against = ",".join(dict.fromkeys(reason.check for reason in verdict.reasons)) or "-"
        except Broken:
            facts, against = "- -", "metadata"
        print(number, facts, against, path_of(judge, number, name))
    for number, why in judge.tree.broken.items():
        print(f"# MFT record {number} can't be read: {why}")


def find(judge, word):
    """(record number, stream's name)"""
    if word.startswith("mft:"):
        number, _, name = word[4:].partition(":")
        return int(number, 0), name
    path, _, name = word.partition(":")
    found = judge.tree.lookup([part for part in path.split("/") if part])
    if len(found) != 1:
        raise Broken(f"{len(found)} files are called that")
    return found[0], name


def show_extents(judge, word, block):
    number, name = find(judge, word)
    cluster = judge.volume.cluster
    verdict = judge.verdict(number, name, block)
    if cluster % block:
        raise Broken(f"clusters of {cluster} bytes aren't whole blocks")
    stream = verdict.stream
    print(f"# MFT record {number}; allocated {stream.allocated}, data {stream.data}, initialized {stream.initialized} bytes; "
          f"flags {stream.flags:#x}{', resident' if stream.resident else ''}")
    for logical, physical, length in coalesce(stream.runs):
        print(logical * cluster // block, "hole" if physical is None else physical * cluster // block,
              length * cluster // block)
    for reason in verdict.reasons:
        print(f"# against a map: {reason.check}: {reason.text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("image")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("list")
    extents = verbs.add_parser("extents")
    extents.add_argument("file")
    extents.add_argument("--block-size", type=int, default=512)
    arguments = parser.parse_args()
    try:
        judge = Judge(arguments.image)
        if arguments.verb == "list":
            show_list(judge)
        else:
            show_extents(judge, arguments.file, arguments.block_size)
    except (Broken, OSError) as error:
        sys.exit(f"ntfs.py: {error}")


if __name__ == "__main__":
    main()
