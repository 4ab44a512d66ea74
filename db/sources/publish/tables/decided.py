"""The decided events of a table of the database: the row of each, and its cells as extracted and as reviewed."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from db.decisions.native_form import document_json
from db.errors import InputError
from db.formats.tables.nested_cells import may_be_from
from db.model import Event, Json
from db.sources.database.database import Database
from db.sources.keys import key_values
from db.sources.plan import EventTable
from db.sources.publish.cells import Cells, CellsOfEvents
from db.sources.publish.tables.edits import Key, Review
from db.sources.publish.versions import extracted_event, reviewed_event
from db.sources.reading.json_cells import NUMBER
from db.sources.reading.mappings import completed
from db.sources.reading.wide import WideTable
from db.store.reading import read_document, read_event

_DECIDED = """SELECT event_id, row_key FROM source_events JOIN events ON events.id = event_id
    WHERE source_id = ? AND table_name = ? AND revision > 0 AND live
    AND EXISTS (SELECT 1 FROM decisions WHERE decisions.event_id = events.id) ORDER BY event_id"""
_SOME_KEYS = """SELECT row_key FROM source_events WHERE source_id = ? AND table_name = ? AND gone_at IS NULL
    ORDER BY event_id LIMIT 200"""
_PENDING = """SELECT DISTINCT row_key FROM source_events JOIN events ON events.id = event_id
    WHERE source_id = ? AND table_name = ? AND status = 'pending' AND live AND gone_at IS NULL"""
_ADDED = """SELECT id FROM events WHERE live AND extracted_type IS NULL AND document_id IN (SELECT document_id
    FROM events JOIN source_events ON events.id = event_id WHERE source_id = ?) ORDER BY id"""


@dataclass(frozen=True, slots=True)
class DecidedEvent:
    """A decided event and its row in the wide table.

    key: of its row in the event table. number: of the event among those of its row, from 1, or None. columns, cells:
    of the wide row. base, changed: the cells as extracted, and those that differ now.
    """

    event: Event
    key: Key
    number: int | None
    columns: tuple[str, ...]
    cells: Cells
    extracted: Json
    reviewed: Json
    base: Cells
    changed: Cells

    @property
    def author(self) -> tuple[Any, Any]:
        """Who decided about the event last, and when."""
        return self.reviewed.get("reviewer"), self.reviewed.get("decided_at")


class DecidedEvents:
    """Reads the decided events of a table that is still as it was read."""

    def __init__(self, desk: sqlite3.Connection, source_id: int, database: Database, table: EventTable) -> None:
        self._desk, self._source_id = desk, source_id
        self._table = replace(table, mapping=completed(table, ()))
        self._keys: dict[int, Key] = {
            event_id: key_values(key) for event_id, key in desk.execute(_DECIDED, (source_id, table.table)).fetchall()
        }
        self._wide = WideTable(database, self._table)
        whole = WideTable(database, self._table).table()
        self.mapping = completed(self._table, whole.columns)
        self.cells = CellsOfEvents(whole, self.mapping)
        self.gone: list[Key] = []
        self.otherwise = 0

    def reviews(self) -> Iterator[tuple[Event, Key]]:
        """Yield each decided event with the key of its row."""
        for event_id, key in self._keys.items():
            yield read_event(self._desk, event_id), key

    def pending_keys(self) -> set[Key]:
        """Return the keys of rows with an event that is pending, of a table whose rows have several."""
        if not self._table.each:
            return set()
        return {key_values(key) for (key,) in self._desk.execute(_PENDING, (self._source_id, self._table.table))}

    def changed(self) -> Iterator[DecidedEvent]:
        """Yield the decided events whose rows are there; ``gone`` has the keys of the others."""
        waiting = {event.external_id: event for event, _ in self.reviews()}
        if not waiting:
            return
        keys = dict.fromkeys(self._keys.values())
        rows = self._wide.table().rows
        self._wide.restrict(list(keys))
        for row in rows():
            if not row.has_event or row.row_key is None or isinstance(row.cells, InputError):
                continue
            try:
                content = self.cells.read(row)
            except InputError:
                continue
            event = waiting.pop(f"{self._table.event_prefix}{content.event.get('id')}", None)
            if event is not None:
                columns = row.columns or self.cells.table.columns
                yield self._compared(event, key_values(row.row_key[1]), columns, row.cells, content.event.get("table"))
        self.gone += [self._keys[event.id] for event in waiting.values()]

    def is_another(self) -> bool:
        """Return True if the table has none of the rows that the last sync found, or of the first of them."""
        keys = [key_values(key) for (key,) in self._desk.execute(_SOME_KEYS, (self._source_id, self._table.table))]
        if not keys:
            return False
        self._wide.restrict(keys)
        return next(iter(self._wide.table().rows()), None) is None

    def _compared(
        self, event: Event, key: Key, columns: tuple[str, ...], row: Any, kept: dict[str, Any] | None
    ) -> DecidedEvent:
        own: Json = {"columns": list(columns)}
        document = document_json(read_document(self._desk, event.document_id)) | {"table": own}
        table: Json = {"table": kept or {}}
        extracted = extracted_event(event) | table
        reviewed = reviewed_event(self._desk, event) | table
        base = self.cells.extracted(document, extracted)
        changed = self.cells.changed(document, _without_modifiers(reviewed), extracted, base)
        cells = dict(zip(columns, row, strict=True))
        self.otherwise += any(_differ(cells.get(column), base[column]) for column in changed)
        number = cells.get(NUMBER)
        return DecidedEvent(event, key, number, columns, cells, extracted, reviewed, base, changed)

    def uncovered(self, decided: DecidedEvent) -> list[Json]:
        """Return the fields of an event that no column of its row can hold."""
        items = [item for item in self.mapping.fields if item.column in decided.columns]
        items += [item for item in self.cells.mapping.fields if item.column in decided.columns]
        return [
            field
            for field in _fields(decided.reviewed)
            if field.get("state") != "removed" and not any(may_be_from(item.name, item.group, field) for item in items)
        ]


def added_events(desk: sqlite3.Connection, source_id: int) -> list[Event]:
    """Return the events that people added to the documents of a source."""
    return [read_event(desk, row[0]) for row in desk.execute(_ADDED, (source_id,)).fetchall()]


def review_of(event: Event) -> Review:
    """Return what was decided about an event as a whole."""
    reason = event.reason if not event.reason_text else f"{event.reason}: {event.reason_text}"
    status = "merged" if event.merged_into is not None else event.status
    return Review(status, event.reviewer, event.decided_at, reason, event.note)


def _fields(event: Json) -> list[Json]:
    fields = event["fields"]
    assert isinstance(fields, list)
    return [field for field in fields if isinstance(field, dict)]


def _without_modifiers(event: Json) -> Json:
    """Return an event without modifiers of numbers: a column of numbers can't hold ``about 30``."""
    fields = [
        {key: value for key, value in field.items() if key != "modifier"} if _is_number(field.get("value")) else field
        for field in _fields(event)
    ]
    return event | {"fields": [*fields]}


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _differ(now: Any, extracted: Any) -> bool:
    """Return True if a plain cell is not what was extracted."""
    kinds = (str, int, float, type(None))
    return isinstance(now, kinds) and isinstance(extracted, kinds) and now != extracted
