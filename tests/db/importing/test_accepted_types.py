"""The type of an accepted event is the one that its reviewer saw, whatever a newer extraction says."""

import json
import sqlite3

import pytest
from support.builders import ARTICLE, event, exported, import_documents, problems
from support.reimports import changes_in, matching, newer

from db.decisions.review import Review
from db.exporting import export_documents
from db.formats.corrections.format import changes


@pytest.fixture
def review(connection: sqlite3.Connection) -> Review:
    import_documents(connection, ARTICLE)
    return Review(connection, "ana")


def gold_type(connection: sqlite3.Connection) -> str:
    return str(exported(connection, reviewed=True)[0]["events"][0]["type"])


def retype(connection: sqlite3.Connection, kind: str) -> None:
    """Import the same events from an extraction that gives the first another type."""
    report = import_documents(connection, newer(40, type=kind))
    assert not report.refusals
    assert problems(connection) == []


def test_an_accepted_type_stays_and_the_newer_one_needs_review(review: Review) -> None:
    connection = review.connection
    review.accept(event(connection))
    report = import_documents(connection, newer(40, type="protest"))
    assert changes_in(report) == [("type", None, "prisoner_exchange", "protest", "prisoner_exchange", False)]
    item = event(connection)
    assert (item.type, item.extracted_type, item.status) == ("prisoner_exchange", "protest", "confirmed")
    assert gold_type(connection) == "prisoner_exchange"
    assert matching(connection) == ["report-1/1"]
    retype(connection, "prisoner_exchange")
    assert matching(connection) == []


def test_undo_and_redo_of_the_acceptance(review: Review) -> None:
    connection = review.connection
    review.accept(event(connection))
    retype(connection, "protest")
    undone = review.undo()
    assert undone is not None
    assert undone.event.type == "protest"
    retype(connection, "swap")  # the event follows the machine again
    assert event(connection).type == "swap"
    redone = review.redo()
    assert redone is not None
    assert (redone.event.type, redone.event.status) == ("prisoner_exchange", "confirmed")
    assert problems(connection) == []


def test_undo_of_another_type_gives_the_newest_extracted_type(review: Review) -> None:
    connection = review.connection
    review.set_type(event(connection), "ceasefire")
    review.accept(event(connection))
    retype(connection, "protest")
    types = [change.event.type for change in (review.undo(), review.undo()) if change]
    assert types == ["ceasefire", "protest"]
    assert problems(connection) == []


def test_an_acceptance_in_an_export_keeps_its_type_too(review: Review) -> None:
    connection = review.connection
    retype(connection, "protest")
    line = exported(connection)[0]
    line["events"][0] |= {"status": "confirmed", "reviewer": "ben", "decided_at": "2025-03-09T10:00:00Z"}
    assert import_documents(connection, line).decisions == 1
    retype(connection, "swap")
    assert gold_type(connection) == "protest"


def test_corrections_of_a_type_are_those_of_the_extraction_that_the_reviewer_saw(review: Review) -> None:
    connection = review.connection
    review.accept(event(connection))
    retype(connection, "protest")

    def retyped() -> list[tuple[str, str]]:
        document = next(iter(export_documents(connection)))
        found = changes(document, document["events"][0])
        return [(item["machine"], item["person"]) for item in found if item["action"] == "retyped"]

    assert retyped() == []
    review.undo()
    review.set_type(event(connection), "ceasefire")
    retype(connection, "swap")
    assert retyped() == [("protest", "ceasefire")]


def test_an_older_acceptance_has_no_type(review: Review) -> None:
    connection = review.connection
    review.accept(event(connection))
    connection.execute("DROP TRIGGER decisions_are_not_updated")
    for side in ("before", "after"):
        patch = json.loads(connection.execute(f"SELECT {side} FROM decisions").fetchone()[0])
        del patch["events"]["1"]["type"]
        connection.execute(f"UPDATE decisions SET {side} = ?", (json.dumps(patch),))
    import_documents(connection, newer(40, type="protest"))
    assert matching(connection) == ["report-1/1"]
    typed = review.set_type(event(connection), "ceasefire").event
    undone = review.undo()
    assert undone is not None
    assert (typed.type, undone.event.type, undone.event.status) == ("ceasefire", "protest", "confirmed")
    review.undo()
    assert event(connection).status == "pending"
    assert [change.event.type for change in (review.redo(), review.redo()) if change] == ["protest", "ceasefire"]
    assert [line for line in problems(connection) if "schema" not in line and "trigger" not in line] == []
