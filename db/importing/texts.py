"""Another text of a known document: it becomes the current one, evidence moves over, and decisions stay."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace

from db.decisions.journal import utc_now
from db.decisions.replay import rebuild
from db.errors import InputError
from db.importing.releases.changes import DocumentChange, evidence_lost
from db.importing.report import ImportReport
from db.model import Document, Span
from db.native import FieldReview, NewDocument, NewEvent, NewField
from db.store.lookup_index import index_documents, unindex_document
from db.store.reading import read_document, read_event
from db.store.texts.earlier import EVENTS, TextChange, keep_text, note_spans, read_earlier_texts
from db.store.valid.rows import is_span
from db.text.alignment import Alignment, align

_CREATE = "CREATE TEMP TABLE import_texts (document_id INTEGER PRIMARY KEY)"
_DROP = "DROP TABLE temp.import_texts"
_MOST_WAITING = 5000  # ids
_CURRENT = (
    "SELECT fields.id, events.id, state, (SELECT count(*) FROM evidence WHERE field_id = fields.id AND current)"
    " FROM events JOIN fields ON event_id = events.id WHERE document_id = ? AND live AND state <> 'removed'"
)
_EVIDENCE = (
    "SELECT start_offset, end_offset, field_id, position FROM evidence WHERE field_id IN (SELECT id FROM fields WHERE"
    f" event_id IN {EVENTS})"
)
_DECIDED = (
    f"SELECT event_id FROM decisions WHERE event_id IN {EVENTS}"
    f" UNION SELECT event_id FROM decision_events WHERE event_id IN {EVENTS}"
)


@dataclass(frozen=True, slots=True)
class _Replaced:
    """A text that is being replaced: its kept row, when, and how many current spans each field had before."""

    kept: int
    replaced_at: str
    spans: dict[int, int]


class TextUpdater:
    """Gives known documents the other texts of one import, within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, report: ImportReport) -> None:
        self._connection = connection
        self._report = report
        self._replaced: _Replaced | None = None
        self._is_export = False
        self._waiting: list[tuple[NewDocument, int, int]] = []
        self._noted: list[tuple[int]] = []
        connection.execute(_CREATE)

    def finish(self) -> None:
        """Bring back the earlier texts that documents without events have, unless the import is of an export."""
        for document, document_id, kept in self._waiting:
            if self._is_export:
                self._report.other_texts += 1
                continue
            stored = read_document(self._connection, document_id)
            (text,) = self._connection.execute("SELECT text FROM earlier_texts WHERE id = ?", (kept,)).fetchone()
            again = replace(document, text=None if stored.text is None else text, title=text)
            self._replace(stored, again)
            self.settle(stored, again, ())
        self._connection.execute(_DROP)

    def reconcile(
        self, stored: Document, document: NewDocument, *, is_new: bool
    ) -> tuple[Document, NewDocument, tuple[str, ...]]:
        """Bring a known document and a line about it to one text. Return both, and notes.

        An export has decisions, and says nothing about the text, which may be older or newer: it gets the file's. So
        does a line without a text, about a document that has one. Any other line brings the next version of the text.
        ``is_new``: this import added the document. Raises InputError if this import has two texts for it.
        """
        self._replaced = None
        is_export = any(event.has_decisions for event in document.events)
        self._is_export = self._is_export or is_export
        only_adds = document.text is None and stored.text is not None
        if document.source == stored.source:
            if not is_export:
                self._note(stored.id)
            return stored, document, ()
        if is_export or only_adds:
            self._report.other_texts += not only_adds
            moved, lost = _moved(document, align(document.source, stored.source))
            spans = "1 span has" if lost == 1 else f"{lost} spans have"
            note = f"document {document.external_id[:60]}: {spans} no place in the file's text of it"
            return stored, moved, (note,) if lost else ()
        if is_new or self._is_noted(stored.id):
            if stored.text is None and document.text is None:  # rows of a story that give it other titles
                moved, _ = _moved(document, align(document.source, stored.source))
                note = f"document {document.external_id[:60]} has another title here; the first one stays"
                return stored, replace(moved, title=stored.title), (note,)
            raise two_texts(document.external_id, stored.source, document.source)
        self._note(stored.id)
        if not document.events and (kept := self._kept(stored, document)) is not None:
            # Of an older copy's export, perhaps: the decisions on other lines will tell. The text is in the file.
            light = replace(document, text=None, extra={})
            self._waiting.append((light, stored.id, kept))
            return stored, replace(document, text=stored.text, title=document.title if stored.text else None), ()
        return self._replace(stored, document), document, ()

    def _kept(self, stored: Document, document: NewDocument) -> int | None:
        if (document.text is None) is not (stored.text is None):
            return None
        earlier = read_earlier_texts(self._connection, stored.id)
        return next((item.id for item in reversed(earlier) if item.text == document.source), None)

    def settle(self, stored: Document, document: NewDocument, extracted: Iterable[int]) -> None:
        """Report a text that was replaced, after its events were updated, and mark what lost its evidence.

        ``stored``: the document before. ``extracted``: the ids of the events that the line has; where it has spans of
        its own for a field, those count.
        """
        done, self._replaced = self._replaced, None
        if done is None:
            return
        again = set(extracted)
        moved = lost = 0
        losers: dict[int, set[int]] = {}
        for field_id, event_id, state, now in self._connection.execute(_CURRENT, (stored.id,)):
            before = done.spans.get(field_id, 0)
            found = min(before, now)
            moved += found
            if found < before and not (event_id in again and (now or state == "extracted")):
                lost += before - found
                losers.setdefault(event_id, set()).add(field_id)
        note_spans(self._connection, done.kept, TextChange(done.replaced_at, moved, lost))
        change = DocumentChange(stored.external_id, "text", moved=moved, lost=lost)
        if document.text is None:  # the title is what spans refer to
            change = replace(change, what="title", before=stored.title, now=document.title)
        self._report.add_document(change)
        for event_id, fields in losers.items():
            event = read_event(self._connection, event_id)
            for without in evidence_lost(self._connection, stored.external_id, event, fields):
                self._report.add_change(without)
            self._connection.execute(
                "UPDATE events SET extracted_again = (SELECT coalesce(max(id), 0) FROM decisions) WHERE id = ?",
                (event_id,),
            )

    def _replace(self, stored: Document, document: NewDocument) -> Document:
        execute = self._connection.execute
        now = utc_now()
        spans = {row[0]: row[3] for row in execute(_CURRENT, (stored.id,))}
        self._replaced = _Replaced(keep_text(self._connection, stored.id, stored.source, now), now, spans)
        column = "title" if document.text is None else "text"
        execute(f"UPDATE documents SET {column} = ? WHERE id = ?", (document.source, stored.id))
        unindex_document(self._connection, stored.id, stored.title, stored.text)
        new = read_document(self._connection, stored.id)
        index_documents(self._connection, [(new.id, new.title, new.text)])
        self._move_evidence(stored.id, align(stored.source, new.source))
        # What an open reviewer shows is out of date, even if no span moved.
        execute("UPDATE events SET revision = revision + 1 WHERE document_id = ? AND live", (stored.id,))
        for (event_id,) in execute(_DECIDED, {"document": stored.id}).fetchall():
            rebuild(self._connection, event_id)
        return new

    def _move_evidence(self, document_id: int, alignment: Alignment) -> None:
        moved, lost = [], []
        for start, end, *place in self._connection.execute(_EVIDENCE, {"document": document_id}):
            if not is_span(start, end):
                continue  # damaged, as the check will say
            found = alignment.move(Span(start, end))
            if found is None:
                lost.append(place)
            elif found != (start, end):
                moved.append((*found, *place))
        execute = self._connection.executemany
        execute("UPDATE evidence SET start_offset = ?, end_offset = ? WHERE field_id = ? AND position = ?", moved)
        execute("DELETE FROM evidence WHERE field_id = ? AND position = ?", lost)

    def _note(self, document_id: int) -> None:
        self._noted.append((document_id,))
        if len(self._noted) > _MOST_WAITING:
            self._write_noted()

    def _write_noted(self) -> None:
        self._connection.executemany("INSERT OR IGNORE INTO temp.import_texts VALUES (?)", self._noted)
        self._noted = []

    def _is_noted(self, document_id: int) -> bool:
        self._write_noted()
        sql = "SELECT 1 FROM temp.import_texts WHERE document_id = ?"
        return self._connection.execute(sql, (document_id,)).fetchone() is not None


