"""Cuts the power at random moments: what was not synced is gone, but nothing that was shown may be lost.

    PYTHONPATH=tests uv run python tests/bench/power.py [--times 200] [--seed 1]

Each file is kept as it was at its last fsync (faulty.c), and the next reviewer starts from that. Needs Linux and a C
compiler.
"""

import argparse
import os
import random
import shutil
import sys
import time
from pathlib import Path

from bench.faulty import started
from support.killing import Toll, acts_of_review, acts_of_undo, kill_reviewer, preload

from db.demo import make_demo


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    faulty = started()
    if isinstance(faulty, int):
        return faulty
    preload()
    began, chance, toll = time.monotonic(), random.Random(options.seed), Toll()
    file, synced = faulty.work / "events.db", faulty.folder / "synced"
    names = (file.name, f"{file.name}-wal")
    synced.mkdir()
    for folder in (Path(os.environ["XDG_STATE_HOME"]), Path(os.environ["XDG_CONFIG_HOME"])):
        (folder / "eventdesk").mkdir(parents=True, exist_ok=True)
    Path(os.environ["XDG_STATE_HOME"], "eventdesk", "hint-seen").touch()
    make_demo(faulty.folder / "base.db").close()
    shutil.copyfile(faulty.folder / "base.db", synced / file.name)
    behind = 0

    def left() -> Path:
        nonlocal behind
        behind += any(_content(faulty.work / name) != _content(synced / name) for name in names)
        return synced / file.name

    for number in range(options.times):
        for suffix in ("", "-wal", "-shm"):
            Path(f"{file}{suffix}").unlink(missing_ok=True)
        for name in names:
            if (synced / name).exists():
                shutil.copyfile(synced / name, faulty.work / name)
        acts = acts_of_undo if number % 4 == 3 else acts_of_review
        kill_reviewer(file, acts, chance, toll, left)
        for fault in toll.faults[:20]:
            print(f"    ✗ {number}: {fault}")
        if toll.faults:
            break
    print(
        f"{toll.kills:,} times without power, {toll.shown:,} states shown, {len(toll.lost)} lost, {len(toll.unsound)}"
        f" unsound; {behind:,} times something was not synced; {time.monotonic() - began:.0f} s"
    )
    return 1 if toll.faults else 0


def _content(file: Path) -> bytes:
    return file.read_bytes() if file.exists() else b""


if __name__ == "__main__":
    sys.exit(main())
