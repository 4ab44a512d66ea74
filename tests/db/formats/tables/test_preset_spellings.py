import csv
import io
import sqlite3
from collections.abc import Callable

import pytest
from support.table_files import documents, exported, fields_of, imported, records, refusals, source_of

from db.formats.registry import detect_format
from db.formats.tables.formats import CSV
from db.formats.tables.mapping.loading import preset, preset_for_columns

_VALUES = {
    "ucdp_ged": {
        "id": "244657", "relid": "IRQ-2017-1-524-322", "year": "2017", "active_year": "1", "type_of_violence": "1",
        "dyad_name": "Government of Iraq - IS", "side_a": "Government of Iraq", "side_b": "IS", "best": "4",
        "source_article": "Wire, four killed at the bridge", "source_headline": "Four killed",
        "date_start": "2017-07-31",
        "country": "Iraq", "latitude": "33.333", "code_status": "Clear", "where_prec": "1",
    },
    "acled": {
        "event_id_cnty": "SYR1", "event_date": "2024-03-05", "year": "2024", "event_type": "Battles", "actor1": "A",
        "sub_event_type": "Armed clash", "notes": "On 5 March, A clashed with B in Idleb.", "fatalities": "3",
        "location": "Idleb", "country": "Syria", "source": "Daily; Weekly", "assoc_actor_1": "C; D",
    },
    "icews": {
        "Event ID": "31", "Event Date": "2014-01-05", "Source Name": "Police (Nowhere)", "Event Text": "Use force",
        "CAMEO Code": "190", "Intensity": "-10.0", "Story ID": "77", "Sentence Number": "4", "Publisher": "Agency",
    },
    "gdelt_events": {
        "GLOBALEVENTID": "900000001", "SQLDATE": "20240305", "Year": "2024", "EventRootCode": "04", "AvgTone": "-2.51",
        "IsRootEvent": "1", "GoldsteinScale": "1.9", "DATEADDED": "20240305121500", "SOURCEURL": "https://a.example/a",
    },
    "gdelt_mentions": {
        "GLOBALEVENTID": "900000001", "EventTimeDate": "20240305121500", "MentionTimeDate": "20240305121500",
        "MentionType": "1", "MentionIdentifier": "https://a.example/a", "SentenceID": "2", "Confidence": "60",
        "InRawText": "1", "MentionDocTone": "-2.5", "MentionDocLen": "20",
    },
    "polecat": {
        "Event ID": "2024-1-2", "Event Date": "2024-03-05", "Event Type": "PROTEST", "Event Mode": "demo",
        "Intensity": "-3.0", "Actor Name Raw": "some students", "Quad Code": "Q3", "Country": "Nowhere",
    },
}  # fmt: skip
_TYPES = {
    "ucdp_ged": "state_based", "acled": "Battles", "icews": "Use force", "gdelt_events": "consult",
    "gdelt_mentions": "mention", "polecat": "PROTEST",
}  # fmt: skip


def _table(
    name: str,
    spelled: Callable[[str], str] = str,
    lacking: tuple[str, ...] = (),
    delimiter: str = ",",
    header: bool = True,
    **cells: str,
) -> str:
    columns = [column for column in preset(name).columns if column not in lacking]
    values = _VALUES[name] | cells
    text = io.StringIO(newline="")
    rows = [[values.get(column, "") for column in columns]]
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(
        [[spelled(column) for column in columns], *rows] if header else rows
    )
    return text.getvalue()


def _title(column: str) -> str:
    return column.replace("_", " ").title()


def _joined(column: str) -> str:
    return column.replace("_", "").replace(" ", "")


def _hyphens(column: str) -> str:
    return column.replace("_", "-").replace(" ", "-").lower()


@pytest.mark.parametrize("name", list(_VALUES))
@pytest.mark.parametrize("spelled", [str, str.upper, str.lower, _title, _joined, _hyphens])
def test_a_preset_knows_its_columns_in_any_spelling_and_writes_them_back(
    connection: sqlite3.Connection, name: str, spelled: Callable[[str], str]
) -> None:
    content = _table(name, spelled)
    assert detect_format(source_of(content, "standard input")).name == "csv"
    (record,) = records(content)
    assert f"recognised the columns of {name}" in record.notes
    assert documents(content)[0]["events"][0]["type"] == _TYPES[name]
    assert imported(connection, source_of(content)).refused == 0
    assert exported(connection, name).decode() == content
    asked = documents(content, name)
    assert asked == documents(content)


