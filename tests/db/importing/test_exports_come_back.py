"""A line that carries decisions says nothing about the machine's side, whichever copy or format it comes from."""

import sqlite3

import pytest
from support.builders import ARTICLE, LATER, event, exported, import_documents, problems
from support.reimports import COUNT, correct_count, newer

from db.decisions.review import Review


def machine_side(connection: sqlite3.Connection) -> list[object]:
    tables = {
        "events": "external_id, extracted_type, confidence, extra",
        "fields": "in_extraction, extracted_name, extracted_group, extracted_value, extracted_modifier, confidence",
        "evidence": "field_id, start_offset, end_offset, extracted",
        "documents": "title, publisher, url, published, language, extra",
    }
    return [connection.execute(f"SELECT {columns} FROM {table}").fetchall() for table, columns in tables.items()]


@pytest.mark.parametrize("reviewed", [False, True])
def test_importing_its_own_export_changes_nothing_of_the_machines_side(
    connection: sqlite3.Connection, reviewed: bool
) -> None:
    review = correct_count(connection)
    review.accept(event(connection))
    before = machine_side(connection)
    report = import_documents(connection, *exported(connection, reviewed=reviewed))
    assert (report.updated, report.changed) == (0, 0)
    assert machine_side(connection) == before
    undone = [review.undo(), review.undo()]
    assert undone[1] is not None
    assert undone[1].event.fields[COUNT].value == 40


def test_an_older_export_does_not_bring_the_older_extraction_back(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE, LATER)
    Review(connection, "ana").accept(event(connection))
    older = exported(connection)
    import_documents(connection, newer(802, confidence=0.1) | {"title": "A newer title"})
    before = machine_side(connection)
    report = import_documents(connection, *older)
    assert (report.updated, report.not_extracted) == (0, 0)
    assert machine_side(connection) == before
    assert problems(connection) == []


def test_an_export_fills_in_what_a_document_lacks(connection: sqlite3.Connection) -> None:
    import_documents(connection, {key: value for key, value in ARTICLE.items() if key != "publisher"})
    other = [document | {"publisher": "The Border Post", "title": "Another"} for document in exported(connection)]
    import_documents(connection, *other)
    document = exported(connection)[0]
    assert (document["title"], document["publisher"]) == ("Exchange at the border", "The Border Post")
