"""Matching of the fields and events of a newer extraction with the stored ones."""

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, event, exported, import_documents, in_memory, problems, without_found
from support.reimports import COUNT, changes_in, newer

from db.decisions.review import Review
from db.importing.matching import match_fields
from db.io.documents import parse_document
from db.model import Extracted, Field, Span
from db.native import NewField


def test_fields_without_equal_value_or_evidence_are_matched_in_order() -> None:
    def stored(id_: int, value: str, *spans: Span, there: bool = True) -> Field:
        machine = Extracted("n", None, value, None, spans)
        return Field(id_, 1, id_, "n", None, value, None, spans, "extracted", None, None, there, machine)

    def new(value: str, *spans: Span) -> NewField:
        return NewField("n", None, value, None, spans, None, {}, None)

    fields = [stored(1, "gone", there=False), stored(2, "a"), stored(3, "b", Span(0, 1)), stored(4, "c")]
    pairs = match_fields(fields, [new("x"), new("y", Span(0, 1)), new("c"), new("z"), new("zz")])
    assert [field and field.id for field in pairs] == [2, 3, 4, 1, None]


def without_ids(document: dict[str, Any]) -> dict[str, Any]:
    events = [{key: value for key, value in item.items() if key != "id"} for item in document["events"]]
    return document | {"events": events}


class TestEventsWithoutIds:
    def test_a_changed_value_is_compared_with_the_decision(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, without_ids(ARTICLE))
        (made,) = connection.execute("SELECT external_id FROM events WHERE type = 'prisoner_exchange'").fetchone()
        item = event(connection, made)
        Review(connection, "ana").correct(item, item.fields[COUNT], 757, [])
        report = import_documents(connection, without_ids(newer(802)))
        assert (report.events, report.updated, report.unchanged, report.not_extracted) == (0, 1, 1, 0)
        assert changes_in(report) == [("value", "count", 40, 802, 757, False)]
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
    def test_half_of_the_smaller_event_in_common_is_a_match(
        self, connection: sqlite3.Connection, before: dict[str, int], after: dict[str, int], same: bool
    ) -> None:
        def line(values: dict[str, int]) -> dict[str, Any]:
            fields = [{"name": name, "value": value} for name, value in values.items()]
            return {"id": "d", "text": "x", "events": [{"type": "t", "fields": fields}]}

        import_documents(connection, line(before))
        report = import_documents(connection, line(after))
        assert (report.events, report.updated, report.not_extracted) == ((0, 1, 0) if same else (1, 0, 1))

    def test_equal_evidence_counts_if_the_value_differs(self, connection: sqlite3.Connection) -> None:
        field = {"name": "count", "value": 802, "spans": [[0, 3]]}
        document = {"id": "d", "text": "757 came", "events": [{"type": "t", "fields": [field]}]}
        import_documents(connection, document)
        corrected = document | {"events": [{"type": "t", "fields": [field | {"value": 757}]}]}
        assert import_documents(connection, corrected).updated == 1

    def test_each_event_matches_the_most_similar_one_and_none_matches_twice(
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

    def test_only_events_of_the_same_extractor_and_type_with_derived_ids_match(
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

    def test_two_lines_of_one_document_do_not_update_each_other(self, connection: sqlite3.Connection) -> None:
        def line(count: int) -> dict[str, Any]:
            fields = [{"name": "date", "value": "2025"}, {"name": "count", "value": count}]
            return {"id": "d", "text": "x", "events": [{"type": "t", "fields": fields}]}

        assert import_documents(connection, line(1), line(2)).events == 2
        report = import_documents(connection, line(3), line(4), line(3))
        assert (report.events, report.updated, report.unchanged) == (0, 2, 1)
        assert [row[0] for row in connection.execute("SELECT value FROM fields WHERE name = 'count'")] == [3, 4]

    def test_an_export_has_the_derived_ids_and_is_matched_by_them(self, connection: sqlite3.Connection) -> None:
        import_documents(connection, without_ids(ARTICLE))
        import_documents(connection, without_ids(newer(802)))
        report = import_documents(connection, *exported(connection))
        assert (report.events, report.updated, report.unchanged) == (0, 0, 2)
        other = in_memory()
        import_documents(other, *exported(connection))
        assert import_documents(other, without_ids(newer(803))).updated == 1

    def test_thousands_of_similar_events_are_matched_quickly(self, connection: sqlite3.Connection) -> None:
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
def test_importing_a_line_twice_changes_nothing(lines: list[list[dict[str, Any]]]) -> None:
    connection = in_memory()
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
def test_after_two_lines_of_a_document_without_ids_the_second_is_complete(
    first: dict[str, Any], second: dict[str, Any]
) -> None:
    connection = in_memory()
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
    fields = [without_found(field) for field in item["fields"]]
    return {key: value for key, value in item.items() if key not in ("id", "status")} | {"fields": fields}


def test_derived_ids_are_distinguished_from_given_ones() -> None:
    made, given_id = parse_document(
        {"id": "d", "text": "x", "events": [{"type": "t"}, {"type": "t", "id": "d/0123456789abcdef"}]}
    ).events
    assert (made.id_is_derived, given_id.id_is_derived) == (True, False)
