"""Puts a backup in the place of the file as it is now, which is backed up first."""

import contextlib
import os
import shutil
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from db.errors import FileError
from db.io.atomic import partial_path, remove_partial, sweep, sync_folder
from db.maintenance.backups import (
    SQLITE_ERRORS,
    Backup,
    Counts,
    DamagedError,
    back_up,
    counts,
    new_partial,
    set_aside,
    written,
    written_in,
)
from db.maintenance.copying import Progress
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION
from db.store.sqlite import connect, connect_alone
from db.store.trust import refuse_foreign_schema

_STEP = 4096  # pages
_TRIES = 5
_TIMEOUT = 60.0  # seconds to wait for another process's lock


class _WrittenMeanwhileError(Exception):
    """Somebody wrote to the file after it was backed up."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What is in the file now. ``before`` is the backup of what was in it, None where there was no file.

    ``lost`` counts decisions that are in ``before`` alone, None where that can't be told; ``readable`` is False where
    SQLite could not read the file as it was.
    """

    counts: Counts
    before: Backup | None
    lost: int | None
    readable: bool = True


def restore(path: Path, backup: Path, progress: Progress = lambda *_: None) -> Restored:
    """Make the file what it was when a backup of it was made, in one transaction, also while others have it open.

    A file that SQLite can't read is kept in the folder of backups to the byte, and the copy takes its place.
    ``progress`` counts pages. Raises FileError, and the file is then as it was.
    """
    version = _refuse_unusable(backup)
    if path.exists() and path.samefile(backup):
        raise FileError(f"{backup}: is the file itself; `eventdesk restore {path}` lists its backups")
    wal = Path(f"{path}-wal")
    if not path.exists() and wal.exists() and wal.stat().st_size:
        raise FileError(f"{wal}: may hold the last decisions of the file that is gone; move it to another folder first")
    held = counts(backup)
    if held is None:
        raise FileError(f"{backup}: can't be read; take another backup")
    brought_up = new_partial(path, "before-restore").with_suffix(".older.partial")
    try:
        source = backup
        if version < SCHEMA_VERSION:
            # Before the file has it: reviewers who have it open know the schema of now alone.
            _bring_up(backup, brought_up)
            source = brought_up
        before: Backup | None = None
        lost: int | None = 0
        readable = True
        if path.exists():
            try:
                before, lost = _into_file(path, source, backup, progress)
                _tidy(path)
            except DamagedError:
                before, lost, readable = set_aside(path, "before-restore", backup), None, False
        if before is None or not readable:
            _in_place_of(path, source)
    except (OSError, *SQLITE_ERRORS) as error:
        raise FileError(f"{path}: was not restored ({error}); it is as it was") from None
    finally:
        remove_partial(brought_up)
    return Restored(held, before, lost, readable)


def _refuse_unusable(backup: Path) -> int:
    """The backup's schema version. Raises FileError where it is no eventdesk file, damaged or newer."""
    if not backup.is_file():
        raise FileError(f"{backup}: no such file")
    try:
        with closing(connect_alone(backup)) as connection:
            (application_id,) = connection.execute("PRAGMA application_id").fetchone()
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            (problem,) = connection.execute("PRAGMA quick_check(1)").fetchone()
            if application_id == APPLICATION_ID and version == SCHEMA_VERSION:
                refuse_foreign_schema(connection, backup)
    except SQLITE_ERRORS as error:
        raise FileError(f"{backup}: can't be restored ({error}); take another backup") from None
    if application_id != APPLICATION_ID:
        raise FileError(f"{backup}: not an eventdesk file; `eventdesk restore DB` lists the backups of one")
    if version > SCHEMA_VERSION:
        raise FileError(f"{backup}: made by a newer eventdesk (schema {version}); this one knows {SCHEMA_VERSION}")
    if problem != "ok":
        raise FileError(f"{backup}: is damaged ({problem.splitlines()[-1]}); take another backup")
    return int(version)


