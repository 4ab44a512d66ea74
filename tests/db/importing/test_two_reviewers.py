"""Copies that two people reviewed come together: what one decided is added, known, or named as different."""

import copy
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, added_id, create, event, exported, import_documents, problems
from support.reimports import newer

from db.decisions.review import Review
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.merging.differences import keep, newest
from db.importing.report import ImportReport
from db.model import Event, Span
from db.store.reading import read_decisions


class Desk:
    """A copy of the article, and one person who reviews it at given times."""

    def __init__(self, folder: Path, reviewer: str, *lines: dict[str, Any]) -> None:
        self.connection = create(folder / f"{reviewer}.db")
        import_documents(self.connection, *(lines or (ARTICLE, LATER)))
        self.clock = 0
        self.review = Review(self.connection, reviewer, self._now)

    def _now(self) -> str:
        return f"2026-01-01T{self.clock:02}:00:00.000Z"

    def at(self, hour: int) -> Review:
        self.clock = hour
        return self.review

    def event(self, external_id: str = "report-1/1") -> Event:
        return event(self.connection, external_id)

    def field(self, name: str) -> Any:
        return next(item for item in self.event().fields if item.name == name)

    def correct(self, value: Any, name: str = "count", hour: int = 1) -> None:
        self.at(hour).correct(self.event(), self.field(name), value, [])

    def lines(self, **options: Any) -> list[dict[str, Any]]:
        return exported(self.connection, **options)

    def take(self, other: "Desk", how: Any = keep, **options: Any) -> ImportReport:
        return self.read(other.lines(**options), how)

    def read(self, lines: list[dict[str, Any]], how: Any = keep) -> ImportReport:
        import io
        import json

        report = ImportReport()
        data = "".join(json.dumps(line) + "\n" for line in lines).encode()
        import_source(self.connection, Source("test.jsonl", io.BytesIO(data)), report, choose=how)
        assert report.refusals == []
        assert problems(self.connection) == []
        return report

    def journal(self) -> list[tuple[str, str, str]]:
        return [(item.reviewer, item.decided_at[11:13], item.action) for item in read_decisions(self.connection)]


@pytest.fixture
def ana(tmp_path: Path) -> Any:
    desk = Desk(tmp_path, "ana")
    yield desk
    desk.connection.close()


@pytest.fixture
def ben(tmp_path: Path) -> Any:
    desk = Desk(tmp_path, "ben")
    yield desk
    desk.connection.close()


def named(report: ImportReport) -> list[tuple[Any, ...]]:
    return [
        (d.about, d.field, d.file.value, d.file.author.reviewer, d.imported.value, d.imported.author.reviewer, d.used)
        for d in report.differences
    ]


