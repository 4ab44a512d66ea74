"""Inserts the events and fields that people add. None is visible until a decision makes it so."""

import secrets
import sqlite3

from db.model import Value, to_sql


def insert_event(connection: sqlite3.Connection, document_id: int, event_type: str) -> int:
    """Insert an event that is not live, and return its id.

    Its external id is random, because events that two people add to copies of a document must not share one.
    """
    (document,) = connection.execute("SELECT external_id FROM documents WHERE id = ?", (document_id,)).fetchone()
    event_id: int = connection.execute(
        "INSERT INTO events (document_id, external_id, type, live) VALUES (?, ?, ?, 0) RETURNING id",
        (document_id, f"{document}/added/{secrets.token_hex(6)}", event_type),
    ).fetchone()[0]
    return event_id


def insert_field(connection: sqlite3.Connection, event_id: int, name: str, group: str | None, value: Value) -> int:
    """Insert a removed field after the others of its event, and return its id."""
    field_id: int = connection.execute(
        "INSERT INTO fields (event_id, position, name, field_group, value, state, in_extraction) VALUES"
        " (?1, (SELECT coalesce(max(position), -1) + 1 FROM fields WHERE event_id = ?1), ?2, ?3, ?4, 'removed', 0)"
        " RETURNING id",
        (event_id, name, group, to_sql(value)),
    ).fetchone()[0]
    return field_id
