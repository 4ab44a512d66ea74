"""Rebuilds what is derived: the state from extraction and decisions, and indexes, triggers and views."""

import contextlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from db.decisions.replay import differences, rebuild
from db.errors import FileError
from db.maintenance.backups import Backup, DamagedError, back_up, back_up_damaged
from db.maintenance.check import DECIDED, READ_ERRORS, check
from db.maintenance.copying import Progress
from db.store.connection import check_path, refuse_unwritable, writing
from db.store.identity import renew_identity
from db.store.lookup_index import index_all
from db.store.reading import read_decisions, read_event
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION, open_in_memory, renew_triggers_and_views
from db.store.sqlite import connect
from db.store.trust import refuse_foreign_schema
from db.store.valid.patches import patch_from_json

_FULL_TEXT = ("documents_fts", "field_values_fts")


def repair(
    path: Path, copied: Progress = lambda *_: None, progress: Progress = lambda *_: None
) -> tuple[sqlite3.Connection, Backup]:
    """Back up the file, rebuild in one transaction, and return the open connection and the backup.

    ``copied`` counts pages of the backup, ``progress`` the events whose decisions were replayed. Raises FileError and
    leaves the file unchanged.
    """
    backup = _backed_up(path, copied)
    connection = connect(path, "rw")
    try:
        # Rows without a parent must not stop the repair; the check reports them.
        connection.execute("PRAGMA foreign_keys = OFF")
        _refuse_another(connection, path)
        with writing(connection):
            _drop_triggers(connection)
            _make_indexes(connection)
            connection.execute("DELETE FROM field_values")
            connection.execute("DELETE FROM presence")  # open reviewers add theirs again
            restate(connection, progress)
            index_all(connection)
            renew_triggers_and_views(connection)
            renew_identity(connection)  # open reviewers then search again
            refuse_foreign_schema(connection, path)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        connection.execute("PRAGMA foreign_keys = ON")
    except READ_ERRORS as error:
        connection.close()
        raise FileError(
            f"{path}: can't be repaired ({error}) and is unchanged;"
            f" save what can be read with: eventdesk check {path} --salvage NEW"
        ) from None
    except BaseException:
        connection.close()
        raise
    return connection, backup


def find_problems(path: Path, progress: Progress = lambda *_: None) -> list[str]:
    """Return the problems a check finds, even in a file that ``open_file`` rejects. Raises FileError."""
    check_path(path)
    refuse_unwritable(path)
    try:
        with closing(connect(path, "rw")) as connection:
            return [problem for finding in check(connection, progress) for problem in finding.problems]
    except READ_ERRORS as error:
        raise FileError(f"{path}: can't be opened ({error})") from None


def restate(connection: sqlite3.Connection, progress: Progress = lambda *_: None) -> None:
    """Set every event and field to the result of extraction and decisions, within the caller's transaction.

    Events whose decisions can't be read stay unchanged. The table of values is not updated.
    """
    execute = connection.execute
    _relate(connection)
    execute(
        "UPDATE events SET status = 'pending', reason = NULL, reason_text = NULL, note = NULL, reviewer = NULL,"
        " decided_at = NULL, type = coalesce(extracted_type, type), live = extracted_type IS NOT NULL,"
        " merged_into = NULL WHERE (status, reason, reason_text, note, reviewer, decided_at, type, live, merged_into)"
        " IS NOT ('pending', NULL, NULL, NULL, NULL, NULL, coalesce(extracted_type, type), extracted_type IS NOT NULL,"
        f" NULL) AND id NOT IN ({DECIDED})"
    )
    execute(
        "UPDATE fields SET name = extracted_name, field_group = extracted_group, value = extracted_value,"
        " modifier = extracted_modifier, state = iif(in_extraction, 'extracted', 'removed'), note = NULL"
        " WHERE extracted_name IS NOT NULL AND (name, field_group, value, modifier, state, note) IS NOT"
        " (extracted_name, extracted_group, extracted_value, extracted_modifier,"
        f" iif(in_extraction, 'extracted', 'removed'), NULL) AND event_id NOT IN ({DECIDED})"
    )
    undecided = f"(SELECT id FROM fields WHERE event_id NOT IN ({DECIDED}))"
    execute(f"DELETE FROM evidence WHERE extracted = 0 AND field_id IN {undecided}")
    execute(f"UPDATE evidence SET current = 1 WHERE current = 0 AND field_id IN {undecided}")
    decided = [row[0] for row in execute(f"SELECT event_id FROM ({DECIDED}) ORDER BY 1")]
    for done, event_id in enumerate(decided, 1):
        execute("SAVEPOINT event")
        try:
            if differences(read_event(connection, event_id), read_decisions(connection, event_id)):
                rebuild(connection, event_id)
        except READ_ERRORS:
            if not connection.in_transaction:
                raise
            execute("ROLLBACK TO event")
        execute("RELEASE event")
        progress(done, len(decided))


def _relate(connection: sqlite3.Connection) -> None:
    """Link each decision to the other events it changed, according to its patch."""
    events = {row[0] for row in connection.execute("SELECT id FROM events")}
    said: set[tuple[int, int]] = set()
    for decision_id, event_id, after in connection.execute("SELECT id, event_id, after FROM decisions"):
        with contextlib.suppress(*READ_ERRORS):
            others = patch_from_json(after).events.keys() - {event_id}
            said.update((decision_id, other) for other in others & events)
    there = set(connection.execute("SELECT decision_id, event_id FROM decision_events"))
    connection.executemany("DELETE FROM decision_events WHERE decision_id = ? AND event_id = ?", there - said)
    connection.executemany("INSERT INTO decision_events VALUES (?, ?)", said - there)


def _backed_up(path: Path, progress: Progress) -> Backup:
    check_path(path)
    refuse_unwritable(path)
    try:
        # Read-only: closing the last writable connection would delete the write-ahead log of a damaged file.
        with closing(connect(path, "ro")) as connection:
            return back_up(connection, path, "before-repair", progress)
    except DamagedError:
        return back_up_damaged(path, "before-repair")


def _refuse_another(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse files of other programs and schemas by the recorded migrations: the header may be damaged."""
    try:
        (steps,) = connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()
    except sqlite3.OperationalError as error:
        raise FileError(f"{path}: not an eventdesk file ({error}); nothing was changed") from None
    if steps > SCHEMA_VERSION:
        raise FileError(f"{path}: made by a newer eventdesk; upgrade to repair it")
    if steps < SCHEMA_VERSION:
        raise FileError(f"{path}: made by an older eventdesk; migrate it first with: eventdesk check {path}")


def _drop_triggers(connection: sqlite3.Connection) -> None:
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {_quoted(name)}")


def _make_indexes(connection: sqlite3.Connection) -> None:
    """Recreate indexes that are missing or differ from the schema, and the full-text tables; reindex the rest."""
    with closing(open_in_memory()) as schema:
        expected = schema.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
            " OR name IN (?, ?, 'presence', 'identity') ORDER BY rootpage",
            _FULL_TEXT,
        ).fetchall()
    for kind, name, sql in expected:
        found = connection.execute("SELECT type, sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        if found == (kind, sql) and name not in _FULL_TEXT:
            continue
        if found:
            connection.execute(f"DROP {re.sub('[^a-z]', '', found[0])} {_quoted(name)}")
        connection.execute(sql)
    connection.execute("REINDEX")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
