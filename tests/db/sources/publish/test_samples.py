"""publish to databases of other shapes, read by proposed plans: what is corrected is written where it came from."""

import json
from pathlib import Path
from typing import Any

import pytest
from support.databases import SAMPLES
from support.publishing import desk_of_sample

from db.decisions.review import Review


@pytest.mark.parametrize(
    ("name", "table", "id_", "field", "column", "path"),
    [
        ("nested_spans", "event", "1", "place", "payload", ("place", "value")),
        ("arguments_in_json", "events", "D1-1", "agent", "arguments", (1, "text")),
        ("chat_completions", "api_calls", "2:2", "location", "response", ("choices", 0, "message", "content")),
        ("uuids", "events", None, "location", "location", ()),
    ],
)
def test_a_corrected_value_is_written_where_it_came_from(
    tmp_path: Path, name: str, table: str, id_: str | None, field: str, column: str, path: tuple[Any, ...]
) -> None:
    sample = next(sample for sample in SAMPLES if sample.name == name)
    desk = desk_of_sample(tmp_path / "my.db", sample)
    id_ = id_ or sample.event
    desk.correct(id_, field, "Novi Grad")
    report = desk.publish()
    assert report.problems == []
    cells = [cell for (cell,) in desk.rows(f'SELECT "{column}" FROM {table}_reviewed') if "Novi Grad" in str(cell)]
    assert len(cells) == 1
    value = json.loads(cells[0]) if path else cells[0]
    for key in path:
        value = value[key]
    assert value == "Novi Grad" or "Novi Grad" in value
    assert not desk.publish().has_changes
    Review(desk.connection, "ana").undo()
    desk.publish()
    assert desk.rows(f'SELECT "{column}" FROM {table}_reviewed') == desk.rows(f'SELECT "{column}" FROM {table}')
