"""Text that anyone could have written, on a real terminal: no byte of it acts on the terminal."""

import json
import re
import sys
from pathlib import Path

import pytest
from terminal import Terminal

from db.file import open_file

ATTACKS = {
    "title": "\x1b]0;PWNED\x07",
    "clipboard": "\x1b]52;c;UFdORUQ=\x07",
    "link": "\x1b]8;;http://evil.example\x1b\\link",
    "colour": "\x1b[31;5mPWNED",
    "c1": "\x9b31mPWNED\x9d0;PWNED\x9c",
    "dcs": "\x1bPq#0\x1b\\",
    "clear": "\x1b[2J\x1b[H",
    "bidi": "abc\u202edef\u2066ghi",
    "breaks": "a\rb\nc\x0bd\x0ce\x85f\u2028g\x00h\x7fi\x08j",
    "markup": "[/b] [@click=app.quit]x[/] [link=a]b[/link] $x {x} %s",
    "flood": "e" + "\u0301" * 60,
    "wide": "遗体👩‍👩‍👧‍👦🇺🇦" * 20,
    "tags": "\U000e0041\U000e0042\ufeff\u200b",
    "word": "x" * 3000,
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    source = tmp_path / "hostile.jsonl"
    lines = []
    for name, attack in ATTACKS.items():
        text = f"before {attack} MIDDLE {attack} after"
        at = text.index("MIDDLE")
        field = {"name": attack, "value": attack, "group": attack, "spans": [[at, at + 6]], "note": attack}
        event = {"id": f"{name}{attack}", "type": attack, "extractor": attack, "note": attack,
                 "fields": [{"name": "date", "value": attack}, field]}  # fmt: skip
        lines.append(json.dumps({"id": name, "title": attack, "publisher": attack, "text": text, "events": [event]}))
    source.write_text("\n".join(lines), encoding="utf-8")
    from tui.cli import main

    assert main(["import", str(tmp_path / "hostile.db"), str(source)]) == 0
    connection = open_file(tmp_path / "hostile.db")
    for name, attack in ATTACKS.items():
        connection.execute("INSERT INTO saved_queries VALUES (?, ?, ?)", (f"{name}{attack}", f'"{attack}"', attack))
    connection.close()
    return tmp_path / "hostile.db"


def assert_harmless(raw: bytes) -> None:
    text = raw.decode()
    assert "\x1b]0;" not in text
    assert "\x1b]52" not in text
    assert "\x1b]8;" not in text
    assert "\x1bP" not in text.replace("\x1bP+q", "")
    assert not re.search(
        "[\x80-\x9f\u202a-\u202e\u2066-\u2069\u2028\u200b\ufeff\U000e0000-\U000e007f\x0b\x0c\x7f\x00]", text
    )
    assert not re.search("\u0301{5}", text)
    assert "\x1b[31;5m" not in text


def test_the_reviewer_shows_every_attack_as_text(file: Path) -> None:
    command = [sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana\x1b[31;5m"]
    with Terminal(command, columns=100, rows=30) as terminal:
        terminal.wait_for(f"{len(ATTACKS)} left")
        for number, attack in enumerate(ATTACKS, 1):
            # See it, go through its fields, open every question on it, accept it.
            terminal.press("l", "j", "j", "enter", "down", "tab", "escape", "o", "escape", "m", "down", "escape")
            terminal.press("n", "escape", "f", "escape", "v", "v", "w", "escape", "y", "escape")
            terminal.press("d", "u", "h", "f", "escape", "O", "escape", "M", "escape", "t", "escape")
            terminal.press("N", "escape", "b", "escape", ":", "escape", "?", "escape", "x", "escape")
            # Queries: completed with values and names of the file, looked up by value and near the event.
            terminal.send("/date:")
            terminal.press(
                "down", "tab", "escape", "l", "j", "*", "j", "escape", "%", "l", "escape", "escape", "h", "a"
            )
            assert not terminal.ended, f"{attack}:\n{terminal.text()}"
            terminal.wait_for(f"{len(ATTACKS) - number} left")
        terminal.wait_for("MIDDLE")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw)


@pytest.mark.parametrize(
    "arguments",
    [
        ["find"], ["stats"], ["log"], ["types"], ["check"], ["find", "--json"], ["show"], ["find", "("], ["queries"],
        ["find", "--csv"], ["find", "--ndjson"], ["find", "--fields", "id,date,note,title"],
        ["find", "--group-by", "type,date:month"], ["find", "\x1b]0;x\x07:5"],
    ],
)  # fmt: skip
def test_tables_and_errors_show_attacks_as_text(file: Path, arguments: list[str]) -> None:
    command, *more = arguments
    targets = (
        [f"{name}{attack}" for name, attack in ATTACKS.items() if "\x00" not in attack] if command == "show" else [None]
    )
    for target in targets:
        words = [command, str(file), *more, *([target] if target else [])]
        with Terminal([sys.executable, "-m", "tui", *words], columns=100, rows=30) as terminal:
            terminal.wait_exit()
            terminal.settle()
            assert "Traceback" not in terminal.text()
            assert_harmless(terminal.raw)
