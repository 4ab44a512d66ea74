import io
import json
import tracemalloc
from typing import Any

import pytest
from support.table_files import fields_of, records, refusals, source_of

from db.errors import InputError
from db.formats.format import ReadOptions, Source
from db.formats.registry import detect_format
from db.formats.tables.formats import JSON_TABLE

_ROWS = [
    {"id": 1, "place": "Lesna", "killed": 3, "text": "Shells hit Lesna."},
    {"id": 2, "place": "Brod", "killed": 4, "text": "Shells hit Brod."},
]
_COLUMNS = list(_ROWS[0])
_CELLS = [list(row.values()) for row in _ROWS]
_BY_COLUMN = {column: {str(at): row[column] for at, row in enumerate(_ROWS)} for column in _COLUMNS}
_FEATURES = [
    {"type": "Feature", "properties": row, "geometry": {"type": "Point", "coordinates": [30.5, 50.4]}} for row in _ROWS
]
_SPARQL = [{key: {"type": "literal", "value": value} for key, value in row.items()} for row in _ROWS]
_HITS = [{"_index": "i", "_id": str(at), "_score": 1.0, "_source": row} for at, row in enumerate(_ROWS)]


def _lines(items: list[Any], end: str = "\n") -> str:
    return "".join(json.dumps(item) + end for item in items)


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        (json.dumps({"status": 200, "data": _ROWS}), ["key status"]),
        (json.dumps({"data": _ROWS, "meta": {"page": [{"n": 1}]}}, indent=2), ["key meta"]),
        (json.dumps({"meta": {"source": "desk"}, "events": _ROWS}), ["key meta"]),
        (json.dumps({"TotalCount": 2, "NextPageUrl": "", "Result": _ROWS}), ["key TotalCount", "key NextPageUrl"]),
        (json.dumps({"attacks": _ROWS}), []),
        (json.dumps({"response": {"count": 2, "docs": _ROWS}}), []),
        (json.dumps({"head": {"vars": _COLUMNS}, "results": {"bindings": _SPARQL}}), ["key head"]),
        (json.dumps({"took": 3, "hits": {"total": 2, "hits": _HITS}}), ["key took", *["key _index", "key _score"] * 2]),
        (_lines([{"Result": _ROWS[:1]}, {"Result": _ROWS[1:]}]), []),
        (json.dumps({"type": "FeatureCollection", "features": _FEATURES}), []),
        (_lines(_FEATURES), []),
        (json.dumps({"columns": _COLUMNS, "index": [0, 1], "data": _CELLS}), []),
        (json.dumps({"database": "d", "columns": _COLUMNS, "rows": _CELLS}), ["key database"]),
        (json.dumps({"fields": [{"name": name} for name in _COLUMNS], "data": _CELLS}), []),
        (json.dumps({"schema": {"fields": [{"name": name} for name in _COLUMNS]}, "data": _ROWS}), ["key schema"]),
        (json.dumps(_BY_COLUMN), []),
        (json.dumps({str(at): row for at, row in enumerate(_ROWS)}), []),
        (json.dumps({column: [row[column] for row in _ROWS] for column in _COLUMNS}), []),
        (json.dumps([_COLUMNS, *_CELLS]), []),
        (_lines([_COLUMNS, *_CELLS]), []),
        (json.dumps(_ROWS, indent=2), []),
        ("[\n" + ",\n".join(map(json.dumps, _ROWS)) + "\n]\n", []),
        ("\ufeff" + _lines(_ROWS), []),
        (_lines(_ROWS, ",\n"), []),
        ("".join(json.dumps(row, indent=2) + "\n" for row in _ROWS), []),
        ("[" + "".join(json.dumps(row)[:-1] + ",},\n" for row in _ROWS) + "]", []),
        (_lines(_ROWS).replace('{"id": 1,', '{"id": 1, /* one */'), []),
        (json.dumps({"data": _ROWS}).replace("}]", ",}],"), []),
    ],
)  # fmt: skip
def test_rows_are_read_in_the_layouts_that_programs_export(content: str, unread: list[str]) -> None:
    source = source_of(content, "export.json")
    assert detect_format(source).name == "json-table"
    found = records(content, None, JSON_TABLE)
    assert not refusals(found)
    documents = [record.document for record in found if isinstance(record.document, dict)]
    assert [document["text"] for document in documents] == ["Shells hit Lesna.", "Shells hit Brod."]
    assert [fields_of(document)["killed"] for document in documents] == [3, 4]
    assert [fields_of(document)["place"] for document in documents] == ["Lesna", "Brod"]
    assert [name for record in found for name in record.unread] == unread


