"""Hostile text on a real terminal: no byte of it acts on the terminal, and nothing is shifted.

Here each event holds many attacks; ``bench.hostile`` shows them one by one.
"""

import csv
import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from support.attacks import ATTACKS
from support.builders import ARTICLE, exported, without_review
from support.harmless import assert_harmless, assert_in_place
from support.hostile import (
    LEAVE,
    QUESTIONS,
    Watched,
    alone,
    date_by_attacks,
    decided,
    make_file,
    packed,
    without_events,
)
from support.terminal import Terminal

from db.store.connection import open_file

PACKED = 2
SEPARATELY = """
import json, sys
from tui.cli import main
for argv in json.load(open(sys.argv[1])):
    try:
        status = main(argv)
    except SystemExit as left:
        status = left.code
    print(f"\\n#{status}", flush=True)
"""


@pytest.fixture(scope="module")
def documents() -> list[dict[str, Any]]:
    return [alone(str(number), attack) for number, attack in enumerate(ATTACKS.values())]


@pytest.fixture(scope="module")
def few_file(tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]]) -> Path:
    """A small file, for commands that have the attacks as arguments."""
    return make_file(tmp_path_factory.mktemp("few") / "hostile.db", documents[::40])


@pytest.fixture(scope="module")
def some_file(tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]]) -> Path:
    """A file with an event for every third attack; the packed file has all of them."""
    file = make_file(tmp_path_factory.mktemp("some") / "hostile.db", documents[::3])
    date_by_attacks(file)
    return file


@pytest.fixture(scope="module")
def alone_file(tmp_path_factory: pytest.TempPathFactory, documents: list[dict[str, Any]]) -> Path:
    """A file with an event for each attack."""
    file = make_file(tmp_path_factory.mktemp("alone") / "hostile.db", documents)
    date_by_attacks(file)
    return file


@pytest.fixture
def packed_file(tmp_path: Path) -> Path:
    """A file with all attacks in a few events, documents without events, and queries."""
    names = list(ATTACKS)
    events = [packed(part, {name: ATTACKS[name] for name in names[part::PACKED]}) for part in range(PACKED)]
    empty = [without_events(number, ATTACKS[name]) for number, name in enumerate(names[::40])]
    return make_file(tmp_path / "hostile.db", [*events, *empty], list(ATTACKS.values())[::7])


def test_moving_through_the_events_shows_attacks_as_text(some_file: Path) -> None:
    count = len(range(0, len(ATTACKS), 3))
    with Watched(some_file, "--reviewer", "ana", columns=160, rows=45) as terminal:
        terminal.does("", f"1/{count}")
        for number in range(2, count + 1):
            terminal.does("j", f"{number}/{count}")
        terminal.does("q", "\x1b[?1049l")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw)
        assert_in_place(terminal.raw, 160)


@pytest.mark.parametrize(("columns", "rows", "events"), [(160, 45, [1]), (80, 24, [2]), (50, 20, [1, 2])])
def test_every_question_shows_attacks_as_text_and_leaves_the_panes_in_place(
    packed_file: Path, columns: int, rows: int, events: Sequence[int]
) -> None:
    with Watched(packed_file, columns=columns, rows=rows) as terminal:
        terminal.does("", f"1/{PACKED}")
        edges = _edges(terminal.screen(columns, rows))
        for number in events:
            terminal.does(f"\x07{number}\r", f"{number}/{PACKED}")
            for keys, shown in QUESTIONS:
                terminal.does(keys, *shown)
            assert _edges(terminal.screen(columns, rows)) == edges
        terminal.does("ya", "left")  # the question ignores keys that are no answer
        terminal.does(f"{LEAVE}yc", "copied the citation")
        terminal.does("q", "\x1b[?1049l")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw, copied=True)
        assert_in_place(terminal.raw, columns)
    assert decided(packed_file) >= 5 * len(events)


def _edges(screen: str) -> list[tuple[int, int]]:
    """Return where the edges of panes begin."""
    return [
        (y, match.start()) for y, line in enumerate(screen.split("\n")) for match in re.finditer("[─━](?=[A-Z])", line)
    ]


