import contextlib
import csv
import io
import json
import sqlite3
import string
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.table_files import documents, exported, fields_of, imported, records, refusals, source_of

from db.decisions.journal import utc_now
from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Confidence, Export, ReadOptions, Record, Source
from db.formats.tables.formats import CSV, JSON_TABLE, PARQUET, SQLITE
from db.io.documents import parse_document
from db.store.connection import open_file

_MAPPING = """
columns = ["id", "date", "kind of event", "place", "dead"]
fields = [
    { column = "date", kind = "date" },
    { column = "place", kind = "place" },
    { column = "dead", kind = "integer" },
]
[document]
id = "id"
title = ["kind of event", "place"]
[event]
id = "id"
type = "kind of event"
"""
_HEADER = "id,date,kind of event,place,dead\n"


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(_MAPPING)
    return path


@pytest.mark.parametrize("delimiter", list(",;\t|"))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_delimiter_encoding_and_line_ends_are_detected(delimiter: str, encoding: str, end: str) -> None:
    names = ["id", "date", "type", "place", "said"]
    rows = [
        [str(n), f"2024-03-{n:02}", "attack", "Orléans, côté sud; à l'été | déjà", f'"hé" n° {n}'] for n in range(1, 9)
    ]
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, lineterminator=end).writerows([names, *rows])
    found = records(text.getvalue().encode(encoding))
    fields = [fields_of(record.document) for record in found if isinstance(record.document, dict)]
    assert fields == [{"date": row[1], "place": row[3], "said": row[4]} for row in rows]
    assert CSV.recognise(source_of(text.getvalue().encode(encoding), "x.csv")) >= Confidence.LIKELY
    assert any("read as cp1252" in note for note in found[0].notes) == (encoding == "cp1252")


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_ten_columns_after_a_number_are_a_table(delimiter: str) -> None:
    names = ["id", "date", "type", "place", "a", "b", "killed", "wounded", "source", "said"]
    rows = [[str(n), "2024-03-05", "riot", f"Brod {n}", "x", "y", str(n % 5), "2", "Daily", "Fire."] for n in range(9)]
    assert len(documents("\n".join(delimiter.join(row) for row in (names, *rows)))) == len(rows)


def test_cells_can_contain_line_ends_quotes_and_delimiters() -> None:
    table = 'id,type,said\n1,a,"one\n""two"", three\r\nfour"\n2,b,plain\n'
    found = records(table)
    assert [fields_of(r.document)["said"] for r in found] == ['one\n"two", three\r\nfour', "plain"]
    assert [record.position for record in found] == [2, 5]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        (b"2,2024-01-01,riot,Here", "4 cells in a table of 5 columns; column dead is the first without a cell"),
        (b"2,2024-01-01,riot,Here,1,2", "6 cells in a table of 5 columns; remove the cells after column dead"),
        (b"2,2024-01-01,riot,Here,twelve", 'column dead: "twelve" is not a whole number; correct it'),
        (b"2,2024-01-01,riot,Here,1.5", 'column dead: "1.5" is not a whole number; correct it'),
        (b"2,2024-01-01,,Here,1", "the event has no type (column kind of event is empty)"),
        (b"2,2024-01-01,riot,\xff\xfe,1", "column place: not UTF-8; save the file as UTF-8"),
        (b"2,2024-01-01,riot,A\0B,1", "column place: contains NUL characters; remove them"),
        (b'2,2024-01-01,riot,"Here,1', "column place: a quote at the start of the cell is never closed"),
        (b'2,2024-01-01,riot,Here,"1', "column dead: a quote at the start of the cell is never closed"),
    ],
)
@pytest.mark.parametrize("after", [b"3,2024-01-02,riot,There,4\n", b'3,2024-01-02,riot,"There, ""it""",4\n', b""])
def test_an_invalid_row_is_rejected_alone_with_its_line_and_column(
    mapping: Path, row: bytes, message: str, after: bytes
) -> None:
    valid = ["é1,2024-01-01,riot,Här,3\n".encode()] * 3
    content = b"".join([_HEADER.encode(), *valid, row + b"\n", after, *valid])
    found = records(content, mapping)
    ((line, reason),) = refusals(found)
    assert line == 5
    assert message in reason
    assert "\n" not in reason
    (bad,) = [record for record in found if isinstance(record.document, InputError)]
    assert bad.raw == _HEADER.encode() + row + b"\n"
    rows = sum(len(record.document["events"]) for record in found if isinstance(record.document, dict))
    assert rows == 6 + bool(after)


