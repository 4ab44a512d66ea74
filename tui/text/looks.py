"""Marks and words for statuses and states: clear without colour, so that colour only helps."""

from db.describe import value_text
from db.kinds import Kind
from db.model import Reason, State, Status, Value
from db.query.queue import Queue
from tui.text.safe import safe

STATUS_MARKS: dict[Status, str] = {
    "pending": "·",
    "confirmed": "✓",
    "corrected": "✎",
    "rejected": "✗",
    "unsure": "?",
}
OPEN_ELSEWHERE = "@"  # somebody else has this event open
STATE_MARKS: dict[State, str] = {
    "extracted": " ",
    "confirmed": "✓",
    "corrected": "✎",
    "added": "+",
    "removed": "✗",
}
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


def words(name: str) -> str:
    """A name as people read it: not_an_event is ``not an event``."""
    return safe(name).replace("_", " ")


def shown(value: Value) -> str:
    """A value on one line, safe for the terminal."""
    return safe(value_text(value))


def place_of(queue: Queue, place: int) -> str:
    """Where one is in a queue, with … for what is not known while the rest is found."""
    if queue.complete:
        return f"{place + 1:,}/{len(queue):,}" if len(queue) else "0/0"
    return f"{place + 1:,}/…" if queue.from_start else "…/…"


def percent(confidence: float | None) -> str:
    """A confidence in three cells: .83, 1.0, or nothing."""
    if confidence is None:
        return "   "
    if 0 <= confidence < 0.995:
        return f"{confidence:.2f}"[1:]
    return f"{confidence:.1f}"[:3]
