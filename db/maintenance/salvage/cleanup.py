"""Removes saved rows that are orphans or make no sense, and makes decisions consistent again."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field

from db.decisions import patches
from db.decisions.replay import broken_links
from db.maintenance.check import DECIDED, READ_ERRORS, extracted_once
from db.maintenance.salvage.lost_rows import LostRows
from db.model import REASONS, STATES, STATUSES, Json, Patch, Value, from_sql
from db.store.event_types import TypeLearner
from db.store.reading import read_decision, read_decisions, read_event
from db.store.texts.earlier import has_earlier_texts
from db.store.valid.patches import patch_from_json

_ORPHANS = {
    "earlier_texts": "document_id NOT IN (SELECT id FROM documents)",
    "events": "document_id NOT IN (SELECT id FROM documents)",
    "fields": "event_id NOT IN (SELECT id FROM events)",
    "evidence": "field_id NOT IN (SELECT id FROM fields)",
    "source_events": "event_id NOT IN (SELECT id FROM events) OR source_id NOT IN (SELECT id FROM sources)",
    "event_type_fields": "event_type NOT IN (SELECT name FROM event_types)",
}
_OUTSIDE_TEXT = (
    "(field_id, position) IN (SELECT field_id, evidence.position FROM evidence JOIN fields ON fields.id = field_id"
    " JOIN events ON events.id = event_id JOIN documents ON documents.id = document_id"
    " WHERE NOT (0 <= start_offset AND start_offset < end_offset) OR end_offset >"
    " max(length(coalesce(text, title, '')), length(CAST(coalesce(text, title, '') AS BLOB))))"
)
_RELINK_PASSES = 5
_ALLOWED = {"status": STATUSES, "state": STATES, "reason": (*REASONS, None)}
_FIELD_COLUMNS = (*patches.CONTENT, "note")


@dataclass(slots=True)
class Cleanup:
    """What a cleanup did: rows removed and changed by table, and by event id which of its parts it lost."""

    removed: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    events: dict[int, set[str]] = field(default_factory=dict)

    def add_loss(self, event_id: int, part: str) -> None:
        """Record that an event lost something."""
        self.events.setdefault(event_id, set()).add(part)


def clean(connection: sqlite3.Connection) -> Cleanup:
    """Remove orphans and unreadable values, within the caller's transaction."""
    cleanup = Cleanup()
    _clean_json(connection, cleanup)
    for table, orphans in _ORPHANS.items():
        _delete(connection, table, orphans, cleanup)
    _clean_decisions(connection, cleanup)
    event_of = "(SELECT event_id FROM fields WHERE id = field_id)"
    _add_losses(connection, "evidence", event_of, _OUTSIDE_TEXT, cleanup)
    _delete(connection, "evidence", _OUTSIDE_TEXT, cleanup)
    return cleanup


def remove_undecided_additions(connection: sqlite3.Connection, cleanup: Cleanup) -> None:
    """Remove events and fields that people added, if the decisions that added them are lost."""
    _delete(connection, "events", f"extracted_type IS NULL AND id NOT IN ({DECIDED})", cleanup)
    added = f"extracted_name IS NULL AND event_id NOT IN ({DECIDED})"
    _add_losses(connection, "fields", "event_id", added, cleanup)
    _delete(connection, "fields", f"{added} OR {_ORPHANS['fields']}", cleanup)
    _delete(connection, "evidence", _ORPHANS["evidence"], cleanup)


