"""Recognises the rows of a table whose text was edited, where a document's id is made from its content."""

import re
import sqlite3
from collections import Counter
from dataclasses import replace

from db.importing.known import KnownEvents
from db.importing.matching import machine_fields
from db.model import Event
from db.native import NewDocument, NewEvent, digest
from db.store.reading import read_document, read_events_of

_DERIVED = re.compile(r"doc-[0-9a-f]{16}")
_EVENTS = (
    "SELECT DISTINCT document_id FROM events WHERE external_id = ? AND extractor = ? AND live"
    " AND extracted_type IS NOT NULL LIMIT 2"
)


def as_reworded(connection: sqlite3.Connection, known: KnownEvents, document: NewDocument) -> NewDocument:
    """Return the rows of a document under the id of the known one that has just their events, with given ids.

    More than half of its words and of its events' values must be the same: another table may have the same ids.
    Rows whose id is that of a document with another text by now get an id of their own.
    """
    events = document.events
    if known.last_document == 0 or not events or _DERIVED.fullmatch(document.external_id) is None:
        return document
    if any(event.id_is_derived or event.has_decisions for event in events):
        return document
    if known.unchanged(document) is not None:
        return document
    found = connection.execute(_EVENTS, (events[0].external_id, events[0].extractor)).fetchall()
    row = connection.execute("SELECT id FROM documents WHERE external_id = ?", (document.external_id,)).fetchone()
    if row in found:
        return document
    if len(found) == 1 and (external_id := _known_id(connection, known, document, found[0][0])) is not None:
        return replace(document, external_id=external_id)
    if row is None or read_document(connection, row[0]).source == document.source:
        return document
    return replace(document, external_id=f"doc-{digest([document.external_id, document.source])}")


def _known_id(
    connection: sqlite3.Connection, known: KnownEvents, document: NewDocument, document_id: int
) -> str | None:
    """Return the id of a stored document if a document has the same events, mostly the same text, and it is the first
    of this import.
    """
    if not known.is_older(document_id):
        return None
    stored = read_document(connection, document_id)
    if _DERIVED.fullmatch(stored.external_id) is None or not _mostly_same(
        _words(stored.source), _words(document.source)
    ):
        return None
    new = {(event.external_id, event.extractor): event for event in document.events}
    for event in read_events_of(connection, stored.id):
        if event.extracted_type is None:
            continue
        item = new.get((event.external_id, event.extractor))
        if item is None or known.was_imported(event) or not _mostly_same(_values(event), _new_values(item)):
            return None
    return stored.external_id


def _mostly_same(one: Counter[str], two: Counter[str]) -> bool:
    """Return True if more than half of the smaller one is the same, or both are empty."""
    return (one & two).total() * 2 > min(one.total(), two.total()) or not (one or two)


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.casefold()))


def _values(event: Event) -> Counter[str]:
    sides = (field.extracted for field in event.fields if field.in_extraction)
    return Counter(f"{side.name}={side.value}" for side in sides if side)


def _new_values(event: NewEvent) -> Counter[str]:
    return Counter(f"{item.name}={item.value}" for item in machine_fields(event))
