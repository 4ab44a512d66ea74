"""Event types: declared in TOML, learnt from data, refined afterwards."""

import sqlite3
from importlib.resources import files

import pytest
from support.builders import ARTICLE, import_documents

from db.errors import InputError
from db.event_types import EventType, FieldType, declare, parse_event_types, read_event_types, to_toml
from db.store.connection import writing


def test_types_that_are_unknown_are_learnt_with_the_kind_of_their_values(connection: sqlite3.Connection) -> None:
    import_documents(connection, ARTICLE)
    exchange = read_event_types(connection)["prisoner_exchange"]
    assert [(field.name, field.kind, field.group) for field in exchange.fields] == [
        ("date", "date", None),
        ("total", "integer", None),
        ("location", "text", None),
        ("count", "integer", "transfer"),
        ("recipient", "text", "transfer"),
    ]
    assert exchange.headline == ("total", "location")
    assert not exchange.declared


def test_a_few_values_that_do_not_fit_leave_the_kind(connection: sqlite3.Connection) -> None:
    events = [
        {
            "id": str(n),
            "type": "t",
            "fields": [{"name": "n", "value": "~1" if n == 0 else n}, {"name": "n", "value": 1}],
        }
        for n in range(5)
    ]
    import_documents(connection, {"text": "a", "events": events})
    assert read_event_types(connection)["t"].fields == (FieldType("n", "integer", repeated=True),)
    assert connection.execute("SELECT value FROM fields WHERE event_id = 1 LIMIT 1").fetchone() == ("~1",)


def test_what_is_declared_stays_when_data_come_in_and_new_fields_are_added(connection: sqlite3.Connection) -> None:
    toml = '[prisoner_exchange]\nhelp = "Prisoners go home."\n[prisoner_exchange.fields.total]\nkind = "text"\n'
    with writing(connection):
        declare(connection, parse_event_types(toml, "types.toml"))
    import_documents(connection, ARTICLE)
    exchange = read_event_types(connection)["prisoner_exchange"]
    assert (exchange.declared, exchange.help, exchange.field("total").kind) == (True, "Prisoners go home.", "text")
    assert exchange.field("count").kind == "integer"


def test_types_go_out_as_toml_and_come_back_the_same() -> None:
    shipped = parse_event_types((files("db") / "demo" / "types.toml").read_text(encoding="utf-8"), "types.toml")
    assert parse_event_types(to_toml(shipped), "again") == shipped
    odd = EventType(
        "a b.c", 'says "so"\n', ("x",), (FieldType("x", "choice", True, True, "g", ("é", '"'), "u", "h"),), True
    )
    assert parse_event_types(to_toml([odd]), "odd") == [odd]


@pytest.mark.parametrize(
    ("toml", "says"),
    [
        ("a = [", "not TOML"),
        ("a = 1", r"\[a\]: must be a table"),
        ('[a.fields.x]\nkind = "colour"', r"\[a\]: field x: unknown kind 'colour'; one of text"),
        ('[a.fields.x]\nkind = "choice"', "a choice needs choices"),
        ("[a.fields.x]\nneeded = true", "unknown key 'needed'"),
        ('[a]\nheadline = ["y"]\n[a.fields.x]', "headline names y"),
        ("[a.fields.x]\nrequired = 1", "required must be true or false"),
    ],
)
def test_a_mistake_in_the_types_is_named_with_type_and_field(toml: str, says: str) -> None:
    with pytest.raises(InputError, match=says):
        parse_event_types(toml, "types.toml")
