"""A modifier, as in "about 20000", is in a column beside the number, and comes back from there."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import event, import_documents
from support.table_files import documents, exported, imported, records, source_of

from db.decisions.review import Review
from db.exporting import export_documents, has_modifiers
from db.formats.format import Export, Format
from db.formats.tables.formats import CSV, JSON_TABLE
from db.formats.tables.write.codebook import write as write_codebook
from db.kinds import MODIFIERS

_MAPPING = """
columns = ["no", "what", "dead", "share", "seen", "report"]
ignored = ["seen"]
fields = [{ column = "dead", kind = "integer" }, { column = "share" }]
[document]
text = "report"
[event]
id = "no"
type = "what"
"""
_TABLE = 'no,what,dead,share,seen,report\n7,fire,"1,003",0.5,x,Fire at Lesna\n8,fire,~30,,,Fire at Orla\n'
_ROWS = "".join(json.dumps(row) + "\n" for row in csv.DictReader(io.StringIO(_TABLE)))
_BOTH = pytest.mark.parametrize(("format", "content"), [(CSV, _TABLE), (JSON_TABLE, _ROWS)])


@pytest.fixture
def mapping(tmp_path: Path) -> Path:
    path = tmp_path / "mapping.toml"
    path.write_text(_MAPPING)
    return path


def correct(connection: sqlite3.Connection, id_: str, name: str, value: Any, modifier: str | None) -> None:
    item = event(connection, id_)
    field = next(field for field in item.fields if field.name == name)
    Review(connection, "ana").correct(item, field, value, [], modifier)


def written(format: Format, mapping: Path, *given: dict[str, Any]) -> str:
    assert format.write
    return b"".join(format.write(Export(lambda: iter(given), mapping=str(mapping)))).decode()


def items(table: str) -> list[Any]:
    """Return the lines of a table, with the keys of objects in any order."""
    return [json.loads(line) if line.startswith("{") else line for line in table.splitlines()]


def restored(document: dict[str, Any]) -> list[tuple[Any, ...]]:
    fields = document["events"][0]["fields"]
    return [(item.get("group"), item["name"], item.get("value"), item.get("modifier")) for item in fields]


@_BOTH
def test_a_table_without_new_modifiers_is_unchanged(
    format: Format, content: str, connection: sqlite3.Connection, mapping: Path
) -> None:
    imported(connection, source_of(content), mapping, format)
    Review(connection, "ana").accept(event(connection, "8"))
    assert exported(connection, mapping, format).decode() == content


def test_a_corrected_number_stays_a_number(connection: sqlite3.Connection, mapping: Path) -> None:
    imported(connection, source_of(_TABLE), mapping)
    correct(connection, "7", "dead", 500, "to 600")
    assert exported(connection, mapping).decode() == (
        "no,what,dead,dead.modifier,share,seen,report\n"
        "7,fire,500,to 600,0.5,x,Fire at Lesna\n8,fire,~30,,,,Fire at Orla\n"
    )
    correct(connection, "7", "share", 0.25, "at most")
    correct(connection, "8", "dead", 30, None)
    assert exported(connection, mapping).decode() == (
        "no,what,dead,dead.modifier,share,share.modifier,seen,report\n"
        "7,fire,500,to 600,0.25,at most,x,Fire at Lesna\n8,fire,30,,,,,Fire at Orla\n"
    )
    book = list(csv.reader(io.StringIO(b"".join(write_codebook(of_file(connection, mapping))).decode())))
    assert ["dead.modifier", "dead", "modifier of the number in dead", "", "", ""] in book


def of_file(connection: sqlite3.Connection, mapping: Path) -> Export:
    return Export(lambda: export_documents(connection), mapping=str(mapping))


@_BOTH
@pytest.mark.parametrize("modifier", [*MODIFIERS, "to 600", None])
def test_it_comes_back_with_the_table(
    modifier: str | None, format: Format, content: str, connection: sqlite3.Connection, mapping: Path
) -> None:
    imported(connection, source_of(content), mapping, format)
    correct(connection, "7", "dead", 500, modifier or "about")
    correct(connection, "8", "dead", 30, modifier)
    before = list(export_documents(connection))
    out = exported(connection, mapping, format)
    assert imported(connection, source_of(out), mapping, format).unchanged == 2
    assert list(export_documents(connection)) == before
    first, second = documents(out.decode(), mapping, format)
    assert restored(first)[0] == (None, "dead", 500, modifier or "about")
    assert restored(second)[0] == (None, "dead", 30, modifier)
    assert items(written(format, mapping, first, second)) == items(out.decode())


_NUMBERS = st.tuples(
    st.sampled_from(["7", "8"]),
    st.sampled_from(["dead", "share"]),
    st.integers(-5, 10**6),
    st.sampled_from([*MODIFIERS, "to 1000001", None]),
)


@given(st.lists(_NUMBERS, max_size=4), st.sampled_from([(CSV, _TABLE), (JSON_TABLE, _ROWS)]))
@settings(max_examples=60)
def test_any_numbers_come_back(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[Any, ...]], table: tuple[Format, str]
) -> None:
    path = tmp_path_factory.mktemp("law") / "m.toml"
    path.write_text(_MAPPING)
    format, content = table
    found = documents(content, path, format)
    for id_, name, value, modifier in changes:
        (item,) = [each["events"][0] for each in found if each["events"][0]["id"] == id_]
        item["fields"] = [field for field in item["fields"] if field["name"] != name]
        item["fields"].append({"name": name, "value": value, "modifier": modifier})
    out = written(format, path, *found)
    again = documents(out, path, format)
    assert [sorted(restored(each), key=str) for each in again] == [sorted(restored(each), key=str) for each in found]
    assert items(written(format, path, *again)) == items(out)


def test_a_table_with_a_column_for_it_keeps_the_column(connection: sqlite3.Connection, mapping: Path) -> None:
    source = (
        _TABLE.replace("dead,", "dead,dead.modifier,").replace('003",', '003",about,').replace("~30,", "~30,at least,")
    )
    imported(connection, source_of(source), mapping)
    assert [restored(item)[0] for item in export_documents(connection)] == [
        (None, "dead", 1003, "about"),
        (None, "dead", 30, "at least"),
    ]
    assert exported(connection, mapping).decode() == source
    correct(connection, "8", "dead", 31, "at least")
    correct(connection, "7", "dead", 1003, None)
    changed = source.replace("~30", "31").replace("about", "")
    assert exported(connection, mapping).decode() == changed


@pytest.mark.parametrize("cells", [("dozens", "3"), ("", "about"), ("many", ""), ("=1", "to 1")])
def test_any_cells_in_such_columns_are_kept(cells: tuple[str, str], mapping: Path) -> None:
    names = "share.modifier", "share.modifier.modifier"
    source = f"no,what,dead,share,{','.join(names)},seen,report\n7,fire,3,2,{','.join(cells)},x,Fire\n"
    assert written(CSV, mapping, *documents(source, mapping)) == source


def test_a_text_that_is_no_modifier_is_noted(mapping: Path) -> None:
    source = _TABLE.replace("dead,", "dead,dead.modifier,").replace('003",', '003",dozens,').replace("~30,", "~30,,")
    first, second = records(source, mapping)
    assert first.notes == (
        'column dead.modifier: "dozens" is not about, at least, at most or, for example, to 600; kept for export',
        'column dead: "1,003" is read as 1003',
    )
    assert second.notes == ()


def test_a_column_that_an_earlier_version_read_as_a_field_is_kept(mapping: Path) -> None:
    source = _TABLE.replace("dead,", "dead,dead.modifier,").replace('003",', '003",dozens,').replace("~30,", "~30,,")
    first, second = documents(source, mapping)
    del first["events"][0]["table"]["dead.modifier"]
    first["events"][0]["fields"].append({"name": "dead.modifier", "value": "dozens"})
    assert written(CSV, mapping, first, second) == source


def test_tables_with_and_without_the_column_are_written_together(connection: sqlite3.Connection, mapping: Path) -> None:
    imported(connection, source_of(_TABLE), mapping)
    newer = "no,what,dead,dead.modifier,share,seen,report\n9,fire,4,about,,,Fire at Brod\n"
    imported(connection, source_of(newer), mapping)
    *_, last = exported(connection, mapping).decode().splitlines()
    assert last == "9,fire,4,about,,,Fire at Brod"


def test_columns_without_names_and_a_column_of_that_name_keep_it_in_the_cell(tmp_path: Path) -> None:
    fields = [{"name": "dead", "value": 30, "modifier": "about"}]
    document = {"id": "d", "text": "Fire", "events": [{"id": "7", "type": "fire", "fields": fields}]}
    path = tmp_path / "m.toml"
    path.write_text(f"header = false\n{_MAPPING}")
    out = written(CSV, path, document)
    assert out == "7,fire,~30,,,Fire\n"
    assert restored(documents(out, path)[0]) == [(None, "dead", 30, "about")]
    path.write_text(_MAPPING.replace("seen", "dead.modifier"))
    assert written(CSV, path, document) == "no,what,dead,share,dead.modifier,report\n7,fire,~30,,,Fire\n"


def test_lists_and_objects_have_lists_and_objects_of_modifiers(mapping: Path) -> None:
    row = {"no": "7", "what": "fire", "dead": [3, 4], "share": {"men": 1, "women": 2}, "report": "Fire"}
    (document,) = documents(json.dumps(row), mapping, JSON_TABLE)
    for number in (1, 2):
        document["events"][0]["fields"][number]["modifier"] = "about"
    out = json.loads(written(JSON_TABLE, mapping, document))
    assert out == row | {"dead.modifier": [None, "about"], "share.modifier": {"men": "about", "women": None}}
    (again,) = documents(json.dumps(out), mapping, JSON_TABLE)
    assert restored(again) == restored(document)
    assert json.loads(written(JSON_TABLE, mapping, again)) == out


@pytest.mark.parametrize(
    "modifiers", [[], ["about"], [None, None], [None, 1], ["about", "dozens"], {"a": "about"}, "x"]
)
def test_modifiers_of_another_form_are_kept(modifiers: Any, mapping: Path) -> None:
    row = {"no": "7", "what": "fire", "dead": [3, 4], "dead.modifier": modifiers, "report": "Fire"}
    (document,) = documents(json.dumps(row), mapping, JSON_TABLE)
    assert [modifier for *_, modifier in restored(document)] == [None, None]
    assert json.loads(written(JSON_TABLE, mapping, document)) == row


def test_each_number_in_a_separated_list_has_its_own(tmp_path: Path) -> None:
    path = tmp_path / "m.toml"
    path.write_text(
        _MAPPING.replace('"integer"', '"integer", separator = "; ", modifier = "seen"').replace(
            'ignored = ["seen"]', ""
        )
    )
    source = "no,what,dead,share,seen,report\n7,fire,3; ~4,,about,Fire\n"
    (document,) = documents(source, path)
    assert written(CSV, path, document) == source
    document["events"][0]["fields"][0]["modifier"] = "at least"
    out = written(CSV, path, document)
    assert out == source.replace("3; ~4", ">=3; ~4")
    assert restored(documents(out, path)[0]) == restored(document)


def test_a_guess_recognises_it() -> None:
    rows = [f"e{n},attack,{n},{'about' if n % 3 else ''},Town {n}" for n in range(9)]
    (record, *_) = records("id,type,dead,dead.modifier,dead.modifier.modifier\n" + "\n".join(rows[1:]))
    assert isinstance(record.document, dict)
    assert restored(record.document) == [(None, "dead", 1, "about"), (None, "dead.modifier.modifier", "Town 1", None)]
    assert record.document["title"] == "Town 1"


def test_a_file_without_modifiers_is_read_once(connection: sqlite3.Connection, mapping: Path) -> None:
    imported(connection, source_of(_TABLE.replace("~30", "30")), mapping)
    assert not has_modifiers(connection)
    read: list[str] = []

    def each() -> Iterator[dict[str, Any]]:
        for document in export_documents(connection):
            read.append(document["text"])
            yield document

    assert CSV.write
    list(CSV.write(Export(each, mapping=str(mapping), has_modifiers=False)))
    assert read == ["Fire at Lesna", "Fire at Lesna", "Fire at Orla"]  # the first has the columns
    correct(connection, "7", "dead", 500, "about")
    assert has_modifiers(connection)


def test_a_modifier_that_queries_do_not_know_is_written_too(connection: sqlite3.Connection, mapping: Path) -> None:
    field = {"name": "dead", "value": 30, "modifier": "circa"}
    import_documents(
        connection, {"id": "d", "text": "Fire", "events": [{"id": "7", "type": "fire", "fields": [field]}]}
    )
    assert has_modifiers(connection)
    out = exported(connection, mapping).decode()
    assert out == "no,what,dead,dead.modifier,share,seen,report\n7,fire,30,circa,,,Fire\n"
    (document,) = documents(out, mapping)
    assert written(CSV, mapping, document) == out
