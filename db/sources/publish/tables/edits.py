"""What reviewers changed, as changes of the rows of a database's own tables."""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from db.model import SqlValue

Key = tuple[Any, ...]


def key_text(key: Key) -> str:
    """Return a key as messages show it; an added event has none."""
    return ", ".join("new" if cell is None else cell.hex() if isinstance(cell, bytes) else str(cell) for cell in key)


REVIEW_COLUMNS = ("review_status", "reviewer", "decided_at", "reason", "note")


class Review(NamedTuple):
    """What was decided about an event as a whole."""

    status: str
    reviewer: str | None = None
    decided_at: str | None = None
    reason: str | None = None
    note: str | None = None


class Correction(NamedTuple):
    """One changed value of an event, with the event's key; None for an added event."""

    key: Key
    column: str
    extracted: SqlValue
    reviewed: SqlValue
    reviewer: str | None
    decided_at: str | None


@dataclass(slots=True)
class TableEdits:
    """Changes of one table: cells by row and column, rows that are no longer there, and new rows with their review.

    Rows are known by their rowid, or else by their key.
    """

    cells: dict[Key, dict[str, SqlValue]] = field(default_factory=lambda: defaultdict(dict))
    removed: set[Key] = field(default_factory=set)
    added: list[tuple[dict[str, SqlValue], Review]] = field(default_factory=list)


@dataclass(slots=True)
class Edits:
    """The changes of an event table and of those that belong to it, by table; reviews by the event's key."""

    tables: dict[str, TableEdits] = field(default_factory=lambda: defaultdict(TableEdits))
    reviews: dict[Key, Review] = field(default_factory=dict)
    corrections: list[Correction] = field(default_factory=list)
