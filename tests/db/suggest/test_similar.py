"""Events that may be the same as another."""

import sqlite3
from typing import Any

import pytest
from support.builders import added_id, event, import_documents

from db.decisions.review import Review
from db.io.types_toml import parse_event_types
from db.store.connection import writing
from db.store.event_types import declare, read_event_types
from db.suggest.similar import Similar, similar

TYPES = """
[exchange.fields.date]
kind = "date"
[exchange.fields.location]
kind = "place"
[exchange.fields.party]
kind = "actor"
[exchange.fields.count]
kind = "integer"
[exchange.fields.category]
kind = "choice"
choices = ["soldiers", "civilians"]
[exchange.fields.stage]
kind = "text"
"""
BASE = {"date": "2025-03-07", "location": "Lesna", "party": "Red Cross", "count": 40}


def item(name: str, type_: str = "exchange", **fields: object) -> dict[str, Any]:
    """Return a document with one event."""
    listed = [{"name": key, "value": value} for key, value in fields.items()]
    return {
        "id": name,
        "text": "",
        "events": [{"id": name, "type": type_, "extractor": "rules", "fields": listed}],
    }


def found(connection: sqlite3.Connection, *documents: dict[str, Any], like: str = "base") -> list[Similar]:
    if documents:
        with writing(connection):
            declare(connection, parse_event_types(TYPES, "test"))
        import_documents(connection, *documents)
    return similar(connection, event(connection, like), read_event_types(connection))


def names(connection: sqlite3.Connection, *documents: dict[str, Any], like: str = "base") -> list[str]:
    return [one.row.external_id for one in found(connection, *documents, like=like)]


@pytest.mark.parametrize(
    "shared", [{"location": "Lesna"}, {"party": "Red Cross"}, {"count": 40}], ids=["place", "party", "count"]
)
def test_events_that_share_a_party_place_or_count_are_similar(
    connection: sqlite3.Connection, shared: dict[str, object]
) -> None:
    other = {"location": "Zvenka", "party": "Ombudsman", "count": 41} | shared
    (one,) = found(connection, item("base", **BASE), item("other", date="2025-03-07", **other))
    assert one.row.external_id == "other"
    assert one.why == f"{next(iter(shared))}, same day"


def test_a_shared_date_or_a_number_in_another_field_is_not_enough(connection: sqlite3.Connection) -> None:
    others = [item("day", date="2025-03-07"), item("number", date="2025-03-07", total=40)]
    assert names(connection, item("base", **BASE), *others) == []


@pytest.mark.parametrize(
    ("day", "alike"),
    [("2025-03-07", True), ("2025-03-14", True), ("2025-02-28", True), ("2025-03-15", False), ("2025-02-27", False)],
)
def test_events_more_than_a_week_apart_are_not_the_same(connection: sqlite3.Connection, day: str, alike: bool) -> None:
    assert names(connection, item("base", **BASE), item("other", **BASE | {"date": day})) == ["other"] * alike


@pytest.mark.parametrize("undated", ["other", "base"])
def test_an_event_without_a_date_may_be_similar(connection: sqlite3.Connection, undated: str) -> None:
    without = {key: value for key, value in BASE.items() if key != "date"}
    documents = [item(name, **without if name == undated else BASE) for name in ("base", "other")]
    (one,) = found(connection, *documents)
    assert one.why == "location, party, count"


@pytest.mark.parametrize("day", ["2025-03", "2025", "2025-02-01/2025-03-06"])
def test_an_imprecise_date_that_may_be_within_the_week_counts(connection: sqlite3.Connection, day: str) -> None:
    base = item("base", **BASE | {"date": "2025-03-20" if day == "2025-03" else "2025-03-07"})
    assert names(connection, base, item("other", **BASE | {"date": day})) == ["other"]


def test_other_types_are_left_out(connection: sqlite3.Connection) -> None:
    assert names(connection, item("base", **BASE), item("other", "protest", **BASE)) == []


def test_an_event_is_not_similar_to_itself(connection: sqlite3.Connection) -> None:
    assert names(connection, item("base", **BASE)) == []


def test_a_merged_duplicate_is_left_out_until_the_merge_is_undone(connection: sqlite3.Connection) -> None:
    assert names(connection, item("base", **BASE), item("twin", **BASE)) == ["twin"]
    import_documents(connection, item("third", **BASE))
    review = Review(connection, "ana")
    review.merge(event(connection, "third"), event(connection, "twin"))
    assert names(connection) == ["twin"]
    review.undo()
    assert sorted(names(connection)) == ["third", "twin"]


def test_an_event_whose_addition_was_undone_is_left_out(connection: sqlite3.Connection) -> None:
    assert names(connection, item("base", **BASE)) == []
    review = Review(connection, "ana")
    review.copy(event(connection, "base"))
    assert names(connection) == [added_id(connection, "base")]
    review.undo()
    assert names(connection) == []


def test_events_that_share_more_come_first_then_the_nearest(connection: sqlite3.Connection) -> None:
    less = {"date": "2025-03-07", "location": "Lesna"}
    most = item("most", **BASE)
    days = [item(f"day{day}", **less | {"date": f"2025-03-{7 + day:02}"}) for day in (3, 1, 0)]
    undated = item("undated", location="Lesna")
    assert names(connection, item("base", **BASE), undated, *days, most) == ["most", "day0", "day1", "day3", "undated"]


def test_current_values_count_not_removed_or_corrected_ones(connection: sqlite3.Connection) -> None:
    alike = item("alike", date="2025-03-07", location="Lesna")
    assert names(connection, item("base", date="2025-03-07", location="Lesna"), alike) == ["alike"]
    review = Review(connection, "ana")
    other = event(connection, "alike")
    review.correct(other, other.fields[1], "Zvenka", [])
    assert names(connection) == []
    review.undo()
    other = event(connection, "alike")
    review.remove(other, other.fields[1])
    assert names(connection) == []


def test_events_of_the_same_document_are_marked(connection: sqlite3.Connection) -> None:
    base, other = item("base", **BASE), item("other", **BASE)
    base["events"] += [event_ | {"id": "beside"} for event_ in base["events"]]
    told = {one.row.external_id: (one.document, one.same_document) for one in found(connection, base, other)}
    assert told == {"beside": ("base", True), "other": ("other", False)}


def test_a_shared_text_counts_from_four_characters(connection: sqlite3.Connection) -> None:
    documents = [item(f"{stage}{number}", stage=stage) for stage in ("end", "over") for number in (1, 2)]
    assert names(connection, *documents, like="end1") == []
    assert names(connection, like="over1") == ["over2"]


def test_at_most_twenty_are_shown(connection: sqlite3.Connection) -> None:
    assert len(names(connection, item("base", **BASE), *(item(f"other{n}", **BASE) for n in range(25)))) == 20
