"""The updater of an import: a known document gets the new extraction, and people's decisions stay."""

import sqlite3
from dataclasses import replace
from typing import Literal

from db.decisions.replay import rebuild
from db.errors import InputError
from db.formats.format import Record
from db.importing.changes import DocumentChange, decided_changes, is_settled, no_longer_extracted
from db.importing.matching import (
    extraction_key,
    has_other_values,
    is_numbered,
    is_same_added,
    machine_fields,
    match_events,
    match_fields,
    new_extraction_key,
    new_said_key,
    said_key,
)
from db.importing.merging.comparing import merge_decisions
from db.importing.merging.differences import Choose, keep
from db.importing.merging.links import keep_waiting
from db.importing.report import ImportReport
from db.importing.returned import is_own_export
from db.importing.reviews import append_pieces
from db.importing.rows import DESCRIPTION, RowWriter, to_json
from db.importing.texts import TextUpdater
from db.model import Document, Event, SqlValue, to_sql
from db.native import WAITING_LINK, NewDocument, NewEvent, digest, is_derived_id
from db.store.lookup_index import index_documents, unindex_document
from db.store.reading import read_decisions, read_document, read_event

_Outcome = Literal["nothing", "evidence", "extraction"]
_CREATE = (
    "CREATE TEMP TABLE import_events (event_id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE import_extractors (document_id INTEGER, extractor TEXT, PRIMARY KEY (document_id, extractor))"
    " WITHOUT ROWID",
)
_DROP = ("DROP TABLE temp.import_events", "DROP TABLE temp.import_extractors")


