#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Power cuts, from a log of all that was written: the volume as it was at points of the log, and what is wrong with it there.

Usage: replay.py LOG BEFORE AFTER FILE MANIFEST KEPT [--flushes N] [--random N] [--keep N] [--seed N]
                 [--sabotage lost]

LOG is dm-log-writes' (Linux: drivers/md/dm-log-writes.c, Documentation/admin-guide/device-mapper/log-writes.rst), of the disk
whose images are BEFORE and AFTER. The points: after flushes, writes with FUA and marks, all of them or N and the marks; and at
random between, in two ways: with all writes up to there, and with a random part, in blocks of 4 KiB, of those since the last
flush, for a disk may do them in any order. What a discard was for is anything afterwards, here bytes 0xdd.

The marks: "device" after fio has filled the file's begin, "mounted" after ext4 was made and mounted, then the workload's numbers.
Some of the replayed volumes (--keep) are left in the folder KEPT, as ORDER-NUMBER.img, NUMBER being the last mark.

--sabotage lost: leaves out of each point what the last flush was for, so that the test is seen to fail.
"""
import argparse, bisect, os, random, shutil, struct, sys
import crashed, workload

FLUSH, FUA, DISCARD, MARK = 1, 2, 4, 8
MAGIC, VERSION = 0x6A736677736872, 1
BLOCK = workload.BLOCK
# guest-power-cut's fio on the device itself.
FILLED, FILL = 8 << 20, b"\x5a"


class Entry:
    def __init__(self, flags, offset, length, data, mark):
        self.flags, self.offset, self.length, self.data, self.mark = flags, offset, length, data, mark

    def pieces(self):
        """(offset in the volume, bytes)"""
        data = b"\xdd" * self.length if self.flags & DISCARD else self.data()
        for start in range(0, self.length, BLOCK):
            yield self.offset + start, data[start : start + BLOCK]


def read_log(log):
    magic, version, count, sector = struct.unpack("<QQQI", os.pread(log, 28, 0))
    assert (magic, version) == (MAGIC, VERSION), "not a log of dm-log-writes"
    entries, position = [], sector
    for _ in range(count):
        start, sectors, flags, extra = struct.unpack("<QQQQ", os.pread(log, 32, position))
        mark = os.pread(log, extra, position + 32).decode() if flags & MARK else None
        position += sector
        length = sectors * sector
        # dm itself sends the flush of such a write ahead of it.
        assert not (flags & FLUSH and length), "a flush with data"
        entries.append(Entry(flags, start * sector, length, lambda at=position, length=length: os.pread(log, length, at), mark))
        if not flags & DISCARD:
            position += length
    assert entries[-1].mark == "dm-log-writes-end", "the log isn't complete"
    return entries


def first_outside(entries, extents):
    extents = sorted(extents)
    starts = [offset for offset, _ in extents]
    for number, entry in enumerate(entries):
        if entry.length:
            offset, length = extents[max(0, bisect.bisect_right(starts, entry.offset) - 1)]
            if not offset <= entry.offset <= entry.offset + entry.length <= offset + length:
                return number, entry
    return None


class Replay:
    def __init__(self, entries, before, volume, judge, operations):
        shutil.copyfile(before, volume)
        self.entries, self.judge, self.operations = entries, judge, operations
        self.volume = os.open(volume, os.O_RDWR)
        self.base = 0
        self.original = os.open(before, os.O_RDONLY)
        # Where AFTER may have anything.
        self.discarded = set()

    def apply(self, entries, chance=None):
        """Returns what was there before."""
        old = []
        for entry in entries:
            for offset, data in entry.pieces() if entry.length else ():
                if not chance or entry.flags & FUA or chance.random() < 0.5:
                    old.append((offset, os.pread(self.volume, len(data), offset)))
                    os.pwrite(self.volume, data, offset)
        return old

    def advance(self, end):
        """For good."""
        for entry in self.entries[self.base : end]:
            self.apply([entry])
            begin, after = entry.offset, entry.offset + entry.length
            if entry.flags & DISCARD:
                self.discarded.update(range(begin // BLOCK, -(-after // BLOCK)))
            else:
                self.discarded.difference_update(range(-(-begin // BLOCK), after // BLOCK))
        self.base = max(self.base, end)

    def last_flush(self, end):
        return next((number + 1 for number in range(end - 1, -1, -1) if self.entries[number].flags & FLUSH), 0)

    def last_mark(self, end):
        return next((entry.mark for entry in reversed(self.entries[:end]) if entry.mark), None)

    def filled(self, end):
        """The first bytes of the file, while fio fills them: each block is as before or filled; at the mark, all of them are."""
        done = self.entries[end - 1].mark == "device"
        position = 0
        for offset, length in self.judge.extents:
            for start in range(offset, offset + length, BLOCK):
                block = os.pread(self.volume, BLOCK, start)
                want = [FILL * BLOCK] if position < FILLED else []
                if not done or position >= FILLED:
                    want.append(os.pread(self.original, BLOCK, start))
                if block not in want:
                    yield f"the file's byte {position}: neither what fio wrote there, nor as it may have been before"
                    return
                position += BLOCK

    def problems(self, end, chance, sabotage):
        """At the point before entry `end`; with `chance`, with writes lost."""
        lost = self.lost(end) if sabotage else ()
        self.advance(lost.start if lost else self.last_flush(end))
        old = []
        for number in range(self.base, end):
            if number not in lost or self.entries[number].flags & FUA:
                old += self.apply([self.entries[number]], chance)
        mark = self.last_mark(end)
        if mark is None or self.entries[end - 1].mark == "device":
            found = list(self.judge.ntfs_problems()) + list(self.filled(end))
        elif mark == "device":
            found = list(self.judge.ntfs_problems())
        else:
            number = self.number(mark)
            found = list(self.judge.problems(*workload.expected(*workload.up_to(self.operations, number))))
        return found, old

    def lost(self, end):
        """The writes that waited for the last flush that had any."""
        while end:
            flush = max(0, self.last_flush(end) - 1)
            begin = self.last_flush(flush)
            if any(entry.length and not entry.flags & FUA for entry in self.entries[begin:flush]):
                return range(begin, flush)
            end = flush
        return range(0)

    def number(self, mark):
        return int(mark) if mark.isdigit() else 0 if mark == "mounted" else len(self.operations)

    def undo(self, old):
        for offset, data in reversed(old):
            os.pwrite(self.volume, data, offset)


def choose_points(entries, flushes, count, chance):
    """Pairs of the entry before which the power is cut, and the seed for what is lost, or None."""
    # Nothing that the disk has changes before the next entry with data, but the marks promise more.
    after = [
        number + 1
        for number, entry in enumerate(entries[:-1])
        if entry.flags & (FLUSH | FUA | MARK) and entries[number + 1].length
    ] + [len(entries)]
    # By flush, for most entries are of the few flushes while the file is filled and formatted.
    between = {}
    flushed = 0
    for number, entry in enumerate(entries[:-1]):
        flushed += bool(entry.flags & FLUSH)
        if entry.length and not entry.flags & FUA:
            between.setdefault(flushed, []).append(number + 1)
    chosen = after
    if flushes:
        marks = [point for point in after if entries[point - 1].mark]
        others = [point for point in after if not entries[point - 1].mark]
        chosen = marks + chance.sample(others, min(flushes, len(others)))
    writes = sum(bool(entry.length) for entry in entries)
    print(f"  {len(entries)} entries, {writes} with data; {len(after)} points after flushes, FUA and marks,"
          f" {sum(map(len, between.values()))} between")
    points = [(point, None) for point in chosen]
    for numbers in chance.choices(list(between.values()), k=count):
        point = chance.choice(numbers)
        points += [(point, None), (point, chance.randrange(1 << 32))]
    return sorted(points, key=lambda point: (point[0], point[1] or 0))


def main():
    parser = argparse.ArgumentParser()
    for name in ("log", "before", "after", "file", "manifest", "kept"):
        parser.add_argument(name)
    parser.add_argument("--flushes", type=int, default=0)
    parser.add_argument("--random", type=int, default=20)
    parser.add_argument("--keep", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sabotage", choices=["lost"])
    options = parser.parse_args()
    operations, _ = workload.load(options.manifest)
    entries = read_log(os.open(options.log, os.O_RDONLY))
    bad = 0

    with crashed.work_folder() as work:
        volume = os.path.join(work, "volume")
        judge = crashed.Judge(options.before, volume, options.file, work)
        found = first_outside(entries, judge.extents)
        if found:
            bad += 1
            print(f"entry {found[0]} of the log: {found[1].length} bytes at {found[1].offset} are not the file's")
        replay = Replay(entries, options.before, volume, judge, operations)
        chance = random.Random(options.seed)
        points = choose_points(entries, options.flushes, options.random, chance)
        on_ext4 = [point for point in points if replay.last_mark(point[0]) not in (None, "device")]
        keep = chance.sample(on_ext4, min(options.keep, len(on_ext4)))
        for end, seed in points:
            found, old = replay.problems(end, random.Random(seed) if seed is not None else None, options.sabotage)
            if (end, seed) in keep:
                name = f"{len(os.listdir(options.kept))}-{replay.number(replay.last_mark(end))}.img"
                shutil.copyfile(volume, os.path.join(options.kept, name))
            replay.undo(old)
            if found:
                bad += 1
                lost = "" if seed is None else f", a part of the unflushed lost (seed {seed})"
                print(f"cut before entry {end} of {len(entries)}, last mark {replay.last_mark(end)}{lost}:")
                print("".join(f"  {line}\n" for problem in found for line in problem.splitlines()), end="")
        lossy = sum(seed is not None for _, seed in points)
        print(f"  {len(points)} cuts, {len(points) - 2 * lossy} of them after a flush, FUA or mark, {lossy} with writes lost:"
              f" {bad} with something wrong")

        # The log has all that was written, or the points prove nothing.
        replay.advance(len(entries))
        with open(options.after, "rb") as after:
            for number in range(os.path.getsize(volume) // BLOCK):
                if after.read(BLOCK) != os.pread(replay.volume, BLOCK, number * BLOCK) and number not in replay.discarded:
                    sys.exit(f"{options.after}: byte {number * BLOCK} isn't as the whole log would have it")
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