def test_invalid_rows_among_a_hundred_thousand_can_be_corrected_and_imported(tmp_path: Path, mapping: Path) -> None:
    bad = {41_000: "41000,2024-02-30,riot,Here,many", 77_000: '77000,2024-01-02,riot,"Here,3', 99_999: "99999,short"}
    rows = (f"{n},2024-01-{n % 28 + 1:02},riot,Place {n % 90},{n % 7}" for n in range(1, 100_001))
    lines = [_HEADER.rstrip(), *(bad.get(number, row) for number, row in enumerate(rows, 1))]
    content = "\n".join(lines) + "\n"
    kept = bytearray()
    count = 0
    assert CSV.read
    for record in CSV.read(source_of(content), ReadOptions(str(mapping))):
        if isinstance(record.document, InputError):
            kept += record.raw
            assert record.position in {number + 1 for number in bad}
            assert "column " in str(record.document)
        else:
            count += 1
    assert count == 100_000 - len(bad)
    assert bytes(kept).decode() == "\n".join([lines[0], *bad.values()]) + "\n"
    corrected = (
        bytes(kept).decode().replace("many", "9").replace('"Here', "Here").replace("short", "2024-01-01,riot,X,1")
    )
    again = documents(corrected.replace("2024-02-30", "2024-02-29"), mapping)
    assert [document["id"] for document in again] == ["41000", "77000", "99999"]
    assert fields_of(again[0]) == {"date": "2024-02-29", "place": "Here", "dead": 9}