class TestWhereNobodyDecided:
    def test_everything_that_another_person_did_is_added_at_its_time(self, ana: Desk, ben: Desk) -> None:
        ben.correct(25, hour=3)
        ben.at(4).accept(ben.event())
        ben.at(5).reject(ben.event("report-1/2"), "other", "a guess")
        ben.at(6).note(ben.event("report-1/2"), "who counted?")
        made = ben.at(7).add_event(ben.event().document_id, "attack").event
        ben.at(8).add(made, "killed", None, 3, [Span(10, 12)], "about")
        ben.at(9).merge(ben.event("report-2/1"), ben.event())
        report = ana.take(ben)
        assert (report.differences, report.not_added, report.updated) == ([], 0, 0)
        assert ana.lines() == ben.lines()
        assert {entry[0] for entry in ana.journal()} == {"ben"}
        assert ("ben", "04", "correct") in ana.journal()
        before = ana.journal()
        again = ana.take(ben)
        assert (again.decisions, again.differing, again.superseded, again.events) == (0, 0, 0, 0)
        assert ana.journal() == before

    def test_in_an_undecided_event_each_field_is_added_by_itself(self, ana: Desk, ben: Desk) -> None:
        ana.correct("2025-03-07", "date")
        ben.correct("Kell", "location", hour=2)
        ben.at(3).note(ben.event(), "not seen", ben.field("total"))
        assert ana.take(ben).not_added == 0
        assert ana.field("date").value == "2025-03-07"
        assert ana.field("location").value == "Kell"
        assert ana.field("total").note == "not seen"
        assert [entry[:2] for entry in ana.journal()] == [("ana", "01"), ("ben", "02"), ("ben", "03")]

    def test_each_field_keeps_its_own_reviewer(self, ana: Desk, ben: Desk, tmp_path: Path) -> None:
        ana.take(ben)
        ben.correct("Kell", "location", hour=2)
        ana.take(ben)
        ana.at(3).accept(ana.event())
        Review(ana.connection, "eve", lambda: "2026-01-01T05:00:00.000Z").note(ana.event(), "sure?")
        other = Desk(tmp_path, "third")
        other.take(ana)
        assert other.lines() == ana.lines()
        assert [entry[:2] for entry in other.journal()] == [("ben", "02"), ("ana", "03"), ("eve", "05")]

    def test_the_extraction_of_each_copy_stays(self, ana: Desk, ben: Desk) -> None:
        import_documents(ana.connection, newer(802))
        ben.correct(25)
        ben.at(2).accept(ben.event())
        ana.take(ben)
        count = ana.field("count")
        assert (count.value, count.extracted.value, count.state) == (25, 802, "corrected")
        assert ana.event().reviewer == "ben"

    def test_what_was_confirmed_there_is_a_correction_where_the_machine_says_otherwise(
        self, ana: Desk, ben: Desk
    ) -> None:
        import_documents(ana.connection, newer(802))
        ben.at(2).accept(ben.event())
        ana.take(ben)
        assert (ana.field("count").value, ana.field("count").state) == (40, "corrected")
        assert ana.event().status == "corrected"

    def test_gold_without_states_is_compared_by_its_values(self, ana: Desk, ben: Desk) -> None:
        ben.correct(25)
        ben.at(2).move(ben.event(), ben.field("location"), "place_of_death", group=None)
        ben.at(3).accept(ben.event())
        assert ana.take(ben, reviewed=True).not_added == 0
        assert (ana.field("count").value, ana.field("count").state) == (25, "corrected")
        place = ana.field("place_of_death")
        assert (place.state, place.extracted.name) == ("corrected", "location")
        assert ana.take(ben, reviewed=True).decisions == 0
        assert ben.take(ben, reviewed=True).decisions == 0


