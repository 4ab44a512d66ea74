"""The current state, computed again from extraction and decisions."""

import sqlite3
from collections.abc import Iterable

from db.decisions import patches
from db.model import Decision, Event, Json, Patch
from db.store.reading import read_decisions, read_event


def replay(event: Event, decisions: Iterable[Decision]) -> tuple[Json, dict[int, Json]]:
    """The columns of an event and of its fields after its decisions, oldest first, from the machine's side alone."""
    columns = patches.initial_event(event)
    initial = {field.id: patches.initial_field(field) for field in event.fields}
    fields = dict(initial)
    for decision in decisions:
        columns |= decision.after.events.get(event.id, {})
        for id_, change in decision.after.fields.items():
            if id_ in fields:
                fields[id_] = patches.apply_to_field(fields[id_], change, initial[id_])
    return columns, fields


def differences(event: Event, decisions: Iterable[Decision]) -> list[str]:
    """Where the stored state of an event is not what its decisions say: a line each."""
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
            said = {name: value for name, value in fields[field.id].items() if value != stored[name]}
            found.append(f"{where}: field {field.name} (id {field.id}) differs; decisions say {said!r}")
    return found


def unlinked(event: Event, decisions: Iterable[Decision], *, extracted_once: bool) -> list[tuple[int, Patch]]:
    """Decisions, oldest first, that were made on another state of the event than those before them gave.

    Each by its id, with the part of its ``before`` that is of this event as it should be. What follows the machine is
    compared only where it was ``extracted_once``: a later import may have changed it.
    """
    columns = patches.initial_event(event)
    initial = {field.id: patches.initial_field(field) for field in event.fields}
    fields = dict(initial)
    added = {field.id for field in event.fields if field.extracted is None}
    found = []
    for decision in decisions:
        right = Patch({}, {})
        seen = decision.before.events.get(event.id, {})
        wanted = {name: columns[name] for name in seen if name in columns}
        if not (extracted_once and event.extracted_type is not None) and "type" in seen:
            wanted["type"] = seen["type"]
        if wanted != seen:
            right.events[event.id] = wanted
        for id_, before in decision.before.fields.items():
            there = fields.get(id_)
            if there is None or (there["state"] in ("extracted", "removed") and (id_ in added or not extracted_once)):
                continue
            wanted = {name: there[name] for name in before if name in there}
            if not patches.same_columns(before, wanted):
                right.fields[id_] = wanted
        if right.events or right.fields:
            found.append((decision.id, right))
        columns |= decision.after.events.get(event.id, {})
        for id_, change in decision.after.fields.items():
            if id_ in fields:
                fields[id_] = patches.apply_to_field(fields[id_], change, initial[id_])
    return found


def rebuild(connection: sqlite3.Connection, event_id: int) -> None:
    """Write the state that extraction and decisions give. The caller holds the transaction."""
    event = read_event(connection, event_id)
    columns, fields = replay(event, read_decisions(connection, event_id))
    patches.write_event(connection, event_id, columns)
    for id_, values in fields.items():
        patches.write_field(connection, id_, values)
