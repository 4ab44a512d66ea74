"""Rows as documents with events, by a mapping."""

from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import ReadOptions, Record, Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.mapping.mapping import Mapping, load, preset
from db.formats.tables.read.date_order import Orders
from db.formats.tables.read.rows import Made, RowReader
from db.formats.tables.table import Table

_MOST_EVENTS = 1000  # of a record
_MOST_BYTES = 2**22
_MOST_SHAPES = 100  # lists of columns that objects of one file may have, until they are worked out anew


_OF_LONG = {"event", "field", "group", "value", "spans", "grounding"}


def read_source(source: Source, options: ReadOptions) -> Iterator[Record]:
    """The documents of a file that is a table: by the mapping that is asked for, the shipped one that surely fits, or a
    guess. Raises InputError where the file is no table, or lacks columns that the mapping names.
    """
    asked = load(options.mapping) if options.mapping else None
    table = open_table(source, asked)
    if asked is None and set(table.columns) >= _OF_LONG:
        raise InputError(
            f"{source.name}: is a table with a row a field, as `export --layout long` writes;"
            " export it as native, which reads back whole"
        )
    mapping, note = mapping_for(table, asked)
    yield from read_table(table, mapping, options.extractor, (*table.notes, *note))


def mapping_for(table: Table, asked: Mapping | None) -> tuple[Mapping, tuple[str, ...]]:
    """The mapping of a table, and what a person should know of how it came about."""
    if asked is not None:
        return asked, ()
    if table.preset:
        return preset(table.preset), (f"read as {table.preset}, by its columns",)
    from db.formats.tables.mapping.guessing import guess

    guessed = guess(table.columns, table.sample)
    return guessed, (f"what the columns are was guessed: {told(guessed)}; say it with --mapping if it is wrong",)


def told(mapping: Mapping) -> str:
    """Which columns were taken for something else than fields, in a line."""
    document, event = mapping.document, mapping.event
    parts = {
        "document": document.id, "title": document.title, "text": document.text, "event": event.id,
        "type": (event.type,), "url": (document.url,), "publisher": (document.publisher,),
        "published": (document.published,), "confidence": (event.confidence,), "extractor": (event.extractor,),
    }  # fmt: skip
    given = [f"{what} from {', '.join(map(str, columns))}" for what, columns in parts.items() if any(columns)]
    return "; ".join([*given, f"{len(mapping.fields)} fields"])


def read_table(
    table: Table, mapping: Mapping, extractor: str | None = None, notes: tuple[str, ...] = ()
) -> Iterator[Record]:
    """A record for each document: rows that stand together and are of one document are one.

    ``notes`` come with the first. A row that can't be read is a record of its own, with its reason: line and column.
    """
    check(table, mapping)
    orders = Orders(
        table, {item.column: item.dates for item in mapping.extended(table.columns).fields if item.kind == "date"}
    )
    readers: dict[tuple[str, ...], RowReader] = {}
    header = table.header
    open_record: _Open | None = None
    for row in table.rows():
        columns = row.columns or table.columns
        reader = readers.get(columns)
        if reader is None:
            if len(readers) >= _MOST_SHAPES:
                readers.clear()
            reader = readers[columns] = RowReader(mapping, columns, orders, table.typed, extractor)
        try:
            if isinstance(row.cells, InputError):
                raise row.cells
            made = reader.read(row.cells)
        except InputError as error:
            if open_record:
                yield open_record.record(table.header, notes)
                open_record, notes = None, ()
            yield Record(row.position, error, header + row.raw, notes, row.bytes_read)
            header, notes = b"", ()
            continue
        if open_record and open_record.takes(made, len(row.raw)):
            open_record.add(made, row.position, row.raw, row.bytes_read, row.notes)
            continue
        if open_record:
            yield open_record.record(table.header, notes)
            notes = ()
        open_record = _Open(made, row.position, row.raw, row.bytes_read, row.notes)
    if open_record:
        yield open_record.record(table.header, notes)


def check(table: Table, mapping: Mapping) -> None:
    """Raise InputError where a table lacks a column that its mapping can't do without."""
    there = set(table.columns)
    needed = dict.fromkeys(mapping.recognise, "recognise")
    if not mapping.recognise and not table.typed:
        needed = mapping.named()
    for column, what in needed.items():
        if column not in there:
            listed = ", ".join(table.columns[:12]) + (" …" if len(table.columns) > 12 else "")
            raise InputError(
                f"{table.name}: has no column {column}, which the mapping names ({what}); there are {listed}"
            )


class _Open:
    """A document that may go on in the next row."""

    def __init__(self, made: Made, place: int, raw: bytes, taken: int, notes: tuple[str, ...]) -> None:
        self._document = made.document
        self._key = made.key
        self._events = [made.event]
        self._ids = {made.event.get("id")}
        self._place = place
        self._raw = [raw]
        self._size = len(raw)
        self._taken = taken
        self._notes = [*notes, *made.notes]

    def takes(self, made: Made, size: int) -> bool:
        """Whether the row is of this document, and its event not one that the document has already."""
        if self._key is None or made.key != self._key:
            return False
        if len(self._events) >= _MOST_EVENTS or self._size + size > _MOST_BYTES:
            return False
        event_id = made.event.get("id")
        return event_id is None or event_id not in self._ids

    def add(self, made: Made, place: int, raw: bytes, taken: int, notes: tuple[str, ...]) -> None:
        self._events.append(made.event)
        self._ids.add(made.event.get("id"))
        self._raw.append(raw)
        self._size += len(raw)
        self._taken = taken
        self._notes.extend(f"line {place}: {note}" for note in (*notes, *made.notes))

    def record(self, header: bytes, notes: tuple[str, ...]) -> Record:
        document: dict[str, Any] = {**self._document, "events": self._events}
        return Record(self._place, document, header + b"".join(self._raw), (*notes, *self._notes), self._taken)
