"""The updater of an import: a known document gets the new extraction, and people's decisions stay."""

import sqlite3
from collections.abc import Iterable
from dataclasses import replace
from typing import Literal

from db.decisions.replay import rebuild
from db.errors import InputError
from db.formats.format import Record
from db.importing.known import KnownEvents
from db.importing.matching import (
    has_other_values,
    is_numbered,
    machine_fields,
    match_fields,
    new_said_key,
    said_key,
)
from db.importing.merging.comparing import merge_decisions
from db.importing.merging.differences import Choose, keep
from db.importing.merging.links import keep_waiting
from db.importing.releases.changes import DocumentChange, decided_changes, is_settled, other_change
from db.importing.releases.differing import FieldChange, described_differences, differences, is_same_extraction
from db.importing.releases.vanished import Extractions
from db.importing.report import ImportReport
from db.importing.returned import is_own_export
from db.importing.reviews import append_pieces
from db.importing.rows import DESCRIPTION, RowWriter, to_json
from db.importing.texts import TextUpdater
from db.model import Document, Event, Field, SqlValue, Value, to_sql
from db.native import WAITING_LINK, NewDocument, NewEvent, NewField
from db.store.lookup_index import index_documents, unindex_document
from db.store.reading import read_event

_Outcome = Literal["nothing", "evidence", "extraction"]
_Pairs = list[tuple[Field | None, NewField]]


