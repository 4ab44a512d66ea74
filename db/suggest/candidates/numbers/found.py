"""A number found in a text, before its modifier is read."""

from dataclasses import dataclass

LARGEST = 10**18


@dataclass(frozen=True, slots=True)
class Number:
    """A number from ``start`` to ``end``; ``times`` is the magnitude it was written with, as in "3 million"."""

    start: int
    end: int
    value: int | float
    times: int = 1
    modifier: str | None = None
    vague: bool = False
    digits: bool = False


def whole(value: float) -> int | float:
    """Return an integer for a float that is one, such as 2.5 × 1,000,000."""
    if isinstance(value, int):
        return value
    return round(value) if abs(value) < LARGEST and abs(value - round(value)) < 1e-6 else value
