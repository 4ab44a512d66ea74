"""Edits of a mapping: it survives TOML whatever is done, no column is lost, and undo goes back to the start."""

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
from tui.mapping import edits
from tui.mapping.edits import Uses, uses
from tui.mapping.plans.draft import Draft

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
roles = st.sampled_from(edits.ROLES)


@st.composite
def initial_mappings(draw: st.DrawFn) -> Mapping:
    """A mapping that mentions all its columns: a guess for any names, or one that uses every feature."""
    if draw(st.booleans()):
        return draw(st.sampled_from([SMALL, RICH]))
    columns = draw(st.lists(texts, min_size=1, max_size=6, unique=True))
    rows = draw(st.lists(st.tuples(*(texts for _ in columns)), max_size=3))
    return replace(guess(columns, rows), guessed=False)


@st.composite
def any_edit(draw: st.DrawFn, columns: tuple[str, ...]) -> Edit:
    """Any edit."""
    column, text = draw(st.sampled_from(columns)), draw(texts)
    kind: Any = draw(st.sampled_from([None, *KINDS]))
    order: Any = draw(st.sampled_from([None, "dmy", "mdy"]))
    role = draw(roles)
    changes: list[Edit] = [
        lambda mapping, first: edits.assign(mapping, column, role, first),
        lambda mapping, first: edits.make_field(mapping, column, first),
        lambda mapping, first: edits.ignore(mapping, column, first),
        lambda mapping, _: edits.rename(mapping, column, text),
        lambda mapping, _: edits.regroup(mapping, column, text),
        lambda mapping, _: edits.set_kind(mapping, column, kind, order),
        lambda mapping, _: edits.set_separator(mapping, column, text),
        lambda mapping, _: edits.toggle_ground(mapping, column),
        lambda mapping, _: edits.set_constant_type(mapping, text),
        lambda mapping, _: edits.set_scale(mapping, 100.0 if text else 1.0),
    ]
    return draw(st.sampled_from(changes))


def is_whole(mapping: Mapping) -> bool:
    """Return True if the mapping survives TOML and mentions every column."""
    return parse_mapping(to_toml(mapping), "test") == mapping and set(uses(mapping)) == set(mapping.columns)


@given(st.data())
def test_any_edits_leave_a_mapping_that_survives_toml_and_undo_restores_the_first(
    data: st.DataObject,
) -> None:
    first = data.draw(initial_mappings())
    assert is_whole(first)
    draft = Draft.of(first)
    seen = [first]
    for _ in range(data.draw(st.integers(0, 8))):
        edit = data.draw(any_edit(first.columns))
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
def test_an_assigned_column_has_only_that_role(data: st.DataObject) -> None:
    first = data.draw(initial_mappings())
    column, role = data.draw(st.sampled_from(first.columns)), data.draw(roles)
    try:
        assigned = edits.assign(first, column, role, first)
    except InputError:
        assert column == ""
        return
    assert uses(assigned)[column] == Uses(roles=(role,))
    assert edits.assign(assigned, column, role, first) is assigned


def test_a_second_title_joins_the_first_and_a_second_url_replaces_it() -> None:
    joined = edits.assign(SMALL, "remark", edits.TITLE, SMALL)
    assert joined.document.title == ("headline", "remark")
    replaced = edits.assign(SMALL, "remark", edits.URL, SMALL)
    assert replaced.document.url == "remark"
    assert uses(replaced)["link"].fields == (MappedField("link", "link"),)


def test_a_column_that_becomes_a_field_again_is_its_first_field() -> None:
    ignored = edits.ignore(SMALL, "killed", SMALL)
    assert uses(ignored)["killed_is"].fields == (MappedField("killed_is", "killed_is"),)
    restored = edits.make_field(ignored, "killed", SMALL)
    assert uses(restored)["killed"].fields == (MappedField("killed", "killed", "integer"),)
    grouped = edits.make_field(edits.ignore(SMALL, "place", SMALL), "place", SMALL)
    assert [(item.name, item.group) for item in grouped.fields if item.column == "place"] == [("place_2", "site:1")]


def test_two_fields_can_not_have_the_same_name_and_group() -> None:
    with pytest.raises(InputError, match="place in the group site:2 is already column other place; choose"):
        edits.regroup(SMALL, "place", "site:2")
    with pytest.raises(InputError, match="killed is already column killed"):
        edits.rename(SMALL, "day", "killed")
    with pytest.raises(InputError, match="this column isn't a field; press f to make it one"):
        edits.rename(SMALL, "link", "killed")


def test_a_field_gets_a_name_that_queries_can_use() -> None:
    assert edits.field_of(edits.rename(SMALL, "day", "Event Date"), "day").name == "event_date"
    assert edits.field_of(edits.rename(SMALL, "day", "status"), "day").name == "status_column"


def test_the_constant_type_can_not_be_removed_if_no_column_is_the_type() -> None:
    without = edits.make_field(SMALL, "type", SMALL)
    with pytest.raises(InputError, match="every event needs a type"):
        edits.set_constant_type(without, " ")
    assert edits.set_constant_type(SMALL, "").event.constant_type is None
