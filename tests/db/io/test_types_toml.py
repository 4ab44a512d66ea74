"""Event types in TOML: what is written is parsed back, and an error says where it is."""

from importlib.resources import files

import pytest

from db.errors import InputError
from db.event_types import EventType, FieldType
from db.io.types_toml import event_types_to_toml, parse_event_types


def test_types_written_as_toml_are_parsed_back_unchanged() -> None:
    shipped = parse_event_types((files("db") / "demo" / "types.toml").read_text(encoding="utf-8"), "types.toml")
    assert parse_event_types(event_types_to_toml(shipped), "again") == shipped
    odd = EventType(
        "a b.c", 'says "so"\n', ("x",), (FieldType("x", "choice", True, True, "g", ("é", '"'), "u", "h"),), True
    )
    assert parse_event_types(event_types_to_toml([odd]), "odd") == [odd]


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("a = [", "invalid TOML"),
        ("a = 1", r"\[a\]: must be a table"),
        ('[a.fields.x]\nkind = "colour"', r"\[a\]: field x: unknown kind 'colour'; use one of text"),
        ('[a.fields.x]\nkind = "choice"', "kind choice needs choices"),
        ("[a.fields.x]\nneeded = true", "unknown key 'needed'"),
        ('[a]\nheadline = ["y"]\n[a.fields.x]', "headline names y"),
        ("[a.fields.x]\nrequired = 1", "required must be true or false"),
    ],
)
def test_an_error_names_the_type_and_the_field(toml: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        parse_event_types(toml, "types.toml")
