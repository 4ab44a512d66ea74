"""The format API: a Format turns files into documents in the native form, and such documents into files.

Packages add formats through entry points of the group ``eventdesk.formats``, each of which names a ``Format``;
eventdesk finds its own formats in the same way. A format knows neither the database nor the screen, and the documents
that it returns are checked like any line of the native format (docs/format.md).
"""

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from db.errors import InputError
from db.event_types import EventType

ENTRY_POINT_GROUP = "eventdesk.formats"
HEAD_BYTES = 2**16  # read from the beginning of a file to recognise its format

Data = dict[str, Any]
"""A JSON object from a tool's file, or a native document, event or field with a tool's own keys."""

KnownText = Callable[[str], str | None]
OffsetUnit = Literal["code_points", "utf16", "bytes"]
Layout = Literal["wide", "long"]


class Confidence(IntEnum):
    """How confident a format is that it can read a file. The most confident one reads it."""

    NO = 0
    POSSIBLE = 1  # can read it, as native can read any JSON object
    LIKELY = 2  # has the keys or marks of this format
    CERTAIN = 3  # can't be anything else


def printable_name(name: str) -> str:
    """Return a file's name with bytes that aren't UTF-8 as ``\\x8f``."""
    return name if name.isascii() else name.encode(errors="surrogateescape").decode(errors="backslashreplace")


@dataclass(frozen=True)
class Source:
    """A file or folder to import.

    name: as the user typed it, with bytes that aren't UTF-8 as ``\\x8f``. path: None for standard input.
    stream: seekable and at its beginning; None for a folder, and for a file that the format opens itself.
    table: the TABLE of ``sqlite:FILE:TABLE``.
    """

    name: str
    stream: BinaryIO | None
    path: Path | None = None
    table: str | None = None

    def __post_init__(self) -> None:
        """Make the name a text that can be stored and printed."""
        object.__setattr__(self, "name", printable_name(self.name))

    @cached_property
    def head(self) -> bytes:
        """The first bytes, read without moving the stream; empty for a folder."""
        if self.stream is None:
            return b""
        data = self.stream.read(HEAD_BYTES)
        self.stream.seek(0)
        return data

    @property
    def suffix(self) -> str:
        """The suffix of the name in lower case, such as ``.txt``."""
        return Path(self.name).suffix.lower()

    @property
    def required_stream(self) -> BinaryIO:
        """The stream. Raises InputError for a folder or a table."""
        self.refuse_table()
        if self.stream is None:
            raise InputError(f"{self.name}: is a folder, which this format can't read; name a file")
        return self.stream

    def refuse_table(self) -> None:
        """Raise InputError for a table of a database."""
        if self.table is not None:
            raise InputError(f"{self.name}: is a table of a database, which this format can't read; omit --format")

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The first objects of JSON Lines or of a JSON array, as far as ``head`` holds them completely."""
        from db.io.json_stream import first_objects

        return first_objects(self.head)


class ReturnedRow(NamedTuple):
    """A row of a table that eventdesk exported: its cells by column, and its bytes with the header before them."""

    position: int
    cells: dict[str, str]
    raw: bytes


class Record(NamedTuple):
    """One document of a file, or the reason why it is skipped.

    position: line, row or item number, from 1.
    document: in the native form; or an InputError that says what is wrong and what to do.
    raw: the bytes of an invalid record, ended by a line end, so that users can correct and import them.
    notes: what users should know about the reading, such as converted offsets; one line each.
    unread: names of what the source holds here and eventdesk doesn't read, such as ``key cats`` or ``file notes.json``;
    the report counts equal names.
    bytes_read: position in the file after this record, for the progress bar.
    partial: True if eventdesk exported the document in a form that can't hold decisions or ids. A file that has the
    document refuses it, since it would take what people decided for an extraction.
    rows: of a table that eventdesk exported, the row of each event. A file that has the event takes their edits only.
    unsearched: of a format that ``grounds``, the names of fields whose values are not searched in the text. None: only
    events without any evidence are searched.
    of_table: True for rows of a table: each of several equal rows is an event, and a row that is gone is reported.
    muted: names of fields and keys whose changes are not reported.
    row_keys: of a database that is read again and again, the table and the key of the row of each event; of an invalid
    record, of its row.
    rewrite: returns the events of a document as they would come back from an export in the same form, if that holds
    values but neither decisions nor marks. What comes back like that is no extraction.
    """

    position: int
    document: dict[str, Any] | InputError
    raw: bytes = b""
    notes: tuple[str, ...] = ()
    bytes_read: int = 0
    partial: bool = False
    rows: tuple[ReturnedRow, ...] = ()
    rewrite: Callable[[Data], Iterator[Data]] | None = None
    of_table: bool = False
    muted: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()
    unsearched: Container[str] | None = None
    row_keys: tuple[tuple[str, str], ...] = ()


def _no_text(_: str) -> str | None:
    return None


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What the user says about a file, and what the eventdesk file holds.

    mapping: a TOML file or the name of a preset, which maps columns or extractions to events. offsets: the unit of the
    spans; None detects it. extractor: the extractor, where the file doesn't name one. reviewer: whose decisions the
    edits in an exported table are. known_text: returns the text of a document that the file has, by its id. beside: the
    other files of the same import, in which a format may look for its texts.
    unnamed: the extractor where neither the file nor the user names one and the event's
    id is made from the file's content, so that the events of two files don't meet; None: the format's ``unnamed``.
    run: the run of the extractor, where the file doesn't name one. muted: fields and columns whose changes are not
    reported. same_text: True if documents with the same text are one; None: as the format has it.
    """

    mapping: str | None = None
    offsets: OffsetUnit | None = None
    extractor: str | None = None
    reviewer: str | None = None
    known_text: KnownText = _no_text
    beside: tuple[Path, ...] = ()
    unnamed: str | None = None
    run: str | None = None
    muted: tuple[str, ...] = ()
    same_text: bool | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """What to write.

    documents: each call yields all documents as ``NativeDocument``, with decisions and with the keys of other tools.
    reviewed: True if ``documents`` holds only accepted events with their final values.
    database: the name of the eventdesk file without its suffix.
    has_modifiers: False if no number has a modifier, so that a table needs no column for them.
    """

    documents: Callable[[], Iterator[Any]]
    types: dict[str, EventType] = field(default_factory=dict)
    reviewed: bool = False
    mapping: str | None = None
    layout: Layout = "wide"
    database: str = "events"
    has_modifiers: bool = True


