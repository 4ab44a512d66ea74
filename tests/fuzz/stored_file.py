"""Damages each column of each table of a file in every way, and runs every command and the reviewer on it.

    PYTHONPATH=tests uv run python tests/fuzz/stored_file.py [--part N/M] [--sample SHARE] [--seed S] [TABLE …]

Prints a line for each finding: a crash, a command of more than ten seconds, or damage of which ``check`` knows nothing
although a command named it.
"""

import argparse
import os
import random
import shutil
import tempfile
from pathlib import Path
from time import monotonic

from support.damaging import damage, every_damage, reviewed_file
from support.scrutiny import press_keys, run_commands


def main() -> int:
    """Run, and return 1 if there was a finding."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", nargs="*")
    parser.add_argument("--part", default="1/1")
    parser.add_argument("--sample", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    chosen = random.Random(arguments.seed)
    started, cases, findings = monotonic(), 0, set()
    with tempfile.TemporaryDirectory(dir="/dev/shm" if os.path.isdir("/dev/shm") else None) as name:
        os.environ["XDG_STATE_HOME"] = name
        base = Path(name) / "base.db"
        reviewed_file(base)
        for number, what in enumerate(every_damage(base)):
            wanted = not arguments.tables or what.table in arguments.tables
            if chosen.random() >= arguments.sample or number % parts != part - 1 or not wanted:
                continue
            folder = Path(name) / "case"
            folder.mkdir()
            file = folder / "damaged.db"
            shutil.copy(base, file)
            if damage(file, what):
                cases += 1
                problems = [*run_commands(file, folder)]
                if shown := press_keys(file):
                    problems.append(f"the screen: {shown}")
                for problem in problems:
                    findings.add(problem)
                    print(f"{what}\n  {problem}", flush=True)
            shutil.rmtree(folder)
            shutil.rmtree(Path(name) / "eventdesk", ignore_errors=True)  # backups
    print(f"{cases} damaged files, {len(findings)} findings, {monotonic() - started:.0f} s")
    return 1 if findings else 0


if __name__ == "__main__":
    raise SystemExit(main())
