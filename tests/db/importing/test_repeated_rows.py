"""Rows that are repeated far apart in one file."""

import sqlite3

import pytest
from support.builders import import_documents

from db.importing import importing


def test_a_new_row_of_a_known_document_far_from_its_repetition(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importing, "_DOCUMENTS_READ", 1)
    known = {"id": "d", "text": "Two died.", "events": [{"id": "a", "type": "t", "fields": []}]}
    new = known | {"events": [{"type": "t", "fields": [{"name": "n", "value": 2}]}]}
    import_documents(connection, known)
    report = import_documents(connection, new, {"id": "e", "text": "x", "events": []}, new)
    assert (report.events, report.refused) == (1, 0)
