"""The texts that documents had before: each is kept with the newest decision of the time when it was replaced."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from db.model import Document
from db.store.valid import fetching, rows

EVENTS = (
    "(SELECT id FROM events WHERE document_id = :document AND live"
    " UNION ALL SELECT id FROM events WHERE document_id = :document AND NOT live)"
)
"""SQL of the ids of a ``:document``'s events, also of those that are not live."""

_DECIDED_SINCE = (
    f"SELECT EXISTS (SELECT 1 FROM decisions WHERE id > :since AND event_id IN {EVENTS}) OR EXISTS (SELECT 1 FROM"
    f" decision_events WHERE decision_id > :since AND event_id IN {EVENTS})"
)


@dataclass(frozen=True, slots=True)
class TextChange:
    """When a document got another text, and how many spans were found in it and how many not."""

    replaced_at: str
    moved: int
    lost: int


@dataclass(frozen=True, slots=True)
class EarlierText:
    """A text that a document had up to a decision: ``text`` is what spans referred to."""

    id: int
    last_decision: int
    text: str


def read_earlier_texts(connection: sqlite3.Connection, document_id: int) -> list[EarlierText]:
    """Return the earlier texts of a document, oldest first. Raises DamagedRowError."""
    return _read(connection, "document_id = ? AND only_event IS NULL", document_id)


def read_texts_of_event(connection: sqlite3.Connection, event_id: int, document_id: int) -> list[EarlierText]:
    """Return the earlier texts of an event, oldest first: of the documents that it moved from, then of its document.

    Raises DamagedRowError.
    """
    own = _read(connection, "only_event = ?", event_id)
    moved = own[-1].id if own else 0
    return own + [item for item in read_earlier_texts(connection, document_id) if item.id > moved]


def keep_texts_of_event(connection: sqlite3.Connection, event_id: int, document: Document, moved_at: str) -> None:
    """Keep the texts of a document for an event that moves to another one. The caller holds the transaction."""
    texts = [(item.last_decision, item.text) for item in read_texts_of_event(connection, event_id, document.id)]
    own = len(_read(connection, "only_event = ?", event_id))
    (last,) = connection.execute("SELECT coalesce(max(id), 0) FROM decisions").fetchone()
    connection.executemany(
        "INSERT INTO earlier_texts (document_id, last_decision, replaced_at, moved, lost, text, only_event)"
        " VALUES (?, ?, ?, 0, 0, ?, ?)",
        [(document.id, number, moved_at, text, event_id) for number, text in (*texts[own:], (last, document.source))],
    )


def _read(connection: sqlite3.Connection, condition: str, id_: int) -> list[EarlierText]:
    columns = ", ".join(rows.EARLIER_TEXT.columns)
    found = []
    try:
        for row in connection.execute(f"SELECT {columns} FROM earlier_texts WHERE {condition} ORDER BY id", (id_,)):
            rows.EARLIER_TEXT.check(row)
            found.append(EarlierText(row[0], row[2], row[-1]))
    except sqlite3.OperationalError as error:
        raise fetching.named(connection, error, rows.EARLIER_TEXT, condition, id_) from None
    return found


def last_text_change(connection: sqlite3.Connection, document_id: int) -> TextChange | None:
    """Return when a document last got another text; None if it never did, or if that can't be read."""
    row = connection.execute(
        "SELECT CAST(replaced_at AS BLOB), moved, lost FROM earlier_texts WHERE document_id = ?"
        " AND only_event IS NULL ORDER BY replaced_at DESC, id DESC LIMIT 1",
        (document_id,),
    ).fetchone()
    if row is None or not type(row[1]) is type(row[2]) is int:
        return None
    return TextChange(row[0].decode(errors="replace"), row[1], row[2])


def keep_text(connection: sqlite3.Connection, document_id: int, text: str, replaced_at: str) -> int:
    """Keep the text of a document that gets another one; return the id of the row. The caller holds the transaction.

    A text that is kept already, and under which nobody decided this time, is not kept twice.
    """
    earlier = read_earlier_texts(connection, document_id)
    since = {"document": document_id, "since": earlier[-1].last_decision if earlier else 0}
    known = [item.id for item in earlier if item.text == text]
    if known and not connection.execute(_DECIDED_SINCE, since).fetchone()[0]:
        return known[-1]
    kept: int = connection.execute(
        "INSERT INTO earlier_texts (document_id, last_decision, replaced_at, moved, lost, text)"
        " VALUES (?, (SELECT coalesce(max(id), 0) FROM decisions), ?, 0, 0, ?) RETURNING id",
        (document_id, replaced_at, text),
    ).fetchone()[0]
    return kept


def note_spans(connection: sqlite3.Connection, kept: int, change: TextChange) -> None:
    """Note when a kept text was last replaced, and what became of its spans."""
    connection.execute(
        "UPDATE earlier_texts SET replaced_at = ?, moved = ?, lost = ? WHERE id = ?",
        (change.replaced_at, change.moved, change.lost, kept),
    )


def has_earlier_texts(connection: sqlite3.Connection, event_id: int | None = None) -> bool:
    """Return True if the document of an event, or any document, had another text, or the event another document."""
    of_event = "document_id = (SELECT document_id FROM events WHERE id = :event) OR only_event = :event"
    where = "" if event_id is None else f" WHERE {of_event}"
    sql = f"SELECT 1 FROM earlier_texts{where} LIMIT 1"
    return connection.execute(sql, {"event": event_id}).fetchone() is not None


def out_of_order(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a line for each earlier text that belongs to no decisions, because its last one precedes another text's."""
    for id_, document_id in connection.execute(
        "SELECT id, document_id FROM (SELECT id, document_id, last_decision, lag(last_decision, 1, 0) OVER"
        " (PARTITION BY iif(only_event IS NULL, document_id, -only_event) ORDER BY id) AS before FROM earlier_texts)"
        " WHERE last_decision < before"
        " OR last_decision > (SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'decisions')"
    ):
        yield f"earlier_texts row {id_}: belongs to no decisions about document row {document_id}"
