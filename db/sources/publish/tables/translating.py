"""Translates what reviewers changed in the wide row of an event into changes of the database's own rows."""

import sqlite3
from collections.abc import Sequence
from typing import Any

from db.decisions.native_form import document_json
from db.errors import InputError
from db.formats.shared.versions import source_text
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.nested_cells import may_be_from
from db.model import Json, SqlValue
from db.sources.database.sampling import quoted
from db.sources.plan import Children, EventTable, Label
from db.sources.publish.report import PublishReport
from db.sources.publish.tables.corrections import corrections_of, field_pairs
from db.sources.publish.tables.decided import DecidedEvent, DecidedEvents, review_of
from db.sources.publish.tables.edits import Edits, Key, key_text
from db.sources.publish.tables.json_changes import JsonChanges
from db.sources.publish.tables.linked import ChildRows, FieldsTable, LabelList, LinkedTable, id_of_label
from db.sources.publish.tables.schema import OwnTable, read_own
from db.sources.publish.tables.values import as_cell, fits
from db.store.reading import read_document

_FALSE = frozenset((None, 0, "", "0", "0.0", "f", "F", "false", "False", "FALSE", "n", "N", "no", "No"))


class Translator:
    """Translates the changes of the events of one table."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        desk: sqlite3.Connection,
        table: EventTable,
        own: OwnTable,
        decided: DecidedEvents,
        report: PublishReport,
    ) -> None:
        self._connection = connection
        self._desk = desk
        self._table = table
        self.own = own
        self._decided = decided
        self._report = report
        self._labels = {label.column: label for label in table.labels if not label.several}
        self.linked: list[LinkedTable] = []
        self._lists: list[tuple[Label, LabelList]] = []
        for label in table.labels:
            if label.several:
                self._lists.append((label, LabelList(connection, self._linked(label.link), label)))
        self._children = [(item, ChildRows(connection, self._linked(item.link), item)) for item in table.children]
        self._fields = FieldsTable(connection, self._linked(table.fields.link), table.fields) if table.fields else None
        self._json = JsonChanges(connection, table, own)

    def _linked(self, link: Any) -> LinkedTable:
        linked = LinkedTable(self._connection, read_own(self._connection, link.table), link)
        self.linked.append(linked)
        return linked

    def translate(self, decided: DecidedEvent, edits: Edits) -> None:
        """Add the changes of an event."""
        event = decided.event
        where = f"{self.own.name} {key_text(decided.key)}"
        if event.status == "rejected":
            if self._table.each:
                self._json.mark(decided, self._identity(decided.key))
            return
        edits.corrections += corrections_of(decided, self._decided.cells.mapping, self._table.each)
        changed = dict(decided.changed)
        for problem in self._linked_changes(decided, changed, edits):
            self._report.add_problem(f"{where}: {problem}; not written to a table, see {self.own.name}_corrections")
        if self._fields is None and (self._table.each or self._table.json):
            fields, mapping = self._decided.uncovered(decided), self._decided.cells.mapping
            self._json.add_keys(decided, self._identity(decided.key), fields, mapping)
        if not changed:
            return
        identity = self._identity(decided.key)
        cells = edits.tables[self.own.name].cells
        for column, new in changed.items():
            if column in self.own.names and not self._is_json(column):
                self._own_cell(column, new, cells[identity], where)
            elif not self._json.change(decided, identity, column, new, self._decided.cells.mapping):
                self._report.add_problem(f"{where}: {column} can't be written back; see {self.own.name}_corrections")
        if not cells[identity]:
            del cells[identity]

    def finish(self, edits: Edits) -> None:
        """Add the JSON cells that changed."""
        self._json.finish(edits.tables[self.own.name])

    def _identity(self, key: Key) -> Key:
        """Return the rowid, or else the key, of the row with a key."""
        if self.own.identity == self.own.key:
            return key
        condition = " AND ".join(f"{quoted(name)} IS ?" for name in self._table.key)
        found = self._connection.execute(
            f"SELECT {quoted(self.own.identity[0])} FROM main.{quoted(self.own.name)} WHERE {condition}", key
        ).fetchone()
        if found is None:
            raise InputError(f"{self.own.name}: the row {key} is gone; run eventdesk sync first")
        return tuple(found)

    def _own_cell(self, column: str, new: Any, cells: dict[str, SqlValue], where: str) -> None:
        value = as_cell(new)
        if (label := self._labels.get(column)) is not None and value is not None:
            found = id_of_label(self._connection, label, value)
            if found is None:
                self._report.add_problem(
                    f"{where}: no row of {label.link.end} has the {label.label} {value!r}; it is in"
                    f" {self.own.name}_corrections, and {column} is empty"
                )
            cells |= dict(zip(label.link.columns, found or (None,) * len(label.link.columns), strict=True))
            return
        declared = dict(self.own.columns)[column]
        if not fits(value, declared, self.own.strict):
            self._report.add_problem(
                f"{where}: {column} is {declared} in a STRICT table and can't hold {value!r}; it is in"
                f" {self.own.name}_corrections, and {column} is empty"
            )
            value = None
        cells[column] = value

    def _is_json(self, column: str) -> bool:
        return column in self._table.json

    def _linked_changes(self, decided: DecidedEvent, changed: dict[str, Any], edits: Edits) -> list[str]:
        """Write what belongs to other tables and remove it from ``changed``. Return what can't be written."""
        review = review_of(decided.event)
        problems: list[str] = []
        for label, rows in self._lists:
            if label.column in changed:
                old, new = (_list(value) for value in (decided.base.get(label.column), changed.pop(label.column)))
                missing = rows.change(self._key_of(label.link.columns, decided), old, new, review, edits)
                problems += [f"{value} is no {label.label} in {label.link.end}" for value in missing]
        for children, child_rows in self._children:
            if children.name in changed:
                new = changed.pop(children.name)
                old = _list(decided.base.get(children.name))
                after = self._children_after(decided, children, old)
                problems += child_rows.change(self._key_of(children.link.columns, decided), old, after, review, edits)
        for one_hot in self._table.one_hot:
            if one_hot.name in changed:
                names = _list(changed.pop(one_hot.name))
                identity = self._identity(decided.key)
                self._one_hot(one_hot.columns, one_hot.names, names, identity, edits)
                problems += [f"{value} is no column of {one_hot.name}" for value in names if value not in one_hot.names]
        if self._fields is not None:
            problems += self._fields_changes(decided, changed, edits)
        return problems

    def _fields_changes(self, decided: DecidedEvent, changed: dict[str, Any], edits: Edits) -> list[str]:
        assert self._fields is not None
        assert self._table.fields is not None
        own = {*self.own.names, *(item.name for item in self._table.one_hot)}
        items = [item for item in self._decided.cells.mapping.fields if item.column not in own]
        pairs = [
            (old, new)
            for old, new in field_pairs(decided.event)
            if old != new and (new is None or _is_in(items, new) or not _is_in(self._decided.mapping.fields, new))
        ]
        pairs = [pair for pair in pairs if pair[0] is None or _is_in(items, pair[0])]
        for column in [column for column in changed if column not in own]:
            del changed[column]
        if not pairs:
            return []
        text = source_text(document_json(read_document(self._desk, decided.event.document_id)))
        renamed = {item.name: item.column for item in items}
        named = [tuple(_as_column(field, renamed) for field in pair) for pair in pairs]
        key = self._key_of(self._table.fields.link.columns, decided)
        return self._fields.change(key, [(old, new) for old, new in named], text, review_of(decided.event), edits)

    def _children_after(self, decided: DecidedEvent, children: Children, old: list[Any]) -> list[Any]:
        """Return what each child row holds now, None for one that was removed, and then what was added."""
        fields = [field for _, field in field_pairs(decided.event) if field is not None]
        if old and not isinstance(old[0], dict):
            mine = [
                pair
                for pair in field_pairs(decided.event)
                if any(f is not None and f["name"] == children.name for f in pair)
            ]
            kept = [None if new is None else new["value"] for before, new in mine if before is not None]
            return kept + [new["value"] for before, new in mine if before is None and new is not None]
        groups: dict[str, dict[str, Any]] = {}
        for field in fields:
            group = field.get("group")
            if isinstance(group, str) and (group == children.name or group.startswith(f"{children.name}:")):
                groups.setdefault(group, {})[str(field.get("key") or field["name"])] = field["value"]
        names = [children.name] if len(old) == 1 and children.name in groups else []
        names = names or [f"{children.name}:{number}" for number in range(1, len(old) + 1)]
        return [groups.pop(name, None) for name in names] + [*groups.values()]

    def _one_hot(
        self, columns: Sequence[str], names: Sequence[str], new: list[Any], identity: Key, edits: Edits
    ) -> None:
        condition = " AND ".join(f"{quoted(name)} IS ?" for name in self.own.identity)
        row = self._connection.execute(
            f"SELECT {', '.join(map(quoted, columns))} FROM main.{quoted(self.own.name)} WHERE {condition}", identity
        ).fetchone()
        words = [cell for cell in row if isinstance(cell, str) and cell not in _FALSE]
        for column, name, cell in zip(columns, names, row, strict=True):
            if (cell not in _FALSE) == (name in new):
                continue
            yes: Any = words[0] if words else "1" if any(isinstance(one, str) for one in row) else 1
            no: Any = {"1": "0", "t": "f", "true": "false", "yes": "no", "y": "n"}.get(str(yes).lower(), 0)
            edits.tables[self.own.name].cells[identity][column] = yes if name in new else no if words else 0

    def _key_of(self, columns: Sequence[str], decided: DecidedEvent) -> Key:
        """Return the cells of the own columns from which a link leads."""
        if tuple(columns) == self._table.key:
            return decided.key
        condition = " AND ".join(f"{quoted(name)} IS ?" for name in self._table.key)
        selected = ", ".join(map(quoted, columns))
        found = self._connection.execute(
            f"SELECT {selected} FROM main.{quoted(self.own.name)} WHERE {condition}", decided.key
        ).fetchone()
        return tuple(found or (None,))


def _is_in(items: Sequence[MappedField], field: Json) -> bool:
    return any(may_be_from(item.name, item.group, field) or item.name == field["name"] for item in items)


def _as_column(field: Json | None, columns: dict[str, str]) -> Json | None:
    """Return a field with the name that it has in the fields table."""
    if field is None:
        return None
    name = str(field["name"])
    return field | {"name": columns.get(name, name)}


def _list(value: Any) -> list[Any]:
    return [] if value is None else value if isinstance(value, list) else [value]
