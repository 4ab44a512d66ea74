"""The wide table comes back: unedited, as a spreadsheet saves it, edited, after the file went on, in a new file."""

import contextlib
import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, create, event, import_documents, problems

from db.decisions.review import Review
from db.exporting import export_documents
from db.store.connection import open_file
from tui.cli import main

Rows = list[dict[str, str]]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with a corrected, a rejected and a pending event, and one that a person added."""
    path = tmp_path / "war.db"
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE, LATER)
        review = Review(connection, "ana")
        first = event(connection)
        review.correct(first, first.fields[3], 25, [(42, 44)])
        review.remove(event(connection), event(connection).fields[0])
        review.move(event(connection), event(connection).fields[4], "giver", group="transfer:2")
        review.add(event(connection), "mediator", None, "=Red Cross", [(83, 96)])
        review.accept(event(connection))
        review.reject(event(connection, "report-1/2"), "generic")
        review.add_event(1, "protest")
    return path


def state(path: Path) -> tuple[list[Any], list[tuple[str, ...]]]:
    """Return all that a file exports, and its decisions."""
    with contextlib.closing(open_file(path)) as connection:
        assert problems(connection) == []
        decisions = connection.execute("SELECT action, reviewer FROM decisions ORDER BY id").fetchall()
        return json.loads(json.dumps(list(export_documents(connection)))), decisions


def stored(path: Path, id_: str = "report-1/1") -> dict[str, Any]:
    """Return an event of a file in the native form, with its fields by group and name."""
    (found,) = [item for document in state(path)[0] for item in document["events"] if item["id"] == id_]
    return found | {"by": {(item.get("group"), item["name"]): item for item in found["fields"]}}


def exported(file: Path, *options: str) -> Path:
    target = file.parent / f"table-{len(list(file.parent.iterdir()))}.csv"
    assert main(["export", str(file), "--format", "csv", "--output", str(target), *options]) == 0
    return target


def edited(table: Path, edit: Callable[[Rows], object], delimiter: str = ",", encoding: str = "utf-8") -> Path:
    """Return a copy of a table, edited and saved as a spreadsheet does."""
    with table.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    edit(rows)
    copy = table.with_name(f"edited-{table.name}")
    with copy.open("w", encoding=encoding, newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return copy


def row(rows: Rows, id_: str = "report-1/1") -> dict[str, str]:
    return next(item for item in rows if item["event"] == id_)


def set_cells(id_: str = "report-1/1", **cells: str) -> Callable[[Rows], None]:
    """Return an edit; ``transfer_1__count`` is the column transfer:1.count."""

    def edit(rows: Rows) -> None:
        for name, cell in cells.items():
            row(rows, id_)[name.replace("_1__", ":1.").replace("_2__", ":2.")] = cell

    return edit


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("csv", []), ("csv", ["--reviewed"]), ("csv", ["--query", "count:*"]), ("csv", ["--mapping", "eventdesk_wide"]),
        ("json-table", ["--mapping", "eventdesk_wide"]), ("json-table", ["--mapping", "eventdesk_wide", "--reviewed"]),
    ],
)  # fmt: skip
def test_the_same_table_is_known(name: str, options: list[str], file: Path, tmp_path: Path) -> None:
    table = tmp_path / "x.out"
    assert main(["export", str(file), "--format", name, "--output", str(table), *options]) == 0
    before = state(file)
    assert main(["import", str(file), str(table)]) == 0
    assert state(file) == before


def test_nothing_of_the_machine_changes_in_the_same_table(file: Path) -> None:
    before = stored(file)
    assert main(["import", str(file), str(exported(file))]) == 0
    assert [item.get("spans") for item in stored(file)["fields"]] == [item.get("spans") for item in before["fields"]]
    assert stored(file)["by"]["transfer:1", "count"]["confidence"] == 0.6


def as_a_spreadsheet_writes(rows: Rows) -> None:
    for item in rows:
        for name, cell in item.items():
            if cell == "0.8":
                item[name] = "0.80"
            elif cell == "2025-03-07":
                item[name] = "7 Mar 2025"
            elif cell.isdigit():
                item[name] = f"{cell}.0"
    rows.reverse()


@pytest.mark.parametrize(("delimiter", "encoding"), [(";", "utf-8-sig"), ("\t", "utf-16"), (",", "utf-8")])
def test_a_table_that_a_spreadsheet_saved_is_known(delimiter: str, encoding: str, file: Path) -> None:
    before = state(file)
    copy = edited(exported(file), as_a_spreadsheet_writes, delimiter, encoding)
    assert main(["import", str(file), str(copy), "--reviewer", "bo"]) == 0
    assert state(file) == before


def test_an_edited_value_is_a_correction_with_its_evidence(file: Path) -> None:
    copy = edited(exported(file), set_cells(transfer_1__count="15"))
    assert main(["import", str(file), str(copy), "--reviewer", "bo"]) == 0
    count = stored(file)["by"]["transfer:1", "count"]
    assert (count["value"], count["extracted"], count["state"]) == (15, 40, "corrected")
    assert (count["spans"], count["extracted_spans"]) == ([[61, 63]], [[10, 12]])
    assert state(file)[1][-1] == ("correct", "bo")
    after = state(file)
    assert main(["import", str(file), str(copy), "--reviewer", "bo"]) == 0  # the same edits again
    assert state(file) == after


def test_fields_can_be_removed_added_and_restored(file: Path) -> None:
    def edit(rows: Rows) -> None:
        set_cells(location="", date="2025-03-01", transfer_2__giver="both")(rows)
        for item in rows:
            item["transfer:2.count"] = "7" if item["event"] == "report-1/1" else ""

    assert main(["import", str(file), str(edited(exported(file), edit)), "--reviewer", "bo"]) == 0
    by = stored(file)["by"]
    assert by[None, "location"]["state"] == "removed"
    assert (by[None, "date"]["state"], by[None, "date"]["value"]) == ("corrected", "2025-03-01")
    assert by["transfer:2", "giver"]["value"] == "both"
    assert by["transfer:2", "giver"]["extracted_name"] == "recipient"
    assert (by["transfer:2", "count"]["state"], by["transfer:2", "count"]["value"]) == ("added", 7)


def test_status_reason_type_and_note_can_be_edited(file: Path) -> None:
    def edit(rows: Rows) -> None:
        set_cells("report-2/1", status="confirmed", note="sure")(rows)
        set_cells("report-1/2", type="riot", status="unsure", reason="")(rows)
        set_cells(status="rejected", reason="duplicate")(rows)

    assert main(["import", str(file), str(edited(exported(file), edit)), "--reviewer", "bo"]) == 0
    later, size, first = (stored(file, id_) for id_ in ("report-2/1", "report-1/2", "report-1/1"))
    assert (later["status"], later["note"], later["reviewer"]) == ("confirmed", "sure", "bo")
    assert (size["status"], size["type"], size["extracted_type"]) == ("unsure", "riot", "protest")
    assert (first["status"], first["reason"], first["reviewer"]) == ("rejected", "duplicate", "bo")
    assert {reviewer for _, reviewer in state(file)[1]} == {"ana", "bo"}


def test_a_gold_table_can_be_edited(file: Path) -> None:
    copy = edited(exported(file, "--reviewed"), set_cells(total="39"))
    assert main(["import", str(file), str(copy), "--reviewer", "bo"]) == 0
    assert stored(file)["by"][None, "total"]["value"] == 39


def test_an_edit_of_the_modifier_keeps_the_evidence(file: Path) -> None:
    copy = edited(exported(file), set_cells("report-2/1", **{"total.modifier": "at least"}))
    assert main(["import", str(file), str(copy), "--reviewer", "bo"]) == 0
    total = stored(file, "report-2/1")["by"][None, "total"]
    assert (total["modifier"], total["extracted_modifier"], total["spans"]) == ("at least", "about", [[9, 11]])


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"total.machine": "41"}, "column total.machine: what the machine extracted can't be edited; edit total"),
        ({"confidence": "0.9"}, "column confidence: describes the extraction and can't be edited in a table"),
        ({"title": "Another"}, "column title: describes the extraction and can't be edited"),
        ({"status": "maybe"}, "column status: maybe is not one of pending, confirmed"),
        ({"status": "pending"}, "column status: a decision can't become pending again"),
        ({"reason": "generic"}, "column reason: only a rejected event has a reason"),
        ({"status": "rejected", "reason": "so"}, "column reason: so is not one of not_an_event"),
        ({"type": ""}, "column type: is empty"),
        ({"date": "3/4/2025"}, "column date: 3/4/2025 may have the day or the month first"),
        ({"reviewer": "cleo", "total": "5"}, "column reviewer: cleo is not whose edits these are"),
        ({"eventdesk": "", "total": "5"}, "the column eventdesk is missing"),
    ],
)
def test_an_edit_that_can_not_be_applied_is_refused_alone(
    cells: dict[str, str], reason: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def edit(rows: Rows) -> None:
        set_cells(**cells)(rows)
        set_cells("report-2/1", location="Old Lesna")(rows)

    before = stored(file)
    copy = edited(exported(file), edit)
    refused = file.parent / "refused.csv"
    assert main(["import", str(file), str(copy), "--reviewer", "bo", "--refused", str(refused)]) == 1
    assert reason in capsys.readouterr().err
    assert stored(file) == before
    assert stored(file, "report-2/1")["by"][None, "location"]["value"] == "Old Lesna"
    assert len(refused.read_text().splitlines()) == 2


def test_an_edit_of_what_was_decided_since_is_refused(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = exported(file)
    with contextlib.closing(open_file(file)) as connection:
        total = next(field for field in event(connection).fields if field.name == "total")
        Review(connection, "cleo").correct(event(connection), total, 41, [])
    before = state(file)
    assert main(["import", str(file), str(table), "--reviewer", "bo"]) == 0  # an older export, unedited
    assert state(file) == before
    assert main(["import", str(file), str(edited(table, set_cells(total="5"))), "--reviewer", "bo"]) == 1
    assert "was changed in this file after the table was exported" in capsys.readouterr().err
    assert state(file) == before


def test_an_edit_by_nobody_is_refused(
    file: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    copy = edited(exported(file), set_cells(total="5"))
    before = state(file)
    monkeypatch.setattr("tui.commands.imports._login_name", lambda: None)
    assert main(["import", str(file), str(copy)]) == 1
    assert "say whose decisions these are with --reviewer NAME" in capsys.readouterr().err
    assert state(file) == before
    monkeypatch.setattr("tui.commands.imports._login_name", lambda: "root")
    assert main(["import", str(file), str(copy)]) == 0
    assert state(file)[1][-1] == ("correct", "root")


def test_edits_can_be_undone(file: Path) -> None:
    before = stored(file)
    assert main(["import", str(file), str(edited(exported(file), set_cells(total="5"))), "--reviewer", "bo"]) == 0
    with contextlib.closing(open_file(file)) as connection:
        assert Review(connection, "bo").undo()
    assert stored(file)["fields"] == before["fields"]


def test_a_new_file_gets_both_sides_from_the_table(file: Path, tmp_path: Path) -> None:
    new = tmp_path / "new.db"
    assert main(["import", str(new), str(exported(file))]) == 0
    first = stored(new)
    assert (first["status"], first["reviewer"], first["confidence"]) == ("corrected", "ana", 0.8)
    count = first["by"]["transfer:1", "count"]
    assert (count["value"], count["extracted"], count["state"]) == (25, 40, "corrected")
    assert first["by"][None, "date"]["state"] == "removed"
    assert first["by"][None, "mediator"]["value"] == "=Red Cross"
    assert stored(new, "report-2/1")["status"] == "pending"
    assert stored(new, "report-2/1")["by"][None, "total"]["modifier"] == "about"
    (added,) = [item for item in state(new)[0][0]["events"] if item.get("added")]
    assert added["type"] == "protest"
    again = exported(new)
    before = state(new)
    assert main(["import", str(new), str(again)]) == 0
    assert state(new) == before


def test_ids_that_a_spreadsheet_changed_make_no_new_events(
    file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with contextlib.closing(open_file(file)) as connection:
        import_documents(connection, LATER | {"id": "00042", "events": [LATER["events"][0] | {"id": "12e5"}]})

    def edit(rows: Rows) -> None:
        row(rows, "12e5").update(document="42", event="1200000")

    before = state(file)
    copy = edited(exported(file), edit)
    for target in (file, tmp_path / "new.db"):
        assert main(["import", str(target), str(copy)]) == 1
        assert "these ids differ from those of the exported row" in capsys.readouterr().err
    assert state(file) == before


def test_a_row_that_a_person_added_is_a_new_event(file: Path) -> None:
    def edit(rows: Rows) -> None:
        rows.append(dict.fromkeys(rows[0], "") | {"document": "report-2", "event": "new", "type": "riot", "total": "3"})

    assert main(["import", str(file), str(edited(exported(file), edit))]) == 0
    assert stored(file, "new")["by"][None, "total"]["value"] == 3
    assert state(file)[0][1]["title"] == "Forty cross"


def test_a_row_that_a_person_added_decides_in_no_other_name(file: Path) -> None:
    def add(rows: Rows) -> None:
        said = {"status": "confirmed", "reviewer": "ana", "decided_at": "2025-03-09T10:00:00Z"}
        row = {"event": "mine", "type": "attack", "document": "report-1", "total": "7"}
        rows.append(dict.fromkeys(rows[0], "") | row | said)

    table = edited(exported(file), add)
    assert main(["import", str(file), str(table), "--reviewer", "zed"]) == 0
    assert stored(file, "mine")["reviewer"] == "zed"
    assert [reviewer for _, reviewer in state(file)[1]][-1] == "zed"


@pytest.mark.parametrize("missing", ["status", "event", "eventdesk status", "eventdesk event", "eventdesk reviewer"])
def test_a_table_without_columns_that_tell_what_it_is_is_no_extraction(
    missing: str, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def remove(rows: Rows) -> None:
        for row in rows:
            for name in missing.split():
                del row[name]

    table, before = edited(exported(file), remove), state(file)
    assert main(["import", str(file), str(table), "--reviewer", "zed"]) == 2
    assert "without some of its columns" in capsys.readouterr().err
    assert state(file) == before


def test_columns_that_were_removed_are_no_edits(file: Path) -> None:
    def edit(rows: Rows) -> None:
        for item in rows:
            for name in ("publisher", "title", "date", "date.machine", "confidence"):
                del item[name]
        set_cells(total="39")(rows)

    assert main(["import", str(file), str(edited(exported(file), edit)), "--reviewer", "bo"]) == 0
    assert stored(file)["by"][None, "total"]["value"] == 39
    assert stored(file)["by"][None, "date"]["state"] == "removed"
    assert state(file)[0][0]["publisher"] == "The Border Post"


MAPPING = """
columns = ["no", "when", "what", "dead", "where", "report"]
fields = [
    { column = "when", kind = "date", dates = "dmy" },
    { column = "dead", kind = "integer" },
    { column = "where", kind = "place", ground = true },
]
[document]
text = "report"
[event]
id = "no"
type = "what"
"""


def test_a_table_that_a_mapping_wrote_is_known(tmp_path: Path) -> None:
    (tmp_path / "mapping.toml").write_text(MAPPING)
    (tmp_path / "in.csv").write_text(
        "no,when,what,dead,where,report\n"
        '7,05/03/2024,fire,"1,003",Lesna,Fire at Lesna\n8,06/03/2024,fire,2,Orla,Fire at Orla\n'
    )
    file, mapping = tmp_path / "war.db", str(tmp_path / "mapping.toml")
    assert main(["import", str(file), str(tmp_path / "in.csv"), "--mapping", mapping]) == 0
    with contextlib.closing(open_file(file)) as connection:
        review = Review(connection, "ana")
        dead = next(field for field in event(connection, "7").fields if field.name == "dead")
        review.correct(event(connection, "7"), dead, 3, [])
        review.accept(event(connection, "7"))
        dead = next(field for field in event(connection, "8").fields if field.name == "dead")
        review.correct(event(connection, "8"), dead, 2, [], "about")
        review.accept(event(connection, "8"))
    before = state(file)
    for format in ("csv", "json-table"):
        out = tmp_path / f"out-{format}"
        assert main(["export", str(file), "--format", format, "--mapping", mapping, "--output", str(out)]) == 0
        assert main(["import", str(file), str(out), "--mapping", mapping]) == 0
        assert state(file) == before
    newer = (tmp_path / "out-csv").read_text().replace("7,05/03/2024,fire,3,", "7,05/03/2024,fire,4,")
    (tmp_path / "newer.csv").write_text(newer)
    assert main(["import", str(file), str(tmp_path / "newer.csv"), "--mapping", mapping]) == 0
    assert stored(file, "7")["by"][None, "dead"]["extracted"] == 4
