"""Turns the rows of a table into documents with events, by a mapping."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

from db.errors import InputError
from db.formats.format import Data, ReadOptions, Record, Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.mapping.fitting import fitted
from db.formats.tables.mapping.loading import WIDE, load_mapping, preset
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.read.rows import RowContent, RowReader
from db.formats.tables.table import Row, Table
from db.formats.tables.write.marks import MARK
from db.formats.tables.write.wide import SUFFIXES

_MOST_EVENTS = 1000  # of a record
_MOST_BYTES = 2**22  # of a record
_MOST_READERS = 100  # one for each list of columns: objects may each have their own
_COLUMNS_SHOWN = 12


def read_source(source: Source, options: ReadOptions) -> Iterator[Record]:
    """Yield the documents of a table file, by the mapping of the options, the preset that fits, or a guess.

    Raises InputError if the file is not a table, or lacks columns that the mapping needs.
    """
    chosen = load_mapping(options.mapping) if options.mapping else None
    table = open_table(source, chosen)
    if table.preset == WIDE and options.mapping in (None, WIDE):
        from db.formats.tables.returned.reading import read_returned

        yield from read_returned(table, options.reviewer)
        return
    if options.mapping is None and table.preset != WIDE and _is_part_of_export(table.columns):
        raise InputError(
            f"{source.name}: is a table that eventdesk exported, without some of its columns;"
            " export it again and keep them all, or name a mapping with --mapping"
        )
    mapping, notes = choose_mapping(table, chosen)
    yield from read_table(table, mapping, options, (*table.notes, *notes))


def _is_part_of_export(columns: Sequence[str]) -> bool:
    """Return True if a table has the mark of a wide export, or a machine's value beside the reviewed one."""
    return MARK in columns or any(name + SUFFIXES[1] in columns for name in columns)


def choose_mapping(table: Table, chosen: Mapping | None) -> tuple[Mapping, tuple[str, ...]]:
    """Return the mapping for a table, and notes on how it was chosen."""
    if chosen is not None:
        return chosen, ()
    if table.preset:
        return preset(table.preset), (f"recognised the columns of {table.preset}",)
    from db.formats.tables.read.guessing import guess, odd_cells

    guessed = guess(table.columns, table.sample)
    if blank := _unnamed_without_values(table):
        guessed = replace(guessed, fields=tuple(item for item in guessed.fields if item.column not in blank))
    summary = f"guessed the columns: {_summary(guessed)}; correct it with --mapping if it is wrong"
    return guessed, (summary, *odd_cells(table.columns, table.sample, guessed))


def _unnamed_without_values(table: Table) -> set[str]:
    """Return the columns that have neither a name nor a value in the first rows."""
    names = dict(zip(table.columns, table.names or (), strict=False))
    at = [(number, column) for number, column in enumerate(table.columns) if names.get(column) == ""]
    return {column for number, column in at if not any(row[number] for row in table.sample)} if len(at) > 1 else set()


def _summary(mapping: Mapping) -> str:
    """Return in one line which columns are not fields, and how many are."""
    document, event = mapping.document, mapping.event
    parts = {
        "document": document.id, "title": document.title, "text": document.text, "event": event.id,
        "type": (event.type,), "url": (document.url,), "publisher": (document.publisher,),
        "published": (document.published,), "confidence": (event.confidence,), "extractor": (event.extractor,),
        "run": (event.run,),
    }  # fmt: skip
    chosen = [f"{part} from {', '.join(map(str, columns))}" for part, columns in parts.items() if any(columns)]
    return "; ".join([*chosen, f"{len(mapping.fields)} field{'' if len(mapping.fields) == 1 else 's'}"])


def read_table(
    table: Table,
    mapping: Mapping,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
    notes: tuple[str, ...] = (),
    facts: ColumnFacts | None = None,
) -> Iterator[Record]:
    """Yield a record for each document: consecutive rows of the same document form one record.

    The first record carries ``notes``. ``facts``: what the columns show, if not only this table counts.
    A row that can't be read is a record of its own, with the reason.
    """
    here = fitted(mapping, table.columns)
    notes += check_columns(table, here)
    own = _own_form(table, mapping)
    facts = facts or ColumnFacts(table, here)
    readers: dict[tuple[str, ...], RowReader] = {}

    def reader(columns: tuple[str, ...]) -> RowReader:
        if columns not in readers:
            if len(readers) >= _MOST_READERS:
                readers.clear()
            here = fitted(mapping, columns)
            readers[columns] = RowReader(here, columns, facts, table.typed, options, own)
        return readers[columns]

    def rewrite(document: Data) -> Iterator[Data]:
        from db.formats.tables.returned.mapped import rewritten

        return rewritten(document, mapping, table.typed, reader)

    muted = _muted_names(table, here, options.muted)
    header = table.header
    current: _DocumentRows | None = None
    for row in table.rows():
        try:
            if isinstance(row.cells, InputError):
                raise row.cells
            of_row = reader(row.columns or table.columns)
            content = of_row.read(row.cells) if row.has_event else of_row.read_document(row.cells)
        except InputError as error:
            if current:
                yield current.record(table.header, notes, rewrite, muted)
                current, notes = None, ()
            yield Record(
                row.position,
                error,
                header + row.raw,
                (*notes, *row.notes),
                row.bytes_read,
                unread=row.unread,
                row_keys=() if row.row_key is None else (row.row_key,),
            )
            header, notes = b"", ()
            continue
        if current and current.accepts(content, len(row.raw)):
            current.add(content, row)
            continue
        if current:
            yield current.record(table.header, notes, rewrite, muted)
            notes = ()
        current = _DocumentRows(content, row)
    if current:
        yield current.record(table.header, notes, rewrite, muted)


