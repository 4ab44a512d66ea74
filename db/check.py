"""Proves that the stored state is extraction + decisions, and that the file is sound."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from db.lookup_index import index_documents
from db.reading import read_decisions, read_event
from db.replay import differences

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Finding:
    """The outcome of one check; ``problems`` is empty when it holds. ``looked_at`` counts what ``unit`` names."""

    name: str
    looked_at: int
    unit: str
    problems: tuple[str, ...]


def check(connection: sqlite3.Connection, progress: Progress = lambda *_: None) -> Iterator[Finding]:
    """Run every check in turn; ``progress`` counts the events whose decisions have been replayed."""
    yield _integrity(connection)
    yield _foreign_keys(connection)
    yield _append_only(connection)
    yield _full_text(connection)
    yield _evidence(connection)
    yield _undecided(connection)
    yield _replayed(connection, progress)


def _integrity(connection: sqlite3.Connection) -> Finding:
    found = [row[0] for row in connection.execute("PRAGMA integrity_check")]
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    return Finding("SQLite's integrity check", pages, "pages", tuple(line for line in found if line != "ok"))


def _foreign_keys(connection: sqlite3.Connection) -> Finding:
    problems = tuple(
        f"{table} row {rowid} refers to a {parent} that is not there"
        for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check")
    )
    return Finding("references between tables", _count(connection, "events"), "events", problems)


def _append_only(connection: sqlite3.Connection) -> Finding:
    wanted = {"decisions_are_not_updated", "decisions_are_not_deleted", "decisions_are_not_replaced",
              "decision_events_are_not_updated", "decision_events_are_not_deleted"}  # fmt: skip
    there = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
    problems = [f"trigger {name} is missing: decisions could be changed" for name in sorted(wanted - there)]
    count = _count(connection, "decisions")
    (highest,) = connection.execute(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'decisions'), 0)"
    ).fetchone()
    if highest != count:
        problems.append(f"{highest} decisions were made, {count} are there")
    return Finding("decisions are append-only and all there", count, "decisions", tuple(problems))


def _full_text(connection: sqlite3.Connection) -> Finding:
    """The index has no copy of the texts to compare: another is made, and both must have the same words as often."""
    connection.execute(
        'CREATE VIRTUAL TABLE temp.indexed_again USING fts5 (title, text, content="", columnsize=0,'
        ' tokenize="unicode61 remove_diacritics 2")'
    )
    try:
        texts = connection.execute("SELECT id, title, text FROM documents ORDER BY id")
        index_documents(connection, texts, "temp.indexed_again")
        for number, (schema, table) in enumerate((("main", "documents_fts"), ("temp", "indexed_again"))):
            connection.execute(f"CREATE VIRTUAL TABLE temp.words_{number} USING fts5vocab ({schema}, {table}, col)")
        differing = connection.execute(
            "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM words_0 EXCEPT SELECT * FROM words_1)"
            " UNION ALL SELECT * FROM (SELECT * FROM words_1 EXCEPT SELECT * FROM words_0))"
        ).fetchone()[0]
    except sqlite3.DatabaseError as error:
        differing = str(error)
    finally:
        for table in ("words_0", "words_1", "indexed_again"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{table}")
    problems = [f"the full-text index is not that of the documents ({differing} words differ)"] if differing else []
    problems += [
        f"{count} fields have the {name} {value!r}; the table of values has {known}"
        for name, value, count, known in connection.execute(
            "SELECT used.name, used.value, used.count, coalesce(uses, 0) FROM (SELECT name, value, count(*) AS count"
            " FROM fields WHERE state <> 'removed' AND value >= '' GROUP BY name, value) AS used LEFT JOIN field_values"
            " ON field_values.name = used.name AND field_values.value = used.value WHERE used.count IS NOT uses"
            " UNION ALL SELECT name, value, 0, uses FROM field_values WHERE uses <> 0 AND NOT EXISTS"
            " (SELECT 1 FROM fields WHERE fields.name = field_values.name AND fields.value = field_values.value"
            " AND state <> 'removed')"
        )
    ]
    return Finding("full-text index and values", _count(connection, "documents"), "documents", tuple(problems))


def _evidence(connection: sqlite3.Connection) -> Finding:
    rows = connection.execute(
        "SELECT events.external_id, fields.name, start_offset, end_offset FROM evidence"
        " JOIN fields ON fields.id = evidence.field_id JOIN events ON events.id = fields.event_id"
        " JOIN documents ON documents.id = events.document_id"
        " WHERE NOT (0 <= start_offset AND start_offset < end_offset)"
        # length() stops at a NUL character, so a text that holds one is measured by its bytes.
        " OR end_offset > max(length(coalesce(text, title, '')), length(CAST(coalesce(text, title, '') AS BLOB)))"
    )
    problems = tuple(
        f"event {event}: evidence of {name} [{start}, {end}] is outside the text" for event, name, start, end in rows
    )
    return Finding("evidence lies within its text", _count(connection, "evidence"), "spans", problems)


_DECIDED = "SELECT event_id FROM decisions UNION SELECT event_id FROM decision_events"


def _undecided(connection: sqlite3.Connection) -> Finding:
    """Events that nobody decided about must be as extracted: told by SQL alone, so that a million take seconds."""
    problems = [
        f"event {event} is {status} without a decision"
        for event, status in connection.execute(
            "SELECT external_id, status FROM events WHERE (status, note, reason, reason_text, reviewer, decided_at,"
            " type, live, merged_into) IS NOT ('pending', NULL, NULL, NULL, NULL, NULL, extracted_type, 1, NULL)"
            f" AND id NOT IN ({_DECIDED})"
        )
    ]
    problems += [
        f"event {event}: field {name} is not as extracted, without a decision"
        for event, name in connection.execute(
            "SELECT events.external_id, fields.name FROM fields JOIN events ON events.id = fields.event_id"
            " WHERE (fields.name, field_group, value, modifier, state, fields.note) IS NOT (extracted_name,"
            " extracted_group, extracted_value, extracted_modifier, iif(in_extraction, 'extracted', 'removed'), NULL)"
            f" AND event_id NOT IN ({_DECIDED})"
        )
    ]
    problems += [
        f"event {event}: evidence of {name} is not as extracted, without a decision"
        for event, name in connection.execute(
            "SELECT events.external_id, fields.name FROM evidence JOIN fields ON fields.id = evidence.field_id"
            " JOIN events ON events.id = fields.event_id"
            f" WHERE extracted <> current AND event_id NOT IN ({_DECIDED})"
        )
    ]
    (looked_at,) = connection.execute(f"SELECT count(*) FROM events WHERE id NOT IN ({_DECIDED})").fetchone()
    return Finding("undecided events are as extracted", looked_at, "events", tuple(problems))


def _replayed(connection: sqlite3.Connection, progress: Progress) -> Finding:
    decided = [row[0] for row in connection.execute(f"SELECT event_id FROM ({_DECIDED}) ORDER BY 1")]
    total = len(decided)
    problems: list[str] = []
    for done, event_id in enumerate(decided, 1):
        problems += differences(read_event(connection, event_id), read_decisions(connection, event_id))
        progress(done, total)
    return Finding("decided events are extraction + decisions", total, "events", tuple(problems))


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count
