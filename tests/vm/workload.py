#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Files that are written, changed, renamed and removed, one after the other, each with an fsync; and what must be there of
them after a crash.

Usage: workload.py run ROOT MANIFEST COUNT [LOGGED]    COUNT further operations below ROOT, which has folders 0, 1 and 2
       workload.py check ROOT MANIFEST [NUMBER]        what is below ROOT, after operation NUMBER

MANIFEST gets a line of JSON for each operation before it begins, and {"done": N} after its fsync has returned; so does the log
of the dm-log-writes device LOGGED, as the mark N. Without NUMBER, MANIFEST's own lines tell what was done. Content is made from
the operation's number. Whatever is called noise is written without fsync, and nothing is expected of it.
"""
import hashlib, json, os, random, subprocess, sys

BLOCK = 4096
LARGEST = 300_000
FULL = 6_000_000
# What became of an operation that a crash cut off, once others have followed.
UNKNOWN = object()


def content(number, size):
    return hashlib.shake_128(str(number).encode()).digest(size)


def pattern(number, size):
    return bytes([number % 251 + 1]) * size


def touched(operation):
    return operation.get("paths") or [operation[key] for key in ("path", "target") if key in operation]


def after(files, operation):
    """The files once the operation is done; `files` stays as it is."""
    files = dict(files)
    verb, path, size, number = operation["verb"], operation.get("path"), operation.get("size"), operation["number"]
    if verb == "write":
        old, offset = files.get(path, b""), operation["offset"]
        files[path] = old[:offset] + content(number, size) + old[offset + size :]
    elif verb == "truncate":
        files[path] = files[path][:size]
    elif verb == "replace":
        files[path] = content(number, size)
    elif verb == "fio":
        files[path] = pattern(number, size)
    elif verb == "rename":
        files[operation["target"]] = files.pop(path)
    elif verb == "remove":
        for path in operation["paths"]:
            files.pop(path, None)
    return files


def load(manifest):
    operations, done = [], set()
    if os.path.exists(manifest):
        with open(manifest) as lines:
            for line in map(json.loads, lines):
                if "done" in line:
                    done.add(line["done"])
                else:
                    operations.append(line)
    return operations, done


def expected(operations, done):
    """The files, and the last operation if it isn't known to be done."""
    files, pending = {}, None
    for operation in operations:
        if pending:
            files.update((path, UNKNOWN) for path in touched(pending))
            pending = None
        if operation["number"] in done:
            files = after(files, operation)
        else:
            pending = operation
    return files, pending


def blocks_of_either(found, old, new):
    """Each block is the old one, the new one, or not written yet: what fsync has promised of the others stays true."""
    if found is None:
        return old is None
    if len(found) > max(len(old or b""), len(new)):
        return False
    for start in range(0, len(found), BLOCK):
        end = min(start + BLOCK, len(found))
        choices = [bytes(end - start)] + [(data or b"")[start:end].ljust(end - start, b"\0") for data in (old, new)]
        # What was fsynced and isn't being changed has no choice.
        if choices[1] == choices[2] and end <= len(old or b""):
            choices = choices[1:]
        if found[start:end] not in choices:
            return False
    return len(found) >= min(len(old or b""), len(new))


def read_all(root):
    found = {}
    for folder, folders, names in os.walk(root):
        if folder == root and "lost+found" in folders:
            folders.remove("lost+found")
        for name in names:
            path = os.path.join(folder, name)
            with open(path, "rb") as file:
                found[os.path.relpath(path, root)] = file.read()
    return {path: data for path, data in found.items() if not path.startswith("noise") and not path.endswith(".new")}


def problems(root, files, pending):
    """What below root isn't as the files are, nor as the pending operation may have left them."""
    found = read_all(root)
    if pending:
        then = after(files, pending)
        if pending["verb"] == "remove":
            files = {path: data for path, data in files.items() if path in found or path not in touched(pending)}
        elif pending["verb"] in ("rename", "replace"):
            if all(found.get(path) == then.get(path) for path in touched(pending)):
                files = then
        elif "path" in pending:
            path = pending["path"]
            if blocks_of_either(found.get(path), files.get(path), then[path]):
                files = {**files, path: UNKNOWN}
    for path in sorted(files.keys() | found.keys()):
        want, have = files.get(path), found.get(path)
        if want is not UNKNOWN and want != have:
            sizes = ["absent" if data is None else f"{len(data)} bytes" for data in (want, have)]
            yield f"{path}: it should be {sizes[0]}, and is {sizes[1]}{'' if sizes[0] != sizes[1] else ', others'}"


