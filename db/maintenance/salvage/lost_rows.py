"""Finds out which rows are lost, and rebuilds some from what indexes and decisions still hold of them."""

import contextlib
import sqlite3
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from db.maintenance.check import READ_ERRORS, SALVAGE
from db.maintenance.salvage.cells import LOST
from db.maintenance.salvage.pages import Pages
from db.maintenance.salvage.rows import Scan, tree
from db.model import Json, SqlValue, Value, to_sql
from db.store.valid.patches import patch_from_json

_NUMBERED = ("imports", "documents", "earlier_texts", "events", "fields", "decisions")  # tables whose ids have no gaps
# By table, an index with an entry for every row, and the number of columns before the row's id.
_COMPLETE_INDEXES = {
    "documents": ("sqlite_autoindex_documents_1", 1),
    "earlier_texts": ("earlier_texts_by_document", 2),
    "events": ("events_by_external_id", 3),
    "fields": ("fields_by_event", 1),
    "decisions": ("decisions_by_event", 1),
}
_MAX_LENGTH = 10_000_000  # characters of a placeholder for a lost text
_DESCRIPTION = ("title", "publisher", "published", "url", "language")


@dataclass(slots=True)
class LostRows:
    """What is known of lost rows.

    missing: by table and id, the row's entry in an index: for a document its external id, for an earlier text its
    document and last decision, for an event its external id, extractor and document, otherwise the event's id.
    highest: by table, the highest id that a row ever had.
    known_losses: rows that an earlier salvage reported as lost.
    rebuilt: by table, the ids of rows that were rebuilt.
    """

    missing: dict[str, dict[int, tuple[SqlValue, ...]]]
    highest: dict[str, int]
    known_losses: dict[str, int]
    rebuilt: dict[str, set[int]] = field(
        default_factory=lambda: {"documents": set(), "earlier_texts": set(), "events": set(), "fields": set()}
    )


def find_lost_rows(pages: Pages, roots: dict[str, int], connection: sqlite3.Connection) -> LostRows:
    """Compare the saved rows with the indexes of the damaged file, and with the numbering of the ids."""
    missing: dict[str, dict[int, tuple[SqlValue, ...]]] = {}
    highest: dict[str, int] = {}
    for table in _NUMBERED:
        count, last = connection.execute(f"SELECT count(*), coalesce(max(id), 0) FROM {table}").fetchone()
        saved: Container[int] = range(1, last + 1)
        if count != last:
            saved = {row[0] for row in connection.execute(f"SELECT id FROM {table}")}
        missing[table] = {}
        if table in _COMPLETE_INDEXES:
            index, key_columns = _COMPLETE_INDEXES[table]
            for *key, id_ in _entries(pages, roots, index, key_columns + 1):
                if isinstance(id_, int) and id_ not in saved and 0 < id_ <= last + _max_rows(pages):
                    missing[table][id_] = tuple(key)
        highest[table] = max([last, *missing[table]])
    for cell in tree(pages, roots.get("sqlite_sequence", 0), True, Scan(), ""):
        name, number = cell.values if cell and len(cell.values) == 2 else (None, None)
        if name == "decisions" and isinstance(number, int) and number <= highest["decisions"] + _max_rows(pages):
            highest["decisions"] = max(highest["decisions"], number)
    (known,) = connection.execute(
        "SELECT coalesce(sum(refused), 0) FROM imports WHERE format = ?", (SALVAGE,)
    ).fetchone()
    return LostRows(missing, highest, {"decisions": int(known)})


def rebuilt_documents(
    pages: Pages, roots: dict[str, int], lost_rows: LostRows, connection: sqlite3.Connection
) -> Iterator[dict[str, SqlValue]]:
    """Yield lost documents with a placeholder for the text, so that decisions about their events are kept."""
    lost = lost_rows.missing["documents"]
    described: dict[int, dict[str, SqlValue]] = {id_: {} for id_ in lost}
    for column in _DESCRIPTION if lost else ():
        for value, id_ in _entries(pages, roots, f"documents_by_{column}", 2):
            if isinstance(id_, int) and id_ in described and (value is None or isinstance(value, str)):
                described[id_][column] = value
    for id_, (external_id,) in lost.items():
        if described[id_]:  # found in more than one index
            (end,) = connection.execute(
                "SELECT coalesce(max(end_offset), 1) FROM evidence WHERE field_id IN (SELECT id FROM fields WHERE"
                " event_id IN (SELECT id FROM events WHERE document_id = ?))",
                (id_,),
            ).fetchone()
            yield {"id": id_, "external_id": external_id, **described[id_], "text": LOST * min(end, _MAX_LENGTH)}