class TestWhereBothDecided:
    def test_the_file_is_kept_and_each_difference_named(self, ana: Desk, ben: Desk) -> None:
        for desk, value, hour in ((ana, 25, 1), (ben, 15, 2)):
            desk.correct(value, hour=hour)
            desk.at(hour).note(desk.event(), f"says {desk.review.reviewer}")
            desk.at(hour).accept(desk.event())
        ana.at(1).reject(ana.event("report-1/2"), "generic")
        ben.at(2).accept(ben.event("report-1/2"))
        before, gold = ana.journal(), ana.lines(reviewed=True)
        for _ in range(2):
            report = ana.take(ben)
            assert named(report) == [
                ("value", "count", 25, "ana", 15, "ben", "file"),
                ("note", None, "says ana", "ana", "says ben", "ben", "file"),
                ("status", None, "rejected (generic)", "ana", "confirmed", "ben", "file"),
            ]
            assert report.not_added == 3
        assert ana.lines(reviewed=True) == gold
        # Nobody here had decided about the field of the rejected event.
        assert ana.journal()[: len(before)] == before
        assert report.differences[0].json() == {
            "document": "report-1", "event": "report-1/1", "extractor": "rules", "what": "decision", "about": "value",
            "field": "count", "group": "transfer:1", "file": 25, "file_reviewer": "ana",
            "file_decided_at": "2026-01-01T01:00:00.000Z", "imported": 15, "imported_reviewer": "ben",
            "imported_decided_at": "2026-01-01T02:00:00.000Z", "used": "file",
        }  # fmt: skip

    @pytest.mark.parametrize(("hour", "used", "value"), [(9, "imported", 15), (1, "file", 25)])
    def test_the_newest_replaces_and_the_journal_keeps_both(
        self, ana: Desk, ben: Desk, hour: int, used: str, value: int
    ) -> None:
        ana.correct(25, hour=2)
        ana.at(2).accept(ana.event())
        ben.correct(15, hour=hour)
        ben.at(hour).accept(ben.event())
        report = ana.take(ben, newest)
        assert {difference.used for difference in report.differences} == {used}
        assert ana.field("count").value == value
        assert ana.event().reviewer == ("ben" if value == 15 else "ana")
        assert [entry[0] for entry in ana.journal()][:2] == ["ana", "ana"]
        again = ana.take(ben, newest)
        assert again.decisions == 0
        assert again.not_added == (0 if value == 15 else 1)

    def test_a_replaced_decision_is_known_when_its_export_comes_again(self, ana: Desk, ben: Desk) -> None:
        ana.correct(25, hour=2)
        ana.at(2).accept(ana.event())
        older = ana.lines()
        ben.correct(15, hour=3)
        ben.at(4).accept(ben.event())
        ana.take(ben, newest)
        for how in (keep, newest):
            report = ana.read(older, how)
            assert (report.decisions, report.not_added, report.superseded) == (0, 0, 1)
        assert ana.field("count").value == 15

    def test_an_undone_decision_does_not_come_back_with_an_older_export(self, ana: Desk) -> None:
        ana.at(1).accept(ana.event())
        older = ana.lines()
        ana.at(2).undo()
        report = ana.read(older)
        assert (report.decisions, report.superseded) == (0, 1)
        assert ana.event().status == "pending"

    def test_the_same_decision_of_two_people_is_of_both(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).accept(ana.event())
        ben.at(2).accept(ben.event())
        report = ana.take(ben)
        assert (report.decisions, report.differing, report.unchanged) == (1, 0, 2)
        assert ana.journal() == [("ana", "01", "confirm"), ("ben", "02", "confirm")]
        assert ana.event().reviewer == "ana"
        assert ana.take(ben).decisions == 0

    def test_an_acceptance_is_not_added_without_its_values(self, ana: Desk, ben: Desk) -> None:
        ana.correct(25)
        ben.at(2).accept(ben.event())
        report = ana.take(ben)
        assert [row[:2] for row in named(report)] == [("value", "count"), ("status", None)]
        assert (ana.event().status, ana.field("count").value) == ("pending", 25)

    def test_an_accepted_event_gets_no_field_that_its_reviewer_did_not_see(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).accept(ana.event())
        ben.at(2).add(ben.event(), "mediator", None, "the Red Cross", [])
        report = ana.take(ben)
        assert named(report) == [("value", "mediator", None, "ana", "the Red Cross", "ben", "file")]
        assert ana.take(ben, newest).not_added == 0
        assert (ana.field("mediator").value, ana.event().status, ana.event().reviewer) == (
            "the Red Cross", "corrected", "ben")  # fmt: skip

    def test_an_acceptance_without_a_field_that_was_added_here_is_named(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).add(ana.event(), "mediator", None, "the Red Cross", [])
        ben.at(2).accept(ben.event())
        assert ("value", "mediator", "the Red Cross", "ana", None, "ben", "file") in named(ana.take(ben))
        assert ana.event().status == "pending"
        assert ana.take(ben, newest).not_added == 0
        assert "mediator" not in [item.name for item in ana.event().live_fields]

    def test_types_and_evidence_differ_too(self, ana: Desk, ben: Desk) -> None:
        for desk, kind, span in ((ana, "raid", Span(41, 43)), (ben, "swap", Span(61, 63))):
            desk.at(1).set_type(desk.event(), kind)
            desk.at(1).correct(desk.event(), desk.field("count"), 40, [span])
        assert [row[:3] for row in named(ana.take(ben))] == [
            ("evidence", "count", [[41, 43]]), ("type", None, "raid")]  # fmt: skip

    def test_two_people_reject_for_different_reasons(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).reject(ana.event(), "generic")
        ben.at(2).reject(ben.event(), "other", "a rumour")
        assert [row[2:5] for row in named(ana.take(ben))] == [
            ("rejected (generic)", "ana", "rejected (other) a rumour")
        ]


