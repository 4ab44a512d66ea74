"""What a format is: a translation of files into documents of the native form, and of such documents into files.

A package adds formats by entry points of the group ``eventdesk.formats``, each naming a ``Format``; eventdesk's own are
found in the same way. A format knows neither the database nor the screen: it takes bytes and gives documents as in
docs/format.md, or the other way round. What it gives is checked as any line of the native format is.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, Literal, NamedTuple

from db.errors import InputError
from db.event_types import EventType

GROUP = "eventdesk.formats"
HEAD = 2**16  # bytes from the beginning of a file by which its format is told

OffsetUnit = Literal["code_points", "utf16", "bytes"]
Layout = Literal["wide", "long"]


class Sure(IntEnum):
    """How sure a format is that a file is in it. The surest one reads it."""

    NO = 0
    POSSIBLE = 1  # can be read, as any JSON object can as a document
    LIKELY = 2  # has keys or marks of this format
    CERTAIN = 3  # is nothing else


@dataclass(frozen=True)
class Source:
    """What is to be imported. ``name`` is what people called it; ``path`` is None for standard input.

    ``stream`` is at its beginning and can be sought in; None for a folder, and where a format opens ``path`` itself.
    ``table`` is what follows the file in ``sqlite:FILE:TABLE``.
    """

    name: str
    stream: BinaryIO | None
    path: Path | None = None
    table: str | None = None

    @cached_property
    def head(self) -> bytes:
        """The first bytes, without moving on; empty for a folder."""
        if self.stream is None:
            return b""
        data = self.stream.read(HEAD)
        self.stream.seek(0)
        return data

    @property
    def suffix(self) -> str:
        """How the name ends, in lower case: ``.txt``."""
        return Path(self.name).suffix.lower()

    @property
    def opened(self) -> BinaryIO:
        """The stream. Raises InputError for a folder."""
        if self.stream is None:
            raise InputError(f"{self.name}: is a folder, which this format does not read; name a file")
        return self.stream

    @cached_property
    def objects(self) -> tuple[dict[str, Any], ...]:
        """The first objects of JSON Lines or of a JSON array of objects, as far as they are whole within ``head``."""
        from db.io.json_stream import first_objects

        return first_objects(self.head)


class Record(NamedTuple):
    """One document of a file, or why one could not be had.

    place: the line, row or item, from 1.
    document: an object in the native form, as in docs/format.md; or why there is none, with what to do: what stands at
    ``place`` is refused, and the rest goes on.
    raw: of a refused one, what stands in the file, ended by a line end, so that it can be mended and imported again.
    notes: what a person should know that was done to it, as offsets that were moved; a line each.
    taken: bytes of the file that are read so far, for the bar.
    """

    place: int
    document: dict[str, Any] | InputError
    raw: bytes = b""
    notes: tuple[str, ...] = ()
    taken: int = 0


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """What a person says of a file. ``mapping`` is a file of TOML or the name of a shipped one, for tables and where
    events are made of what a format holds; ``offsets`` the unit of its spans, else found out; ``extractor`` who
    extracted, where the file does not say.
    """

    mapping: str | None = None
    offsets: OffsetUnit | None = None
    extractor: str | None = None


@dataclass(frozen=True, slots=True)
class Export:
    """What is to be written. ``documents`` gives the documents from the first on at each call, in the native form with
    what people decided; ``reviewed`` says that they are the accepted events with their final values alone.
    ``database`` is the name of the file, without its ending.
    """

    documents: Callable[[], Iterator[dict[str, Any]]]
    types: dict[str, EventType] = field(default_factory=dict)
    reviewed: bool = False
    mapping: str | None = None
    layout: Layout = "wide"
    database: str = "events"


class Companion(NamedTuple):
    """A second file that belongs beside an export: ``suffix`` takes the place of its own (``.config.xml``)."""

    suffix: str
    write: Callable[[Export], Iterator[bytes]]


@dataclass(frozen=True, slots=True)
class Format:
    """One format.

    name: as in ``--format``; about: what it is, in a line. reads, writes: what of it, in a line, None for not at all.
    loses: what it can't hold, or what is not read of it, in a line.
    recognise: how sure that a source is in it; must not raise, whatever the bytes.
    read: the documents of a source, one record each, in order, a few in memory at a time. Raises InputError where
    the file as a whole can't be used.
    write: the file in pieces; write_folder: instead the files of a folder, by names relative to it.
    binary: it is no text, so that no terminal shows it; of text, each piece is whole characters of UTF-8.
    options: which of ReadOptions it heeds; writing_options: which of Export's mapping and layout.
    """

    name: str
    about: str
    reads: str | None = None
    writes: str | None = None
    loses: str = ""
    recognise: Callable[[Source], Sure] = lambda _: Sure.NO
    read: Callable[[Source, ReadOptions], Iterator[Record]] | None = None
    write: Callable[[Export], Iterator[bytes]] | None = None
    write_folder: Callable[[Export], Iterator[tuple[str, bytes]]] | None = None
    companions: tuple[Companion, ...] = ()
    binary: bool = False
    options: frozenset[str] = frozenset()
    writing_options: frozenset[str] = frozenset()
