"""Datasette itself explains a file with the metadata that is written for it.

It is no dependency: these run where it is installed beside eventdesk.
"""

import json
import sqlite3
import subprocess
import sys
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from support.builders import event, import_documents

from db.decisions.review import Review
from db.formats.datasette.format import FORMAT, metadata
from db.formats.format import Export
from db.io.types_toml import parse_event_types
from db.store.connection import open_file, writing
from db.store.event_types import declare, read_event_types

pytest.importorskip("datasette", reason="needs datasette")

_ODD = """
["it's :odd".fields."a;b"]
kind = "integer"
unit = 'm"s'
"""


@dataclass(frozen=True, slots=True)
class _Named(Export):
    database: str = "war"


@pytest.fixture(scope="module")
def war(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo, somewhat reviewed, with a type whose name and units need quoting, and a table of somebody's own."""
    path = tmp_path_factory.mktemp("war") / "war.db"
    demo = files("db") / "demo"
    with closing(open_file(path, create=True)) as connection:
        import_documents(connection, text=(demo / "demo.jsonl").read_text(encoding="utf-8"))
        types = parse_event_types((demo / "types.toml").read_text(encoding="utf-8"), "types.toml")
        with writing(connection):
            declare(connection, [*types, *parse_event_types(_ODD, "odd.toml")])
        review = Review(connection, "ana")
        changed = event(connection, "demo-001/1")
        count = next(field for field in changed.fields if field.name == "count")
        review.correct(changed, count, 387, count.spans)
        review.accept(event(connection, "demo-001/1"))
        review.reject(event(connection, "demo-001/2"), "historical_mention")
        connection.execute('CREATE TABLE "it\'s mine" (a)')
    return path


@pytest.fixture(scope="module")
def told(war: Path) -> dict[str, Any]:
    with closing(open_file(war)) as connection:
        return metadata(read_event_types(connection), "war")


@pytest.fixture
def served(war: Path, told: dict[str, Any]) -> Any:
    from datasette.app import Datasette

    return Datasette([str(war)], metadata=told)


async def test_every_table_and_view_opens_with_its_words(served: Any, told: dict[str, Any], war: Path) -> None:
    for name, words in told["databases"]["war"]["tables"].items():
        page = await served.client.get(f"/war/{quote(name)}?_size=1")
        assert page.status_code == 200, (name, page.text)
        assert words["description"].partition("'")[0] in page.text
    page = await served.client.get("/war")
    assert page.status_code == 200
    assert "How far we are" in page.text
    assert "presence" not in page.text.partition("hidden table")[0]


async def test_every_query_answers(served: Any, told: dict[str, Any]) -> None:
    for name in told["databases"]["war"]["queries"]:
        page = await served.client.get(f"/war/{name}.json?status=&field=&value=&_shape=objects")
        assert page.status_code == 200, (name, page.text)
        assert (await served.client.get(f"/war/{name}?status=&field=&value=")).status_code == 200


async def test_the_queries_say_what_was_done(served: Any) -> None:
    async def rows(query: str, **parameters: str) -> list[dict[str, Any]]:
        page = await served.client.get(f"/war/{query}.json", params={"_shape": "array", **parameters})
        found: list[dict[str, Any]] = page.json()
        return found

    assert {row["status"]: row["events"] for row in await rows("how_far_we_are")} == {
        "pending": 80,
        "corrected": 1,
        "rejected": 1,
    }
    (corrected,) = await rows("what_was_corrected", field="count")
    assert (corrected["machine"], corrected["reviewed"], corrected["reviewer"]) == (388, 387, "ana")
    assert await rows("what_was_corrected", field="total") == []
    (rejected,) = await rows("why_events_were_rejected")
    assert (rejected["reason"], rejected["events"]) == ("historical_mention", 1)
    of_count = next(row for row in await rows("how_good_the_machine_is") if row["field"] == "count")
    assert (of_count["extracted"], of_count["kept"], of_count["corrected"]) == (2, 1, 1)
    (first,) = await rows("type_repatriation_of_remains", status="corrected")
    assert (first["total (bodies)"], first["count (bodies)"]) == (412, "387; 24")
    found = await rows("events_with_a_value", field="count", value="387")
    assert [row["event"] for row in found] == ["demo-001/1"]


async def test_texts_are_searched_and_ids_stand_for_documents(served: Any) -> None:
    found = (await served.client.get("/war/documents.json?_search=Kell&_shape=array")).json()
    assert "demo-001-remains-at-kell-bridge" in {row["external_id"] for row in found}
    page = await served.client.get("/war/events?_size=1")
    assert "demo-001-remains-at-kell-bridge" in page.text


def test_its_command_line_takes_the_file_as_it_was_written(war: Path, tmp_path: Path) -> None:
    assert FORMAT.write is not None
    written = tmp_path / "metadata.json"
    with closing(open_file(war)) as connection:
        export = _Named(lambda: iter(()), read_event_types(connection))
        written.write_bytes(b"".join(FORMAT.write(export)))
    command = [sys.executable, "-m", "datasette"]
    page = subprocess.run(
        [*command, str(war), "--metadata", str(written), "--get", "/war/progress.json?_shape=array"],
        capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert page.returncode == 0, page.stderr
    assert {row["type"] for row in json.loads(page.stdout)} >= {"protest", "attack"}
    inspected = subprocess.run([*command, "inspect", str(war)], capture_output=True, text=True, timeout=60)
    assert inspected.returncode == 0, inspected.stderr
    assert json.loads(inspected.stdout)["war"]["tables"]["events"]["count"] == 82


def test_what_is_served_is_sound_afterwards(war: Path) -> None:
    with closing(sqlite3.connect(war)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