def _muted_names(table: Table, mapping: Mapping, columns: Sequence[str]) -> tuple[str, ...]:
    """Return the names of fields and keys that the muted columns became. Raises InputError for an unknown column."""
    mapping = mapping.with_columns(table.columns)
    fields = {item.name: item.column for item in mapping.fields}
    names: list[str] = []
    for column in (*columns, *mapping.muted):
        if not table.typed and column not in table.columns and column not in fields:
            raise InputError(f"{table.name}: has no column {column} to mute; its columns: {', '.join(table.columns)}")
        use = mapping.uses().get(column, "")
        names += [column, use.rpartition(".")[2], *(name for name, of in fields.items() if of == column)]
    return tuple(dict.fromkeys(names))


def _own_form(table: Table, mapping: Mapping) -> dict[str, Any]:
    """Return what an export by the mapping would write otherwise: the header row, the delimiter and the quotes."""
    own: dict[str, Any] = {}
    if table.names is not None and (table.names != table.columns or mapping.header is False):
        own["header"] = list(table.names)
    if table.delimiter and mapping.delimiter not in (None, table.delimiter):
        own["delimiter"] = table.delimiter
    if table.delimiter and mapping.quoted is False and table.quoted:
        own["quoted"] = True
    return own


def check_columns(table: Table, mapping: Mapping) -> tuple[str, ...]:
    """Return a note on the columns of a mapping that a table lacks.

    Raises InputError if it has none of them, or lacks the one that gives each event its type.
    """
    there = set(table.columns)
    uses = mapping.uses()
    absent = [column for column in uses if column not in there]
    event_type = mapping.event.type
    needed = None
    if uses and len(absent) == len(uses):
        needed = absent[0]
    elif event_type in absent and not mapping.event.constant_type:
        needed = event_type
    if needed is not None and not table.typed:
        more = " …" if len(table.columns) > _COLUMNS_SHOWN else ""
        raise InputError(
            f"{table.name}: has no column {needed}, which the mapping needs ({uses[needed]});"
            f" its columns: {', '.join(table.columns[:_COLUMNS_SHOWN])}{more}"
        )
    named = [column for column in absent if not uses[column].startswith(("the modifier", "ignored"))]
    if not named or table.typed:
        return ()
    shown = ", ".join(f"{column} ({uses[column]})" for column in named[:_COLUMNS_SHOWN])
    more = f" and {len(named) - _COLUMNS_SHOWN} more" if len(named) > _COLUMNS_SHOWN else ""
    return (f"the table lacks columns of the mapping: {shown}{more}",)


class _DocumentRows:
    """A document whose events may continue in the next row."""

    def __init__(self, content: RowContent, row: Row) -> None:
        self._document = content.document
        self._key = content.key
        self._events = [content.event] if row.has_event else []
        self._ids = {content.event.get("id")}
        self._position = row.position
        self._raw = [row.raw]
        self._size = len(row.raw)
        self._bytes_read = row.bytes_read
        self._notes = [*row.notes, *content.notes, *content.column_notes]
        self._unread = [*row.unread]
        self._other_titles = 0
        self._unsearched = content.unsearched
        self._row_keys = [row.row_key] if row.has_event and row.row_key else []

    def accepts(self, content: RowContent, size: int) -> bool:
        """Return True if a row belongs to this document and its event is a new one."""
        if self._key is None or content.key != self._key:
            return False
        if len(self._events) >= _MOST_EVENTS or self._size + size > _MOST_BYTES:
            return False
        event_id = content.event.get("id")
        return event_id is None or event_id not in self._ids

    def add(self, content: RowContent, row: Row) -> None:
        """Add the event of a row."""
        self._other_titles += content.document.get("title") != self._document.get("title")
        if row.has_event:
            self._events.append(content.event)
            if row.row_key:
                self._row_keys.append(row.row_key)
        self._ids.add(content.event.get("id"))
        self._raw.append(row.raw)
        self._size += len(row.raw)
        self._bytes_read = row.bytes_read
        self._unread.extend(row.unread)
        self._notes.extend(f"line {row.position}: {note}" for note in (*row.notes, *content.notes))
        self._notes.extend(content.column_notes)

    def record(
        self,
        header: bytes,
        notes: tuple[str, ...],
        rewrite: Callable[[Data], Iterator[Data]],
        muted: tuple[str, ...],
    ) -> Record:
        document: dict[str, Any] = {**self._document, "events": self._events}
        raw = header + b"".join(self._raw)
        others: tuple[str, ...] = ()
        if number := self._other_titles:
            rows = "row has" if number == 1 else "rows have"
            others = (f"{number} {rows} another title of the document; the first one stays",)
        notes = (*notes, *self._notes, *others)
        return Record(
            self._position,
            document,
            raw,
            notes,
            self._bytes_read,
            rewrite=rewrite,
            of_table=True,
            muted=muted,
            unread=tuple(self._unread),
            unsearched=self._unsearched,
            row_keys=tuple(self._row_keys),
        )
