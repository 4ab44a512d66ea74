"""A newer extraction of known documents: decisions stay, and what the machine changed under them is told."""

import contextlib
import copy
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, create, documents, event, exported, import_documents, problems

from db.decisions.review import Review
from db.importing.changes import DecidedChange, FieldValue
from db.importing.matching import match_fields
from db.importing.report import ImportReport
from db.io.documents import parse_document
from db.maintenance.repair import repair
from db.maintenance.salvage import salvage
from db.model import Extracted, Field, Span
from db.native import NewField
from db.query import compile_query, parse
from db.query.running import event_ids
from db.store.connection import open_file
from db.store.schema import open_in_memory

COUNT = 3  # the place of the count of transfer:1 among the fields of ARTICLE


def newer(count: int = 802, **more: Any) -> dict[str, Any]:
    """ARTICLE as another run has it, with another count."""
    document = copy.deepcopy(ARTICLE)
    document["events"][0]["fields"][COUNT]["value"] = count
    document["events"][0] |= more
    return document


def correct_count(connection: sqlite3.Connection, value: int = 757) -> Review:
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana")
    item = event(connection)
    review.correct(item, item.fields[COUNT], value, [])
    return review


def found(connection: sqlite3.Connection, query: str = "is:changed") -> list[str]:
    names = dict(connection.execute("SELECT id, external_id FROM events"))
    return [names[event_id] for event_id in event_ids(connection, compile_query(connection, parse(query)))]


def told(report: ImportReport) -> list[tuple[str, str | None, Any, Any, Any, bool]]:
    def value(said: FieldValue | None) -> object:
        return said and said.value

    assert report.changed == len(report.changes)
    return [(c.what, c.field, value(c.before), value(c.now), value(c.reviewed), c.settled) for c in report.changes]


