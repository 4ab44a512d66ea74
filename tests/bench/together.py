"""Eight processes review one file for a minute.

    PYTHONPATH=tests uv run python tests/bench/together.py [--seconds 60] [--ptys 4]

Prints what they were told, and how soon one sees what another decided; ends with an error where a decision is lost, a
check fails or anybody is told of a lock.
"""

import argparse
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from support.crowd import crowd
from support.terminal import Terminal

from db.decisions.review import Review
from db.demo import make_demo
from db.store.connection import open_file
from db.store.reading import read_event

PROCESSES = 8
SEEN = 40  # decisions of another that are waited for


def seen_after(file: Path, decisions: int) -> list[float]:
    """Seconds from a decision on disk until another reviewer's screen shows it, in order of size."""
    took = []
    command = [sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"]
    with closing(open_file(file)) as connection, Terminal(command, 100, 30) as terminal:
        review = Review(connection, "ben")
        ids = [row[0] for row in connection.execute("SELECT id FROM events WHERE status = 'pending' ORDER BY id")]
        terminal.wait_for(f" {len(ids)} left")
        for left, event_id in zip(range(len(ids) - 1, 0, -1), ids[:decisions], strict=False):
            time.sleep(0.1 + left % 7 / 10)  # at any moment between two looks
            review.flag(read_event(connection, event_id))
            began = time.monotonic()
            terminal.wait_for(f" {left} left")
            took.append(time.monotonic() - began)
    return sorted(took)


def main() -> None:
    """Read the command line, run, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--ptys", type=int, default=4, help="of the eight; the others have no screen")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen.db"
        make_demo(seen).close()
        waits = seen_after(seen, SEEN)
        file = Path(folder) / "demo.db"
        make_demo(file).close()
        told = crowd(file, options.ptys, PROCESSES - options.ptys, options.seconds, options.seed)
        with closing(open_file(file)) as connection:
            by = dict(connection.execute("SELECT reviewer, count(*) FROM decisions GROUP BY 1").fetchall())
    by_keys = sum(count for reviewer, count in by.items() if reviewer.startswith("pty"))
    for what, figure in (
        ("decisions taken without a screen, all in the file", len(told.decisions)),
        ("decisions taken by keys", by_keys),
        ("keys pressed", told.keys),
        ("conflicts refused without a screen", told.refused),
        ("conflicts shown with both values", sum(told.chosen.values())),
        ("… where theirs was kept, mine taken", f"{told.chosen['t']}, {told.chosen['m']}"),
        ("told of a lock", len(told.locked)),
        ("gave up waiting", told.waited),
        ("slowest decision without a screen, ms", round(told.slowest * 1000)),
        ("another's decision on the screen after, ms: median", round(waits[len(waits) // 2] * 1000)),
        ("… at most", round(waits[-1] * 1000)),
    ):
        print(f"{what:<52} {figure:>10}" if isinstance(figure, str) else f"{what:<52} {figure:>10,}")


if __name__ == "__main__":
    main()
