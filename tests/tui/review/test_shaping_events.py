"""Groups and whole events: added, copied, split, typed, merged; each act is one decision that one key undoes."""

import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from support.builders import added_id, event, exported
from support.driving import Desk, desk_of, fill

from db.maintenance.check import check
from db.model import Span
from db.store.reading import read_decisions

TYPES = """
[exchange.fields.date]
kind = "date"
[exchange.fields.location]
kind = "place"
[exchange.fields.giver]
kind = "actor"
group = "transfer"
[exchange.fields.recipient]
kind = "actor"
group = "transfer"
[exchange.fields.count]
kind = "integer"
group = "transfer"
[flood.fields.location]
kind = "place"
"""
TEXT = "The North gave 40 men to the South at Lesna on Friday. The South gave 25 women back, said Colonel Varga."


def at(words: str) -> dict[str, list[list[int]]]:
    return {"spans": [[TEXT.index(words), TEXT.index(words) + len(words)]]}


CROSSING: dict[str, Any] = {
    "id": "crossing",
    "published": "2025-03-07",
    "language": "en",
    "text": TEXT,
    "events": [
        {
            "id": "crossing/1",
            "type": "exchange",
            "extractor": "rules",
            "fields": [
                {"name": "date", "value": "2025-03-07", **at("Friday")},
                {"name": "location", "value": "Lesna", **at("Lesna")},
                {"name": "giver", "value": "The South", "group": "transfer:1", **at("The South")},
                {"name": "recipient", "value": "The North", "group": "transfer:1", **at("The North")},
                {"name": "count", "value": 40, "group": "transfer:1", **at("40")},
                {"name": "giver", "value": "Varga", "group": "transfer:2", **at("Varga")},
                {"name": "count", "value": 25, "group": "transfer:2", **at("25")},
            ],
        }
    ],
}
AGAIN: dict[str, Any] = {
    "id": "again",
    "text": "At Lesna 40 were exchanged, says the Red Cross.",
    "events": [
        {
            "id": "again/1",
            "type": "exchange",
            "extractor": "rules",
            "fields": [
                {"name": "date", "value": "2025-03-06"},
                {"name": "location", "value": "Lesna", "spans": [[3, 8]]},
            ],
        }
    ],
}
QUIET: dict[str, Any] = {"id": "quiet", "title": "Calm", "text": "Nothing happened at Lesna.", "events": []}


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, CROSSING, AGAIN, QUIET)
    async with desk_of(connection) as desk:
        yield desk


def groups(connection: sqlite3.Connection, external_id: str = "crossing/1") -> dict[str | None, dict[str, object]]:
    """Return the values of an event by group and name."""
    by_group: dict[str | None, dict[str, object]] = {}
    for item in event(connection, external_id).live_fields:
        by_group.setdefault(item.group, {})[item.name] = item.value
    return by_group


WHEN = {"date": "2025-03-07", "location": "Lesna"}
FIRST = {"giver": "The South", "recipient": "The North", "count": 40}
SECOND = {"giver": "Varga", "count": 25}


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param(["l", "j", "j", "D"], id="remove the selected group"),
        pytest.param(["D", "2"], id="remove a group"),
        pytest.param(["l", "G", "m", *"group", "enter", "n"], id="move a field to a new group"),
        pytest.param(["l", "j", "j", "s"], id="swap two values"),
        pytest.param(["N", "enter"], id="make an event"),
        pytest.param(["N", *"riot", "enter", "enter"], id="make an event of a new type"),
        pytest.param(["C"], id="copy the event"),
        pytest.param(["S", "1", "enter"], id="split a group off"),
        pytest.param(["M", "enter", "enter"], id="merge"),
        pytest.param(["M", "enter", "f"], id="merge and fill"),
        pytest.param(["t", *"flood", "enter"], id="change the type"),
        pytest.param(["b", "enter", "N", "enter"], id="make an event in a document without one"),
        pytest.param(["O", "escape", "O", "a", "escape"], id="begin a group"),
    ],
)
async def test_one_u_undoes_the_act_and_one_ctrl_r_redoes_it(desk: Desk, keys: list[str]) -> None:
    def state() -> tuple[list[dict[str, Any]], list[int], int]:
        return exported(desk.connection), list(desk.screen.session.queue.ids), desk.screen.session.queue.pending

    before = state()
    await desk.press(*keys)
    after = state()
    assert after[0] != before[0]
    await desk.press("u")
    assert state() == before
    assert desk.screen.session.event is None or desk.screen.session.event.live
    await desk.press("ctrl+r")
    assert state() == after
    assert [decision.action for decision in read_decisions(desk.connection)][1:] == ["undo", "redo"]
    assert not any(finding.problems for finding in check(desk.connection))


