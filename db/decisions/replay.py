"""Computes the current state again from extraction and decisions, and compares it with the stored state."""

import sqlite3
from collections.abc import Iterable

from db.decisions import patches
from db.model import Decision, Event, Json, Patch
from db.store.reading import read_decisions, read_event


def replay(event: Event, decisions: Iterable[Decision]) -> tuple[Json, dict[int, Json]]:
    """Return the columns of an event and of its fields after its decisions, oldest first, from the extraction alone."""
    columns = patches.initial_event(event)
    initial = {field.id: patches.initial_field(field) for field in event.fields}
    fields = dict(initial)
    for decision in decisions:
        columns = patches.apply_to_event(columns, decision.after.events.get(event.id, {}), event.extracted_type)
        for id_, change in decision.after.fields.items():
            if id_ in fields:
                fields[id_] = patches.apply_to_field(fields[id_], change, initial[id_])
    return columns, fields


def differences(event: Event, decisions: Iterable[Decision]) -> list[str]:
    """Return a line for each difference between the stored state of an event and its decisions."""
    columns, fields = replay(event, decisions)
    where = f"event {event.external_id}"
    found = [
        f"{where}: {name} is {stored!r}, decisions say {columns[name]!r}"
        for name, stored in patches.event_columns(event).items()
        if stored != columns[name]
    ]
    for field in event.fields:
        stored = patches.field_columns(field)
        if not patches.same_columns(stored, fields[field.id]):
            decided = {name: value for name, value in fields[field.id].items() if value != stored[name]}
            found.append(f"{where}: field {field.name} (id {field.id}) differs; decisions say {decided!r}")
    return found


def broken_links(
    event: Event, decisions: Iterable[Decision], *, extracted_once: bool, one_text: bool = True
) -> list[tuple[int, Patch]]:
    """Return the decisions, oldest first, whose ``before`` is not the state that the earlier decisions gave.

    Each by its id, with the correct values of the part of its ``before`` that is about this event. Columns that follow
    the machine are compared only if the event was ``extracted_once``: a later import may have changed them.
    Without ``one_text``, spans are not compared: the text that they refer to has changed between decisions.
    """
    columns = patches.initial_event(event)
    initial = {field.id: patches.initial_field(field) for field in event.fields}
    fields = dict(initial)
    added = {field.id for field in event.fields if field.extracted is None}
    found = []
    for decision in decisions:
        correct = Patch({}, {})
        stated = decision.before.events.get(event.id, {})
        expected = {name: columns[name] for name in stated if name in columns}
        if not (extracted_once and event.extracted_type is not None) and "type" in stated:
            expected["type"] = stated["type"]
        if expected != stated:
            correct.events[event.id] = expected
        for id_, before in decision.before.fields.items():
            state = fields.get(id_)
            if state is None:
                continue
            if state["state"] in ("extracted", "removed") and (id_ in added or not extracted_once):
                continue
            expected = {name: state[name] for name in before if name in state}
            if not one_text and "spans" in expected:
                expected["spans"] = before["spans"]
            if not patches.same_columns(before, expected):
                correct.fields[id_] = expected
        if correct.events or correct.fields:
            found.append((decision.id, correct))
        columns = patches.apply_to_event(columns, decision.after.events.get(event.id, {}), event.extracted_type)
        for id_, change in decision.after.fields.items():
            if id_ in fields:
                fields[id_] = patches.apply_to_field(fields[id_], change, initial[id_])
    return found


def rebuild(connection: sqlite3.Connection, event_id: int) -> None:
    """Write the state that extraction and decisions give. The caller holds the transaction."""
    event = read_event(connection, event_id)
    columns, fields = replay(event, read_decisions(connection, event_id))
    patches.write_event(connection, event_id, columns)
    for field in event.fields:
        patches.write_field(connection, field, fields[field.id])
