"""Measures eventdesk beside what the machine takes by itself, and prints a table for each size of file.

    PYTHONPATH=tests uv run python tests/bench/run.py --folder DIR

Files that are not in the folder yet are made. ``--quick`` repeats less and leaves out the large imports.
"""

import argparse
import os
import tempfile
from pathlib import Path

from bench.driver import NotShownError
from bench.generate import make_file
from bench.installed import install
from bench.measuring import QUICK, Effort, measure, told
from bench.table import machine, of_growth, of_one_size

from db.store.connection import open_file

_SIZES = [10_000, 100_000, 1_000_000, 10_000_000]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, nargs="+", default=_SIZES, metavar="N")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "bench")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine()}\n", flush=True)
    all_measured = []
    with tempfile.TemporaryDirectory(dir=options.folder, prefix="run-") as folder:
        _settings_of_nobody(Path(folder))
        installed = install(Path(folder))
        for events in options.events:
            file = options.folder / f"{_name(events)}.db"
            if not file.exists():
                told(f"making {file.name}")
                make_file(file, events, quiet=True)
            open_file(file).close()  # so that an older file is brought up to the schema of now, once
            told(f"{events:,} events")
            try:
                measured = measure(installed, file, events, QUICK if options.quick else Effort(), Path(folder))
            except NotShownError as error:
                print(f"## {events:,} events\n\nNot measured: {error}\n", flush=True)
                continue
            all_measured.append(measured)
            print(of_one_size(measured, file.stat().st_size), flush=True)
    if len(all_measured) > 1:
        print(of_growth(all_measured))


def _name(events: int) -> str:
    """10000 as 1e4."""
    digits = str(events)
    return f"1e{len(digits) - 1}" if digits == "1" + "0" * (len(digits) - 1) else digits


def _settings_of_nobody(folder: Path) -> None:
    """Settings are those shipped, whoever measures, and the first hint was seen."""
    for name in ("CONFIG", "STATE", "DATA", "CACHE"):
        (folder / name.lower() / "eventdesk").mkdir(parents=True)
        os.environ[f"XDG_{name}_HOME"] = str(folder / name.lower())
    (folder / "state" / "eventdesk" / "hint-seen").touch()


if __name__ == "__main__":
    main()
