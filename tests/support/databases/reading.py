"""Reads a database without a hint, and compares what was imported with what is expected of it."""

from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.model import Document, Event
from db.sources.database.database import open_database
from db.sources.plan import Plan
from db.sources.proposing.propose import propose
from db.sources.reading.format import format_of
from db.store.reading import read_documents, read_events_of
from support.builders import in_memory
from support.databases.sample import Sample


@dataclass(frozen=True, slots=True)
class Imported:
    """What a database became."""

    plan: Plan
    documents: tuple[Document, ...]
    events: tuple[Event, ...]
    report: ImportReport

    def event(self, sample: Sample) -> Event | None:
        """Return the event that a sample describes; its id may have a prefix."""
        matching = [event for event in self.events if event.external_id == sample.event]
        return matching[0] if matching else None


def plan_of(path: Path) -> Plan:
    """Return the plan that is proposed for a database."""
    with open_database(path) as database:
        return propose(database)


def read(path: Path) -> Imported:
    """Import a database by the plan that is proposed for it."""
    plan = plan_of(path)
    report = ImportReport()
    with closing(in_memory()) as connection:
        import_source(connection, Source(path.name, None, path), report, format_of(plan))
        documents = tuple(read_documents(connection))
        events = tuple(event for document in documents for event in read_events_of(connection, document.id))
        connection.rollback()
    return Imported(plan, documents, events, report)


def differences(sample: Sample, imported: Imported) -> Iterator[str]:
    """Yield what is not as expected, one line each."""
    tables = {table.table for table in imported.plan.events}
    if tables != set(sample.events):
        yield f"event tables {sorted(tables)}, expected {sorted(sample.events)}"
    if len(imported.events) != sum(sample.events.values()):
        yield f"{len(imported.events)} events, expected {sum(sample.events.values())}"
    used = {event.document_id for event in imported.events}
    if len(used) != sample.documents:
        yield f"{len(used)} documents with events, expected {sample.documents}"
    if types := {event.type for event in imported.events} ^ sample.types:
        yield f"types {dict(Counter(event.type for event in imported.events))}, differing in {sorted(types)}"
    for name, reason in sample.ignored.items():
        if name not in imported.plan.ignored:
            yield f"table {name} is not ignored"
        elif reason not in imported.plan.ignored[name]:
            yield f"table {name} is ignored because: {imported.plan.ignored[name]}"
    event = imported.event(sample)
    if event is None:
        yield f"no event {sample.event}; there are {[event.external_id for event in imported.events][:9]}"
        return
    [document] = [document for document in imported.documents if document.id == event.document_id]
    if sample.text and sample.text not in (document.text or ""):
        yield f"text is {(document.text or '')[:80]!r}, title {document.title!r}"
    if sample.title and sample.title != document.title:
        yield f"title is {document.title!r}"
    fields = values_of(event)
    for name, value in sample.fields.items():
        expected = [str(one) for one in (value if isinstance(value, list) else [value])]
        if fields.get(name) != expected:
            yield f"field {name} is {fields.get(name)}, expected {expected}; fields: {fields}"
    if share_with_evidence(event) < sample.evidence:
        yield f"evidence for {share_with_evidence(event):.0%} of {fields}"


def values_of(event: Event) -> dict[str, list[str]]:
    """Return the values of an event by field: as text, and behind the name of the group without its number."""
    found: dict[str, list[str]] = {}
    for field in event.fields:
        group = f"{field.group.partition(':')[0]}." if field.group else ""
        found.setdefault(f"{group}{field.name}", []).append(str(field.value))
    return found


def share_with_evidence(event: Event) -> float:
    """Return the share of an event's values that are located in the text."""
    values = [field for field in event.fields if field.value not in (None, "")]
    return sum(bool(field.spans) for field in values) / len(values) if values else 1.0
