"""`v`: text selected by keys or mouse becomes a value and its evidence; motions and hint letters."""

import re
import sqlite3
from collections.abc import AsyncIterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import ARTICLE, event, exported
from support.driving import Desk, desk_of, fill

from db.model import Field, Span
from db.store.reading import read_decisions
from tui.text.hints import LETTERS, by_likelihood, labels
from tui.text.motions import move, word_at
from tui.text.safe import safe
from tui.text.wrapping import wrap

TYPES = """
[prisoner_exchange.fields.date]
kind = "date"
[prisoner_exchange.fields.total]
kind = "integer"
[prisoner_exchange.fields.location]
kind = "place"
[prisoner_exchange.fields.crossing]
kind = "place"
[prisoner_exchange.fields.recipient]
kind = "actor"
group = "transfer"
"""
LINES = "one two-part three\nfour  five, six\n\nseven eight nine"


def report(text: str, *fields: dict[str, Any]) -> dict[str, Any]:
    events = [{"id": "report-1/1", "type": "prisoner_exchange", "extractor": "rules", "fields": list(fields)}]
    return {"id": "report-1", "published": "2025-03-07", "text": text, "events": events}


def field(connection: sqlite3.Connection, name: str) -> Field:
    return next(item for item in event(connection).live_fields if item.name == name)


def selected(desk: Desk) -> str:
    """Return the selected text that the foot shows, without the field's name."""
    match = re.fullmatch(r" (?:at|selecting)  (.*?)(?:  for \S+)?", desk.asked)
    assert match, desk.asked
    return match[1]


@pytest.fixture
async def desk(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection) as desk:
        yield desk


@pytest.fixture
async def lines(connection: sqlite3.Connection) -> AsyncIterator[Desk]:
    fill(connection, TYPES, report(LINES))
    async with desk_of(connection) as desk:
        yield desk


# Motions


async def test_every_motion_goes_where_its_key_says(lines: Desk) -> None:
    await lines.press("v")
    for key, word in [
        ("w", "two-part"), ("w", "three"), ("w", "four"), ("b", "three"), ("e", "three"), ("e", "four"),
        ("l", "five"), ("h", "four"), ("0", "four"), ("$", "six"), ("j", "seven"), ("j", "seven"), ("$", "nine"),
        ("k", "seven"), ("k", "four"), ("g", "one"), ("k", "one"), ("h", "one"), ("b", "one"), ("G", "nine"),
        ("w", "nine"), ("l", "nine"), ("j", "nine"), ("home", "seven"), ("end", "nine"), ("up", "seven"),
        ("down", "seven"), ("b", "six"), ("left", "six"), ("left", ","), ("right", "six"),
    ]:  # fmt: skip
        await lines.press(key)
        assert (key, selected(lines)) == (key, word)


async def test_selection_begins_at_the_evidence_of_the_selected_field(desk: Desk) -> None:
    await desk.press("l", "j", "j", "v")
    assert selected(desk) == "Lesna"
    assert desk.marked() == "Lesna"


async def test_selection_without_evidence_begins_at_the_first_visible_line(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, report("\n".join(f"line{number}" for number in range(90))))
    async with desk_of(connection) as desk:
        await desk.press("ctrl+d")
        first = desk.source.first_in_view
        await desk.press("v")
        assert first > 0
        assert selected(desk) == desk.source.text[first:].split("\n")[0]


async def test_extending_selects_whole_words(lines: Desk) -> None:
    await lines.press("v", "v", "w", "w")
    assert selected(lines) == "one two-part three"
    await lines.press("b")
    assert selected(lines) == "one two-part t"
    await lines.press("v")
    assert selected(lines) == "three"


async def test_extending_backwards_keeps_the_first_word(lines: Desk) -> None:
    await lines.press("v", "w", "w", "v", "b")
    assert selected(lines) == "two-part three"
    await lines.press("0")
    assert selected(lines) == "one two-part three"


async def test_either_end_can_be_moved(lines: Desk) -> None:
    await lines.press("v", "w", "v", "w", "o", "b")
    assert selected(lines) == "one two-part three"
    await lines.press("o", "w")
    assert selected(lines) == "one two-part three four"


async def test_find_goes_from_match_to_match_and_wraps_around(desk: Desk) -> None:
    await desk.press("v", "/", *"THE", "enter")
    first = desk.source.text.index("the north")
    places = [match.start() for match in re.finditer("the", desk.source.text)]
    assert places[0] == first
    assert desk.marked() == "the"
    for place in [*places[1:], *places[:1]]:
        await desk.press("n", "v", "e")
        assert selected(desk) == re.match(r"the \w+", desk.source.text[place:])[0]
        await desk.press("v", "b")


async def test_a_find_without_match_keeps_the_selection(desk: Desk) -> None:
    await desk.press("v", "w", "v", "w", "/", *"nowhere", "enter", "escape")
    assert selected(desk) == "40 prisoners"


async def test_a_find_without_match_says_so(desk: Desk) -> None:
    await desk.press("v", "/", *"nowhere", "enter")
    assert "nowhere is not in the text" in desk.text("prompt-remark")


# Saving


