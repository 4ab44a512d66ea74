"""publish --into: only the corrected cells of a file change, whatever its dialect, and a second time nothing does."""

import csv
import io
import os
from contextlib import closing
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet
from support.publishing import changed_lines, correct, desk_of, events, published

from db.decisions.review import Review
from db.errors import InputError
from db.formats.tables.mapping.loading import load_mapping
from db.sources.desks import sources_of, store_mapping
from db.sources.publish.files import writing as file_writing
from db.sources.publish.publishing import publish
from db.store.connection import writing

TABLE = (
    'id,date,killed,city,text\r\n1,14/02/2025,"1,200",Kyiv,"An attack, in ""Kyiv"""\r\n2,15/02/2025,7,Lviv,Two\r\n'
    '3,16/02/2025,"2,300","Odesa","Three\nlines"\r\n'
)
ONE_LINE = TABLE.replace("Three\nlines", "Three")
EQUAL = "date,killed,city\n2025-02-14,12,Kyiv\n2025-02-14,12,Kyiv\n2025-02-15,3,Lviv\n2025-02-16,4,Odesa\n"
JSON_ROW = '{"event_id": "a","report":"In X",  "killed":3, "where":{"city":"X","cc":"UA"},"ok":true,"none":null}'
OTHER_ROW = '{"event_id":"b","report":"In Y","killed":"4","where":{"city":"Y","cc":"UA"},"ok":false}'

Edits = list[tuple[int, str, Any]]
CSV_EDITS: Edits = [(0, "killed", 1250), (1, "city", 'Lviv, "UA"'), (2, "date", "2025-03-01")]
JSON_EDITS: Edits = [(0, "killed", 5), (1, "killed", 7), (0, "cc", "ZZ"), (1, "ok", True)]


@pytest.mark.parametrize(
    ("name", "content", "edits", "new"),
    [
        ("events.csv", TABLE.encode(), CSV_EDITS, [b'"1,250"', b'"Lviv, ""UA"""', b"01/03/2025"]),
        ("events.csv", b"\xef\xbb\xbf# all of 2025\n\n" + TABLE.encode(), CSV_EDITS, [b'"1,250"', b"01/03/2025"]),
        ("events.csv", TABLE.encode("utf-16"), CSV_EDITS, ["1,250".encode("utf-16-le")]),
        ("events.csv", ONE_LINE.replace("\r\n", "\r").encode(), CSV_EDITS, [b'"Lviv, ""UA""",Two\r']),
        ("events.tsv", TABLE.replace(",", "\t").encode(), [(1, "city", "a\tb")], [b'7\t"a\tb"\tTwo\r\n']),
        ("events.csv", TABLE.replace("Two", "Für Öfen").encode("cp1252"), [(1, "city", "Köln")], [b"K\xf6ln"]),
        ("events.csv", TABLE.replace(",Two", ",Two,,").encode(), [(1, "city", "x")], [b"7,x,Two,,\r\n"]),
        ("events.csv", (TABLE + "Total,,9,,\r\nSource: x\r\n").encode(), CSV_EDITS, [b'"1,250"', b"Total,,9"]),
        ("events.csv", EQUAL.encode(), [(1, "killed", 13), (3, "city", "Lviv")], [b"Kyiv\n2025-02-14,13", b"4,Lviv"]),
        ("events.jsonl", f"{JSON_ROW}\n\n{OTHER_ROW}\n".encode(), JSON_EDITS, [b'"killed":"7"', b'"cc":"ZZ"},"ok"']),
        ("events.json", f"[\n  {JSON_ROW},\n  {OTHER_ROW}\n]".encode(), JSON_EDITS, [b',  "killed":5, "where"']),
        ("events.json", f'{{"n": 2, "rows": [{JSON_ROW},\n {OTHER_ROW}]}}'.encode(), JSON_EDITS, [b'"killed":"7"']),
        (
            "events.json",
            b'[["event_id","report","killed"],\n ["a","Boom",3],\n ["b","Bang", 4]]\n',
            [(1, "killed", 5)],
            [b'["b","Bang", 5]'],
        ),
        (
            "events.geojson",
            b'{"type":"FeatureCollection","features":[\n{"type":"Feature","properties":{"event_id":"a","report":"Boom",'
            b'"killed":3},"geometry":{"type":"Point","coordinates":[30.5,50.4]}}]}\n',
            [(0, "latitude", 51.5)],
            [b"[30.5,51.5]"],
        ),
    ],
    ids=map(str, range(14)),
)  # fmt: skip
def test_only_corrected_lines_change_and_undoing_gives_the_file_back(
    tmp_path: Path, name: str, content: bytes, edits: Edits, new: list[bytes]
) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with closing(desk_of(path)) as connection:
        for edit in edits:
            correct(connection, *edit)
        assert published(path, connection, rehearsal=True).cells.total() == len(edits)
        assert path.read_bytes() == content
        report = published(path, connection)
        assert (report.problems, report.cells.total()) == ([], len(edits))
        after = path.read_bytes()
        assert all(cell in after for cell in new)
        if b"\n" in content and not name.endswith("json"):
            splits = [piece.split(b"\n") for piece in (content, after)]
            assert sum(one != other for one, other in zip(*splits, strict=True)) == report.rows[name]
        assert not published(path, connection).has_changes
        assert path.read_bytes() == after
        assert Path(f"{path}.original").read_bytes() == content
        correct(connection, *edits[0][:2], "changed again" if isinstance(edits[0][2], str) else 2)
        assert published(path, connection).cells.total() == 1
        review = Review(connection, "ana")
        while review.undo() is not None:
            pass
        published(path, connection)
        assert path.read_bytes() == content


