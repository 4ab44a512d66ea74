"""Makes anew what is derived from what is not: the state from extraction and decisions, indexes, triggers, views."""

import contextlib
import re
import sqlite3
from contextlib import closing
from pathlib import Path

from db.decisions.replay import differences, rebuild
from db.errors import FileError
from db.maintenance.backups import Backup, DamagedError, back_up, set_aside
from db.maintenance.check import DECIDED, READ_ERRORS, check
from db.maintenance.copying import Progress
from db.store.connection import writing
from db.store.lookup_index import index_all
from db.store.reading import patch_from_json, read_decisions, read_event
from db.store.schema import APPLICATION_ID, SCHEMA_VERSION, open_in_memory, renew_triggers_and_views
from db.store.sqlite import connect
from db.store.trust import refuse_foreign_schema

_FULL_TEXT = ("documents_fts", "field_values_fts")


def repair(
    path: Path, copied: Progress = lambda *_: None, progress: Progress = lambda *_: None
) -> tuple[sqlite3.Connection, Backup]:
    """Back the file up, then make anew what is derived, in one transaction; the connection is open for a check.

    ``copied`` counts pages of the backup, ``progress`` the events whose decisions were replayed. Raises FileError, and
    the file is then as it was.
    """
    backup = _backed_up(path, copied)
    connection = connect(path, "rw")
    try:
        # What refers to nothing is found by the check, and is no reason to leave all else as it is.
        connection.execute("PRAGMA foreign_keys = OFF")
        _refuse_another(connection, path)
        with writing(connection):
            _drop_what_runs(connection)
            _make_indexes(connection)
            connection.execute("DELETE FROM field_values")
            restate(connection, progress)
            index_all(connection)
            renew_triggers_and_views(connection)
            refuse_foreign_schema(connection, path)
            connection.execute(f"PRAGMA application_id = {APPLICATION_ID:d}")
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION:d}")
        connection.execute("PRAGMA foreign_keys = ON")
    except READ_ERRORS as error:
        connection.close()
        raise FileError(
            f"{path}: can't be repaired in place ({error}), and is as it was; `eventdesk check {path} --salvage NEW`"
            " saves what can be read"
        ) from None
    except BaseException:
        connection.close()
        raise
    return connection, backup


def problems(path: Path, progress: Progress = lambda *_: None) -> list[str]:
    """What a check finds in a file, also in one that `db.store.connection` refuses to open. Raises FileError."""
    try:
        with closing(connect(path, "rw")) as connection:
            return [problem for finding in check(connection, progress) for problem in finding.problems]
    except READ_ERRORS as error:
        raise FileError(f"{path}: can't be opened ({error})") from None


def restate(connection: sqlite3.Connection, progress: Progress = lambda *_: None) -> None:
    """Set the state of every event and field to what extraction and decisions give. The caller holds the transaction.

    An event whose decisions can't be read stays as it is. The table of values is not kept up.
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
    """Which other events a decision changed, from its patch."""
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
    if not path.is_file():
        raise FileError(f"{path}: no such file")
    try:
        # Read-only: when the last connection that may write to a damaged file is closed, its -wal is gone.
        with closing(connect(path, "ro")) as connection:
            return back_up(connection, path, "before-repair", progress)
    except DamagedError:
        return set_aside(path, "before-repair")


def _refuse_another(connection: sqlite3.Connection, path: Path) -> None:
    """By the steps that made it, since the header may be what is damaged."""
    try:
        (steps,) = connection.execute("SELECT count(*) FROM _sqlite_migrations").fetchone()
    except sqlite3.OperationalError as error:
        raise FileError(f"{path}: not an eventdesk file ({error}); nothing was repaired") from None
    if steps > SCHEMA_VERSION:
        raise FileError(f"{path}: made by a newer eventdesk; repair it with that")
    if steps < SCHEMA_VERSION:
        raise FileError(f"{path}: made by an older eventdesk; `eventdesk check {path}` brings it up to date first")


def _drop_what_runs(connection: sqlite3.Connection) -> None:
    """Every trigger, whoever made it."""
    for (name,) in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
        connection.execute(f"DROP TRIGGER {_quoted(name)}")


def _make_indexes(connection: sqlite3.Connection) -> None:
    """Our indexes and full-text tables, made anew where they are missing or others, and sorted again."""
    with closing(open_in_memory()) as ours:
        made = ours.execute(
            "SELECT type, name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL"
            " OR name IN (?, ?, 'presence') ORDER BY rootpage",
            _FULL_TEXT,
        ).fetchall()
    for kind, name, sql in made:
        found = connection.execute("SELECT type, sql FROM sqlite_schema WHERE name = ?", (name,)).fetchone()
        if found == (kind, sql) and name not in _FULL_TEXT:
            continue
        if found:
            connection.execute(f"DROP {re.sub('[^a-z]', '', found[0])} {_quoted(name)}")
        connection.execute(sql)
    connection.execute("REINDEX")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
