"""A candidate: a span of text that could be a value."""

from dataclasses import dataclass

from db.model import Span, Value


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span, its value, and the modifier of a number (about, at least, at most, ``to 600``).

    ``vague`` marks numbers that name no definite number, such as "dozens": their value is the least they can mean.
    """

    span: Span
    value: Value
    modifier: str | None = None
    vague: bool = False
