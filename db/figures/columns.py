"""What can stand in a column of a list of events: their own names, their document's, and the values of fields."""

import sqlite3
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from db.errors import InputError
from db.model import Value, from_sql
from db.query.names import OWN, field_names, suggestion

Cell = tuple[Value, ...]
"""The values of one event for one column, in their order: none, one, or those of a field that repeats."""


@dataclass(frozen=True, slots=True)
class Column:
    """A name as in queries. ``own`` is the SQL column of the event's or the document's own, or else None;
    ``fields`` are the names of fields that differ in case alone.
    """

    name: str
    own: str | None = None
    fields: tuple[str, ...] = ()

    @property
    def of_document(self) -> bool:
        """Whether it is the document's."""
        return self.own is not None and self.own.startswith("documents.")


def columns_of(connection: sqlite3.Connection, names: Iterable[str]) -> tuple[Column, ...]:
    """The columns of these names, whatever their case. Raises InputError that says which one may have been meant."""
    known = field_names(connection)
    return tuple(_column(name.strip(), known) for name in names)


def _column(name: str, known: list[str]) -> Column:
    if not name:
        raise InputError("a name is missing; write names with commas between, as in type,date")
    wanted = name.casefold()
    if wanted in OWN:
        return Column(wanted, OWN[wanted])
    found = tuple(item for item in known if item.casefold() == wanted)
    if found:
        return Column(found[0] if len(found) == 1 else name, None, found)
    if wanted == "event":  # what the list that is shown without --fields calls it
        return Column(wanted, OWN["id"])
    raise InputError(f"no field {name}{suggestion(name, [*known, *OWN], known)}")


def read_cells(connection: sqlite3.Connection, ids: Sequence[int], columns: Sequence[Column]) -> list[list[Cell]]:
    """A row of cells for each event, in the order of ``ids``; some hundred at a time read fastest.

    Events that are not in the file are left out. What is empty of the event's or document's own counts as none.
    """
    marks = ",".join("?" * len(ids))
    own = [column for column in columns if column.own]
    rows = {
        event_id: dict(zip(own, values, strict=True))
        for event_id, *values in connection.execute(
            f"SELECT {', '.join(['events.id', *(str(column.own) for column in own)])} FROM events"
            f"{join_documents(own)} WHERE events.id IN ({marks})",
            ids,
        )
    }
    names = [name for column in columns for name in column.fields]
    values: dict[tuple[int, str], list[Value]] = {}
    if names:
        for event_id, name, value in connection.execute(
            "SELECT event_id, name, value FROM fields INDEXED BY fields_by_event"
            f" WHERE event_id IN ({marks}) AND name IN ({','.join('?' * len(names))}) AND state <> 'removed'"
            " ORDER BY event_id, position, id",
            [*ids, *names],
        ):
            values.setdefault((event_id, name), []).append(from_sql(value))

    def cell(event_id: int, column: Column) -> Cell:
        if column.own:
            value = rows[event_id][column]
            return () if value is None or value == "" else (value,)
        return tuple(value for name in column.fields for value in values.get((event_id, name), ()))

    return [[cell(event_id, column) for column in columns] for event_id in ids if event_id in rows]


def join_documents(columns: Iterable[Column]) -> str:
    """The join that these columns need beside events: none, where none is the document's."""
    needed = any(column.of_document for column in columns)
    # CROSS: the events lead, in order of their documents, where SQLite would go through an index of documents.
    return " CROSS JOIN documents ON documents.id = events.document_id" if needed else ""
