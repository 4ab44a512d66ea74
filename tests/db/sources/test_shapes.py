"""Databases of many shapes, each read without a hint: the plan, the events, their texts and their evidence."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.databases import SAMPLES
from support.databases.reading import differences, plan_of, read
from support.databases.sample import Sample

from db.sources.plan_toml import parse_plan, to_toml
from db.sources.proposing.findings import NoEvents


def _dump(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return "\n".join(connection.iterdump())


@pytest.mark.parametrize("sample", [one for one in SAMPLES if one.events], ids=lambda one: one.name)
def test_a_database_is_read_without_a_hint(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    sample.write(path)
    before, files = path.read_bytes(), sorted(tmp_path.iterdir())
    imported = read(path)
    assert list(differences(sample, imported)) == []
    assert parse_plan(to_toml(imported.plan), "the plan") == imported.plan
    assert path.read_bytes() == before
    assert sorted(tmp_path.iterdir()) == files


@pytest.mark.parametrize("sample", [one for one in SAMPLES if not one.events], ids=lambda one: one.name)
def test_a_database_without_events_is_declined(sample: Sample, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    sample.write(path)
    with pytest.raises(NoEvents) as declined:
        plan_of(path)
    assert [part for part in sample.declined if part not in str(declined.value)] == []
