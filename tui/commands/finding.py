"""find: events that a query finds, as they are found; their number; groups and sums of them."""

import argparse
import contextlib
import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from db.describe import value_text
from db.errors import InputError
from db.exporting import document_json, event_json
from db.figures.columns import Cell, Column, columns_of, read_cells
from db.figures.summaries import Key, Summary, count_events, keys_of, summarise
from db.maintenance.opening import open_with_backup
from db.model import Json, Value
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.event_types import read_event_types
from db.store.reading import read_document, read_event, read_queue_rows
from tui.output.pages import in_pages, print_csv_pages, print_json_lines, print_json_pages, print_pages
from tui.output.tables import BAR, bar, print_json
from tui.text.looks import STATUS_MARKS
from tui.text.safe import safe

T = TypeVar("T")

_COLUMNS = ("event", "status", "date", "type", "headline", "confidence", "extractor")
_BETWEEN = "; "
_NONE = "(none)"
_ALL = "(all)"


def find(arguments: argparse.Namespace) -> int:
    """Print the events that a query finds, or what is asked of all of them."""
    _refuse_contradictions(arguments)
    query = parse(arguments.query)
    with contextlib.closing(open_with_backup(arguments.file)) as connection:
        connection.execute("BEGIN")  # one read transaction, so that all of it is of one moment
        fields = _named("--fields", arguments.fields, lambda names: columns_of(connection, names))
        keys = _named("--group-by", arguments.group_by, lambda names: keys_of(connection, names))
        (summed,) = _named("--sum", arguments.sum, lambda name: _summed(connection, name)) or (None,)
        search = compile_query(connection, query)
        if arguments.form == "count":
            count = count_events(connection, search)
            print(count)
            return 0 if count else 1
        if keys or summed:
            return _print_summary(arguments, summarise(connection, search, keys, summed), keys, summed)
        ids = islice(event_ids(connection, search), arguments.limit)
        found = _Counted(in_pages(ids))
        if arguments.form in ("json", "ndjson"):
            printer = print_json_pages if arguments.form == "json" else print_json_lines
            printer(_objects(connection, page, fields) for page in found)
        else:
            rows = _field_rows(connection, found, fields) if fields else _rows(connection, found)
            columns = [column.name for column in fields] or _COLUMNS
            (print_csv_pages if arguments.form == "csv" else print_pages)(columns, rows)
        return 0 if found.count else 1


def _refuse_contradictions(arguments: argparse.Namespace) -> None:
    given = {
        "--count": arguments.form == "count",
        "--group-by": arguments.group_by is not None,
        "--sum": arguments.sum is not None,
        "--fields": arguments.fields is not None,
        "--limit": arguments.limit is not None,
    }
    never = [("--count", other) for other in ("--group-by", "--sum", "--fields", "--limit")]
    never += [("--fields", "--group-by"), ("--fields", "--sum")]
    for one, other in never:
        if given[one] and given[other]:
            raise InputError(f"{one} and {other} contradict each other; take one of them out")
    if given["--limit"] and given["--sum"] and not given["--group-by"]:
        raise InputError("--sum is one number, which --limit can't shorten; take --limit out")


def _named(option: str, text: str | None, read: Callable[[list[str]], tuple[T, ...]]) -> tuple[T, ...]:
    """What an option names, separated by commas; a mistake is told with the option."""
    if text is None:
        return ()
    try:
        return read(text.split(","))
    except InputError as error:
        raise InputError(f"{option}: {error}") from None


def _summed(connection: sqlite3.Connection, names: list[str]) -> tuple[Column, ...]:
    columns = columns_of(connection, names)
    if len(columns) > 1:
        raise InputError("takes one field; ask for one sum after the other")
    if columns[0].own:
        raise InputError(f"{columns[0].name} is no field; only values of fields are added up")
    return columns


class _Counted:
    """Pages of ids that pass, counted."""

    def __init__(self, pages: Iterable[list[int]]) -> None:
        self._pages = pages
        self.count = 0

    def __iter__(self) -> Iterator[list[int]]:
        for page in self._pages:
            self.count += len(page)
            yield page


def _rows(connection: sqlite3.Connection, pages: Iterable[list[int]]) -> Iterator[list[list[Value]]]:
    headlines = {name: event_type.headline for name, event_type in read_event_types(connection).items()}
    marked = sys.stdout.isatty()
    for page in pages:
        rows: list[list[Value]] = []
        for row in read_queue_rows(connection, page, headlines):
            status = f"{STATUS_MARKS[row.status]} {row.status}" if marked else row.status
            headline = " · ".join(value_text(value) for value in row.headline)
            rows.append([row.external_id, status, row.date, row.type, headline, row.confidence, row.extractor])
        yield rows


def _field_rows(
    connection: sqlite3.Connection, pages: Iterable[list[int]], columns: Sequence[Column]
) -> Iterator[list[list[Value]]]:
    for page in pages:
        yield [[_joined(cell) for cell in row] for row in read_cells(connection, page, columns)]


def _joined(cell: Cell) -> Value:
    if len(cell) > 1:
        return _BETWEEN.join(value_text(value) for value in cell)
    return cell[0] if cell else None


def _objects(connection: sqlite3.Connection, ids: list[int], columns: Sequence[Column]) -> Iterator[Json]:
    """Events whole, or these columns of them: a value, an array where there are several, null where there is none."""
    if not columns:
        yield from (event_data(connection, event_id) for event_id in ids)
        return
    for row in read_cells(connection, ids, columns):
        yield {
            column.name: list(cell) if len(cell) > 1 else _joined(cell)
            for column, cell in zip(columns, row, strict=True)
        }


def event_data(connection: sqlite3.Connection, event_id: int) -> Json:
    """An event in the native format, with its document but for the text."""
    event = read_event(connection, event_id)
    document = document_json(read_document(connection, event.document_id))
    document.pop("text", None)
    return event_json(connection, event) | {"document": document}


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
    _print_left_out(summary, summed)
    return 0 if summary.events else 1


def _print_left_out(summary: Summary, summed: Column | None) -> None:
    said = [f"{count:,} values of {name} are no dates: under {_NONE}" for name, count in summary.no_dates.items()]
    if summed and summary.no_numbers:
        said.append(f"{summary.no_numbers:,} values of {summed.name} are no numbers: not in the sum")
    for line in said:
        print(f"eventdesk: {safe(line)}", file=sys.stderr)