def test_rows_that_the_import_rejects_are_kept_with_the_header(connection: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text('[document]\nid = "doc_id"\ntext = "text"\n[event]\ntype = "type"\n')
    kept = bytearray()
    table = "doc_id,text,type,dead\n1,One text,riot,1\n2,Other,riot,2\n1,Another text,riot,3\n2,Yet another,riot,4\n"
    from db.importing.importing import import_source
    from db.importing.report import ImportReport

    report = ImportReport(on_refused=kept.extend)
    import_source(connection, source_of(table), report, CSV, ReadOptions(str(path)))
    assert report.refused == 2
    again = documents(bytes(kept), path)
    assert [document["text"] for document in again] == ["Another text", "Yet another"]


def test_consecutive_rows_of_one_document_form_one_record() -> None:
    table = "doc_id,text,event_id,type\n7,A text,1,riot\n7,A text,2,riot\n8,B text,3,riot\n7,A text,4,riot\n"
    found = documents(table)
    assert [(d["id"], [e["id"] for e in d["events"]]) for d in found] == [("7", ["1", "2"]), ("8", ["3"]), ("7", ["4"])]


def test_one_day_above_twelve_decides_the_order_of_the_whole_column() -> None:
    rows = "".join(f"{number},attack,05/03/2024,x\n" for number in range(500))
    (first, *_, last) = documents(f"id,type,date,place\n{rows}500,attack,25/03/2024,x\n")
    assert (fields_of(first)["date"], fields_of(last)["date"]) == ("2024-03-05", "2024-03-25")
    first, *_ = documents(f"id,type,date,place\n{rows}500,attack,03/25/2024,x\n")
    assert fields_of(first)["date"] == "2024-05-03"


def test_date_notations_can_be_mixed_and_ambiguous_dates_stay_text_with_a_note() -> None:
    table = "id,type,date\n1,a,2024-03-05\n2,a,5 March 2024\n3,a,20240305\n4,a,05/03/2024\n5,a,2024-03-05 10:00\n"
    found = records(table)
    values = [fields_of(record.document)["date"] for record in found]
    assert values == ["2024-03-05", "2024-03-05", "2024-03-05", "05/03/2024", "2024-03-05"]
    (note,) = found[3].notes
    assert 'column date: "05/03/2024" may have the day or the month first' in note
    assert "nothing in the column shows which" in note
    both = records("id,type,date\n1,a,05/03/2024\n2,a,25/03/2024\n3,a,03/25/2024\n")
    assert "dates with the day first and others with the month first" in both[0].notes[-1]


def test_a_mapping_can_set_the_order_of_day_and_month(mapping: Path) -> None:
    mapping.write_text(_MAPPING.replace('kind = "date"', 'kind = "date", dates = "mdy"'))
    (document,) = documents(f"{_HEADER}1,05/03/2024,riot,X,1\n", mapping)
    assert fields_of(document)["date"] == "2024-05-03"


def test_cells_that_eventdesk_protected_from_spreadsheets_read_back(connection: sqlite3.Connection) -> None:
    values = ["=1+1", "'quoted", "-5 degrees", "@home", "plain", "\tindented"]
    lines = [
        {
            "id": f"d{n}",
            "title": "T",
            "events": [{"id": f"e{n}", "type": "t", "fields": [{"name": "said", "value": v}]}],
        }
        for n, v in enumerate(values)
    ]
    imported(connection, source_of("\n".join(map(json.dumps, lines)), "x.jsonl"), format=_native())
    assert CSV.write
    ours = b"".join(CSV.write(Export(lambda: export_documents(connection))))
    assert b"'=1+1" in ours
    found = documents(ours)
    assert [fields_of(document)["said"] for document in found] == values
    assert [document["id"] for document in found] == [f"d{n}" for n in range(len(values))]
    theirs = documents("id,type,said\n1,a,'=1+1\n2,a,'tis\n")
    assert [fields_of(document)["said"] for document in theirs] == ["'=1+1", "'tis"]


def _native() -> Any:
    from db.formats.native.format import FORMAT

    return FORMAT


def test_a_missing_column_is_reported_with_the_columns_of_the_table(mapping: Path) -> None:
    (record,) = records("id,date,kind of event,place\n1,2024-01-01,riot,X\n", mapping)
    assert record.notes[0] == "the table lacks columns of the mapping: dead (field dead)"
    problem = r"has no column kind of event, which the mapping needs \(document.title\); its columns: id, date"
    with pytest.raises(InputError, match=problem):
        records("id,date,place,dead\n1,2024-01-01,X,3\n", mapping)
    with pytest.raises(InputError, match=r"has no column id, which the mapping needs"):
        records("a,b\n1,2\n", mapping)


def test_corrections_are_exported_and_all_other_cells_stay_unchanged(
    tmp_path: Path, connection: sqlite3.Connection
) -> None:
    path = tmp_path / "m.toml"
    path.write_text(_MAPPING)
    table = f'{_HEADER}1,05/03/2024,riot,X,007\n2,25/03/2024,riot,Y,"1,234"\n3,2024-03-01,riot,Z,~50\n4,,riot,NA,NA\n'
    imported(connection, source_of(table), path)
    assert exported(connection, path).decode() == table
    corrected = list(export_documents(connection))
    event = corrected[1]["events"][0]
    event |= {"status": "corrected", "reviewer": "ana", "decided_at": utc_now()}
    event["fields"][2] |= {"value": 1300, "state": "corrected", "extracted": 1234}
    event["fields"][1]["state"] = "removed"
    assert CSV.write
    out = b"".join(CSV.write(Export(lambda: iter(corrected), mapping=str(path)))).decode()
    assert out == table.replace('Y,"1,234"', ",1300")


@pytest.mark.parametrize("content", [b"", b" \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_rejected(content: bytes) -> None:
    with pytest.raises(InputError, match="is empty; there is nothing to import"):
        records(content)


def test_columns_of_the_same_name_are_numbered(connection: sqlite3.Connection, tmp_path: Path) -> None:
    content = "a,a,b,a_2,,,a\nx,y,z,u,v,w,t\n"
    (record,) = records(content)
    assert "two columns are called a; the later one is read as a_3" in record.notes
    path = tmp_path / "m.toml"
    path.write_text('[document]\nid = "a"\ntitle = "b"\n[event]\nid = "a"\nconstant_type = "x"\n')
    (document,) = documents(content, path)
    assert fields_of(document) == {"a_3": "y", "a_2": "u", "column_5": "v", "column_6": "w", "a_4": "t"}
    imported(connection, source_of(content), path)
    assert exported(connection, path).decode() == content


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=300) | st.text(alphabet='a1,;\t"\n\r\0é=', max_size=80).map(str.encode))
def test_any_bytes_are_read_as_a_table_or_rejected(content: bytes) -> None:
    for format in (CSV, JSON_TABLE, SQLITE, PARQUET):
        assert format.recognise(source_of(content)) in Confidence
    found: list[Record] = []
    with contextlib.suppress(InputError):
        found = records(content)
    for record in found:
        if isinstance(record.document, dict):
            with contextlib.suppress(InputError):
                parse_document(record.document)


_CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6) | st.sampled_from(
    ["", "1", "2.0", "0.10", "007", "1,234", "2024-03-05", "05/03/2024", "NA", "~5", "-", "'=x", "a;b", ";"]
)
_KINDS = st.sampled_from(["", 'kind = "text"', 'kind = "date"', 'separator = ";"', 'kind = "integer"'])


