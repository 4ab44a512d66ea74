"""The writer of an import: turns new documents, events and fields into rows and inserts them in bulk."""

import json
import re
import sqlite3
from collections import Counter
from collections.abc import Sequence
from functools import cache
from itertools import chain, count

from db.grounding.places import METHODS
from db.importing.merging.contents import author_of
from db.importing.merging.links import waiting_link
from db.importing.releases.differing import is_same_field
from db.importing.report import ImportReport
from db.importing.reviews import add_imported_review
from db.importing.same_text import find_same_text
from db.model import Event, Field, Json, SqlValue, to_sql
from db.native import NewDocument, NewEvent, NewField
from db.store.lookup_index import index_documents, index_values

_MOST_PARAMETERS = 900  # of a statement; old versions of SQLite allow 999
_PARAMETER = re.compile(r"\?(\d+)")
_encode = json.JSONEncoder(ensure_ascii=False).encode
DESCRIPTION = ("title", "publisher", "url", "published", "language")


def to_json(extra: Json) -> str | None:
    """Return unknown keys as the database stores them."""
    if not extra:
        return None
    if len(extra) == 1 and isinstance(method := extra.get("grounding"), str) and method in METHODS:
        return f'{{"grounding": "{method}"}}'  # as json.dumps writes it, for most fields of many files
    return _encode(extra)


class RowWriter:
    """Collects rows and inserts them with ``flush``, within the caller's transaction."""

    def __init__(self, connection: sqlite3.Connection, report: ImportReport) -> None:
        self._connection = connection
        self._report = report
        self._ids: dict[str, count[int]] = {}
        self.renumber()
        self._unwritten: dict[str, int] = {}  # external id → id of documents since the last flush
        self._unwritten_texts: dict[str, int] = {}
        self._rows: dict[str, list[tuple[SqlValue, ...]]] = {table: [] for table in _STATEMENTS}
        self._texts: list[tuple[int, str | None, str | None]] = []  # for the full-text index
        self._values: Counter[tuple[str, SqlValue]] = Counter()
        self._reviewed: list[tuple[int, NewEvent, list[int]]] = []

    def document_id(self, external_id: str) -> int | None:
        """Return the id of a known document, written or not; None if it is new."""
        if (unwritten := self._unwritten.get(external_id)) is not None:
            return unwritten
        row = self._connection.execute("SELECT id FROM documents WHERE external_id = ?", (external_id,)).fetchone()
        return row[0] if row else None

    def same_text_id(self, document: NewDocument) -> int | None:
        """Return the id of a document with the same text, written or not; None if there is none."""
        if document.text is None:
            return None
        return self._unwritten_texts.get(document.text) or find_same_text(self._connection, document.text)

    def renumber(self) -> None:
        """Continue after the ids of rows that others inserted; no row may be waiting."""
        for table in ("documents", "events", "fields"):
            (last,) = self._connection.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()
            self._ids[table] = count(last + 1)

    def flush(self) -> None:
        """Insert the collected rows and index their texts and values."""
        for table, statement in _STATEMENTS.items():
            if rows := self._rows[table]:
                whole = 0
                if " VALUES " in statement:
                    for_many, at_once = _for_many_rows(statement)
                    whole = len(rows) - len(rows) % at_once
                    groups = (rows[start : start + at_once] for start in range(0, whole, at_once))
                    self._connection.executemany(for_many, (tuple(chain.from_iterable(group)) for group in groups))
                self._connection.executemany(statement, rows[whole:])
                self._rows[table] = []
        index_documents(self._connection, self._texts)
        index_values(self._connection, ((*pair, uses) for pair, uses in self._values.items() if uses))
        self._unwritten, self._unwritten_texts, self._texts, self._values = {}, {}, [], Counter()
        reviewed, self._reviewed = self._reviewed, []
        for event_id, event, field_ids in reviewed:
            self._report.decisions += add_imported_review(self._connection, event_id, event, field_ids)

    def add_document(self, document: NewDocument) -> list[int]:
        """Add a new document with its events; return the ids of these."""
        document_id = next(self._ids["documents"])
        self._unwritten[document.external_id] = document_id
        if document.text is not None:
            self._unwritten_texts.setdefault(document.text, document_id)
        described = [getattr(document, key) for key in DESCRIPTION]
        self._rows["documents"].append(
            (document_id, document.external_id, *described, to_json(document.extra), document.text)
        )
        self._texts.append((document_id, document.title, document.text))
        self._report.documents += 1
        return [self.add_event(document_id, event) for event in document.events]

    def add_event(self, document_id: int, event: NewEvent) -> int:
        """Add a new event to a document; return its id."""
        event_id = next(self._ids["events"])
        machine = event.extracted_type
        extra = event.extra
        if event.review is not None and event.review.same_as is not None:
            extra = extra | waiting_link(event.review.same_as, author_of(event.review))
        row = (event_id, document_id, event.external_id, event.extractor, event.run, machine or event.type, machine)
        self._rows["events"].append((*row, int(machine is not None), event.confidence, to_json(extra)))
        field_ids = [self.add_field(event_id, position, item) for position, item in enumerate(event.fields)]
        if event.has_decisions:
            self._reviewed.append((event_id, event, field_ids))
        self._report.events += 1
        return event_id

    def update_event(
        self, stored: Event, event: NewEvent, pairs: Sequence[tuple[Field | None, NewField]], run: str | None
    ) -> None:
        """Set the machine's side of an event about which nobody ever decided, which is also its current side."""
        row = (event.extracted_type, event.confidence, run, to_json(event.extra), stored.id)
        self._rows["updated events"].append(row)
        matched = set()
        for position, (field, item) in enumerate(pairs):
            if field is None:
                self.add_field(stored.id, position, item)
                continue
            matched.add(field.id)
            if field.position == position and field.in_extraction and is_same_field(field, item):
                continue
            value, extra = to_sql(item.value), to_json(item.extra)
            self._rows["updated fields"].append((position, value, item.modifier, item.confidence, extra, field.id))
            self._values[field.name, to_sql(field.value)] -= field.state != "removed"
            self._values[field.name, value] += 1
            if field.extracted is None or field.extracted.spans != item.spans:
                self._rows["old evidence"].append((field.id,))
                self._rows["evidence"].extend((field.id, n, *span) for n, span in enumerate(item.spans))
        for field in stored.fields:
            if field.in_extraction and field.id not in matched:
                self._rows["gone fields"].append((field.id,))
                self._values[field.name, to_sql(field.value)] -= 1

    def add_field(self, event_id: int, position: int, item: NewField) -> int:
        """Add a new field to an event and return its id."""
        field_id = next(self._ids["fields"])
        name, group, given, modifier, spans, confidence, extra, review = item
        value = to_sql(given)
        if review is None:
            json_of_extra = to_json(extra) if extra else None
            plain = (field_id, event_id, position, name, group, value, modifier, confidence, json_of_extra)
            self._rows["plain fields"].append(plain)
            self._values[name, value] += 1
            for number, (start, end) in enumerate(spans):
                self._rows["evidence"].append((field_id, number, start, end))
            return field_id
        machine: tuple[SqlValue, ...] = (None,) * 4
        if item.by_machine:
            machine = (item.name, item.group, value, item.modifier)
        state = "extracted" if item.by_machine else "removed"
        current = (field_id, event_id, position, item.name, item.group, value, item.modifier, state)
        row = (*current, int(item.by_machine), *machine, item.confidence, to_json(item.extra))
        self._rows["fields"].append(row)
        self._values[item.name, value] += item.by_machine
        if item.by_machine:
            self._rows["evidence"].extend((field_id, n, *span) for n, span in enumerate(item.spans))
        return field_id


