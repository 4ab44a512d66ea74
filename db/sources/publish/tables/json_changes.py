"""Changes of the JSON in the cells of an event table: at the places that the columns of the wide row come from."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import suppress
from typing import Any

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.model import Json
from db.sources.database.sampling import quoted
from db.sources.plan import EventTable
from db.sources.publish.json_edit import same_json
from db.sources.publish.tables.corrections import field_pairs
from db.sources.publish.tables.decided import DecidedEvent, review_of
from db.sources.publish.tables.edits import Key, TableEdits
from db.sources.publish.tables.json_cells import JsonCell, merged, set_at, set_leaf
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

    def change(self, decided: DecidedEvent, identity: Key, column: str, new: Any, mapping: Mapping) -> bool:
        """Change the place that a column of the wide row comes from. Return False if that is impossible."""
        try:
            place = self._place(decided, identity, column)
            if place is not None and _set(*place, decided.base.get(column), new):
                return True
        except (InputError, LookupError, TypeError, ValueError):
            pass
        return self._change_values(decided, identity, column, mapping)

    def _change_values(self, decided: DecidedEvent, identity: Key, column: str, mapping: Mapping) -> bool:
        """Change the values of a column's fields where they are in the JSON, whatever is around them."""
        names = {item.name for item in mapping.fields if item.column == column} | {column}
        pairs = [
            (old, new) for old, new in field_pairs(decided.event)
            if old is not None and old["name"] in names and (new is None or new["value"] != old["value"])
        ]  # fmt: skip
        done = 0
        for old, new in pairs:
            value = None if new is None else new["value"]
            with suppress(InputError, LookupError, TypeError, ValueError):
                for cell, holder in self._holders(decided, identity):
                    if set_leaf(cell, holder, [column, str(old["name"])], old["value"], value):
                        done += 1
                        break
        return bool(pairs) and done == len(pairs)

    def _holders(self, decided: DecidedEvent, identity: Key) -> Iterator[tuple[JsonCell, Any]]:
        """Yield the JSON cells of a row, with the object of the event in each."""
        if self._table.each and decided.number:
            cell = self._cell(identity, self._table.each.partition(".")[0])
            yield cell, cell.item(self._each_path(), decided.number)
            return
        for name in self._table.json:
            cell = self._cell(identity, name)
            yield cell, cell.value

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
                holder = cell.item(path[1:], decided.number or 1) if self._table.each else cell.value
                column = columns.get((None if group is None else str(group), name), name)
                if isinstance(holder, dict):
                    set_at(holder, [str(group), column] if group else [column], None, field["value"])

    def mark(self, decided: DecidedEvent, identity: Key) -> None:
        """Mark a rejected event in the JSON list that it comes from."""
        assert self._table.each is not None
        cell = self._cell(identity, self._table.each.partition(".")[0])
        item = cell.item(self._each_path(), decided.number or 1)
        if isinstance(item, dict):
            item["review_status"] = review_of(decided.event).status

    def _place(self, decided: DecidedEvent, identity: Key, column: str) -> tuple[JsonCell, Any, Sequence[str]] | None:
        """Return the JSON cell that a column comes from, the object in it, and the keys from there."""
        columns = decided.columns
        inner = columns[columns.index(NUMBER) + 1 :] if NUMBER in columns else ()
        if self._table.each and column in inner:
            name = self._table.each.partition(".")[0]
            cell = self._cell(identity, name)
            item = cell.item(self._each_path(), decided.number or 1)
            if not isinstance(item, dict):
                return cell, item, ()
            if column in item:
                return cell, item, (column,)
            short = column.removeprefix(f"{name}.")
            return cell, item, (short,) if short in item else column.split(".")
        for name in sorted(self._table.json, key=len, reverse=True):
            if column == name:
                cell = self._cell(identity, name)
                return cell, cell, ()
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


def _set(cell: JsonCell, holder: Any, keys: Sequence[str], old: Any, new: Any) -> bool:
    if keys:
        return set_at(holder, keys, old, new)
    if holder is not cell or not isinstance(cell.value, list):
        return False
    is_one = not isinstance(old, list) and len(cell.value) == 1 and not isinstance(cell.value[0], dict | list)
    if not is_one and not same_json(cell.value, old):
        return False
    cell.value = [new] if is_one else merged(cell.value, old, new)
    return True
