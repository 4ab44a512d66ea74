"""The seed article, reviewed from import to gold file by keys in a real terminal."""

import json
import subprocess
import sys
from pathlib import Path

from support.terminal import Terminal

EVENTDESK = [sys.executable, "-m", "tui"]

MOST_KEYS = 30


def run(*arguments: str) -> str:
    return subprocess.run([*EVENTDESK, *arguments], check=True, capture_output=True, text=True).stdout


def review(file: Path, columns: int = 100, rows: int = 30) -> Terminal:
    return Terminal([*EVENTDESK, "review", str(file), "--reviewer", "ana"], columns=columns, rows=rows)


def pick(terminal: Terminal, field: str, value: str, of: int = 0) -> None:
    """Press `f`, the letter of a field (number ``of`` among those of its name), and the letter of a value."""
    terminal.press("f")
    terminal.wait_for("Pick which field?")
    terminal.press(terminal.hint_for(field, of))
    terminal.wait_for("filter")
    terminal.press(terminal.hint_for(value))


def correct_the_first_event(terminal: Terminal) -> None:
    """Correct four mistakes: the wrong Friday, a total for a part, an outlet as claimant, a place of death."""
    pick(terminal, "date", "Friday → 2025-02-14")
    terminal.wait_for("was 2025-02-07")
    pick(terminal, "count", "757", of=1)
    terminal.wait_for("was 802")
    pick(terminal, "claimant", "Shamsail Saraliyev")
    terminal.wait_for("was RBC")
    terminal.press("m")
    terminal.wait_for("Move which field?")
    terminal.press(terminal.hint_for("location"))
    terminal.wait_for("Move location Donetsk to")
    terminal.type("pod")
    terminal.wait_for("place_of_death")
    terminal.press("enter")
    terminal.wait_for("was location")
    terminal.press("a")
    terminal.wait_for("2/3")


def test_the_seed_article_is_reviewed_by_keys_alone(tmp_path: Path, seed: Path) -> None:
    file = tmp_path / "seed.db"
    run("import", str(file), str(seed))

    with review(file, rows=40) as terminal:
        terminal.wait_for("3 left")
        correct_the_first_event(terminal)
        terminal.press("x", "h")
        terminal.wait_for("3/3")
        terminal.press("x", "b")
        terminal.wait_for("0 left")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        keys = terminal.keys_pressed

    decided = run("export", str(file))
    with review(file) as terminal:
        terminal.wait_for("u undoes: reject, boilerplate")
        terminal.press("u")
        terminal.wait_for("u undoes: reject, historical mention")
        terminal.press("u")
        terminal.wait_for("u undoes: accept as corrected")
        assert "2 left" in terminal.text()
        terminal.press("ctrl+r")
        terminal.wait_for("1 left")
        terminal.press("ctrl+r")
        terminal.wait_for("0 left")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert run("export", str(file)) == decided

    (line,) = run("export", str(file), "--reviewed").splitlines()
    document = json.loads(line)
    (event,) = document["events"]
    assert (event["id"], event["type"], event["status"]) == ("seed/1", "repatriation_of_remains", "corrected")
    facts = [
        (field.get("group"), field["name"], field["value"], [document["text"][a:b] for a, b in field["spans"]])
        for field in event["fields"]
    ]
    headquarters = "Coordination Headquarters for the Treatment of Prisoners of War"
    assert facts == [
        (None, "date", "2025-02-14", ["Friday"]),
        (None, "total", 802, ["802"]),
        (None, "unit", "bodies", ["remains of 802 fallen soldiers"]),
        (None, "place_of_death", "Donetsk", ["Donetsk"]),
        ("transfer:1", "giver", "Ukraine", ["Ukraine"]),
        ("transfer:1", "recipient", "Russia", ["Moscow"]),
        ("transfer:1", "count", 45, ["45"]),
        ("transfer:1", "claimant", "Shamsail Saraliyev", ["Shamsail Saraliyev"]),
        ("transfer:1", "outlet", "RBC", ["RBC"]),
        ("transfer:2", "giver", "Russia", ["Russia"]),
        ("transfer:2", "recipient", "Ukraine", ["Kyiv"]),
        ("transfer:2", "count", 757, ["757"]),
        ("transfer:2", "claimant", headquarters, [headquarters]),
        (None, "series_ordinal", 6, ["sixth"]),
        (None, "series_since", "2024-10", ["October"]),
        (None, "series_minimum", 500, ["500"]),
    ]
    assert "state = extraction + decisions" in run("check", str(file))
    print(f"keys pressed to review the seed article: {keys}")
    assert keys <= MOST_KEYS


def test_escape_and_a_key_right_after_it_are_two_keys(tmp_path: Path, seed: Path) -> None:
    file = tmp_path / "escape.db"
    run("import", str(file), str(seed))
    with review(file) as terminal:
        terminal.wait_for("3 left")
        terminal.press("x")
        terminal.wait_for("Reject as")
        terminal.send("\x1ba")
        terminal.wait_for("2 left")
        terminal.press("q")
        assert terminal.wait_exit() == 0
    assert run("find", str(file), "status:confirmed", "--count") == "1\n"


def test_keys_typed_in_one_burst_work_like_single_keys(tmp_path: Path, seed: Path) -> None:
    file = tmp_path / "burst.db"
    run("import", str(file), str(seed))
    with review(file) as terminal:
        terminal.wait_for("3 left")
        # Edit, backspace within the edit, accept, reject, reject and quit, in one write.
        terminal.send("le2025-02-15\x7f4\raxhxbq")
        assert terminal.wait_exit() == 0
    shown = json.loads(run("find", str(file), "--json"))
    assert [(event["status"], event.get("reason")) for event in shown] == [
        ("corrected", None),
        ("rejected", "historical_mention"),
        ("rejected", "boilerplate"),
    ]
    assert shown[0]["fields"][0]["value"] == "2025-02-14"
