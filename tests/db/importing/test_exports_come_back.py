"""A line that carries decisions says nothing about the machine's side, whichever copy or format it comes from."""

import io
import json
import sqlite3
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, event, exported, import_documents, problems
from support.reimports import COUNT, correct_count, newer

from db.decisions.review import Review
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.reading import read_decisions


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


TEXT = "Ten died in Oslo on Friday. Mayor Berg said so."


def region(start: int, end: int, label: str, id_: str) -> dict[str, Any]:
    value = {"start": start, "end": end, "text": TEXT[start:end], "labels": [label]}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value}


PREDICTED = [region(0, 3, "killed", "r1"), region(12, 16, "place", "r2")]
TASK = {"id": 1, "data": {"text": TEXT}, "predictions": [{"model_version": "m", "result": PREDICTED}]}
ANNOTATION = {"id": 3, "completed_by": {"email": "ben"}, "updated_at": "2026-01-02T00:00:00Z", "result": [
    PREDICTED[0], region(12, 16, "city", "r2"), region(28, 38, "who", "r3")]}  # fmt: skip
EXAMPLE = {"id": 5, "text": TEXT, "label": [[0, 3, "killed"], [12, 16, "place"]]}
APPROVED = EXAMPLE | {"label": [[0, 3, "killed"], [12, 16, "city"]], "annotation_approver": "ben", "Comments": ["hm"]}


@pytest.mark.parametrize(
    ("first", "later", "added"),
    [([TASK], [TASK | {"annotations": [ANNOTATION]}], ["Mayor Berg"]), (EXAMPLE, APPROVED, [])],
    ids=["label-studio", "doccano"],
)
def test_annotations_that_come_after_their_predictions_are_decisions(
    connection: sqlite3.Connection, first: object, later: object, added: list[str]
) -> None:
    def take(data: object) -> ImportReport:
        report = ImportReport()
        import_source(connection, Source("tasks.json", io.BytesIO(json.dumps(data).encode())), report)
        assert report.refusals == []
        return report

    take(first)
    before = machine_side(connection)[0]
    assert take(later).decisions == 1
    assert machine_side(connection)[0] == before
    (document,) = exported(connection)
    (item,) = document["events"]
    assert (item["status"], item["reviewer"]) == ("corrected", "ben")
    values = [(field["name"], field.get("extracted_name"), field["value"]) for field in item["fields"]]
    assert values == [("killed", None, "Ten"), ("city", "place", "Oslo"), *(("who", None, value) for value in added)]
    assert take(later).unchanged == 1
    assert [decision.reviewer for decision in read_decisions(connection)] == ["ben"]
    assert problems(connection) == []
