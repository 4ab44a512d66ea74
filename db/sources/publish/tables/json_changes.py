"""Changes of the JSON in the cells of an event table: at the places that the columns of the wide row come from."""

import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.model import Json
from db.sources.database.sampling import quoted
from db.sources.plan import EventTable
from db.sources.publish.tables.decided import DecidedEvent, review_of
from db.sources.publish.tables.edits import Key, TableEdits
from db.sources.publish.tables.json_cells import JsonCell, set_at
from db.sources.publish.tables.schema import OwnTable
from db.sources.reading.json_cells import NUMBER


class JsonChanges:
    """The changed JSON of the rows of one table. Rows are known by their identity."""

    def __init__(self, connection: sqlite3.Connection, table: EventTable, own: OwnTable) -> None:
        self._connection = connection
        self._table = table
        self._own = own
        self._cells: dict[tuple[Key, str], JsonCell] = {}

    def finish(self, edits: TableEdits) -> None:
        """Add the cells that changed."""
        for (identity, column), cell in self._cells.items():
            edits.cells[identity][column] = cell.text()

    def change(self, decided: DecidedEvent, identity: Key, column: str, new: Any) -> bool:
        """Change the place that a column of the wide row comes from. Return False if that is impossible."""
        old = decided.base.get(column)
        try:
            place = self._place(decided, identity, column)
            if place is None:
                return False
            cell, holder, keys = place
            if not keys:
                cell.replace_item(self._each_path(), decided.number or 1, new)
            elif not set_at(holder, keys, old, new):
                return False
        except (InputError, LookupError, TypeError):
            return False
        return True

    def add_keys(self, decided: DecidedEvent, identity: Key, fields: Sequence[Json], mapping: Mapping) -> None:
        """Add the fields that no column of the row holds as keys of the event's JSON object, if it is one."""
        columns = {(item.group, item.name): item.column for item in mapping.fields}
        children = {children.name for children in self._table.children}
        for field in fields:
            group, name = field.get("group"), str(field["name"])
            if group is not None and (str(group).partition(":")[0] in children or ":" in str(group)):
                continue
            path = (self._table.each or self._table.json[0]).split(".")
            cell = self._cell(identity, path[0])
            with suppress(InputError):
                holder = cell.object_at(path[1:], decided.number) if self._table.each else cell.value
                column = columns.get((None if group is None else str(group), name), name)
                if isinstance(holder, dict):
                    set_at(holder, [str(group), column] if group else [column], None, field["value"])

    def mark(self, decided: DecidedEvent, identity: Key) -> None:
        """Mark a rejected event in the JSON list that it comes from."""
        assert self._table.each is not None
        cell = self._cell(identity, self._table.each.partition(".")[0])
        item = cell.object_at(self._each_path(), decided.number)
        if isinstance(item, dict):
            item["review_status"] = review_of(decided.event).status

    def _place(self, decided: DecidedEvent, identity: Key, column: str) -> tuple[JsonCell, Any, Sequence[str]] | None:
        """Return the JSON cell that a column comes from, the object in it, and the keys from there."""
        columns = decided.columns
        inner = columns[columns.index(NUMBER) + 1 :] if NUMBER in columns else ()
        if self._table.each and column in inner:
            name = self._table.each.partition(".")[0]
            cell = self._cell(identity, name)
            item = cell.object_at(self._each_path(), decided.number)
            if not isinstance(item, dict):
                return cell, item, ()
            if column in item:
                return cell, item, (column,)
            short = column.removeprefix(f"{name}.")
            return cell, item, (short,) if short in item else column.split(".")
        for name in sorted(self._table.json, key=len, reverse=True):
            if column == name:
                cell = self._cell(identity, name)
                return cell, {"": cell.value}, ("",) if not isinstance(cell.value, list) else ()
            if column.startswith(f"{name}."):
                keys = column[len(name) + 1 :].split(".")
                cell = self._cell(identity, name)
                if isinstance(cell.value, dict) and ".".join(keys) in cell.value:
                    return cell, cell.value, (".".join(keys),)
                return cell, cell.value, keys
        for name in self._table.json:
            cell = self._cell(identity, name)
            if isinstance(cell.value, dict) and column in cell.value:
                return cell, cell.value, (column,)
        return None

    def _cell(self, identity: Key, column: str) -> JsonCell:
        if (identity, column) not in self._cells:
            condition = " AND ".join(f"{quoted(name)} IS ?" for name in self._own.identity)
            (text,) = self._connection.execute(
                f"SELECT {quoted(column)} FROM main.{quoted(self._own.name)} WHERE {condition}", identity
            ).fetchone()
            self._cells[identity, column] = JsonCell(text.decode() if isinstance(text, bytes) else text)
        return self._cells[identity, column]

    def _each_path(self) -> list[str]:
        assert self._table.each is not None
        return self._table.each.split(".")[1:]
