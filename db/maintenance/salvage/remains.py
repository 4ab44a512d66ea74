"""What indexes and decisions still hold of rows that are lost."""

import contextlib
import sqlite3
from collections.abc import Container, Iterator
from dataclasses import dataclass, field

from db.maintenance.check import READ_ERRORS, SALVAGE
from db.maintenance.salvage.cells import LOST
from db.maintenance.salvage.pages import Pages
from db.maintenance.salvage.rows import Found, tree
from db.model import Json, SqlValue, Value, to_sql
from db.store.reading import patch_from_json

_KEYED = ("imports", "documents", "events", "fields", "decisions")  # numbered without gaps
# Indexes that have every row of a table, and which column of theirs says of which event or document it is.
_ALL_ROWS = {
    "documents": ("sqlite_autoindex_documents_1", 0),
    "events": ("events_by_external_id", 2),
    "fields": ("fields_by_event", 0),
    "decisions": ("decisions_by_event", 0),
}
_LONGEST = 10_000_000  # characters of a text of which nothing is left
_DESCRIBED = ("title", "publisher", "published", "url", "language")


@dataclass(slots=True)
class Remains:
    """What is known of rows that are lost.

    ``missing`` gives, by table and id, what an index has beside the id: of a document its external id, of an event the
    whole key, else the id of the event. ``highest`` is the highest id that each table ever had, and ``given_up`` how
    many rows below it an earlier salvage gave up.
    """

    missing: dict[str, dict[int, tuple[SqlValue, ...]]]
    highest: dict[str, int]
    given_up: dict[str, int]
    rebuilt: dict[str, set[int]] = field(default_factory=lambda: {"documents": set(), "events": set(), "fields": set()})


def known_ids(pages: Pages, roots: dict[str, int], connection: sqlite3.Connection) -> Remains:
    """Which rows the tables should have, as the numbers of those that are there and the indexes tell."""
    missing: dict[str, dict[int, tuple[SqlValue, ...]]] = {}
    highest: dict[str, int] = {}
    for table in _KEYED:
        count, last = connection.execute(f"SELECT count(*), coalesce(max(id), 0) FROM {table}").fetchone()
        there: Container[int] = range(1, last + 1)
        if count != last:
            there = {row[0] for row in connection.execute(f"SELECT id FROM {table}")}
        highest[table] = last
        missing[table] = {}
        if table in _ALL_ROWS:
            index, _ = _ALL_ROWS[table]
            for values in _entries(pages, roots, index):
                *key, id_ = values
                if isinstance(id_, int) and id_ not in there and 0 < id_ <= highest[table] + _most(pages):
                    missing[table][id_] = tuple(key)
        in_index = [id_ for id_ in missing[table] if id_ > highest[table]]
        highest[table] = max([highest[table], *in_index])
    for cell in tree(pages, roots.get("sqlite_sequence", 0), True, Found(), ""):
        name, number = cell.values if cell and len(cell.values) == 2 else (None, None)
        if name == "decisions" and isinstance(number, int) and number <= highest["decisions"] + _most(pages):
            highest["decisions"] = max(highest["decisions"], number)
    (known,) = connection.execute(
        "SELECT coalesce(sum(refused), 0) FROM imports WHERE format = ?", (SALVAGE,)
    ).fetchone()
    return Remains(missing, highest, {"decisions": int(known)})


def lost_documents(
    pages: Pages, roots: dict[str, int], remains: Remains, connection: sqlite3.Connection
) -> Iterator[dict[str, SqlValue]]:
    """Documents without their text, which has no more than a length: what was decided about them is kept."""
    lost = remains.missing["documents"]
    described: dict[int, dict[str, SqlValue]] = {id_: {} for id_ in lost}
    for column in _DESCRIBED if lost else ():
        for value, id_ in _pairs(pages, roots, f"documents_by_{column}"):
            if isinstance(id_, int) and id_ in described and (value is None or isinstance(value, str)):
                described[id_][column] = value
    for id_, (external_id,) in lost.items():
        if described[id_]:  # more than one index has it
            (end,) = connection.execute(
                "SELECT coalesce(max(end_offset), 1) FROM evidence WHERE field_id IN (SELECT id FROM fields WHERE"
                " event_id IN (SELECT id FROM events WHERE document_id = ?))",
                (id_,),
            ).fetchone()
            yield {"id": id_, "external_id": external_id, **described[id_], "text": LOST * min(end, _LONGEST)}


def lost_events(
    pages: Pages, roots: dict[str, int], remains: Remains, connection: sqlite3.Connection
) -> Iterator[dict[str, SqlValue]]:
    """Events without their unknown keys; what is decided about them is set again from the decisions."""
    lost = remains.missing["events"]
    if not lost:
        return
    types: dict[SqlValue, SqlValue] = {}
    for values in _entries(pages, roots, "events_by_type"):
        if len(values) == 3 and values[2] in lost:
            types[values[2]] = values[0]
    confidences = {id_: value for value, id_ in _pairs(pages, roots, "events_by_confidence") if id_ in lost}
    again = {id_: number for number, id_ in _pairs(pages, roots, "events_by_extracted_again") if id_ in lost}
    before = _first_before(connection, "events", "type")
    for id_, key in lost.items():
        if len(key) == 3 and id_ in types:
            external_id, extractor, document_id = key
            made = extractor == "" and "/added/" in str(external_id)
            machine: Value = None if made else before.get(id_, {}).get("type", types[id_])  # type: ignore[arg-type]
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


def lost_fields(remains: Remains, connection: sqlite3.Connection) -> Iterator[dict[str, SqlValue]]:
    """Fields that a person decided about: the first decision holds what the machine had, or what the person added."""
    lost = remains.missing["fields"]
    if not lost:
        return
    for id_, before in _first_before(connection, "fields", "name").items():
        if id_ not in lost or before.get("state") not in ("extracted", "removed") or "value" not in before:
            continue
        name, group, modifier, value = (before.get(key) for key in ("name", "group", "modifier", "value"))
        if not isinstance(name, str):
            continue
        event_id = lost[id_][0]
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
    """By id, what the first decision that set a column of an event or a field found there."""
    found: dict[int, Json] = {}
    for (before,) in connection.execute("SELECT before FROM decisions ORDER BY id"):
        with contextlib.suppress(*READ_ERRORS):
            for id_, columns in getattr(patch_from_json(before), side).items():
                if column in columns:
                    found.setdefault(id_, columns)
    return found


def _entries(pages: Pages, roots: dict[str, int], index: str) -> Iterator[tuple[SqlValue, ...]]:
    for cell in tree(pages, roots.get(index, 0), False, Found(), ""):
        if cell and cell.whole:
            yield cell.values


def _pairs(pages: Pages, roots: dict[str, int], index: str) -> Iterator[tuple[SqlValue, SqlValue]]:
    for values in _entries(pages, roots, index):
        if len(values) == 2:
            yield values


def _most(pages: Pages) -> int:
    """More rows than a page that is lost can have had on it; an id beyond that is none."""
    return pages.size * 4


def _text(value: Value) -> str | None:
    return value if isinstance(value, str) else None
