"""A decision that the screen shows is on disk: the reviewer is killed right after, again and again."""

import copy
import json
import sqlite3
import sys
from pathlib import Path

from builders import ARTICLE, problems
from terminal import Terminal

from db.file import open_file

KILLS = 50


def test_an_accepted_event_survives_a_kill_right_after_its_next_screen(tmp_path: Path) -> None:
    file, lines = tmp_path / "events.db", tmp_path / "events.jsonl"
    documents = []
    for number in range(KILLS + 2):
        document = copy.deepcopy(ARTICLE)
        document["id"] = f"report-{number}"
        document["events"] = [document["events"][0] | {"id": f"event-{number:03}"}]
        documents.append(json.dumps(document))
    lines.write_text("\n".join(documents), encoding="utf-8")
    _import(file, lines)
    for kill in range(1, KILLS + 1):
        with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"]) as terminal:
            terminal.wait_for(f" {KILLS + 3 - kill} left")
            terminal.send("a")
            terminal.wait_for(f" {KILLS + 2 - kill} left")
            terminal.kill()
        assert _accepted(file) == kill
    connection = open_file(file)
    assert problems(connection) == []
    connection.close()


def _import(file: Path, lines: Path) -> None:
    from tui.cli import main

    assert main(["import", str(file), str(lines)]) == 0


def _accepted(file: Path) -> int:
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
    count: int = connection.execute(
        "SELECT count(*) FROM events JOIN decisions ON event_id = events.id WHERE status = 'confirmed'"
    ).fetchone()[0]
    connection.close()
    return count
