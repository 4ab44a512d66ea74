"""Takes out what lost its parent or its meaning, so that what is left is a file like any other."""

import json
import sqlite3
from collections import Counter
from dataclasses import dataclass, field

from db.decisions import patches
from db.decisions.replay import unlinked
from db.maintenance.check import DECIDED, READ_ERRORS, extracted_once
from db.maintenance.salvage.remains import Remains
from db.maintenance.salvage.soundness import is_sound
from db.model import Patch, from_sql
from db.store.event_types import TypeLearner
from db.store.reading import patch_from_json, read_decision, read_decisions, read_event

_ORPHANS = {
    "events": "document_id NOT IN (SELECT id FROM documents)",
    "fields": "event_id NOT IN (SELECT id FROM events)",
    "evidence": "field_id NOT IN (SELECT id FROM fields)",
    "event_type_fields": "event_type NOT IN (SELECT name FROM event_types)",
}
_OUTSIDE = (
    "(field_id, position) IN (SELECT field_id, evidence.position FROM evidence JOIN fields ON fields.id = field_id"
    " JOIN events ON events.id = event_id JOIN documents ON documents.id = document_id"
    " WHERE NOT (0 <= start_offset AND start_offset < end_offset) OR end_offset >"
    " max(length(coalesce(text, title, '')), length(CAST(coalesce(text, title, '') AS BLOB))))"
)
_PASSES = 5


@dataclass(slots=True)
class Dropped:
    """Rows taken out or changed, by table, and by integer id the events that they were of, with what it was."""

    rows: Counter[str] = field(default_factory=Counter)
    changed: Counter[str] = field(default_factory=Counter)
    events: dict[int, set[str]] = field(default_factory=dict)

    def note(self, event_id: int, what: str) -> None:
        """Remember that an event lost something."""
        self.events.setdefault(event_id, set()).add(what)


def mend(connection: sqlite3.Connection) -> Dropped:
    """Take out what refers to what is lost and what can't be read. The caller holds the transaction."""
    dropped = Dropped()
    _readable_json(connection, dropped)
    for table, orphans in _ORPHANS.items():
        _delete(connection, table, orphans, dropped)
    _decisions(connection, dropped)
    event_of = "(SELECT event_id FROM fields WHERE id = field_id)"
    _note(connection, "evidence", event_of, _OUTSIDE, dropped)
    _delete(connection, "evidence", _OUTSIDE, dropped)
    return dropped


def drop_undecided(connection: sqlite3.Connection, dropped: Dropped) -> None:
    """Take out events and fields that a person made by a decision that is not there any more."""
    _delete(connection, "events", f"extracted_type IS NULL AND id NOT IN ({DECIDED})", dropped)
    added = f"extracted_name IS NULL AND event_id NOT IN ({DECIDED})"
    _note(connection, "fields", "event_id", added, dropped)
    _delete(connection, "fields", f"{added} OR {_ORPHANS['fields']}", dropped)
    _delete(connection, "evidence", _ORPHANS["evidence"], dropped)


def relink(connection: sqlite3.Connection, dropped: Dropped, *, all_there: bool) -> None:
    """Have each decision say what it was made on as those before it left it, and each undo what it undoes.

    Where that is not so already, there is a flaw in a decision. Where not all are there, what they say of the state
    before them is all that is left of some, and stays.
    """
    decided = [row[0] for row in connection.execute(f"SELECT event_id FROM ({DECIDED}) ORDER BY 1")]
    once = extracted_once(connection)
    for _ in range(_PASSES):
        before = connection.total_changes
        for event_id in decided:
            event = read_event(connection, event_id)
            for decision in list(read_decisions(connection, event_id)):
                if decision.action in ("undo", "redo") and decision.target_id is not None:
                    target = read_decision(connection, decision.target_id)
                    goal = target.before if decision.action == "undo" else target.after
                    if decision.after != goal:
                        _set_patch(connection, decision.id, "after", goal)
                        dropped.note(event_id, "decisions")
            decisions = list(read_decisions(connection, event_id)) if all_there else []
            for decision_id, part in unlinked(event, decisions, extracted_once=once):
                old = read_decision(connection, decision_id).before
                _set_patch(connection, decision_id, "before", Patch(old.events | part.events, old.fields | part.fields))
                dropped.note(event_id, "decisions")
        if before == connection.total_changes:
            break


def learn_types(connection: sqlite3.Connection) -> None:
    """Learn the types of which nothing is left from their events, as an import does."""
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


