# SPDX-License-Identifier: GPL-2.0-or-later
"""Random changes to a volume: anywhere in its metadata, or within an MFT record or index block whose update sequence is
then put right, so that they reach what lies behind it. A change is a list of (offset, bytes) to write into the image.
"""
import struct

from volume import DATA, MFT, Broken, fixed_up

INDEX_ALLOCATION = 0xa0
TELLING = (0, 1, -1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff, 0x7fffffff, 0x80000000, 1 << 48, (1 << 63) - 1, 1 << 63)


def put_back(block):
    """The opposite of fixed_up()."""
    offset, count = struct.unpack_from("<HH", block, 4)
    block = bytearray(block)
    if count != len(block) // 512 + 1 or offset % 2 or offset + 2 * count > 510:
        return bytes(block)  # the change was to that
    for i in range(1, count):
        end = 512 * i
        block[offset + 2 * i:offset + 2 * i + 2] = block[end - 2:end]
        block[end - 2:end] = block[offset:offset + 2]
    return bytes(block)


class Mutator:
    def __init__(self, judge, targets):
        """targets: the numbers of the records whose files will be asked for."""
        self.judge, self.volume, self.targets = judge, judge.volume, targets
        self.metadata = [(0, 512)] + [(i.lcn * self.volume.cluster, (i.end - i.lcn) * self.volume.cluster)
                                      for i in judge.intervals if i.owner < 12 and i.owner not in (2, 8) or i.key[0] != DATA]
        self.blocks = [place for interval in judge.intervals if interval.key[0] == INDEX_ALLOCATION
                       for place in self._index_blocks(interval)]

    def _index_blocks(self, interval):
        size = max(4096, self.volume.cluster)
        for offset in range(interval.lcn * self.volume.cluster, interval.end * self.volume.cluster, size):
            block = self.volume.read(offset, 4096)
            if block[:4] == b"INDX":
                yield offset

    def record_offset(self, number):
        position = number * self.volume.record_size
        for vcn, lcn, length in self.volume.mft_runs:
            begin = vcn * self.volume.cluster
            if lcn is not None and begin <= position < begin + length * self.volume.cluster:
                return lcn * self.volume.cluster + position - begin
        raise Broken(f"there is no MFT record {number}")

    def _pick_record(self, rng, target):
        near = [target] + [r.number for r in self.volume.records if r.base == target and not r.is_base]
        parents = [name.parent for name in self.judge.tree.names.get(target, ())]
        return rng.choice((rng.choice(near), rng.choice(near), rng.choice(near), rng.choice(parents or near),
                           rng.randrange(12), rng.choice(self.volume.records).number))

    def _spot(self, rng, block, start):
        """Where in it: anywhere, in a header, or in a field of an attribute."""
        used, = struct.unpack_from("<I", block, 24)
        used = min(max(used, 64), len(block)) if block[:4] == b"FILE" else len(block)
        if start is None or rng.random() < 0.3:
            return rng.randrange(used)
        length, = struct.unpack_from("<I", block, start + 4)
        return min(start + rng.choice((rng.randrange(24), rng.randrange(16, 72), rng.randrange(max(1, length)))), used - 1)

    def _attributes(self, block):
        position, = struct.unpack_from("<H", block, 20)
        while block[:4] == b"FILE" and position + 8 <= len(block):
            kind, length = struct.unpack_from("<II", block, position)
            if kind == 0xffffffff or not length:
                break
            yield kind, position
            position += length

    def _change(self, rng, block, other):
        attributes = list(self._attributes(block))
        data = [a for a in attributes if a[0] == DATA]
        for _ in range(rng.choice((1, 1, 1, 2, 4))):
            chosen = rng.choice(data if data and rng.random() < 0.5 else attributes or [(0, None)])
            spot = self._spot(rng, block, chosen[1])
            width = rng.choice((1, 1, 2, 4, 8))
            spot = min(spot, len(block) - width)
            old = int.from_bytes(block[spot:spot + width], "little")
            new = rng.choice((rng.getrandbits(8 * width), rng.choice(TELLING), old + rng.choice((1, -1, 8, -8)),
                              old ^ 1 << rng.randrange(8 * width),
                              int.from_bytes(other[spot:spot + width], "little")))
            block[spot:spot + width] = (new % (1 << 8 * width)).to_bytes(width, "little")

    def _deep(self, rng, target):
        if self.blocks and rng.random() < 0.2:
            offset, size, magic, number = rng.choice(self.blocks), 4096, b"INDX", None
        else:
            number = self._pick_record(rng, target)
            offset, size, magic = self.record_offset(number), self.volume.record_size, b"FILE"
        block = bytearray(fixed_up(self.volume.read(offset, size), magic))
        other = self.volume.read(self.record_offset(rng.choice(self.targets)), self.volume.record_size).ljust(size, b"\0")
        self._change(rng, block, other)
        block = put_back(block)
        changes = [(offset, block)]
        if number is not None and number < 4 and rng.random() < 0.7:
            changes.append((self.volume.mirror_lcn * self.volume.cluster + number * size, block))
        return changes

    def _flat(self, rng):
        changes = []
        for _ in range(rng.choice((1, 2, 8, 32))):
            start, length = rng.choice(self.metadata + self.metadata[:1] * (len(self.metadata) // 8))
            changes.append((start + rng.randrange(length), rng.randbytes(rng.choice((1, 1, 2, 8)))))
        return changes

    def changes(self, rng, target):
        if rng.random() < 0.5:
            try:
                return self._deep(rng, target)
            except Broken:
                pass  # the source itself is damaged there
        return self._flat(rng)
