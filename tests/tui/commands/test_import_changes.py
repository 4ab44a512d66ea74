"""What import prints about changes to reviewed events, and where the reviewer shows them."""

import contextlib
import copy
import getpass
import json
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, create, event, import_documents
from support.driving import desk_of

from db.decisions.review import Review
from db.errors import InputError
from db.importing.merging.links import link_duplicates
from db.importing.releases.changes import ChangeKind, ExtractionChange, FieldValue
from db.model import Status
from db.store.connection import open_file
from tui.cli import main
from tui.output.changes import words_of
from tui.review import foot


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file in which one event was accepted as corrected and the other rejected."""
    path = tmp_path / "war.db"
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE)
        review = Review(connection, "ana")
        review.correct(event(connection), event(connection).fields[3], 757, [])
        review.accept(event(connection))
        review.reject(event(connection, "report-1/2"), "generic")
    return path


def run(folder: Path, name: str = "run.jsonl", **changes: Any) -> str:
    """Write a new run in which the named fields have other values; only the second event has a ``size``."""
    document = copy.deepcopy(ARTICLE)
    for item in document["events"]:
        for field in item["fields"]:
            field["value"] = changes.get(field["name"], field["value"])
    path = folder / name
    path.write_text(f"{json.dumps(document)}\n", encoding="utf-8")
    return str(path)


def change(
    what: ChangeKind = "value",
    *,
    field: str | None = "count",
    group: str | None = None,
    said: FieldValue | None = None,
    removed: bool = False,
    status: Status = "pending",
    settled: bool = False,
) -> ExtractionChange:
    before, now = FieldValue(757, None), FieldValue(802, "about")
    return ExtractionChange(
        "d", "seed/1", "x", what, field, group, before, now, said, "ana", removed, status, settled
    )  # fmt: skip


@pytest.mark.parametrize(
    ("made", "words"),
    [
        (change(said=FieldValue(802, "about"), group="transfer:2", settled=True),
         "seed/1 count (transfer:2): the machine now says about 802, ana said about 802: settled"),
        (change(said=FieldValue(757, None)),
         "seed/1 count: the machine now says about 802, ana said 757: review again"),
        (change("gone", said=FieldValue(757, None)),
         "seed/1 count: the machine no longer says 757, ana said 757: review again"),
        (change("gone", removed=True, settled=True),
         "seed/1 count: the machine no longer says 757, ana removed it: settled"),
        (change("new", status="corrected"),
         "seed/1 count: the machine now says about 802, ana accepted the event without it: review again"),
        (change(status="rejected"),
         "seed/1 count: the machine now says about 802, ana rejected the event: review again"),
        (change(), "seed/1 count: the machine now says about 802, ana added a note: review again"),
        (change("type", field=None, said=FieldValue("swap", None)),
         "seed/1 type: the machine now says about 802, ana said swap: review again"),
        (change("not extracted", field=None, status="unsure"), "seed/1: no longer extracted, ana was unsure of it"),
        (change(field="a\x1b[31m\nb", said=FieldValue("x\x1b]0;" + "y" * 99, None)),
         "seed/1 a␛[31m b: the machine now says about 802, ana said x␛]0;" + "y" * 54 + "…: review again"),
    ],
)  # fmt: skip
def test_a_change_is_described_in_one_line(made: ExtractionChange, words: str) -> None:
    assert words_of(made, "ben") == words
    assert words_of(made, "ana") == words.replace("ana was", "you were").replace("ana", "you")


def test_an_import_prints_changes_to_reviewed_events_and_their_number(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(getpass, "getuser", lambda: "ana")
    assert main(["import", str(file), run(file.parent, count=757, location="Kell", size="hundreds")]) == 0
    said = capsys.readouterr()
    assert said.out.splitlines() == [
        "report-1/1 location: the machine now says Kell, you said Lesna: review again",
        "report-1/1 count (transfer:1): the machine now says 757, you said 757: settled",
        "report-1/2 size: the machine now says hundreds, you rejected the event: review again",
        "location: 1 changed; count: 1 changed; size: 1 changed",
        "0 new documents, 0 new events; 2 events updated; 1 settled, 2 to review again (is:changed finds them);"
        " nothing skipped",
    ]
    assert main(["find", str(file), "is:changed", "--count"]) == 0
    assert capsys.readouterr().out == "2\n"


def test_at_most_twenty_changes_are_printed_and_all_are_written(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.importing.report.SHOWN", 25)

    def lines(value: int) -> str:
        events = [{"id": f"e{n}", "type": "t", "fields": [{"name": "n", "value": value}]} for n in range(30)]
        path = tmp_path / f"{value}.jsonl"
        path.write_text(json.dumps({"id": "d", "text": "x", "events": events}) + "\n", encoding="utf-8")
        return str(path)

    file = tmp_path / "war.db"
    assert main(["import", str(file), lines(1)]) == 0
    with contextlib.closing(open_file(file)) as connection:
        for number in range(30):
            Review(connection, "ana").accept(event(connection, f"e{number}"))
    capsys.readouterr()
    changes = tmp_path / "changes.jsonl"
    assert main(["import", str(file), lines(2), "--changes", str(changes)]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[20:22] == ["… and 10 more", "n: 30 changed"]
    assert len(out) == 23
    assert "; 0 settled, 30 to review again" in out[22]
    written = [json.loads(line) for line in changes.read_text(encoding="utf-8").splitlines()]
    assert [row["event"] for row in written] == [f"e{number}" for number in range(30)]
    assert written[0] == {
        "document": "d", "event": "e0", "extractor": "", "what": "value", "field": "n", "before": 1, "now": 2,
        "said": 1, "reviewer": "ana", "removed": False, "status": "confirmed", "settled": False, "decided": True,
    }  # fmt: skip
    assert main(["import", str(file), lines(3), "--changes", str(changes)]) == 2
    assert "already exists" in capsys.readouterr().err
    assert main(["find", str(file), "n:2", "--count"]) == 1


def test_no_file_is_written_if_nothing_changed(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    changes = file.parent / "changes.jsonl"
    assert main(["import", str(file), run(file.parent), "--changes", str(changes)]) == 0
    assert not changes.exists()
    out = capsys.readouterr().out
    assert out == "0 new documents, 0 new events; 2 events unchanged; nothing skipped\n"


def test_new_evidence_and_missing_events_are_in_the_last_line(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = copy.deepcopy(ARTICLE)
    document["events"][0]["fields"][0]["spans"] = [[0, 9]]
    del document["events"][1]
    source = file.parent / "run.jsonl"
    source.write_text(json.dumps(document), encoding="utf-8")
    assert main(["import", str(file), str(source)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "report-1/2: no longer extracted, ana rejected it",
        "date: 1 with other evidence or details",
        "no longer in the file: report-1/2",
        "0 new documents, 0 new events; 1 event updated; 1 reviewed field with new evidence only;"
        " 1 event no longer extracted; nothing skipped",
    ]


def test_changes_of_a_failed_file_are_not_written(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    changes = file.parent / "changes.jsonl"
    new = file.parent / "new.jsonl"
    new.write_text('{"text": "a"}\n', encoding="utf-8")
    sources = [str(new), run(file.parent, "good.jsonl", location="Kell"), run(file.parent, "bad.jsonl", total=9)]
    calls = 0

    def breaks(*arguments: Any) -> None:
        nonlocal calls
        calls += 1
        if calls == 3:
            raise InputError("the disk was pulled out")
        link_duplicates(*arguments)

    monkeypatch.setattr("db.importing.importing.link_duplicates", breaks)
    assert main(["import", str(file), *sources, "--changes", str(changes)]) == 2
    assert "pulled out" in capsys.readouterr().err
    assert [json.loads(line)["field"] for line in changes.read_text(encoding="utf-8").splitlines()] == ["location"]
    assert main(["find", str(file), "is:changed", "--count"]) == 0
    assert capsys.readouterr().out == "1\n"


def test_the_foot_of_the_reviewer_asks_for_a_review_until_someone_decides(file: Path) -> None:
    assert main(["import", str(file), run(file.parent, location="Kell")]) == 0
    with contextlib.closing(open_file(file)) as connection:
        said = foot.about_event(event(connection)).plain
        assert said.startswith(" ✎ corrected by ana  a new import changed it: review again  report-1/1")
        Review(connection, "ben").accept(event(connection))
        assert "review again" not in foot.about_event(event(connection)).plain


async def test_the_reviewer_shows_both_values_of_a_change(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = copy.deepcopy(ARTICLE)
    fields = document["events"][0]["fields"]
    fields[3]["value"] = 802
    fields[1]["value"] = 41
    del fields[2]
    source = file.parent / "run.jsonl"
    source.write_text(json.dumps(document), encoding="utf-8")
    assert main(["import", str(file), str(source)]) == 0
    assert "3 to review again" in capsys.readouterr().out
    with contextlib.closing(open_file(file)) as connection:
        async with desk_of(connection, query="is:changed", size=(160, 40)) as desk:
            assert "1/1" in desk.text("status")
            assert "a new import changed it: review again" in desk.text("detail")
            shown = [" ".join(line.split()) for line in desk.lines("fields")]
            for name, remark in (("total 40", "now extracted as 41"), ("location Lesna", "no longer extracted"),
                                 ("count 757", "was 802")):  # fmt: skip
                at = next(number for number, line in enumerate(shown) if name in line)
                assert remark in shown[at + 1], shown
            await desk.press("a")
            assert "review again" not in desk.text("detail")
        assert not event(connection).changed