def relink(connection: sqlite3.Connection, cleanup: Cleanup, *, complete: bool) -> None:
    """Make each undo the reverse of its decision, and each decision start from the state before it.

    A decision that isn't so has damaged values. If decisions are lost (``complete`` is False), the states before the
    others stay as they are: they may be all that is left of the lost ones.
    """
    decided = [row[0] for row in connection.execute(f"SELECT event_id FROM ({DECIDED}) ORDER BY 1")]
    once = extracted_once(connection)
    for _ in range(_RELINK_PASSES):
        before = connection.total_changes
        for event_id in decided:
            event = read_event(connection, event_id)
            one_text = not has_earlier_texts(connection, event_id)
            for decision in list(read_decisions(connection, event_id, as_stored=True)):
                if decision.action in ("undo", "redo") and decision.target_id is not None:
                    target = read_decision(connection, decision.target_id, as_stored=True)
                    goal = target.before if decision.action == "undo" else target.after
                    if _to_compare(decision.after, one_text) != _to_compare(goal, one_text):
                        _set_patch(connection, decision.id, "after", goal)
                        cleanup.add_loss(event_id, "decisions")
            decisions = list(read_decisions(connection, event_id, as_stored=True)) if complete else []
            for decision_id, part in broken_links(event, decisions, extracted_once=once, one_text=one_text):
                old = read_decision(connection, decision_id, as_stored=True).before
                _set_patch(connection, decision_id, "before", Patch(old.events | part.events, old.fields | part.fields))
                cleanup.add_loss(event_id, "decisions")
        if before == connection.total_changes:
            break


def _to_compare(patch: Patch, one_text: bool) -> Patch:
    """Return a patch without spans if the document had other texts: an undo's refer to another text than its act's."""
    if one_text:
        return patch
    return Patch(patch.events, {id_: columns | {"spans": []} for id_, columns in patch.fields.items()})


def learn_types(connection: sqlite3.Connection) -> None:
    """Learn lost event types from their events, as an import does."""
    learner = TypeLearner()
    unknown = connection.execute(
        "SELECT id, extracted_type FROM events WHERE extracted_type IS NOT NULL"
        " AND extracted_type NOT IN (SELECT name FROM event_types)"
    ).fetchall()
    for event_id, name in unknown:
        rows = connection.execute(
            "SELECT extracted_name, extracted_group, extracted_value FROM fields WHERE event_id = ?"
            " AND extracted_name IS NOT NULL ORDER BY position",
            (event_id,),
        )
        learner.observe(name, [(field_name, group, from_sql(value)) for field_name, group, value in rows])
    learner.store(connection)


def damaged_events(connection: sqlite3.Connection, lost_rows: LostRows, cleanup: Cleanup) -> tuple[str, ...]:
    """Return a line for each event that is lost or lost something: its external id and the lost parts."""
    lost: dict[str, set[str]] = {}
    parts: dict[int, set[str]] = {event_id: set(losses) for event_id, losses in cleanup.events.items()}
    for id_, key in lost_rows.missing["events"].items():
        part = "unknown keys" if id_ in lost_rows.rebuilt["events"] else "all of it"
        lost.setdefault(str(key[0]), set()).add(part)
    for table in ("fields", "decisions"):
        for id_, (event_id,) in lost_rows.missing[table].items():
            if isinstance(event_id, int) and id_ not in lost_rows.rebuilt.get(table, ()):
                parts.setdefault(event_id, set()).add(table)
    for event_id, losses in parts.items():
        row = connection.execute("SELECT external_id FROM events WHERE id = ?", (event_id,)).fetchone()
        if row is not None:
            lost.setdefault(row[0], set()).update(losses)
    return tuple(f"{name} ({', '.join(sorted(losses))})" for name, losses in sorted(lost.items()))


def _clean_json(connection: sqlite3.Connection, cleanup: Cleanup) -> None:
    """Replace or remove JSON that can't be read."""
    for table in ("documents", "events", "fields"):
        rows = connection.execute(f"SELECT id, extra FROM {table} WHERE extra IS NOT NULL")
        unreadable = [(id_,) for id_, extra in rows if not _is_json(extra, dict)]
        connection.executemany(f"UPDATE {table} SET extra = NULL WHERE id = ?", unreadable)
        cleanup.changed[table] += len(unreadable)
    for column, other in (("value", "extracted_value"), ("extracted_value", "value")):
        for id_ in _unreadable_values(connection, column):
            connection.execute(f"UPDATE fields SET {column} = {other} WHERE id = ?", (id_,))
            cleanup.changed["fields"] += 1
    for column in ("value", "extracted_value"):
        for id_ in _unreadable_values(connection, column):
            _delete(connection, "fields", f"id = {id_:d}", cleanup)
    for table, key, column in (
        ("event_types", "(name, name)", "headline"),
        ("event_type_fields", "(event_type, name)", "choices"),
    ):
        for *names, text in connection.execute(f"SELECT {key[1:-1]}, {column} FROM {table}").fetchall():
            if not _is_json(text, list):
                connection.execute(f"UPDATE {table} SET {column} = '[]' WHERE {key} = (?, ?)", names)
                cleanup.changed[table] += 1


