"""find: prints matching events as they are found; counts, groups or sums them."""

import argparse
import contextlib
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from db.describe import value_text, value_words
from db.errors import DamagedRowError, InputError
from db.exporting import event_with_document
from db.figures.columns import Cell, Column, Qualified, columns_of, read_cells
from db.figures.summaries import Key, Summary, count_events, keys_of, summarise
from db.maintenance.opening import open_to_read
from db.model import Json, Value
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.event_types import read_event_types
from db.store.reading import read_queue_rows
from tui.arguments import add_output_options, positive, text
from tui.commands import Command
from tui.output.damage import DamagedRows
from tui.output.pages import in_pages, print_csv_pages, print_json_lines, print_json_pages, print_pages
from tui.output.progress import warn
from tui.output.tables import BAR, bar, count, print_json
from tui.text.marks import STATUS_MARKS

T = TypeVar("T")

_COLUMNS = ("event", "status", "date", "type", "headline", "confidence", "extractor")
_SEPARATOR = "; "
_NONE = "(none)"
_ALL = "(all)"
_DETAILS = """In groups, an event counts once for each value of a repeated field, and under
(none) if it has no value. Fields of one group, such as transfer:1, stay
together: --group-by recipient --sum count adds each count to its own recipient.
A date that is only a year has a row of its own under date:month.
Put -- before a query that begins with -."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("query", nargs="?", type=text, default="", metavar="QUERY", help="default: all events")
    parser.add_argument("--fields", type=text, metavar="A,B,C", help="columns: fields, or id, type, status, title …")
    parser.add_argument("--limit", type=positive, metavar="N", help="print only the first N events or groups")
    parser.add_argument("--group-by", type=text, metavar="A,B", help="count by up to three names, dates by date:month")
    parser.add_argument("--sum", type=text, metavar="FIELD", help="add up the numbers of a field, or of each group")
    add_output_options(parser, "json", "csv", "ndjson", "count")


def find(arguments: argparse.Namespace) -> int:
    """Print matching events, or their number, groups or sum."""
    _check_options(arguments)
    query = parse(arguments.query)
    damaged = DamagedRows()
    with contextlib.closing(open_to_read(arguments.file)) as connection:
        fields = _names("--fields", arguments.fields, lambda names: columns_of(connection, names))
        keys = _names("--group-by", arguments.group_by, lambda names: keys_of(connection, names))
        (summed,) = _names("--sum", arguments.sum, lambda names: _sum_column(connection, names)) or (None,)
        search = compile_query(connection, query)
        if arguments.form == "count":
            number = count_events(connection, search)
            print(number)
            return 0 if number else 1
        if keys or summed:
            summary = summarise(connection, search, keys, summed, damaged)
            return damaged.status(arguments.file, _print_summary(arguments, summary, keys, summed))
        ids = islice(event_ids(connection, search), arguments.limit)
        pages = _CountedPages(in_pages(ids))
        if arguments.form in ("json", "ndjson"):
            printer = print_json_pages if arguments.form == "json" else print_json_lines
            printer(_objects(connection, page, fields, damaged) for page in pages)
        else:
            rows = _field_rows(connection, pages, fields, damaged) if fields else _rows(connection, pages, damaged)
            columns = [column.name for column in fields] or _COLUMNS
            (print_csv_pages if arguments.form == "csv" else print_pages)(columns, rows)
        return damaged.status(arguments.file, 0 if pages.count else 1)


def _check_options(arguments: argparse.Namespace) -> None:
    given = {f"--{name.replace('_', '-')}": getattr(arguments, name) for name in ("group_by", "sum", "fields", "limit")}
    given["--count"] = arguments.form == "count" or None
    exclusive = [("--count", other) for other in ("--group-by", "--sum", "--fields", "--limit")]
    exclusive += [("--fields", "--group-by"), ("--fields", "--sum")]
    for one, other in exclusive:
        if given[one] is not None and given[other] is not None:
            raise InputError(f"{one} and {other} can't be used together; leave one out")
    if arguments.limit is not None and arguments.sum is not None and arguments.group_by is None:
        raise InputError("--limit has no effect on --sum, which prints one number; leave --limit out")


def _names(option: str, text: str | None, read: Callable[[list[str]], tuple[T, ...]]) -> tuple[T, ...]:
    """Read the comma-separated names of an option. Raises InputError that names the option."""
    if text is None:
        return ()
    try:
        return read(text.split(","))
    except InputError as error:
        raise InputError(f"{option}: {error}") from None


def _sum_column(connection: sqlite3.Connection, names: list[str]) -> tuple[Column, ...]:
    columns = columns_of(connection, names)
    if len(columns) > 1:
        raise InputError("takes one field; run the command once for each sum")
    if columns[0].sql:
        raise InputError(f"{columns[0].name} is not a field; name a field")
    return columns


class _CountedPages:
    """Pages of event ids. ``count`` is the number of ids given out so far."""

    def __init__(self, pages: Iterable[list[int]]) -> None:
        self._pages = pages
        self.count = 0

    def __iter__(self) -> Iterator[list[int]]:
        for page in self._pages:
            self.count += len(page)
            yield page


def _rows(
    connection: sqlite3.Connection, pages: Iterable[list[int]], damaged: DamagedRows
) -> Iterator[list[list[Value]]]:
    headlines = {name: event_type.headline for name, event_type in read_event_types(connection, damaged).items()}
    marked = sys.stdout.isatty()
    for page in pages:
        rows: list[list[Value]] = []
        for row in read_queue_rows(connection, page, headlines, damaged):
            status = f"{STATUS_MARKS[row.status]} {row.status}" if marked else row.status
            headline = " · ".join(value_text(value) for value in row.headline)
            rows.append([row.external_id, status, row.date, row.type, headline, row.confidence, row.extractor])
        yield rows


def _field_rows(
    connection: sqlite3.Connection, pages: Iterable[list[int]], columns: Sequence[Column], damaged: DamagedRows
) -> Iterator[list[list[Value]]]:
    for page in pages:
        yield [[_joined(cell) for cell in row] for row in read_cells(connection, page, columns, damaged)]


def _joined(cell: Cell) -> Value:
    if len(cell) > 1:
        return _SEPARATOR.join(value_words(*_parts(value)) for value in cell)
    value, modifier = _parts(cell[0]) if cell else (None, None)
    return value_words(value, modifier) if modifier else value


def _parts(item: Value | Qualified) -> tuple[Value, str | None]:
    """Return a value and its modifier."""
    return item if isinstance(item, Qualified) else (item, None)


def _objects(
    connection: sqlite3.Connection, ids: list[int], columns: Sequence[Column], damaged: DamagedRows
) -> Iterator[Json]:
    """Yield whole events, or only these columns: null for no value, an array for several.

    ``NAME.modifier`` follows a column that has a modifier, such as ``about``, in the same shape.
    """
    if not columns:
        for event_id in ids:
            try:
                yield event_with_document(connection, event_id)
            except DamagedRowError as error:
                damaged(error)
        return
    for row in read_cells(connection, ids, columns, damaged):
        item: Json = {}
        for column, cell in zip(columns, row, strict=True):
            values, modifiers = [_parts(value)[0] for value in cell], [_parts(value)[1] for value in cell]
            item[column.name] = _one_or_all(values)
            if any(modifiers):
                item[f"{column.name}.modifier"] = _one_or_all([*modifiers])
        yield item


def _one_or_all(values: list[Value]) -> Value:
    return values if len(values) > 1 else values[0] if values else None


def _print_summary(arguments: argparse.Namespace, summary: Summary, keys: Sequence[Key], summed: Column | None) -> int:
    numbers = ["events", *([f"sum:{summed.name}"] if summed else [])]
    columns = [*(key.name for key in keys), *numbers]
    rows: list[list[Value]] = [
        [*group.values, group.events, *([group.sum] if summed else [])]
        for group in islice(summary.groups, arguments.limit)
    ]
    every: list[Value] = [summary.events, *([summary.sum] if summed else [])]
    if not keys:
        rows = [every]
    objects = [dict(zip(columns, row, strict=True)) for row in rows]
    labelled = [[_NONE if cell is None else cell for cell in row] for row in rows]
    match arguments.form:
        case "json":
            print_json(objects if keys else objects[0])
        case "ndjson":
            print_json_lines([objects])
        case "csv":
            print_csv_pages(columns, [labelled])
        case _ if not keys:
            print(value_text(summary.sum))
        case _:
            longest = max((group.events for group in summary.groups), default=0)
            shares = [bar(group.events, summary.events, longest) for group in summary.groups]
            table = [[*row, share] for row, share in zip(labelled, shares, strict=False)]
            print_pages([*columns, BAR], [[*table, [_ALL, *[""] * (len(keys) - 1), *every, ""]]])
    _warn_of_ignored(summary, summed)
    return 0 if summary.events else 1


def _warn_of_ignored(summary: Summary, summed: Column | None) -> None:
    for name, number in summary.no_dates.items():
        warn(f"{count(number, 'value')} of {name} can't be read as a date; counted under {_NONE}")
    if summed and summary.no_numbers:
        warn(f"{count(summary.no_numbers, 'value')} of {summed.name} can't be read as a number; left out of the sum")


COMMANDS = {
    "find": Command(
        find,
        (
            "eventdesk find war.db 'recipient:Ukraine count>=500 date>=2024-10'",
            "eventdesk find war.db type:attack --fields id,date,location,killed --csv",
            "eventdesk find war.db 'type:repatriation_of_remains date>=2024-10' --count",
            "eventdesk find war.db --group-by type,date:month",
            "eventdesk find war.db @handovers --group-by recipient --sum count",
        ),
        _add_arguments,
        _DETAILS,
    )
}
