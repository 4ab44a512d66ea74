"""Checks that a file is sound, and that its stored state is the extraction plus the decisions."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

from db.decisions.replay import broken_links, differences
from db.errors import DamagedRowError
from db.maintenance.copying import Progress
from db.model import Decision, Event, Patch
from db.store.event_types import read_event_types
from db.store.reading import read_decision, read_decisions, read_event
from db.store.texts.earlier import has_earlier_texts, out_of_order
from db.store.valid import fetching, patches, rows
from db.text.folding import folded, spaced

# Reading a damaged file raises SQLite's errors, and whatever code raises that reads nonsensical rows.
READ_ERRORS = (
    sqlite3.DatabaseError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    ArithmeticError,
    RecursionError,
)
SALVAGE = "salvage"  # the format of the row in imports that records how many decisions a salvage lost

_COUNT_EVENTS = "SELECT count(*) FROM events"
_COUNT_DECISIONS = "SELECT count(*) FROM decisions"
DECIDED = "SELECT event_id FROM decisions UNION SELECT event_id FROM decision_events"
_Texts = tuple[int, str] | tuple[int, str | None, str | None]


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check of ``checked`` pages, events or whatever ``unit`` names; sound if it has no problems."""

    name: str
    checked: int
    unit: str
    problems: tuple[str, ...]


def check(connection: sqlite3.Connection, progress: Progress = lambda *_: None) -> Iterator[Finding]:
    """Run every check; ``progress`` counts the events whose decisions were replayed. Raises nothing for damage."""
    for name, count, unit, problems in (
        ("SQLite's integrity check", "PRAGMA page_count", "pages", _integrity(connection)),
        ("references between tables", _COUNT_EVENTS, "events", _foreign_keys(connection)),
        ("decisions are append-only and complete", _COUNT_DECISIONS, "decisions", _append_only(connection)),
        ("full-text index and values", "SELECT count(*) FROM documents", "documents", _lookups(connection)),
        ("every row is readable", "SELECT (SELECT count(*) FROM events) + (SELECT count(*) FROM fields)", "rows",
         _rows(connection)),
        ("evidence is within its text", "SELECT count(*) FROM evidence", "spans", _evidence(connection)),
        ("undecided events equal their extraction", f"{_COUNT_EVENTS} WHERE id NOT IN ({DECIDED})", "events",
         _undecided(connection)),
        ("decided events equal extraction + decisions", f"SELECT count(*) FROM ({DECIDED})", "events",
         _replayed(connection, progress)),
    ):  # fmt: skip
        found = collect_problems(problems)
        yield Finding(name, _count(connection, count, found), unit, tuple(found))


def collect_problems(problems: Iterable[str]) -> list[str]:
    """Return the problems; a read error ends them and becomes the last."""
    found = []
    try:
        for problem in problems:
            found.append(problem)  # noqa: PERF402 (keeps what came before an error)
    except READ_ERRORS as error:
        found.append(f"can't be read: {error}")
    return found


def _count(connection: sqlite3.Connection, query: str, problems: list[str]) -> int:
    try:
        count: int = connection.execute(query).fetchone()[0]
    except READ_ERRORS as error:
        if not problems:
            problems.append(f"can't be counted: {error}")
        return 0
    return count


def _integrity(connection: sqlite3.Connection) -> Iterator[str]:
    for (line,) in connection.execute("PRAGMA integrity_check"):
        if line != "ok":
            yield str(line)


def _foreign_keys(connection: sqlite3.Connection) -> Iterator[str]:
    for table, rowid, parent, _ in connection.execute("PRAGMA foreign_key_check"):
        yield f"{table} row {rowid} refers to a missing row of {parent}"


