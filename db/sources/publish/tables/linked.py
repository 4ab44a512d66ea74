"""Changes of the rows that belong to an event in other tables: of look-up, link, child and fields tables."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from db.formats.tables.cells import write_value
from db.model import Json, SqlValue
from db.sources.database.sampling import quoted
from db.sources.plan import Children, FieldRows, Label, Link
from db.sources.publish.tables.edits import Edits, Key, Review
from db.sources.publish.tables.schema import OwnTable
from db.sources.publish.tables.values import as_cell, in_notation

Fields = list[Json]
Pair = tuple[Json | None, Json | None]
"""A field as it was extracted and as it is reviewed: None if a person added it, or removed it."""


class LinkedTable:
    """A table to which a link leads, with the rows of an event in the order in which they were read."""

    def __init__(self, connection: sqlite3.Connection, own: OwnTable, link: Link) -> None:
        self.own = own
        self.link = link
        self._connection = connection

    def rows(self, key: Key, columns: Sequence[str]) -> list[tuple[Key, dict[str, Any]]]:
        """Return the identity and these cells of each row whose cells in the link's ``to`` equal the key."""
        if None in key:
            return []
        identity = self.own.identity
        selected = ", ".join(map(quoted, (*identity, *columns)))
        condition = " AND ".join(f"{quoted(name)} = ?" for name in self.link.to)
        order = f" ORDER BY {quoted(self.own.rowid)}" if self.own.rowid else ""
        found = self._connection.execute(
            f"SELECT {selected} FROM main.{quoted(self.own.name)} WHERE {condition}{order}", key
        ).fetchall()
        size = len(identity)
        return [(row[:size], dict(zip(columns, row[size:], strict=True))) for row in found]


def id_of_label(connection: sqlite3.Connection, label: Label, value: Any) -> Key | None:
    """Return the key of the row that has a label in a look-up table; None if there is none."""
    link = label.link
    while link.then:
        link = link.then
    selected = ", ".join(map(quoted, link.to))
    found = connection.execute(
        f"SELECT {selected} FROM main.{quoted(link.table)} WHERE {quoted(label.label)} = ? LIMIT 1", (as_cell(value),)
    ).fetchone()
    return tuple(found) if found else None


class LabelList:
    """The rows of a link table, or of a table of labels, that give an event its list of labels."""

    def __init__(self, connection: sqlite3.Connection, table: LinkedTable, label: Label) -> None:
        self._connection = connection
        self._table = table
        self._label = label

    def change(self, key: Key, old: list[Any], new: list[Any], review: Review, edits: Edits) -> list[str]:
        """Remove and add rows; return the labels that no row has."""
        label, changes = self._label, edits.tables[self._table.own.name]
        then = self._table.link.then
        columns = then.columns if then else (label.label,)
        rows = self._table.rows(key, columns)
        missing = []
        for value in [value for value in old if value not in new]:
            cells = id_of_label(self._connection, label, value) if then else (as_cell(value),)
            changes.removed |= {identity for identity, row in rows if tuple(row.values()) == cells}
        for value in [value for value in new if value not in old]:
            cells = id_of_label(self._connection, label, value) if then else (as_cell(value),)
            if cells is None:
                missing.append(write_value(value))
                continue
            row = dict(zip(self._table.link.to, key, strict=True)) | dict(zip(columns, cells, strict=True))
            changes.added.append((row, review))
        return missing


