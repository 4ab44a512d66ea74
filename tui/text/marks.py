"""Marks and words for statuses and states: clear without colour, so that colour only helps."""

from db.describe import value_text
from db.kinds import Kind
from db.model import Reason, State, Status, Value
from db.query.queue import Queue
from tui.text.safe import safe

STATUS_MARKS: dict[Status, str] = {"pending": "·", "confirmed": "✓", "corrected": "✎", "rejected": "✗", "unsure": "?"}
OPEN_ELSEWHERE = "@"  # another reviewer has the event open
STATE_MARKS: dict[State, str] = {"extracted": " ", "confirmed": "✓", "corrected": "✎", "added": "+", "removed": "✗"}
REASON_KEYS: dict[str, Reason] = {
    "h": "historical_mention",
    "d": "duplicate",
    "b": "boilerplate",
    "g": "generic",
    "n": "not_an_event",
    "o": "other",
}
KIND_WORDS: dict[Kind, str] = {
    "text": "text",
    "integer": "whole number",
    "number": "number",
    "date": "date",
    "choice": "one of a list",
    "place": "place",
    "actor": "actor",
}


_LONGEST = 4_000  # characters on one line: more than any terminal shows, and each of them is measured


def words(name: str) -> str:
    """Return a name as people read it: ``not an event`` for not_an_event."""
    return safe(name[:_LONGEST]).replace("_", " ")


def shown(value: Value) -> str:
    """Return a value on one line, safe for the terminal."""
    return safe(value_text(value)[:_LONGEST])


def place_of(queue: Queue, place: int) -> str:
    """Return a place in a queue, with … for what isn't known until the query is done."""
    if queue.complete:
        return f"{place + 1:,}/{len(queue):,}" if len(queue) else "0/0"
    return f"{place + 1:,}/…" if queue.from_start else "…/…"


def percent(confidence: float | None) -> str:
    """Return a confidence in three cells: .83, 1.0 or blank."""
    if confidence is None:
        return "   "
    if 0 <= confidence < 0.995:
        return f"{confidence:.2f}"[1:]
    return f"{confidence:.1f}"[:3]
