"""A newer release of a table: everything that changed is told, by field, and nothing else."""

import itertools
import json
import sqlite3
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support.builders import in_memory
from support.taking import take

from db.decisions.review import Review
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.releases.writing_only import is_same_but_for_writing
from db.importing.report import ImportReport
from db.store.reading import read_event

ROWS = ["a,Raid,2024-03-01,Kyiv,2,true", "b,Raid,2024-03-02,Lviv,3,false", "c,Raid,2024-03-03,Odesa,4,true"]


def csv(*rows: str, header: str = "event_id,title,date,place,deaths,active") -> str:
    return "\n".join((header, *rows)) + "\n"


@pytest.mark.parametrize("rows", sorted(set(itertools.permutations(["x,IED", "x,mortar", "x,IED", "y,IED"]))))
@pytest.mark.parametrize("with_document", [False, True])
def test_identical_rows_count_the_same_in_any_order(rows: tuple[str, ...], with_document: bool) -> None:
    header = "city,kind"
    lines = [f"d1,{row}" for row in rows] if with_document else list(rows)
    content = csv(*lines, header=f"doc_id,{header}" if with_document else header)
    objects = [dict(zip(content.splitlines()[0].split(","), line.split(","), strict=True)) for line in lines]
    for data in (content, [item | {"when": "2024-03-01", "who": "x"} for item in objects]):
        with in_memory() as connection:
            assert take(connection, "rows.x", data).events == 4
            report = take(connection, "rows.x", data)
            assert (report.events, report.unchanged) == (0, 4)


def test_one_of_several_identical_rows_is_gone() -> None:
    with in_memory() as connection:
        take(connection, "rows.csv", csv("IED", "IED", "mortar", header="kind"))
        report = take(connection, "rows.csv", csv("mortar", "IED", header="kind"))
        assert (report.events, report.updated, report.not_extracted) == (0, 0, 1)


def test_changes_are_counted_by_field_and_writing_apart() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", csv(*ROWS))
        report = take(
            connection,
            "r2.csv",
            csv("a,Raid,2024-03-01,Kyiv,5,1", "b,Raid,2024-03-02,Lviv ,3,0", "c,Raid,2024-03-03,Odesa,4,1"),
        )
        assert report.by_field == {
            "deaths": {"changed": 1}, "active": {"written": 3}, "place": {"written": 1}
        }  # fmt: skip
        assert (report.updated, report.unchanged, report.not_extracted) == (3, 0, 0)


def test_ids_that_are_gone_are_told_with_their_documents() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", csv(*ROWS))
        report = take(connection, "r2.csv", csv(*ROWS[:2]))
        assert (report.not_extracted, report.unchanged) == (1, 2)
        assert report.vanished == [("c", "c")]


def test_an_addition_is_no_release() -> None:
    """A table that has few of the known events says nothing about the others."""
    with in_memory() as connection:
        take(connection, "january.csv", csv(*ROWS))
        report = take(connection, "february.csv", csv("d,Raid,2024-04-01,Kyiv,1,true", ROWS[0]))
        assert (report.events, report.unchanged, report.not_extracted) == (1, 1, 0)


@pytest.mark.parametrize("earlier", [False, True])
def test_an_id_twice_in_one_file_is_named(earlier: bool) -> None:
    rows = [f"e{n},Raid,2024-03-01,Kyiv,{n},true" for n in range(40)]
    with in_memory() as connection:
        if earlier:
            take(connection, "r1.csv", csv(*rows))
        report = take(connection, "r2.csv", csv(*rows, "e1,Raid,2024-03-01,Kyiv,99,true", rows[0]))
        notes = [str(note) for note in report.notes if "guessed" not in note.reason]
        assert notes == ["r2.csv:42: event e1 is twice in this file; the later one counts"]
        query = "SELECT value FROM current_fields WHERE event = 'e1' AND name = 'deaths'"
        assert connection.execute(query).fetchall() == [(99,)]
        assert report.by_field == {"deaths": {"changed": 1}}
        again = take(connection, "r3.csv", csv(*rows))
        assert [note.reason for note in again.notes if "twice" in note.reason] == []


STORIES = ["a,Raid in Kyiv kills 2 people,Kyiv,2,Post", "b,Raid in Lviv kills 3 people,Lviv,3,Post"]
EDITED = "a,A raid in Kyiv kills 2 people,Kyiv,2,Post"


def stories(*rows: str) -> str:
    return csv(*rows, header="event_id,text,place,deaths,publisher")


@pytest.mark.parametrize("with_new", [False, True])
def test_an_edited_text_is_that_of_the_known_event(with_new: bool) -> None:
    """Also if a new event has the text that the edited one had."""
    new = ["c,Raid in Kyiv kills 2 people,Kyiv,2,Post"] * with_new
    with in_memory() as connection:
        take(connection, "r1.csv", stories(*STORIES))
        Review(connection, "ana").accept(read_event(connection, 1))
        release = stories(EDITED, *new, STORIES[1])
        report = take(connection, "r2.csv", release)
        assert (report.events, report.vanished, report.new_texts, report.moved) == (with_new, [], 1, 2)
        assert read_event(connection, 1).status == "confirmed"
        again = take(connection, "r3.csv", release)
        assert (again.events, again.unchanged, again.vanished, again.new_texts) == (0, 2 + with_new, [], 0)
        back = take(connection, "r4.csv", stories(*STORIES))
        assert (back.events, back.new_texts) == (0, 1)


