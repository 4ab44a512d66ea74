"""Imports: reads a file line by line, refuses bad lines with reasons, writes the rest, all of it or nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from db.deciding import utc_now
from db.errors import InputError
from db.event_types import TypeLearner
from db.file import writing
from db.importing_reviews import link_duplicates
from db.importing_rows import BatchWriter
from db.native import NewDocument, parse_line, text_document

FORMATS = ("native", "text")
BATCH_BYTES = 16_000_000  # of input held as rows: written together, they meet each index page once
LONGEST_LINE = 8 * 2**20  # bytes; of brackets alone they take some fifty times as much memory
SHOWN_REFUSALS = 1000  # kept in memory; the rest is counted
_PIECE = 2**20  # bytes of a line that is passed over
_BOM = b"\xef\xbb\xbf"
_BOMS_OF_OTHERS = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXTS = {
    b"\x1f\x8b": "packed by gzip; unpack it first, as `zcat FILE | eventdesk import DB -` does",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it first, as `zstdcat FILE | eventdesk import DB -` does",
    b"\xfd7zXZ\0": "packed by xz; unpack it first, as `xzcat FILE | eventdesk import DB -` does",
    b"BZh91AY&SY": "packed by bzip2; unpack it first, as `bzcat FILE | eventdesk import DB -` does",
    b"PK\x03\x04": "a zip archive, as .docx and .xlsx are too; unpack it, or save what it holds as text",
    b"SQLite format 3\0": "a SQLite file; import what `eventdesk export` writes of it",
    b"%PDF-": "a PDF; save its text as .txt",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """A line that was not taken, and why."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """What an import did. ``refusals`` holds the first thousand of ``refused``."""

    lines: int = 0
    documents: int = 0
    events: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    refusals: list[Refusal] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        """Count a refused line, and keep its reason."""
        self.refused += 1
        if len(self.refusals) < SHOWN_REFUSALS:
            self.refusals.append(refusal)


def import_stream(
    connection: sqlite3.Connection,
    stream: BinaryIO,
    name: str,
    report: ImportReport,
    format: str | None = None,
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Import one open file, adding to ``report``; ``progress`` is called with the number of bytes taken so far.

    The file comes in whole, in one transaction, or not at all; a line of it is taken whole or refused whole. Who else
    wants to write waits until it is in, so ``stream`` should keep nobody waiting. Raises InputError when the file as a
    whole can't be used.
    """
    format = format or _recognise(stream, name)
    learner = TypeLearner()
    before = (report.documents, report.events, report.refused)
    started_at = utc_now()
    with writing(connection):
        documents = _text(stream, name) if format == "text" else _lines(stream, name, report)
        for batch, taken in _batches(documents, BATCH_BYTES):
            writer = BatchWriter(connection, report)
            for number, document in batch:
                try:
                    writer.add(document)
                except InputError as error:
                    report.refuse(Refusal(name, number, str(error)))
                    continue
                for event in document.events:
                    learner.observe(event.type, ((item.name, item.group, item.value) for item in event.fields))
            writer.flush()
            learner.store(connection)
            progress(taken)
        link_duplicates(connection)
        taken_in = (report.documents - before[0], report.events - before[1], report.refused - before[2])
        connection.execute(
            "INSERT INTO imports (file, format, started_at, finished_at, documents, events, refused)"
            " VALUES (?, ?, ?, ?, ?, ?, ?)",
            (name, format, started_at, utc_now(), *taken_in),
        )


def _recognise(stream: BinaryIO, name: str) -> str:
    """The format, from the first characters; a name that ends in .txt is a text even if it begins with a brace."""
    peek = getattr(stream, "peek", None)
    head: bytes = peek(4096)[:4096] if peek else b""
    _refuse_what_is_no_text(head, name)
    if Path(name).suffix.lower() == ".txt":
        return "text"
    head = head.removeprefix(_BOM).lstrip()
    if not head or head.startswith(b"{"):
        return "native"
    if head.startswith(b"["):
        raise InputError(f"{name}: is one JSON array; give each document a line, as `jq -c '.[]' FILE` does")
    raise InputError(
        f"{name}: neither JSON Lines (a document in braces on each line) nor .txt; --format text imports it as one text"
    )


def _refuse_what_is_no_text(head: bytes, name: str) -> None:
    for beginning, what in _NO_TEXTS.items():
        if head.startswith(beginning):
            raise InputError(f"{name}: is {what}")
    # What is ASCII in UTF-16 and UTF-32 is every second byte, or three of four, NUL.
    if head.startswith(_BOMS_OF_OTHERS) or (b"\0" in head[:4] and head[:4].strip(b"\0")):
        raise InputError(f"{name}: is in UTF-16 or UTF-32; save it as UTF-8")


def _lines(stream: BinaryIO, name: str, report: ImportReport) -> Iterator[tuple[int, NewDocument, int]]:
    number = taken = 0
    while line := stream.readline(LONGEST_LINE):
        number += 1
        taken += len(line)
        overlong = len(line) == LONGEST_LINE and not line.endswith(b"\n")
        while overlong and (piece := stream.readline(_PIECE)):
            taken += len(piece)
            if piece.endswith(b"\n"):
                break
        line = line.removeprefix(_BOM)  # of every line: files that begin with it are put one after the other
        if not line or line.isspace():
            continue
        report.lines += 1
        try:
            if overlong:
                raise InputError(f"longer than {LONGEST_LINE:,} bytes; make several documents of it")
            yield number, parse_line(line), taken
        except InputError as error:
            report.refuse(Refusal(name, number, str(error)))


def _text(stream: BinaryIO, name: str) -> Iterator[tuple[int, NewDocument, int]]:
    content = stream.read(LONGEST_LINE + 1)
    if len(content) > LONGEST_LINE:
        raise InputError(f"{name}: longer than {LONGEST_LINE:,} bytes; make several texts of it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
    if not text.strip():
        raise InputError(f"{name}: is empty; there is nothing to import")
    yield 1, text_document(text, Path(name).stem), len(content)


def _batches(
    documents: Iterator[tuple[int, NewDocument, int]], size: int
) -> Iterator[tuple[list[tuple[int, NewDocument]], int]]:
    batch: list[tuple[int, NewDocument]] = []
    begun = taken = 0
    for number, document, taken in documents:
        batch.append((number, document))
        if taken - begun >= size:
            yield batch, taken
            batch, begun = [], taken
    if batch:
        yield batch, taken
