"""One row as a document and an event, by a mapping: worked out once for a list of columns."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from json import dumps
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.tables.cells import Cell, read_cell
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.mapping.nesting import collapse, expand
from db.formats.tables.read.date_order import Orders
from db.formats.tables.read.evidence import at_path, ground, marks_for, read_markup
from db.formats.tables.read.metadata import HeadReader, shown
from db.formats.tables.table import ABSENT
from db.io.csv import text_of
from db.kinds import Kind, is_modifier
from db.native import digest

_HEADS = ("document.", "event.", "review.")
_REMEMBERED = 4096  # cells of a column whose values are kept at hand


class Made(NamedTuple):
    """What a row was made into. ``key``: what rows of the same document have in common; None for one of its own."""

    document: dict[str, Any]
    event: dict[str, Any]
    key: object
    notes: tuple[str, ...]


class _Plain(NamedTuple):
    """A column whose cells are one value each."""

    at: int
    item: MappedField
    read: Callable[[str], Cell] | None
    modifier: int | None


class RowReader:
    """Reads rows of these columns."""

    def __init__(
        self, mapping: Mapping, columns: tuple[str, ...], orders: Orders, typed: bool, extractor: str | None
    ) -> None:
        self._columns = columns
        self._orders = orders
        self._typed = typed
        self._strict = not mapping.guessed
        self._mapping = mapping = mapping.extended(columns)
        at = {column: number for number, column in enumerate(columns)}
        self._missing = frozenset(mapping.missing)
        self._head = HeadReader(mapping, columns, extractor)
        self._plain, self._lists = self._fields(at)
        self._kept = self._always_kept(at)
        told = mapping.named().items()
        self._modifiers = [item.modifier for item in mapping.fields if item.modifier]
        self._heads = [(at[column], column) for column, what in told if what.startswith(_HEADS) and column in at]
        grounds = any(item.ground for item in mapping.fields)
        self._grounds = grounds or mapping.markup is not None
        self._own_columns = _own_columns(mapping.columns, columns, typed)

    def read(self, cells: Sequence[Any]) -> Made:
        """The document and the event of a row. Raises InputError that names the column."""
        if self._mapping.protected:
            cells = [text_of(cell) if isinstance(cell, str) else cell for cell in cells]
            cells = ["" if cell is None else cell for cell in cells]
        kept: dict[str, Any] = {}
        notes: list[str] = []
        event = self._head.event(cells, kept)
        document = self._head.document(cells, kept, event.get("id"), notes)
        fields: list[dict[str, Any]] = []
        for at, item, read, modifier_at in self._plain:
            cell = cells[at]
            if modifier_at is not None:
                kept[item.modifier or ""] = cells[modifier_at]  # until it is found to be one
            if cell == "" or cell is ABSENT or cell is None:
                if self._typed and cell is not ABSENT:
                    kept[item.column] = cell
                continue
            if cell.__class__ is not str:
                self._of_json(item, cell, fields, kept)
                continue
            if cell in self._missing:
                kept[item.column] = cell
                continue
            if read is None:
                field: dict[str, Any] = {"name": item.name, "value": cell}
            else:
                value = read(cell)
                if value.why:
                    value = self._unfit(item, cell, value, notes)
                if value.missing:
                    kept[item.column] = cell
                    continue
                field = {"name": item.name, "value": value.value}
                if value.modifier:
                    field["modifier"] = value.modifier
                if value.kept or (self._typed and value.value.__class__ is not str):
                    field["cell"] = cell
            if item.group:
                field["group"] = item.group
            if modifier_at is not None and is_modifier(cells[modifier_at]):
                field["modifier"] = kept.pop(item.modifier or "")
            fields.append(field)
        for column in self._modifiers:
            if kept.get(column) is ABSENT or (not self._typed and kept.get(column) in ("", None)):
                kept.pop(column, None)
        for at, item in self._lists:
            self._list(item, cells[at], fields, kept, notes)
        for at, column in self._kept:
            if (cell := cells[at]) is not ABSENT and (cell not in ("", None) or self._typed):
                kept[column] = cell
        if self._typed:  # where an empty text, null and no cell at all are three things
            kept |= {column: cells[at] for at, column in self._heads if cells[at] is None or cells[at] == ""}
        if self._grounds:
            self._ground(cells, document, fields)
        event["fields"] = fields
        if kept:
            event["table"] = kept
        return self._made(cells, document, event, tuple(notes))

    def _made(
        self, cells: Sequence[Any], document: dict[str, Any], event: dict[str, Any], notes: tuple[str, ...]
    ) -> Made:
        key: object = document.get("id")
        if key is None and (document.get("text") or document.get("url")):
            key = (document.get("title"), document.get("text"), document.get("url"), document.get("published"))
        elif key is None:
            document["id"] = event.get("id") or f"row-{digest([None if cell is ABSENT else cell for cell in cells])}"
            key = document["id"]
        if self._own_columns:
            document["table"] = {"columns": self._own_columns}
        return Made(document, event, (key, document.get("text") or document.get("title")), notes)

    def _fields(self, at: dict[str, int]) -> tuple[list[_Plain], list[tuple[int, MappedField]]]:
        plain, lists = [], []
        for item in self._mapping.fields:
            if item.column not in at:
                continue
            if item.separator:
                lists.append((at[item.column], item))
            else:
                modifier = at.get(item.modifier) if item.modifier else None
                plain.append(_Plain(at[item.column], item, self._reading(item), modifier))
        return plain, lists

    def _reading(self, item: MappedField) -> Callable[[str], Cell] | None:
        """How cells of a column are read; None for as they are."""
        kind: Kind | None = item.kind
        if kind in ("text", "choice", "place", "actor") or (kind is None and self._typed):
            return None

        @lru_cache(_REMEMBERED)
        def read(cell: str) -> Cell:
            made = read_cell(cell, kind, item.dates)
            if made.waits and (order := self._orders.of(item.column)):
                made = read_cell(cell, kind, order)
            return made

        return read

    def _always_kept(self, at: dict[str, int]) -> list[tuple[int, str]]:
        """Columns whose cells nothing else gives back: ignored ones, parts of what is joined, and what describes a
        document of which other rows may say otherwise.
        """
        document, event = self._mapping.document, self._mapping.event
        told = {item.column for item in self._mapping.fields}
        keep = dict.fromkeys(self._mapping.ignored)
        for joined in (document.id, document.title, document.text, event.id):
            if len(joined) > 1:
                keep |= dict.fromkeys(joined)
        own = bool(document.id) and document.id == event.id
        if not own and (document.id or document.text or document.url):
            described = (*document.title, document.publisher, document.published, document.language, document.url)
            keep |= dict.fromkeys(column for column in described if column and column not in document.id)
        return [(at[column], column) for column in keep if column in at and column not in told]

    def _unfit(self, item: MappedField, cell: str, value: Cell, notes: list[str]) -> Cell:
        if value.waits:
            why = f"{value.why}, and {self._orders.why(item.column)}; kept as text: give its field dates in a mapping"
            notes.append(f'column {item.column}: {shown(cell)} {why} ("dmy" or "mdy")')
            return Cell(cell)
        if self._strict and item.kind in ("integer", "number"):
            raise InputError(f"column {item.column}: {shown(cell)} {value.why}; mend it, or map the column as text")
        notes.append(f"column {item.column}: {shown(cell)} {value.why}; kept as text")
        return Cell(cell)

    def _list(
        self, item: MappedField, cell: Any, fields: list[dict[str, Any]], kept: dict[str, Any], notes: list[str]
    ) -> None:
        if not isinstance(cell, str) or cell == "" or cell in self._missing:
            if cell is not ABSENT and (cell not in ("", None) or self._typed):
                self._of_json(item, cell, fields, kept)
                kept[item.column] = cell
            return
        values = split(item, cell)
        for value in values:
            made = read_cell(
                value, item.kind, item.dates or (self._orders.of(item.column) if item.kind == "date" else None)
            )
            if made.why:
                made = self._unfit(item, value, made, notes)
            if made.missing:
                made = Cell(value)
            field = {"name": item.name, "value": made.value}
            if item.group:
                field["group"] = item.group
            if made.modifier:
                field["modifier"] = made.modifier
            if made.kept:
                field["cell"] = value
            fields.append(field)
        if (item.separator or "").join(values) != cell:
            kept[item.column] = cell

    def _of_json(self, item: MappedField, cell: Any, fields: list[dict[str, Any]], kept: dict[str, Any]) -> None:
        """A cell that is a value of JSON: lists are repeated fields, objects groups."""
        if isinstance(cell, str) or cell is None:
            kept[item.column] = cell
            return
        if not isinstance(cell, list | dict):
            plain: dict[str, Any] = {"name": item.name, "value": cell}
            fields.append(plain | {"group": item.group} if item.group else plain)
            return
        parts = expand(item.name, item.group, cell)
        for part in parts:
            field = {"name": part.name, "value": part.value}
            if part.group:
                field["group"] = part.group
            if part.key:
                field["key"] = part.key
            fields.append(field)
        if not parts or dumps(collapse(item.name, item.group, parts)) != dumps(cell):
            kept[item.column] = cell

    def _ground(self, cells: Sequence[Any], document: dict[str, Any], fields: list[dict[str, Any]]) -> None:
        text = document.get("text") or document.get("title") or ""
        markup = self._mapping.markup
        marks = []
        if markup:
            row = dict(zip(self._columns, cells, strict=True))
            marks = read_markup(text, at_path(row, markup.column))
        wanted: dict[tuple[str | None, str], MappedField] = {}
        for item in self._mapping.fields:
            if item.ground is True:
                wanted[item.group, item.name] = item
            elif item.ground:
                wanted |= {(item.group or item.name, key): item for key in item.ground}
        for field in fields:
            group = field.get("group")
            found = wanted.get((group, field["name"]))
            if found is None and group:
                found = wanted.get((group.partition(":")[0], field["name"]))
            if found:
                ground(text, field, marks_for(markup, found.column, marks))


def _own_columns(mapped: tuple[str, ...], columns: tuple[str, ...], typed: bool) -> list[str]:
    """The columns that a document has to tell of, since its table has others than the mapping; objects have an order of
    keys that says nothing, and lack some.
    """
    if not typed:
        return list(columns) if columns != mapped else []
    more = [column for column in columns if column not in mapped]
    return [*mapped, *more] if more else []


def split(item: MappedField, cell: str) -> list[str]:
    """The values of a list in a cell, without the white space around them."""
    return [part.strip() for part in cell.split(item.separator) if part.strip()]
