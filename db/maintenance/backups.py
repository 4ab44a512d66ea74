"""The backups that eventdesk makes by itself: which there are of a file, when one is due, and how many are kept.

They are in the state directory, a folder for each file, with names that sort by age and tell why each was made.
"""

import os
import re
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal, get_args

from db.errors import FileError
from db.io.atomic import partial_path_in, remove_partial, sweep_folder, sync_folder
from db.io.private import make_private_folder
from db.io.state_folder import folder_of
from db.maintenance.copying import Progress, copy_pages, same_state
from db.store.sqlite import connect, connect_alone

Why = Literal["daily", "before-import", "before-migration", "before-repair", "before-restore", "asked"]

KEPT = 10  # backups of a file
KEPT_BYTES = 10_000_000_000  # of all backups of a file, but for those that are always kept
SPARE = 100_000_000  # bytes that a backup which nobody asked for leaves free on the disk

# SQLite quotes what is damaged in what it says, which need not be text.
SQLITE_ERRORS = (sqlite3.Error, UnicodeDecodeError)

_WHEN = "%Y-%m-%dT%H-%M-%SZ"
_NAME = re.compile(rf"(\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.({'|'.join(get_args(Why))})\.db")


class DamagedError(FileError):
    """A file of which SQLite can't even copy the pages."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of a file. ``made_at`` is UTC."""

    path: Path
    made_at: datetime
    why: Why
    bytes: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How much a file holds."""

    events: int
    decisions: int


def listed(path: Path) -> list[Backup]:
    """The backups of a file, the newest first."""
    found = []
    try:
        for item in folder_of(path).iterdir():
            if named := _NAME.fullmatch(item.name):
                made_at = datetime.strptime(named[1], _WHEN).replace(tzinfo=UTC)
                found.append(Backup(item, made_at, named[2], item.stat().st_size))  # type: ignore[arg-type]
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise FileError(f"{folder_of(path)}: can't be read ({error.strerror}); check its permissions") from None
    return sorted(found, key=lambda backup: backup.path.name, reverse=True)


def counts(path: Path) -> Counts | None:
    """What a backup holds; None where it can't be read."""
    try:
        with closing(connect_alone(path)) as connection:
            (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
            (decisions,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
    except SQLITE_ERRORS:
        return None
    return Counts(events, decisions)


def back_up(
    connection: sqlite3.Connection,
    path: Path,
    why: Why,
    progress: Progress = lambda *_: None,
    needed: Path | None = None,
) -> Backup:
    """Copy the file as it is now into its folder, and remove the oldest copies beyond those that are kept.

    Who else has the file open writes on meanwhile. ``progress`` counts pages. ``needed`` is a copy that stays. Raises
    FileError, which is a DamagedError where the file is the reason.
    """
    partial = new_partial(path, why)
    try:
        copy_pages(connection, partial, progress, 0o600)
        return _keep(partial, path, why, needed)
    except (OSError, sqlite3.OperationalError) as error:
        raise FileError(f"{partial.parent}: no backup was made ({error})") from None
    except SQLITE_ERRORS as error:
        raise DamagedError(f"{path}: can't be read ({error})") from None
    finally:
        remove_partial(partial)


def set_aside(path: Path, why: Why, needed: Path | None = None) -> Backup:
    """Keep a file that SQLite can't read in its folder, to the byte, its -wal beside it. Raises FileError."""
    partial = new_partial(path, why)
    log, partial_log = Path(f"{path}-wal"), Path(f"{partial}-wal")
    try:
        for source, target in ((path, partial), (log, partial_log)):
            if source.exists():
                shutil.copyfile(source, target)
                os.chmod(target, 0o600)
                with target.open("rb+") as stream:
                    os.fsync(stream.fileno())
        made = _keep(partial, path, why, needed)
        if partial_log.exists():
            partial_log.rename(f"{made.path}-wal")
            sync_folder(made.path.parent)
        return made
    except OSError as error:
        raise FileError(f"{partial.parent}: no backup was made ({error})") from None
    finally:
        remove_partial(partial)


def _keep(partial: Path, path: Path, why: Why, needed: Path | None) -> Backup:
    """Give a whole copy in the folder its name, and remove what is too much."""
    when = datetime.now(UTC).replace(microsecond=0)
    if before := listed(path):
        when = max(when, before[0].made_at + timedelta(seconds=1))  # names sort, also where a clock was set back
    while True:
        target = partial.with_name(f"{when.strftime(_WHEN)}.{why}.db")
        try:
            os.link(partial, target)
            break
        except FileExistsError:
            when += timedelta(seconds=1)
    sync_folder(target.parent)
    made = Backup(target, when, why, target.stat().st_size)
    # To and fro between two states would else push out all others.
    same = [item for item in before if (item.why, item.bytes) == (why, made.bytes) and same_state(item.path, target)]
    for backup in [*same, *_too_many([made, *(item for item in before if item not in same)])]:
        if backup.path != needed:
            remove_partial(backup.path)
    return made


def back_up_if_changed(
    connection: sqlite3.Connection, path: Path, why: Why, progress: Progress = lambda *_: None
) -> str | None:
    """Back up before something happens to the file, unless its newest backup holds the same.

    Nothing is raised: where no backup could be made, what is returned says so in a line.
    """
    try:
        if same_as_newest(connection, path):
            return None
        size = _size(connection)
        folder = _made_folder(path)
        free = shutil.disk_usage(folder).free
        if free < size + SPARE:
            return f"no backup was made: {folder} has {free / 1e9:.1f} GB free, the file takes {size / 1e9:.1f}"
        back_up(connection, path, why, progress)
    except (FileError, OSError, *SQLITE_ERRORS) as error:
        return f"no backup was made: {error}"
    return None


def same_as_newest(connection: sqlite3.Connection, path: Path) -> Backup | None:
    """The newest backup of the file where nothing was written since it was made. Raises FileError."""
    backups = listed(path)
    return backups[0] if backups and written(connection) == written_in(backups[0]) else None


def daily(path: Path, progress: Progress = lambda *_: None) -> str | None:
    """Back up the file where none was made today and anything was written since; as ``back_up_if_changed``.

    A connection of its own, so that a thread can do it while somebody reviews.
    """
    try:
        backups = listed(path)
        if backups and backups[0].made_at.date() >= datetime.now(UTC).date():
            return None
        with closing(connect(path, "rw")) as connection:
            return back_up_if_changed(connection, path, "daily", progress)
    except (FileError, OSError, *SQLITE_ERRORS) as error:
        return f"no backup was made: {error}"


def new_partial(path: Path, why: Why) -> Path:
    """Where a copy is made before it gets its name: in the file's folder. Raises FileError."""
    return partial_path_in(_made_folder(path), why)


def _made_folder(path: Path) -> Path:
    """The file's folder, for its owner alone whatever the umask, without what dead processes left."""
    folder = folder_of(path)
    try:
        make_private_folder(folder)
        sweep_folder(folder)
    except OSError as error:
        raise FileError(f"{folder}: can't be written ({error.strerror}); no backup was made") from None
    return folder


def _too_many(backups: list[Backup]) -> list[Backup]:
    """Those that are not kept, of all, the newest first."""
    restored = next((backup for backup in backups if backup.why == "before-restore"), backups[0])
    kept = [backups[0]] if restored is backups[0] else [backups[0], restored]
    total = sum(backup.bytes for backup in kept)
    for backup in backups:
        if backup not in kept and len(kept) < KEPT:
            total += backup.bytes
            if total > KEPT_BYTES:
                break
            kept.append(backup)
    return [backup for backup in backups if backup not in kept]


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def written(connection: sqlite3.Connection) -> list[object]:
    """What is another after each write of eventdesk's: each appends a row, or is to a small table."""
    found: list[object] = list(connection.execute("PRAGMA user_version").fetchone())
    for table in ("documents", "events", "fields", "decisions", "imports"):
        found += connection.execute(f"SELECT max(id) FROM {table}").fetchone()
    for table in ("event_types", "event_type_fields", "saved_queries"):
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
            found.append(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall())
    return found


def written_in(backup: Backup) -> list[object] | None:
    """The same of a backup; None where it can't be read."""
    try:
        with closing(connect_alone(backup.path)) as connection:
            return written(connection)
    except SQLITE_ERRORS:
        return None