# Groups


async def test_a_new_group_asks_for_field_after_field(desk: Desk) -> None:
    await desk.press("O")
    assert "giver of transfer 3" in desk.asked
    await desk.press("space")
    assert "recipient of transfer 3" in desk.asked
    await desk.press(desk.label("Varga"))
    assert "count of transfer 3" in desk.asked
    await desk.press(desk.label("25"))
    assert desk.asked == ""
    assert groups(desk.connection)["transfer:3"] == {"recipient": "Varga", "count": 25}
    added = event(desk.connection, "crossing/1").live_fields[-1]
    assert (added.state, added.spans) == ("added", (Span(*at("25")["spans"][0]),))


async def test_cancelling_a_new_group_keeps_the_saved_fields(desk: Desk) -> None:
    await desk.press("O")
    await desk.press(desk.label("The South"), "escape")
    assert groups(desk.connection)["transfer:3"] == {"giver": "The South"}
    await desk.press("u")
    assert "transfer:3" not in groups(desk.connection)


async def test_adding_a_field_offers_a_group_as_well(desk: Desk) -> None:
    await desk.press("o", *"new group", "enter")
    assert "giver of transfer 3" in desk.asked


async def test_d_removes_all_fields_of_a_group(desk: Desk) -> None:
    await desk.press("l", "j", "j", "D")
    assert groups(desk.connection) == {None: WHEN, "transfer:2": SECOND}
    assert "removed transfer 1" in desk.text("detail")
    await desk.press("g", "D")
    assert "Remove which group?" in desk.asked
    await desk.press("1")
    assert groups(desk.connection) == {None: WHEN}


async def test_a_field_moves_to_another_group_a_new_one_or_none(desk: Desk) -> None:
    await desk.press("l", "G", "m", *"group", "enter")
    assert "Put count in which group?" in desk.asked
    await desk.press("1")
    assert groups(desk.connection)["transfer:2"] == {"giver": "Varga"}
    await desk.press("u", "G", "m", *"group", "enter", "n")
    assert groups(desk.connection)["transfer:3"] == {"count": 25}
    await desk.press("m", *"group", "enter", "o")
    assert groups(desk.connection)[None] == {**WHEN, "count": 25}


async def test_s_swaps_value_and_evidence_with_a_field_of_the_same_kind(desk: Desk) -> None:
    await desk.press("s", "d")
    assert groups(desk.connection)["transfer:1"] == {"giver": "The North", "recipient": "The South", "count": 40}
    giver = event(desk.connection, "crossing/1").live_fields[2]
    assert giver.spans == (Span(0, 9),)
    await desk.press("l", "G", "s")
    assert "can't swap count" in desk.text("detail")
    assert groups(desk.connection)["transfer:2"] == SECOND


async def test_s_swaps_with_the_next_field_and_the_last_with_the_previous(connection: sqlite3.Connection) -> None:
    fields = [{"name": name, "value": name.upper(), "group": "transfer:1"} for name in ("a", "b", "c")]
    fill(connection, "", CROSSING | {"events": [CROSSING["events"][0] | {"fields": fields}]})
    async with desk_of(connection) as desk:
        await desk.press("s", "a")
        assert groups(connection)["transfer:1"] == {"a": "B", "b": "A", "c": "C"}
        await desk.press("s", "d")
    assert groups(connection)["transfer:1"] == {"a": "B", "b": "C", "c": "A"}


# Adding events


async def test_a_new_event_gets_the_open_events_type_or_a_typed_one(desk: Desk) -> None:
    await desk.press("N", "enter")
    assert groups(desk.connection, added_id(desk.connection, "crossing")) == {}
    assert event(desk.connection, added_id(desk.connection, "crossing")).type == "exchange"
    assert "event added" in desk.text("detail")
    await desk.press("N", *"fl", "enter")
    assert event(desk.connection, added_id(desk.connection, "crossing", 2)).type == "flood"
    assert "3/4" in desk.text("status")
    await desk.press("N", "enter")
    assert event(desk.connection, added_id(desk.connection, "crossing", 3)).type == "flood"


async def test_a_new_type_is_typed_with_up_and_needs_a_second_enter(desk: Desk) -> None:
    """A known type contains the typed letters, so enter alone would choose it."""
    await desk.press("N", *"change", "up", "enter")
    assert "change is a new type in this file; enter again saves it" in desk.text("prompt-remark")
    assert len(desk.screen.session.queue) == 2
    await desk.press("enter")
    assert event(desk.connection, added_id(desk.connection, "crossing")).type == "change"