def _append_only(connection: sqlite3.Connection) -> Iterator[str]:
    required = {"decisions_are_not_updated", "decisions_are_not_deleted", "decisions_are_not_replaced",
              "decision_events_are_not_updated", "decision_events_are_not_deleted", "earlier_texts_are_not_updated",
              "earlier_texts_are_not_deleted", "earlier_texts_are_not_replaced"}  # fmt: skip
    existing = {row[0] for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'")}
    for name in sorted(required - existing):
        yield f"trigger {name} is missing: {name.split('_are_')[0].replace('_', ' ')} could be changed"
    highest, count, known = _decisions_missing(connection)
    if highest - count != known:
        yield f"{highest - known} decisions were made, but the file has {count}"
    yield from out_of_order(connection)


def _decisions_missing(connection: sqlite3.Connection) -> tuple[int, int, int]:
    """Return the highest id of a decision, the number of decisions, and how many of them a salvage reported as lost."""
    highest, count, known = connection.execute(
        "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'decisions'), 0),"
        " (SELECT count(*) FROM decisions),"
        " (SELECT coalesce(sum(refused), 0) FROM imports WHERE format = ?)",
        (SALVAGE,),
    ).fetchone()
    return int(highest), int(count), int(known)


def _lookups(connection: sqlite3.Connection) -> Iterator[str]:
    sql = "SELECT id, title, text FROM documents WHERE id > :after ORDER BY id"
    texts = fetching.in_order(connection, sql, {}, rows.DOCUMENT, tuple, _ignore)  # another check names damaged rows
    yield from _full_text(connection, "documents", "title, text", texts)
    for _, name, text, fold in _values(connection):
        if fold != folded(text):
            yield f"the value {text!r:.60} of {name} is indexed as {fold!r:.60}"
    yield from _full_text(connection, "field_values", "value", ((id_, text) for id_, _, text, _ in _values(connection)))
    for name, value, count, known in connection.execute(
        "SELECT used.name, used.value, used.count, coalesce(uses, 0) FROM (SELECT name, value, count(*) AS count"
        " FROM fields WHERE state <> 'removed' AND value >= '' GROUP BY name, value) AS used LEFT JOIN field_values"
        " ON field_values.name = used.name AND field_values.value = used.value WHERE used.count IS NOT uses"
        " UNION ALL SELECT name, value, 0, uses FROM field_values WHERE uses <> 0 AND NOT EXISTS"
        " (SELECT 1 FROM fields WHERE fields.name = field_values.name AND fields.value = field_values.value"
        " AND state <> 'removed')"
    ):
        yield f"{count} fields have the {name} {value!r}, but the index of values counts {known}"


def _values(connection: sqlite3.Connection) -> Iterator[tuple[int, str, str, str]]:
    sql = "SELECT id, name, value, folded FROM field_values WHERE id > :after ORDER BY id"
    for id_, name, value, fold in fetching.in_order(connection, sql, {}, rows.FIELD_VALUE, tuple, _ignore):
        yield id_, name, value if isinstance(value, str) else value.decode(errors="replace"), fold


def _ignore(_: DamagedRowError) -> None:
    pass


def _full_text(connection: sqlite3.Connection, table: str, columns: str, rows: Iterable[_Texts]) -> Iterator[str]:
    """Compare the words of a full-text index with those of a new one: the index doesn't store its texts."""
    connection.execute(
        f'CREATE VIRTUAL TABLE temp.fresh_index USING fts5 ({columns}, content="", columnsize=0,'
        ' tokenize="unicode61 remove_diacritics 2")'
    )
    try:
        marks = ", ?" * (columns.count(",") + 1)
        connection.executemany(
            f"INSERT INTO temp.fresh_index (rowid, {columns}) VALUES (?{marks})",
            ((row[0], *(None if text is None else spaced(text) for text in row[1:])) for row in rows),
        )
        for number, (schema, name) in enumerate((("main", f"{table}_fts"), ("temp", "fresh_index"))):
            connection.execute(f"CREATE VIRTUAL TABLE temp.words_{number} USING fts5vocab ({schema}, {name}, col)")
        (differing,) = connection.execute(
            "SELECT count(*) FROM (SELECT * FROM (SELECT * FROM words_0 EXCEPT SELECT * FROM words_1)"
            " UNION ALL SELECT * FROM (SELECT * FROM words_1 EXCEPT SELECT * FROM words_0))"
        ).fetchone()
    except READ_ERRORS as error:
        differing = str(error)
    finally:
        for name in ("words_0", "words_1", "fresh_index"):
            connection.execute(f"DROP TABLE IF EXISTS temp.{name}")
    if differing:
        yield f"the full-text index doesn't match the {table.replace('_', ' ')} ({differing} words differ)"


def _rows(connection: sqlite3.Connection) -> Iterator[str]:
    """Read every row as the reviewer does."""
    damaged: list[DamagedRowError] = []
    for shape, readable in (
        (rows.DOCUMENT, lambda row: rows.checked_object(rows.DOCUMENT, row)),
        (rows.STORED_EVENT, lambda row: rows.checked_object(rows.STORED_EVENT, row)),
        (rows.FIELD, rows.check_field),
        (rows.DECISION, lambda row: (patches.checked_patch(row, -2), patches.checked_patch(row, -1))),
        (rows.FIELD_VALUE, lambda _: None),
        (rows.EARLIER_TEXT, lambda _: None),
        (rows.SOURCE, lambda _: None),
        (rows.SOURCE_EVENT, lambda _: None),
        (rows.SOURCE_BLOCK, lambda _: None),
    ):
        id_ = shape.columns[0]
        sql = f"SELECT {', '.join(shape.columns)} FROM {shape.table} WHERE {id_} > :after ORDER BY {id_}"
        for _ in fetching.in_order(connection, sql, {}, shape, partial(_check_row, shape, readable), damaged.append):
            if damaged:
                yield from map(str, damaged)
                damaged.clear()
    read_event_types(connection, damaged.append)
    for shape in (rows.SAVED_QUERY, rows.PRESENCE):
        for _ in fetching.readable_rows(connection, shape, "1", damaged.append):
            pass
    yield from map(str, damaged)
    for process, seen_at in connection.execute(
        "SELECT process, seen_at FROM presence WHERE seen_at > strftime('%Y-%m-%dT%H:%M:%S', 'now', '+1 day')"
    ):
        yield f"presence row {process!r:.40}: seen_at is ahead of now: {seen_at!r:.40}"


def _check_row(shape: rows.RowShape, readable: Callable[[rows.Row], object], row: rows.Row) -> None:
    shape.check(row)
    readable(row)


def _evidence(connection: sqlite3.Connection) -> Iterator[str]:
    for event, name, start, end in connection.execute(
        "SELECT events.external_id, fields.name, start_offset, end_offset FROM evidence"
        " JOIN fields ON fields.id = evidence.field_id JOIN events ON events.id = fields.event_id"
        " JOIN documents ON documents.id = events.document_id"
        " WHERE NOT (0 <= start_offset AND start_offset < end_offset)"
        # length() stops at a NUL character, so texts are measured in bytes too.
        " OR end_offset > max(length(coalesce(text, title, '')), length(CAST(coalesce(text, title, '') AS BLOB)))"
    ):
        yield f"event {event}: the evidence [{start}, {end}] of {name} is outside the text"


def _undecided(connection: sqlite3.Connection) -> Iterator[str]:
    """Compare events that nobody decided about with their extraction, in SQL: a million take seconds."""
    for event, status in connection.execute(
        "SELECT external_id, status FROM events WHERE (status, note, reason, reason_text, reviewer, decided_at,"
        " type, live, merged_into) IS NOT ('pending', NULL, NULL, NULL, NULL, NULL, extracted_type, 1, NULL)"
        f" AND id NOT IN ({DECIDED})"
    ):
        yield f"event {event} is {status} without a decision"
    for event, name in connection.execute(
        "SELECT events.external_id, fields.name FROM fields JOIN events ON events.id = fields.event_id"
        " WHERE (fields.name, field_group, value, modifier, state, fields.note) IS NOT (extracted_name,"
        " extracted_group, extracted_value, extracted_modifier, iif(in_extraction, 'extracted', 'removed'), NULL)"
        f" AND event_id NOT IN ({DECIDED})"
    ):
        yield f"event {event}: field {name} differs from the extraction without a decision"
    for event, name in connection.execute(
        "SELECT events.external_id, fields.name FROM evidence JOIN fields ON fields.id = evidence.field_id"
        " JOIN events ON events.id = fields.event_id"
        f" WHERE extracted <> current AND event_id NOT IN ({DECIDED})"
    ):
        yield f"event {event}: the evidence of {name} differs from the extraction without a decision"


def extracted_once(connection: sqlite3.Connection) -> bool:
    """Return True if no import updated an event, so that decisions were made on the extraction that is stored."""
    imports, updated = connection.execute("SELECT count(*), coalesce(sum(updated), 0) FROM imports").fetchone()
    return bool(imports <= 1 and not updated)


def _replayed(connection: sqlite3.Connection, progress: Progress) -> Iterator[str]:
    decided = [row[0] for row in connection.execute(f"SELECT event_id FROM ({DECIDED}) ORDER BY 1")]
    highest, count, _ = _decisions_missing(connection)
    once = extracted_once(connection)
    for done, event_id in enumerate(decided, 1):
        try:
            event = read_event(connection, event_id)
            decisions = list(read_decisions(connection, event_id))
            yield from differences(event, decisions)
            if highest == count:  # otherwise a decision may have been made on the result of a lost one
                one_text = not has_earlier_texts(connection, event_id)
                for decision_id, _ in broken_links(event, decisions, extracted_once=once, one_text=one_text):
                    yield f"event {event.external_id}: decision {decision_id} was made on another state of the event"
            yield from _records(connection, event, decisions)
        except READ_ERRORS as error:
            yield f"event {event_id}: decisions can't be read: {error}"
        progress(done, len(decided))


def _records(connection: sqlite3.Connection, event: Event, decisions: list[Decision]) -> Iterator[str]:
    """Compare what is stored twice of a decision: the other events it changed, and the decision it undoes."""
    for decision in decisions:
        if decision.event_id != event.id:
            continue
        others = {
            row[0]
            for row in connection.execute("SELECT event_id FROM decision_events WHERE decision_id = ?", (decision.id,))
        }
        if others != decision.after.events.keys() - {event.id}:
            yield f"decision {decision.id} isn't linked to the other events that it changed"
        if decision.action in ("undo", "redo"):
            target = None if decision.target_id is None else read_decision(connection, decision.target_id)
            if target is None or target.id >= decision.id or target.reviewer != decision.reviewer:
                yield f"decision {decision.id} undoes a decision that its reviewer didn't make before"
            elif decision.after != (_undone(target, decision) if decision.action == "undo" else target.after):
                yield f"decision {decision.id} isn't the {decision.action} of {target.id}"


def _undone(target: Decision, undo: Decision) -> Patch:
    """Return what an undo of a decision sets: what was before, or the type None, which follows the machine."""
    events = {
        id_: columns | {"type": None}
        if "type" in columns and undo.after.events.get(id_, {}).get("type", "") is None
        else columns
        for id_, columns in target.before.events.items()
    }
    return Patch(events, target.before.fields)
