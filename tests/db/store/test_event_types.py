"""Event types in the file: declared ones stay, and new fields are learnt from imported events."""

import sqlite3

from support.builders import ARTICLE, import_documents

from db.event_types import FieldType
from db.io.types_toml import parse_event_types
from db.store.connection import writing
from db.store.event_types import declare, read_event_types


def test_unknown_types_are_learnt_with_the_kinds_of_their_values(connection: sqlite3.Connection) -> None:
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


def test_a_few_values_of_another_kind_do_not_change_the_learnt_kind(connection: sqlite3.Connection) -> None:
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


def test_an_import_keeps_declared_fields_and_adds_new_ones(connection: sqlite3.Connection) -> None:
    toml = '[prisoner_exchange]\nhelp = "Prisoners go home."\n[prisoner_exchange.fields.total]\nkind = "text"\n'
    with writing(connection):
        declare(connection, parse_event_types(toml, "types.toml"))
    import_documents(connection, ARTICLE)
    exchange = read_event_types(connection)["prisoner_exchange"]
    assert (exchange.declared, exchange.help, exchange.field("total").kind) == (True, "Prisoners go home.", "text")
    assert exchange.field("count").kind == "integer"