async def test_from_the_fields_enter_saves_the_selection_as_the_selected_field(desk: Desk) -> None:
    await desk.press("l", "j", "j", "v", "w", "w", "w", "v", "w", "w", "enter")
    location = field(desk.connection, "location")
    assert (location.value, location.spans) == ("to the north", (Span(44, 56),))
    assert [decision.action for decision in read_decisions(desk.connection)] == ["correct"]
    assert desk.focus == "fields"


async def test_from_elsewhere_enter_asks_which_field(desk: Desk) -> None:
    await desk.press("v", "w", "w", "enter")
    assert "Save “prisoners” as" in desk.asked
    await desk.press(*"loc", "enter")
    assert field(desk.connection, "location").value == "prisoners"
    assert desk.focus == "queue"


async def test_a_selection_can_become_a_new_field_of_a_group(desk: Desk) -> None:
    await desk.press("v", "/", *"Red", "enter", "v", "w", "enter", *"+ rec", "enter")
    assert "Put recipient in which group?" in desk.asked
    await desk.press("n")
    added = event(desk.connection).live_fields[-1]
    assert (added.name, added.group, added.value, added.state) == ("recipient", "transfer:2", "Red Cross", "added")
    assert added.spans == (Span(87, 96),)


async def test_s_saves_the_selection_as_evidence_only(desk: Desk) -> None:
    await desk.press("l", "j", "v", "w", "s")
    total = field(desk.connection, "total")
    assert (total.value, total.spans) == (40, (Span(13, 22),))


async def test_a_number_or_date_is_parsed_from_the_selection(desk: Desk) -> None:
    await desk.press("l", "v", "enter", "j", "v", "w", "b", "v", "w", "enter")
    date, total = field(desk.connection, "date"), field(desk.connection, "total")
    assert (date.value, date.spans) == ("2025-03-07", (Span(3, 9),))
    assert (total.value, total.spans) == (40, (Span(10, 22),))


async def test_a_selection_that_does_not_fit_asks_for_the_value(desk: Desk) -> None:
    await desk.press("l", "j", "v", "w", "enter")
    assert "total" in desk.asked
    await desk.press(*"44", "enter")
    total = field(desk.connection, "total")
    assert (total.value, total.spans) == (44, (Span(13, 22),))


async def test_in_chinese_a_character_is_a_word(connection: sqlite3.Connection) -> None:
    text = "双方在利马交换了遗体。共757具。"
    fill(connection, TYPES, report(text, {"name": "location", "value": "双方", "spans": [[0, 2]]}))
    async with desk_of(connection) as desk:
        await desk.press("l", "v", "w", "w", "w")
        assert selected(desk) == "利"
        await desk.press("v", "w", "enter")
    location = field(connection, "location")
    assert (location.value, location.spans) == ("利马", (Span(3, 5),))


@pytest.mark.parametrize("way", ["v", "vw", "vvw", "vvwo"])
async def test_escape_saves_nothing(connection: sqlite3.Connection, way: str) -> None:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection, size=(100, 40)) as desk:
        await desk.press("l")
        before = exported(connection), desk.lines("source"), desk.marked(), desk.marked("evidence")
        await desk.press(*way, "escape")
        assert (exported(connection), desk.lines("source"), desk.marked(), desk.marked("evidence")) == before
        assert (desk.asked, desk.focus) == ("", "fields")


async def test_an_empty_text_has_nothing_to_select(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, report("", {"name": "location", "value": "Lesna"}))
    async with desk_of(connection) as desk:
        await desk.press("l", "v", "v", "enter")
    assert field(connection, "location").spans == ()
    assert field(connection, "location").value == "Lesna"


async def test_a_narrow_terminal_shows_the_text_while_selecting(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, ARTICLE)
    async with desk_of(connection, size=(50, 20)) as desk:
        await desk.press("v")
        assert desk.marked() == "Friday"
        await desk.press("escape")
        assert not desk.source.display


# The mouse


async def test_text_marked_by_the_mouse_asks_for_its_field(desk: Desk) -> None:
    place = desk.lines("source").index(next(line for line in desk.lines("source") if line.startswith("On Friday")))
    # The pane has an edge above the text and a cell left of it.
    await desk.pilot.mouse_down("#source", offset=(1 + 10, 1 + place))
    await desk.pilot.hover("#source", offset=(1 + 15, 1 + place))
    assert desk.marked() == "40 pri"
    await desk.pilot.hover("#source", offset=(1 + 21, 1 + place))
    await desk.pilot.mouse_up("#source", offset=(1 + 21, 1 + place))
    await desk.idle()
    assert selected(desk) == "40 prisoners"
    await desk.press("enter", *"total", "enter")
    total = field(desk.connection, "total")
    assert (total.value, total.spans) == (40, (Span(10, 22),))


async def test_a_click_in_the_text_selects_nothing(desk: Desk) -> None:
    await desk.pilot.click("#source", offset=(11, 4))
    await desk.idle()
    assert (desk.asked, desk.focus) == ("", "source")


