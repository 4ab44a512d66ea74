"""Shows every attack on every screen and prompt, at two sizes; the long form of the test of hostile text.

    PYTHONPATH=tests uv run python -m bench.hostile [--part I/N] [--only CLASS]

Takes some three seconds for an attack and size; ``--part`` drives every Nth attack from the Ith, so that processes
can share the work. Prints a line for each attack that is not shown as text, with what was wrong, and the figures.
"""

import argparse
import os
import tempfile
import time
from pathlib import Path

from support.attacks import ATTACKS
from support.harmless import assert_harmless, assert_in_place
from support.hostile import QUESTIONS, Watched, make_file, packed, without_events

SIZES = (160, 45), (80, 24)


def main() -> None:
    """Drive, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--part", default="1/1", metavar="I/N", help="every Nth attack, from the Ith")
    parser.add_argument("--only", default="", metavar="CLASS", help="attacks whose name begins so")
    arguments = parser.parse_args()
    part, parts = map(int, arguments.part.split("/"))
    names = [name for name in ATTACKS if name.startswith(arguments.only)][part - 1 :: parts]
    begun, failed, painted = time.monotonic(), 0, 0
    with tempfile.TemporaryDirectory() as folder:
        for variable in ("XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            os.environ[variable] = folder
        documents = [packed(number, {name: ATTACKS[name]}) for number, name in enumerate(names)]
        documents += [without_events(number, ATTACKS[name]) for number, name in enumerate(names)]
        for columns, rows in SIZES:
            file = make_file(Path(folder) / f"{columns}.db", documents, [ATTACKS[name] for name in names])
            for number, name in enumerate(names):
                try:
                    painted += drive(file, number, len(names), columns, rows)
                except AssertionError as error:
                    failed += 1
                    print(f"{name} at {columns}×{rows}: {ascii(str(error))[:400]}", flush=True)
    minutes = (time.monotonic() - begun) / 60
    print(
        f"{len(names)} attacks at {len(SIZES)} sizes, {len(QUESTIONS)} steps each: {failed} not shown as text,"
        f" {painted / 1e6:.0f} MB looked at, {minutes:.1f} minutes"
    )


def drive(file: Path, number: int, count: int, columns: int, rows: int) -> int:
    """One event through all questions in a process of its own; the bytes that came."""
    with Watched(file, "--reviewer", "ana", columns=columns, rows=rows) as terminal:
        terminal.does("", f"1/{count}")
        terminal.does(f"\x07{number + 1}\r", f"{number + 1}/{count}")
        for keys, shown in QUESTIONS:
            terminal.does(keys, *shown)
        terminal.does("q", "\x1b[?1049l")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw)
        assert_in_place(terminal.raw, columns)
        return len(terminal.raw)


if __name__ == "__main__":
    main()