def rebuilt_earlier_texts(pages: Pages, roots: dict[str, int], lost_rows: LostRows) -> Iterator[dict[str, SqlValue]]:
    """Yield lost earlier texts without a text, so that spans of their time are not taken for spans of a later text."""
    events = {id_: event_id for event_id, id_ in _entries(pages, roots, "earlier_texts_by_event", 2)}
    for id_, (document_id, last_decision) in lost_rows.missing["earlier_texts"].items():
        row: dict[str, SqlValue] = {"id": id_, "document_id": document_id, "last_decision": last_decision}
        row["only_event"] = events.get(id_)
        yield row | {"replaced_at": "", "moved": 0, "lost": 0, "text": ""}


def rebuilt_events(
    pages: Pages, roots: dict[str, int], lost_rows: LostRows, connection: sqlite3.Connection
) -> Iterator[dict[str, SqlValue]]:
    """Yield lost events without their unknown keys. Replaying the decisions sets the reviewed side."""
    lost = lost_rows.missing["events"]
    if not lost:
        return
    types = {id_: name for name, _, id_ in _entries(pages, roots, "events_by_type", 3) if id_ in lost}
    confidences = {id_: value for value, id_ in _entries(pages, roots, "events_by_confidence", 2) if id_ in lost}
    again = {id_: number for number, id_ in _entries(pages, roots, "events_by_extracted_again", 2) if id_ in lost}
    before = _first_before(connection, "events", "type")
    for id_, (external_id, extractor, document_id) in lost.items():
        if id_ in types:
            added = extractor == "" and "/added/" in str(external_id)
            machine: Value = None if added else before.get(id_, {}).get("type", types[id_])  # type: ignore[arg-type]
            yield {
                "id": id_,
                "document_id": document_id,
                "external_id": external_id,
                "extractor": extractor,
                "type": types[id_],
                "extracted_type": to_sql(machine) if machine is not None else None,
                "confidence": confidences.get(id_),
                "extracted_again": again.get(id_),
            }


def rebuilt_fields(lost_rows: LostRows, connection: sqlite3.Connection) -> Iterator[dict[str, SqlValue]]:
    """Yield lost fields that were decided about: the first decision holds the extracted or added value."""
    lost = lost_rows.missing["fields"]
    if not lost:
        return
    for id_, before in _first_before(connection, "fields", "name").items():
        if id_ not in lost or before.get("state") not in ("extracted", "removed") or "value" not in before:
            continue
        name, group, modifier, value = (before.get(key) for key in ("name", "group", "modifier", "value"))
        if not isinstance(name, str):
            continue
        (event_id,) = lost[id_]
        (position,) = connection.execute(
            "SELECT coalesce(max(position), -1) + 1 FROM fields WHERE event_id = ?", (event_id,)
        ).fetchone()
        stored = to_sql(value)
        row: dict[str, SqlValue] = {"id": id_, "event_id": event_id, "position": position, "name": name}
        row |= {"field_group": _text(group), "value": stored, "modifier": _text(modifier)}
        if before["state"] == "extracted":
            row |= {"extracted_name": name, "extracted_group": _text(group), "extracted_value": stored}
            row |= {"extracted_modifier": _text(modifier)}
        else:
            row |= {"state": "removed", "in_extraction": 0}
        yield row


def _first_before(connection: sqlite3.Connection, side: str, column: str) -> dict[int, Json]:
    """Return, by the id of an event or field, what it was before the first decision that set ``column``."""
    found: dict[int, Json] = {}
    for (before,) in connection.execute("SELECT before FROM decisions ORDER BY id"):
        with contextlib.suppress(*READ_ERRORS):
            for id_, columns in getattr(patch_from_json(before), side).items():
                if column in columns:
                    found.setdefault(id_, columns)
    return found


def _entries(pages: Pages, roots: dict[str, int], index: str, columns: int) -> Iterator[tuple[SqlValue, ...]]:
    """Yield the whole entries of an index. A page of another index may be in its place: its entries are skipped."""
    for cell in tree(pages, roots.get(index, 0), False, Scan(), ""):
        if cell and cell.whole and len(cell.values) == columns:
            yield cell.values


def _max_rows(pages: Pages) -> int:
    """Return more than the number of rows that a lost page can have held: an id that far beyond the rest is damaged."""
    return pages.size * 4


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