def names(connection: sqlite3.Connection, remains: Remains, dropped: Dropped) -> tuple[str, ...]:
    """The external ids of the events that lost something, or are lost, with what it was."""
    lost: dict[str, set[str]] = {}
    parts: dict[int, set[str]] = {event_id: set(whats) for event_id, whats in dropped.events.items()}
    for id_, key in remains.missing["events"].items():
        what = "unknown keys" if id_ in remains.rebuilt["events"] else "all of it"
        lost.setdefault(str(key[0]), set()).add(what)
    for table in ("fields", "decisions"):
        for id_, key in remains.missing[table].items():
            if key and isinstance(key[0], int) and id_ not in remains.rebuilt.get(table, ()):
                parts.setdefault(key[0], set()).add(table)
    for event_id, whats in parts.items():
        row = connection.execute("SELECT external_id FROM events WHERE id = ?", (event_id,)).fetchone()
        if row is not None:
            lost.setdefault(row[0], set()).update(whats)
    return tuple(f"{name} ({', '.join(sorted(whats))})" for name, whats in sorted(lost.items()))


def _readable_json(connection: sqlite3.Connection, dropped: Dropped) -> None:
    """What is JSON can be read, or is gone."""
    for table in ("documents", "events", "fields"):
        bad = [
            row[0]
            for row in connection.execute(f"SELECT id, extra FROM {table} WHERE extra IS NOT NULL")
            if not _is_json(row[1], dict)
        ]
        connection.executemany(f"UPDATE {table} SET extra = NULL WHERE id = ?", [(id_,) for id_ in bad])
        dropped.changed[table] += len(bad)
    for column, other in (("value", "extracted_value"), ("extracted_value", "value")):
        for id_, value in connection.execute(
            f"SELECT id, {column} FROM fields WHERE typeof({column}) = 'blob'"
        ).fetchall():
            if not _is_json(value, object):
                connection.execute(f"UPDATE fields SET {column} = {other} WHERE id = ?", (id_,))
                dropped.changed["fields"] += 1
    for column in ("value", "extracted_value"):
        for id_, value in connection.execute(
            f"SELECT id, {column} FROM fields WHERE typeof({column}) = 'blob'"
        ).fetchall():
            if not _is_json(value, object):
                _delete(connection, "fields", f"id = {id_:d}", dropped)
    for table, key, column in (("event_types", "name", "headline"), ("event_type_fields", "rowless", "choices")):
        columns = "event_type, name" if key == "rowless" else "name, name"
        for one, two, text in connection.execute(f"SELECT {columns}, {column} FROM {table}").fetchall():
            if not _is_json(text, list):
                where = "event_type = ? AND name = ?" if key == "rowless" else "name = ? AND name = ?"
                connection.execute(f"UPDATE {table} SET {column} = '[]' WHERE {where}", (one, two))
                dropped.changed[table] += 1


def _decisions(connection: sqlite3.Connection, dropped: Dropped) -> None:
    """Take out decisions that can't be read or that refer to what is lost, and those that turn one of these back."""
    events = {row[0] for row in connection.execute("SELECT id FROM events")}
    gone = []
    for id_, event_id, before, after in connection.execute("SELECT id, event_id, before, after FROM decisions"):
        try:
            sides = patch_from_json(before), patch_from_json(after)
            readable = is_sound(sides[0]) and is_sound(sides[1])
            merged = {columns.get("merged_into") for side in sides for columns in side.events.values()}
        except READ_ERRORS:
            readable, merged = False, set()
        if not readable or event_id not in events or merged - events - {None}:
            gone.append(id_)
            dropped.note(event_id, "decisions")
    connection.executemany("DELETE FROM decisions WHERE id = ?", [(id_,) for id_ in gone])
    dangling = "action IN ('undo', 'redo') AND coalesce(target_id, 0) NOT IN (SELECT id FROM decisions)"
    while connection.execute(f"SELECT 1 FROM decisions WHERE {dangling}").fetchone():
        _note(connection, "decisions", "event_id", dangling, dropped)
        connection.execute(f"DELETE FROM decisions WHERE {dangling}")
    lost = "field_id IS NOT NULL AND field_id NOT IN (SELECT id FROM fields)"
    _note(connection, "decisions", "event_id", lost, dropped)
    dropped.changed["decisions"] += connection.execute(f"UPDATE decisions SET field_id = NULL WHERE {lost}").rowcount
    connection.execute("UPDATE decisions SET target_id = NULL WHERE target_id NOT IN (SELECT id FROM decisions)")


def _set_patch(connection: sqlite3.Connection, decision_id: int, side: str, patch: Patch) -> None:
    connection.execute(f"UPDATE decisions SET {side} = ? WHERE id = ?", (patches.to_json(patch), decision_id))


def _note(connection: sqlite3.Connection, table: str, event: str, where: str, dropped: Dropped) -> None:
    for (event_id,) in connection.execute(f"SELECT DISTINCT {event} FROM {table} WHERE {where}").fetchall():
        dropped.note(event_id, table)


def _delete(connection: sqlite3.Connection, table: str, where: str, dropped: Dropped) -> None:
    dropped.rows[table] += connection.execute(f"DELETE FROM {table} WHERE {where}").rowcount


def _is_json(text: str | bytes, kind: type) -> bool:
    try:
        return isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        return False
