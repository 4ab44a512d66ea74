"""Spans of decisions, moved from the text of their time to the current one.

A decision is never rewritten: its spans refer to the text of its time. Everything that reads a decision gets its spans
moved from that text to the current one, in one step, so that a text that comes back finds them where they were. The
spans of an undo or a redo are those of the decision that it is about. Spans that have no place in the current text are
left out. If a field has none left, the machine's newest evidence for the same value counts.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from db.errors import DamagedRowError
from db.model import Decision, Json, Patch, Span, Value, to_sql
from db.store.texts.earlier import EarlierText, read_texts_of_event
from db.store.valid import fetching, rows

_MACHINE = (
    "SELECT start_offset, end_offset FROM evidence JOIN fields ON fields.id = field_id WHERE field_id = ?"
    " AND extracted AND in_extraction AND extracted_value IS ? ORDER BY evidence.position"
)


def in_current_texts(
    connection: sqlite3.Connection,
    decisions: Iterable[Decision],
    read_stored: Callable[[int], Decision],
    skipped: fetching.Skipped | None = None,
) -> Iterator[Decision]:
    """Yield decisions with their spans in the current texts. ``read_stored`` returns a decision as it is stored.

    Decisions whose texts are damaged go to ``skipped``; without it, the first one raises DamagedRowError.
    """
    spans = _CurrentSpans(connection, read_stored)
    for decision in decisions:
        try:
            yield spans.moved(decision)
        except DamagedRowError as error:
            if skipped is None:
                raise
            skipped(error)


class _CurrentSpans:
    def __init__(self, connection: sqlite3.Connection, read_stored: Callable[[int], Decision]) -> None:
        self._connection = connection
        self._read_stored = read_stored
        self._open = (0, 0)  # document, and event if it had another document
        self._earlier: list[EarlierText] = []
        self._current = ""

    def moved(self, decision: Decision) -> Decision:
        """Return a decision with its spans in the current texts."""
        after, made = decision.after, decision.id
        if decision.target_id is not None and any("spans" in columns for columns in after.fields.values()):
            target = self._read_stored(decision.target_id)
            after, made = (target.before if decision.action == "undo" else target.after), target.id
        return replace(
            decision,
            before=self._patch(decision.before, decision.before, decision.id),
            after=self._patch(decision.after, after, made),
        )

    def _patch(self, patch: Patch, source: Patch, made: int) -> Patch:
        """Return a patch with the spans that ``source`` has, which was made as decision number ``made``."""
        fields: dict[int, Json] = {}
        for field_id, columns in patch.fields.items():
            stated = source.fields.get(field_id, columns).get("spans")
            if "spans" in columns and isinstance(stated, list):
                columns = columns | {"spans": self._spans(field_id, stated, columns, made)}
            fields[field_id] = columns
        return Patch(patch.events, fields)

    def _spans(self, field_id: int, stated: list[Value], columns: Json, made: int) -> list[Value]:
        self._open_document_of(field_id)
        text = next((item.text for item in self._earlier if item.last_decision >= made), None)
        if text is None or text == self._current:
            return stated
        from db.text.alignment import align  # most files need none

        alignment = align(text, self._current)
        pairs = [Span(*pair) for pair in stated]  # type: ignore[misc]
        found: Iterable[Span] = {span for pair in pairs if (span := alignment.move(pair)) is not None}
        if pairs and not found and "value" in columns:
            machine = self._connection.execute(_MACHINE, (field_id, to_sql(columns["value"])))
            found = {Span(*pair) for pair in machine if rows.is_span(*pair)}
        return [[start, end] for start, end in sorted(found)]

    def _open_document_of(self, field_id: int) -> None:
        row = self._connection.execute(
            "SELECT document_id, iif(EXISTS (SELECT 1 FROM earlier_texts WHERE only_event = events.id), id, 0)"
            " FROM events WHERE id = (SELECT event_id FROM fields WHERE id = ?)",
            (field_id,),
        ).fetchone()
        document_id, event_id = row or (0, 0)
        if (document_id, event_id) == self._open:
            return
        self._open = (document_id, event_id)
        self._earlier = read_texts_of_event(self._connection, event_id, document_id)
        if self._earlier:
            row = self._connection.execute(
                "SELECT coalesce(text, title, '') FROM documents WHERE id = ?", (document_id,)
            ).fetchone()
            self._current = row[0] if row else ""
