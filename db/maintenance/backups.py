"""Automatic backups of a file: list them, make one if it is due, and delete the oldest.

They are in the state directory, one folder for each file. Their names sort by age and hold the reason for each.
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
from db.io.atomic import partial_path_in, remove_partial, sweep_folder, sync, sync_folder
from db.io.private import folder_of, make_private_folder
from db.maintenance.copying import Progress, copy_pages, same_state
from db.store.connection import can_write
from db.store.identity import Identity, read_identity
from db.store.sqlite import SQLITE_ERRORS, connect_alone

BackupReason = Literal["daily", "before-import", "before-migration", "before-repair", "before-restore", "asked"]

MAX_BACKUPS = 10  # of a file
MAX_BYTES = 10_000_000_000  # of all backups of a file, except for those that are always kept
MIN_FREE = 100_000_000  # bytes that an automatic backup leaves free on the disk

_TIME = "%Y-%m-%dT%H-%M-%SZ"
_NAME = re.compile(rf"(\d{{4}}-\d\d-\d\dT\d\d-\d\d-\d\dZ)\.({'|'.join(get_args(BackupReason))})\.db")


class DamagedError(FileError):
    """SQLite can't even copy the pages of the file."""


@dataclass(frozen=True, slots=True)
class Backup:
    """One copy of a file. ``made_at`` is UTC."""

    path: Path
    made_at: datetime
    reason: BackupReason
    bytes: int


@dataclass(frozen=True, slots=True)
class Counts:
    """The number of events and decisions in a file."""

    events: int
    decisions: int


def list_backups(path: Path) -> list[Backup]:
    """Return the backups of a file, newest first. Raises FileError."""
    found = []
    try:
        for item in folder_of(path).iterdir():
            if named := _NAME.fullmatch(item.name):
                made_at = datetime.strptime(named[1], _TIME).replace(tzinfo=UTC)
                found.append(Backup(item, made_at, named[2], item.stat().st_size))  # type: ignore[arg-type]
    except (FileNotFoundError, NotADirectoryError):
        pass
    except OSError as error:
        raise FileError(f"{folder_of(path)}: can't be read ({error.strerror}); check its permissions") from None
    return sorted(found, key=lambda backup: backup.path.name, reverse=True)


def count_rows(path: Path) -> Counts | None:
    """Return the counts of a backup; None if it can't be read."""
    try:
        with closing(connect_alone(path)) as connection:
            (events,) = connection.execute("SELECT count(*) FROM events").fetchone()
            (decisions,) = connection.execute("SELECT count(*) FROM decisions").fetchone()
    except SQLITE_ERRORS:
        return None
    return Counts(events, decisions)


def identity_of(path: Path) -> Identity | None:
    """Return the identity of a file; None if it has none, or can't be read."""
    try:
        with closing(connect_alone(path)) as connection:
            return read_identity(connection)
    except SQLITE_ERRORS:
        return None


def is_of(backup: Backup, identity: Identity | None) -> bool:
    """Return False if the backup is of another file that had the same path before."""
    found = identity_of(backup.path)
    return identity is None or found is None or found.file == identity.file


def back_up(
    connection: sqlite3.Connection,
    path: Path,
    reason: BackupReason,
    progress: Progress = lambda *_: None,
    keep: Path | None = None,
) -> Backup:
    """Back up the file as it is now, while others write to it, and delete the oldest backups except ``keep``.

    ``progress`` counts pages. Raises DamagedError if the file can't be read, FileError if the backup can't be written.
    """
    partial = new_partial(path, reason)
    try:
        copy_pages(connection, partial, progress, 0o600)
        return _add(partial, path, reason, keep)
    except (OSError, sqlite3.OperationalError) as error:
        raise FileError(f"{partial.parent}: backup failed ({error})") from None
    except SQLITE_ERRORS as error:
        raise DamagedError(f"{path}: can't be read ({error})") from None
    finally:
        remove_partial(partial)


def back_up_damaged(path: Path, reason: BackupReason, keep: Path | None = None) -> Backup:
    """Copy a file that SQLite can't read, and its write-ahead log, byte by byte to its backups. Raises FileError."""
    partial = new_partial(path, reason)
    log, partial_log = Path(f"{path}-wal"), Path(f"{partial}-wal")
    try:
        for source, target in ((path, partial), (log, partial_log)):
            if source.exists():
                shutil.copyfile(source, target)
                os.chmod(target, 0o600)
                with target.open("rb+") as stream:
                    sync(stream.fileno())
        made = _add(partial, path, reason, keep)
        if partial_log.exists():
            partial_log.rename(f"{made.path}-wal")
            sync_folder(made.path.parent)
        return made
    except OSError as error:
        raise FileError(f"{partial.parent}: backup failed ({error})") from None
    finally:
        remove_partial(partial)


