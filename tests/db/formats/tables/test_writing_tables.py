"""Wide and long tables hold both versions of every value exactly, and the codebook describes every column."""

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, event, import_documents

from db.decisions.review import Review
from db.event_types import EventType, FieldType
from db.exporting import export_documents
from db.formats.format import Export, Layout
from db.formats.shared.versions import extracted_version, reviewed_version
from db.formats.tables.formats import CSV
from db.formats.tables.write.long import COLUMNS
from db.formats.tables.write.wide import EVENT_COLUMNS
from db.formats.tables.write.wide_columns import MAX_REPEATS
from db.io.csv import cell_of, csv_of, text_of
from db.model import STATES
from db.store.event_types import read_event_types

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=8), st.text("=+-@\t\r\n'\",;\0＝a", max_size=5)
)


def read(pieces: Iterator[bytes]) -> list[list[str]]:
    """Return the rows of a CSV file."""
    written = b"".join(pieces).decode()
    assert written.endswith("\n")
    return list(csv.reader(io.StringIO(written, newline="")))


def write(export: Export) -> Iterator[bytes]:
    assert CSV.write
    return CSV.write(export)


def table(export: Export) -> list[dict[str, str]]:
    """Return the rows of the table, by column."""
    names, *rows = read(write(export))
    assert len({name.casefold() for name in names}) == len(names)
    return [dict(zip(names, row, strict=True)) for row in rows]


def codebook(export: Export) -> list[dict[str, str]]:
    """Return the rows of the codebook, by column."""
    ((suffix, write_codebook),) = CSV.companions
    assert suffix == ".codebook.csv"
    names, *rows = read(write_codebook(export))
    return [dict(zip(names, row, strict=True)) for row in rows]


def of_documents(*given: dict[str, Any], types: tuple[EventType, ...] = (), **options: Any) -> Export:
    return Export(lambda: iter(given), {item.name: item for item in types}, **options)


def of_file(connection: sqlite3.Connection, reviewed: bool = False, layout: Layout = "wide") -> Export:
    return Export(
        lambda: export_documents(connection, reviewed=reviewed), read_event_types(connection), reviewed, layout=layout
    )


def an_event(*fields: dict[str, Any], **keys: Any) -> dict[str, Any]:
    return {"id": "d", "text": "", "events": [{"id": "e", "type": "attack", "fields": list(fields), **keys}]}


@pytest.fixture
def reviewed(connection: sqlite3.Connection) -> sqlite3.Connection:
    """The article with a corrected count, a moved recipient, a removed date, and an added place and giver."""
    import_documents(connection, ARTICLE)
    review = Review(connection, "ana", lambda: "2025-03-08T10:00:00Z")

    def act(name: str, do: Callable[..., object], *more: object, **options: Any) -> None:
        now = event(connection)
        do(now, next(field for field in now.fields if field.name == name), *more, **options)

    act("count", review.correct, 25, [(41, 43)], "about")
    act("recipient", review.move, "giver", group="transfer:1")
    act("date", review.remove)
    review.add(event(connection), "location", None, "Old Bridge", [])
    review.add(event(connection), "giver", "transfer:2", "=cmd()", [])
    review.accept(event(connection))
    review.reject(event(connection, "report-1/2"), "not_an_event", "=no")
    return connection


class TestCells:
    @given(st.lists(st.lists(_TEXTS, min_size=2, max_size=2), max_size=4))
    @settings(max_examples=150)
    def test_any_text_reads_back_and_is_no_formula(self, rows: list[list[str]]) -> None:
        written = list(csv_of([cell_of(text) for text in row] for row in rows))
        cells = read(iter(written)) if rows else []
        assert [[text_of(cell) for cell in row] for row in cells] == rows
        assert not any(cell.startswith(_FORMULA_STARTS) for row in cells for cell in row)

    def test_values_other_than_text_are_json_and_an_empty_text_is_not_an_empty_cell(self) -> None:
        assert [cell_of(value) for value in (-5, 1.5, True, None, [1], "")] == ["-5", "1.5", "true", "null", "[1]", "'"]
        assert (text_of(""), text_of("'")) == (None, "")

    def test_many_rows_are_written_in_pieces(self) -> None:
        pieces = list(csv_of(["x" * 1000] for _ in range(1000)))
        assert 5 < len(pieces) < 50


