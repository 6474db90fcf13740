# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether a map of a file would be sound, and what it would be: all that an NTFS volume says, held against itself."""
import collections
import functools
import struct

from tree import Tree
from volume import (COMPRESSED, DATA, ENCRYPTED, EXTEND, REPARSE_POINT, ROOT, STANDARD_INFORMATION, Broken,
                    Volume)

FILE_IS_REPARSE_POINT, FILE_IS_ENCRYPTED = 0x400, 0x4000  # of $STANDARD_INFORMATION
WINDOWS_FILES = ("pagefile.sys", "hiberfil.sys", "swapfile.sys")

# What speaks against a map: the check that would say so, and why. The program doesn't look at the check `cross-link`, a
# cluster that another ordinary file has too.
Reason = collections.namedtuple("Reason", "check text")
Interval = collections.namedtuple("Interval", "lcn end owner key")
Verdict = collections.namedtuple("Verdict", "reasons table stream")


def coalesce(runs):
    """[(logical, physical or None, length)] without neighbours that adjoin."""
    extents = []
    for logical, physical, length in runs:
        if extents:
            first, start, before = extents[-1]
            if physical == (None if start is None else start + before):
                extents[-1] = (first, start, before + length)
                continue
        extents.append((logical, physical, length))
    return extents


class Judge:
    def __init__(self, image):
        """Broken if anything can't be read that all verdicts need."""
        self.volume = Volume(image)
        self.tree = Tree(self.volume)
        self.volume.count_free(0, 1)
        self.tree.fold("a")

    def close(self):
        self.volume.close()

    def files(self):
        """(record number, name of the stream) of every $DATA that can be read."""
        for number in self.tree.names:
            for kind, name in self.volume.streams(number):
                if kind == DATA:
                    yield number, name

    @functools.cached_property
    def intervals(self):
        """The clusters of all attributes of all records in use, by LCN; the owner is the base record."""
        found = []
        for record in self.volume.records:
            owner = record.number if record.is_base else record.base
            for attribute in record.attributes:
                try:
                    runs = [] if attribute.resident else attribute.runs
                except Broken:
                    continue
                found += [Interval(lcn, lcn + length, owner, attribute.key()) for _, lcn, length in runs
                          if lcn is not None]
        return sorted(found)

    @functools.cached_property
    def shared(self):
        """(owner, key) of every stream that has a cluster with another one, or twice: the others' intervals."""
        shared, active = collections.defaultdict(list), []
        for interval in self.intervals:
            active = [other for other in active if other.end > interval.lcn]
            for other in active:
                shared[interval.owner, interval.key].append(other)
                shared[other.owner, other.key].append(interval)
            active.append(interval)
        return shared

    @functools.cached_property
    def _windows(self):
        names = {self.tree.fold(name) for name in WINDOWS_FILES}
        return {record for name, record in self.tree.children[ROOT] if self.tree.fold(name) in names}

    @functools.cached_property
    def _volume_information(self):
        folded = self.tree.fold("System Volume Information")
        return {record for name, record in self.tree.children[ROOT] if self.tree.fold(name) == folded}

    def _is_system(self, number):
        above = self.tree.above(number)
        return number < 24 or number in self._windows or EXTEND in above or bool(above & self._volume_information)

    def _of_file(self, number):
        record = self.volume.record(number)
        attributes = self.volume.attributes(number)
        flags = 0
        for attribute in attributes:
            if attribute.type == STANDARD_INFORMATION and attribute.resident and len(attribute.value) >= 36:
                flags, = struct.unpack_from("<I", attribute.value, 32)
        if record.directory:
            yield Reason("regular-file", "a directory")
        if flags & FILE_IS_REPARSE_POINT or any(a.type == REPARSE_POINT for a in attributes):
            yield Reason("regular-file", "a reparse point")
        if self._is_system(number):
            yield Reason("system-file", "NTFS's or Windows' own")
        if flags & FILE_IS_ENCRYPTED:
            yield Reason("encrypted", "the file is")

    def _of_pieces(self, number, key, stream):
        """Whether the attribute list leads to all that says that it is the file's, and to nothing else."""
        listed = sorted(piece.place() for piece in stream.pieces)
        holders = self._holders[number, self.volume.record(number).sequence]
        there = sorted(a.place() for record in holders for a in record.attributes if a.key() == key)
        if listed != there:
            yield Reason("runlist", f"the attribute list has {len(listed)} pieces, the MFT {len(there)}")

    @functools.cached_property
    def _holders(self):
        holders = collections.defaultdict(list)
        for record in self.volume.records:
            if record.is_base:
                holders[record.number, record.sequence].append(record)
            else:
                holders[record.base, record.base_sequence].append(record)
        return holders

    def _of_stream(self, stream, block):
        if stream.resident:
            yield Reason("resident", "in its MFT record")
        if stream.flags & COMPRESSED:
            yield Reason("compressed", "the stream is")
        if stream.flags & ENCRYPTED:
            yield Reason("encrypted", "the stream is")
        if any(lcn is None for _, lcn, _ in stream.runs) and not stream.flags & COMPRESSED:
            yield Reason("sparse", "it has holes")
        if 0 <= stream.initialized < stream.data:
            yield Reason("initialized", f"{stream.initialized} of {stream.data} bytes")
        if 0 <= stream.data < block:
            yield Reason("size", f"{stream.data} bytes")
        clusters = sum(length for _, _, length in stream.runs)
        if not stream.resident and (min(stream.allocated, stream.data, stream.initialized) < 0 or
                                    stream.allocated != clusters * self.volume.cluster or
                                    stream.initialized > stream.data or stream.data > stream.allocated):
            yield Reason("runlist", f"{clusters} clusters; allocated {stream.allocated}, data {stream.data}, "
                                    f"initialized {stream.initialized}")

    def _of_clusters(self, stream):
        cluster = self.volume.cluster
        end = min(self.volume.clusters, self.volume.size // cluster)
        runs = [(lcn, length) for _, lcn, length in stream.runs if lcn is not None]
        if any(lcn + length > end for lcn, length in runs):
            yield Reason("bounds", f"past the volume's or the device's {end} clusters")
            return
        free = sum(self.volume.count_free(lcn, length) for lcn, length in runs)
        if free:
            yield Reason("allocated", f"{free} clusters are free in $Bitmap")

    def _of_others(self, number, key):
        for other in self.shared.get((number, key), ()):
            kept = other.owner == number or other.owner < 12 or other.owner in self._windows or \
                EXTEND in self.tree.above(other.owner)
            yield Reason("overlap" if kept else "cross-link",
                         f"clusters {other.lcn} to {other.end - 1} with MFT record {other.owner}, "
                         f"attribute {other.key[0]:#x} '{other.key[1]}'")

    def table(self, stream, block):
        """[(start, length, offset or None)] in sectors of 512 bytes: whole blocks of the data."""
        left, sectors, targets = max(0, stream.data) // block * block // 512, self.volume.cluster // 512, []
        for logical, physical, length in coalesce(stream.runs):
            if left <= 0:
                break
            count = min(length * sectors, left)
            targets.append((logical * sectors, count, None if physical is None else physical * sectors))
            left -= count
        return targets

    def verdict(self, number, name, block=512):
        """Broken if the file can't be read."""
        key = (DATA, name)
        stream = self.volume.stream(number, key)
        reasons = [*self._of_file(number), *self._of_stream(stream, block)]
        if not stream.resident:
            reasons += [*self._of_pieces(number, key, stream), *self._of_clusters(stream), *self._of_others(number, key)]
        return Verdict(reasons, self.table(stream, block), stream)
