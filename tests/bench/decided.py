"""Decides about a twentieth of the generated events: most of them in SQL, some through the reviewer's own functions.

A reviewer has worked through the first documents, and here and there in the rest. ``eventdesk check`` proves that the
rows written in SQL equal those that the reviewer's functions would have written.
"""

import random
import sqlite3
from datetime import UTC, datetime, timedelta

from db.decisions.review import Review
from db.model import Event, Field
from db.store.reading import read_event

_FROM_THE_START, _SCATTERED = 0.04, 0.01  # of the events
_BY_ACTS = 300  # at most
_REVIEWERS = ("ana", "ana", "ben", "olena")
_REASONS = ("historical_mention", "duplicate", "boilerplate", "generic", "not_an_event")
_BEGAN = datetime(2025, 9, 1, 8, tzinfo=UTC)

_TABLE = """
CREATE TEMP TABLE decided (
    id INTEGER PRIMARY KEY, event_id INTEGER, action TEXT, status TEXT, reason TEXT, reviewer TEXT, decided_at TEXT
)
"""
_CONTENT = """
json_object('name', name, 'group', field_group, 'value', value, 'modifier', modifier, 'state', {state}, 'spans', json(
    (SELECT json_group_array(json_array(start_offset, end_offset)) FROM evidence WHERE field_id = fields.id)))
"""
_PATCH = """
json_object('events', json_object(CAST(event_id AS TEXT), json_object(
    'status', {status}, 'reason', {reason}, 'reason_text', NULL, 'reviewer', {reviewer}, 'decided_at', {decided_at},
    'merged_into', NULL)),
    'fields', json(iif(action = 'confirm', (SELECT json_group_object(CAST(fields.id AS TEXT), json({content}))
    FROM fields WHERE fields.id > (decided.event_id - 1) * 10 AND fields.id <= decided.event_id * 10), '{{}}')))
"""
_BEFORE = _PATCH.format(
    status="'pending'", reason="NULL", reviewer="NULL", decided_at="NULL", content=_CONTENT.format(state="'extracted'")
)
_AFTER = _PATCH.format(
    status="status", reason="reason", reviewer="reviewer", decided_at="decided_at",
    content=_CONTENT.format(state="'confirmed'"),
)  # fmt: skip


def chosen(events: int, seed: int) -> tuple[list[int], list[int]]:
    """Ids of the events that SQL decides about, and of those that acts do."""
    rng = random.Random(f"{seed} decided")
    first = int(events * _FROM_THE_START)
    others = rng.sample(range(first + 1, events + 1), int(events * _SCATTERED))
    acts = min(_BY_ACTS, len(others) // 2)
    return [*range(1, first + 1), *sorted(others[acts:])], sorted(others[:acts])


def decide_in_bulk(connection: sqlite3.Connection, events: list[int], seed: int) -> None:
    """Decide by SQL. Needs no index: the ids of an event's fields follow from its own."""
    rng = random.Random(f"{seed} bulk")
    connection.execute("BEGIN")
    connection.execute(_TABLE)
    connection.executemany(
        "INSERT INTO decided VALUES (?, ?, ?, ?, ?, ?, ?)",
        ((number, event, *_verdict(rng), _when(number)) for number, event in enumerate(events, 1)),
    )
    connection.execute(
        "INSERT INTO decisions (event_id, action, reviewer, decided_at, before, after)"
        f" SELECT event_id, action, reviewer, decided_at, {_BEFORE}, {_AFTER} FROM decided ORDER BY id"
    )
    connection.execute(
        "UPDATE events SET status = decided.status, reason = decided.reason, reviewer = decided.reviewer,"
        " decided_at = decided.decided_at, revision = 1 FROM decided WHERE decided.event_id = events.id"
    )
    connection.execute(
        "UPDATE fields SET state = 'confirmed' WHERE id IN (SELECT fields.id FROM decided CROSS JOIN fields"
        " ON fields.id > (decided.event_id - 1) * 10 AND fields.id <= decided.event_id * 10 WHERE action = 'confirm')"
    )
    connection.execute("DROP TABLE decided")
    connection.execute("COMMIT")


def decide_by_acts(connection: sqlite3.Connection, events: list[int], after: int) -> None:
    """Decide as people do, each act a transaction; ``after`` decisions that are there."""
    number = after

    def now() -> str:
        nonlocal number
        number += 1
        return _when(number)

    for count, event_id in enumerate(events):
        review = Review(connection, _REVIEWERS[count % len(_REVIEWERS)], now)
        event = read_event(connection, event_id)
        match count % 6:
            case 0 | 1:
                field, other = _mistaken(event)
                event = review.correct(event, field, other.value, other.spans).event
                review.accept(event)
            case 2:
                event = review.note(event, "the total is given twice").event
                review.accept(event)
            case 3:
                review.reject(event, "other", "a film, not an event")
            case 4:
                event = review.remove(event, event.live_fields[-1]).event
                review.accept(event)
            case _:
                review.flag(event)
                review.undo()


def _verdict(rng: random.Random) -> tuple[str, str, str | None, str]:
    chance, reviewer = rng.random(), rng.choice(_REVIEWERS)
    if chance < 0.62:
        return "confirm", "confirmed", None, reviewer
    if chance < 0.93:
        return "reject", "rejected", rng.choice(_REASONS), reviewer
    return "flag", "unsure", None, reviewer


def _when(number: int) -> str:
    moment = _BEGAN + timedelta(seconds=11 * number)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _mistaken(event: Event) -> tuple[Field, Field]:
    """Two fields of which the second's value could be taken for the first's."""
    texts = [field for field in event.live_fields if isinstance(field.value, str) and field.name != "date"]
    return texts[0], texts[1]
