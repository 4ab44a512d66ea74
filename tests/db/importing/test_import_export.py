"""Import and export in the native form: nothing is lost, duplicated or imported in part."""

import copy
import io
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, create, documents, event, exported, import_documents, without_review

from db.decisions.review import Review
from db.errors import InputError
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.maintenance.check import check
from db.model import Span


def problems(connection: sqlite3.Connection) -> list[str]:
    return [problem for finding in check(connection) for problem in finding.problems]


def counts(connection: sqlite3.Connection) -> dict[str, int]:
    tables = ("documents", "events", "fields", "evidence", "decisions")
    return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}


def fresh(tmp_path: Path, name: str = "other.db") -> sqlite3.Connection:
    return create(tmp_path / name)


class TestRoundTrip:
    @given(data=st.lists(st.sampled_from("abc"), unique=True, max_size=3).flatmap(
        lambda ids: st.tuples(*(documents(id_) for id_ in ids))))  # fmt: skip
    @settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
    def test_an_export_equals_the_import_with_unknown_keys_and_types(
        self, data: tuple[dict[str, Any], ...], tmp_path_factory: pytest.TempPathFactory
    ) -> None:
        connection = fresh(tmp_path_factory.mktemp("round"))
        report = import_documents(connection, *data)
        assert report.refusals == []
        assert _typed(without_review(exported(connection))) == _typed(list(data))
        before = counts(connection)
        import_documents(connection, *data)
        assert counts(connection) == before
        assert problems(connection) == []
        connection.close()

    def test_an_imported_export_has_both_sides_and_the_decisions(
        self, connection: sqlite3.Connection, tmp_path: Path
    ) -> None:
        _review_something(connection)
        lines = exported(connection)
        other = fresh(tmp_path)
        assert import_documents(other, *lines).refusals == []
        assert exported(other) == lines
        assert problems(other) == []

    def test_added_retyped_split_and_merged_events_keep_their_links(
        self, connection: sqlite3.Connection, tmp_path: Path
    ) -> None:
        import_documents(connection, ARTICLE, LATER)
        review = Review(connection, "ana")
        review.split(event(connection), ["transfer:1"])
        made = review.add_event(event(connection).document_id, "attack").event
        review.add(made, "killed", None, 40, [Span(10, 12)], "at least")
        review.set_type(event(connection, "report-1/2"), "strike")
        review.merge(event(connection), event(connection, "report-2/1"))
        lines = exported(connection)
        other = fresh(tmp_path)
        assert import_documents(other, *lines).refusals == []
        assert exported(other) == lines
        assert problems(other) == []
        assert import_documents(other, *lines).updated == 0
        assert exported(other) == lines
        assert event(other).merged_into == event(other, "report-2/1").id

    def test_a_link_to_a_missing_event_is_made_when_the_event_arrives(
        self, connection: sqlite3.Connection, tmp_path: Path
    ) -> None:
        import_documents(connection, ARTICLE, LATER)
        Review(connection, "ana").merge(event(connection), event(connection, "report-2/1"))
        first, second = exported(connection)
        other = fresh(tmp_path)
        import_documents(other, first)
        assert exported(other) == [first]
        import_documents(other, second)
        assert exported(other) == [first, second]
        assert event(other).merged_into is not None
        assert problems(other) == []

    def test_the_gold_file_has_accepted_events_with_final_values_and_can_be_imported(
        self, connection: sqlite3.Connection, tmp_path: Path
    ) -> None:
        _review_something(connection)
        (gold,) = exported(connection, reviewed=True)
        (accepted,) = gold["events"]
        values = [(field["name"], field["value"]) for field in accepted["fields"]]
        assert values == [("date", "2025-03-07"), ("place_of_death", "Lesna"), ("count", 40),
                          ("recipient", "the north"), ("count", 15)]  # fmt: skip
        assert all("extracted" not in field and "state" not in field for field in accepted["fields"])
        other = fresh(tmp_path)
        import_documents(other, gold)
        assert exported(other, reviewed=True) == [gold]
        assert problems(other) == []

    def test_a_document_with_all_events_rejected_is_gold_without_events(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        review = Review(connection, "ana")
        review.reject(event(connection), "generic")
        assert exported(connection, reviewed=True)[0]["events"] == []
        review.undo()
        assert exported(connection, reviewed=True) == []


class TestIdempotence:
    def test_missing_ids_are_derived_from_the_content(self, connection: sqlite3.Connection) -> None:
        document: dict[str, Any] = copy.deepcopy(ARTICLE)
        del document["id"]
        for item in document["events"]:
            del item["id"]
        document["events"].append(document["events"][1])
        assert import_documents(connection, document).events == 3
        again = import_documents(connection, document)
        assert (again.documents, again.events, again.unchanged) == (0, 0, 3)

    def test_several_extractors_share_a_document(self, connection: sqlite3.Connection) -> None:
        other = copy.deepcopy(ARTICLE)
        for item in other["events"]:
            item["extractor"] = "llm"
        import_documents(connection, ARTICLE, other)
        assert counts(connection) | {"fields": 0, "evidence": 0} == {
            "documents": 1, "events": 4, "fields": 0, "evidence": 0, "decisions": 0}  # fmt: skip


class TestRefusals:
    @pytest.mark.parametrize(
        ("line", "reason"),
        [
            ("nonsense", "invalid JSON at column 1"),
            ("[1]", "must be an object, is a list"),
            ('{"id": "d"}', "neither text nor title"),
            ('{"text": 7}', "text: must be text, is a number"),
            ('{"text": "a", "events": {}}', "events: must be a list"),
            ('{"text": "a", "events": [{"fields": []}]}', r"events\[0\]: has no type"),
            ('{"text": "a", "events": [{"type": "t", "fields": [{"name": "n"}]}]}', r"fields\[0\]: has no value"),
            (
                '{"text": "abc", "events": [{"type": "t", "fields": [{"name": "n", "value": 1, "spans": [[2, 9]]}]}]}',
                r"spans\[0\]: \[2, 9\] is not a span of the text of 3 characters",
            ),
            (
                '{"text": "abc", "events": [{"type": "t", "fields": [{"name": "n", "value": 1, "spans": [[2, 1]]}]}]}',
                "not a span",
            ),
            ('{"text": "a", "events": [{"type": "t", "confidence": "high"}]}', "confidence: must be a number"),
            ('{"text": "a", "events": [{"type": "t", "confidence": NaN}]}', "NaN is not a JSON number"),
            ('{"text": "a", "n": 1e999}', "1e999 is not a JSON number"),
            ('{"text": "a", "events": [{"type": "t", "status": "done"}]}', "status: must be one of pending"),
            ('{"text": "half \\ud83d of a pair"}', "half of a surrogate pair"),
            ('{"text": "a", "events": [{"id": "1", "type": "t"}, {"id": "1", "type": "t"}]}', "occurs twice"),
            ("[" * 100_000, "nested too deeply"),
        ],
    )
    def test_an_invalid_line_is_refused_with_a_reason_and_the_rest_imported(
        self, connection: sqlite3.Connection, line: str, reason: str
    ) -> None:
        good = json.dumps(ARTICLE)
        report = import_documents(connection, text=f"\n{good}\n{line}\n{good.replace('report-1', 'report-2')}\n")
        assert (report.documents, report.events, report.refused) == (2, 4, 1)
        assert report.refusals[0].line == 3
        with pytest.raises(AssertionError, match=reason):
            raise AssertionError(report.refusals[0].reason)
        assert problems(connection) == []

    def test_lines_that_are_not_utf8_are_refused(self, connection: sqlite3.Connection, tmp_path: Path) -> None:
        path = tmp_path / "mixed.jsonl"
        path.write_bytes(b'{"text": "\xff"}\n{"text": "good"}\n')
        report = ImportReport()
        with path.open("rb") as stream:
            import_source(connection, Source("mixed.jsonl", stream), report)
        assert str(report.refusals[0]).startswith("mixed.jsonl:1: not UTF-8 at byte 11")
        assert report.documents == 1

    def test_an_id_that_has_two_texts_in_one_import_is_refused_whole(self, connection: sqlite3.Connection) -> None:
        other = ARTICLE | {"text": "On Monday " + ARTICLE["text"][10:]}
        report = import_documents(connection, ARTICLE, other)
        assert "different text (from character 3)" in report.refusals[0].reason
        before = exported(connection)
        report = import_documents(connection, ARTICLE, other)  # also if the file had the document before
        assert "different text (from character 3)" in report.refusals[0].reason
        assert exported(connection) == before

    def test_a_file_of_another_kind_is_refused(self, connection: sqlite3.Connection) -> None:
        with pytest.raises(InputError, match="unknown format"):
            import_documents_named(connection, b"neither a table\nnor anything else", "page.xyz")
        assert counts(connection)["documents"] == 0


def import_documents_named(connection: sqlite3.Connection, content: bytes, name: str) -> ImportReport:
    report = ImportReport()
    import_source(connection, Source(name, io.BytesIO(content)), report)
    return report


def test_a_plain_text_makes_a_document_without_events(connection: sqlite3.Connection) -> None:
    for name in ("article.txt", "renamed.txt"):
        import_documents_named(connection, "Обмін тілами\r\nof 757".encode(), name)
    (document,) = exported(connection)
    assert (document["title"], document["text"], document["events"]) == ("renamed", "Обмін тілами\r\nof 757", [])


def test_an_interrupted_import_changes_nothing(connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.importing.importing.BATCH_BYTES", 1)
    import_documents(connection, ARTICLE)

    def everything() -> list[object]:
        tables = ("documents", "events", "fields", "evidence", "field_values", "event_type_fields", "imports")
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in tables]

    before = everything()
    batches = 0

    def ends_early(_: int) -> None:
        nonlocal batches
        batches += 1
        if batches == 2:
            raise KeyboardInterrupt

    lines = [json.dumps(document) for document in (ARTICLE | {"title": "Renamed"}, LATER, LATER | {"id": "third"})]
    stream = io.BytesIO("\n".join(lines).encode())
    with pytest.raises(KeyboardInterrupt):
        import_source(connection, Source("test.jsonl", stream), ImportReport(), progress=ends_early)
    assert batches == 2
    assert everything() == before
    assert problems(connection) == []


def test_an_import_is_recorded_in_the_file(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    row = connection.execute("SELECT file, finished_at IS NOT NULL, documents, events, refused FROM imports").fetchone()
    assert row == ("test.jsonl", 1, 1, 2, 0)


def test_the_four_muc_systems_and_the_gold_share_their_documents(
    connection: sqlite3.Connection, muc: list[Path]
) -> None:
    report = ImportReport()
    for _ in range(2):
        for path in muc:
            with path.open("rb") as stream:
                import_source(connection, Source(path.name, stream), report)
    assert (report.documents, report.events, report.unchanged, report.refused) == (100, 828, 828, 0)
    extractors = connection.execute("SELECT extractor, count(*) FROM events GROUP BY 1 ORDER BY 1").fetchall()
    assert extractors == [("ge", 122), ("gold", 123), ("mitre", 373), ("nyu", 115), ("umass", 95)]
    back = {(item["id"], item["extractor"]): item for d in without_review(exported(connection)) for item in d["events"]}
    for path in muc:
        for line in path.read_text(encoding="utf-8").splitlines():
            for item in json.loads(line)["events"]:
                assert back.pop((item["id"], item["extractor"])) == item
    assert back == {}
    assert problems(connection) == []


def _review_something(connection: sqlite3.Connection) -> None:
    """Correct one event in every way and reject the other with a reason."""
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")

    def field(name: str) -> Any:
        return next(item for item in event(connection).live_fields if item.name == name)

    review.correct(event(connection), field("date"), "2025-03-07", [])
    review.move(event(connection), field("location"), "place_of_death", group=None)
    review.remove(event(connection), field("total"))
    review.add(event(connection), "count", "transfer:2", 15, [Span(61, 63)])
    review.note(event(connection), "said, not seen", field("recipient"))
    review.note(event(connection), "the Friday of the report")
    review.accept(event(connection))
    review.reject(event(connection, "report-1/2"), "other", "a guess")


def _typed(data: object) -> str:
    """Return JSON, because 1, 1.0 and true are equal in Python."""
    return json.dumps(data, sort_keys=True)
