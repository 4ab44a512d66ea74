"""Measures a sync after 1,000 changes among many events: ``sync.py [--events 200000] [--changes 1000] [--folder DIR]``.

The database is that of sources.py, and its desk is made once. CPU seconds count: the machine may have other work.
"""

import argparse
import random
import sqlite3
import sys
import tempfile
import time
from contextlib import closing
from pathlib import Path

from bench.sources import plan_of, write_database

from db.importing.report import ImportReport
from db.sources.desks import desk_path, sources_of
from db.sources.sync.syncing import Synced, add_source, sync_source
from db.store.connection import open_file
from db.store.new_file import new_file

_SEED = 7


def make(path: Path, events: int) -> None:
    """Write a database and its desk."""
    if not path.exists():
        write_database(path, events)
    desk = desk_path(path)
    if not desk.exists():
        with new_file(desk) as connection:
            sync_source(connection, desk, add_source(connection, desk, path, plan_of(path)), ImportReport())


def synced(path: Path) -> Synced:
    """Sync the desk of a database."""
    desk = desk_path(path)
    with closing(open_file(desk)) as connection:
        [source] = sources_of(connection)
        return sync_source(connection, desk, source, ImportReport())


def change(path: Path, events: int, changes: int, rng: random.Random) -> None:
    """Change so many rows anywhere in a database: mostly events, some new, some deleted, some texts."""
    with closing(sqlite3.connect(path)) as connection:
        for number in range(changes):
            row = rng.randrange(1, events)
            if number % 20 == 0:
                connection.execute("DELETE FROM events WHERE id = ?", (row,))
            elif number % 20 == 1:
                connection.execute("UPDATE articles SET title = title || '!' WHERE id = ?", (row % (events // 4) + 1,))
            elif number % 20 < 6:
                connection.execute(
                    "INSERT INTO events SELECT NULL, article_id, kind, event_date, location, actor, killed + 1,"
                    " wounded, model, confidence FROM events WHERE id = ?",
                    (row,),
                )
            else:
                connection.execute("UPDATE events SET killed = killed + 1 WHERE id = ?", (row,))
        connection.commit()


def main() -> None:
    """Read the command line, measure, and print lines."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--folder", type=Path, help="where the database and its desk are kept for the next run")
    options = parser.parse_args()
    rng = random.Random(time.time_ns() if options.folder else _SEED)
    with tempfile.TemporaryDirectory() as temporary:
        path = (options.folder or Path(temporary)) / f"{options.events}.db"
        _measured("the first sync", lambda: make(path, options.events))
        _measured("nothing changed", lambda: synced(path))
        change(path, options.events, options.changes, rng)
        _measured(f"{options.changes:,} changes", lambda: synced(path))
        change(path, options.events, 1, rng)
        _measured("1 change", lambda: synced(path))


def _measured(what: str, run) -> None:  # type: ignore[no-untyped-def]
    begun, cpu = time.monotonic(), time.process_time()
    found = run()
    print(f"{what}: {time.process_time() - cpu:.2f} CPU s, {time.monotonic() - begun:.2f} s  {found or ''}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