def _bring_up(backup: Path, copy: Path) -> None:
    from db.store.migrations import migrate

    shutil.copyfile(backup, copy)
    with closing(connect(copy, "rw")) as connection:
        migrate(connection, backup)


def _into_file(path: Path, source: Path, backup: Path, progress: Progress) -> tuple[Backup, int | None]:
    """Back up and replace what is in a file that SQLite can read. Raises DamagedError where it can't."""
    # Read-only: when the last connection that may write to a damaged file is closed, its -wal is gone.
    with closing(connect(path, "ro", timeout=_TIMEOUT)) as looking:
        for _ in range(_TRIES):
            before, lost = _backed_up(looking, path, source, backup, progress)
            try:
                _replace(looking, path, source, written_in(before), progress)
            except _WrittenMeanwhileError:
                continue
            except sqlite3.OperationalError:
                raise
            except SQLITE_ERRORS as error:
                raise DamagedError(f"{path}: can't be replaced in place ({error})") from None
            return before, lost
    raise FileError(f"{path}: others go on writing to it; nothing was restored: try again when they are done")


def _backed_up(
    looking: sqlite3.Connection, path: Path, source: Path, backup: Path, progress: Progress
) -> tuple[Backup, int | None]:
    try:
        _refuse_another(looking, path)
    except sqlite3.OperationalError:
        raise
    except SQLITE_ERRORS as error:
        raise DamagedError(f"{path}: can't be read ({error})") from None
    return back_up(looking, path, "before-restore", progress, backup), _lost(looking, source)


def _replace(
    looking: sqlite3.Connection, path: Path, source: Path, state: list[object] | None, progress: Progress
) -> None:
    """Put a copy into the file unless somebody wrote to it after its ``state``."""

    def step(_: int, left: int, total: int) -> None:
        # From the first step on nobody else can write, and nothing is committed before the last.
        if left and state is not None and written(looking) != state:
            raise _WrittenMeanwhileError
        progress(total - left, total)

    with closing(connect_alone(source)) as copy, closing(connect(path, "rw", timeout=_TIMEOUT)) as live:
        with contextlib.suppress(*SQLITE_ERRORS):  # a schema that is damaged
            live.execute("PRAGMA synchronous = FULL")
        (pages,) = copy.execute("PRAGMA page_count").fetchone()
        # One transaction of SQLite's: who reads sees the state before or the one after, and so does who comes back
        # after a kill.
        copy.backup(live, pages=min(_STEP, max(1, pages // 2)), progress=step)


def _tidy(path: Path) -> None:
    """Write what the restore left in the -wal to the file, so that the next decision need not."""
    with contextlib.suppress(sqlite3.Error), closing(connect(path, "rw", timeout=_TIMEOUT)) as last:
        last.execute("PRAGMA wal_checkpoint(PASSIVE)")


def _refuse_another(live: sqlite3.Connection, path: Path) -> None:
    (application_id,) = live.execute("PRAGMA application_id").fetchone()
    try:
        tables = {row[0] for row in live.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    except SQLITE_ERRORS:
        return  # damaged; its pages can be copied all the same
    if tables and "decisions" not in tables and application_id != APPLICATION_ID:
        raise FileError(f"{path}: a SQLite file of another program; nothing was restored into it")


def _lost(live: sqlite3.Connection, source: Path) -> int | None:
    """How many decisions the file has that the copy has not, as told by all that was written of each."""
    columns = "id, event_id, action, reviewer, decided_at, after"
    try:
        live.execute("ATTACH ? AS copy", (f"file:{quote(str(source))}?mode=ro&immutable=1",))
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
    """Put a copy where the file is, or was, by one rename."""
    sweep(path)
    partial = partial_path(path)
    try:
        shutil.copyfile(source, partial)
        if path.exists():
            shutil.copymode(path, partial)
        with partial.open("rb+") as stream:
            os.fsync(stream.fileno())
        # First: a -wal that is not of the file beside it would be taken for changes to it.
        for suffix in ("-wal", "-shm", "-journal"):
            Path(f"{path}{suffix}").unlink(missing_ok=True)
        sync_folder(path.parent)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        remove_partial(partial)
