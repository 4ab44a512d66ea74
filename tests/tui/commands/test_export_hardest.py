"""`export --limit` and `--hardest`: a few documents, or events of a table; those with most corrections first."""

import contextlib
import csv
import io
import json
from pathlib import Path

import pytest
from support.builders import create, event, import_documents

from db.decisions.review import Review
from tui.cli import main


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Four documents: nothing decided, one correction, a rejected event with two corrections, low confidence."""
    path = tmp_path / "war.db"
    fields = [{"name": name, "value": 1} for name in ("killed", "wounded", "total")]
    with contextlib.closing(create(path)) as connection:
        events = {name: [{"id": f"{name}/1", "type": "t", "confidence": 0.9, "fields": fields}] for name in "abcd"}
        events["c"].append({"id": "c/2", "type": "t", "confidence": 0.8, "fields": fields})
        events["d"][0]["confidence"] = 0.1
        import_documents(connection, *({"id": name, "text": "one", "events": found} for name, found in events.items()))
        review = Review(connection, "ana")
        for id_, changed in (("b/1", 1), ("c/1", 2)):
            for number in range(changed):
                review.correct(event(connection, id_), event(connection, id_).fields[number], 2, ())
            review.accept(event(connection, id_))
        review.reject(event(connection, "c/2"), "generic")
        review.accept(event(connection, "d/1"))
    return path


def exported(file: Path, capfd: pytest.CaptureFixture[str], *options: str) -> str:
    assert main(["export", str(file), *options]) == 0
    return capfd.readouterr().out


def ids(output: str) -> list[str]:
    return [json.loads(line)["id"] for line in output.splitlines()]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--limit", "2"), ["a", "b"]),
        (("--hardest",), ["c", "b", "d", "a"]),
        (("--hardest", "--limit", "1"), ["c"]),
        (("--hardest", "--reviewed"), ["c", "b", "d"]),
        (("--limit", "2", "--reviewed"), ["b", "c"]),
        (("--hardest", "--query", "status:pending or killed>1", "--limit", "3"), ["c", "b", "a"]),
    ],
)
def test_documents_of_a_limit_and_the_hardest_first(
    options: tuple[str, ...], expected: list[str], file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert ids(exported(file, capfd, *options)) == expected


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (("--hardest",), ["c/1", "c/2", "b/1", "d/1", "a/1"]),
        (("--hardest", "--limit", "2"), ["c/1", "c/2"]),
        (("--limit", "3"), ["a/1", "b/1", "c/1"]),
        (("--limit", "2", "--reviewed"), ["b/1", "c/1"]),
    ],
)
def test_events_of_a_table(
    options: tuple[str, ...], expected: list[str], file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    rows = csv.DictReader(io.StringIO(exported(file, capfd, "--format", "csv", *options)))
    assert [row["event"] for row in rows] == expected


def test_examples_for_a_prompt(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (line,) = exported(file, capfd, "--format", "chat", "--limit", "1", "--hardest").splitlines()
    (user, assistant) = json.loads(line)["messages"]
    assert user["content"] == "one"
    assert json.loads(assistant["content"]) == {"events": [{"type": "t", "killed": 2, "wounded": 2, "total": 1}]}


def test_a_limit_is_a_positive_number(file: Path, capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["export", str(file), "--limit", "0"])
    assert "--limit" in capfd.readouterr().err