def _add(partial: Path, path: Path, reason: BackupReason, keep: Path | None) -> Backup:
    """Give a finished copy its name, and delete the backups that are too many."""
    when = datetime.now(UTC).replace(microsecond=0)
    if before := list_backups(path):
        when = max(when, before[0].made_at + timedelta(seconds=1))  # names sort even if the clock was set back
    while True:
        target = partial.with_name(f"{when.strftime(_TIME)}.{reason}.db")
        try:
            os.link(partial, target)
            break
        except FileExistsError:
            when += timedelta(seconds=1)
    sync_folder(target.parent)
    made = Backup(target, when, reason, target.stat().st_size)
    # Otherwise, switching between two states would push out all other backups.
    alike = [item for item in before if (item.reason, item.bytes) == (reason, made.bytes)]
    same = [item for item in alike if same_state(item.path, target)]
    for backup in [*same, *_too_many([made, *(item for item in before if item not in same)])]:
        if backup.path != keep:
            remove_partial(backup.path)
    return made


def back_up_if_changed(
    connection: sqlite3.Connection, path: Path, reason: BackupReason, progress: Progress = lambda *_: None
) -> str | None:
    """Back up the file unless its newest backup is the same. If that fails, return a line that says why."""
    try:
        if not can_write(connection) or same_as_newest(connection, path):
            return None
        size = _size(connection)
        folder = _make_folder(path)
        free = shutil.disk_usage(folder).free
        if free < size + MIN_FREE:
            return f"no backup made: {folder} has {free / 1e9:.1f} GB free, the file has {size / 1e9:.1f}"
        back_up(connection, path, reason, progress)
    except (FileError, OSError, *SQLITE_ERRORS) as error:
        return f"no backup made: {error}"
    return None


def same_as_newest(connection: sqlite3.Connection, path: Path) -> Backup | None:
    """Return the newest backup if nothing was written since it was made. Raises FileError."""
    backups = list_backups(path)
    return backups[0] if backups and fingerprint(connection) == backup_fingerprint(backups[0]) else None


def back_up_daily(connection: sqlite3.Connection, path: Path, progress: Progress = lambda *_: None) -> str | None:
    """Do ``back_up_if_changed``, at most once a day."""
    try:
        backups = list_backups(path)
        today = bool(backups) and backups[0].made_at.date() >= datetime.now(UTC).date()
        if today and is_of(backups[0], read_identity(connection)):
            return None
        return back_up_if_changed(connection, path, "daily", progress)
    except (FileError, OSError, *SQLITE_ERRORS) as error:
        return f"no backup made: {error}"


def new_partial(path: Path, reason: BackupReason) -> Path:
    """Return the path for an unfinished copy in the file's backup folder. Raises FileError."""
    return partial_path_in(_make_folder(path), reason)


def _make_folder(path: Path) -> Path:
    """Create the file's private backup folder, and remove what dead processes left in it."""
    folder = folder_of(path)
    try:
        make_private_folder(folder)
        sweep_folder(folder)
    except OSError as error:
        raise FileError(f"{folder}: can't be written ({error.strerror})") from None
    return folder


def _too_many(backups: list[Backup]) -> list[Backup]:
    """Return the backups to delete. ``backups`` is sorted, newest first.

    The newest, the last restore's, and the newest of another file that had the same path before stay.
    """
    newest, identity = backups[0], identity_of(backups[0].path)
    restored = next((backup for backup in backups if backup.reason == "before-restore"), newest)
    other = next((backup for backup in backups if not is_of(backup, identity)), newest)
    kept = list(dict.fromkeys((newest, restored, other)))
    total = sum(backup.bytes for backup in kept)
    for backup in backups:
        if backup not in kept and len(kept) < MAX_BACKUPS:
            total += backup.bytes
            if total > MAX_BYTES:
                break
            kept.append(backup)
    return [backup for backup in backups if backup not in kept]


def _size(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    (size,) = connection.execute("PRAGMA page_size").fetchone()
    return int(pages * size)


def fingerprint(connection: sqlite3.Connection) -> list[object]:
    """Return values that every write of eventdesk changes: it appends a row, or it changes a small table."""
    found: list[object] = list(connection.execute("PRAGMA user_version").fetchone())
    found.append(read_identity(connection))
    for table in ("documents", "events", "fields"):
        found += connection.execute(f"SELECT max(id) FROM {table}").fetchone()
    # The time, too, because a copy that was reviewed apart and moved back may have as many rows.
    for table, time in (("decisions", "decided_at"), ("imports", "started_at")):
        found.append(connection.execute(f"SELECT id, {time} FROM {table} ORDER BY id DESC LIMIT 1").fetchone())
    for table in ("event_types", "event_type_fields", "saved_queries"):
        if connection.execute("SELECT 1 FROM sqlite_schema WHERE name = ?", (table,)).fetchone():
            found.append(connection.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall())
    return found


def backup_fingerprint(backup: Backup) -> list[object] | None:
    """Return the fingerprint of a backup; None if it can't be read."""
    try:
        with closing(connect_alone(backup.path)) as connection:
            return fingerprint(connection)
    except SQLITE_ERRORS:
        return None
