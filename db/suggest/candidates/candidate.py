"""A stretch of text that could be a value."""

from dataclasses import dataclass

from db.model import Span, Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """Where it stands, which value it is, and the modifier of a number (about, at least, at most, ``to 600``)."""

    span: Span
    value: Value
    modifier: str | None = None
