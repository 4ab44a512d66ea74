"""JSON in a source database: places of values, labelled entities, inner objects, answers of models."""

import json
from typing import Any

import pytest
from support.source_tables import documents, events_of, records, values_of

from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.sources.plan import EventTable

TEXT = "Five died in Kyiv, police said."


def read(data: Any, *fields: MappedField, each: str | None = None, text: str = TEXT, **event: Any) -> dict[str, Any]:
    """The events of one row with this JSON."""
    mapping = Mapping(
        document=DocumentColumns(id=("id",), text=("body",)),
        event=EventColumns(id=("id",), **({"constant_type": "attack"} | event)),
        fields=fields,
    )
    table = EventTable("events", ("id",), mapping, each=each, json=() if each else ("data",))
    cell = data if isinstance(data, str) else json.dumps(data, ensure_ascii=False)
    script = "CREATE TABLE events (id INTEGER PRIMARY KEY, body TEXT, data TEXT);"
    quoted = cell.replace("'", "''")
    return events_of(documents(f"{script} INSERT INTO events VALUES (1, '{text}', '{quoted}')", table))


@pytest.mark.parametrize(
    "place",
    [
        {"value": "Kyiv", "start": 13, "end": 17},
        {"text": "Kyiv", "span": [13, 17]},
        {"value": "Kyiv", "offsets": [[13, 17]], "id": 7},
        {"mention": "Kyiv", "char_interval": {"start_pos": 13, "end_pos": 17}},
        {"value": "Kyiv", "offset": 13, "length": 4},
        {"value": "Kyiv", "quote": "died in Kyiv", "start": 13, "end": 17},
    ],
)
def test_a_value_with_its_place_is_a_field_with_evidence(place: dict[str, Any]) -> None:
    event = read({"place": place, "killed": {"value": 5, "confidence": 0.5}})["1"]
    killed = event["fields"][1]
    assert values_of(event) == {"place": ["Kyiv"], "killed": [5]}
    [span] = event["fields"][0]["spans"]
    assert "Kyiv" in TEXT[slice(*span)]
    assert killed["confidence"] == 0.5


def test_labelled_places_are_a_field_for_each_label() -> None:
    entities = [
        {"text": "Kyiv", "label": "GPE", "start": 13, "end": 17},
        {"text": "police", "label": "ORG", "start": 19, "end": 25},
        {"text": "Five", "label": "CARDINAL", "start": 0, "end": 4},
    ]
    for data in ({"entities": entities, "other": 1}, entities):
        event = read(data)["1"]
        found = values_of(event)
        assert {name: found[name] for name in ("GPE", "ORG", "CARDINAL")} == {
            "GPE": ["Kyiv"], "ORG": ["police"], "CARDINAL": ["Five"]
        }  # fmt: skip
        spans = [field["spans"][0] for field in event["fields"] if field["name"] == "ORG"]
        assert spans == [[19, 25]]


def test_inner_objects_stay_in_their_group() -> None:
    data = {"transfer": [{"giver": {"name": "A", "where": {"city": "Kyiv"}}, "count": 5}, {"giver": {"name": "B"}}]}
    assert values_of(read(data)["1"]) == {
        "transfer:1.giver.name": ["A"], "transfer:1.giver.where.city": ["Kyiv"], "transfer:1.count": [5],
        "transfer:2.giver.name": ["B"],
    }  # fmt: skip


def test_a_path_names_a_value_with_its_place() -> None:
    field = MappedField("city", "data.where.value", "place", start="data.where.at.0", end="data.where.at.1")
    event = read({"where": {"value": "Kyiv", "at": [13, 17]}, "other": "x"}, field)["1"]
    assert event["fields"] == [
        {"name": "city", "value": "Kyiv", "spans": [[13, 17]]},
        {"name": "other", "value": "x"},
    ]
    [city] = read({"where": {"value": "Kyiv", "span": [13, 17]}}, MappedField("city", "data.where", "place"))["1"][
        "fields"
    ]
    assert city == {"name": "city", "value": "Kyiv", "spans": [[13, 17]]}


@pytest.mark.parametrize(
    "answer",
    [
        '[{"killed": 5, "kind": "attack"}, {"killed": 6, "kind": "fire"}]',
        'Events:\n```json\n{"events": [{"killed": 5, "kind": "attack"}, {"killed": 6, "kind": "fire",},]}\n```',
        '<think>Is it?</think>{"result": {"items": [{"killed": 5, "kind": "attack"}, {"killed": 6, "kind": "fire"}]}}',
        '{"killed": 5, "kind": "attack"}\n{"killed": 6, "kind": "fire"}',
    ],
)
def test_answers_of_models_are_read_as_they_write_them(answer: str) -> None:
    events = read(answer, MappedField("killed", "killed", "integer"), each="data", type="kind")
    assert {key: (event["type"], values_of(event)) for key, event in events.items()} == {
        "1:1": ("attack", {"killed": [5]}),
        "1:2": ("fire", {"killed": [6]}),
    }


def test_an_answer_that_is_no_json_leaves_a_document_and_a_note() -> None:
    mapping = Mapping(document=DocumentColumns(text=("body",)), event=EventColumns(constant_type="attack"))
    table = EventTable("events", ("id",), mapping, each="data")
    script = "CREATE TABLE events (id INTEGER PRIMARY KEY, body TEXT, data TEXT);"
    script += (
        f"INSERT INTO events VALUES (1, '{TEXT}', 'Sorry, I can not.'), (2, '{TEXT} x', NULL), (3, '{TEXT} y', '[]')"
    )
    found = records(script, table)
    assert [len(record.document["events"]) for record in found if isinstance(record.document, dict)] == [0, 0, 0]
    assert "column data: " in "".join(found[0].notes)


@pytest.mark.parametrize(
    "cell",
    [
        *("[" * 500, '{"a": 1e999}', '{"a": NaN}', '"text"', "5", "null", "[]", "{}", '{"a": {"a": {}}}', '{"": 1}'),
        *('{"id": 3, "body": "x"}', '[[1, [2]], {"a": null}]', '{"a": "\\ud800"}', '{"a": 1, "a": 2}', "{'a': 1}"),
    ],
)
def test_json_of_any_form_never_stops_the_reading(cell: str) -> None:
    assert read(cell)["1"]["id"] == "1"
