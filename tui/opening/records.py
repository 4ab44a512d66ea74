"""The first events of a file whose format says what is in it, so that there are no columns to change."""

from collections.abc import Iterator
from dataclasses import replace

from db.errors import InputError
from db.formats.format import Format, ReadOptions, Source
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import SAMPLE_ROWS, Row, Table
from db.grounding.documents import ground_document
from db.grounding.written import Effort
from db.importing.readings import Readings
from tui.mapping.rows import Outcome, Sample

_DOCUMENTS = 2_000  # read at most, to find events
_CHARACTERS = 2**24  # of texts read


class Records(Sample):
    """The first events, each with its document, or the first texts if none has an event.

    documents: how many were read, of which ``without_events`` have none. whole: True if these are all.
    """

    NOUN = "event"

    def __init__(self, source: Source, format: Format, options: ReadOptions) -> None:
        super().__init__(Table(source.name, (), lambda: iter(()), typed=True))
        self.documents = self.without_events = 0
        self.whole = True
        self.found: list[Outcome] = []
        size = 0
        texts: list[Outcome] = []
        for outcome in _read(source, format, options):
            if len(self.found) >= SAMPLE_ROWS or self.documents >= _DOCUMENTS or size > _CHARACTERS:
                self.whole = False
                break
            if (document := outcome.document) is None:
                self.found.append(outcome)
                continue
            self.documents += 1
            self.without_events += not document.events
            if not document.events and len(texts) < SAMPLE_ROWS:
                texts.append(outcome)
            size += len(document.source)
            self.found += [replace(outcome, document=replace(document, events=(one,))) for one in document.events]
        self.found = self.found or texts
        self.rows = [Row(outcome.place, (), b"", 0) for outcome in self.found]

    def heading(self, outcome: Outcome) -> str:
        """Return the document's id, and the event's if the file has one."""
        if (document := outcome.document) is None:
            return f"line {outcome.place}"
        ids = [event.external_id for event in document.events if not event.id_is_derived]
        return ids[0] if ids else document.external_id

    def outcome(self, number: int, mapping: Mapping) -> Outcome:  # noqa: ARG002 (the format decides)
        """Return what an import makes of an event."""
        return self.found[number]

    def outcomes(self, mapping: Mapping) -> Iterator[Outcome]:  # noqa: ARG002
        """Yield what an import makes of each event."""
        yield from self.found


def _read(source: Source, format: Format, options: ReadOptions) -> Iterator[Outcome]:
    assert format.read is not None
    readings, effort = Readings(source, format, options), Effort()
    for record in format.read(source, options):
        try:
            record, document = readings.parse(record)
            if format.grounds:
                document = ground_document(document, record.unsearched, effort)
            yield Outcome(record.position, document, notes=record.notes)
        except InputError as error:
            yield Outcome(record.position, refusal=str(error))