class DocumentUpdater:
    """Updates the known documents of one import, within the caller's transaction.

    muted: names of fields and columns whose changes are stored but neither compared nor reported.
    """

    def __init__(
        self,
        connection: sqlite3.Connection,
        report: ImportReport,
        writer: RowWriter,
        choose: Choose = keep,
        muted: Iterable[str] = (),
    ) -> None:
        self._connection = connection
        self._report = report
        self._writer = writer
        self._choose = choose
        self._muted = frozenset(muted)
        self._texts = TextUpdater(connection, report)
        self._cells: list[tuple[Value, Value]] = []  # changed cells of the document's rows that are no fields
        self.known = KnownEvents(connection)
        self._extractions = Extractions(connection, report, self.known)

    def update(self, document_id: int, document: NewDocument, record: Record) -> tuple[list[int], tuple[str, ...]]:
        """Update a known document and its events; add its new events.

        Return the ids of the events, and notes on what was not imported.

        Raises InputError, and changes nothing, if this import has two texts for it, or if it was there before this
        import and its ``record`` is partial: exported by eventdesk without decisions.
        """
        older = self.known.is_older(document_id)
        self._muted = self._muted.union(record.muted) if record.muted else self._muted
        if record.partial and older:
            raise InputError(
                f"document {document.external_id[:60]} already exists, and this export of it has no decisions and ids;"
                " export the events as native instead, which can be imported completely"
            )
        if not self.known.is_loaded(document_id):
            self._writer.flush()
        stored = self.known.document(document_id)
        before = stored
        stored, document, reconciled = self._texts.reconcile(stored, document, is_new=not older)
        if stored is not before:
            self.known.forget(stored.id)
        unchanged = self._report.unchanged
        self._cells.clear()
        if (same := self.known.unchanged(document)) is not None and same[0] == stored.id:
            return self._keep_unchanged(stored, document, same[1], record), ()
        if record.of_table:
            document = self.known.numbered(stored, document)
        matches = self.known.match(stored, document, of_table=record.of_table)
        notes = list(reconciled)
        ids = []
        for number, (event, known) in enumerate(zip(document.events, matches, strict=True)):
            if is_numbered(event):
                event, known = self.known.match_numbered(stored, event)
                matches[number] = known
            ids.append(known.id if known else self._writer.add_event(stored.id, event))
            if known is None:
                self.known.forget(stored.id)
                continue
            if event.has_decisions:
                self.known.forget(stored.id)
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
                if outcome == "extraction" and not event.id_is_derived and self.known.was_imported(known):
                    notes.append(f"event {event.external_id[:60]} is twice in this file; the later one counts")
                self._report.updated += outcome == "extraction"
                self._report.new_evidence += outcome == "evidence"
                self._report.unchanged += outcome == "nothing"
        # A table that brings nothing new may be an export, with columns that its source lacks.
        is_known = record.rewrite is not None and self._report.unchanged - unchanged == len(document.events)
        self._update_description(stored, replace(document, extra={}) if is_known and document.extra else document)
        if stored is not before:
            self._writer.flush()
        extracted = zip(matches, document.events, strict=True)
        again = (known.id for known, event in extracted if known and not event.has_decisions)
        self._texts.settle(before, document, again)
        if older:
            self._extractions.remember(stored, document, [known.id for known in matches if known], record)
        return ids, tuple(notes)

    def _keep_unchanged(
        self, stored: Document, document: NewDocument, event_ids: list[int], record: Record
    ) -> list[int]:
        """Count the events of a document as unchanged, and return their ids."""
        self._report.unchanged += len(event_ids)
        self._update_description(stored, replace(document, extra={}) if record.rewrite is not None else document)
        self._extractions.remember(stored, document, event_ids, record)
        return event_ids

    def keep(self, document_id: int) -> None:
        """Count the events of a document as events of the import, because its line was refused."""
        rows = self._connection.execute("SELECT id FROM events WHERE document_id = ? AND live", (document_id,))
        self.known.remember(row[0] for row in rows)

    def finish(self) -> None:
        """Report the events that the import no longer has. They stay."""
        self._extractions.finish()
        self._texts.finish()
        self.known.close()

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
        self.known.forget(stored.id)
        if "title" in changed and stored.title is not None and "title" not in self._muted:
            self._report.add_document(DocumentChange(stored.external_id, "title", stored.title, document.title))
        described = described_differences(stored, document, [key for key in changed if key not in ("extra", "title")])
        # A table keeps a cell that describes the document with each row, too: that is one change, not two.
        found = [
            change
            for change in described
            if change.name not in self._muted and (change.before, change.now) not in self._cells
        ]
        self._report_changes(found, document.external_id, None)
        settings = ", ".join(f"{column} = ?" for column in changed)
        self._connection.execute(f"UPDATE documents SET {settings} WHERE id = ?", (*changed.values(), stored.id))
        if "title" in changed:
            unindex_document(self._connection, stored.id, stored.title, stored.text)
            index_documents(self._connection, [(stored.id, str(changed["title"]), stored.text)])

    def _merge(self, stored: Event, event: NewEvent, document_id: str) -> None:
        """Add the decisions that an export carries about a known event. It says nothing about the machine's side."""
        merged = merge_decisions(self._connection, document_id, stored, event, self._choose)
        self._writer.flush()
        added = append_pieces(self._connection, stored.id, merged.pieces)
        self._writer.renumber()  # after the fields that these add
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
        event = replace(event, extra=event.extra | waiting) if waiting else event
        if is_same_extraction(stored, event):
            return "nothing"
        self.known.forget(stored.document_id)
        items = machine_fields(event)
        pairs: _Pairs = list(zip(match_fields(stored.fields, items), items, strict=True))
        found = [change for change in differences(stored, event, pairs) if change.name not in self._muted]
        changes, evidence = decided_changes(self._connection, document_id, stored, event, pairs, self._muted)
        # The run of values that changed is not known if the import doesn't say it.
        run = event.run if event.run is not None or found else stored.run
        if self.known.is_undecided(stored):
            self._writer.update_event(stored, event, pairs, run)
        else:
            self._update_decided(stored, event, pairs, run)
        for change in changes:
            self._report.add_change(change)
        if found and all(change.kind == "details" for change in found) and said_key(stored) == new_said_key(event):
            return "evidence"
        self._report.evidence += evidence
        if changes and not all(change.settled for change in changes):
            self._connection.execute(
                "UPDATE events SET extracted_again = (SELECT coalesce(max(id), 0) FROM decisions) WHERE id = ?",
                (stored.id,),
            )
        elif stored.changed and is_settled(read_event(self._connection, stored.id)):
            self._connection.execute("UPDATE events SET extracted_again = NULL WHERE id = ?", (stored.id,))
        reported: set[tuple[str | None, str | None]] = {
            (change.field or change.what, change.group) for change in changes
        }
        self._report_changes(found, document_id, stored, reported)
        names = {item.name for item in event.fields}
        cells = (change for change in found if change.field is None and change.name not in names)
        self._cells += [(change.before, change.now) for change in cells]
        return "extraction" if found else "nothing"

    def _update_decided(self, stored: Event, event: NewEvent, pairs: _Pairs, run: str | None) -> None:
        execute = self._connection.execute
        execute(
            "UPDATE events SET extracted_type = ?, confidence = ?, run = ?, extra = ? WHERE id = ?",
            (event.extracted_type, event.confidence, run, to_json(event.extra), stored.id),
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

    def _report_changes(
        self,
        found: Iterable[FieldChange],
        document_id: str,
        event: Event | None,
        reported: set[tuple[str | None, str | None]] = frozenset(),  # type: ignore[assignment]
    ) -> None:
        """Count changes by field, and list those that are not reported as changes of something decided."""
        for change in found:
            self._report.add_field_change(change.name, change.kind)
            if self._report.every_change and (change.name, change.group) not in reported:
                self._report.on_change(other_change(document_id, event, change))