def _moved(document: NewDocument, alignment: Alignment) -> tuple[NewDocument, int]:
    """Return a document with its spans moved to another text, and how many have no place there."""
    lost = 0

    def spans(old: tuple[Span, ...]) -> tuple[Span, ...]:
        nonlocal lost
        found = [alignment.move(span) for span in old]
        lost += found.count(None)
        return tuple(dict.fromkeys(span for span in found if span is not None))

    def review(item: FieldReview | None, old: tuple[Span, ...], new: tuple[Span, ...]) -> FieldReview | None:
        if item is None:
            return None
        return replace(item, spans=new if item.spans == old else spans(item.spans))

    def field(item: NewField) -> NewField:
        new = spans(item.spans)
        return item._replace(spans=new, review=review(item.review, item.spans, new))

    def event(item: NewEvent) -> NewEvent:
        return replace(item, fields=tuple(map(field, item.fields)))

    return replace(document, events=tuple(map(event, document.events))), lost


def two_texts(external_id: str, before: str, now: str) -> InputError:
    """Return the refusal of a document that has another text earlier in the same import."""
    pairs = enumerate(zip(before, now, strict=False))
    at = next((number for number, (old, new) in pairs if old != new), min(len(before), len(now)))
    return InputError(
        f"document {external_id[:60]} has a different text (from character {at}) earlier in this import;"
        " give it another id"
    )