@pytest.mark.parametrize(
    ("name", "lacking", "missing"),
    [
        ("ucdp_ged", ("relid",), "relid (field relid)"),
        ("ucdp_ged", ("relid", "code_status", "gwnoa", "gwnob"), "relid (field relid)"),
        ("ucdp_ged", ("dyad_name",), "dyad_name (field dyad_name)"),
        ("acled", ("sub_event_type", "disorder_type", "civilian_targeting", "tags"), "sub_event_type (field"),
        ("acled", ("event_id_cnty",), "event_id_cnty (document.id)"),
        ("icews", ("Story ID",), "Story ID (document.id)"),
        ("polecat", ("Quad Code", "Version"), "Quad Code (field quad_code)"),
    ],
)
def test_most_columns_are_enough_and_a_note_names_the_others(
    connection: sqlite3.Connection, name: str, lacking: tuple[str, ...], missing: str
) -> None:
    content = _table(name, lacking=lacking)
    for mapping in (None, name):
        (record,) = records(content, mapping)
        (note,) = (note for note in record.notes if "lacks" in note)
        assert note.startswith("the table lacks columns of the mapping: ")
        assert missing in note
        assert not refusals([record])
    imported(connection, source_of(content))
    assert exported(connection, name).decode() == content


@pytest.mark.parametrize(
    ("cell", "value"),
    [("true", 1), ("True", 1), ("TRUE", 1), ("yes", 1), ("1", 1), ("1.0", 1.0), ("false", 0), ("No", 0), ("0", 0)],
)
def test_a_boolean_column_is_read_in_any_writing_and_comes_back(
    connection: sqlite3.Connection, cell: str, value: float
) -> None:
    content = _table("ucdp_ged", active_year=cell)
    assert fields_of(documents(content)[0])["active_year"] == value
    assert imported(connection, source_of(content)).refused == 0
    assert exported(connection, "ucdp_ged").decode() == content


def test_older_names_of_columns_are_known(connection: sqlite3.Connection) -> None:
    old = {"assoc_actor_1": "ALLY_ACTOR_1", "assoc_actor_2": "ALLY_ACTOR_2", "geo_precision": "GEO_PRECIS"}
    content = _table("acled", lambda column: old.get(column, column.upper()), ("sub_event_type", "disorder_type"))
    (document,) = documents(content)
    actors = [field["value"] for field in document["events"][0]["fields"] if field["name"] == "assoc_actor_1"]
    assert actors == ["C", "D"]
    imported(connection, source_of(content))
    assert exported(connection, "acled").decode() == content
    ged = _table(
        "ucdp_ged", lambda column: {"best": "best_est", "high": "high_est", "low": "low_est"}.get(column, column)
    )
    assert fields_of(documents(ged)[0])["best"] == 4


@pytest.mark.parametrize(("preset_name", "width"), [("gdelt_events_1", 58), ("gdelt_events_1_yearly", 57)])
def test_gdelt_1_is_known_without_a_header(connection: sqlite3.Connection, preset_name: str, width: int) -> None:
    columns = preset(preset_name).columns
    assert len(columns) == width
    values = _VALUES["gdelt_events"] | {"DATEADDED": "20240305", "GLOBALEVENTID": "1", "Actor1Name": "PARIS"}
    content = "\t".join(values.get(column, "") for column in columns) + "\n"
    (record,) = records(content)
    assert record.notes == (f"recognised the columns of {preset_name}",)
    imported(connection, source_of(content))
    assert exported(connection, preset_name).decode() == content


def test_icews_is_known_without_a_header(connection: sqlite3.Connection) -> None:
    content = _table("icews", delimiter="\t", header=False)
    assert records(content)[0].notes == ("recognised the columns of icews",)
    imported(connection, source_of(content))
    assert documents(content)[0]["events"][0]["type"] == "Use force"


@pytest.mark.parametrize(
    "columns",
    [
        ["id", "date", "source", "target", "event", "text", "event_text"],
        ["event_id", "event_date", "source_name", "target_name", "story_id", "publisher"],
        ["id", "country", "side_a", "side_b", "best"],
        ["event_date", "event_type", "actor1", "actor2", "location", "notes", "fatalities"],
        ["document", "event", "type", "status"],
    ],
)
def test_a_few_common_names_are_no_preset(columns: list[str]) -> None:
    assert preset_for_columns(columns) is None
    assert CSV.read is not None
