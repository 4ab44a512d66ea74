"""Kills eventdesk thousands of times at random moments, and checks what is left.

    PYTHONPATH=tests uv run python tests/bench/kills.py [--kills 2100] [--seed 1] [--only STORY]

Ends with an error where anything that was shown is lost, half done, or where a check fails.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

from support.kill_stories import kills_of, seed_of
from support.killing import Toll, preload


def main() -> int:
    """Read the command line, kill, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=2100)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="STORY")
    options = parser.parse_args()
    preload()
    columns = ("kills", "states shown", "finished before", "lost", "half done", "unsound", "seconds")
    print(f"{'':<24}" + "".join(f"{column:>17}" for column in columns))
    tolls = []
    for name, story, kills in kills_of(options.kills):
        if options.only not in (None, name):
            continue
        with tempfile.TemporaryDirectory() as folder:
            os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = f"{folder}/home"
            Path(folder, "home", "eventdesk").mkdir(parents=True)
            Path(folder, "home", "eventdesk", "hint-seen").touch()
            Path(folder, "work").mkdir()
            began = time.monotonic()
            toll = Toll()
            story(Path(folder, "work"), kills, seed_of(name, options.seed), toll)
            tolls.append(toll)
        figures = (toll.kills, toll.shown, toll.finished, len(toll.lost), len(toll.halves), len(toll.unsound))
        print(f"{name:<24}" + "".join(f"{figure:>17,}" for figure in figures) + f"{time.monotonic() - began:>17.0f}")
        for fault in toll.faults[:20]:
            print(f"    {fault}")
        sys.stdout.flush()
    faults = sum(len(toll.faults) for toll in tolls)
    print(f"{sum(toll.kills for toll in tolls):,} kills, {faults} faults")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
