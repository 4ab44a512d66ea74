"""Moves, replaces, empties, links, restores and deletes the open file, and checks that nothing is lost without a word.

    PYTHONPATH=tests uv run python tests/bench/accidents.py [--runs 500] [--seed 1] [--only ACCIDENT]

Every accident happens to a reviewer at rest, in a question and while it writes, with and without a write-ahead log,
and to an import and an export at a random moment. Ends with an error if a run loses something that was shown, or if
what is left fails a check.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from itertools import cycle, islice, product
from pathlib import Path

from support.accidents import ACCIDENTS, STATES, Accidents, run
from support.killing import preload

from db.demo import make_demo


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", choices=ACCIDENTS, metavar="ACCIDENT")
    options = parser.parse_args()
    preload()
    began, chance, result = time.monotonic(), random.Random(options.seed), Accidents()
    with tempfile.TemporaryDirectory() as folder:
        os.environ["XDG_STATE_HOME"] = os.environ["XDG_CONFIG_HOME"] = f"{folder}/home"
        Path(folder, "home", "eventdesk").mkdir(parents=True)
        Path(folder, "home", "eventdesk", "hint-seen").touch()
        base = Path(folder, "base.db")
        make_demo(base).close()
        kinds = list(product([options.only] if options.only else ACCIDENTS, STATES, (True, False)))
        chance.shuffle(kinds)
        for number, (name, state, log) in enumerate(islice(cycle(kinds), options.runs)):
            work = Path(folder, str(number))
            work.mkdir()
            before = len(result.faults)
            run(name, state, log, base, work, chance, result)
            for fault in result.faults[before:]:
                print(f"✗ {number}: {fault}", flush=True)
    print(
        f"{result.runs:,} accidents, {result.shown:,} states shown, {result.said:,} times said; {len(result.faults)}"
        f" faults; {time.monotonic() - began:.0f} s"
    )
    return 1 if result.faults else 0


if __name__ == "__main__":
    sys.exit(main())
