"""Changes of a mapping: its TOML gives it back whatever is done, no column is lost, and undo goes back to the start."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.formats.tables.mapping.mapping import (
    DocumentColumns,
    EventColumns,
    MappedField,
    Mapping,
    ReviewColumns,
)
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from db.formats.tables.read.guessing import guess
from db.kinds import KINDS
from tui.mapping import model
from tui.mapping.model import Draft, Uses, uses

Edit = Callable[[Mapping, Mapping], Mapping]

SMALL = Mapping(
    document=DocumentColumns(title=("headline",), url="link"),
    event=EventColumns(id=("no",), type="type", constant_type="event"),
    fields=(
        MappedField("killed", "killed", "integer", modifier="killed_is"),
        MappedField("date", "day", "date"),
        MappedField("place", "place", "place", group="site:1"),
        MappedField("place", "other place", "place", group="site:2"),
    ),
    columns=("no", "headline", "type", "day", "killed", "killed_is", "place", "other place", "link", "remark"),
    ignored=("remark",),
)
RICH = replace(
    SMALL,
    document=DocumentColumns(id=("no",), title=("headline", "day"), url="link"),
    event=EventColumns(id=("no", "day"), type="type", types={"1": "clash"}, confidence="killed", confidence_of=100.0),
    review=ReviewColumns(status="remark"),
    fields=(*SMALL.fields, MappedField("title", "headline", separator=";", ground=True)),
    ignored=(),
    missing=("-99",),
    delimiter=";",
)

texts = st.text(max_size=8) | st.sampled_from(
    ["transfer:1", "a", "a ", ";", "status", "Event Date", '"\\\n\t', "\x1b[0m"]
)
roles = st.sampled_from(model.ROLES)


@st.composite
def beginnings(draw: st.DrawFn) -> Mapping:
    """A mapping that speaks of all its columns: a guess of any names, or one with all there can be."""
    if draw(st.booleans()):
        return draw(st.sampled_from([SMALL, RICH]))
    columns = draw(st.lists(texts, min_size=1, max_size=6, unique=True))
    rows = draw(st.lists(st.tuples(*(texts for _ in columns)), max_size=3))
    return replace(guess(columns, rows), guessed=False)


@st.composite
def edits(draw: st.DrawFn, columns: tuple[str, ...]) -> Edit:
    """Any change."""
    column, text = draw(st.sampled_from(columns)), draw(texts)
    kind: Any = draw(st.sampled_from([None, *KINDS]))
    order: Any = draw(st.sampled_from([None, "dmy", "mdy"]))
    role = draw(roles)
    changes: list[Edit] = [
        lambda mapping, first: model.assign(mapping, column, role, first),
        lambda mapping, first: model.make_field(mapping, column, first),
        lambda mapping, first: model.ignore(mapping, column, first),
        lambda mapping, _: model.rename(mapping, column, text),
        lambda mapping, _: model.regroup(mapping, column, text),
        lambda mapping, _: model.set_kind(mapping, column, kind, order),
        lambda mapping, _: model.set_separator(mapping, column, text),
        lambda mapping, _: model.toggle_ground(mapping, column),
        lambda mapping, _: model.set_constant_type(mapping, text),
        lambda mapping, _: model.set_scale(mapping, 100.0 if text else 1.0),
    ]
    return draw(st.sampled_from(changes))


def is_whole(mapping: Mapping) -> bool:
    """Whether its TOML gives it back, and it speaks of every column."""
    return parse_mapping(to_toml(mapping), "made") == mapping and set(uses(mapping)) == set(mapping.columns)


@given(st.data())
def test_any_changes_leave_a_mapping_that_its_toml_gives_back_and_undo_goes_back_to_the_first(
    data: st.DataObject,
) -> None:
    first = data.draw(beginnings())
    assert is_whole(first)
    draft = Draft.of(first)
    seen = [first]
    for _ in range(data.draw(st.integers(0, 8))):
        edit = data.draw(edits(first.columns))
        try:
            changed = draft.changed(edit(draft.mapping, first), "a change")
        except InputError:
            continue
        assert is_whole(changed.mapping)
        if changed is not draft:
            seen.append(changed.mapping)
        draft = changed
    last = draft
    for before in reversed(seen[:-1]):
        draft = draft.undone()
        assert draft.mapping == before
    assert draft.mapping == first
    assert draft.undone() is draft
    for after in seen[1:]:
        draft = draft.redone()
        assert draft.mapping == after
    assert draft == last
    assert draft.redone() is draft


@given(st.data())
def test_a_column_has_the_role_that_it_was_given_and_no_other(data: st.DataObject) -> None:
    first = data.draw(beginnings())
    column, role = data.draw(st.sampled_from(first.columns)), data.draw(roles)
    try:
        made = model.assign(first, column, role, first)
    except InputError:
        assert column == ""
        return
    assert uses(made)[column] == Uses(roles=(role,))
    assert model.assign(made, column, role, first) is made


def test_a_second_text_joins_the_first_and_a_second_url_takes_its_place() -> None:
    joined = model.assign(SMALL, "remark", model.TITLE, SMALL)
    assert joined.document.title == ("headline", "remark")
    taken = model.assign(SMALL, "remark", model.URL, SMALL)
    assert taken.document.url == "remark"
    assert uses(taken)["link"].fields == (MappedField("link", "link"),)


def test_a_column_that_becomes_a_field_again_is_the_field_that_it_was() -> None:
    ignored = model.ignore(SMALL, "killed", SMALL)
    assert uses(ignored)["killed_is"].fields == (MappedField("killed_is", "killed_is"),)
    again = model.make_field(ignored, "killed", SMALL)
    assert uses(again)["killed"].fields == (MappedField("killed", "killed", "integer"),)
    grouped = model.make_field(model.ignore(SMALL, "place", SMALL), "place", SMALL)
    assert [(item.name, item.group) for item in grouped.fields if item.column == "place"] == [("place_2", "site:1")]


def test_two_fields_of_one_name_and_group_are_refused_with_the_column_that_has_them() -> None:
    with pytest.raises(InputError, match="place in the group site:2 is the column other place already"):
        model.regroup(SMALL, "place", "site:2")
    with pytest.raises(InputError, match="killed is the column killed already"):
        model.rename(SMALL, "day", "killed")
    with pytest.raises(InputError, match="this column is no field; f makes it one"):
        model.rename(SMALL, "link", "killed")


def test_a_name_is_made_one_that_a_query_can_hold() -> None:
    assert model.field_of(model.rename(SMALL, "day", "Event Date"), "day").name == "event_date"
    assert model.field_of(model.rename(SMALL, "day", "status"), "day").name == "status_column"


def test_the_type_can_not_be_taken_away_where_no_column_tells_it() -> None:
    without = model.make_field(SMALL, "type", SMALL)
    with pytest.raises(InputError, match="each event needs this one"):
        model.set_constant_type(without, " ")
    assert model.set_constant_type(SMALL, "").event.constant_type is None
