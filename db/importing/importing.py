"""The import of one file, whole or not at all: the loop that adds new documents and updates known ones."""

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial

from db.decisions.journal import utc_now
from db.errors import DamagedRowError, InputError
from db.formats.format import Format, ReadOptions, Record, Source
from db.formats.own_outputs import refuse_own_output
from db.formats.registry import detect_format, refuse_unreadable
from db.grounding.documents import ground_document
from db.grounding.written import Effort
from db.importing.extractors import unnamed_extractor
from db.importing.known import KnownEvents
from db.importing.merging.differences import Choose, keep
from db.importing.merging.links import link_duplicates
from db.importing.readings import Readings
from db.importing.releases.reworded import as_reworded
from db.importing.releases.source_rows import SourceRows
from db.importing.report import ImportReport
from db.importing.returned import ReturnedTables
from db.importing.rows import RowWriter
from db.importing.same_text import as_document
from db.importing.update import DocumentUpdater
from db.native import NewDocument
from db.store.connection import writing
from db.store.event_types import TypeLearner

BATCH_BYTES = 4_000_000  # input held as rows and written together, which touches each index page once
_FIELD_BYTES = 100  # the least that a field counts for: a table row has many fields in few bytes
_FIELDS_READ, _DOCUMENTS_READ = 5_000, 200  # of known documents, read at once
_BRACKET_BYTES = 24  # what a bracket counts for: nested lists and objects take fifty times their bytes in memory


class _RolledBack(Exception):
    """Ends a rehearsal, or an import that brings nothing, so that its transaction is rolled back."""


def import_source(
    connection: sqlite3.Connection,
    source: Source,
    report: ImportReport,
    format: Format | None = None,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
    progress: Callable[[int], None] = lambda _: None,
    choose: Choose = keep,
    *,
    rehearsal: bool = False,
    several: bool = False,
    rows: SourceRows | None = None,
    began: str | None = None,
) -> None:
    """Import one file and add to ``report``; call ``progress`` with the number of bytes read so far.

    ``choose`` decides where an imported decision differs from the file's. A ``rehearsal`` reports and changes nothing.
    If it is one of ``several`` files of a command and names no extractor, it gets one after its name.
    ``rows``: those of a database, which events follow.
    began: the time (UTC) at which an import began that this one continues; both are listed as one.
    The file is imported in one transaction, each document whole or refused whole. Other writers wait meanwhile, so
    ``source`` should not block. Raises InputError if the file as a whole can't be used.
    """
    if options.mapping is None:  # a mapping says what the columns of any table mean
        refuse_own_output(source)
    if format is None:
        format = detect_format(source)
    else:
        refuse_unreadable(source, format)
    if format.read is None:
        raise InputError(f"{format.name} is an export-only format; list the import formats with: eventdesk formats")
    learner = TypeLearner()
    before = _totals(report)
    lines_before, valid_before = report.lines, report.lines - report.refused
    started_at = began or utc_now()
    with contextlib.suppress(_RolledBack), writing(connection):
        writer = RowWriter(connection, report)
        updater = DocumentUpdater(connection, report, writer, choose, muted=options.muted)
        if rows is None:
            options = replace(options, unnamed=unnamed_extractor(connection, source, format, options, several=several))
        same_text = not format.stable_ids if options.same_text is None else options.same_text
        returned = ReturnedTables(connection, report, source.name, options.reviewer)
        options = replace(options, known_text=partial(_known_text, connection))
        readings = Readings(source, format, options)
        refused = (lambda _: None) if rows is None else rows.keep
        records = format.read(source, options)
        documents = _parsed(records, readings, source.name, report, format.grounds, options.run, refused)
        for batch, bytes_read in _batches(documents, BATCH_BYTES):
            for record, document in _loaded(batch, updater.known):
                if record.of_table:
                    with contextlib.suppress(DamagedRowError):  # the update names the row
                        document = as_reworded(connection, updater.known, document)
                known_id = writer.document_id(document.external_id)
                unchanged = report.unchanged
                if known_id is None and same_text and (known_id := writer.same_text_id(document)) is not None:
                    writer.flush()
                    document, notes = as_document(document, updater.known.document(known_id))
                    record = record._replace(notes=(*record.notes, *notes))
                    report.same_text += 1
                if rows is not None and (moves := rows.moves(record, document, known_id)):
                    writer.flush()
                    if known_id is None:
                        writer.add_document(replace(document, events=()))
                        writer.flush()
                        known_id = writer.document_id(document.external_id)
                        assert known_id is not None
                    rows.move(moves, known_id, updater.known, report)
                try:
                    if known_id is not None and record.rows and updater.known.is_older(known_id):
                        writer.flush()
                        document = returned.apply(known_id, record, document)
                        if not document.events:
                            continue
                    if known_id is None:
                        event_ids = writer.add_document(document)
                    else:
                        event_ids, notes = updater.update(known_id, document, record)
                        record = record._replace(notes=(*record.notes, *notes))
                except InputError as error:
                    report.add_refusal(source.name, record, error)
                    refused(record)
                    if known_id is not None:
                        updater.keep(known_id)
                    continue
                if rows is not None:
                    rows.add(event_ids, record, updater.known)
                report.add_notes(source.name, record)
                if document.events and document.events[0].extractor == options.unnamed:
                    report.apart[source.name] = document.events[0].extractor
                if report.unchanged - unchanged == len(document.events):
                    continue
                for event in document.events:
                    learner.observe(event.type, ((item.name, item.group, item.value) for item in event.fields))
            writer.flush()
            updater.known.written()
            if rows is not None:
                rows.flush()
            learner.store(connection)
            progress(bytes_read)
        if rows is not None:
            rows.finish(updater.known, report)
        elif report.lines - report.refused == valid_before:
            if report.lines == lines_before:
                report.add_note(source.name, "is empty: it holds nothing that can be imported")
            raise _RolledBack
        updater.finish()
        link_duplicates(connection)
        counts = [now - then for now, then in zip(_totals(report), before, strict=True)]
        _list_import(connection, (source.name, format.name, started_at), counts)
        if rehearsal:
            raise _RolledBack