@cache
def _for_many_rows(statement: str) -> tuple[str, int]:
    """Return an INSERT of one row as one of many rows, and of how many: that takes half the time."""
    insert, _, values = statement.partition(" VALUES ")
    width = max(map(int, _PARAMETER.findall(values)))
    rows = _MOST_PARAMETERS // width
    of_rows = (
        _PARAMETER.sub(lambda match: f"?{int(match[1]) + width * number}", values)  # noqa: B023 (called at once)
        for number in range(rows)
    )
    return f"{insert} VALUES {', '.join(of_rows)}", rows


_STATEMENTS = {
    "documents": (
        "INSERT INTO documents (id, external_id, title, publisher, url, published, language, extra, text)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)"
    ),
    "events": (
        "INSERT INTO events (id, document_id, external_id, extractor, run, type, extracted_type, live, confidence,"
        " extra) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)"
    ),
    "fields": (
        "INSERT INTO fields (id, event_id, position, name, field_group, value, modifier, state, in_extraction,"
        " extracted_name, extracted_group, extracted_value, extracted_modifier, confidence, extra)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)"
    ),
    # Nearly all fields are plain. Numbered parameters halve what has to be bound.
    "plain fields": (
        "INSERT INTO fields (id, event_id, position, name, field_group, value, modifier, state, in_extraction,"
        " extracted_name, extracted_group, extracted_value, extracted_modifier, confidence,"
        " extra) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 'extracted', 1, ?4, ?5, ?6, ?7, ?8, ?9)"
    ),
    "old evidence": "DELETE FROM evidence WHERE field_id = ?",
    "evidence": "INSERT INTO evidence (field_id, position, start_offset, end_offset) VALUES (?1, ?2, ?3, ?4)",
    "updated events": (
        "UPDATE events SET type = ?1, extracted_type = ?1, confidence = ?2, run = ?3, extra = ?4,"
        " revision = revision + 1 WHERE id = ?5"
    ),
    "updated fields": (
        "UPDATE fields SET state = 'extracted', in_extraction = 1, position = ?1, value = ?2, modifier = ?3,"
        " extracted_value = ?2, extracted_modifier = ?3, confidence = ?4, extra = ?5 WHERE id = ?6"
    ),
    "gone fields": "UPDATE fields SET state = 'removed', in_extraction = 0 WHERE id = ?",
}
