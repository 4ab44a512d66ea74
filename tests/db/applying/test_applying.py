"""Values set by name and by table: ordinary decisions with evidence, all or none."""

import json
import sqlite3
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import event, import_documents, in_memory, problems
from support.formats import source_of

from db.applying.table import apply_table
from db.applying.values import Applier, Setting
from db.decisions.review import Review
from db.errors import InputError
from db.store.reading import read_decisions

TEXT = "On 5 March twenty-one soldiers were killed near Kyiv; the Red Cross mediated. 24 were hurt."
ARTICLE = {
    "id": "r", "text": TEXT, "published": "2025-03-07", "events": [
        {"id": "r/1", "type": "attack", "extractor": "a", "fields": [
            {"name": "killed", "value": 24, "spans": [[78, 80]]}, {"name": "date", "value": "2025-03-06"},
            {"name": "mediator", "value": "A"}, {"name": "mediator", "value": "B"},
            {"name": "count", "value": 5, "group": "transfer:1"}, {"name": "count", "value": 6, "group": "transfer:2"},
            {"name": "ransom.paid", "value": True}, {"name": "tags", "value": {"a": 1}}]},
        {"id": "r/2", "type": "attack", "extractor": "a", "fields": [{"name": "location", "value": "Brod"}]},
    ],
}  # fmt: skip


@pytest.fixture
def connection() -> sqlite3.Connection:
    connection = in_memory()
    import_documents(connection, ARTICLE)
    return connection


def set_values(connection: sqlite3.Connection, *written: str, id_: str = "r/1", **options: Any) -> Applier:
    applier = Applier(connection, "ana", allow_new=options.pop("allow_new", False))
    with applier.applying(**options):
        applier.set(applier.find(id_), [Setting(*item.split("=", 1)) for item in written])
    assert problems(connection) == []
    return applier


def values(connection: sqlite3.Connection, id_: str = "r/1") -> dict[str, Any]:
    found: dict[str, Any] = {}
    for item in event(connection, id_).live_fields:
        found.setdefault(f"{item.group}.{item.name}" if item.group else item.name, []).append(
            (item.value, item.modifier, [TEXT[start:end] for start, end in item.spans])
        )
    return found


@pytest.mark.parametrize(
    ("written", "name", "expected"),
    [
        ("killed=21", "killed", [(21, None, ["twenty-one"])]),
        ("killed=~21", "killed", [(21, "about", ["twenty-one"])]),
        ("killed=at least 24", "killed", [(24, "at least", ["24"])]),
        ("Killed= 1,000 ", "killed", [(1000, None, [])]),
        ("date=2025-03-05", "date", [("2025-03-05", None, ["5 March"])]),
        ("date=5 March 2025", "date", [("2025-03-05", None, ["5 March"])]),
        ("location=Kyiv", "location", [("Kyiv", None, ["Kyiv"])]),
        ("mediator[2]=the Red Cross", "mediator", [("A", None, []), ("the Red Cross", None, ["the Red Cross"])]),
        ("mediator.1=C", "mediator", [("C", None, []), ("B", None, [])]),
        ("mediator[3]=C", "mediator", [("A", None, []), ("B", None, []), ("C", None, [])]),
        ("mediator[1]=", "mediator", [("B", None, [])]),
        ("transfer:2.count=7", "transfer:2.count", [(7, None, [])]),
        ("transfer:3.count=7", "transfer:3.count", [(7, None, [])]),
        ("ransom.paid=false", "ransom.paid", [(False, None, [])]),
        ('tags={"b": [2]}', "tags", [({"b": [2]}, None, [])]),
        ("killed=", "killed", None),
    ],
)
def test_a_value_is_typed_by_its_field_and_found_in_the_text(
    written: str, name: str, expected: Any, connection: sqlite3.Connection
) -> None:
    before = values(connection)
    set_values(connection, written)
    after = values(connection)
    assert after.get(name) == expected
    assert {key: held for key, held in after.items() if key != name} == {
        key: held for key, held in before.items() if key != name
    }
    review = Review(connection, "ana")
    assert review.undo()
    assert values(connection) == before


@pytest.mark.parametrize(
    ("written", "reason"),
    [
        ("kiled=1", "no field kiled; did you mean killed"),
        ("killed=many", "killed: not a whole number"),
        ("mediator=C", "mediator has 2 values; write mediator[1] or mediator[2]"),
        ("mediator[9]=C", "the next is [3]"),
        ("count=5", "write transfer:1.count or transfer:2.count"),
        ("transfer.count=5", "transfer is one of 2 groups; write transfer:1.count"),
        ("ransom.paid=perhaps", "true or false"),
        ("tags=[1]", "JSON"),
        ("status=great", "status: great can't be set"),
        ("reason=duplicate", "write status=rejected too"),
        ("type=", "name another one"),
    ],
)
def test_what_cannot_be_set_says_why_and_nothing_is_saved(
    written: str, reason: str, connection: sqlite3.Connection
) -> None:
    with pytest.raises(InputError) as error:
        set_values(connection, "location=Kyiv", written)
    assert reason in str(error.value)
    assert list(read_decisions(connection)) == []


