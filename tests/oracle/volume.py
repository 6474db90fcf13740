# SPDX-License-Identifier: GPL-2.0-or-later
"""An NTFS reader for tests that shares no code with libntfs-3g: boot sector, MFT records, attributes, runlists.

It believes the disk no more than it must: what contradicts itself is Broken. The layout is that of the "NTFS
Documentation" of the Linux-NTFS project. An LCN counts clusters from the volume's start, a VCN from the stream's.
"""
import collections
import functools
import os
import struct

STANDARD_INFORMATION, ATTRIBUTE_LIST, FILE_NAME, DATA, REPARSE_POINT = 0x10, 0x20, 0x30, 0x80, 0xc0
END = 0xffffffff
COMPRESSED, ENCRYPTED, SPARSE = 0x00ff, 0x4000, 0x8000  # flags of an attribute
MFT, ROOT, BITMAP, UPCASE, EXTEND = 0, 5, 6, 10, 11
RECORD_MASK = (1 << 48) - 1
STREAM_MAX = 1 << 30  # no metadata that is read at once is as large

Stream = collections.namedtuple("Stream", "pieces flags resident allocated data initialized runs")


class Broken(Exception):
    """It contradicts itself or isn't there."""


def utf16(data):
    return data.decode("utf-16-le", "surrogatepass")


def fixed_up(block, magic):
    """A block of several sectors, with the last two bytes of each put back."""
    if block[:4] != magic:
        raise Broken(f"{magic.decode()} expected, {bytes(block[:4])!r} found")
    offset, count = struct.unpack_from("<HH", block, 4)
    if count != len(block) // 512 + 1 or offset % 2 or offset + 2 * count > 510:
        raise Broken("the update sequence lies outside")
    block = bytearray(block)
    for i in range(1, count):
        end = 512 * i
        if block[end - 2:end] != block[offset:offset + 2]:
            raise Broken("a sector wasn't written")
        block[end - 2:end] = block[offset + 2 * i:offset + 2 * i + 2]
    return bytes(block)


class Attribute:
    """One attribute record; a piece of a stream whose others lie in other MFT records."""

    def __init__(self, record, data):
        self.record = record  # the number of the one that it lies in
        self.type, self.length, non_resident, name_length, name_offset, self.flags, self.instance = \
            struct.unpack_from("<IIBBHHH", data)
        if name_length and name_offset + 2 * name_length > len(data):
            raise Broken("an attribute's name lies outside")
        self.name = utf16(data[name_offset:name_offset + 2 * name_length]) if name_length else ""
        self.resident = not non_resident
        self.lowest = 0
        if self.resident:
            size, offset = struct.unpack_from("<IH", data, 16)
            if offset + size > len(data):
                raise Broken("a resident value lies outside")
            self.value = data[offset:offset + size]
            return
        if len(data) < 64:
            raise Broken("an attribute is too short")
        self.lowest, self.highest, pairs = struct.unpack_from("<qqH", data, 16)
        self.allocated, self.data, self.initialized = struct.unpack_from("<qqq", data, 40)
        if pairs < 64 or pairs >= len(data):
            raise Broken("the mapping pairs lie outside")
        self.pairs = data[pairs:]

    def key(self):
        return self.type, self.name

    def place(self):
        return self.record, self.instance

    @functools.cached_property
    def runs(self):
        """[(vcn, lcn or None, length)] from the mapping pairs."""
        runs, vcn, lcn, position = [], self.lowest, 0, 0
        if vcn < 0:
            raise Broken("the first VCN is negative")
        while True:
            if position >= len(self.pairs):
                raise Broken("the mapping pairs have no end")
            header = self.pairs[position]
            if not header:
                break
            low, high = header & 15, header >> 4
            fields = self.pairs[position + 1:position + 1 + low + high]
            position += 1 + low + high
            if not 1 <= low <= 8 or high > 8 or len(fields) != low + high:
                raise Broken("a mapping pair makes no sense")
            length = int.from_bytes(fields[:low], "little", signed=True)
            lcn += int.from_bytes(fields[low:], "little", signed=True)
            if length <= 0 or (high and lcn < 0):
                raise Broken("a run is negative")
            runs.append((vcn, lcn if high else None, length))
            vcn += length
        if self.highest != vcn - 1:
            raise Broken(f"the runs end before VCN {vcn}, the highest is {self.highest}")
        return runs