class Companion(NamedTuple):
    """A second file of an export; ``suffix`` replaces the suffix of the first, as in ``.config.xml``."""

    suffix: str
    write: Callable[[Export], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One file format.

    name: the value of ``--format``. about: a description in one line.
    reads, writes: what is read and written, in one line; None if the format can't.
    loses: what the format can't hold, or what is not read, in one line.
    recognise: returns how confident it is that it can read a source; must not raise, whatever the bytes.
    read: yields the records of a source in order and in bounded memory. Raises InputError if the whole file is invalid.
    write: yields the file in pieces. write_folder: instead yields names and contents of the files of a folder.
    grounds: True if values that come without evidence are searched in the text.
    binary: True if the file is not text; a text format yields pieces that are complete UTF-8 characters.
    options: the fields of ReadOptions that it uses. writing_options: those of ``mapping`` and ``layout`` that it uses.
    unnamed: the extractor where nothing names one and an event's id is made from the content; None: each file says
    which extraction an event belongs to. stable_ids: False if a tool gives a document another id each time, so that
    documents with the same text are one. reviewed_alone: True if it writes accepted events alone, as ``reviewed``
    documents have them. row_is_event: True if it writes a row for each event.
    """

    name: str
    about: str
    reads: str | None = None
    writes: str | None = None
    loses: str = ""
    recognise: Callable[[Source], Confidence] = lambda _: Confidence.NO
    read: Callable[[Source, ReadOptions], Iterator[Record]] | None = None
    write: Callable[[Export], Iterator[bytes]] | None = None
    write_folder: Callable[[Export], Iterator[tuple[str, bytes]]] | None = None
    companions: tuple[Companion, ...] = ()
    binary: bool = False
    grounds: bool = False
    options: frozenset[str] = frozenset()
    writing_options: frozenset[str] = frozenset()
    unnamed: str | None = None
    stable_ids: bool = True
    reviewed_alone: bool = False
    row_is_event: bool = False