def _list_import(connection: sqlite3.Connection, what: tuple[str, str, str], counts: list[int]) -> None:
    """List an import, or add to the one that it continues. Either way the highest id grows, which reviewers watch."""
    continued = connection.execute(
        "UPDATE imports SET id = (SELECT max(id) + 1 FROM imports), finished_at = ?, documents = documents + ?,"
        " events = events + ?, refused = refused + ?, updated = updated + ?"
        " WHERE id = (SELECT max(id) FROM imports WHERE file = ? AND format = ? AND started_at = ?)",
        (utc_now(), *counts, *what),
    )
    if not continued.rowcount:
        connection.execute(
            "INSERT INTO imports (file, format, started_at, finished_at, documents, events, refused, updated)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            (*what, utc_now(), *counts),
        )


def _known_text(connection: sqlite3.Connection, document_id: str) -> str | None:
    row = connection.execute("SELECT text FROM documents WHERE external_id = ?", (document_id,)).fetchone()
    return row[0] if row else None


def _totals(report: ImportReport) -> tuple[int, int, int, int]:
    return report.documents, report.events, report.refused, report.updated


def _parsed(
    records: Iterator[Record],
    readings: Readings,
    name: str,
    report: ImportReport,
    grounds: bool,
    run: str | None,
    refused: Callable[[Record], None],
) -> Iterator[tuple[Record, NewDocument]]:
    """Yield each valid record with its document, whose values are searched in its text; report the invalid ones."""
    effort = Effort()
    for record in records:
        report.lines += 1
        report.add_unread(record)
        try:
            record, document = readings.parse(record)
            if grounds:
                document = ground_document(document, record.unsearched, effort)
            report.add_grounding(document)
            yield record, document if run is None else _of_run(document, run)
        except InputError as error:
            report.add_refusal(name, record, error)
            refused(record)


def _loaded(batch: list[tuple[Record, NewDocument]], known: KnownEvents) -> Iterator[tuple[Record, NewDocument]]:
    """Yield a batch; what the file has of the next documents is read before they are yielded."""
    start = 0
    while start < len(batch):
        end, fields = start, 0
        while end < len(batch) and fields < _FIELDS_READ and end - start < _DOCUMENTS_READ:
            fields += sum(len(event.fields) for event in batch[end][1].events)
            end += 1
        known.load([document for _, document in batch[start:end]])
        yield from batch[start:end]
        start = end


def _of_run(document: NewDocument, run: str) -> NewDocument:
    """Return a document whose extracted events are of a run, unless they say another."""
    events = (
        event if event.run is not None or event.has_decisions else replace(event, run=run) for event in document.events
    )
    return replace(document, events=tuple(events))


def _batches(
    documents: Iterator[tuple[Record, NewDocument]], size: int
) -> Iterator[tuple[list[tuple[Record, NewDocument]], int]]:
    """Yield batches of at most ``size`` estimated bytes (or one document), each with the bytes read up to its end."""
    batch: list[tuple[Record, NewDocument]] = []
    batch_bytes = bytes_read = 0
    for record, document in documents:
        brackets = record.raw.count(b"{") + record.raw.count(b"[")
        fields = sum(len(event.fields) for event in document.events)
        estimate = max(
            record.bytes_read - bytes_read, len(record.raw) + _BRACKET_BYTES * brackets, _FIELD_BYTES * fields
        )
        if batch and batch_bytes + estimate > size:
            yield batch, bytes_read
            batch, batch_bytes = [], 0
        batch.append((record._replace(document={}), document))  # frees the parsed JSON
        batch_bytes += estimate
        bytes_read = record.bytes_read
    if batch:
        yield batch, bytes_read