def test_another_table_with_the_same_ids_and_other_texts_gets_its_own_documents() -> None:
    others = ["a,Flood near Oslo,Oslo,0,Star", "b,A raid in Bergen,Bergen,3,Star"]
    with in_memory() as connection:
        take(connection, "raids.csv", stories(*STORIES))
        report = take(connection, "floods.csv", stories(*others))
        assert (report.documents, report.events, report.new_texts) == (2, 2, 0)
        assert take(connection, "raids.csv", stories(*STORIES)).unchanged == 2


def test_a_cell_that_describes_the_document_counts_once() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", stories(*STORIES))
        report = take(connection, "r2.csv", stories(STORIES[0].replace("Post", "Star"), STORIES[1]))
        assert report.by_field == {"publisher": {"changed": 1}}


def test_ids_that_are_often_repeated_are_those_of_no_event() -> None:
    with in_memory() as connection:
        report = take(connection, "r1.csv", csv(*ROWS, "b,Raid,2024-03-02,Lviv,7,false"))
        assert report.events == 4
        assert report.notes[1].reason == (
            "event_id b is in 2 of the first rows, so event_id is a field and not the id of events; a mapping can make"
            " it the id"
        )


def test_muted_columns_are_stored_and_not_reported() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", csv(*ROWS))
        report = take(connection, "r2.csv", csv(*(row.replace("true", "yes") for row in ROWS)), muted=("active",))
        assert (report.updated, report.unchanged, report.by_field) == (0, 3, {})
        assert connection.execute("SELECT count(*) FROM fields WHERE value = 'yes'").fetchone() == (2,)


def test_every_change_can_be_listed() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", csv(*ROWS))
        review = Review(connection, "ana")
        review.accept(read_event(connection, 2))
        found: list[dict[str, Any]] = []
        report = ImportReport(every_change=True, on_change=lambda change: found.append(change.json()))
        data = csv("a,Raid,2024-03-01,Kyiv,9,true", "b,Raid,2024-03-02,Lviv,8,false").encode()
        import_source(connection, Source("r2.csv", BytesIO(data), Path("r2.csv")), report)
        assert [(item["event"], item.get("field"), item["what"], item["decided"]) for item in found] == [
            ("a", "deaths", "value", False), ("b", "deaths", "value", True), ("c", None, "not extracted", False)
        ]  # fmt: skip
        assert report.to_review == 1


def test_a_decided_value_that_is_only_written_differently_needs_no_review() -> None:
    with in_memory() as connection:
        take(connection, "r1.csv", csv(*ROWS))
        Review(connection, "ana").accept(read_event(connection, 1))
        report = take(connection, "r2.csv", csv(ROWS[0].replace("true", "1"), *ROWS[1:]))
        assert (report.updated, report.changed, report.to_review) == (1, 0, 0)


def test_an_updated_event_is_as_a_new_one() -> None:
    """The quick update of events without decisions gives what a fresh import of the new release gives."""

    header = "event_id,title,place,n,other,more"
    first = csv("a,Raid,Kyiv,1,x,", "b,Raid,Lviv,2,y,z", header=header)
    second = csv("a,Raid,Odesa,1.5,,new", "b,Raid,Lviv,2,Y,z", header=header)

    def state(connection: sqlite3.Connection) -> object:
        current = "SELECT event, type, name, field_group, value, modifier, state FROM current_fields ORDER BY 1, 3, 5"
        uses = "SELECT name, value, uses FROM field_values WHERE uses ORDER BY name, value"
        return [connection.execute(sql).fetchall() for sql in (current, uses)]

    with in_memory() as one, in_memory() as two:
        take(one, "a.csv", first)
        take(one, "a.csv", second)
        take(two, "a.csv", second)
        assert state(one) == state(two)
        take(one, "a.csv", first)
        take(one, "a.csv", second)
        assert state(one) == state(two)


SAME = [
    ("true", 1), ("TRUE", "true"), (True, 1), (False, "no"), (1.0, 1), ("1.0", 1), ("1,234", 1234), ("12 000", 12000),
    ("2024-03-01", "1 March 2024"), ("01/03/2024", "2024-03-01"), ("2024-03-01 00:00:00", "2024-03-01"),
    (" Kyiv  city", "Kyiv city"), ("Zu\u0308rich", "Z\u00fcrich"), ([1, "true"], [1.0, 1]), ({"a": "1.0"}, {"a": 1}),
]  # fmt: skip
OTHER = [
    ("true", 0), (1, 2), ("007", 7), ("Kyiv", "KYIV"), ("2024-03-01", "2024-03"), ("2024-03-01", "2024-03-02"),
    ("yes", "no"), ("", None), ("1.5", 1), ([1], [1, 2]), ("no", "none"), (None, 0), ("1,23", 123),
]  # fmt: skip


@pytest.mark.parametrize(("one", "two"), SAME)
def test_only_the_writing_differs(one: Any, two: Any) -> None:
    assert is_same_but_for_writing(one, two), json.dumps([one, two])
    assert is_same_but_for_writing(two, one)


@pytest.mark.parametrize(("one", "two"), OTHER)
def test_the_value_differs(one: Any, two: Any) -> None:
    assert not is_same_but_for_writing(one, two), json.dumps([one, two])