class TestTheMachinesSide:
    def test_a_new_extraction_updates_the_machines_side_and_leaves_the_persons(
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

    def test_accepted_values_stay_when_the_machine_changes_its_mind(self, connection: sqlite3.Connection) -> None:
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

    def test_of_a_field_that_repeats_the_same_value_stays_the_same_field(self, connection: sqlite3.Connection) -> None:
        places = [{"name": "location", "value": name} for name in ("Lesna", "Kell", "Lesna")]
        document = {"id": "d", "text": "x", "events": [{"id": "e", "type": "t", "fields": places}]}
        import_documents(connection, document)
        item = event(connection, "e")
        Review(connection, "ana").confirm_field(item, item.fields[1])
        report = import_documents(connection, document | {"events": [{"id": "e", "type": "t", "fields": places[1:]}]})
        assert told(report) == []
        assert [(f.value, f.state) for f in event(connection, "e").live_fields] == [
            ("Kell", "confirmed"), ("Lesna", "extracted")]  # fmt: skip

    def test_what_is_neither_the_same_value_nor_the_same_evidence_goes_by_order(self) -> None:
        def stored(id_: int, value: str, *spans: Span, there: bool = True) -> Field:
            machine = Extracted("n", None, value, None, spans)
            return Field(id_, 1, id_, "n", None, value, None, spans, "extracted", None, None, there, machine)

        def new(value: str, *spans: Span) -> NewField:
            return NewField("n", None, value, None, spans, None, {}, None)

        fields = [stored(1, "gone", there=False), stored(2, "a"), stored(3, "b", Span(0, 1)), stored(4, "c")]
        pairs = match_fields(fields, [new("x"), new("y", Span(0, 1)), new("c"), new("z"), new("zz")])
        assert [field and field.id for field in pairs] == [2, 3, 4, 1, None]


class TestWhatChangedUnderDecisions:
    def test_a_value_that_the_machine_now_has_too_is_settled(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        report = import_documents(connection, newer(757))
        assert report.changes == [
            DecidedChange(
                document="report-1", event="report-1/1", extractor="rules", what="value", field="count",
                group="transfer:1", before=FieldValue(40, None), now=FieldValue(757, None),
                reviewed=FieldValue(757, None), reviewer="ana", removed=False, status="pending", settled=True,
            )
        ]  # fmt: skip
        assert (report.settled, report.to_review, report.evidence, report.not_extracted) == (1, 0, 0, 0)
        assert found(connection) == []
        assert report.changes[0].json() == {
            "document": "report-1", "event": "report-1/1", "extractor": "rules", "what": "value", "field": "count",
            "group": "transfer:1", "before": 40, "now": 757, "said": 757, "reviewer": "ana", "removed": False,
            "status": "pending", "settled": True,
        }  # fmt: skip

    def test_another_value_is_to_be_looked_at_until_somebody_decides(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        report = import_documents(connection, newer(802))
        assert told(report) == [("value", "count", 40, 802, 757, False)]
        assert (report.settled, report.to_review) == (0, 1)
        assert event(connection).changed
        assert found(connection) == ["report-1/1"]
        assert found(connection, "is:changed type:protest") == []
        assert told(import_documents(connection, newer(802))) == []
        assert found(connection) == ["report-1/1"]
        review.accept(event(connection))
        assert found(connection) == []
        review.undo()
        assert found(connection) == ["report-1/1"]
        review.redo()
        assert not event(connection).changed
        assert found(connection, "-is:changed") == ["report-1/1", "report-1/2"]
        assert problems(connection) == []

    def test_what_is_to_be_looked_at_outlives_repair_and_salvage(self, tmp_path: Path) -> None:
        path, saved = tmp_path / "war.db", tmp_path / "saved.db"
        with contextlib.closing(create(path)) as connection:
            correct_count(connection)
            import_documents(connection, newer(802))
        repaired, _ = repair(path)
        with contextlib.closing(repaired):
            assert found(repaired) == ["report-1/1"]
        assert salvage(path, saved).whole
        with contextlib.closing(open_file(saved)) as connection:
            assert found(connection) == ["report-1/1"]
            assert problems(connection) == []

    def test_an_undo_of_the_decision_itself_is_a_decision_since(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        import_documents(connection, newer(802))
        review.undo()
        assert found(connection) == []

    def test_once_the_machine_agrees_in_all_there_is_nothing_to_look_at(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        Review(connection, "ana").accept(event(connection))
        import_documents(connection, newer(802))
        assert found(connection) == ["report-1/1"]
        assert told(import_documents(connection, newer(757))) == [("value", "count", 802, 757, 757, True)]
        assert found(connection) == []

    def test_a_modifier_is_part_of_what_is_said(self, connection: sqlite3.Connection) -> None:
        review = correct_count(connection)
        item = event(connection)
        review.correct(item, item.fields[COUNT], 757, [], "about")
        (change,) = import_documents(connection, newer(757)).changes
        assert (change.now, change.reviewed, change.settled) == (FieldValue(757, None), FieldValue(757, "about"), False)
        assert change.json()["said_modifier"] == "about"

    def test_the_last_who_decided_about_the_field_is_named(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        item = event(connection)
        Review(connection, "ben").correct(item, item.fields[COUNT], 700, [])
        Review(connection, "eve").note(event(connection), "a note of the event")
        assert [change.reviewer for change in import_documents(connection, newer(802)).changes] == ["ben"]

    def test_an_untouched_field_of_a_pending_event_follows_and_is_not_told(
        self, connection: sqlite3.Connection
    ) -> None:
        correct_count(connection)
        document = newer(40)
        document["events"][0]["fields"][0]["value"] = "2025-03-07"
        document["events"][0]["fields"].append({"name": "mediator", "value": "the Red Cross"})
        assert told(import_documents(connection, document)) == []
        assert found(connection) == []
        assert event(connection).fields[0].value == "2025-03-07"

    def test_in_a_judged_event_what_is_new_gone_or_another_is_told(self, connection: sqlite3.Connection) -> None:
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
        assert told(report) == [
            ("value", "count", 40, 802, 40, False),
            ("new", "mediator", None, "the Red Cross", None, False),
            ("gone", "total", 40, None, None, True),
            ("gone", "location", "Lesna", None, "Lesna", False),
        ]
        assert [change.removed for change in report.changes] == [False, False, True, False]
        assert (report.settled, report.to_review) == (1, 3)
        back = import_documents(connection, ARTICLE)
        assert told(back) == [
            ("new", "total", None, 40, None, False),
            ("value", "location", None, "Lesna", "Lesna", True),
            ("value", "count", 802, 40, 40, True),
            ("gone", "mediator", "the Red Cross", None, None, False),
        ]
        assert problems(connection) == []

    def test_a_rejected_event_that_says_something_else_is_told(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").reject(event(connection), "generic")
        (change,) = import_documents(connection, newer(802)).changes
        assert (change.reviewed, change.status, change.reviewer) == (None, "rejected", "ana")
        assert found(connection) == ["report-1/1"]

    @pytest.mark.parametrize(("now", "settled"), [("swap", True), ("attack", False)])
    def test_a_type_is_settled_or_to_be_looked_at(
        self, connection: sqlite3.Connection, now: str, settled: bool
    ) -> None:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").set_type(event(connection), "swap")
        report = import_documents(connection, newer(40, type=now))
        assert told(report) == [("type", None, "prisoner_exchange", now, "swap", settled)]
        assert event(connection).type == "swap"
        assert found(connection) == ([] if settled else ["report-1/1"])

    def test_evidence_alone_is_counted(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        document = newer(40)
        document["events"][0]["fields"][COUNT]["spans"] = [[41, 43]]
        document["events"][0]["fields"][0]["spans"] = []
        report = import_documents(connection, document)
        assert (report.updated, report.evidence, told(report)) == (1, 1, [])
        assert found(connection) == []

    def test_a_confidence_alone_is_no_change_under_a_decision(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        report = import_documents(connection, newer(40, confidence=0.1))
        assert (report.updated, report.evidence, told(report)) == (1, 0, [])

    def test_what_nobody_decided_about_is_not_told(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        report = import_documents(connection, newer(802))
        assert (report.updated, told(report), found(connection)) == (1, [], [])

    def test_the_first_thousand_changes_are_kept_and_each_is_handed_on(
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
    def test_they_stay_and_are_counted_and_told_where_somebody_decided(self, connection: sqlite3.Connection) -> None:
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
        assert found(connection) == []

    def test_a_document_in_several_lines_is_taken_together(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        lines = [ARTICLE | {"events": [item]} for item in ARTICLE["events"]]
        assert import_documents(connection, *lines).not_extracted == 0
        assert import_documents(connection, lines[0]).not_extracted == 1

    def test_an_export_of_some_events_says_nothing_of_the_others(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        first = event(connection)
        assert import_documents(connection, *exported(connection, event_ids=[first.id])).not_extracted == 0

    def test_a_document_without_events_says_nothing_of_an_extractor(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, ARTICLE)
        assert import_documents(connection, ARTICLE | {"events": []}).not_extracted == 0


def test_importing_again_takes_as_long_a_document_in_a_large_file_as_in_a_small_one(tmp_path: Path) -> None:
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


def without_ids(document: dict[str, Any]) -> dict[str, Any]:
    events = [{key: value for key, value in item.items() if key != "id"} for item in document["events"]]
    return document | {"events": events}


class TestEventsWithoutIds:
    def test_a_corrected_value_updates_the_event_and_meets_its_decision(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, without_ids(ARTICLE))
        (made,) = connection.execute("SELECT external_id FROM events WHERE type = 'prisoner_exchange'").fetchone()
        item = event(connection, made)
        Review(connection, "ana").correct(item, item.fields[COUNT], 757, [])
        report = import_documents(connection, without_ids(newer(802)))
        assert (report.events, report.updated, report.unchanged, report.not_extracted) == (0, 1, 1, 0)
        assert told(report) == [("value", "count", 40, 802, 757, False)]
        again = import_documents(connection, without_ids(newer(802)))
        assert (again.events, again.updated, again.unchanged) == (0, 0, 2)
        back = import_documents(connection, without_ids(ARTICLE))
        assert (back.events, back.updated, back.unchanged) == (0, 1, 1)
        assert problems(connection) == []

    @pytest.mark.parametrize(
        ("before", "after", "same"),
        [
            ({"a": 1, "b": 2}, {"a": 1, "b": 3}, True),  # half
            ({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 9, "c": 9}, False),
            ({"a": 1, "b": 2, "c": 3}, {"a": 1, "d": 4}, True),  # half of the smaller one
            ({"a": 1}, {"a": 2}, False),
            ({"a": 1}, {"a": 1, "b": 2, "c": 3}, True),
            ({"a": 1}, {}, False),
            ({}, {"a": 1}, False),
        ],
    )
    def test_at_least_half_of_the_smaller_one_makes_it_the_same(
        self, connection: sqlite3.Connection, before: dict[str, int], after: dict[str, int], same: bool
    ) -> None:
        def line(values: dict[str, int]) -> dict[str, Any]:
            fields = [{"name": name, "value": value} for name, value in values.items()]
            return {"id": "d", "text": "x", "events": [{"type": "t", "fields": fields}]}

        import_documents(connection, line(before))
        report = import_documents(connection, line(after))
        assert (report.events, report.updated, report.not_extracted) == ((0, 1, 0) if same else (1, 0, 1))

    def test_the_same_evidence_counts_where_the_value_is_another(self, connection: sqlite3.Connection) -> None:
        field = {"name": "count", "value": 802, "spans": [[0, 3]]}
        document = {"id": "d", "text": "757 came", "events": [{"type": "t", "fields": [field]}]}
        import_documents(connection, document)
        corrected = document | {"events": [{"type": "t", "fields": [field | {"value": 757}]}]}
        assert import_documents(connection, corrected).updated == 1

    def test_each_goes_to_the_one_it_has_most_in_common_with_and_none_is_taken_twice(
        self, connection: sqlite3.Connection
    ) -> None:
        def item(place: str, count: int, side: str) -> dict[str, Any]:
            values = {"date": "2025-03-07", "place": place, "count": count, "side": side}
            return {"type": "t", "fields": [{"name": name, "value": value} for name, value in values.items()]}

        def line(*items: dict[str, Any]) -> dict[str, Any]:
            return {"id": "d", "text": "x", "events": list(items)}

        import_documents(connection, line(item("Lesna", 1, "north"), item("Kell", 2, "south")))
        report = import_documents(
            connection, line(item("Kell", 9, "south"), item("Lesna", 8, "north"), item("Kell", 7, "south"))
        )
        assert (report.events, report.updated, report.not_extracted) == (1, 2, 0)
        rows = connection.execute("SELECT event_id, value FROM fields WHERE name = 'count' ORDER BY 1").fetchall()
        assert rows == [(1, 8), (2, 9), (3, 7)]

    def test_only_events_of_the_same_extractor_type_and_kind_of_id_are_the_same(
        self, connection: sqlite3.Connection
    ) -> None:
        fields = [{"name": "a", "value": 1}, {"name": "b", "value": 2}]
        others = [
            {"type": "t", "extractor": "y", "fields": fields},
            {"type": "u", "extractor": "x", "fields": fields},
            {"id": "given", "type": "t", "extractor": "x", "fields": fields},
        ]
        import_documents(connection, {"id": "d", "text": "x", "events": others})
        new = {"type": "t", "extractor": "x", "fields": [fields[0], {"name": "b", "value": 3}]}
        report = import_documents(connection, {"id": "d", "text": "x", "events": [new]})
        assert (report.events, report.updated) == (1, 0)

    def test_two_lines_of_one_document_do_not_overwrite_each_other(self, connection: sqlite3.Connection) -> None:
        def line(count: int) -> dict[str, Any]:
            fields = [{"name": "date", "value": "2025"}, {"name": "count", "value": count}]
            return {"id": "d", "text": "x", "events": [{"type": "t", "fields": fields}]}

        assert import_documents(connection, line(1), line(2)).events == 2
        report = import_documents(connection, line(3), line(4), line(3))
        assert (report.events, report.updated, report.unchanged) == (0, 2, 1)
        assert [row[0] for row in connection.execute("SELECT value FROM fields WHERE name = 'count'")] == [3, 4]

    def test_an_export_gives_made_ids_and_finds_its_events_by_them(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, without_ids(ARTICLE))
        import_documents(connection, without_ids(newer(802)))
        report = import_documents(connection, *exported(connection))
        assert (report.events, report.updated, report.unchanged) == (0, 0, 2)
        other = open_in_memory()
        import_documents(other, *exported(connection))
        assert import_documents(other, without_ids(newer(803))).updated == 1

    def test_thousands_of_events_that_look_alike_are_matched_soon(self, connection: sqlite3.Connection) -> None:
        def line(run: int) -> dict[str, Any]:
            events = [
                {"type": "t", "fields": [{"name": "date", "value": "2025"}, {"name": "n", "value": number},
                                         {"name": "run", "value": run}]}
                for number in range(3000)
            ]  # fmt: skip
            return {"id": "d", "text": "x", "events": events}

        import_documents(connection, line(1))
        report = import_documents(connection, line(2))
        assert (report.events, report.updated) == (0, 3000)


_alike = st.builds(
    lambda values, extra: {
        "type": "t",
        "fields": [{"name": name, "value": value} for name, value in values],
        **extra,
    },
    st.lists(st.tuples(st.sampled_from("ab"), st.integers(0, 2)), max_size=4),
    st.sampled_from([{}, {"confidence": 0.5}, {"run": 1}]),
)


@given(lines=st.lists(st.lists(_alike, max_size=4), min_size=1, max_size=5))
@settings(max_examples=80, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_came_before_the_same_line_twice_adds_and_changes_nothing(lines: list[list[dict[str, Any]]]) -> None:
    connection = open_in_memory()
    for events in lines:
        line = {"id": "d", "text": "x", "events": events}
        first = import_documents(connection, line)
        assert first.refused == 0
        assert first.events + first.updated + first.unchanged == len(events)
        before = exported(connection)
        assert len({row[0] for row in connection.execute("SELECT external_id FROM events")}) == len(before[0]["events"])
        for twice in ((line,), (line, line)):
            again = import_documents(connection, *twice)
            assert (again.events, again.updated, again.unchanged) == (0, 0, len(events) * len(twice))
            assert exported(connection) == before
    assert problems(connection) == []
    connection.close()


@given(first=documents("d"), second=documents("d"))
@settings(max_examples=40)
def test_any_two_lines_of_a_document_without_ids_are_in_and_the_second_is_there_as_it_is(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    connection = open_in_memory()
    text = {"text": first["text"]}
    lines = [without_ids(document | text) for document in (first, second)]
    for line in lines:
        for item in line["events"]:
            for field in item["fields"]:
                field.pop("spans", None)
        import_documents(connection, line)
    wanted = [json.dumps(_plain(item), sort_keys=True) for item in lines[1]["events"]]
    there = [json.dumps(_plain(item), sort_keys=True) for item in exported(connection)[0]["events"]]
    for item in wanted:
        there.remove(item)
    assert problems(connection) == []
    connection.close()


def _plain(item: dict[str, Any]) -> dict[str, Any]:
    fields = [{key: value for key, value in field.items() if key != "state"} for field in item["fields"]]
    return {key: value for key, value in item.items() if key not in ("id", "status")} | {"fields": fields}


def test_a_made_id_is_told_from_a_given_one() -> None:
    made, given_id = parse_document(
        {"id": "d", "text": "x", "events": [{"type": "t"}, {"type": "t", "id": "d/0123456789abcdef"}]}
    ).events
    assert (made.id_is_derived, given_id.id_is_derived) == (True, False)


class TestAnEventTwiceInOneFile:
    def test_check_takes_it_for_extracted_twice(self, connection: sqlite3.Connection) -> None:
        reviewed = {"status": "rejected", "reason": "generic", "reviewer": "ana"}
        first = newer(40, **reviewed)
        first["events"][0]["fields"][COUNT] |= {"state": "corrected", "value": 757, "extracted": 40}
        report = import_documents(connection, first, newer(802))
        assert (report.events, report.updated) == (2, 1)
        assert problems(connection) == []
        assert connection.execute("SELECT events, updated FROM imports").fetchone() == (2, 1)

    def test_what_is_left_of_one_import_is_still_compared(self, connection: sqlite3.Connection) -> None:
        correct_count(connection)
        connection.execute("DROP TRIGGER decisions_are_not_updated")
        connection.execute("UPDATE decisions SET before = replace(before, '40', '41')")
        assert any("made on another state" in problem for problem in problems(connection))

    def test_each_import_keeps_what_it_updated_itself(self, connection: sqlite3.Connection) -> None:
        report = ImportReport()
        for line in (ARTICLE, newer(1), newer(1), newer(2)):
            import_documents(connection, line, report=report)
        assert [row[0] for row in connection.execute("SELECT updated FROM imports ORDER BY id")] == [0, 1, 0, 1]
        assert (report.documents, report.events, report.updated, report.unchanged) == (1, 2, 2, 4)
