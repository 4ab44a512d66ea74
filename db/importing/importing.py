"""Imports: takes in what a format reads of a file, refuses what is wrong with reasons; all of the file or nothing."""

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from db.decisions.journal import utc_now
from db.errors import InputError
from db.event_types import TypeLearner
from db.formats.format import Format, ReadOptions, Record, Source
from db.formats.registry import recognised
from db.importing.changes import UnderDecision
from db.importing.reviews import link_duplicates
from db.importing.rows import BatchWriter
from db.importing.update import KnownDocuments
from db.io.documents import parse_document
from db.native import NewDocument
from db.store.connection import writing

BATCH_BYTES = 24_000_000  # of input held as rows: written together, they meet each index page once
_FIELD = 100  # bytes that a field counts for at least: a table has many in a few
_BRACKET = 24  # bytes that one counts for: of nothing but lists and objects, input takes fifty times as much memory
SHOWN = 1000  # refusals, notes and changes kept in memory; the rest is counted


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
    """What an import did. ``refusals``, ``notes`` and ``changes`` hold the first thousand each.

    ``changes`` is what newer extractions changed of what people had decided, ``changed`` of them: ``settled`` where the
    machine says now what they said, else to be looked at again; ``evidence`` counts fields of which nothing but the
    spans changed. ``not_extracted`` counts events that a newer extraction has no more, decided about or not.

    ``keep``, if given, gets each refused line as it stands in its file, ``keep_change`` each change.
    """

    lines: int = 0
    documents: int = 0
    events: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    noted: int = 0
    settled: int = 0
    look_again: int = 0
    evidence: int = 0
    not_extracted: int = 0
    changed: int = 0
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Refusal] = field(default_factory=list)
    changes: list[UnderDecision] = field(default_factory=list)
    keep: Callable[[bytes], None] = lambda _: None
    keep_change: Callable[[UnderDecision], None] = lambda _: None

    def refuse(self, name: str, record: Record, why: InputError) -> None:
        """Count a refused line, and keep its reason."""
        self.refused += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append(Refusal(name, record.place, str(why)))
        self.keep(record.raw)

    def note(self, name: str, record: Record) -> None:
        """Keep what was done to a line that was taken."""
        self.noted += len(record.notes)
        self.notes.extend(Refusal(name, record.place, note) for note in record.notes[: SHOWN - len(self.notes)])

    def change(self, change: UnderDecision) -> None:
        """Keep what a newer extraction changed under a decision."""
        self.changed += 1
        if change.what != "not extracted":
            self.settled += change.settled
            self.look_again += not change.settled
        if len(self.changes) < SHOWN:
            self.changes.append(change)
        self.keep_change(change)


def import_source(
    connection: sqlite3.Connection,
    source: Source,
    report: ImportReport,
    format: Format | None = None,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
    progress: Callable[[int], None] = lambda _: None,
) -> None:
    """Import one file, adding to ``report``; ``progress`` is called with the number of bytes taken so far.

    The file comes in whole, in one transaction, or not at all; a document of it is taken whole or refused whole. Who
    else wants to write waits until it is in, so ``source`` should keep nobody waiting. Raises InputError when the file
    as a whole can't be used.
    """
    if format is None:
        format = recognised(source)
    if format.read is None:
        raise InputError(f"{format.name} can only be written; `eventdesk formats` lists what can be read")
    learner = TypeLearner()
    before = (report.documents, report.events, report.refused, report.updated)
    started_at = utc_now()
    with writing(connection):
        known = KnownDocuments(connection, report)
        documents = _checked(format.read(source, options), source.name, report)
        for batch, taken in _batches(documents, BATCH_BYTES):
            writer = BatchWriter(connection, report, known)
            for record, document in batch:
                try:
                    writer.add(document)
                except InputError as error:
                    report.refuse(source.name, record, error)
                    continue
                report.note(source.name, record)
                for event in document.events:
                    learner.observe(event.type, ((item.name, item.group, item.value) for item in event.fields))
            writer.flush()
            learner.store(connection)
            progress(taken)
        known.end()
        link_duplicates(connection)
        after = (report.documents, report.events, report.refused, report.updated)
        taken_in = (now - then for now, then in zip(after, before, strict=True))
        connection.execute(
            "INSERT INTO imports (file, format, started_at, finished_at, documents, events, refused, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (source.name, format.name, started_at, utc_now(), *taken_in),
        )


def _checked(records: Iterator[Record], name: str, report: ImportReport) -> Iterator[tuple[Record, NewDocument]]:
    """The documents of what a format gives; the rest is refused."""
    for record in records:
        report.lines += 1
        try:
            if isinstance(record.document, InputError):
                raise record.document
            yield record, parse_document(record.document)
        except InputError as error:
            report.refuse(name, record, error)


def _batches(
    documents: Iterator[tuple[Record, NewDocument]], size: int
) -> Iterator[tuple[list[tuple[Record, NewDocument]], int]]:
    """The documents, together as many as weigh ``size``, with the bytes that were read up to the last."""
    batch: list[tuple[Record, NewDocument]] = []
    weight = taken = 0
    for record, document in documents:
        brackets = record.raw.count(b"{") + record.raw.count(b"[")
        fields = sum(len(event.fields) for event in document.events)
        weighs = max(record.taken - taken, len(record.raw) + _BRACKET * brackets, _FIELD * fields)
        if batch and weight + weighs > size:
            yield batch, taken
            batch, weight = [], 0
        batch.append((record._replace(document={}), document))  # what was parsed of it is in the document
        weight += weighs
        taken = record.taken
    if batch:
        yield batch, taken
