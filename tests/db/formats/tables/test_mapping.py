import contextlib
import re
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.loading import load_mapping, preset_names
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from db.formats.tables.read.guessing import guess
from db.kinds import KINDS
from db.query import parse

_NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\r"), min_size=1, max_size=8)
_MAYBE = st.none() | _NAMES
_FIELDS = st.builds(
    MappedField,
    name=_NAMES,
    column=st.text(max_size=4),
    kind=st.sampled_from([None, *KINDS]),
    group=_MAYBE,
    unit=_MAYBE,
    separator=_MAYBE,
    modifier=_MAYBE,
    dates=st.sampled_from([None, "dmy", "mdy"]),
    ground=st.booleans() | st.lists(_NAMES, min_size=1).map(tuple),
)


@given(
    st.builds(
        Mapping,
        about=st.text(max_size=5),
        document=st.builds(
            DocumentColumns, id=st.lists(_NAMES).map(tuple), text=st.lists(_NAMES).map(tuple), url=_MAYBE
        ),
        event=st.builds(
            EventColumns,
            type=_MAYBE,
            constant_type=_MAYBE,
            confidence_of=st.sampled_from([1.0, 100.0]),
            confidence=_MAYBE,
        ),
        fields=st.lists(_FIELDS, unique_by=lambda item: (item.name, item.group)).map(tuple),
        ignored=st.lists(_NAMES, unique=True).map(tuple),
        missing=st.lists(_NAMES).map(tuple),
        quoted=st.sampled_from([None, False]),
        delimiter=st.sampled_from([None, ";", "\t"]),
        protected=st.booleans(),
    )
)
def test_a_mapping_survives_being_written_as_toml(mapping: Mapping) -> None:
    assert parse_mapping(to_toml(mapping), "m.toml") == mapping


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("colums = []", "m.toml: unknown key 'colums'; choose one of"),
        ("document = 3", "document must be a table"),
        ('[document]\ntitel = "a"', "[document]: unknown key 'titel'"),
        ("[event]\ntype = 3", "[event]: type must be text"),
        ("[event]\nconfidence_of = 0", "confidence_of must be a number above 0"),
        ('fields = [{ name = "a" }]', 'field 1: has no column; add column = "…"'),
        ('fields = [{ column = "a", kind = "int" }]', "field a: unknown kind 'int'; choose one of text, integer"),
        ('fields = [{ column = "a" }, { column = "a" }]', "two columns have this name and group"),
        ('fields = [{ column = "a", dates = "dym" }]', "unknown dates 'dym'; choose one of dmy, mdy, ymd"),
        ('columns = ["a"]\nfields = [{ column = "b" }]', "field b names the column b, which is missing in columns"),
        ("header = false", "header = false needs columns"),
        ('delimiter = "ab"', "delimiter must be one character"),
        ('encoding = "klingon"', "unknown encoding 'klingon'"),
        ('encoding = "zip"', "unknown encoding 'zip'"),
        ('[shapes]\na = "("', "the pattern of a is not a regular expression"),
        ("[[fields]", "invalid TOML"),
        ("fields = 1", "fields must be a list of tables"),
        ("fields = [1]", "must be a table with a column"),
    ],
)
def test_a_mistake_in_a_mapping_is_reported_in_one_line_with_its_place(toml: str, message: str) -> None:
    with pytest.raises(InputError) as error:
        parse_mapping(toml, "m.toml")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda inner: st.lists(inner), max_leaves=3))
def test_any_value_in_a_mapping_is_read_or_rejected(value: Any) -> None:
    import tomli_w

    for key in ("columns", "fields", "document", "event", "markup", "shapes", "delimiter", "recognise"):
        try:
            text = tomli_w.dumps({key: value})
        except (TypeError, ValueError):
            continue
        with contextlib.suppress(InputError):
            parse_mapping(text, "m.toml")


def test_a_missing_mapping_lists_the_presets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such mapping; give a TOML file or a preset: .*ucdp_ged"):
        load_mapping(str(tmp_path / "no.toml"))
    with pytest.raises(InputError, match="is a folder"):
        load_mapping(str(tmp_path))
    with pytest.raises(InputError, match="can't be read"):
        load_mapping("a\0b")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe")
    with pytest.raises(InputError, match="not UTF-8 at byte 1"):
        load_mapping(str(tmp_path / "bad.toml"))


@pytest.mark.parametrize("name", preset_names())
def test_a_preset_survives_being_written_as_toml(name: str) -> None:
    assert parse_mapping(to_toml(load_mapping(name)), name) == load_mapping(name)
    assert load_mapping(name).about


@given(st.lists(st.text(), unique=True))
def test_every_column_gets_a_unique_field_name_that_queries_can_address(columns: list[str]) -> None:
    names = field_names(columns)
    assert len({name.casefold() for name in names}) == len(columns)
    for name in names:
        parse(f"{name}>=1")


def test_a_field_has_the_name_of_its_column_if_queries_can_address_it() -> None:
    assert field_names(["best", "Event Date", "status", "2020", "", "Side A", "side_a"]) == [
        "best", "event_date", "status_column", "column_2020", "column_5", "side_a", "side_a_2",
    ]  # fmt: skip


_ROWS = [
    ["17", "Riot in Lyon", "protest", "05/03/2024", "12", "45.76", "France", "https://a.example/1",
     "A crowd of some twelve hundred people walked through the town on Tuesday."],
    ["18", "Fire in Nice", "attack", "25/03/2024", "", "43.70", "France", "https://a.example/2",
     "Nobody was hurt when a car was set on fire in front of the town hall at night."],
]  # fmt: skip
_COLUMNS = ["id", "headline", "event type", "day", "injured", "latitude", "country", "link", "body of it"]


def test_a_guess_uses_names_and_values() -> None:
    guessed = guess(_COLUMNS, _ROWS)
    assert guessed.document == DocumentColumns(title=("headline",), text=("body of it",), url="link")
    assert guessed.event.id == ("id",)
    assert guessed.event.type == "event type"
    assert {item.name: item.kind for item in guessed.fields} == {
        "day": "date", "injured": "integer", "latitude": "number", "country": "place",
    }  # fmt: skip
    assert guessed.columns == tuple(_COLUMNS)


def test_a_guess_needs_unique_ids_and_types_that_are_not_numbers() -> None:
    guessed = guess(["id", "type", "place"], [["1", "1", "A"], ["1", "2", "B"]])
    assert guessed.event.id == ()
    assert (guessed.event.type, guessed.event.constant_type) == (None, "event")
    assert guessed.document.title == ("place",)


_CELLS = (
    st.none() | st.text(max_size=6) | st.integers() | st.floats() | st.booleans() | st.lists(st.integers(), max_size=2)
)


@given(st.lists(st.text(max_size=6), unique=True, max_size=6), st.lists(st.lists(_CELLS, max_size=7), max_size=4))
def test_a_guess_is_a_valid_mapping_for_any_table(columns: list[str], rows: list[list[Any]]) -> None:
    guessed = guess(columns, rows)
    assert set(guessed.uses()) == set(columns)
    assert parse_mapping(to_toml(guessed), "m.toml").fields == guessed.fields


def test_the_mapping_in_the_documentation_is_valid() -> None:
    page = (Path(__file__).parents[4] / "docs" / "tables.md").read_text("utf-8")
    (block,) = re.findall(r"^```toml\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    mapping = parse_mapping(block, "docs/tables.md")
    assert {item.name for item in mapping.fields} == {"date", "city", "deaths"}
    for name in preset_names():
        assert f"`{name}`" in page