def test_pasted_and_typed_text_is_shown_as_text(packed_file: Path) -> None:
    pasted = [f"\x1b[200~{text}\x1b[201~" for text in _pasted()]
    with Watched(packed_file, columns=100, rows=30) as terminal:
        terminal.does("", f"1/{PACKED}")
        for text in pasted:
            # The note, the query, what is looked up, a new field's name, a command, a reason.
            terminal.does("n", "Note on this")
            terminal.does(text)
            for keys, label in (
                ("/", "Query"),
                ("\x06", "Look up"),
                ("o", "Add field"),
                (":", "Command"),
                ("?", "type to filter"),
            ):
                terminal.does(f"{LEAVE}{keys}", label)
                terminal.does(text)
            terminal.does(f"{LEAVE}x", "Reject as")
            terminal.does("o", "give a reason")
            terminal.does(f"{text}\r", "/2 ", "no other")
            terminal.does("u", "undone")
        terminal.does("n", "Note on this")
        terminal.does("flag 🇺🇦 thumb 👍🏽 heart ❤\ufe0f zalgo e" + "\u0301" * 9)
        terminal.does("\r")
        terminal.does("q", "\x1b[?1049l")
        assert terminal.wait_exit() == 0
        assert_harmless(terminal.raw)
        assert_in_place(terminal.raw, 100)


def _pasted() -> Iterator[str]:
    """Yield attacks as terminals paste them: without escapes and control keys."""
    texts = [re.sub("[\x00-\x08\x0e-\x1f]", "", text)[:200] for text in ATTACKS.values()]
    for part in range(2):
        yield " ".join(texts[part::8])


def test_commands_show_every_attack_as_text_in_answers_and_errors(
    alone_file: Path, some_file: Path, packed_file: Path, few_file: Path, tmp_path: Path
) -> None:
    whole = [["find"], ["log"], ["types"], ["find", "--fields", "id,date,note,title"]]
    part = [
        ["stats"], ["types", "--toml"], ["check"], ["export"], ["find", "--json"], ["find", "--csv"],
        ["find", "--ndjson"], ["find", "--group-by", "type,date:month"], ["log", "--json"], ["stats", "--json"],
    ]  # fmt: skip
    commands = [[command, str(alone_file), *more] for command, *more in whole]
    commands += [[command, str(some_file), *more] for command, *more in part]
    commands += [["queries", str(packed_file)], ["queries", str(packed_file), "--json"]]
    commands += [_asks(number, attack, few_file, tmp_path) for number, attack in enumerate(ATTACKS.values())]
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    with Terminal([sys.executable, "-c", SEPARATELY, str(tmp_path / "commands.json")], columns=100) as terminal:
        _read_to_the_end(terminal)
        raw = bytes(terminal.raw)
    statuses = re.findall(r"\n#(\d+)", raw.decode())
    assert len(statuses) == len(commands)
    assert [command for command, status in zip(commands, statuses, strict=True) if status == "70"] == []
    assert b"Traceback" not in raw
    assert_harmless(raw)


def _asks(number: int, attack: str, file: Path, folder: Path) -> list[str]:
    """Return a command with the attack as an argument, a different command for each number."""
    db, name = str(file), attack.replace("\0", "")[:60]  # no argument holds a NUL, no name of a file is longer
    commands = [
        ["find", db, attack], ["find", db, "--fields", attack], ["find", db, "--group-by", attack], [attack],
        ["find", db, "--sum", attack], ["show", db, f"{number} {attack}"], ["queries", db, "--remove", attack],
        ["find", db, "--limit", attack], ["log", db, attack], ["find", f"{folder}/{name}.db"],
        ["import", db, f"x{name}"],
        ["import", f"{db}{name}/x", db], ["queries", db, attack, attack], ["export", db, "--output", f"x{name}/{name}"],
        ["types", db, name], ["backup", db, f"x{name}/x"], ["serve", db, "--port", f"x{attack}"],
        ["keys", "--preset", attack], ["show", db, attack], ["find", db, f"date:{attack}"],
        ["find", db, f'"{attack}"', "--count"],
    ]  # fmt: skip
    return commands[number % len(commands)]


def _read_to_the_end(terminal: Terminal) -> None:
    """Read all output without making a screen of it, which would take most of the time."""
    terminal.feed = terminal.raw.extend  # type: ignore[method-assign]
    while not terminal.ended:
        terminal.read(0.2)
    while terminal.read(0.05):
        pass


def _piped(*arguments: str) -> str:
    command = [sys.executable, "-m", "tui", *arguments]
    return subprocess.run(command, capture_output=True, check=True, timeout=60).stdout.decode()