class TestWide:
    def test_an_event_is_a_row_with_both_versions_of_each_field(self, reviewed: sqlite3.Connection) -> None:
        first, second = table(of_file(reviewed))
        assert {len(first.pop("eventdesk")), len(second["eventdesk"])} == {24}
        # fmt: off
        expected = {
            "document": "report-1", "title": "Exchange at the border", "publisher": "The Border Post", "url": "",
            "published": "2025-03-07", "language": "en", "event": "report-1/1", "extractor": "rules",
            "type": "prisoner_exchange", "type.machine": "prisoner_exchange", "confidence": "0.8",
            "status": "corrected", "reviewer": "ana",
            "decided_at": "2025-03-08T10:00:00Z", "reason": "", "reason_text": "", "note": "",
            "same_as": "", "date": "", "date.machine": "2025-02-28", "total": "40", "total.machine": "40",
            "location": "Lesna", "location.machine": "Lesna", "location.2": "Old Bridge", "location.2.machine": "",
            "transfer:1.count": "25", "transfer:1.count.machine": "40", "transfer:1.count.modifier": "about",
            "transfer:1.recipient": "", "transfer:1.recipient.machine": "the north",
            "transfer:1.giver": "the north", "transfer:1.giver.machine": "",
            "transfer:2.giver": "'=cmd()", "transfer:2.giver.machine": "", "size": "", "size.machine": "",
        }
        # fmt: on
        assert first == expected
        assert {key: second[key] for key in ("status", "reason", "reason_text", "size", "size.machine", "date")} == {
            "status": "rejected",
            "reason": "not_an_event",
            "reason_text": "'=no",
            "size": "dozens",
            "size.machine": "dozens",
            "date": "",
        }

    def test_gold_has_final_values_and_no_extracted_columns(self, reviewed: sqlite3.Connection) -> None:
        (row,) = table(of_file(reviewed, reviewed=True))
        assert not [name for name in row if ".machine" in name]
        assert (row["transfer:1.count"], row["location.2"], row["transfer:1.giver"]) == (
            "25",
            "Old Bridge",
            "the north",
        )
        assert "date" not in row

    def test_an_added_value_is_next_to_the_removed_one(self) -> None:
        export = of_documents(
            an_event(
                {"name": "count", "value": 802, "state": "removed"}, {"name": "count", "value": 757, "state": "added"}
            )
        )
        (row,) = table(export)
        assert (row["count"], row["count.machine"]) == ("757", "802")
        assert "count.2" not in row

    def test_removed_values_come_after_current_ones(self) -> None:
        export = of_documents(
            an_event({"name": "target", "value": "a", "state": "removed"}, {"name": "target", "value": "b"})
        )
        (row,) = table(export)
        assert [row[name] for name in ("target", "target.machine", "target.2", "target.2.machine")] == [
            "b",
            "b",
            "",
            "a",
        ]

    @pytest.mark.parametrize(
        ("groups", "columns"),
        [
            (["transfer:2", "transfer:1"], ["transfer:2.n", "transfer:1.n"]),
            (["transfer:2"], ["transfer:2.n"]),
            (["transfer:north", "transfer:south"], ["transfer:1.n", "transfer:2.n"]),
            (["transfer:7", "transfer:700"], ["transfer:1.n", "transfer:2.n"]),
            (["transfer", "giver:1:2"], ["transfer:1.n", "giver:2.n"]),
            ([None, ""], ["n", "n.2"]),
        ],
    )
    def test_a_group_is_numbered_by_its_name_or_its_position(self, groups: list[str], columns: list[str]) -> None:
        (row,) = table(of_documents(an_event(*({"name": "n", "value": g or "none", "group": g} for g in groups))))
        assert [row[column] for column in columns] == [group or "none" for group in groups]

    def test_a_column_whose_name_is_taken_gets_a_prefix(self) -> None:
        names = ["status", "Type", "count", "count.machine", "COUNT", "field.status", "rest", "n.2", "n", "n"]
        (row,) = table(of_documents(an_event(*({"name": name, "value": n} for n, name in enumerate(names)))))
        book = {line["column"]: line["field"] for line in codebook(of_documents(an_event(
            *({"name": name, "value": n} for n, name in enumerate(names))
        )))}  # fmt: skip
        assert book["field.status"] == "status"
        values = {int(row[column]): book[column] for column in row if book[column] and column.endswith(".machine")}
        assert values == dict(enumerate(names))

    def test_columns_follow_the_event_types_and_groups_stay_together(self) -> None:
        attack = EventType("attack", fields=tuple(FieldType(name) for name in ("date", "giver", "place", "count")))
        fields = [
            ("count", "t:2"),
            ("place", None),
            ("giver", "t:2"),
            ("count", "t:1"),
            ("other", None),
            ("date", None),
        ]
        export = of_documents(
            an_event(*({"name": name, "value": 1, "group": group} for name, group in fields)), types=(attack,)
        )
        (row,) = table(export)
        assert [name for name in row if name not in EVENT_COLUMNS and ".machine" not in name] == [
            "date", "t:1.count", "t:2.giver", "t:2.count", "place", "other", "eventdesk"
        ]  # fmt: skip

    def test_fields_beyond_the_last_column_are_in_one_column_as_json(self) -> None:
        many = an_event(*({"name": "target", "value": n, "state": "confirmed"} for n in range(MAX_REPEATS + 2)))
        (row,) = table(of_documents(many))
        assert row[f"target.{MAX_REPEATS}"] == str(MAX_REPEATS - 1)
        assert json.loads(row["rest"]) == [
            {"name": "target", "value": n, "machine": n} for n in (MAX_REPEATS, MAX_REPEATS + 1)
        ]
        names = an_event(*({"name": f"n{n}", "value": n, "modifier": "about"} for n in range(700)))
        (row,) = table(of_documents(names))
        assert len(row) < 2000  # the limit of SQLite
        assert len(json.loads(row["rest"])) == 700 - sum(bool(row[f"n{n}"]) for n in range(700) if f"n{n}" in row)

    def test_an_event_with_the_most_fields_is_written_quickly(self) -> None:
        half = [{"name": "n", "value": 1, "state": "confirmed"}] * 10_000
        (row,) = table(of_documents(an_event(*half, *({**field, "state": "removed"} for field in half))))
        *items, last = json.loads(row["rest"])
        assert (row["n"], len(items) + last["left_out"]) == ("1", 20_000 - MAX_REPEATS)
        assert len(row["rest"]) < 32_767  # the characters that a spreadsheet cell can hold


