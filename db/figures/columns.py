"""Columns for lists of events: properties of the event or its document, and values of fields."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.errors import DamagedRowError, InputError
from db.model import Value, from_sql
from db.query.names import PROPERTIES, field_names, suggestion
from db.store.valid.fetching import Skipped, is_undecodable
from db.text.folding import canonical


class Qualified(NamedTuple):
    """A number with its modifier, as in ``about 500``."""

    value: Value
    modifier: str


Cell = tuple[Value | Qualified, ...]
"""The values of one event in one column, in order: none, one, or several if the field repeats."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column by its name in queries. ``sql`` is the SQL column of a property, or None for a field;
    ``fields`` are the names of fields that are equal but for case.
    """

    name: str
    sql: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def of_document(self) -> bool:
        """True for a property of the document."""
        return self.sql is not None and self.sql.startswith("documents.")


def columns_of(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Column, ...]:
    """Return the columns with these names, ignoring case. Raises InputError with a suggestion for an unknown name."""
    known = field_names(connection)
    return tuple(_column(name.strip(), known) for name in names)


def _column(name: str, known: list[str]) -> Column:
    if not name:
        raise InputError("a name is missing; separate names with commas, as in type,date")
    wanted = canonical(name)
    if wanted in PROPERTIES:
        return Column(wanted, PROPERTIES[wanted])
    found = tuple(item for item in known if canonical(item) == wanted)
    if found:
        return Column(found[0] if len(found) == 1 else name, None, found)
    if wanted == "event":  # the name of this column in a list without --fields
        return Column(wanted, PROPERTIES["id"])
    raise InputError(f"no field {name}{suggestion(name, [*known, *PROPERTIES], known)}")


def read_cells(
    connection: sqlite3.Connection, ids: Sequence[int], columns: Sequence[Column], skipped: Skipped
) -> list[list[Cell]]:
    """Return a row of cells for each event, in the order of ``ids``. A few hundred at a time is fastest.

    Events that are not in the file are left out, and damaged ones go to ``skipped``. An empty property counts as no
    value.
    """
    try:
        return _read_cells(connection, ids, columns)
    except (ValueError, sqlite3.OperationalError) as error:
        if isinstance(error, sqlite3.Error) and not is_undecodable(error):
            raise
        if len(ids) > 1:
            return [row for id_ in ids for row in read_cells(connection, [id_], columns, skipped)]
        why = str(error) if isinstance(error, ValueError) else "has a text that is not valid UTF-8"
        skipped(DamagedRowError("events", ids[0], why))
        return []


def _read_cells(connection: sqlite3.Connection, ids: Sequence[int], columns: Sequence[Column]) -> list[list[Cell]]:
    marks = ",".join("?" * len(ids))
    properties = [column for column in columns if column.sql]
    rows = {
        event_id: dict(zip(properties, values, strict=True))
        for event_id, *values in connection.execute(
            f"SELECT {', '.join(['events.id', *(str(column.sql) for column in properties)])} FROM events"
            f"{join_documents(properties)} WHERE events.id IN ({marks})",
            ids,
        )
    }
    names = [name for column in columns for name in column.fields]
    values: dict[tuple[int, str], list[Value | Qualified]] = {}
    if names:
        for event_id, name, value, modifier in connection.execute(
            "SELECT event_id, name, value, modifier FROM fields INDEXED BY fields_by_event"
            f" WHERE event_id IN ({marks}) AND name IN ({','.join('?' * len(names))}) AND state <> 'removed'"
            " ORDER BY event_id, position, id",
            [*ids, *names],
        ):
            try:
                read = from_sql(value)
                qualified = Qualified(read, str(modifier)) if modifier else read
                values.setdefault((event_id, name), []).append(qualified)
            except ValueError as error:
                raise ValueError(f"a value of {name} {error}") from None

    def cell(event_id: int, column: Column) -> Cell:
        if column.sql:
            value = rows[event_id][column]
            if isinstance(value, bytes):
                raise ValueError(f"{column.name} holds bytes")
            return () if value is None or value == "" else (value,)
        return tuple(value for name in column.fields for value in values.get((event_id, name), ()))

    return [[cell(event_id, column) for column in columns] for event_id in ids if event_id in rows]


def join_documents(columns: Iterable[Column]) -> str:
    """Return the SQL that joins documents to events, or an empty text if no column needs it."""
    needed = any(column.of_document for column in columns)
    # CROSS makes events lead, in the order of their documents; SQLite would walk an index of documents instead.
    return " CROSS JOIN documents ON documents.id = events.document_id" if needed else ""