def test_properties_of_the_event_and_equal_values(connection: sqlite3.Connection) -> None:
    applier = set_values(connection, "type=raid", "note=checked", "killed=24", "status=confirmed")
    assert applier.report.equal == 1
    assert [words for _, words in applier.report.changes] == [
        "change the type to raid", "note: checked", "accept as corrected",
    ]  # fmt: skip
    again = set_values(connection, "type=raid", "note=checked", "killed=24", "status=confirmed")
    assert (again.report.changes, again.report.equal) == ([], 4)
    set_values(connection, "status=rejected", "reason=other: no attack", id_="r/2")
    rejected = event(connection, "r/2")
    assert (rejected.status, rejected.reason, rejected.reason_text) == ("rejected", "other", "no attack")


def test_a_removed_value_comes_back_and_new_names_need_a_word(connection: sqlite3.Connection) -> None:
    set_values(connection, "killed=")
    set_values(connection, "killed=24")
    (field,) = (item for item in event(connection, "r/1").fields if item.name == "killed")
    assert (field.value, field.state) == (24, "confirmed")
    set_values(connection, "colour=green", allow_new=True)
    assert values(connection)["colour"] == [("green", None, [])]


def test_a_rehearsal_saves_nothing(connection: sqlite3.Connection) -> None:
    assert len(set_values(connection, "killed=21", rehearsal=True).report.changes) == 1
    assert list(read_decisions(connection)) == []


def test_events_that_share_an_id_need_the_extractor(connection: sqlite3.Connection) -> None:
    other = json.loads(json.dumps(ARTICLE))
    for item in other["events"]:
        item["extractor"] = "b"
    import_documents(connection, other)
    applier = Applier(connection, "ana")
    with pytest.raises(InputError, match="2 events have the id r/1; name the extractor: a, b"):
        applier.find("r/1")
    assert applier.find("r/1", "b") != applier.find("r/1", "a")
    with pytest.raises(InputError, match="no event has the id x"):
        applier.find("x")


def applied(connection: sqlite3.Connection, table: str) -> tuple[Applier, list[str]]:
    applier = Applier(connection, "ana")
    with applier.applying():
        found = apply_table(applier, source_of(table, "fixes.csv"))
    return applier, [f"{problem.line}: {problem.why}" for problem in found]


@pytest.mark.parametrize(
    "table",
    [
        "event,field,value\nr/1,killed,21\nr/2,location,Kyiv\n",
        "event_id;name;new_value\nr/1;killed;21\nr/2;location;Kyiv\n",
        "id,killed,location\nr/1,21,\nr/2,,Kyiv\n",
        '[{"event": "r/1", "killed": 21}, {"event": "r/2", "location": "Kyiv"}]',
        '{"event": "r/1", "field": "killed", "value": 21}\n{"event": "r/2", "field": "location", "value": "Kyiv"}\n',
        "event,extractor,field,value\nr/1,a,killed,21\nr/2,a,location,Kyiv\n",
        "\ufeffEvent,Field,Value\r\nr/1,killed,21\r\nr/2,location,Kyiv\r\n",
    ],
)
def test_long_and_wide_tables(table: str, connection: sqlite3.Connection) -> None:
    applier, found = applied(connection, table)
    assert found == []
    assert len(applier.report.changes) == 2
    assert values(connection)["killed"] == [(21, None, ["twenty-one"])]
    assert values(connection, "r/2")["location"] == [("Kyiv", None, ["Kyiv"])]


def test_groups_and_removals_of_a_long_table(connection: sqlite3.Connection) -> None:
    rows = "event,field,value,group,number\nr/1,count,9,transfer:2,\nr/1,mediator,,,1\nr/1,status,confirmed,,\n"
    assert applied(connection, rows)[1] == []
    assert values(connection)["transfer:2.count"] == [(9, None, [])]
    assert values(connection)["mediator"] == [("B", None, [])]
    assert event(connection, "r/1").status == "corrected"


def test_each_row_that_cannot_be_applied_is_named(connection: sqlite3.Connection) -> None:
    rows = "event,field,value\nr/9,killed,1\nr/1,killed,x\nr/1,killed,3\n,killed,3\nr/1,,3\n"
    _, found = applied(connection, rows)
    starts = ("2: no event has", "3: killed: not a", "4: killed has another", "5: names no event", "6: names no field")
    assert all(line.startswith(start) for line, start in zip(found, starts, strict=True)), found


@pytest.mark.parametrize(
    ("table", "reason"),
    [
        ("a,b\n1,2\n", "no column for the event"),
        ("event\nr/1\n", "no values"),
        ("event,field,value\n", "no rows"),
        ("event,killed,eventdesk\nr/1,3,abc\n", "eventdesk import"),
    ],
)
def test_a_table_that_cannot_be_used_is_refused(table: str, reason: str, connection: sqlite3.Connection) -> None:
    with pytest.raises(InputError) as error:
        applied(connection, table)
    assert reason in str(error.value)


names = st.sampled_from(["killed", "mediator[1]", "transfer:1.count", "type", "note", "x", "", "tags"])
written = st.text(max_size=4) | st.sampled_from(["21", "", "~5", "Kyiv"])


@settings(max_examples=12)
@given(st.lists(st.tuples(names, written), max_size=3))
def test_any_settings_are_saved_whole_or_refused(items: list[tuple[str, str]]) -> None:
    connection = in_memory()
    import_documents(connection, ARTICLE)
    applier = Applier(connection, "ana")
    try:
        with applier.applying():
            applier.set(applier.find("r/1"), [Setting(*item) for item in items])
    except InputError:
        assert list(read_decisions(connection)) == []
    else:
        assert len(list(read_decisions(connection))) == len(applier.report.changes)
    assert problems(connection) == []
