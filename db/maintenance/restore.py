"""Restores a file from a backup, after backing up the file as it is now."""

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.errors import FileError
from db.io.atomic import partial_path, refuse_leftovers, remove_partial, sweep, sync, sync_folder
from db.maintenance.backups import (
    Backup,
    Counts,
    DamagedError,
    back_up,
    back_up_damaged,
    backup_fingerprint,
    count_rows,
    fingerprint,
    identity_of,
    is_of,
    new_partial,
)
from db.maintenance.copying import Progress, copy_pages
from db.store.connection import refuse_unwritable
from db.store.identity import renew_identity
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION
from db.store.sqlite import SQLITE_ERRORS, connect, connect_alone, has_wal, uses_wal
from db.store.trust import refuse_foreign_schema

_STEP = 4096  # pages
_TRIES = 5
_TIMEOUT = 60.0  # seconds to wait for another process's lock


class _ChangedError(Exception):
    """Another process wrote to the file after it was backed up."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The content of a restored file. ``before`` is the backup of its former content; None if there was no file.

    ``lost`` counts decisions that are only in ``before``; None if that is unknown. ``readable`` is False if SQLite
    couldn't read the former file, and ``same`` is False if the backup was of another file.
    """

    counts: Counts
    before: Backup | None
    lost: int | None
    readable: bool = True
    same: bool = True


def restore(path: Path, backup: Path, progress: Progress = lambda *_: None) -> Restored:
    """Restore a file from a backup in one transaction, even while others have it open; ``progress`` counts pages.

    A file that SQLite can't read is copied to the backups byte by byte, and replaced. Raises FileError and leaves the
    file unchanged.
    """
    version = _refuse_unusable(backup)
    if path.exists() and path.samefile(backup):
        raise FileError(f"{backup}: is the file itself; list its backups with: eventdesk restore {path}")
    refuse_unwritable(path)
    path = Path(os.path.realpath(path))  # a link stays, and what it points to is replaced
    if not path.exists():
        refuse_leftovers(path, FileError)
    counts = count_rows(backup)
    if counts is None:
        raise FileError(f"{backup}: can't be read; choose another backup")
    source = new_partial(path, "before-restore").with_suffix(".older.partial")
    try:
        _prepare(backup, source, version)
        before: Backup | None = None
        lost: int | None = 0
        readable = True
        if path.exists():
            try:
                before, lost = _into_file(path, source, backup, progress)
                _tidy(path)
            except DamagedError:
                before, lost, readable = back_up_damaged(path, "before-restore", backup), None, False
        if before is None or not readable:
            _in_place_of(path, source)
    except (OSError, *SQLITE_ERRORS) as error:
        raise FileError(f"{path}: can't be restored ({error}) and is unchanged") from None
    finally:
        remove_partial(source)
    same = before is None or is_of(before, identity_of(backup))
    return Restored(counts, before, lost, readable, same)


def _refuse_unusable(backup: Path) -> int:
    """Return the backup's schema version. Raises FileError if it isn't an eventdesk file, is damaged, or is newer."""
    if not backup.is_file():
        what = "is a folder or a pipe; name a backup" if backup.exists() else "no such file"
        raise FileError(f"{backup}: {what}")
    try:
        with closing(connect_alone(backup)) as connection:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if application_id == APPLICATION_ID and version == SCHEMA_VERSION:
                refuse_foreign_schema(connection, backup)
    except SQLITE_ERRORS as error:
        raise FileError(f"{backup}: can't be restored ({error}); choose another backup") from None
    if application_id != APPLICATION_ID:
        raise FileError(f"{backup}: not an eventdesk file; list the backups with: eventdesk restore DB")
    if version > SCHEMA_VERSION:
        raise FileError(f"{backup}: made by a newer eventdesk (schema {version}, not {SCHEMA_VERSION}); upgrade")
    if problem != "ok":
        raise FileError(f"{backup}: is damaged ({problem.splitlines()[-1]}); choose another backup")
    return int(version)


def _prepare(backup: Path, copy: Path, version: int) -> None:
    """Copy the backup, migrate the copy, because open reviewers know only the current schema, and name the restore."""
    with closing(connect_alone(backup)) as connection:
        copy_pages(connection, copy, mode=0o600)
    with closing(connect(copy, "rw")) as connection:
        if version < SCHEMA_VERSION:
            from db.store.migrations import migrate

            migrate(connection, backup)
        renew_identity(connection)


