"""Plans as TOML: any plan survives, and mistakes are named with their place."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.errors import InputError
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.sources.plan import Children, EventTable, FieldRows, Joined, Label, Link, OneHot, Plan, TextTable
from db.sources.plan_toml import parse_plan, to_toml

NAMES = st.text("ab .\"'\\#=[]\n\x7f\u0416", min_size=1, max_size=4)
SOME = st.lists(NAMES, min_size=1, max_size=3, unique=True).map(tuple)
ANY = st.just(()) | SOME
REASONS = st.dictionaries(NAMES, NAMES, max_size=2)
OPTIONAL = st.none() | NAMES


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    """Any plan. Its parts are drawn here, because nested strategies are slow to print."""

    def several(make: Callable[[], Any], least: int = 0) -> tuple[Any, ...]:
        return tuple(make() for _ in range(draw(st.integers(least, 2))))

    def link(steps: int) -> Link:
        columns = draw(SOME)
        to = tuple(draw(NAMES) for _ in columns)
        return Link(columns, draw(NAMES), to, link(steps - 1) if steps > 1 else None)

    def any_link() -> Link:
        return link(draw(st.integers(1, 3)))

    def label() -> Label:
        return Label(draw(NAMES), any_link(), draw(NAMES), draw(st.booleans()))

    def joined() -> Joined:
        return Joined(draw(NAMES), any_link(), draw(ANY), draw(st.booleans()))

    def children() -> Children:
        return Children(draw(NAMES), any_link(), draw(ANY), several(label))

    def field_rows() -> FieldRows:
        optional = [draw(OPTIONAL) for _ in range(5)]
        return FieldRows(any_link(), draw(NAMES), draw(NAMES), *optional, several(label))

    def mapping() -> Mapping:
        names = draw(ANY)
        return Mapping(
            document=DocumentColumns(draw(ANY), draw(ANY), draw(ANY), draw(OPTIONAL), draw(OPTIONAL)),
            event=EventColumns(draw(ANY), draw(OPTIONAL), quote=draw(OPTIONAL), start=draw(OPTIONAL)),
            fields=tuple(MappedField(name, draw(NAMES), draw(st.sampled_from((None, "date")))) for name in names),
            ignored=draw(ANY),
            guessed=True,
        )

    def events(table: str) -> EventTable:
        return EventTable(
            table,
            draw(SOME),
            mapping(),
            draw(OPTIONAL),
            several(joined),
            several(label),
            several(children),
            field_rows() if draw(st.booleans()) else None,
            several(lambda: OneHot(draw(NAMES), draw(ANY), draw(ANY))),
            draw(ANY),
            draw(st.sampled_from(("plain", "html", "file"))),
            draw(st.just("") | NAMES),
            draw(st.just("") | NAMES),
            draw(REASONS),
        )

    def texts() -> TextTable:
        return TextTable(draw(NAMES), draw(SOME), mapping(), several(joined), draw(ANY), reasons=draw(REASONS))

    return Plan(tuple(map(events, draw(SOME))), several(texts), draw(REASONS), draw(st.booleans()))


@settings(max_examples=30, deadline=None)
@given(plans())
def test_any_plan_survives(plan: Plan) -> None:
    assert parse_plan(to_toml(plan), "plan.toml") == plan
    shown = parse_plan(to_toml(plan, comments=True), "plan.toml")
    assert [replace(one, reasons={}) for one in plan.events] == list(shown.events)


WHOLE = """\
[[events]]
table = "events"
key = "id"
[[events.joined]]
name = "articles"
columns = ["body"]
link = [{ columns = "article_id", table = "articles", to = "id" }]
[events.mapping.document]
text = "articles.body"
"""


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ('key = "id"', 'keys = "id"', "plan.toml:3: [[events]] 1: unknown key 'keys'; choose one of"),
        ('key = "id"\n', "", "[[events]] 1: has no key; add it"),
        ('key = "id"', "key = []", "plan.toml:3: [[events]] 1: key must name at least one column"),
        ('name = "articles"\n', "", "[[events]] 1: [[joined]] 1: has no name; add it"),
        (', to = "id"', "", "[[joined]] 1: link 1: has no to; add it"),
        ('to = "id"', 'to = ["id", "nr"]', "columns and to must name equally many columns"),
        ('text = "articles.body"', "text = 3", "[mapping]: [document]: text must be text or a list of texts"),
        ('text = "articles.body"', 'txt = "articles.body"', "plan.toml:9: [[events]] 1: [mapping]: [document]"),
        ('key = "id"', 'key = "id"\ntext_form = "pdf"', "unknown text_form 'pdf'; choose one of plain, html, file"),
        ("[[events]]", "[[event]]", "unknown key 'event'; choose one of events, texts, ignored, publish"),
        ("[[events.joined]]", "[events.joined]", "joined must be a list of tables"),
        ('key = "id"', "key = ", "invalid TOML"),
        (WHOLE, "", "has no events; add a table of events"),
        (WHOLE, 'text = "body"', "unknown key 'text'"),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_place(old: str, new: str, what: str) -> None:
    parse_plan(WHOLE, "plan.toml")
    with pytest.raises(InputError) as error:
        parse_plan(WHOLE.replace(old, new), "plan.toml")
    assert what in str(error.value)
    assert "\n" not in str(error.value)
