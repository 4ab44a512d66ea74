"""Makes writing calls fail or kill the process, one after the other, and checks what is left.

    PYTHONPATH=tests uv run python tests/bench/faults.py [--most 60] [--keys 8] [--bursts 60]

``--most``: how many calls of a command to try, spread evenly; ``--keys``: how many of a decision; ``--only``: one
command or kind of decision. Needs Linux and a C compiler, since a small library (faulty.c) is preloaded. Ends with an
error if a file is damaged or half written, an error isn't reported in one line, a retry fails, finished work is
missing, or the reviewer lost typed text.
"""

import argparse
import os
import random
import sys
import time
from pathlib import Path

from bench.faulty import Faulty, started
from bench.faulty_commands import every_call, stories
from bench.faulty_keys import ACTS, base_of_keys, bursts, every_key
from support.killing import preload

_SHOWN = 12


def main() -> int:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--most", type=int, default=60)
    parser.add_argument("--keys", type=int, default=8)
    parser.add_argument("--bursts", type=int, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", metavar="NAME")
    options = parser.parse_args()
    faulty = started()
    if isinstance(faulty, int):
        return faulty
    preload()
    began = time.monotonic()
    wrong = _commands(faulty, options.most, options.only) if options.most else 0
    for folder in (Path(os.environ["XDG_STATE_HOME"]), Path(os.environ["XDG_CONFIG_HOME"])):
        (folder / "eventdesk").mkdir(parents=True, exist_ok=True)
    Path(os.environ["XDG_STATE_HOME"], "eventdesk", "hint-seen").touch()
    wrong += _keys(faulty, options.keys, options.only) if options.keys else 0
    if options.bursts and options.only in (None, "bursts"):
        hits, refused, shown, found = bursts(faulty, options.bursts, random.Random(options.seed))
        print(f"\n{options.bursts} bursts of keys: {hits:,} calls failed, {refused} reported, {shown:,} states shown")
        wrong += _say("✗", found)
    print(f"\n{wrong} wrong, {time.monotonic() - began:.0f} s")
    return 1 if wrong else 0


def _commands(faulty: Faulty, most: int, only: str | None) -> int:
    names = ("calls", "runs", "done", "told", "killed", "wrong", "untold")
    print(f"{'':<32}" + "".join(f"{name:>8}" for name in names))
    wrong = 0
    for story in stories(faulty):
        if only in (None, story.name):
            found = every_call(faulty, story, most)
            figures = (found.calls, found.runs, found.done, found.told, found.killed)
            _row(story.name, *figures, len(found.wrong), len(found.untold))
            wrong += _say("✗", found.wrong)
            _say("reported as failed, but there:", found.untold)
    return wrong


def _keys(faulty: Faulty, most: int, only: str | None) -> int:
    print(f"\n{'':<32}" + "".join(f"{name:>8}" for name in ("runs", "taken", "told", "wrong", "lost")))
    base = base_of_keys(faulty.folder)
    wrong = 0
    for act in ACTS:
        if only in (None, act.name):
            pressed = every_key(faulty, act, base, most)
            _row(act.name, pressed.runs, pressed.taken, pressed.told, len(pressed.wrong), len(pressed.lost))
            wrong += _say("✗", [*pressed.wrong, *pressed.lost])
    return wrong


def _row(name: str, *figures: int) -> None:
    print(f"{name:<32}" + "".join(f"{figure:>8,}" for figure in figures), flush=True)


def _say(mark: str, items: list[str]) -> int:
    for item in items[:_SHOWN]:
        print(f"    {mark} {item}", flush=True)
    return len(items)


if __name__ == "__main__":
    sys.exit(main())
