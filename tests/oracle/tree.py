# SPDX-License-Identifier: GPL-2.0-or-later
"""The names of a volume's files, found by reading all of the MFT and not through the directories' indexes."""
import collections
import functools
import struct

from volume import DATA, FILE_NAME, RECORD_MASK, ROOT, UPCASE, Broken, utf16

Name = collections.namedtuple("Name", "parent parent_sequence text")
DEPTH_MAX = 1000


class Tree:
    def __init__(self, volume):
        self.volume = volume
        self.names = {}  # of the files by record number
        self.broken = {}  # why a file's attributes can't be read, by record number
        self.children = collections.defaultdict(list)  # of the directories by record number: (text, record number)
        for record in volume.records:
            if record.is_base:
                self._add(record)

    def _add(self, record):
        try:
            attributes = self.volume.attributes(record.number)
        except Broken as broken:
            self.broken[record.number] = str(broken)
            return
        self.names[record.number] = names = []
        for attribute in attributes:
            if attribute.type != FILE_NAME or not attribute.resident or len(attribute.value) < 66:
                continue
            parent, = struct.unpack_from("<Q", attribute.value)
            text = utf16(attribute.value[66:66 + 2 * attribute.value[64]])
            names.append(Name(parent & RECORD_MASK, parent >> 48, text))
            if self.is_directory(parent & RECORD_MASK, parent >> 48) and record.number != ROOT:
                self.children[parent & RECORD_MASK].append((text, record.number))

    def is_directory(self, number, sequence):
        try:
            record = self.volume.record(number)
        except Broken:
            return False
        return record.in_use and record.is_base and record.directory and record.sequence == sequence

    @functools.cached_property
    def _upcase(self):
        data = self.volume.value(UPCASE, (DATA, ""))
        return struct.unpack_from(f"<{len(data) // 2}H", data)

    def fold(self, text):
        """The same for names that differ in case only."""
        data = text.encode("utf-16-le", "surrogatepass")
        units = struct.unpack(f"<{len(data) // 2}H", data)
        return tuple(self._upcase[unit] if unit < len(self._upcase) else unit for unit in units)

    def paths(self, number, depth=0):
        """Every path that leads to it, as a list of lists of names."""
        if number == ROOT:
            return [[]]
        if depth > DEPTH_MAX:
            return []
        return [above + [name.text] for name in self.names.get(number, ())
                if self.is_directory(name.parent, name.parent_sequence)
                for above in self.paths(name.parent, depth + 1)]

    def lookup(self, path):
        """The record numbers that a path may mean: the exact name wins, else those that match but for case."""
        number = ROOT
        for i, text in enumerate(path):
            found = {record for name, record in self.children[number] if name == text}
            if not found:
                folded = self.fold(text)
                found = [record for name, record in self.children[number] if self.fold(name) == folded]
            if len(found) != 1:
                return sorted(set(found))
            number, = found
        return [number]

    def above(self, number):
        """The records of all directories above it, by any name."""
        seen, todo = set(), [number]
        while todo:
            for name in self.names.get(todo.pop(), ()):
                if name.parent not in seen:
                    seen.add(name.parent)
                    todo.append(name.parent)
        return seen