def _unreadable_values(connection: sqlite3.Connection, column: str) -> list[int]:
    rows = connection.execute(f"SELECT id, {column} FROM fields WHERE typeof({column}) = 'blob'")
    return [id_ for id_, value in rows if not _is_json(value, object)]


def _clean_decisions(connection: sqlite3.Connection, cleanup: Cleanup) -> None:
    """Remove decisions that can't be read or refer to lost events, and every undo and redo of a lost decision."""
    events = {row[0] for row in connection.execute("SELECT id FROM events")}
    unusable = []
    for id_, event_id, before, after in connection.execute("SELECT id, event_id, before, after FROM decisions"):
        try:
            sides = patch_from_json(before), patch_from_json(after)
            readable = _is_valid(sides[0]) and _is_valid(sides[1])
            merged = {columns.get("merged_into") for side in sides for columns in side.events.values()}
        except READ_ERRORS:
            readable, merged = False, set()
        if not readable or event_id not in events or merged - events - {None}:
            unusable.append(id_)
            cleanup.add_loss(event_id, "decisions")
    connection.executemany("DELETE FROM decisions WHERE id = ?", [(id_,) for id_ in unusable])
    dangling = "action IN ('undo', 'redo') AND coalesce(target_id, 0) NOT IN (SELECT id FROM decisions)"
    while connection.execute(f"SELECT 1 FROM decisions WHERE {dangling}").fetchone():
        _add_losses(connection, "decisions", "event_id", dangling, cleanup)
        connection.execute(f"DELETE FROM decisions WHERE {dangling}")
    orphaned = "field_id IS NOT NULL AND field_id NOT IN (SELECT id FROM fields)"
    _add_losses(connection, "decisions", "event_id", orphaned, cleanup)
    changed = connection.execute(f"UPDATE decisions SET field_id = NULL WHERE {orphaned}").rowcount
    cleanup.changed["decisions"] += changed
    connection.execute("UPDATE decisions SET target_id = NULL WHERE target_id NOT IN (SELECT id FROM decisions)")


def _set_patch(connection: sqlite3.Connection, decision_id: int, side: str, patch: Patch) -> None:
    connection.execute(f"UPDATE decisions SET {side} = ? WHERE id = ?", (patches.to_json(patch), decision_id))


def _add_losses(connection: sqlite3.Connection, table: str, event: str, where: str, cleanup: Cleanup) -> None:
    for (event_id,) in connection.execute(f"SELECT DISTINCT {event} FROM {table} WHERE {where}").fetchall():
        cleanup.add_loss(event_id, table)


def _delete(connection: sqlite3.Connection, table: str, where: str, cleanup: Cleanup) -> None:
    cleanup.removed[table] += connection.execute(f"DELETE FROM {table} WHERE {where}").rowcount


def _is_json(text: str | bytes, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False


def _is_valid(patch: Patch) -> bool:
    """Return True if eventdesk can have written the patch: a flipped bit may leave valid JSON with another meaning."""
    return all(_has_valid_columns(columns, patches.EVENT) for columns in patch.events.values()) and all(
        _has_valid_columns(columns, _FIELD_COLUMNS) for columns in patch.fields.values()
    )


def _has_valid_columns(columns: object, known: tuple[str, ...]) -> bool:
    return isinstance(columns, dict) and all(name in known and _is_valid_value(name, columns) for name in columns)


def _is_valid_value(name: str, columns: Json) -> bool:
    value = columns[name]
    if name in _ALLOWED:
        return value in _ALLOWED[name]
    if name in ("type", "name"):
        return isinstance(value, str)
    if name == "spans":
        return isinstance(value, list) and all(_is_span(pair) for pair in value)
    if name == "live":
        return isinstance(value, bool)
    if name == "merged_into":
        return value is None or type(value) is int
    return name == "value" or value is None or isinstance(value, str)


def _is_span(pair: Value) -> bool:
    return isinstance(pair, list) and len(pair) == 2 and all(type(end) is int for end in pair)