def choose(files, number, chance):
    """The next operation."""
    paths = sorted(files)
    new = f"{chance.randrange(3)}/file-{number}"
    size = chance.choice([chance.randrange(1, 600), chance.randrange(1, 20_000), chance.randrange(1, LARGEST)])
    if len(paths) < 6:
        return {"verb": "write", "path": new, "offset": 0, "size": size}
    path = chance.choice(paths)
    length = len(files[path])
    if sum(map(len, files.values())) > FULL:
        return {"verb": "remove", "paths": chance.sample(paths, 3)}
    verb = chance.choices(
        ["create", "change", "append", "replace", "rename", "truncate", "remove", "fio", "trim"], [20, 20, 15, 10, 10, 5, 8, 4, 3]
    )[0]
    if verb == "create":
        return {"verb": "write", "path": new, "offset": 0, "size": size}
    if verb == "change" and length:
        offset = chance.randrange(length)
        return {"verb": "write", "path": path, "offset": offset, "size": min(size, length - offset)}
    if verb in ("append", "change"):
        return {"verb": "write", "path": path, "offset": length, "size": size}
    if verb == "replace":
        return {"verb": "replace", "path": path, "size": size}
    if verb == "rename":
        others = [other for other in paths if other != path]
        return {"verb": "rename", "path": path, "target": chance.choice([new, chance.choice(others)])}
    if verb == "truncate":
        return {"verb": "truncate", "path": path, "size": chance.randrange(length + 1)}
    if verb == "remove":
        return {"verb": "remove", "paths": [path]}
    if verb == "fio":
        return {"verb": "fio", "path": f"{chance.randrange(3)}/fio", "size": 64 * BLOCK}
    return {"verb": "trim"}


def sync_folder(path):
    folder = os.open(os.path.dirname(path), os.O_RDONLY | os.O_DIRECTORY)
    os.fsync(folder)
    os.close(folder)


def write(path, offset, data, flags=0):
    exists = os.path.exists(path)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | flags, 0o644)
    longer = offset + len(data) > os.fstat(file).st_size
    assert os.pwrite(file, data, offset) == len(data)
    (os.fsync if longer else os.fdatasync)(file)
    os.close(file)
    if not exists:
        sync_folder(path)


def perform(root, operation):
    verb, number = operation["verb"], operation["number"]
    path = os.path.join(root, operation.get("path", ""))
    if verb == "write":
        write(path, operation["offset"], content(number, operation["size"]))
    elif verb == "truncate":
        file = os.open(path, os.O_WRONLY)
        os.ftruncate(file, operation["size"])
        os.fsync(file)
        os.close(file)
    elif verb == "replace":
        write(path + ".new", 0, content(number, operation["size"]), os.O_TRUNC)
        os.rename(path + ".new", path)
        sync_folder(path)
    elif verb == "rename":
        target = os.path.join(root, operation["target"])
        os.rename(path, target)
        sync_folder(target)
        sync_folder(path)
    elif verb == "remove":
        for name in operation["paths"]:
            path = os.path.join(root, name)
            if os.path.exists(path):
                os.unlink(path)
            sync_folder(path)
    elif verb == "fio":
        # Random order, and every block once: so the whole file is the pattern at the end.
        if os.path.exists(path):
            os.truncate(path, min(os.path.getsize(path), operation["size"]))
        command = f"fio --name=file --rw=randwrite --bs={BLOCK} --direct={number % 2} --fsync=8 --end_fsync=1 --fallocate=none"
        command += f" --verify=pattern --verify_pattern=0x{number % 251 + 1:02x} --do_verify=1 --verify_state_save=0"
        command += f" --filename={path} --size={operation['size']} --output=/dev/null"
        subprocess.run(command.split(), check=True)
        sync_folder(path)
    elif verb == "trim":
        subprocess.run(["fstrim", root], check=True)


def make_noise(root, number, chance):
    """Writes that are on their way to the disk, but not fsynced."""
    file = os.open(os.path.join(root, f"noise-{number % 4}"), os.O_WRONLY | os.O_CREAT, 0o644)
    os.pwrite(file, content(-number, chance.randrange(LARGEST)), chance.randrange(LARGEST))
    # This starts them and waits for nothing.
    os.posix_fadvise(file, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(file)


def run(root, manifest, count, logged=None):
    operations, done = load(manifest)
    files, pending = expected(operations, done)
    first = len(operations) + 1
    chance = random.Random(first)
    log = os.open(manifest, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def note(what):
        os.write(log, (json.dumps(what) + "\n").encode())

    for number in range(first, first + count):
        if pending:
            operation = {"verb": "remove", "paths": touched(pending)}
            for path in touched(pending):
                files.pop(path, None)
            pending = None
        else:
            operation = choose(files, number, chance)
        operation["number"] = number
        if chance.random() < 0.3:
            make_noise(root, number, chance)
        note(operation)
        perform(root, operation)
        note({"done": number})
        if logged:
            subprocess.run(["dmsetup", "message", logged, "0", "mark", str(number)], check=True)
        files = after(files, operation)


def up_to(operations, number):
    """What expected() takes, for a crash after that operation's mark."""
    return [operation for operation in operations if operation["number"] <= number + 1], range(1, number + 1)


def main():
    verb, root, manifest, *more = sys.argv[1:]
    if verb == "run":
        run(root, manifest, int(more[0]), *more[1:])
    elif verb == "check":
        operations, done = load(manifest)
        files, pending = expected(*(up_to(operations, int(more[0])) if more else (operations, done)))
        found = list(problems(root, files, pending))
        print(f"  {len(files)} files compared")
        if found:
            sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
