"""Importing a newer extraction of known documents: decisions stay, and what changes under them is reported."""

import contextlib
import copy
import sqlite3
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, create, event, exported, import_documents, problems
from support.reimports import COUNT, changes_in, correct_count, matching, newer

from db.decisions.review import Review
from db.importing.releases.changes import ExtractionChange, FieldValue
from db.importing.report import ImportReport
from db.maintenance.repair import repair
from db.maintenance.salvage import salvage
from db.model import Span
from db.store.connection import open_file


class TestExtractedSide:
    def test_a_new_extraction_updates_the_extracted_side_and_keeps_the_reviewed_side(
        self, connection: sqlite3.Connection
    ) -> None:
        import_documents(connection, ARTICLE)
        review = Review(connection, "ana")
        item = event(connection)
        count = next(field for field in item.fields if field.name == "count")
        review.correct(item, count, 25, [Span(41, 43)])
        newer = copy.deepcopy(ARTICLE)
        newer["events"][0]["fields"][3] |= {"value": 39, "spans": [[0, 2]]}
        newer["events"][0]["fields"][0] |= {"value": "2025-03-07"}
        del newer["events"][0]["fields"][2]
        newer["events"][0]["fields"].append({"name": "mediator", "value": "the Red Cross"})
        report = import_documents(connection, newer)
        assert (report.updated, report.unchanged) == (1, 1)
        item = event(connection)
        found = {field.name: field for field in item.live_fields}
        assert found["count"].value == 25
        assert found["count"].extracted is not None
        assert (found["count"].extracted.value, found["count"].extracted.spans) == (39, (Span(0, 2),))
        assert found["date"].value == "2025-03-07"
        assert "location" not in found
        assert found["mediator"].state == "extracted"
        assert problems(connection) == []
        undone = review.undo()
        assert undone is not None
        assert next(field.value for field in undone.event.fields if field.name == "count") == 39
        assert problems(connection) == []
        assert import_documents(connection, newer).unchanged == 2

    def test_accepted_values_stay_when_the_extracted_ones_change(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").accept(event(connection))
        gold = exported(connection, reviewed=True)[0]["events"][0]["fields"]
        newer = copy.deepcopy(ARTICLE)
        for field in newer["events"][0]["fields"]:
            field["value"] = "else"
        newer["events"][0]["fields"].append({"name": "mediator", "value": "the Red Cross"})
        import_documents(connection, newer)
        kept = exported(connection, reviewed=True)[0]["events"][0]["fields"]
        assert [(f["name"], f["value"]) for f in kept] == [(f["name"], f["value"]) for f in gold]

    def test_repeated_fields_are_matched_by_value(self, connection: sqlite3.Connection) -> None:
        places = [{"name": "location", "value": name} for name in ("Lesna", "Kell", "Lesna")]
        document = {"id": "d", "text": "x", "events": [{"id": "e", "type": "t", "fields": places}]}
        import_documents(connection, document)
        item = event(connection, "e")
        Review(connection, "ana").confirm_field(item, item.fields[1])
        report = import_documents(connection, document | {"events": [{"id": "e", "type": "t", "fields": places[1:]}]})
        assert changes_in(report) == []
        assert [(f.value, f.state) for f in event(connection, "e").live_fields] == [
            ("Kell", "confirmed"), ("Lesna", "extracted")]  # fmt: skip


class TestDecidedChanges:
    def test_a_change_to_the_reviewed_value_is_settled(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        report = import_documents(connection, newer(757))
        assert report.changes == [
            ExtractionChange(
                document="report-1", event="report-1/1", extractor="rules", what="value", field="count",
                group="transfer:1", before=FieldValue(40, None), now=FieldValue(757, None),
                reviewed=FieldValue(757, None), reviewer="ana", removed=False, status="pending", settled=True,
            )
        ]  # fmt: skip
        assert (report.settled, report.to_review, report.evidence, report.not_extracted) == (1, 0, 0, 0)
        assert matching(connection) == []
        assert report.changes[0].json() == {
            "document": "report-1", "event": "report-1/1", "extractor": "rules", "what": "value", "field": "count",
            "group": "transfer:1", "before": 40, "now": 757, "said": 757, "reviewer": "ana", "removed": False,
            "status": "pending", "settled": True, "decided": True,
        }  # fmt: skip

    def test_another_value_needs_review_until_somebody_decides(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        report = import_documents(connection, newer(802))
        assert changes_in(report) == [("value", "count", 40, 802, 757, False)]
        assert (report.settled, report.to_review) == (0, 1)
        assert event(connection).changed
        assert matching(connection) == ["report-1/1"]
        assert matching(connection, "is:changed type:protest") == []
        assert changes_in(import_documents(connection, newer(802))) == []
        assert matching(connection) == ["report-1/1"]
        review.accept(event(connection))
        assert matching(connection) == []
        review.undo()
        assert matching(connection) == ["report-1/1"]
        review.redo()
        assert not event(connection).changed
        assert matching(connection, "-is:changed") == ["report-1/1", "report-1/2"]
        assert problems(connection) == []

    def test_changed_events_survive_repair_and_salvage(self, tmp_path: Path) -> None:
        path, saved = tmp_path / "war.db", tmp_path / "saved.db"
        with contextlib.closing(create(path)) as connection:
            correct_count(connection)
            import_documents(connection, newer(802))
        repaired, _ = repair(path)
        with contextlib.closing(repaired):
            assert matching(repaired) == ["report-1/1"]
        assert salvage(path, saved).whole
        with contextlib.closing(open_file(saved)) as connection:
            assert matching(connection) == ["report-1/1"]
            assert problems(connection) == []

    def test_undoing_the_decision_counts_as_a_new_decision(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        import_documents(connection, newer(802))
        review.undo()
        assert matching(connection) == []

    def test_nothing_needs_review_once_the_extraction_agrees(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        Review(connection, "ana").accept(event(connection))
        import_documents(connection, newer(802))
        assert matching(connection) == ["report-1/1"]
        assert changes_in(import_documents(connection, newer(757))) == [("value", "count", 802, 757, 757, True)]
        assert matching(connection) == []

    def test_a_modifier_is_part_of_the_value(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        item = event(connection)
        review.correct(item, item.fields[COUNT], 757, [], "about")
        (change,) = import_documents(connection, newer(757)).changes
        assert (change.now, change.reviewed, change.settled) == (FieldValue(757, None), FieldValue(757, "about"), False)
        assert change.json()["said_modifier"] == "about"

    def test_the_last_reviewer_of_the_field_is_named(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        item = event(connection)
        Review(connection, "ben").correct(item, item.fields[COUNT], 700, [])
        Review(connection, "eve").note(event(connection), "a note of the event")
        assert [change.reviewer for change in import_documents(connection, newer(802)).changes] == ["ben"]

    def test_an_untouched_field_of_a_pending_event_follows_and_is_not_changes_in(
        self, connection: sqlite3.Connection
    ) -> None:
        correct_count(connection)
        document = newer(40)
        document["events"][0]["fields"][0]["value"] = "2025-03-07"
        document["events"][0]["fields"].append({"name": "mediator", "value": "the Red Cross"})
        assert changes_in(import_documents(connection, document)) == []
        assert matching(connection) == []
        assert event(connection).fields[0].value == "2025-03-07"

    def test_in_a_judged_event_what_is_new_gone_or_another_is_changes_in(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        item = event(connection)
        review = Review(connection, "ana")
        review.remove(item, item.fields[1])
        review.accept(event(connection))
        document = newer(802)
        fields = document["events"][0]["fields"]
        del fields[1:3]
        fields.append({"name": "mediator", "value": "the Red Cross"})
        report = import_documents(connection, document)
        assert changes_in(report) == [
            ("value", "count", 40, 802, 40, False),
            ("new", "mediator", None, "the Red Cross", None, False),
            ("gone", "total", 40, None, None, True),
            ("gone", "location", "Lesna", None, "Lesna", False),
        ]
        assert [change.removed for change in report.changes] == [False, False, True, False]
        assert (report.settled, report.to_review) == (1, 3)
        back = import_documents(connection, ARTICLE)
        assert changes_in(back) == [
            ("new", "total", None, 40, None, False),
            ("value", "location", None, "Lesna", "Lesna", True),
            ("value", "count", 802, 40, 40, True),
            ("gone", "mediator", "the Red Cross", None, None, False),
        ]
        assert problems(connection) == []

    def test_a_rejected_event_that_says_something_else_is_changes_in(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").reject(event(connection), "generic")
        (change,) = import_documents(connection, newer(802)).changes
        assert (change.reviewed, change.status, change.reviewer) == (None, "rejected", "ana")
        assert matching(connection) == ["report-1/1"]

    @pytest.mark.parametrize(("now", "settled"), [("swap", True), ("attack", False)])
    def test_a_changed_type_is_settled_or_needs_review(
        self, connection: sqlite3.Connection, now: str, settled: bool
    ) -> None:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").set_type(event(connection), "swap")
        report = import_documents(connection, newer(40, type=now))
        assert changes_in(report) == [("type", None, "prisoner_exchange", now, "swap", settled)]
        assert event(connection).type == "swap"
        assert matching(connection) == ([] if settled else ["report-1/1"])

    def test_changes_of_evidence_alone_are_counted(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        document = newer(40)
        document["events"][0]["fields"][COUNT]["spans"] = [[41, 43]]
        document["events"][0]["fields"][0]["spans"] = []
        report = import_documents(connection, document)
        assert (report.updated, report.evidence, changes_in(report)) == (1, 1, [])
        assert matching(connection) == []

    def test_a_change_of_confidence_alone_is_not_reported(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        report = import_documents(connection, newer(40, confidence=0.1))
        assert (report.updated, report.evidence, changes_in(report)) == (1, 0, [])

    def test_what_nobody_decided_about_is_not_changes_in(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        report = import_documents(connection, newer(802))
        assert (report.updated, changes_in(report), matching(connection)) == (1, [], [])

    def test_only_the_first_changes_are_kept_and_each_is_passed_on(
        self, connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("db.importing.report.SHOWN", 1)
        import_documents(connection, ARTICLE)
        Review(connection, "ana").accept(event(connection))
        document = newer(802)
        document["events"][0]["fields"][0]["value"] = "2025"
        report, handed = ImportReport(), []
        report.on_change = handed.append
        import_documents(connection, document, report=report)
        assert (report.changed, report.to_review, len(report.changes), len(handed)) == (2, 2, 1, 2)


class TestEventsNoLongerExtracted:
    def test_they_stay_and_the_decided_ones_are_reported(self, connection: sqlite3.Connection) -> None:
        other = copy.deepcopy(ARTICLE)
        for item in other["events"]:
            item["extractor"] = "llm"
        import_documents(connection, ARTICLE, LATER, other)
        Review(connection, "ana").reject(event(connection, "report-1/2"), "generic")
        run = ARTICLE | {"events": [ARTICLE["events"][0] | {"id": "report-1/new"}]}
        report = import_documents(connection, run)
        assert (report.events, report.not_extracted) == (1, 2)
        assert [(c.what, c.event, c.extractor, c.status) for c in report.changes] == [
            ("not extracted", "report-1/2", "rules", "rejected")]  # fmt: skip
        assert (report.settled, report.to_review) == (0, 0)
        assert len(exported(connection)[0]["events"]) == 5
        assert matching(connection) == []

    def test_several_lines_of_one_document_count_together(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        lines = [ARTICLE | {"events": [item]} for item in ARTICLE["events"]]
        assert import_documents(connection, *lines).not_extracted == 0
        assert import_documents(connection, lines[0]).not_extracted == 1

    def test_an_export_of_some_events_does_not_affect_the_others(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        first = event(connection)
        assert import_documents(connection, *exported(connection, event_ids=[first.id])).not_extracted == 0

    def test_a_document_without_events_does_not_affect_other_extractions(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        assert import_documents(connection, ARTICLE | {"events": []}).not_extracted == 0


def test_the_time_per_document_does_not_grow_with_the_file(tmp_path: Path) -> None:
    def steps_a_document(many: int) -> float:
        lines = [newer() | {"id": f"d{number}"} for number in range(many)]
        for number, line in enumerate(lines):
            line["events"] = [item | {"id": f"{number}/{item['id']}"} for item in line["events"]]
        steps = 0

        def count() -> None:
            nonlocal steps
            steps += 1

        with contextlib.closing(create(tmp_path / f"{many}.db")) as connection:
            import_documents(connection, *lines)
            connection.set_progress_handler(count, 100)
            assert import_documents(connection, *lines).unchanged == 2 * many
        return steps / many

    assert steps_a_document(400) < 1.5 * steps_a_document(40)


class TestSeveralExtractionsInOneFile:
    def test_the_check_accepts_two_extractions_of_one_event(self, connection: sqlite3.Connection) -> None:
        reviewed = {"status": "rejected", "reason": "generic", "reviewer": "ana"}
        first = newer(40, **reviewed)
        first["events"][0]["fields"][COUNT] |= {"state": "corrected", "value": 757, "extracted": 40}
        report = import_documents(connection, first, newer(802))
        assert (report.events, report.updated) == (2, 1)
        assert problems(connection) == []
        assert connection.execute("SELECT events, updated FROM imports").fetchone() == (2, 1)

    def test_the_check_finds_a_changed_decision_after_one_import(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        connection.execute("DROP TRIGGER decisions_are_not_updated")
        connection.execute("UPDATE decisions SET before = replace(before, '40', '41')")
        assert any("made on another state" in problem for problem in problems(connection))

    def test_each_import_records_its_own_updates(self, connection: sqlite3.Connection) -> None:
        report = ImportReport()
        for line in (ARTICLE, newer(1), newer(1), newer(2)):
            import_documents(connection, line, report=report)
        assert [row[0] for row in connection.execute("SELECT updated FROM imports ORDER BY id")] == [0, 1, 0, 1]
        assert (report.documents, report.events, report.updated, report.unchanged) == (1, 2, 2, 4)