class TestLong:
    def test_a_field_is_a_row_with_its_evidence(self, reviewed: sqlite3.Connection) -> None:
        rows = table(of_file(reviewed, layout="long"))
        assert list(rows[0]) == list(COLUMNS)
        by_field = {(row["event"], row["field"] or row["field.machine"], row["value"]): row for row in rows}
        count = by_field["report-1/1", "count", "25"]
        assert {key: value for key, value in count.items() if value} == {
            "document": "report-1", "event": "report-1/1", "extractor": "rules", "type": "prisoner_exchange",
            "type.machine": "prisoner_exchange", "status": "corrected", "reviewer": "ana",
            "decided_at": "2025-03-08T10:00:00Z", "field": "count", "field.machine": "count", "group": "transfer:1",
            "group.machine": "transfer:1", "value": "25", "value.machine": "40", "modifier": "about",
            "state": "corrected", "confidence": "0.6", "start": "41", "end": "43", "quote": "25",
            "spans": "[[41, 43]]", "spans.machine": "[[10, 12]]",
        }  # fmt: skip
        removed = by_field["report-1/1", "date", ""]
        assert (removed["field"], removed["state"], removed["value.machine"]) == ("", "removed", "2025-02-28")
        added = by_field["report-1/1", "location", "Old Bridge"]
        assert (added["field.machine"], added["value.machine"], added["state"], added["quote"]) == ("", "", "added", "")
        moved = by_field["report-1/1", "giver", "the north"]
        assert (moved["field.machine"], moved["value.machine"]) == ("recipient", "the north")

    def test_the_long_table_has_several_spans_grounding_and_events_without_fields(self) -> None:
        document = an_event({"name": "n", "value": None, "spans": [[0, 2], [4, 5]], "grounding": "fuzzy"}) | {
            "text": "abcde"
        }
        document["events"].append({"id": "e2", "type": "attack", "status": "rejected"})
        first, second = table(of_documents(document, layout="long"))
        assert [first[key] for key in ("value", "quote", "start", "end", "grounding")] == [
            "null",
            "ab … e",
            "0",
            "2",
            "fuzzy",
        ]
        assert (second["event"], second["status"], second["field"]) == ("e2", "rejected", "")

    def test_gold_has_no_extracted_columns(self, reviewed: sqlite3.Connection) -> None:
        rows = table(of_file(reviewed, reviewed=True, layout="long"))
        assert "value.machine" not in rows[0]
        assert "state" not in rows[0]
        assert {row["status"] for row in rows} == {"corrected"}


