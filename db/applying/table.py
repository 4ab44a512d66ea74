"""Reads a table of values to set: a row a value (event, field, value), or a row an event with a column a field."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from db.applying.names import PROPERTIES
from db.applying.values import Applier, Setting
from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.table import ABSENT, Row, Table

_EVENTS = ("event", "event_id", "external_id", "id")
_FIELDS = ("field", "name", "key", "column")
_VALUES = ("value", "new_value", "new", "to", "corrected", "corrected_value", "reviewed", "person")
_GROUPS, _NUMBERS = ("group",), ("number", "index")
_EXTRACTORS, _DOCUMENTS = ("extractor",), ("document", "document_id")
_OWN_EXPORT = "eventdesk"  # the last column of the table that export writes


@dataclass(slots=True)
class Problem:
    """A row that can't be applied: its line, and why."""

    line: int
    why: str


@dataclass(slots=True)
class _Columns:
    event: int
    extractor: int | None
    document: int | None
    name: int | None = None
    value: int | None = None
    group: int | None = None
    number: int | None = None
    wide: list[tuple[int, str]] = field(default_factory=list)


def apply_table(applier: Applier, source: Source) -> list[Problem]:
    """Set the values of a table; return the rows that can't be applied. Raises InputError if the table can't be used.

    In a table with a row for each value, an empty value removes the field. In one with a column for each field, an
    empty cell changes nothing.
    """
    table = open_table(source)
    columns = _columns(table)
    problems: list[Problem] = []
    seen: dict[tuple[int, str], tuple[str, int]] = {}
    rows = 0
    for row in table.rows():
        rows += 1
        try:
            event_id, settings = _settings(applier, row, columns)
            for item in settings:
                value, line = seen.setdefault((event_id, item.name), (item.value, row.position))
                if value != item.value:
                    raise InputError(f"{item.name} has another value in line {line}; delete one of the rows")
            applier.set(event_id, settings)
        except InputError as error:
            problems.append(Problem(row.position, str(error)))
    if not rows:
        raise InputError(f"{source.name}: has no rows; there is nothing to apply")
    return problems


def _columns(table: Table) -> _Columns:
    by_name = {name.strip().casefold(): number for number, name in reversed(list(enumerate(table.columns)))}

    def first(names: tuple[str, ...]) -> int | None:
        return next((by_name[name] for name in names if name in by_name), None)

    if _OWN_EXPORT in by_name:
        raise InputError(f"{table.name}: is a table that eventdesk exported; its edits come back with eventdesk import")
    event, value = first(_EVENTS), first(_VALUES)
    listed = ", ".join(table.columns[:8])
    if event is None:
        raise InputError(f"{table.name}: no column for the event; name it event (the columns are {listed})")
    columns = _Columns(event, first(_EXTRACTORS), first(_DOCUMENTS))
    about = first(_FIELDS)
    if about is not None and about != event and value is not None:
        columns.name, columns.value, columns.group, columns.number = about, value, first(_GROUPS), first(_NUMBERS)
        return columns
    known = (columns.event, columns.extractor, columns.document)
    columns.wide = [(number, name.strip()) for number, name in enumerate(table.columns) if number not in known]
    if not columns.wide:
        raise InputError(f"{table.name}: no values; add the columns field and value, or a column for each field")
    return columns


def _settings(applier: Applier, row: Row, columns: _Columns) -> tuple[int, list[Setting]]:
    """Return the event of a row and what the row sets. Raises InputError."""
    if isinstance(row.cells, InputError):
        raise row.cells
    cells = list(row.cells)
    event = _text(cells, columns.event)
    if not event:
        raise InputError("names no event")
    event_id = applier.find(event, _text(cells, columns.extractor) or None, _text(cells, columns.document) or None)
    if columns.name is None:
        return event_id, [Setting(name, value) for at, name in columns.wide if (value := _text(cells, at))]
    name = _text(cells, columns.name)
    if not name:
        raise InputError("names no field")
    if name not in PROPERTIES:
        group, number = _text(cells, columns.group), _text(cells, columns.number)
        name = f"{f'{group}.' if group else ''}{name}{f'[{number}]' if number else ''}"
    return event_id, [Setting(name, _text(cells, columns.value))]


def _text(cells: list[Any], at: int | None) -> str:
    """Return a cell as a person would write it; an empty text for none."""
    value = cells[at] if at is not None and at < len(cells) else None
    if value is None or value is ABSENT:
        return ""
    return value.strip() if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def lines_of(problems: list[Problem], name: str) -> Iterator[str]:
    """Yield a line for each row that can't be applied."""
    for problem in problems:
        yield f"{name}:{problem.line}: {problem.why}"
