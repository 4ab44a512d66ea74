"""The number of keys that each task takes, counted in the real app and compared with docs/tasks.md."""

import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.terminal import Terminal

from tui.cli import main

TASKS = Path(__file__).parents[2] / "docs" / "tasks.md"

CROSSING = {
    "id": "crossing",
    "title": "Exchange at the border",
    "published": "2025-03-07",
    "language": "en",
    "text": "On Friday 40 prisoners crossed the old bridge at Lesna. The North received 25 of them, says Colonel Varga."
    " The South received 15, says its Ombudsman.",
    "events": [
        {
            "id": "crossing/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "fields": [
                {"name": "date", "value": "2025-02-28", "spans": [[3, 9]]},
                {"name": "location", "value": "Lesna", "spans": [[49, 54]]},
                {"name": "giver", "value": "The North", "group": "transfer:1", "spans": [[56, 65]]},
                {"name": "recipient", "value": "The South", "group": "transfer:1", "spans": [[103, 112]]},
                {"name": "count", "value": 40, "group": "transfer:1", "spans": [[10, 12]]},
                {"name": "claimant", "value": "Ombudsman", "group": "transfer:1", "spans": [[136, 145]]},
            ],
        }
    ],
}
ELSEWHERE = {
    "id": "elsewhere",
    "text": "Thirty were exchanged, says the Red Cross.",
    "events": [
        {
            "id": "elsewhere/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "fields": [{"name": "claimant", "value": "Red Cross", "group": "transfer:1", "spans": [[32, 41]]}],
        }
    ],
}


class Desk:
    """The reviewer on two documents, and the keys pressed for the task."""

    def __init__(self, terminal: Terminal, file: Path) -> None:
        self.terminal = terminal
        self.file = file
        self.keys: list[str] = []

    def press(self, *keys: str) -> None:
        self.terminal.press(*keys)
        self.keys += keys

    def field(self, name: str) -> None:
        """Press the letter before a field."""
        self.terminal.wait_for("which field?")
        self.press(self.terminal.hint_for(name))

    def value(self, text: str) -> None:
        """Press the letter of a value."""
        self.terminal.wait_for("type it")
        self.press(self.terminal.hint_for(text))

    def event(self, saved: str, capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
        """Return the first exported event, after the screen has shown that it was saved."""
        self.terminal.wait_for(saved)
        capsys.readouterr()
        assert main(["export", str(self.file)]) == 0
        exported: dict[str, Any] = json.loads(capsys.readouterr().out.splitlines()[0])["events"][0]
        return exported

    def assert_documented(self, task: str) -> None:
        """Check that docs/tasks.md has these keys for the task."""
        row = re.search(
            rf"^\| {re.escape(task)} \| ([^|]+) \| (\d+) \| (\d+) \|", TASKS.read_text("utf-8"), re.MULTILINE
        )
        assert row, f"docs/tasks.md has no row for {task}"
        keys = " ".join(f"`{key}`" for key in self.keys)
        assert (row[1].strip(), int(row[2])) == (keys, len(self.keys))
        assert len(self.keys) <= int(row[3])


@pytest.fixture
def desk(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Iterator[Desk]:
    file, lines = tmp_path / "events.db", tmp_path / "events.jsonl"
    lines.write_text("\n".join(map(json.dumps, (CROSSING, ELSEWHERE))), encoding="utf-8")
    assert main(["import", str(file), str(lines)]) == 0
    with Terminal([sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"], 100, 30) as terminal:
        terminal.wait_for("2 left")
        yield Desk(terminal, file)


def _value(event: dict[str, Any], name: str, group: str | None = "transfer:1") -> Any:
    return next(field for field in event["fields"] if field["name"] == name and field.get("group") == group)


Capture = pytest.CaptureFixture[str]


def test_confirming_an_event(desk: Desk, capsys: Capture) -> None:
    desk.press("a")
    assert desk.event("u undoes: accept", capsys)["status"] == "confirmed"
    desk.assert_documented("confirm an event")


def test_rejecting_with_a_reason(desk: Desk, capsys: Capture) -> None:
    desk.press("x", "h")
    assert desk.event("u undoes: reject", capsys)["reason"] == "historical_mention"
    desk.assert_documented("reject it with a reason")


def test_correcting_a_count_from_the_text(desk: Desk, capsys: Capture) -> None:
    desk.press("f")
    desk.field("count")
    desk.value("25")
    count = _value(desk.event("u undoes: correct count 40 → 25", capsys), "count")
    assert (count["value"], count["spans"]) == (25, [[75, 77]])
    desk.assert_documented("correct a count that stands in the text")


def test_correcting_a_date_phrase(desk: Desk, capsys: Capture) -> None:
    desk.press("f")
    desk.field("date")
    desk.value("Friday → 2025-03-07")
    date = _value(desk.event("u undoes: correct date", capsys), "date", None)
    assert (date["value"], date["spans"]) == ("2025-03-07", [[3, 9]])
    desk.assert_documented("correct a date phrase")


def test_correcting_an_actor_to_a_known_one(desk: Desk, capsys: Capture) -> None:
    desk.press("f")
    desk.field("claimant")
    desk.value("Red Cross (known)")
    claimant = _value(desk.event("u undoes: correct claimant", capsys), "claimant")
    assert (claimant["value"], claimant.get("spans")) == ("Red Cross", None)
    desk.assert_documented("correct an actor to a known one")


def test_swapping_giver_and_recipient(desk: Desk, capsys: Capture) -> None:
    desk.press("s")
    desk.field("giver")
    event = desk.event("u undoes: swap", capsys)
    assert [_value(event, name)["value"] for name in ("giver", "recipient")] == ["The South", "The North"]
    desk.assert_documented("swap giver and recipient")


def test_adding_a_missed_transfer(desk: Desk, capsys: Capture) -> None:
    desk.press("O", "space")
    desk.terminal.wait_for("recipient of transfer 2")
    desk.value("The South")
    desk.terminal.wait_for("count of transfer 2")
    desk.value("15")
    desk.terminal.wait_for("claimant of transfer 2")
    desk.press("escape")
    event = desk.event("u undoes: add count 15", capsys)
    added = {name: _value(event, name, "transfer:2") for name in ("recipient", "count")}
    assert (added["recipient"]["value"], added["count"]["value"]) == ("The South", 15)
    assert added["count"]["spans"] == [[126, 128]]
    desk.assert_documented("add a missed transfer with recipient and count")


def test_marking_a_span_by_hand(desk: Desk, capsys: Capture) -> None:
    desk.terminal.press("l", "j")
    desk.press("v", "v", "b", "b", "b", "enter")
    location = _value(desk.event("u undoes: correct location", capsys), "location", None)
    assert (location["value"], location["spans"]) == ("old bridge at Lesna", [[35, 54]])
    desk.assert_documented("mark a span of four words by hand for the selected field")


def test_undoing(desk: Desk, capsys: Capture) -> None:
    desk.terminal.press("O", "space")
    desk.value("The South")
    desk.keys.clear()
    desk.terminal.press("escape")
    desk.press("u")
    assert all(field.get("group") != "transfer:2" for field in desk.event("undone", capsys)["fields"])
    desk.assert_documented("undo any of these")
