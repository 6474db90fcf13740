# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs ntfs-punch and takes its table apart."""
import collections
import os
import re
import subprocess

# exit: its exit code, negative for a signal; table: as judge.py has it, or None; checks: those that refused.
Answer = collections.namedtuple("Answer", "exit table checks errors")

DOCUMENTED = range(7)


class NoTable(Exception):
    """What it printed is none."""


def parse_table(text, image):
    """[(start, length, offset)] of a table that has to be one of that image, without gaps."""
    table, position = [], 0
    for line in text.splitlines():
        words = re.fullmatch(rf"(\d+) (\d+) linear {re.escape(os.path.realpath(image))} (\d+)", line)
        if not words:
            raise NoTable(f"not a line of a table: {line!r}")
        start, length, offset = map(int, words.groups())
        if start != position or not length:
            raise NoTable(f"a gap in the table: {line!r}")
        table.append((start, length, offset))
        position += length
    return table


def parse_errors(errors):
    return set(re.findall(r"^ntfs-punch: .*: ([a-z-]+): ", errors, re.MULTILINE)) - {"warning"}


def table_of(program, image, word):
    run = subprocess.run([program, "table", image, os.fsencode(word)], capture_output=True, stdin=subprocess.DEVNULL,
                         check=False)
    output, errors = run.stdout.decode(errors="replace"), run.stderr.decode(errors="replace")
    if run.returncode:
        if output:
            raise NoTable(f"exit code {run.returncode}, and output: {output[:80]!r}")
        return Answer(run.returncode, None, parse_errors(errors), errors)
    table = parse_table(output, image)
    if not table:
        raise NoTable("exit code 0 without a table")
    return Answer(0, table, parse_errors(errors), errors)