class TestCodebook:
    def test_every_column_is_described(self, reviewed: sqlite3.Connection) -> None:
        for gold in (False, True):
            for layout in ("wide", "long"):
                export = of_file(reviewed, gold, layout)
                book = codebook(export)
                columns = read(write(export))[0]
                assert [line["column"] for line in book if line["column"] != "*"][: len(columns)] == columns
                assert all(line["about"] for line in book)

    def test_it_gives_kind_unit_choices_help_counts_and_an_example(self) -> None:
        types = (
            EventType("attack", fields=(FieldType("killed", "integer", unit="people", help="The dead."),)),
            EventType(
                "flood", fields=(FieldType("killed", help="Who died."), FieldType("how", "choice", choices=("a", "b")))
            ),
        )
        document = an_event({"name": "killed", "value": 3}, {"name": "killed", "value": "dozens"})
        document["events"].append({"id": "e2", "type": "flood", "fields": [{"name": "killed", "value": "sailors"}]})
        document["events"].append({"id": "e3", "type": "flood", "fields": [{"name": "how", "value": "=b"}]})
        wide = {line["column"]: line for line in codebook(of_documents(document, types=types))}
        assert wide["killed"] == {
            "column": "killed", "field": "killed", "kind": "integer; text", "unit": "attack: people", "choices": "",
            "about": "reviewed value. attack: The dead. flood: Who died.", "types": "attack; flood",
            "events": "2", "other_kind": "", "example": "3",
        }  # fmt: skip
        assert (wide["killed.2"]["other_kind"], wide["killed.2"]["kind"]) == ("1", "integer")
        assert (wide["how"]["choices"], wide["how"]["example"], wide["how"]["other_kind"]) == ("a, b", "'=b", "1")
        assert wide["event"]["events"] == "3"
        long = {line["field"]: line for line in codebook(of_documents(document, types=types, layout="long"))}
        assert (long["killed"]["events"], long["killed"]["other_kind"], long["killed"]["column"]) == ("2", "1", "value")


@st.composite
def _exported(draw: st.DrawFn) -> dict[str, Any]:
    """A document as in an export, with any decisions on its fields."""
    document = draw(documents())
    for item in document["events"]:
        for field in item["fields"]:
            field["state"] = draw(st.sampled_from(STATES))
            if field["state"] not in ("added", "extracted"):
                field |= draw(st.fixed_dictionaries({}, optional={
                    "extracted": st.one_of(_TEXTS, st.integers(), st.none()),
                    "extracted_name": st.sampled_from(["count", "date", "=n"]),
                    "extracted_group": st.sampled_from([None, "transfer:1", "transfer:x", "="]),
                    "extracted_modifier": st.sampled_from([None, "about"]),
                }))  # fmt: skip
    return document


@given(st.lists(_exported(), max_size=3))
@settings(max_examples=80)
def test_every_version_of_a_value_has_its_own_cell(given: list[dict[str, Any]]) -> None:
    wide = of_documents(*given)
    book = {line["column"]: line for line in codebook(wide)}
    rows = iter(table(wide))
    long_rows = iter(table(of_documents(*given, layout="long")))
    for document in given:
        for item in document["events"]:
            row = next(rows)
            assert (row["document"], row["event"]) == (document["id"], item["id"])
            sides = (
                [reviewed_version(field) for field in item["fields"]],
                [extracted_version(field) for field in item["fields"]],
            )
            values = [name for name in row if book[name]["field"] and not name.endswith((".machine", ".modifier"))]
            for of_side, suffix in zip(sides, ("", ".machine"), strict=True):
                expected = Counter((side.name, cell_of(side.value)) for side in of_side if side)
                columns = [(name, f"{name}{suffix}") for name in values]
                assert expected == Counter((text_of(book[c]["field"]), row[full]) for c, full in columns if row[full])
            for reviewed, machine in zip(*sides, strict=True):
                line = next(long_rows)
                assert line["value"] == ("" if reviewed is None else cell_of(reviewed.value))
                assert line["value.machine"] == ("" if machine is None else cell_of(machine.value))
            if not item["fields"]:
                next(long_rows)
    assert next(rows, None) is next(long_rows, None) is None
