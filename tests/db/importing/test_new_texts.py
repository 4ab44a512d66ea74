"""A later import has another text of a document: it is the next version, evidence moves over, and decisions stay."""

import contextlib
import copy
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, create, event, exported, import_documents, problems
from support.reimports import changes_in, matching

from db.decisions.review import Review
from db.errors import ConflictError
from db.importing.report import ImportReport
from db.model import Span
from db.store.reading import read_document
from db.store.texts.earlier import last_text_change, read_earlier_texts

TEXT = ARTICLE["text"]
LONGER = f"Update. {TEXT} Nobody was hurt."
WITHOUT_PLACE = TEXT.replace(" at Lesna", "")


def edition(text: str, *events: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Return ARTICLE with another text, and with other events than its own: none if none is given."""
    return {**copy.deepcopy(ARTICLE), "text": text, "events": list(events), **more}


def quotes(connection: sqlite3.Connection, external_id: str = "report-1/1") -> dict[str, list[str]]:
    """Return what the current evidence of each field says."""
    item = event(connection, external_id)
    source = read_document(connection, item.document_id).source
    return {field.name: [source[start:end] for start, end in field.spans] for field in item.live_fields}


@pytest.fixture
def other_file(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(create(tmp_path / "other.db")) as connection:
        yield connection


def counts(report: ImportReport) -> tuple[int, int, int, int]:
    return report.new_texts, report.moved, report.lost, report.refused


def test_evidence_moves_with_an_edited_text(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE, LATER)
    before = quotes(connection)
    assert counts(import_documents(connection, edition(LONGER))) == (1, 5, 0, 0)
    assert quotes(connection) == before
    assert read_document(connection, 1).text == LONGER
    assert [
        row[0] for row in connection.execute("SELECT rowid FROM documents_fts WHERE documents_fts MATCH 'hurt'")
    ] == [1]
    change = last_text_change(connection, 1)
    assert change is not None
    assert (change.moved, change.lost) == (5, 0)
    assert matching(connection) == []
    assert problems(connection) == []


def test_what_has_no_place_keeps_its_value_and_is_marked(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    Review(connection, "ana").accept(event(connection))
    report = import_documents(connection, edition(WITHOUT_PLACE))
    assert counts(report) == (1, 4, 1, 0)
    assert quotes(connection)["location"] == []
    assert event(connection).status == "confirmed"
    assert changes_in(report) == [("evidence", "location", "Lesna", "Lesna", "Lesna", False)]
    assert matching(connection) == ["report-1/1"]
    assert problems(connection) == []
    Review(connection, "ana").accept(event(connection))
    assert matching(connection) == []


def test_an_event_that_nobody_decided_about_is_marked_too(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    report = import_documents(connection, edition(WITHOUT_PLACE))
    assert (matching(connection), changes_in(report)) == (["report-1/1"], [])


def test_spans_of_the_new_extraction_count(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")
    review.accept(event(connection))
    text = TEXT.replace("at Lesna", "near the village Lesna-on-Sea")
    start = text.index("the village")
    item = copy.deepcopy(ARTICLE["events"][0])
    item["fields"][2]["spans"] = [[start, start + 17]]
    for field in item["fields"][4:]:
        field["spans"] = [[text.index("the north"), text.index("the north") + 9]]
    report = import_documents(connection, edition(text.replace("Lesna-on", "Lesny-on"), item))
    assert (report.new_texts, report.lost) == (1, 0)
    assert quotes(connection)["location"] == ["the village Lesny"]  # the accepted value has the machine's evidence
    assert matching(connection) == []
    assert problems(connection) == []


def test_undo_and_redo_reach_back_over_a_new_text(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")
    item = event(connection)
    place = item.fields[2]
    start = TEXT.index("the north")
    review.correct(item, place, "the north", [Span(start, start + 9)])
    import_documents(connection, edition(LONGER))
    assert quotes(connection)["location"] == ["the north"]
    assert review.undo() is not None
    assert quotes(connection)["location"] == ["Lesna"]
    import_documents(connection, edition("Short."))
    assert quotes(connection)["location"] == []
    assert review.redo() is not None
    import_documents(connection, edition(LONGER))  # the text before comes back, and the evidence with it
    assert quotes(connection)["location"] == ["the north"]
    assert review.undo() is not None
    assert problems(connection) == []


def test_a_decision_on_the_text_before_is_refused(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    seen = [event(connection), event(connection, "report-1/2")]
    import_documents(connection, edition(f"{TEXT} More."))  # no span moves, but the person sees another text
    for item in seen:
        with pytest.raises(ConflictError, match="a new import changed it"):
            Review(connection, "ana").accept(item)


def test_texts_that_come_and_go_do_not_pile_up_and_lose_nothing(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")
    review.correct(event(connection), event(connection).fields[2], "Lesna, Kolo", [Span(34, 39)])
    short = WITHOUT_PLACE
    for _ in range(4):
        import_documents(connection, edition(short))
        assert quotes(connection)["location"] == []
        import_documents(connection, ARTICLE)
        assert quotes(connection)["location"] == ["Lesna"]
        assert len(read_earlier_texts(connection, 1)) == 2
    review.accept(event(connection))
    import_documents(connection, edition(short))
    assert [item.last_decision for item in read_earlier_texts(connection, 1)] == [1, 1, 2]
    assert problems(connection) == []


def test_an_export_never_sets_the_text_but_its_decisions_come_with_their_evidence(
    connection: sqlite3.Connection, other_file: sqlite3.Connection
) -> None:
    import_documents(connection, ARTICLE)
    import_documents(other_file, ARTICLE)
    ben = Review(other_file, "ben")
    start = TEXT.index("the north")
    ben.correct(event(other_file), event(other_file).fields[2], "the north", [Span(start, start + 9)])
    ben.accept(event(other_file))
    old = exported(other_file)
    import_documents(connection, edition(LONGER))
    report = import_documents(connection, *old)
    assert (report.new_texts, report.other_texts, report.refused, report.differing) == (0, 1, 0, 0)
    assert read_document(connection, 1).text == LONGER
    assert event(connection).status == "corrected"
    assert quotes(connection)["location"] == ["the north"]
    again = import_documents(connection, *old)
    assert (again.decisions, again.differing, again.unchanged) == (0, 0, 2)
    newer = exported(connection)
    back = import_documents(other_file, *newer)  # the newer text comes into the older copy
    assert (back.decisions, back.differing, back.other_texts) == (0, 0, 1)
    assert quotes(other_file)["location"] == ["the north"]
    for file in (connection, other_file):
        assert problems(file) == []


def test_a_title_that_spans_refer_to_changes_like_a_text(connection: sqlite3.Connection) -> None:
    field = {"name": "n", "value": 40, "spans": [[0, 2]]}
    headline = {"id": "h", "title": "40 prisoners freed", "events": [{"id": "1", "type": "t", "fields": [field]}]}
    import_documents(connection, headline)
    report = import_documents(connection, {"id": "h", "title": "Freed: 40 prisoners"})
    (change,) = report.documents_changed
    assert change.json() == {
        "document": "h", "what": "new title", "before": "40 prisoners freed", "now": "Freed: 40 prisoners",
        "moved": 1, "lost": 0,
    }  # fmt: skip
    assert quotes(connection, "1") == {"n": ["40"]}
    report = import_documents(connection, {"id": "h", "title": "Freed", "text": "Today 40 prisoners were freed."})
    assert counts(report) == (1, 1, 0, 0)
    assert report.new_titles == 1
    assert quotes(connection, "1") == {"n": ["40"]}
    assert problems(connection) == []


def test_a_line_without_a_text_adds_to_a_document_that_has_one(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    field = {"name": "who", "value": "prisoners", "spans": [[3, 12]]}
    added = {
        "id": "report-1",
        "title": "40 prisoners exchanged",
        "events": [{"id": "x", "type": "t", "fields": [field]}],
    }
    report = import_documents(connection, added)
    assert (report.events, report.refused, report.new_texts, report.new_titles) == (1, 0, 0, 1)
    assert quotes(connection, "x") == {"who": ["prisoners"]}
    unplaced = copy.deepcopy(added)
    unplaced["events"][0] |= {"id": "y", "fields": [{"name": "n", "value": "exchanged", "spans": [[13, 22]]}]}
    report = import_documents(connection, unplaced)
    assert "1 span has no place" in report.notes[0].reason
    assert quotes(connection, "y") == {"n": []}
    assert problems(connection) == []


def test_a_text_that_is_written_in_another_way_keeps_every_span(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    Review(connection, "ana").accept(event(connection))
    before = quotes(connection)
    report = import_documents(connection, edition(TEXT.replace(", ", ",\r\n").replace("On", "\ufeffOn")))
    assert (report.lost, quotes(connection)) == (0, before)


def test_a_changed_title_beside_a_text_is_told(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    report = import_documents(connection, {**ARTICLE, "title": "Exchange completed"})
    assert [change.json() for change in report.documents_changed] == [
        {"document": "report-1", "what": "new title", "before": ARTICLE["title"], "now": "Exchange completed"}
    ]


def test_a_damaged_earlier_text_is_named_and_does_not_crash(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    Review(connection, "ana").accept(event(connection))
    import_documents(connection, edition(LONGER))
    connection.execute("DROP TRIGGER earlier_texts_are_not_updated")
    connection.execute("UPDATE earlier_texts SET text = CAST(x'ff' AS TEXT)")
    found = problems(connection)
    assert any("earlier_texts" in problem and "UTF-8" in problem for problem in found), found


def test_an_export_of_an_older_copy_sets_no_text_of_a_document_without_events(connection: sqlite3.Connection) -> None:
    bare = {"id": "a", "text": "The first text."}
    import_documents(connection, bare, ARTICLE)
    Review(connection, "ana").accept(event(connection))
    old = exported(connection)
    assert import_documents(connection, bare | {"text": "The second text."}).new_texts == 1
    report = import_documents(connection, *old)
    assert (report.other_texts, report.new_texts) == (1, 0)
    assert read_document(connection, 1).text == "The second text."
    assert import_documents(connection, bare).new_texts == 1  # a file with the first text alone is no export
    assert read_document(connection, 1).text == "The first text."
    assert problems(connection) == []
