"""Generates a file of events, or the same events in the native format.

    PYTHONPATH=tests uv run python tests/bench/generate.py EVENTS [FILE.db] [--jsonl FILE]

The same number and seed give the same events. What is made has a name with .part until it is whole.
"""

import argparse
import time
from pathlib import Path

from bench.filling import fill
from bench.native_lines import write_lines

SEED = 1


def make_file(path: Path, events: int, *, quiet: bool = False) -> None:
    """Make an eventdesk file."""
    began = time.monotonic()
    part = _part(path)
    for leftover in (part, part.with_name(f"{part.name}-wal"), part.with_name(f"{part.name}-shm")):
        leftover.unlink(missing_ok=True)

    def say(done: str) -> None:
        if not quiet:
            print(f"{time.monotonic() - began:7.1f} s  {done}", flush=True)

    fill(part, events, SEED, say)
    part.rename(path)


def make_lines(path: Path, events: int) -> None:
    """Make a file in the native format."""
    part = _part(path)
    with part.open("w", encoding="utf-8") as stream:
        write_lines(stream, events, SEED)
    part.rename(path)


def _part(path: Path) -> Path:
    return path.with_name(f"{path.name}.part")


def main() -> None:
    """Read the command line and make what it asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("events", type=int)
    parser.add_argument("file", type=Path, nargs="?")
    parser.add_argument("--jsonl", type=Path)
    options = parser.parse_args()
    if options.file:
        make_file(options.file, options.events)
    if options.jsonl:
        make_lines(options.jsonl, options.events)


if __name__ == "__main__":
    main()
