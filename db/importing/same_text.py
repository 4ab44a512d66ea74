"""Finds the document that has the very text of another one, so that one text under several ids is one document."""

import re
import sqlite3
from dataclasses import replace

from db.model import Document
from db.native import NewDocument
from db.text.folding import spaced

_WORDS = 8  # the longest of a text, by which the full-text index finds the few documents that may have it
_SEARCHED = 20_000  # characters
_DESCRIBED = ("title", "publisher", "url", "published", "language")


def find_same_text(connection: sqlite3.Connection, text: str) -> int | None:
    """Return the integer id of the first document with exactly this text; None for a text without letters or digits."""
    words = sorted(set(re.findall(r"[^\W_]+", spaced(text[:_SEARCHED]))), key=lambda word: (-len(word), word))[:_WORDS]
    if not words:
        return None
    match = "text : (" + " AND ".join(f'"{word}"' for word in words) + ")"
    row = connection.execute(
        "SELECT id FROM documents WHERE id IN (SELECT rowid FROM documents_fts WHERE documents_fts MATCH ?)"
        " AND text = ? ORDER BY id LIMIT 1",
        (match, text),
    ).fetchone()
    return row[0] if row else None


def as_document(document: NewDocument, stored: Document) -> tuple[NewDocument, tuple[str, ...]]:
    """Return a document as the stored one that has its text, and a note if it is described otherwise there."""
    prefix = f"{document.external_id}/"
    events = tuple(
        replace(event, external_id=f"{stored.external_id}/{event.external_id.removeprefix(prefix)}")
        if event.external_id.startswith(prefix)
        else event
        for event in document.events
    )
    other = [
        key for key in _DESCRIBED if (value := getattr(document, key)) is not None and value != getattr(stored, key)
    ]
    note = f"has the text of document {stored.external_id[:60]}, which keeps its own {', '.join(other)}"
    same = NewDocument(stored.external_id, None, None, None, None, None, text=document.text, extra={}, events=events)
    return same, (note,) if other else ()