@settings(max_examples=60)
@given(st.lists(st.tuples(_CELL, _CELL, _CELL, _CELL), min_size=1, max_size=5), _KINDS, _KINDS, st.booleans())
def test_rows_imported_by_a_mapping_are_exported_unchanged(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[str, ...]], one: str, two: str, own_title: bool
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.toml"
    fields = ", ".join(
        f'{{ column = "{column}"{", " if extra else ""}{extra} }}' for column, extra in (("one", one), ("two", two))
    )
    title = '"title"' if own_title else '["title", "two"]'
    path.write_text(
        f'columns = ["n", "type", "title", "one", "two", "left"]\nfields = [{fields}]\nignored = ["left"]\n'
        f'[document]\nid = "n"\ntitle = {title}\n[event]\nid = "n"\ntype = "type"\nconstant_type = "event"\n'
    )
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    table = [["n", "type", "title", "one", "two", "left"]]
    table += [[f"n{n}", "a" * (n % 2), title, *cells] for n, (title, *cells) in enumerate(rows)]
    writer.writerows(table)
    found = records(text.getvalue(), path)
    refused = {record.position for record in found if isinstance(record.document, InputError)}
    read = [record.document for record in found if isinstance(record.document, dict)]
    for document in read:
        parse_document(document)
    assert CSV.write
    out = b"".join(CSV.write(Export(lambda: iter(read), mapping=str(path)))).decode()
    again = list(csv.reader(io.StringIO(out, newline="")))
    ids = {document["id"] for document in read}
    assert again == [row for row in table if row[0] in ids or row is table[0]]
    assert len(again) - 1 + len(refused) == len(rows)


@pytest.mark.parametrize(
    "text", ["Dear all,\nit rains, and so on, here.\nYours,\nA\n", "T1\tOrg 0 5\tRome\n", "<p>a,b</p>"]
)
def test_prose_is_not_a_table(text: str) -> None:
    assert CSV.recognise(source_of(text, "standard input")) is Confidence.NO


def test_memory_does_not_grow_with_the_table() -> None:
    import tracemalloc

    class Endless(io.RawIOBase):
        """Generates megabytes of rows."""

        def __init__(self) -> None:
            self.at = 0
            self.line = (",".join(string.ascii_lowercase) + "\n").encode()

        def readable(self) -> bool:
            return True

        def seekable(self) -> bool:
            return True

        def seek(self, at: int, _: int = 0) -> int:
            self.at = at
            return at

        def readinto(self, buffer: Any) -> int:
            size = max(0, min(len(buffer), 2_000_000 - self.at))
            begin = self.at % len(self.line)
            buffer[:size] = (self.line * (size // len(self.line) + 2))[begin : begin + size]
            self.at += size
            return size

    assert CSV.read
    source = Source("x.csv", io.BufferedReader(Endless()))
    tracemalloc.start()
    for _ in CSV.read(source, ReadOptions()):
        pass
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 12_000_000


def test_a_table_is_imported_into_a_new_file(tmp_path: Path) -> None:
    with contextlib.closing(open_file(tmp_path / "x.db", create=True)) as connection:
        report = imported(connection, source_of("id,type,place,dead\n1,riot,Rome,3\n2,riot,Oslo,4\n"))
    assert (report.documents, report.events) == (2, 2)


def test_a_row_that_is_too_long_is_rejected_alone() -> None:
    long = "x" * (8 * 2**20 + 1)
    found = records(f"id,type,place\n1,riot,Rome\n2,riot,{long}\n3,riot,Oslo\n")
    assert refusals(found) == [(3, "column id: the line is longer than 8,388,608 bytes; shorten it")]
    assert len(found) == 3
