import io
import json
import sqlite3
from typing import Any

from db.exporting import export_documents
from db.formats.format import Source
from db.formats.registry import format_named
from db.importing.importing import import_source
from db.importing.report import ImportReport


def imported(connection: sqlite3.Connection, *lines: dict[str, Any], format: str = "native") -> ImportReport:
    report = ImportReport()
    data = "".join(json.dumps(line) + "\n" for line in lines).encode()
    import_source(connection, Source("x.jsonl", io.BytesIO(data)), report, format_named(format))
    return report


def line(id: str, **more: Any) -> dict[str, Any]:
    return {"id": id, "text": "They met on Friday.", "events": [], **more}


def test_days_of_publication_are_read_by_the_whole_file_and_given_back(connection: sqlite3.Connection) -> None:
    given = ["Fri, 14 Feb 2025 10:00:00 GMT", "03/04/2025", "14/02/2025", 1739527200, "2025-02-14T10:00:00Z"]
    lines = [line(str(n), published=value) for n, value in enumerate(given)]
    report = imported(connection, *lines, line("old", published="last week"), line("none", published="N/A"))
    assert report.refused == 0
    kept = {document["id"]: document for document in export_documents(connection)}
    days = ["2025-02-14", "2025-04-03", "2025-02-14", "2025-02-14", "2025-02-14"]
    assert [kept[str(n)]["published"] for n in range(5)] == days
    assert [kept[str(n)]["published_given"] for n in range(5)] == given
    assert kept["old"]["published"] == "last week"
    assert kept["none"].get("published") is None
    assert any('published: "last week" is not a date; kept as text' in note for note in report.counted_notes())
    again = imported(connection, *lines)
    assert (again.updated, again.documents) == (0, 0)


def event(confidence: Any, field: Any = None) -> dict[str, Any]:
    return {"type": "t", "confidence": confidence, "fields": [{"name": "n", "value": 4, "confidence": field}]}


def test_percentages_of_a_whole_file_are_divided_by_a_hundred(connection: sqlite3.Connection) -> None:
    report = imported(connection, line("a", events=[event(1, 81)]), line("b", events=[event("99%")]))
    shares = connection.execute("SELECT confidence FROM events UNION ALL SELECT confidence FROM fields").fetchall()
    assert (report.refused, sorted(share for (share,) in shares if share)) == (0, [0.01, 0.81, 0.99])


def test_a_confidence_that_is_none_is_refused_by_its_value(connection: sqlite3.Connection) -> None:
    report = imported(
        connection, line("a", events=[event(0.5, 81)]), line("b", events=[event(-3)]), line("c", events=[event("0,8")])
    )
    assert [refusal.reason for refusal in report.refusals] == [
        "events[0].fields[0].confidence: must be a number from 0 to 1, is 81",
        "events[0].confidence: must be a number from 0 to 1, is -3",
    ]
    assert connection.execute("SELECT confidence FROM events").fetchall() == [(0.8,)]


def test_other_formats_keep_a_score_that_is_no_confidence(connection: sqlite3.Connection) -> None:
    task = {"text": "Fire at Brod.", "label": "fire", "spans": [], "meta": {"score": 5.5}, "answer": "accept"}
    report = imported(connection, task, format="prodigy")
    assert (report.events, report.refused) == (1, 0)
    assert connection.execute("SELECT confidence FROM events").fetchall() == [(None,)]
    assert any("5.5 is not between 0 and 1" in note for note in report.counted_notes())


def test_words_for_no_value_in_a_models_answer_are_no_fields(connection: sqlite3.Connection) -> None:
    answer = [{"type": "fire", "place": "N/A", "who": "not mentioned", "near": ["none", "Brod"], "dead": "unknown"}]
    report = imported(connection, {"text": "Fire at Brod.", "events": answer}, format="llm-json")
    assert connection.execute("SELECT name, extracted_value FROM fields").fetchall() == [("near", "Brod")]
    assert len([note for note in report.counted_notes() if "read as no value" in note]) == 4