async def test_white_space_is_not_saved(connection: sqlite3.Connection) -> None:
    fill(connection, TYPES, report("one     two", {"name": "location", "value": "one", "spans": [[0, 3]]}))
    async with desk_of(connection) as desk:
        await desk.press("l")
        place = desk.lines("source").index("one     two")
        await desk.pilot.mouse_down("#source", offset=(1 + 4, 1 + place))
        await desk.pilot.mouse_up("#source", offset=(1 + 6, 1 + place))
        await desk.idle()
        await desk.press("enter", *"loc", "enter")
    assert field(connection, "location").value == "one"


# Motions and labels alone

ANY_TEXT = st.text(st.characters() | st.sampled_from("a b-c.\n 遗体ь\u0301👩‍🚀"), max_size=60).map(
    lambda text: safe(text, keep_newlines=True)
)
MOTIONS = st.sampled_from("webhljk0$gG")


@given(ANY_TEXT, st.integers(1, 12), st.data(), st.lists(MOTIONS, min_size=1, max_size=6))
def test_motions_stay_inside_any_text(text: str, width: int, data: st.DataObject, motions: list[str]) -> None:
    last = max(0, len(text) - 1)
    offset = data.draw(st.integers(0, last))
    for motion in motions:
        offset = move(text, wrap(text, width), offset, motion)
        assert 0 <= offset <= last
        word = word_at(text, offset)
        assert 0 <= word.start <= word.end <= len(text)
        assert word.start < word.end or not text


@given(ANY_TEXT, st.integers(0, 60))
def test_w_then_b_returns(text: str, offset: int) -> None:
    here = word_at(text, offset).start
    there = move(text, [], here, "w")
    if word_at(text, there).start == there > here:  # else no word follows
        assert move(text, [], there, "b") == here


@given(ANY_TEXT)
def test_w_visits_the_whole_text(text: str) -> None:
    forward = [word_at(text, 0).start]
    while word_at(text, after := move(text, [], forward[-1], "w")).start == after > forward[-1]:
        forward.append(after)
    back = [forward[-1]]
    while (before := move(text, [], back[-1], "b")) < back[-1] and word_at(text, before).start == before:
        back.append(before)
    assert back[::-1] == forward
    assert all(character.isspace() for character in text[: forward[0]])


@given(ANY_TEXT, st.integers(1, 12), st.data())
def test_j_visits_every_line_and_its_ends(text: str, width: int, data: st.DataObject) -> None:
    lines = wrap(text, width)
    number = data.draw(st.integers(0, len(lines) - 1))
    start, end = lines[number]
    if start < len(text):  # else a last line that is empty: no character is on it
        assert move(text, lines, start, "0") == start
        assert move(text, lines, start, "$") == max(start, end - 1)
        following = lines[min(number + 1, len(lines) - 1)][0]
        assert move(text, lines, start, "j") == min(following, len(text) - 1)


def right_through(text: str, lines: list[tuple[int, int]]) -> list[int]:
    places = [0]
    while (place := move(text, lines, places[-1], "l")) not in places:
        places.append(place)
    return places


@pytest.mark.parametrize("text", ["one two", "遗体 at", "one\n\ntwo", "one two three"])
def test_l_reaches_the_end(text: str) -> None:
    assert right_through(text, wrap(text, 5))[-1] == len(text) - 1


@pytest.mark.parametrize("text", ["one two three \nfour", "one.  two three"])
def test_l_goes_over_white_space_at_the_end_of_a_line(text: str) -> None:
    assert right_through(text, wrap(text, 5))[-1] == len(text) - 1


def test_h_reverses_l() -> None:
    text = "one two"
    lines = wrap(text, 3)
    assert [move(text, lines, place, "h") for place in (4, 3)] == [3, 2]


@given(st.integers(0, 800))
def test_no_label_is_a_prefix_of_another_and_most_have_one_letter(count: int) -> None:
    made = labels(count)
    assert len(made) == len(set(made)) == min(count, len(LETTERS) ** 2)
    assert not any(len(other) == 2 and other[0] == label for label in made if len(label) == 1 for other in made)
    assert set("".join(made)) <= set(LETTERS)
    single = sum(len(label) == 1 for label in made)
    assert sorted(made, key=len) == made
    # One more label of one letter would leave too few prefixes for the rest.
    assert single == count or single + 1 + (len(LETTERS) - single - 1) * len(LETTERS) < len(made)


SPANS = st.integers(0, 90).map(lambda start: Span(start, start + 3))
FOUND = st.lists(st.tuples(SPANS, st.one_of(st.integers(0, 4), st.sampled_from(["a", "b"]))), max_size=12)


@given(FOUND, st.lists(SPANS, max_size=3), st.one_of(st.none(), st.integers(0, 4), st.sampled_from(["a", "b"])))
def test_ordering_by_likelihood_keeps_all_and_puts_the_current_value_last(
    found: list[tuple[Span, object]], near: list[Span], current: object
) -> None:
    order = by_likelihood(found, near, current)
    assert sorted(order) == list(range(len(found)))
    present = [found[number][1] == current for number in order]
    assert present == sorted(present)
    values = [found[number][1] for number in order if found[number][1] != current]
    different = len(set(values))
    assert len(set(values[:different])) == different