class TestAddedEvents:
    def test_events_that_two_people_add_are_two(self, ana: Desk, ben: Desk) -> None:
        for desk in (ana, ben):
            made = desk.at(1).add_event(desk.event().document_id, "attack").event
            desk.at(1).add(made, "killed", None, 3, [])
        assert ana.take(ben).events == 1
        assert len({item["id"] for item in ana.lines()[0]["events"]}) == 4
        assert ana.take(ben).events == 0

    def test_older_exports_with_one_id_are_kept_apart(self, ana: Desk, ben: Desk) -> None:
        exports = []
        for desk, killed in ((ana, 3), (ben, 17)):
            made = desk.at(1).add_event(desk.event().document_id, "attack").event
            desk.at(1).add(made, "killed", None, killed, [])
            lines = copy.deepcopy(desk.lines())
            lines[0]["events"][-1]["id"] = "report-1/added/1"
            exports.append(lines)
        target = Desk(Path(str(ana.connection.execute("PRAGMA database_list").fetchone()[2])).parent, "eve")
        for _ in range(2):
            for lines in exports:
                target.read(lines)
        added = [item for item in target.lines()[0]["events"] if item.get("added")]
        assert sorted((item["reviewer"], item["fields"][0]["value"]) for item in added) == [("ana", 3), ("ben", 17)]

    def test_an_added_event_that_was_withdrawn_is_named_if_somebody_accepted_it(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).add_event(ana.event().document_id, "attack")
        ben.take(ana)
        ana.at(2).undo()
        made = added_id(ben.connection, "report-1")
        assert ana.read(ben.lines()).superseded == 1
        ben.at(3).accept(ben.event(made))
        assert named(ana.take(ben)) == [("event", None, None, "ana", "attack", "ben", "file")]
        assert ana.take(ben, newest).not_added == 0
        assert ana.event(made).status == "corrected"


class TestDuplicates:
    def test_a_link_follows_the_duplicate_to_its_own_original(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).merge(ana.event("report-1/2"), ana.event("report-2/1"))
        ben.at(2).merge(ben.event("report-2/1"), ben.event())
        assert ana.take(ben).not_added == 0
        into = ana.event().id
        assert ana.event("report-1/2").merged_into == ana.event("report-2/1").merged_into == into

    def test_two_events_that_are_each_others_duplicate_do_not_both_vanish(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).merge(ana.event("report-2/1"), ana.event())
        ben.at(2).merge(ben.event(), ben.event("report-2/1"))
        for how in (keep, newest):
            report = ana.take(ben, how)
            assert report.not_added >= 1
            assert ana.event().merged_into is None
            assert ana.event().status == "pending"

    def test_another_original_is_named(self, ana: Desk, ben: Desk) -> None:
        ana.at(1).merge(ana.event("report-2/1"), ana.event())
        ben.at(2).merge(ben.event("report-2/1"), ben.event("report-1/2"))
        assert [row[:3] for row in named(ana.take(ben))] == [("duplicate of", None, "report-1/1")]
        ana.take(ben, newest)
        assert ana.event("report-2/1").merged_into == ana.event("report-1/2").id

    @pytest.mark.parametrize("reason", ["not_an_event", "duplicate"])
    def test_what_an_extraction_calls_the_same_is_nobodys_decision(self, tmp_path: Path, reason: Any) -> None:
        line = copy.deepcopy(ARTICLE)
        line["events"][1]["same_as"] = {"document": "report-1", "event": "report-1/1", "extractor": "rules"}
        desk = Desk(tmp_path, "ana", line)
        desk.at(1).reject(desk.event("report-1/2"), reason)
        import_documents(desk.connection, LATER)
        desk.read(desk.lines())
        assert desk.journal() == [("ana", "01", "reject")]
        other = Desk(tmp_path, "ben", *desk.lines())
        assert other.event("report-1/2").merged_into is None
        other.connection.close()
        desk.connection.close()


class TestWhoIsBelieved:
    def test_a_reviewer_without_a_status_decides_nothing(self, connection: sqlite3.Connection) -> None:
        item = ARTICLE["events"][1] | {"reviewer": "ana", "decided_at": "2026-01-01T00:00:00Z", "note": "said so"}
        import_documents(connection, ARTICLE | {"events": [item]})
        assert [decision.reviewer for decision in read_decisions(connection)] == ["import"]

    @pytest.mark.parametrize(
        ("time", "reason"), [("yesterday", "is not a time"), ("2999-01-01T00:00:00Z", "is in the future")]
    )
    def test_a_time_that_cannot_be_is_refused(self, connection: sqlite3.Connection, time: str, reason: str) -> None:
        item = ARTICLE["events"][1] | {"status": "confirmed", "reviewer": "ana", "decided_at": time}
        report = import_documents(connection, ARTICLE | {"events": [item]})
        assert reason in report.refusals[0].reason

    def test_a_key_of_ours_is_refused(self, connection: sqlite3.Connection) -> None:
        item = ARTICLE["events"][1] | {"same_as (waiting)": {}}
        assert "rename it" in import_documents(connection, ARTICLE | {"events": [item]}).refusals[0].reason