async def test_a_new_type_is_known_afterwards(desk: Desk) -> None:
    await desk.press("N", *"riot", "enter", "enter", "K")
    assert event(desk.connection, added_id(desk.connection, "crossing")).type == "riot"
    await desk.press("N", *"riot", "enter")
    assert event(desk.connection, added_id(desk.connection, "crossing", 2)).type == "riot"


async def test_a_new_name_is_known_afterwards(desk: Desk) -> None:
    await desk.press("o", *"gate", "enter", "enter", "enter", *"west", "enter")
    assert groups(desk.connection)[None] == {**WHEN, "gate": "west"}
    await desk.press("o", *"gate", "enter")
    assert "gate" in desk.asked


async def test_changing_the_type_keeps_the_fields(desk: Desk) -> None:
    before = groups(desk.connection)
    await desk.press("t", *"flood", "enter")
    assert (event(desk.connection, "crossing/1").type, groups(desk.connection)) == ("flood", before)
    assert exported(desk.connection)[0]["events"][0]["extracted_type"] == "exchange"


async def test_a_copy_has_the_same_fields_and_is_opened(desk: Desk) -> None:
    await desk.press("C")
    assert groups(desk.connection, added_id(desk.connection, "crossing")) == groups(desk.connection)
    assert "2/3" in desk.text("status")
    await desk.press("l", "G", "d")
    assert groups(desk.connection)["transfer:2"] == SECOND
    assert groups(desk.connection, added_id(desk.connection, "crossing"))["transfer:2"] == {"giver": "Varga"}


async def test_split_moves_the_groups_and_keeps_other_fields_in_both_events(desk: Desk) -> None:
    await desk.press("S", "1", "2", "1")
    assert "✓ transfer 2" in desk.asked
    assert "✓ transfer 1" not in desk.asked
    await desk.press("enter")
    assert groups(desk.connection) == {None: WHEN, "transfer:1": FIRST}
    assert groups(desk.connection, added_id(desk.connection, "crossing")) == {None: WHEN, "transfer:2": SECOND}
    assert "2/3" in desk.text("status")


async def test_a_split_needs_a_group(desk: Desk) -> None:
    await desk.press("S", "enter", "escape")
    assert event(desk.connection, "crossing/1").revision == 0


# Merging


async def test_a_merged_event_is_rejected_and_linked_and_the_next_is_opened(desk: Desk) -> None:
    await desk.press("J", "M")
    assert "Merge into" in desk.asked
    await desk.press("enter")
    assert "Merge into crossing/1" in desk.asked
    await desk.press("enter")
    duplicate = event(desk.connection, "again/1")
    assert (duplicate.status, duplicate.reason) == ("rejected", "duplicate")
    assert duplicate.merged_into == event(desk.connection, "crossing/1").id
    assert groups(desk.connection)[None] == WHEN
    assert "1/2" in desk.text("status")


async def test_a_merge_can_add_missing_fields(desk: Desk) -> None:
    await desk.press("M", "enter", "f")
    filled = event(desk.connection, "again/1")
    assert groups(desk.connection, "again/1") == {
        None: {"date": "2025-03-06", "location": "Lesna"},
        "transfer:1": FIRST,
        "transfer:2": SECOND,
    }
    assert {item.state for item in filled.live_fields if item.group} == {"added"}
    assert [item.spans for item in filled.live_fields if item.group] == [()] * 5  # of another document


async def test_merge_says_when_no_event_is_similar(desk: Desk) -> None:
    await desk.press("N", "enter", "M")
    assert desk.asked == ""
    assert "no similar event" in desk.text("detail")


# Documents without events


async def test_an_event_is_added_to_a_document_without_events(desk: Desk) -> None:
    await desk.press("b")
    assert "Open document" in desk.asked
    await desk.press("enter")
    assert "Nothing happened at Lesna." in desk.lines("source")
    assert "no event was extracted from this document; N adds one" in desk.text("detail")
    await desk.press("a", "f")  # nothing to decide about
    assert not list(read_decisions(desk.connection))
    await desk.press("N", *"flood", "enter", "o", *"location", "enter")
    await desk.press(desk.label("Lesna"))
    assert groups(desk.connection, added_id(desk.connection, "quiet")) == {None: {"location": "Lesna"}}
    assert "3/3" in desk.text("status")


async def test_b_says_when_every_document_has_an_event(desk: Desk) -> None:
    await desk.press("b", "enter", "N", "enter", "b")
    assert desk.asked == ""
    assert "every document has an event" in desk.text("detail")