class DocumentUpdater:
    """Updates the known documents of one import, within the caller's transaction.

    Temporary tables hold what the import has of the events that were there before it, since there may be millions.
    """

    def __init__(
        self, connection: sqlite3.Connection, report: ImportReport, writer: RowWriter, choose: Choose = keep
    ) -> None:
        self._connection = connection
        self._report = report
        self._writer = writer
        self._choose = choose
        self._last = {
            table: int(connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])
            for table in ("documents", "events")
        }
        self._texts = TextUpdater(connection, report)
        for statement in _CREATE:
            connection.execute(statement)

    def update(self, document_id: int, document: NewDocument, record: Record) -> tuple[str, ...]:
        """Update a known document and its events; add its new events. Return notes on what was not imported.

        Raises InputError, and changes nothing, if this import has two texts for it, or if it was there before this
        import and its ``record`` is partial: exported by eventdesk without decisions.
        """
        if record.partial and self.is_older(document_id):
            raise InputError(
                f"document {document.external_id[:60]} already exists, and this export of it has no decisions and ids;"
                " export the events as native instead, which can be imported completely"
            )
        self._writer.flush()
        stored = read_document(self._connection, document_id)
        before = stored
        stored, document, reconciled = self._texts.reconcile(stored, document, is_new=not self.is_older(document_id))
        unchanged = self._report.unchanged
        ids = self._match_ids(stored, document)
        notes = list(reconciled)
        for number, (event, event_id) in enumerate(zip(document.events, ids, strict=True)):
            if is_numbered(event):
                event, event_id = self._match_numbered(stored, event)
                ids[number] = event_id
            if event_id is None:
                self._writer.add_event(stored.id, event)
                continue
            known = read_event(self._connection, event_id)
            if event.has_decisions:
                self._merge(known, event, document.external_id)
                if has_other_values(known, event):
                    notes.append(
                        f"event {event.external_id[:60]}: the extracted values differ from the file's, which keeps its"
                        " own: a line with decisions adds only those"
                    )
            elif record.rewrite and is_own_export(self._connection, known, event, record.rewrite):
                self._report.unchanged += 1
            else:
                outcome = self._update_event(known, event, document.external_id)
                self._report.updated += outcome == "extraction"
                self._report.new_evidence += outcome == "evidence"
                self._report.unchanged += outcome == "nothing"
        # A table that brings nothing new may be an export, with columns that its source lacks.
        is_known = record.rewrite is not None and self._report.unchanged - unchanged == len(document.events)
        self._update_description(stored, replace(document, extra={}) if is_known else document)
        extracted = zip(ids, document.events, strict=True)
        self._texts.settle(before, document, (id_ for id_, event in extracted if id_ and not event.has_decisions))
        if self.is_older(stored.id):
            self._remember(stored, document, [event_id for event_id in ids if event_id is not None])
        return tuple(notes)

    def is_older(self, document_id: int) -> bool:
        """Return True if the file had the document before this import."""
        return document_id <= self._last["documents"]

    def finish(self) -> None:
        """Report the events that the import doesn't have, of the documents and extractors it has. They stay."""
        rows = self._connection.execute(
            # The + keeps SQLite from scanning all events of the extractor for each document.
            "SELECT events.id, events.status <> 'pending'"
            " OR EXISTS (SELECT 1 FROM decisions WHERE decisions.event_id = events.id)"
            " OR EXISTS (SELECT 1 FROM decision_events WHERE decision_events.event_id = events.id)"
            " FROM temp.import_extractors AS imported CROSS JOIN events ON events.document_id = imported.document_id"
            " AND events.live AND +events.extractor = imported.extractor"
            " WHERE events.extracted_type IS NOT NULL AND events.id <= ?"
            " AND events.id NOT IN (SELECT event_id FROM temp.import_events) ORDER BY events.id",
            (self._last["events"],),
        )
        for event_id, decided in rows:
            self._report.not_extracted += 1
            if decided:
                event = read_event(self._connection, event_id)
                document = read_document(self._connection, event.document_id)
                if change := no_longer_extracted(self._connection, document.external_id, event):
                    self._report.add_change(change)
        self._texts.finish()
        for statement in _DROP:
            self._connection.execute(statement)

    def _update_description(self, stored: Document, document: NewDocument) -> None:
        changed: dict[str, SqlValue] = {
            key: value for key in DESCRIPTION if (value := getattr(document, key)) not in (None, getattr(stored, key))
        }
        extra = stored.extra | document.extra
        if any(event.has_decisions for event in document.events):  # an export, which may be older than what is stored
            changed = {key: value for key, value in changed.items() if getattr(stored, key) is None}
            extra = document.extra | stored.extra
        if extra != stored.extra:
            changed["extra"] = to_json(extra)
        if not changed:
            return
        if "title" in changed and stored.title is not None:
            self._report.add_document(DocumentChange(stored.external_id, "title", stored.title, document.title))
        settings = ", ".join(f"{column} = ?" for column in changed)
        self._connection.execute(f"UPDATE documents SET {settings} WHERE id = ?", (*changed.values(), stored.id))
        if "title" in changed:
            unindex_document(self._connection, stored.id, stored.title, stored.text)
            index_documents(self._connection, [(stored.id, str(changed["title"]), stored.text)])

    def _match_ids(self, stored: Document, document: NewDocument) -> list[int | None]:
        """Return for each event of a line the id of the stored event it is; None for a new one."""
        ids: list[int | None] = []
        for event in document.events:
            row = self._connection.execute(
                "SELECT id FROM events WHERE external_id = ? AND extractor = ? AND document_id = ?",
                (event.external_id, event.extractor, stored.id),
            ).fetchone()
            ids.append(row[0] if row else None)
        unknown = [
            place
            for place, (event, event_id) in enumerate(zip(document.events, ids, strict=True))
            if event_id is None and event.id_is_derived and event.extracted_type is not None
        ]
        # Documents that this import added are matched by id alone.
        if unknown and stored.id <= self._last["documents"]:
            new = [document.events[place] for place in unknown]
            matched = {event_id for event_id in ids if event_id is not None}
            candidates, imported = self._candidates(stored, new, matched)
            for place, match in match_events(new, candidates, imported).items():
                ids[unknown[place]] = match.id
        return ids

    def _match_numbered(self, stored: Document, event: NewEvent) -> tuple[NewEvent, int | None]:
        """Return an added event with a numbered id, which other people's may have too, and the id of the stored one.

        If the file has another person's with that id, the event gets an id of its own, derived from its content.
        """
        rows = self._connection.execute(
            "SELECT id FROM events WHERE document_id = ? AND extractor = ''"
            " AND (external_id = ?2 OR external_id LIKE ?2 || '/%') ORDER BY id",
            (stored.id, event.external_id),
        ).fetchall()
        for (event_id,) in rows:
            known = read_event(self._connection, event_id)
            adder = next(iter(read_decisions(self._connection, event_id)), None)
            if is_same_added(known, event, adder.reviewer if adder else None):
                return event, event_id
        if not rows:
            return event, None
        review = event.review
        content = [[field.name, field.value] for field in event.fields]
        who = [review.reviewer, review.decided_at] if review else []
        return replace(event, external_id=f"{event.external_id}/{digest([who, event.type, content])}"), None

    def _candidates(self, stored: Document, new: list[NewEvent], matched: set[int]) -> tuple[list[Event], set[int]]:
        """Return the unmatched events of a document whose ids are derived, and the ids this import has already had."""
        kinds = {(event.extractor, event.extracted_type) for event in new}
        candidates, imported = [], set()
        for event_id, external_id, extractor, event_type, is_imported in self._connection.execute(
            "SELECT id, external_id, extractor, extracted_type, id IN (SELECT event_id FROM temp.import_events)"
            " FROM events WHERE document_id = ? AND live AND id <= ? ORDER BY id",
            (stored.id, self._last["events"]),
        ).fetchall():
            derived = is_derived_id(external_id, stored.external_id)
            if derived and (extractor, event_type) in kinds and event_id not in matched:
                candidates.append(read_event(self._connection, event_id))
                if is_imported:
                    imported.add(event_id)
        return candidates, imported

    def _remember(self, stored: Document, document: NewDocument, ids: list[int]) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO temp.import_events VALUES (?)", [(id_,) for id_ in ids])
        if any(event.has_decisions for event in document.events):
            return  # an export, perhaps of some events only, and not a new extraction
        extractors = {event.extractor for event in document.events if event.extracted_type is not None}
        self._connection.executemany(
            "INSERT OR IGNORE INTO temp.import_extractors VALUES (?, ?)", [(stored.id, name) for name in extractors]
        )

    def _merge(self, stored: Event, event: NewEvent, document_id: str) -> None:
        """Add the decisions that an export carries about a known event. It says nothing about the machine's side."""
        merged = merge_decisions(self._connection, document_id, stored, event, self._choose)
        added = append_pieces(self._connection, stored.id, merged.pieces)
        if merged.link is not None:
            keep_waiting(self._connection, stored.id, *merged.link)
        for difference in merged.differences:
            self._report.add_difference(difference)
        self._report.decisions += added
        if merged.superseded:
            self._report.superseded += 1
        elif not added and not merged.differences:
            self._report.unchanged += 1

    def _update_event(self, stored: Event, event: NewEvent, document_id: str) -> _Outcome:
        """Set the extracted side of a known event and replay its decisions. Return what changes of what it says."""
        if stored.extracted_type is None:
            return "nothing"
        waiting = {key: value for key, value in stored.extra.items() if key == WAITING_LINK}
        event = replace(event, extra=event.extra | waiting)
        if extraction_key(stored) == new_extraction_key(event):
            return "nothing"
        evidence_only = said_key(stored) == new_said_key(event)
        items = machine_fields(event)
        pairs = list(zip(match_fields(stored.fields, items), items, strict=True))
        changes, evidence = decided_changes(self._connection, document_id, stored, event, pairs)
        execute = self._connection.execute
        execute(
            "UPDATE events SET extracted_type = ?, confidence = ?, extra = ? WHERE id = ?",
            (event.extracted_type, event.confidence, to_json(event.extra), stored.id),
        )
        execute("UPDATE fields SET in_extraction = 0 WHERE event_id = ?", (stored.id,))
        for position, (field, item) in enumerate(pairs):
            if field is None:
                self._writer.add_field(stored.id, position, item)
                continue
            execute(
                "UPDATE fields SET in_extraction = 1, position = ?, extracted_value = ?, extracted_modifier = ?,"
                " confidence = ?, extra = ? WHERE id = ?",
                (position, to_sql(item.value), item.modifier, item.confidence, to_json(item.extra), field.id),
            )
            execute("DELETE FROM evidence WHERE field_id = ?", (field.id,))
            self._connection.executemany(
                "INSERT INTO evidence (field_id, position, start_offset, end_offset) VALUES (?, ?, ?, ?)",
                [(field.id, number, *span) for number, span in enumerate(item.spans)],
            )
        self._writer.flush()
        rebuild(self._connection, stored.id)
        for change in changes:
            self._report.add_change(change)
        if evidence_only:
            return "evidence"
        self._report.evidence += evidence
        if not all(change.settled for change in changes):
            execute(
                "UPDATE events SET extracted_again = (SELECT coalesce(max(id), 0) FROM decisions) WHERE id = ?",
                (stored.id,),
            )
        elif stored.changed and is_settled(read_event(self._connection, stored.id)):
            execute("UPDATE events SET extracted_again = NULL WHERE id = ?", (stored.id,))
        return "extraction"
