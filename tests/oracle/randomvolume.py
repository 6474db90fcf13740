# SPDX-License-Identifier: GPL-2.0-or-later
"""Random NTFS volumes, each the same from its seed: made by mkntfs, lived in by ntfs-3g, changed by ntfs-edit.

In turn: a mount in which files are made, grown, cut and deleted; ntfs-edit's shapes, all of them sound or honest about
what they are; half the time another mount; last, more often than not, damage.
"""
import errno
import os
import random
import shutil
import subprocess
import time

MI = 1 << 20
NAMES = ("linux.img", "Data File.bin", "образ", "ディスク", "💾.img", "caf\u00e9", "x" * 180, "UPPER.TXT", "a'b$c", "[1]")


class Spoilt(Exception):
    """A tool has left what it was making half done: no room, or ntfs-3g failed with EIO. Begin anew."""


def few(count, cluster):
    """Less of them where clusters are large: what is written takes its time."""
    return max(3, min(count, 4 * MI // cluster))


def run(*words):
    done = subprocess.run(words, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)
    if "no room for" in done.stderr:
        raise Spoilt
    if done.returncode:
        raise RuntimeError(f"{' '.join(words)}: {done.stdout}{done.stderr}")


class Mounted:
    """An image mounted by ntfs-3g; left only when all has been written."""

    def __init__(self, image):
        self.image, self.folder = image, image + ".mount"

    def __enter__(self):
        os.makedirs(self.folder, exist_ok=True)
        self.process = subprocess.Popen(
            ["ntfs-3g", "-o", "no_detach,streams_interface=windows,compression,noatime,big_writes", self.image,
             self.folder], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        while not os.path.ismount(self.folder):
            if self.process.poll() is not None:
                raise RuntimeError(f"ntfs-3g: {self.process.stderr.read().decode(errors='replace')}")
            time.sleep(0.01)
        return self.folder

    def __exit__(self, *_):
        while subprocess.run(["umount", self.folder], stderr=subprocess.DEVNULL, check=False).returncode and \
                self.process.poll() is None:
            time.sleep(0.05)
        self.process.wait()
        self.process.stderr.close()
        os.rmdir(self.folder)


class Life:
    """What happens to the files of a mounted volume."""

    def __init__(self, rng, folder, cluster):
        self.rng, self.folder, self.cluster = rng, folder, cluster
        self.files = sorted(os.path.join(where, name) for where, _, names in os.walk(folder) for name in names)
        self.folders = sorted(where for where, _, _ in os.walk(folder))
        self.made = 0

    def size(self, most=24):
        """Bytes; of few clusters or many, whole or not."""
        clusters = self.rng.choice((0, 1, 2, 3, self.rng.randrange(few(most, self.cluster))))
        return max(0, clusters * self.cluster + self.rng.choice((0, 0, 1, -1, 300, self.rng.randrange(self.cluster))))

    def room(self, size):
        status = os.statvfs(self.folder)
        return size + 16 * self.cluster < status.f_bavail * status.f_frsize

    def new_name(self, prefix=""):
        """One that an earlier life of the volume hasn't given."""
        path = self.folder
        while os.path.lexists(path):
            self.made += 1
            path = os.path.join(self.rng.choice(self.folders), f"{prefix}{self.made}-{self.rng.choice(NAMES)}")
        return path

    def append(self, path, size):
        if self.room(size):
            with open(path, "ab", buffering=0) as file:
                file.write(self.rng.randbytes(size))

    def pick(self):
        return self.rng.choice(self.files) if self.files else self.create()

    def create(self):
        path = self.new_name()
        self.append(path, self.size())
        if os.path.exists(path):
            self.files.append(path)
        return path

    def grow(self):
        self.append(self.pick(), self.size())

    def delete(self):
        if self.files:
            os.unlink(self.files.pop(self.rng.randrange(len(self.files))))

    def cut(self):
        path = self.pick()
        if os.path.exists(path):
            os.truncate(path, self.rng.randrange(os.path.getsize(path) + 1))

    def stretch(self):
        path = self.pick()
        if os.path.exists(path):
            os.truncate(path, os.path.getsize(path) + self.size())

    def skip(self):
        """A hole, where NTFS makes one."""
        path = self.new_name("hole")
        with open(path, "wb", buffering=0) as file:
            for _ in range(self.rng.randrange(1, 4)):
                file.seek(self.size(), os.SEEK_CUR)
                file.write(self.rng.randbytes(self.rng.randrange(1, 3 * self.cluster)) if self.room(self.cluster) else b"")
        self.files.append(path)

    def link(self):
        path = self.pick()
        if os.path.exists(path):
            new = self.new_name("link")
            os.link(path, new)
            self.files.append(new)

    def stream(self):
        path = self.pick()
        if os.path.exists(path):
            self.append(path + self.rng.choice((":disk", ":Zone", ":образ")), self.size())

    def short_name(self):
        path = self.pick()
        try:
            os.setxattr(path, "system.ntfs_dos_name", f"S{self.made}{self.rng.randrange(999)}~1.IMG".encode())
        except OSError:
            pass  # it has several names, or is gone

    def make_folder(self):
        path = self.new_name("dir")
        os.mkdir(path)
        if self.cluster <= 4096 and self.rng.random() < 0.4:
            os.setxattr(path, "system.ntfs_attrib_be", (0x810).to_bytes(4, "big"))  # compressed, a directory
        self.folders.append(path)

    def interleave(self):
        """Files that grow in turn, and so break each other into pieces."""
        paths = [self.pick() for _ in range(self.rng.randrange(2, 5))]
        for _ in range(self.rng.randrange(2, few(60, self.cluster))):
            self.append(self.rng.choice(paths), self.rng.randrange(1, 2 * self.cluster))

    def comb(self):
        """Small files, each second one deleted, and a file that has to fill the gaps."""
        paths = [self.new_name("comb") for _ in range(self.rng.randrange(2, few(120, self.cluster)))]
        for path in paths:
            self.append(path, self.rng.randrange(self.cluster // 2 + 700, 2 * self.cluster + 700))
        for path in paths[::2]:
            if os.path.exists(path):
                os.unlink(path)
        self.files += [path for path in paths[1::2] if os.path.exists(path)]
        self.append(self.new_name(), self.size(200))

    def live(self, steps):
        actions = (self.create, self.create, self.create, self.grow, self.grow, self.delete, self.cut, self.stretch,
                   self.skip, self.link, self.stream, self.short_name, self.make_folder, self.interleave, self.comb)
        for _ in range(steps):
            try:
                self.rng.choice(actions)()
            except OSError as error:  # ntfs-3g won't write to what is encrypted, to what says wrongly that it is compressed, …
                if error.errno == errno.EIO:
                    raise Spoilt from error
                if error.errno not in (errno.EACCES, errno.EOPNOTSUPP, errno.EOVERFLOW, errno.ENOSPC):
                    raise


class Shapes:
    """What ntfs-edit makes that ntfs-3g wouldn't."""

    def __init__(self, rng, image, cluster, tool):
        self.rng, self.image, self.cluster, self.tool = rng, image, cluster, tool
        self.made = 0
        self.windows_files = ["/PageFile.sys", "/swapfile.sys", "/System Volume Information/store", "/HIBERFIL.sys"]

    def edit(self, *words):
        run(self.tool, self.image, *words)

    def path(self, kind):
        self.made += 1
        return f"/edit/{kind}-{self.made}.img"

    def runs(self, path, *more, runs=None):
        runs = runs or self.rng.choice((1, 2, 3, self.rng.randrange(2, few(40, self.cluster))))
        order = self.rng.choice(("ascending", "descending", "shuffled"))
        words = [f"runs={runs}", f"length={self.rng.randrange(1, 4)}", f"gap={self.rng.randrange(3)}", f"order={order}"]
        if order == "shuffled":
            words.append(f"seed={self.rng.randrange(1000)}")
        if self.rng.random() < 0.4:
            words.append(f"runs-per-record={self.rng.randrange(1, 20)}")
        self.edit("file", path, *words, *more)

    def plain(self):
        path = self.path("plain")
        self.runs(path)
        self.edit("fill", path, f"seed={self.made}")

    def preallocated(self):
        self.runs(self.path("preallocated"), f"data={self.rng.randrange(1, 2 * self.cluster)}", runs=4)

    def not_initialized(self):
        self.runs(self.path("initialized"), f"initialized={self.rng.randrange(self.cluster)}")

    def holes(self):
        self.runs(self.path("holes"), f"holes={self.rng.randrange(1, 4)}", "flags=sparse", runs=5)

    def flags(self):
        for flag in ("sparse", "encrypted", "compressed"):
            self.runs(self.path("flags"), f"flags={flag}")

    def stream(self):
        path = self.path("stream")
        self.runs(path)
        self.runs(path, "stream=other")

    def resident(self):
        self.edit("resident", self.path("resident"), f"bytes={self.rng.randrange(500)}")

    def names(self):
        path = self.path("names")
        self.runs(path)
        self.edit("link", path, self.path("link"))
        self.edit("link", path, f"/edit/Twin{self.made}")
        self.runs(f"/edit/TWIN{self.made}")  # no other name but for case

    def reparse(self):
        path = self.path("reparse")
        self.runs(path)
        self.edit("reparse", path, self.rng.choice(("wof", "dedup", "cloud", "symlink")))

    def windows(self):
        while self.windows_files:
            self.edit("file", self.windows_files.pop())

    def build(self, steps):
        kinds = [self.plain, self.preallocated, self.not_initialized, self.holes, self.flags, self.stream, self.resident,
                 self.names, self.reparse, self.windows]
        for kind in self.rng.sample(kinds, min(steps, len(kinds))) + [self.plain] * self.rng.randrange(4):
            kind()

    def overlap(self):
        where = self.rng.choice(("@/$MFT", "@/$LogFile", "@/$MFTMirr", "@/$Bitmap", "@/$UpCase", "run0"))
        self.edit("runlist", self.path("overlap"), "free:3", f"{where}:1")

    def cross_link(self):
        path = self.path("victim")
        self.edit("file", path, "runs=2", "length=2")
        self.edit("runlist", self.path("thief"), f"@{path}+1:1", "free:2")

    def past_end(self):
        self.edit("runlist", self.path("past"), "free:2", "end-1:2")

    def free_clusters(self):
        path = self.path("free")
        self.edit("file", path, "runs=3", "length=2")
        self.edit("bitmap", path, "clear", str(self.rng.randrange(6)), "1")

    def gap(self):
        # Sizes as if there were none, or as the VCNs have it.
        sizes = self.rng.choice(((), (f"allocated={9 * self.cluster}", f"data={9 * self.cluster}",
                                      f"initialized={9 * self.cluster}")))
        self.edit("file", self.path("gap"), "runs=9", "runs-per-record=3", f"vcn-gap={self.rng.choice((-1, 2))}", *sizes)

    def stolen(self):
        """An attribute list that leads to another file's pieces."""
        thief, victim = self.path("thief"), self.path("victim")
        for path in (thief, victim):
            self.edit("file", path, "runs=8", "runs-per-record=4")
        for record in self.rng.choice(("01", "1")):
            self.edit("refer", thief, victim, f"record={record}")

    def sizes(self):
        path = self.path("sizes")
        self.edit("file", path, "runs=3", "length=2")
        what, by = self.rng.choice((("allocated", -1), ("allocated", 1), ("data", 1), ("initialized", 1)))
        self.edit("sizes", path, f"{what}={(6 + by) * self.cluster}")

    def damage(self, steps):
        kinds = [self.overlap, self.overlap, self.cross_link, self.past_end, self.free_clusters, self.gap, self.sizes,
                 self.stolen]
        for kind in self.rng.sample(kinds, min(steps, len(kinds))):
            kind()


def make_once(rng, image, tool):
    cluster = rng.choice((512, 512, 1024, 2048, 4096, 4096, 4096, 4096, 8192, 16384, 32768, 65536,
                          rng.choice((131072, 262144, 524288, 1 * MI, 2 * MI))))
    sector = rng.choice((512, 512, 512, min(cluster, 4096)))
    size = max(rng.randrange(8 * MI, 64 * MI), 400 * cluster) // sector * sector
    if os.path.exists(image):
        os.unlink(image)
    with open(image, "wb") as file:
        file.truncate(size)
    run("mkntfs", "--force", "--quick", "--quiet", "--cluster-size", str(cluster), "--sector-size", str(sector),
        "--partition-start", "0", "--heads", "0", "--sectors-per-track", "0", image)
    with Mounted(image) as folder:
        Life(rng, folder, cluster).live(rng.randrange(5, 40))
    shapes = Shapes(rng, image, cluster, tool)
    shapes.build(rng.randrange(2, 11))
    if rng.random() < 0.5:
        with Mounted(image) as folder:
            Life(rng, folder, cluster).live(rng.randrange(5, 25))
    if rng.random() < 0.6:
        shapes.damage(rng.randrange(2, 9))


def make(seed, image, tool):
    for attempt in range(5):
        try:
            make_once(random.Random(f"{seed} {attempt}"), image, tool)
            return
        except Spoilt:
            pass
    raise Spoilt


def missing():
    """What of the machine it takes and isn't there, or None."""
    for tool in ("mkntfs", "ntfs-3g", "ntfscat"):
        if not shutil.which(tool):
            return tool
    if os.geteuid():
        return "root, to mount"
    return None if os.path.exists("/dev/fuse") else "/dev/fuse"