def test_an_export_returns_every_attack_and_the_same_offsets(alone_file: Path, documents: list[dict[str, Any]]) -> None:
    connection = open_file(alone_file)
    found = exported(connection)
    connection.close()
    assert [_described(document) for document in found] == [_described(document) for document in documents]
    for document, before in zip(found, documents, strict=True):
        (event,), (event_before,) = document["events"], before["events"]
        for key in ("id", "type", "extractor", "note"):
            assert (event.get(key) or "") == event_before[key], key
        assert event["reviewer"] == event_before["reviewer"].strip()
        assert event["decided_at"] == event["type"]
        for field, field_before in zip(event["fields"], event_before["fields"], strict=True):
            assert {key: field.get(key) for key in field_before} == field_before
        for start, end in event["fields"][1]["spans"]:
            assert document["text"][start:end] == "MIDDLE"
    assert without_review(found)


def _described(document: dict[str, Any]) -> dict[str, Any]:
    described = {key: value for key, value in document.items() if key != "events"}
    if "published_given" in described:  # what the file gave instead of a day
        described["published"] = described.pop("published_given")
    return described


def test_pipes_are_exact(alone_file: Path, documents: list[dict[str, Any]]) -> None:
    ids = [document["events"][0]["id"] for document in documents]
    notes = [document["events"][0]["note"] for document in documents]
    columns = ("find", str(alone_file), "--fields", "id,note")
    assert [row["note"] or "" for row in json.loads(_piped(*columns, "--json"))] == notes
    lines = _piped(*columns, "--ndjson").split("\n")[:-1]
    assert [json.loads(line)["id"] for line in lines] == ids
    rows = list(csv.reader(io.StringIO(_piped(*columns, "--csv"), newline="")))[1:]
    assert [note.removeprefix("'") for _, note in rows] == notes
    assert [row.split("\t")[0] for row in _piped(*columns).split("\n")[1:-1]] == [_escaped(id_) for id_ in ids]
    for number in (3, ids.index(next(id_ for id_ in ids if "\n" in id_))):
        shown = _piped("show", str(alone_file), ids[number].replace("\0", "") or "x")
        assert f"event\t{_escaped(ids[number])}\n" in shown


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _surrogates() -> list[dict[str, Any]]:
    """Documents with half a surrogate pair, each in another place."""
    event = ARTICLE["events"][0]
    half = f"half {chr(0xD83D)}"
    return [
        ARTICLE | {"text": half}, ARTICLE | {"title": half}, ARTICLE | {"id": half}, ARTICLE | {half: 1},
        ARTICLE | {"events": [event | {"type": half}]}, ARTICLE | {"events": [event | {"note": half}]},
        ARTICLE | {"events": [event | {"fields": [{"name": half, "value": 1}]}]},
        ARTICLE | {"events": [event | {"fields": [{"name": "x", "value": [{half: half}]}]}]},
    ]  # fmt: skip


def test_half_a_surrogate_pair_is_rejected_everywhere(tmp_path: Path) -> None:
    source = tmp_path / "halves.jsonl"
    source.write_text("".join(f"{json.dumps(document)}\n" for document in _surrogates()))
    command = [sys.executable, "-m", "tui", "import", str(tmp_path / "halves.db"), str(source)]
    with Terminal(command, columns=100) as terminal:
        assert terminal.wait_exit() == 1
        assert terminal.raw.count(b"surrogate pair") == len(_surrogates())
        assert_harmless(terminal.raw)


@pytest.mark.parametrize(
    "arguments",
    [
        ["find", "{db}", b"date:\xff"], ["find", "{db}", "--fields", b"\xff"],
        ["queries", "{db}", b"\xff", "date:x"], ["show", "{db}", b"\xff"], ["log", "{db}", b"\xff"],
        ["queries", "{db}", "a", "date:x", "--help-text", b"\xff"], ["review", "{db}", "--reviewer", b"\xff"],
        ["find", b"\xff.db"], ["import", "{db}", b"\xff.jsonl"], ["find", "{db}", "--limit", b"\xff"],
    ],
)  # fmt: skip
def test_arguments_that_are_not_utf_8_are_one_line_of_error(tmp_path: Path, arguments: Sequence[str | bytes]) -> None:
    file = make_file(tmp_path / "events.db", [ARTICLE])
    words = [os.fsencode(word).replace(b"{db}", os.fsencode(file)) for word in arguments]
    ran = subprocess.run([sys.executable, "-m", "tui", *words], capture_output=True, timeout=60)
    assert (ran.returncode, len(ran.stderr.splitlines())) in ((1, 0), (1, 1), (2, 1)), ran.stderr
    assert b"crashed" not in ran.stderr
    assert_harmless(ran.stdout + ran.stderr)
