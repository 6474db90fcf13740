#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Random combinations of what a file holds, how it lies on the volume, and how it is mapped; each the same from its seed.

combinations.py make FIRST-LAST DIR     for each seed DIR/SEED.img, a volume; SEED.before, a copy; SEED.sh, what guest-combinations
                                        has to know; SEED.content, the image's content by qemu-img, and SEED.after with all
                                        writes; SEED.extents, where the files lie
combinations.py judge FIRST-LAST DIR    after the guest: whether each volume's files hold what they should, by qemu-img, and
                                        nothing else has changed

NTFS_EDIT names the program.
"""
import os
import random
import shlex
import shutil
import subprocess
import sys

MI = 1 << 20
KI = 1 << 10
HERE = os.path.dirname(os.path.abspath(__file__))
OUTSIDE = os.path.join(HERE, "outside.py")

# qemu's name, its options, and whether it may have blocks that aren't there.
FORMATS = {
    "raw": (None, None, False),
    "vhd": ("vpc", "subformat=fixed,force_size=on", False),
    "vhd-rounded": ("vpc", "subformat=fixed", False),
    "vhd-dynamic": ("vpc", "subformat=dynamic,force_size=on", True),
    "vhdx": ("vhdx", "subformat=fixed", False),
    "vhdx-dynamic": ("vhdx", "subformat=dynamic,block_size=1M", True),
    "vdi": ("vdi", "static=on", False),
    "vdi-dynamic": ("vdi", "static=off", True),
}
TABLES = {
    "none": None,
    "gpt": "label: gpt\nstart=2048, size=4096\nsize=6144\n",
    "mbr": "label: dos\nstart=2048, size=2048, type=83\nsize=10240, type=5\nsize=2048, type=83\nsize=3072, type=7\n",
}
MODES = ("read-write", "read-only", "blind", "commit", "discard")


def run(*words, **more):
    return subprocess.run(words, check=True, capture_output=True, stdin=more.pop("stdin", subprocess.DEVNULL), **more).stdout


def to_raw(kind, image, raw):
    qemu = FORMATS[kind][0]
    if qemu:
        run("qemu-img", "convert", "-f", qemu, "-O", "raw", image, raw)
    else:
        shutil.copyfile(image, raw)


class Case:
    def __init__(self, seed, folder):
        self.seed, self.folder = seed, folder
        # Each seed has its kind and mode, so that few of them have many; the rest is chance.
        self.kind = list(FORMATS)[seed % len(FORMATS)]
        self.mode = MODES[seed // 2 % len(MODES)]
        rng = self.rng = random.Random(f"combination {seed}")
        self.table = rng.choice(list(TABLES))
        self.zeros = FORMATS[self.kind][2] and rng.random() < 0.7
        self.parts = rng.choice((1, 1, 2, 3))
        self.cluster = rng.choice((512, 4096, 4096, 65536))
        self.volume = rng.random() < 0.5
        self.size = rng.choice((8, 10, 13)) * MI

    def path(self, suffix):
        return os.path.join(self.folder, f"{self.seed}.{suffix}")

    def edit(self, *words):
        return run(os.environ["NTFS_EDIT"], self.path("img"), *words).decode()

    def make_content(self):
        content = bytearray(self.rng.randbytes(self.size))
        if self.zeros:
            content[3 * MI : 7 * MI] = bytes(4 * MI)
        # No table by chance, nor anything that ends one.
        content[: 64 * KI] = bytes(64 * KI)
        content[-64 * KI :] = bytes(64 * KI)
        with open(self.path("source"), "wb") as file:
            file.write(content)
        if TABLES[self.table]:
            subprocess.run(("sfdisk", "--quiet", self.path("source")), check=True, input=TABLES[self.table].encode(),
                           capture_output=True)

    def make_image(self):
        qemu, options, _ = FORMATS[self.kind]
        if qemu:
            run("qemu-img", "convert", "-f", "raw", "-O", qemu, "-o", options, self.path("source"), self.path("image"))
        else:
            shutil.copyfile(self.path("source"), self.path("image"))
        to_raw(self.kind, self.path("image"), self.path("content"))

    def file(self, path, size):
        """A file in shuffled runs: its clusters, in its order."""
        runs = self.rng.choice((1, 3, 7, 40))
        clusters = -(-size // self.cluster)
        runs = min(runs, clusters)
        self.edit("file", path, f"runs={runs}", f"length={-(-clusters // runs)}", "order=shuffled", f"seed={self.seed}",
                  f"data={size}")
        extents = self.edit("extents", path)
        with open(self.path("extents"), "a", encoding="ascii") as file:
            file.write(extents)

    def cut(self):
        """The image's file, cut at clusters."""
        size = os.path.getsize(self.path("image"))
        ends = sorted(self.rng.sample(range(1, size // 65536), self.parts - 1)) if self.parts > 1 else []
        ends = [end * 65536 for end in ends] + [size]
        return list(zip([0] + ends[:-1], ends))

    def make_volume(self):
        with open(self.path("img"), "wb") as file:
            file.truncate(160 * MI)
        run("mkntfs", "--force", "--quick", "--quiet", "--cluster-size", str(self.cluster), self.path("img"))
        self.edit("serial", f"{0x5EED0000 + self.seed:016x}")
        self.edit("file", "/hiberfil.sys", f"length={-(-4096 // self.cluster)}")
        self.edit("poke", "/hiberfil.sys", "0", "68696272")
        cut = self.cut()
        with open(self.path("sizes"), "w", encoding="ascii") as file:
            file.write(" ".join(str(end - start) for start, end in cut))
        for number, (start, end) in enumerate(cut):
            self.file(f"/part {number}.img", end - start)
            self.write_file(f"/part {number}.img", start, end)
        if self.mode in ("commit", "discard"):
            self.file("/store.img", 2 * self.size)

    def pieces(self, path, size):
        """Where a file's bytes lie: place on the volume, length."""
        for line in self.edit("extents", path).splitlines():
            _, lcn, length = map(int, line.split())
            part = min(length * self.cluster, size)
            if part:
                yield lcn * self.cluster, part
            size -= part

    def write_file(self, path, start, end):
        with open(self.path("image"), "rb") as source, open(self.path("img"), "r+b") as volume:
            source.seek(start)
            for place, length in self.pieces(path, end - start):
                volume.seek(place)
                volume.write(source.read(length))

    def read_image(self, target):
        with open(self.path("sizes"), encoding="ascii") as file:
            sizes = list(map(int, file.read().split()))
        with open(self.path("img"), "rb") as volume, open(target, "wb") as file:
            for number, size in enumerate(sizes):
                for place, length in self.pieces(f"/part {number}.img", size):
                    volume.seek(place)
                    file.write(volume.read(length))

    def make_writes(self):
        """Not over a partition table: which is what libblkid says, once."""
        size = os.path.getsize(self.path("content"))
        shutil.copyfile(self.path("content"), self.path("after"))
        writes = []
        with open(self.path("after"), "r+b") as after:
            for number in range(6):
                length = self.rng.randrange(1, 129) * 512
                offset = self.rng.randrange(2048, (size - 2 * MI) // 512) * 512
                data = self.rng.randbytes(length)
                with open(self.path(f"write{number}"), "wb") as file:
                    file.write(data)
                after.seek(offset)
                after.write(data)
                writes.append(f"{number}:{offset // 512}")
        return writes

    def partitions(self):
        if not TABLES[self.table]:
            return []
        dump = run("sfdisk", "--dump", self.path("content")).decode()
        found = []
        for line in dump.splitlines():
            if " : " in line and "type=5," not in line + ",":
                node, rest = line.split(" : ")
                number = int(node.rsplit("content", 1)[1])
                values = dict(word.split("=") for word in rest.replace(" ", "").split(",") if "=" in word)
                found.append(f"{number}:{values['start']}:{values['size']}")
        return found

    def refused(self):
        return self.zeros and self.mode not in ("read-only", "blind")

    def make(self):
        self.make_content()
        self.make_image()
        self.make_volume()
        shutil.copyfile(self.path("img"), self.path("before"))
        words = {
            "what": f"{self.kind} {self.table} {self.mode} parts={self.parts} cluster={self.cluster}",
            "mode": self.mode,
            "refused": "yes" if self.refused() else "",
            "volume": "yes" if self.volume else "",
            "parts": str(self.parts),
            "partitions": " ".join(self.partitions()),
            "writes": " ".join(self.make_writes()),
        }
        with open(self.path("sh"), "w", encoding="ascii") as file:
            for name, value in words.items():
                file.write(f"{name}={shlex.quote(value)}\n")
        os.remove(self.path("source"))

    def judge(self):
        self.read_image(self.path("image.now"))
        to_raw(self.kind, self.path("image.now"), self.path("now"))
        changed = self.mode in ("read-write", "commit") and not self.refused()
        with open(self.path("after" if changed else "content"), "rb") as file:
            expected = file.read()
        with open(self.path("now"), "rb") as file:
            right = file.read() == expected
        written = changed or (self.mode == "discard" and not self.refused())
        outside = subprocess.run((sys.executable, OUTSIDE, self.path("before"), self.path("img"), self.path("extents"),
                                  "CHANGED" if written else "SAME"), check=False, capture_output=True, text=True)
        if not right:
            print(f"seed {self.seed}: the file doesn't hold what it should ({self.kind}, {self.mode})")
        if outside.returncode:
            print(f"seed {self.seed}: {outside.stderr.strip()}")
        return right and not outside.returncode


def main():
    verb, seeds, folder = sys.argv[1:]
    first, last = map(int, seeds.split("-"))
    good = True
    for seed in range(first, last + 1):
        case = Case(seed, folder)
        good = (case.make() if verb == "make" else case.judge()) is not False and good
    sys.exit(not good)


if __name__ == "__main__":
    main()
