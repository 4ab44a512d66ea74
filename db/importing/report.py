"""The report of an import: counts, and the first refusals, notes and changes."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from db.errors import InputError
from db.formats.format import Record
from db.grounding.missing import Searched
from db.importing.merging.differences import Difference
from db.importing.releases.changes import DocumentChange, ExtractionChange
from db.importing.releases.differing import Kind
from db.model import Event
from db.native import NewDocument

SHOWN = 1000  # refusals, notes and changes kept in memory; the rest are only counted


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a line was refused, or a note on a line that was imported; line 0 is the whole file."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.reason}" if self.line else f"{self.file}: {self.reason}"


@dataclass(slots=True)
class ImportReport:
    """What one or more imports did. ``refusals``, ``notes`` and ``changes`` hold the first ``SHOWN`` each.

    changed: how many changes newer extractions made to what people had decided. A change is ``settled`` if the new
    extracted value is the reviewed value; otherwise it counts in ``to_review``.
    evidence: decided fields of which only the evidence changed.
    not_extracted: events that the newer extraction no longer has, decided or not; ``vanished`` has the first ids.
    by_field: how many fields changed, by name and kind of change. every_change: True if ``on_change`` gets those that
    nobody decided about, too.
    decisions: how many decisions of people the imports added. superseded: events of which the import has an earlier
    state that the file knows. differing: where an imported decision differs from the file's; ``not_added`` of them keep
    the file's, and ``differences`` holds the first.
    notes: each once for a file, however often it occurs; ``note_counts`` says how often, by file and note. ``noted``
    counts different ones.
    unread: how often the files hold what eventdesk doesn't read, by its name, for the first ``SHOWN`` names;
    ``unread_more`` counts the rest.
    new_evidence: events of which only the evidence that eventdesk finds changed. searched: what was searched in the
    texts, by field name, for the first ``SHOWN`` names.
    new_texts, new_titles: known documents that got another text or title; ``documents_changed`` has the first. moved,
    lost: spans of their evidence that were found in the new text, and that have no place in it. other_texts: documents
    that keep their text although an export has another.
    on_refused, on_change, on_difference, on_document: called with each refused line, as it is in its file, with each
    change, with each difference, and with each changed document.
    same_text: documents whose text another document has, which got their events.
    apart: the extractors named after files that name none, by file.
    """

    lines: int = 0
    documents: int = 0
    events: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0
    noted: int = 0
    settled: int = 0
    to_review: int = 0
    evidence: int = 0
    not_extracted: int = 0
    changed: int = 0
    decisions: int = 0
    superseded: int = 0
    differing: int = 0
    same_text: int = 0
    not_added: int = 0
    by_field: dict[str, Counter[Kind]] = field(default_factory=dict)
    every_change: bool = False
    vanished: list[tuple[str, str]] = field(default_factory=list)
    apart: dict[str, str] = field(default_factory=dict)
    refusals: list[Refusal] = field(default_factory=list)
    notes: list[Refusal] = field(default_factory=list)
    note_counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    changes: list[ExtractionChange] = field(default_factory=list)
    unread: Counter[str] = field(default_factory=Counter)
    unread_more: int = 0
    new_evidence: int = 0
    searched: dict[str, Searched] = field(default_factory=dict)
    on_refused: Callable[[bytes], None] = lambda _: None
    differences: list[Difference] = field(default_factory=list)
    on_change: Callable[[ExtractionChange], None] = lambda _: None
    on_difference: Callable[[Difference], None] = lambda _: None
    documents_changed: list[DocumentChange] = field(default_factory=list)
    on_document: Callable[[DocumentChange], None] = lambda _: None
    new_texts: int = 0
    new_titles: int = 0
    moved: int = 0
    lost: int = 0
    other_texts: int = 0

    def add_refusal(self, name: str, record: Record, error: InputError) -> None:
        """Record that a line of the file ``name`` was refused."""
        self.refused += 1
        if len(self.refusals) < SHOWN:
            self.refusals.append(Refusal(name, record.position, str(error)))
        self.on_refused(record.raw)

    def add_notes(self, name: str, record: Record) -> None:
        """Record the notes on an imported line of the file ``name``."""
        for note in record.notes:
            key = (name, note)
            if key in self.note_counts:
                self.note_counts[key] += 1
                continue
            self.noted += 1
            if len(self.notes) < SHOWN:
                self.notes.append(Refusal(name, record.position, note))
                self.note_counts[key] = 1

    def counted_notes(self) -> list[str]:
        """Return the first notes as lines, each with the number of further places that have the same note."""
        more = [self.note_counts[note.file, note.reason] - 1 for note in self.notes]
        return [f"{note} (and {n:,} more)" if n > 0 else str(note) for note, n in zip(self.notes, more, strict=True)]

    def add_note(self, name: str, note: str) -> None:
        """Record a note on the whole file ``name``."""
        self.noted += 1
        if len(self.notes) < SHOWN:
            self.notes.append(Refusal(name, 0, note))

    def add_unread(self, record: Record) -> None:
        """Count what the source of a record holds and eventdesk doesn't read."""
        for name in record.unread:
            if name in self.unread or len(self.unread) < SHOWN:
                self.unread[name] += 1
            else:
                self.unread_more += 1

    def add_grounding(self, document: NewDocument) -> None:
        """Count which fields were searched in the text of a document, and which of them are nowhere in it."""
        for event in document.events:
            for item in event.fields:
                if item.extra and "grounding" in item.extra:
                    counts = self.searched.get(item.name)
                    if counts is None:
                        if len(self.searched) >= SHOWN:
                            continue
                        counts = self.searched[item.name] = Searched()
                    counts.add(item.extra["grounding"] == "none")

    def add_document(self, change: DocumentChange) -> None:
        """Record that a known document got another text or title."""
        self.new_texts += change.what == "text"
        self.new_titles += change.what == "title"
        self.moved += change.moved
        self.lost += change.lost
        if len(self.documents_changed) < SHOWN:
            self.documents_changed.append(change)
        self.on_document(change)

    def add_change(self, change: ExtractionChange) -> None:
        """Record a change that a newer extraction made to something decided."""
        self.changed += 1
        if change.what != "not extracted":
            self.settled += change.settled
            self.to_review += not change.settled
        if len(self.changes) < SHOWN:
            self.changes.append(change)
        self.on_change(change)

    def add_field_change(self, name: str, kind: Kind) -> None:
        """Count a change of a field, or of another key of an event or document."""
        self.by_field.setdefault(name, Counter())[kind] += 1

    def add_vanished(self, document_id: str, event: Event) -> None:
        """Record an event that the newer extraction no longer has."""
        self.not_extracted += 1
        if len(self.vanished) < SHOWN:
            self.vanished.append((document_id, event.external_id))

    def add_difference(self, difference: Difference) -> None:
        """Record an imported decision that differs from the file's."""
        self.differing += 1
        self.not_added += difference.used == "file"
        if len(self.differences) < SHOWN:
            self.differences.append(difference)
        self.on_difference(difference)
