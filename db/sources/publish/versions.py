"""An event in the native form as it was extracted, as it is reviewed, and as it was after each decision."""

import sqlite3
from collections.abc import Iterator

from db.decisions.native_form import event_head, event_json
from db.decisions.replay import replay
from db.model import Event, Json, Value
from db.store.reading import read_decisions


def extracted_event(event: Event) -> Json:
    """Return an event with what the machine extracted, and no decision."""
    fields: list[Value] = []
    for field in event.fields:
        if field.extracted is not None and field.in_extraction:
            machine = field.extracted
            named: Json = {"name": machine.name, "value": machine.value}
            fields.append(field.extra | named | _marks(machine.group, machine.modifier))
    head = event_head(event) | {"type": event.extracted_type or event.type}
    return head | {"fields": fields} | event.extra


def reviewed_event(connection: sqlite3.Connection, event: Event) -> Json:
    """Return an event as people have decided; removed fields have the state ``removed``."""
    return event_json(connection, event)


def earlier_events(connection: sqlite3.Connection, event: Event) -> Iterator[Json]:
    """Yield an event as it was after each of its decisions, newest first, without the review of the event itself."""
    decisions = [*read_decisions(connection, event.id)]
    for number in range(len(decisions), 0, -1):
        columns, states = replay(event, decisions[:number])
        fields: list[Value] = []
        for field in event.fields:
            state = states[field.id]
            if state["state"] != "removed":
                named: Json = {"name": state["name"], "value": state["value"]}
                fields.append(field.extra | named | _marks(state["group"], state["modifier"]))
        yield event_head(event) | {"type": columns["type"], "fields": fields} | event.extra


def _marks(group: Value, modifier: Value) -> Json:
    return {key: value for key, value in (("group", group), ("modifier", modifier)) if value is not None}