def test_twelve_corrected_rows_of_many_change_twelve_lines(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    rows = [f'{number};{number % 60};"Town {number}";A report of {number}' for number in range(200)]
    path.write_text("id;killed;town;text\n" + "\n".join(rows))
    before = path.read_bytes()
    with closing(desk_of(path)) as connection:
        for number in range(0, 180, 15):
            correct(connection, number, "killed", 900 + number)
        assert published(path, connection).rows["events.csv"] == 12
    assert changed_lines(before, path.read_bytes()) == [number + 2 for number in range(0, 180, 15)]


NEW_CELLS = st.text(st.sampled_from('ab,;"\n\r\té= |0'), max_size=5).filter(lambda text: text == text.strip())
CELLS = NEW_CELLS.filter(lambda text: "\r" not in text)  # the module csv writes a carriage return without quotes


@settings(max_examples=20)
@given(
    st.lists(st.tuples(CELLS, CELLS), min_size=1, max_size=4),
    st.lists(st.tuples(st.integers(0, 3), NEW_CELLS.filter(bool)), max_size=4),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_any_cells_are_written_where_they_belong(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[tuple[str, str]],
    edits: list[tuple[int, str]],
    quoting: Any,
    end: str,
) -> None:
    path = tmp_path_factory.mktemp("any") / "events.csv"
    table = [
        ["id", "place", "text", "note"],
        *([f"e{at}", place, "A text", note] for at, (place, note) in enumerate(rows)),
    ]
    with path.open("w", newline="", encoding="utf-8") as stream:
        csv.writer(stream, quoting=quoting, lineterminator=end).writerows(table)
    before = path.read_bytes()
    mapping = path.with_suffix(".toml")
    mapping.write_text(
        'document = {text = "text"}\nevent = {id = "id", constant_type = "e"}\nignored = ["note"]\nmissing = []\n'
        'delimiter = ","\nheader = true\nfields = [{column = "place", kind = "text"}]\n'
    )
    with closing(desk_of(path, str(mapping))) as connection:
        by_id = {event.external_id: at for at, event in enumerate(events(connection))}
        for at, value in edits:
            if f"e{at}" in by_id:
                correct(connection, by_id[f"e{at}"], "place", value)
                table[at + 1][1] = value
        published(path, connection, str(mapping))
        after = path.read_bytes()
        assert [*csv.reader(io.StringIO(after.decode(), newline=""))] == table
        if not edits:
            assert after == before
        assert not published(path, connection, str(mapping)).has_changes


def test_parquet_keeps_its_schema_and_other_values(tmp_path: Path) -> None:
    path = tmp_path / "events.parquet"
    table = pyarrow.table(
        {
            "event_id": ["a", "b"],
            "report": ["Boom", "Bang"],
            "killed": pyarrow.array([3, None], pyarrow.int32()),
            "day": pyarrow.array([date(2025, 2, 14), None], pyarrow.date32()),
            "at": pyarrow.array([datetime(2025, 2, 14, 10, tzinfo=UTC), None], pyarrow.timestamp("us", "UTC")),
            "cost": pyarrow.array([None, None], pyarrow.decimal128(9, 2)),
            "city": pyarrow.array(["X", "Y"]).dictionary_encode(),
            "photo": [b"\xff", None],
        }
    )
    parquet.write_table(table, path, compression="zstd", row_group_size=1)
    with closing(desk_of(path)) as connection:
        edits: Edits = [
            (0, "killed", 9),
            (0, "day", "2025-02-15"),
            (0, "at", "2025-02-16"),
            (0, "city", "Q"),
            (1, "cost", 7),
        ]
        for edit in edits:
            correct(connection, *edit)
        correct(connection, 1, "killed", "many")
        report = published(path, connection)
        assert report.problems == ['row 2, event b: killed is int32 and can\'t hold "many"; not written']
        assert published(path, connection).rows == {}
    after = parquet.ParquetFile(path)
    assert after.schema_arrow == table.schema
    assert (after.metadata.num_row_groups, after.metadata.row_group(0).column(0).compression) == (2, "ZSTD")
    first, second = after.read().to_pylist()
    assert first == {
        "event_id": "a", "report": "Boom", "killed": 9, "day": date(2025, 2, 15), "city": "Q", "cost": None,
        "at": datetime(2025, 2, 16, 10, tzinfo=UTC), "photo": b"\xff",
    }  # fmt: skip
    assert (second["killed"], str(second["cost"]), second["city"]) == (None, "7.00", "Y")


def test_what_changed_in_the_file_since_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(TABLE, newline="")
    with closing(desk_of(path)) as connection:
        correct(connection, 0, "city", "Kharkiv")
        correct(connection, 1, "city", "Ternopil")
        correct(connection, 1, "weapon", "drone")
        path.write_text(TABLE.replace("Kyiv,", "Dnipro,").replace("15/02", "25/02"), newline="")
        report = published(path, connection)
        (problem,) = report.problems
        assert 'city is "Dnipro" in the file, was "Kyiv" when it was imported, and "Kharkiv" was decided' in problem
        assert "2,25/02/2025,7,Ternopil,Two" in path.read_text()
        assert "fields that have no column in the file, not written: 1" in report.notes
        assert any("also changed in the file since the import: 1" in note for note in report.notes)


def test_rejected_rows_stay_or_are_dropped(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(TABLE, newline="")
    with closing(desk_of(path)) as connection:
        review = Review(connection, "ana")
        correct(connection, 1, "city", "x")
        review.reject(events(connection)[1], "generic")
        report = published(path, connection)
        assert any(note.startswith("rows of rejected events, unchanged: 1") for note in report.notes)
        assert path.read_bytes() == TABLE.encode()
        assert published(path, connection, drop_rejected=True).removed == {"events.csv": 1}
        assert path.read_bytes() == TABLE.replace("2,15/02/2025,7,Lviv,Two\r\n", "").encode()
        assert not published(path, connection, drop_rejected=True).has_changes


@pytest.mark.parametrize("row", [0, 1])
def test_a_dropped_row_of_an_array_takes_its_comma_with_it(tmp_path: Path, row: int) -> None:
    path = tmp_path / "events.json"
    path.write_text(f"[\n  {JSON_ROW},\n  {OTHER_ROW}\n]\n")
    with closing(desk_of(path)) as connection:
        Review(connection, "ana").reject(events(connection)[row], "generic")
        published(path, connection, drop_rejected=True)
    kept = OTHER_ROW if row == 0 else JSON_ROW
    assert path.read_text() == f"[\n  {kept}\n]\n"


def test_the_mapping_that_was_chosen_for_a_file_is_used_again(tmp_path: Path) -> None:
    path, desk = tmp_path / "events.csv", tmp_path / "events.desk.db"
    path.write_text("a,b,text\n1,x y,In Kyiv\n2,z,In Lviv\n")
    chosen = tmp_path / "chosen.toml"
    chosen.write_text(
        'document = {text = "text"}\nevent = {id = "a", constant_type = "e"}\n'
        'fields = [{column = "b", name = "place", kind = "text"}]\n'
    )
    with closing(desk_of(path, str(chosen))) as connection:
        for _ in range(2):
            with writing(connection):
                store_mapping(connection, desk, path, load_mapping(str(chosen)))
        assert sources_of(connection) == []
        correct(connection, 1, "place", "w")
        publish(connection, desk, path)
    assert path.read_text() == "a,b,text\n1,x y,In Kyiv\n2,w,In Lviv\n"


def test_another_file_is_refused_and_a_failed_write_changes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(TABLE, newline="")
    with closing(desk_of(path)) as connection:
        correct(connection, 0, "city", "Kharkiv")
        other = tmp_path / "other.csv"
        other.write_text("id,city,text\n77,Rome,Nothing\n")
        with pytest.raises(InputError, match="none of the 1 events to publish is in this file"):
            published(other, connection)

        def fail(*_: object) -> None:
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(os, "replace", fail)
        with pytest.raises(InputError, match="No space left on device"):
            published(path, connection)
    assert path.read_bytes() == TABLE.encode()
    assert {item.suffix for item in tmp_path.iterdir()} <= {".csv", ".db"}


def test_a_file_that_changes_during_the_publication_is_not_replaced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "events.csv"
    path.write_text(TABLE, newline="")

    def change_too(*_: object) -> None:
        path.write_text(TABLE + "4,17/02/2025,1,Bucha,Four\r\n", newline="")

    monkeypatch.setattr(file_writing.shutil, "copymode", change_too)
    with closing(desk_of(path)) as connection:
        correct(connection, 0, "city", "Kharkiv")
        with pytest.raises(InputError, match="changed meanwhile"):
            published(path, connection)
    assert path.read_text().endswith("Four\n")
