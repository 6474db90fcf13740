#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds `status --json` and `list --json` against what dmsetup and the kernel say.

Usage: guest-status.py status FILE NAME MODE MATCHES    FILE has the output; MATCHES: true, false or null
       guest-status.py list FILE
"""
import json, os, subprocess, sys


def run(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout.strip()


def devices():
    """All of ours: name to UUID."""
    lines = run("dmsetup", "info", "-c", "--noheadings", "--separator", " ", "-o", "name,uuid").splitlines()
    # Others may have no UUID; and of none dmsetup says so in words.
    named = dict(words for words in map(str.split, lines) if len(words) == 2)
    return {name: uuid for name, uuid in named.items() if "NTFSPUNCH-" in uuid}


def figures(name):
    node = f"/dev/mapper/{name}"
    return {
        "size": int(run("blockdev", "--getsize64", node)),
        "open": int(run("dmsetup", "info", "-c", "--noheadings", "-o", "open", name)),
        "targets": len(run("dmsetup", "table", name).splitlines()),
        "read_only": run("blockdev", "--getro", node) == "1",
        "below": run("dmsetup", "deps", "-o", "devname", name),
    }


def writes(name):
    _, _, kind, *words = run("dmsetup", "status", name).splitlines()[0].split()
    if not kind.startswith("snapshot"):
        return None
    used, size = words[0].split("/")
    numbers = {key: int(value) * 512 for key, value in (("used", used), ("size", size), ("metadata", words[1]))}
    return {"state": "merging" if kind == "snapshot-merge" else "ok", **numbers}


def equal(what, found, wanted):
    if found != wanted:
        sys.exit(f"{what}: {found!r}, and not {wanted!r}")


def status(it, name, mode, matches):
    named = devices()
    uuid = named[name]
    own = figures(name)
    base = figures(f"{name}-base") if f"{name}-base" in named else own
    equal("members", sorted(it), sorted("name uuid mode device files overlay size targets open read_only writes matches devices".split()))
    equal("name", it["name"], name)
    equal("uuid", it["uuid"], uuid)
    equal("mode", it["mode"], mode)
    equal("matches", it["matches"], json.loads(matches))
    for key in ("size", "open", "read_only"):
        equal(key, it[key], own[key])
    equal("targets", it["targets"], base["targets"])
    equal("device", it["device"], "/dev/vda")
    if mode != "merging":
        equal("writes", it["writes"], writes(name))
    else:
        # It goes on while one looks.
        now = writes(name)
        equal("writes: state", it["writes"]["state"], "merging")
        equal("writes: size", it["writes"]["size"], now["size"])
        assert it["writes"]["used"] >= now["used"] >= now["metadata"], (it["writes"], now)
    parts = [f"-{part}" for part in ("base", "store", "cow")]
    mine = {other for other, theirs in named.items() if theirs in [uuid] + [uuid + part for part in parts] or theirs.endswith(f"-{uuid}")}
    equal("devices", set(it["devices"]), mine)
    print(f"  {mode}: {it['writes']}, open {it['open']}, {it['targets']} targets")


def listed(it):
    named, found = devices(), {}

    def take(line, above):
        found[line["name"]] = above
        own = figures(line["name"])
        equal(f"{line['name']}: uuid", line["uuid"], named[line["name"]])
        equal(f"{line['name']}: bytes", line["bytes"], own["size"])
        equal(f"{line['name']}: open", line["open"], own["open"])
        equal(f"{line['name']}: targets", line["targets"], own["targets"])
        for child in line.get("children", []):
            take(child, line["name"])

    equal("members", list(it), ["maps"])
    for line in it["maps"]:
        take(line, None)
    equal("devices", set(found), set(named))
    for name, above in found.items():
        uuid = named[name]
        is_part = uuid.startswith("part") or uuid.rsplit("-", 1)[1] in ("base", "store", "cow")
        wanted = [other for other in named if is_part and other != name and named[other] in uuid and not named[other].startswith("part")]
        equal(f"{name}: below", above, min(wanted, key=len) if wanted else None)
    print(f"  {found}")


def main():
    verb, path, *words = sys.argv[1:]
    with open(path) as file:
        it = json.load(file)
    if verb == "status":
        status(it, *words)
    else:
        listed(it)


if __name__ == "__main__":
    main()