class FieldsTable:
    """The rows of a fields table: each is one field."""

    def __init__(self, connection: sqlite3.Connection, table: LinkedTable, plan: FieldRows) -> None:
        self._connection = connection
        self._table = table
        self._plan = plan
        self._labels = {label.column: label for label in plan.labels if not label.several}

    def change(self, key: Key, pairs: Sequence[Pair], text: str, review: Review, edits: Edits) -> list[str]:
        """Change, remove and add the rows of an event's fields. Return what can't be written."""
        plan, changes = self._plan, edits.tables[self._table.own.name]
        places = [column for column in (plan.group, plan.start, plan.end, plan.quote) if column]
        rows = [
            row for row in self._table.rows(key, list(dict.fromkeys((plan.name, plan.value, *places))))
            if row[1][plan.name] is not None and row[1][plan.value] is not None
        ]  # fmt: skip
        waiting = list(rows)
        problems: list[str] = []
        for old, new in pairs:
            found = self._row_of(old, waiting) if old else None
            if found is not None:
                waiting.remove(found)
            if old is not None and found is None:
                problems.append(f"field {old['name']}: its row is not found in {self._table.own.name}")
            elif new is None and found is not None:
                changes.removed.add(found[0])
            elif new is not None and found is None:
                row, missing = self._cells(old, new, None, text)
                problems += missing
                changes.added.append((dict(zip(self._table.link.to, key, strict=True)) | row, review))
            elif new is not None and found is not None:
                row, missing = self._cells(old, new, found[1], text)
                problems += missing
                if row:
                    changes.cells[found[0]] |= row
        return problems

    def _row_of(self, field: Json, rows: list[tuple[Key, dict[str, Any]]]) -> tuple[Key, dict[str, Any]] | None:
        """Return the row of an extracted field: that of its name and value, or else the first of its name."""
        named = [row for row in rows if _folded(self._shown(self._plan.name, row[1])) == _folded(field["name"])]
        exact = [
            row for row in named if write_value(self._shown(self._plan.value, row[1])) == write_value(field["value"])
        ]
        return next(iter(exact or named), None)

    def _shown(self, column: str, row: dict[str, Any]) -> Any:
        """Return a cell of a row, or the label that it has in a look-up table."""
        label = self._labels.get(column)
        if label is None:
            return row[column]
        link = label.link
        found = self._connection.execute(
            f"SELECT {quoted(label.label)} FROM main.{quoted(link.end)} WHERE {quoted(link.to[0])} = ?", (row[column],)
        ).fetchone()
        return found[0] if found else row[column]

    def _cells(
        self, old: Json | None, new: Json, row: dict[str, Any] | None, text: str
    ) -> tuple[dict[str, SqlValue], list[str]]:
        """Return the cells of a field that changed, or all of a new one, and the labels that no row has."""
        plan = self._plan
        cells: dict[str, SqlValue] = {}
        problems = []
        for column, key in ((plan.name, "name"), (plan.value, "value")):
            if old is not None and old[key] == new[key] and type(old[key]) is type(new[key]):
                continue
            value: Any = new[key]
            if row is not None and old is not None:
                value = in_notation(row[column], old[key], value)
            cells[column] = as_cell(value)
            if (label := self._labels.get(column)) is not None:
                found = id_of_label(self._connection, label, value)
                cells[column] = found[0] if found else None
                if found is None:
                    problems.append(f"{write_value(value)} is no label in {label.link.end}")
        if plan.group and (old is None or old.get("group") != new.get("group")):
            group = new.get("group")
            cells[plan.group] = group.removeprefix(f"{plan.group}:") if isinstance(group, str) else None
        spans: Any = new.get("spans") or []
        if (old is None or (old.get("spans") or []) != spans) and (plan.quote or plan.start):
            cells |= self._place(old, row, spans, text)
        return cells, problems

    def _place(
        self, old: Json | None, row: dict[str, Any] | None, spans: list[list[int]], text: str
    ) -> dict[str, SqlValue]:
        """Return the cells of a new place: its quote, and its offsets if the old ones count characters too."""
        plan = self._plan
        cells: dict[str, SqlValue] = {}
        if plan.quote:
            cells[plan.quote] = text[spans[0][0] : spans[0][1]] if spans else None
        if plan.start and plan.end:
            before: Any = (old or {}).get("spans") or []
            same_unit = row is None or not before or [row[plan.start], row[plan.end]] == before[0]
            cells[plan.start] = spans[0][0] if spans and same_unit else None
            cells[plan.end] = spans[0][1] if spans and same_unit else None
        return cells


class ChildRows:
    """The rows of a child table: each is a group of fields, or the value of one field."""

    def __init__(self, connection: sqlite3.Connection, table: LinkedTable, plan: Children) -> None:
        self._connection = connection
        self._table = table
        self._plan = plan
        self._labels = {label.column: label for label in plan.labels if not label.several}
        self._is_list = len(plan.columns) + sum(label.several for label in plan.labels) == 1

    def change(self, key: Key, old: list[Any], new: list[Any], review: Review, edits: Edits) -> list[str]:
        """Change, remove and add rows. ``old``, ``new``: what each holds; None at the place of a removed one.

        Return what can't be written.
        """
        changes = edits.tables[self._table.own.name]
        rows = self._table.rows(key, self._plan.columns)
        rows = [row for row in rows if any(cell not in (None, "") for cell in row[1].values())]
        if len(rows) != len(old):
            return [f"{self._plan.name}: its rows in {self._table.own.name} are not the ones that were read"]
        problems: list[str] = []
        for (identity, row), before, after in zip(rows, old, new, strict=False):
            if after is None:
                changes.removed.add(identity)
            elif before != after:
                cells, missing = self._cells(before, after, row)
                problems += missing
                if cells:
                    changes.cells[identity] |= cells
        for after in new[len(old) :]:
            cells, missing = self._cells({}, after, None)
            problems += missing
            changes.added.append((dict(zip(self._table.link.to, key, strict=True)) | cells, review))
        return problems

    def _cells(self, old: Any, new: Any, row: dict[str, Any] | None) -> tuple[dict[str, SqlValue], list[str]]:
        if self._is_list:
            (column,) = self._plan.columns
            old, new = {column: old} if old != {} else {}, {column: new}
        cells: dict[str, SqlValue] = {}
        problems = []
        for column in dict.fromkeys((*old, *new)):
            value = new.get(column)
            if column in old and old[column] == value:
                continue
            if column not in self._plan.columns:
                problems.append(f"{self._plan.name} has no column {column}")
                continue
            if row is not None and column not in self._labels:
                value = in_notation(row[column], old.get(column), value)
            cells[column] = as_cell(value)
            if (label := self._labels.get(column)) is not None and value is not None:
                found = id_of_label(self._connection, label, value)
                cells[column] = found[0] if found else None
                if found is None:
                    problems.append(f"{write_value(value)} is no label in {label.link.end}")
        return cells, problems


def _folded(name: Any) -> str:
    return "".join(character for character in write_value(name).casefold() if character.isalnum())