def test_points_become_coordinates_and_other_shapes_are_counted() -> None:
    shape = {"type": "Polygon", "coordinates": [[[1, 2], [3, 4], [1, 2]]]}
    features = [_FEATURES[0], _FEATURES[1] | {"geometry": shape, "bbox": [1, 2, 3, 4]}]
    first, second = records(json.dumps({"type": "FeatureCollection", "features": features}), None, JSON_TABLE)
    assert isinstance(first.document, dict)
    assert isinstance(second.document, dict)
    fields = fields_of(first.document)
    assert (fields["latitude"], fields["longitude"]) == (50.4, 30.5)
    assert "latitude" not in fields_of(second.document)
    assert second.unread == ("key bbox", "geometry (Polygon)")


def test_numbers_that_json_lacks_are_read_as_null_with_a_note() -> None:
    content = _lines([row | {"killed": float("nan"), "rate": float("-inf")} for row in _ROWS])
    found = records(content, None, JSON_TABLE)
    assert not refusals(found)
    assert all("NaN and infinite numbers are read as null" in record.notes for record in found)


def test_several_keys_that_could_hold_the_rows_are_named(tmp_path: Any) -> None:
    content = json.dumps({"images": [{"id": 7}], "annotated": [{"id": 1}], "data": [], "categories": _ROWS})
    with pytest.raises(
        InputError, match="could have its rows under several keys; lists of rows: images, annotated, ca"
    ):
        records(content, None, JSON_TABLE)
    mapping = tmp_path / "m.toml"
    mapping.write_text('rows = "categories"\n[document]\ntext = "text"\n[event]\nid = "id"\nconstant_type = "attack"\n')
    found = records(content, mapping, JSON_TABLE)
    assert [record.document["events"][0]["id"] for record in found if isinstance(record.document, dict)] == ["1", "2"]
    assert found[0].unread == ("key images", "key annotated", "key data")
    mapping.write_text(mapping.read_text().replace('"categories"', '"rows"'))
    with pytest.raises(InputError, match="has no rows under rows; lists of rows: images, annotated, categories"):
        records(content, mapping, JSON_TABLE)


@pytest.mark.parametrize(
    "item",
    [
        {"id": "d", "text": "Shells hit Lesna.", "events": [{"type": "attack", "fields": []}]},
        {"title": "Shells", "events": [{"type": "attack"}]},
        {"id": 1, "place": "Lesna", "killed": 3, "victims": [{"name": "a"}, {"name": "b"}]},
    ],
)
def test_lists_within_a_document_or_a_row_are_no_table(item: dict[str, Any]) -> None:
    content = _lines([item, item | {"id": 2}])
    if detect_format(source_of(content, "x.jsonl")).name == "json-table":
        assert len(records(content, None, JSON_TABLE)) == 2
    else:
        assert detect_format(source_of(content, "x.jsonl")).name in ("native", "llm-json")


def test_rows_under_a_key_are_read_in_bounded_memory() -> None:
    row = json.dumps(_ROWS[0] | {"more": "x" * 400})
    content = ('{"status": "ok", "data": [' + ",".join([row] * 5_000) + "]}").encode()
    assert JSON_TABLE.read
    tracemalloc.start()
    count = sum(1 for _ in JSON_TABLE.read(Source("x.json", io.BytesIO(content)), ReadOptions()))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert count == 5
    assert peak < 8 * 2**20
