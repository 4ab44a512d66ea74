"""Columns of a table that say where a value is in the text."""

from typing import Any

import pytest
from support.formats import read_records

from db.errors import InputError
from db.formats.tables.formats import CSV
from db.formats.tables.mapping.toml import parse_mapping, to_toml

TOML = """
[document]
text = "story"
[event]
id = "id"
constant_type = "count"
[[fields]]
column = "who"
start = "from"
end = "to"
[[fields]]
column = "n"
kind = "integer"
quote = "words"
"""


def _read(tmp_path: Any, *rows: str, toml: str = TOML) -> tuple[list[dict[str, Any]], tuple[str, ...]]:
    (tmp_path / "m.toml").write_text(toml)
    content = "\n".join(("id,story,who,from,to,n,words", *rows)) + "\n"
    (record,) = read_records(CSV, content, "a.csv", mapping=str(tmp_path / "m.toml"))
    assert isinstance(record.document, dict), record.document
    return record.document["events"][0]["fields"], record.notes


@pytest.mark.parametrize(
    ("row", "spans"),
    [
        ("1,Ann saw 757 bodies in 757 days,Ann,0,3,757,757 bodies", [[[0, 3]], [[8, 18]]]),
        ("1,Ann saw 757 bodies in 757 days,Ann,0.0,3.0,757,757 days", [[[0, 3]], [[22, 30]]]),
        ("1,😀 Ann saw 757,Ann,3,6,757,757", [[[2, 5]], [[10, 13]]]),  # UTF-16 units
        ("1,Ann and Ann saw 757,Ann,8,11,757,757", [[[8, 11]], [[16, 19]]]),
    ],
)
def test_values_have_the_places_of_their_columns(tmp_path: Any, row: str, spans: list[Any]) -> None:
    fields, _ = _read(tmp_path, row)
    assert [field["spans"] for field in fields] == spans


def test_a_quote_that_occurs_twice_or_never_is_noted(tmp_path: Any) -> None:
    _, notes = _read(tmp_path, "1,Ann saw 7 and 7,Ann,0,3,7,7")
    assert notes[0] == "column words: '7' occurs several times in the text; n has no evidence"
    _, notes = _read(tmp_path, "1,Ann saw 7,Ann,0,3,7,seven")
    assert "occurs nowhere in the text" in notes[0]


def test_the_columns_are_kept_and_the_mapping_is_written_again() -> None:
    mapping = parse_mapping(TOML, "m.toml")
    assert mapping.ignored == ("from", "to", "words")
    assert parse_mapping(to_toml(mapping), "again") == mapping


@pytest.mark.parametrize(
    ("toml", "problem"),
    [
        (TOML.replace('end = "to"', ""), "use start and end together"),
        (TOML.replace('end = "to"', 'end = "to"\nseparator = ";"'), "a list in one cell has no single place"),
    ],
)
def test_a_wrong_mapping_is_refused(toml: str, problem: str) -> None:
    with pytest.raises(InputError, match=problem):
        parse_mapping(toml, "m.toml")