class Record:
    """One MFT record."""

    def __init__(self, number, block):
        block = fixed_up(block, b"FILE")
        self.number = number
        self.sequence, = struct.unpack_from("<H", block, 16)
        first, flags, used, allocated, base = struct.unpack_from("<HHIIQ", block, 20)
        self.in_use, self.directory = bool(flags & 1), bool(flags & 2)
        self.base, self.base_sequence = base & RECORD_MASK, base >> 48
        self.is_base = not base
        self.attributes = []
        if allocated != len(block) or used > len(block):
            raise Broken("an MFT record's sizes make no sense")
        while True:
            if first % 8 or first + 4 > used:
                raise Broken("an MFT record's attributes have no end")
            kind, = struct.unpack_from("<I", block, first)
            if kind == END:
                break
            length, = struct.unpack_from("<I", block, first + 4) if first + 8 <= used else (0,)
            if length < 24 or length % 8 or first + length > used:
                raise Broken("an attribute lies outside its MFT record")
            self.attributes.append(Attribute(number, block[first:first + length]))
            first += length


class Volume:
    def __init__(self, path):
        self.file = open(path, "rb", buffering=0)
        self.size = os.fstat(self.file.fileno()).st_size
        boot = self.read(0, 512)
        if len(boot) < 512 or boot[3:11] != b"NTFS    ":
            raise Broken("no NTFS signature")
        sector, = struct.unpack_from("<H", boot, 11)
        per_cluster = boot[13] if boot[13] <= 128 else 1 << (256 - boot[13])
        sectors, self.mft_lcn, self.mirror_lcn, record = struct.unpack_from("<QQQb", boot, 40)
        self.cluster = sector * per_cluster
        if sector not in (256, 512, 1024, 2048, 4096) or not self.cluster or self.cluster & (self.cluster - 1) or \
                not 512 <= self.cluster <= 1 << 21:
            raise Broken("the boot sector's cluster size makes no sense")
        self.clusters = sectors // per_cluster
        self.record_size = record * self.cluster if record > 0 else 1 << -record
        if not 512 <= self.record_size <= 65536 or self.record_size % 512:
            raise Broken("the boot sector's MFT record size makes no sense")
        self._records = {}
        self._open_mft()

    def close(self):
        self.file.close()

    def read(self, offset, length):
        if offset < 0 or offset > self.size:
            return b""
        return os.pread(self.file.fileno(), length, offset)

    def _open_mft(self):
        """$MFT's own runlist may continue in records that are found through its beginning."""
        block = self.read(self.mft_lcn * self.cluster, self.record_size).ljust(self.record_size, b"\0")
        first = Record(MFT, block)
        data = [a for a in first.attributes if a.key() == (DATA, "")]
        if not first.in_use or not data or data[0].resident or data[0].lowest:
            raise Broken("$MFT has no data")
        self.mft_runs = data[0].runs
        if not self.mft_runs or self.mft_runs[0][1] != self.mft_lcn:
            raise Broken("the boot sector and $MFT disagree on where it is")
        self.mft_size = data[0].data
        self._records[MFT] = first
        self.mft_runs = self.stream(MFT, (DATA, "")).runs
        if not 0 < self.mft_size <= STREAM_MAX:
            raise Broken("$MFT's size makes no sense")

    def _read_runs(self, runs, offset, length):
        parts = []
        for vcn, lcn, count in runs:
            begin, end = max(offset, vcn * self.cluster), min(offset + length, (vcn + count) * self.cluster)
            if begin >= end:
                continue
            if lcn is None:
                parts.append(bytes(end - begin))
            else:
                parts.append(self.read(lcn * self.cluster + begin - vcn * self.cluster, end - begin))
        data = b"".join(parts)
        if len(data) != length:
            raise Broken("a stream lies outside the volume")
        return data

    def record(self, number):
        if number not in self._records:
            if (number + 1) * self.record_size > self.mft_size:
                raise Broken(f"there is no MFT record {number}")
            block = self._read_runs(self.mft_runs, number * self.record_size, self.record_size)
            self._records[number] = Record(number, block)
        return self._records[number]

    @functools.cached_property
    def records(self):
        """Those in use, as far as they can be read; the others' numbers are in `unreadable`."""
        self.unreadable, found = [], []
        for number in range(self.mft_size // self.record_size):
            try:
                record = self.record(number)
            except Broken:
                self.unreadable.append(number)
                continue
            if record.in_use:
                found.append(record)
        return found

    def attributes(self, number):
        """All of a file's, from wherever its $ATTRIBUTE_LIST says they are."""
        base = self.record(number)
        if not base.in_use or not base.is_base:
            raise Broken("the MFT record is not a file's")
        lists = [a for a in base.attributes if a.type == ATTRIBUTE_LIST]
        if not lists:
            return base.attributes
        if len(lists) > 1:
            raise Broken("two attribute lists")
        found, value, position = lists, self._list_value(lists[0]), 0
        while position < len(value):
            if position + 26 > len(value):
                raise Broken("the attribute list ends within an entry")
            kind, length, name_length, name_offset, lowest, reference, instance = \
                struct.unpack_from("<IHBBqQH", value, position)
            if length < 26 or length % 8 or position + length > len(value) or name_offset + 2 * name_length > length:
                raise Broken("an entry of the attribute list makes no sense")
            name = utf16(value[position + name_offset:position + name_offset + 2 * name_length])
            found = found + [self._listed(base, reference, (kind, name), lowest, instance)]
            position += length
        return found

    def _list_value(self, attribute):
        if attribute.resident:
            return attribute.value
        if attribute.lowest or not 0 < attribute.data <= 1 << 20 or attribute.initialized < attribute.data:
            raise Broken("the attribute list's sizes make no sense")
        return self._read_runs(attribute.runs, 0, attribute.data)

    def _listed(self, base, reference, key, lowest, instance):
        holder = self.record(reference & RECORD_MASK)
        if not holder.in_use or holder.sequence != reference >> 48:
            raise Broken("the attribute list leads to an MFT record that has become another's")
        if holder is not base and (holder.base, holder.base_sequence) != (base.number, base.sequence):
            raise Broken("the attribute list leads to an MFT record that isn't the file's")
        for attribute in holder.attributes:
            if attribute.instance == instance and attribute.key() == key and attribute.lowest == lowest:
                return attribute
        raise Broken("the attribute list has an attribute that isn't there")

    def streams(self, number):
        """The keys of the file's attributes in the order of the disk, each once."""
        return list(dict.fromkeys(a.key() for a in self.attributes(number)))

    def stream(self, number, key):
        """A whole attribute, its pieces joined."""
        pieces = [a for a in self.attributes(number) if a.key() == key]
        if not pieces:
            raise Broken("there is no such stream")
        flags = functools.reduce(lambda a, b: a | b, (p.flags for p in pieces))
        first = pieces[0]
        if first.resident:
            if len(pieces) > 1:
                raise Broken("a resident stream in several pieces")
            size = len(first.value)
            return Stream(pieces, flags, True, 0, size, size, [])
        runs, vcn = [], 0
        for piece in pieces:
            if piece.resident or piece.lowest != vcn:
                raise Broken(f"a piece of the stream doesn't begin at VCN {vcn}")
            runs += piece.runs
            vcn = piece.highest + 1
        return Stream(pieces, flags, False, first.allocated, first.data, first.initialized, runs)

    def value(self, number, key):
        """All bytes of a stream; only for small ones."""
        stream = self.stream(number, key)
        if stream.resident:
            return stream.pieces[0].value
        if not 0 <= stream.data <= STREAM_MAX:
            raise Broken("a stream's size makes no sense")
        return self._read_runs(stream.runs, 0, stream.data)

    @functools.cached_property
    def bitmap(self):
        return self.value(BITMAP, (DATA, ""))

    def count_free(self, lcn, length):
        """Of these clusters, how many $Bitmap calls free."""
        bits = int.from_bytes(self.bitmap[lcn // 8:(lcn + length + 7) // 8], "little") >> lcn % 8
        return length - (bits & (1 << length) - 1).bit_count()
