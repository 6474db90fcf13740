#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Power cuts during a commit, from a log of all that was written: what base and store are together at points of the log.

Usage: replay-merge.py LOG BEFORE EXPECTED [--count N] [--seed N] [--sabotage lost]

LOG is dm-log-writes' (replay.py), of the disk that was BEFORE, with the marks "begin", "filled" and "committed"; between the last two
there was a commit. Half of COUNT points are just after a flush, a write with FUA or a mark; at the others, a random part of what was
written since the last flush is lost, in blocks of 4 KiB. At each, base and store have to be what is in EXPECTED. Before "filled",
the base has to be as it was in BEFORE.

--sabotage lost: leaves out of each point what the last flush was for, so that the test is seen to fail.
"""
import argparse, os, random, shutil, sys
import crashed, replay

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "fixtures"))
import overlay

FILES = "/linux.img", "/store.img"


class Disk:
    """The disk as it was after the first `done` entries."""

    def __init__(self, entries, before, path):
        shutil.copyfile(before, path)
        self.entries, self.path, self.done = entries, path, 0
        self.fd = os.open(path, os.O_RDWR)

    def apply(self, numbers, keep=lambda entry: True):
        old = []
        for number in numbers:
            entry = self.entries[number]
            for offset, data in entry.pieces() if entry.length else ():
                if keep(entry):
                    old.append((offset, os.pread(self.fd, len(data), offset)))
                    os.pwrite(self.fd, data, offset)
        return old

    def advance(self, end):
        self.apply(range(self.done, end))
        self.done = max(self.done, end)

    def undo(self, old):
        for offset, data in reversed(old):
            os.pwrite(self.fd, data, offset)


def flushed(entries, end):
    """What is on the disk for sure at a cut before entry `end`: all before the last flush."""
    return next((number + 1 for number in range(end - 1, -1, -1) if entries[number].flags & replay.FLUSH), 0)


def base_of(path):
    with open(path, "rb") as image:
        base = overlay.File(image, path, FILES[0])
        return base.read(0, base.size)


def main():
    parser = argparse.ArgumentParser()
    for name in ("log", "before", "expected"):
        parser.add_argument(name)
    parser.add_argument("--count", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", choices=["lost"])
    options = parser.parse_args()
    entries = replay.read_log(os.open(options.log, os.O_RDONLY))
    marks = {entry.mark: number for number, entry in enumerate(entries) if entry.mark}
    with open(options.expected, "rb") as file:
        expected = file.read()
    chance = random.Random(options.seed)
    bad = 0

    found = replay.first_outside(entries, [extent for path in FILES for extent in crashed.extents(options.before, path)])
    if found:
        bad += 1
        print(f"entry {found[0]} of the log: {found[1].length} bytes at {found[1].offset} are neither file's")

    # While the overlay is filled, nobody writes to the base.
    begin, filled, committed = marks["begin"], marks["filled"], marks["committed"]
    base = crashed.extents(options.before, FILES[0])
    for number in range(begin, filled):
        entry = entries[number]
        if entry.length and any(entry.offset < offset + length and offset < entry.offset + entry.length for offset, length in base):
            bad += 1
            print(f"entry {number} of the log: the base was written to before the commit")
            break

    points = range(filled + 1, committed + 1)
    after = [end for end in points if entries[end - 1].flags & (replay.FLUSH | replay.FUA | replay.MARK)]
    print(f"  {len(points)} entries of the commit, {sum(bool(entries[end - 1].length) for end in points)} with data; {len(after)} flushes")
    # Begin and end, where the state changes, always.
    some = lambda ends: {*ends[:4], *ends[-4:], *chance.sample(ends, min(options.count // 2, len(ends)))}
    cuts = sorted([(end, False) for end in some(after)] + [(end, True) for end in some(list(points))])
    with crashed.work_folder() as work:
        disk = Disk(entries, options.before, os.path.join(work, "volume"))
        states, least, most = set(), 1 << 30, 0
        for end, is_lossy in cuts:
            start = flushed(entries, end)
            if options.sabotage:
                earlier = flushed(entries, start - 1) if start else 0
                disk.advance(earlier)
                old = disk.apply(range(start, end))
            else:
                disk.advance(start)
                kept = (lambda entry: entry.flags & replay.FUA or chance.random() < 0.5) if is_lossy else (lambda entry: True)
                old = disk.apply(range(disk.done, end), kept)
            try:
                with open(disk.path, "rb") as image:
                    state = overlay.unpack(overlay.File(image, disk.path, FILES[1]).read(0, overlay.SECTOR))[0]
                content, pieces = overlay.content(disk.path, *FILES)
                problem = None if content == expected else "base and store aren't together what they were"
                states.add(state)
                least, most = min(least, pieces), max(most, pieces)
            except AssertionError as error:
                problem = f"it can't be read: {error}"
            disk.undo(old)
            if problem:
                bad += 1
                print(f"cut before entry {end} of {len(entries)}{', a part of the unflushed lost' if is_lossy else ''}: {problem}")
    print(f"  {len(cuts)} cuts, {sum(lossy for _, lossy in cuts)} of them with writes lost, with {least} to {most} pieces left to merge: {bad} with something wrong")
    if states != {1, 2, 3} and not bad:
        sys.exit(f"not all states were seen, but {states}")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
