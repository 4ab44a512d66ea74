"""Statistics of a file: progress by type and extractor, reviewers, and how often extractors were right."""

import sqlite3
from dataclasses import dataclass

from db.model import STATUSES


@dataclass(frozen=True, slots=True)
class Progress:
    """Events of one type from one extractor, by status in the order of ``STATUSES``."""

    type: str
    extractor: str
    by_status: tuple[int, ...]

    @property
    def events(self) -> int:
        """The number of events."""
        return sum(self.by_status)

    @property
    def decided(self) -> int:
        """The number of events that are not pending."""
        return self.events - self.by_status[STATUSES.index("pending")]


@dataclass(frozen=True, slots=True)
class FieldFigures:
    """What reviewers did with the extracted values of one field, in accepted events."""

    name: str
    reviewed: int
    kept: int
    corrected: int
    removed: int
    added: int


@dataclass(frozen=True, slots=True)
class Statistics:
    """The figures that ``eventdesk stats`` shows."""

    documents: int
    events: int
    decisions: int
    progress: tuple[Progress, ...]
    reasons: tuple[tuple[str, int], ...]
    reviewers: tuple[tuple[str, int, int], ...]
    """Reviewer, decisions other than undo and redo, undos."""
    fields: tuple[FieldFigures, ...]


def statistics(connection: sqlite3.Connection) -> Statistics:
    """Return the statistics of the file."""

    def one(sql: str) -> int:
        number: int = connection.execute(sql).fetchone()[0]
        return number

    by_status = ", ".join(f"sum(status = '{status}')" for status in STATUSES)
    progress = connection.execute(
        f"SELECT type, extractor, {by_status} FROM events WHERE live GROUP BY type, extractor"
        " ORDER BY count(*) DESC, type, extractor"
    )
    reasons = connection.execute(
        "SELECT reason, count(*) FROM events WHERE live AND reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
    )
    reviewers = connection.execute(
        "SELECT reviewer, sum(action NOT IN ('undo', 'redo')), sum(action = 'undo') FROM decisions"
        " GROUP BY reviewer ORDER BY 2 DESC, 1"
    )
    fields = connection.execute(
        "SELECT coalesce(extracted_name, name) AS machine_name, count(*), sum(fields.state = 'confirmed'),"
        " sum(fields.state = 'corrected'), sum(fields.state = 'removed'), sum(fields.state = 'added')"
        " FROM fields JOIN events ON events.id = event_id"
        " WHERE live AND status IN ('confirmed', 'corrected') AND fields.state <> 'extracted'"
        " AND NOT (fields.state = 'removed' AND NOT in_extraction)"
        " GROUP BY machine_name ORDER BY 2 DESC, 1"
    )
    return Statistics(
        one("SELECT count(*) FROM documents"),
        one("SELECT count(*) FROM events WHERE live"),
        one("SELECT count(*) FROM decisions"),
        tuple(Progress(str(row[0]), str(row[1]), tuple(row[2:])) for row in progress),  # damaged rows hold other types
        tuple((str(reason), count) for reason, count in reasons),
        tuple((str(name), acts or 0, undos or 0) for name, acts, undos in reviewers),
        tuple(FieldFigures(str(row[0]), *row[1:]) for row in fields),
    )