def _into_file(path: Path, source: Path, backup: Path, progress: Progress) -> tuple[Backup, int | None]:
    """Back up a file and replace its content. Raises DamagedError if SQLite can't read the file."""
    if not path.stat().st_size:  # SQLite would delete its write-ahead log
        raise DamagedError(f"{path}: is empty")
    if not has_wal(path) and not uses_wal(
        path
    ):  # a copy that was moved here: nobody could read it while it is replaced
        with contextlib.suppress(*SQLITE_ERRORS), closing(connect(path, "rw", timeout=_TIMEOUT)) as live:
            live.execute("PRAGMA journal_mode = WAL")
    # Read-only: closing the last writable connection would delete the write-ahead log of a damaged file.
    with closing(connect(path, "ro", timeout=_TIMEOUT)) as reader:
        for _ in range(_TRIES):
            before, lost = _backed_up(reader, path, source, backup, progress)
            try:
                _replace(reader, path, source, backup_fingerprint(before), progress)
            except _ChangedError:
                continue
            except sqlite3.OperationalError:
                raise
            except SQLITE_ERRORS as error:
                raise DamagedError(f"{path}: can't be replaced in place ({error})") from None
            return before, lost
    raise FileError(f"{path}: other processes keep writing to it; not restored, try again when they are done")


def _backed_up(
    reader: sqlite3.Connection, path: Path, source: Path, backup: Path, progress: Progress
) -> tuple[Backup, int | None]:
    try:
        _refuse_another(reader, path)
    except sqlite3.OperationalError:
        raise
    except SQLITE_ERRORS as error:
        raise DamagedError(f"{path}: can't be read ({error})") from None
    return back_up(reader, path, "before-restore", progress, backup), _lost(reader, source)


def _replace(
    reader: sqlite3.Connection, path: Path, source: Path, state: list[object] | None, progress: Progress
) -> None:
    """Copy ``source`` into the file, unless it was written to since it had the fingerprint ``state``."""

    def step(_: int, left: int, total: int) -> None:
        # From the first step on, nobody else can write, and nothing is committed before the last.
        if left and state is not None and fingerprint(reader) != state:
            raise _ChangedError
        progress(total - left, total)

    with closing(connect_alone(source)) as copy, closing(connect(path, "rw", timeout=_TIMEOUT)) as live:
        with contextlib.suppress(*SQLITE_ERRORS):  # the schema may be damaged
            live.execute("PRAGMA synchronous = FULL")
        (pages,) = copy.execute("PRAGMA page_count").fetchone()
        # A single transaction: readers see the state before or after it, and so does the next start after a kill.
        copy.backup(live, pages=min(_STEP, max(1, pages // 2)), progress=step)


def _tidy(path: Path) -> None:
    """Checkpoint the restored pages, so that the next decision doesn't have to."""
    with contextlib.suppress(sqlite3.Error), closing(connect(path, "rw", timeout=_TIMEOUT)) as last:
        last.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _refuse_another(live: sqlite3.Connection, path: Path) -> None:
    (application_id,) = live.execute("PRAGMA application_id").fetchone()
    try:
        tables = {row[0] for row in live.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except SQLITE_ERRORS:
        return  # damaged, but its pages can still be copied
    if tables and "decisions" not in tables and application_id != APPLICATION_ID:
        raise FileError(f"{path}: a SQLite database, but not an eventdesk file; not restored")


def _lost(live: sqlite3.Connection, source: Path) -> int | None:
    """Return how many decisions of the file are not in the copy; None if that can't be read."""
    columns = "id, event_id, action, reviewer, decided_at, after"
    try:
        live.execute("ATTACH ? AS copy", (f"file:{quote(os.fsencode(source))}?mode=ro&immutable=1",))
        try:
            count: int = live.execute(
                f"SELECT count(*) FROM (SELECT {columns} FROM main.decisions"
                f" EXCEPT SELECT {columns} FROM copy.decisions)"
            ).fetchone()[0]
        finally:
            live.execute("DETACH copy")
    except SQLITE_ERRORS:
        return None
    return count


def _in_place_of(path: Path, source: Path) -> None:
    """Replace the file with a copy, by a single rename."""
    sweep(path)
    partial = partial_path(path)
    try:
        shutil.copyfile(source, partial)
        if path.exists():
            shutil.copymode(path, partial)
        with partial.open("rb+") as stream:
            sync(stream.fileno())
        # First, because SQLite would apply the write-ahead log of the old file to the new one.
        for suffix in ("-wal", "-shm", "-journal"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        sync_folder(path.parent)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        remove_partial(partial)
