#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a volume must be like after a crash: the same to ntfs-punch as before, and in its file an ext4 that e2fsck finds sound
once it has replayed the journal, with every fsynced byte in it.

Usage: crashed.py BEFORE VOLUME FILE MANIFEST    see workload.py for the manifest

$NTFS_EDIT, $NTFS_PUNCH: the programs.
"""
import os, shutil, subprocess, sys, tempfile
import outside, workload


def run(*command):
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
    ended = subprocess.run(command, **pipes, text=True, errors="replace")
    return ended.returncode, ended.stdout


def extents(volume, file):
    """Pairs of offset and length in bytes, in the file's order, from libntfs-3g's runlist."""
    lines = subprocess.run([os.environ["NTFS_EDIT"], volume, "extents", file], check=True, stdout=subprocess.PIPE, text=True).stdout
    with open(volume, "rb") as image:
        unit = outside.cluster_size(image)
    return [(int(lcn) * unit, int(length) * unit) for _, lcn, length in map(str.split, lines.splitlines())]


def seen(volume, file):
    """All that ntfs-punch says of it: the table, every fact and check, the hibernation among them."""
    return [run(os.environ["NTFS_PUNCH"], verb, volume, file) for verb in ("table", "check")]


def work_folder():
    """In memory where there is room, for e2fsck waits for its disk each time."""
    memory = "/dev/shm"
    roomy = os.path.isdir(memory) and os.statvfs(memory).f_bavail * os.statvfs(memory).f_frsize > 1 << 30
    return tempfile.TemporaryDirectory(dir=memory if roomy else None)


class Judge:
    def __init__(self, before, volume, file, work):
        """VOLUME is, or will be, a changed copy of BEFORE; its path is in what ntfs-punch says."""
        before, volume = os.path.realpath(before), os.path.realpath(volume)
        self.volume, self.file, self.work = volume, file, work
        self.extents = extents(before, file)
        self.seen = [(status, said.replace(before, volume)) for status, said in seen(before, file)]
        assert [status for status, _ in self.seen] == [0, 0], self.seen
        assert "hibernated: yes" in self.seen[1][1]

    def copy_file(self, path):
        with open(self.volume, "rb") as volume, open(path, "wb") as image:
            for offset, length in self.extents:
                volume.seek(offset)
                image.write(volume.read(length))

    def ntfs_problems(self):
        if seen(self.volume, self.file) != self.seen:
            yield "to ntfs-punch the volume isn't the same as before"

    def problems(self, files, pending):
        yield from self.ntfs_problems()
        image, tree = os.path.join(self.work, "ext4"), os.path.join(self.work, "tree")
        self.copy_file(image)
        status, said = run("e2fsck", "-fp", image)
        if status not in (0, 1):
            yield f"e2fsck -fp: exit status {status}: {said}"
        status, said = run("e2fsck", "-fn", image)
        if status != 0:
            yield f"e2fsck -fn: exit status {status}: {said}"
        os.mkdir(tree)
        run("debugfs", "-R", f"rdump / {tree}", image)
        yield from workload.problems(tree, files, pending)
        shutil.rmtree(tree)


def main():
    before, volume, file, manifest = sys.argv[1:]
    files, pending = workload.expected(*workload.load(manifest))
    with work_folder() as work:
        found = list(Judge(before, volume, file, work).problems(files, pending))
    print(f"  {len(files)} files compared{f', while {pending}' if pending else ''}")
    if found:
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
