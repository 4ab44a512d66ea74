import csv
import io
import json
import sqlite3

import pytest
from support.shared_data import shared
from support.table_files import documents, exported, fields_of, imported, records, refusals, source_of

from db.exporting import export_documents
from db.formats.format import Confidence, Source
from db.formats.registry import detect_format
from db.formats.tables.formats import CSV, JSON_TABLE
from db.formats.tables.mapping.loading import preset, preset_names
from db.query import compile_query, parse
from db.query.running import event_ids

_GED = "tables/ucdp_ged_sample1000.csv"


def _row(name: str, **cells: str) -> list[str]:
    columns = preset(name).columns
    given = {key.replace("_", " ") if key.replace("_", " ") in columns else key: cell for key, cell in cells.items()}
    assert set(given) <= set(columns), set(given) - set(columns)
    return [given.get(column, "") for column in columns]


def _table(name: str, *rows: list[str], header: bool = True) -> bytes:
    mapping = preset(name)
    text = io.StringIO(newline="")
    if mapping.quoted is False:
        all_rows = [list(mapping.columns), *rows] if header else rows
        return "".join((mapping.delimiter or "\t").join(row) + "\n" for row in all_rows).encode()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerows([mapping.columns, *rows] if header else rows)
    return text.getvalue().encode()


_ACLED = _row(
    "acled", event_id_cnty="XX1", event_date="05 March 2024", year="2024", event_type="Battles", actor1="Police Forces",
    assoc_actor_1="Army; Guard", location="Northville", country="Nowhere", fatalities="3", source="Daily; Weekly",
    notes="On 5 March 2024, Police Forces clashed with rebels in Northville.",
    latitude="10.5000", sub_event_type="Clash",
)  # fmt: skip
_GDELT = _row(
    "gdelt_events", GLOBALEVENTID="900000001", SQLDATE="20240305", MonthYear="202403", Year="2024",
    FractionDate="2024.1753",
    Actor1Name="PARIS", EventCode="042", EventBaseCode="042", EventRootCode="04", QuadClass="1", GoldsteinScale="1.9",
    NumMentions="10", AvgTone="-2.51", DATEADDED="20240305121500", SOURCEURL="https://news.example/a", IsRootEvent="1",
)  # fmt: skip
_MENTION = _row(
    "gdelt_mentions", GLOBALEVENTID="900000001", EventTimeDate="20240305121500", MentionTimeDate="20240305121500",
    MentionType="1", MentionSourceName="news.example", MentionIdentifier="https://news.example/a", SentenceID="2",
    InRawText="1", Confidence="60", MentionDocLen="2000", MentionDocTone="-2.5",
)  # fmt: skip
_ICEWS = _row(
    "icews", Event_ID="31", Event_Date="2014-01-05", Source_Name="Police (Nowhere)", Source_Sectors="Police,Government",
    Event_Text="Use conventional force", CAMEO_Code="190", Intensity="-10.0", Story_ID="77", Sentence_Number="4",
    Publisher="Agency", Country="Nowhere",
)  # fmt: skip
_POLECAT = _row(
    "polecat", Event_ID="20240305-1-2", Event_Date="2024-03-05", Event_Type="PROTEST", Event_Mode="demo",
    Intensity="-3.0",
    Contexts="election; corruption", Actor_Name="None", Actor_Name_Raw="some students", Recipient_Name_Raw="the rector",
    Country="Nowhere", Source="Agency", Language="eng",
)  # fmt: skip


@pytest.mark.parametrize(
    ("name", "row", "type", "some", "header"),
    [
        ("acled", _ACLED, "Battles", {"event_date": "2024-03-05", "fatalities": 3, "latitude": 10.5}, True),
        ("gdelt_events", _GDELT, "consult", {"SQLDATE": "2024-03-05", "EventCode": "042", "AvgTone": -2.51}, False),
        ("gdelt_mentions", _MENTION, "mention", {"GLOBALEVENTID": "900000001", "MentionDocLen": 2000}, False),
        ("icews", _ICEWS, "Use conventional force", {"source_name": "Police (Nowhere)", "Intensity": -10.0}, True),
        ("polecat", _POLECAT, "PROTEST", {"event_mode": "demo", "actor_name_raw": "some students"}, True),
    ],
)
def test_a_known_data_set_is_recognised_and_exported_unchanged(
    connection: sqlite3.Connection, name: str, row: list[str], type: str, some: dict[str, object], header: bool
) -> None:
    content = _table(name, row, header=header)
    assert CSV.recognise(source_of(content, "standard input")) is Confidence.CERTAIN
    assert detect_format(source_of(content, "standard input")).name == "csv"
    found = records(content)
    assert found[0].notes == (f"recognised the columns of {name}",)
    (document,) = documents(content)
    assert document["events"][0]["type"] == type
    fields = fields_of(document)
    assert {key: fields[key] for key in some} == some
    assert not refusals(found)
    report = imported(connection, source_of(content))
    assert (report.events, report.refusals) == (1, [])
    assert exported(connection, name) == content


def test_a_list_in_a_cell_repeats_a_field_and_values_are_searched_in_the_text(connection: sqlite3.Connection) -> None:
    imported(connection, source_of(_table("acled", _ACLED)))
    (document,) = export_documents(connection)
    fields = document["events"][0]["fields"]
    assert [f["value"] for f in fields if f["name"] == "assoc_actor_1"] == ["Army", "Guard"]
    actor = next(f for f in fields if f["name"] == "actor1")
    ((start, end),) = actor["spans"]
    assert (document["text"][start:end], actor["grounding"]) == ("Police Forces", "exact")
    assert document["id"] == "XX1"


def test_mentions_of_an_article_form_one_document_and_percentages_become_shares() -> None:
    other = list(_MENTION)
    other[6] = "7"
    (document,) = documents(_table("gdelt_mentions", _MENTION, other, header=False))
    assert [event["id"] for event in document["events"]] == ["900000001:2", "900000001:7"]
    assert document["events"][0]["confidence"] == 0.6
    assert document["published"] == "2024-03-05"


def test_a_table_of_a_preset_may_have_more_columns_and_lack_some(connection: sqlite3.Connection) -> None:
    table = list(csv.reader(io.StringIO(_table("acled", _ACLED).decode())))
    kept = [column for column in table[0] if column not in ("timestamp", "tags", "iso")]
    lines = [
        [*(row[table[0].index(column)] for column in kept), more]
        for row, more in zip(table, ("mine", "1.5"), strict=True)
    ]
    text = io.StringIO(newline="")
    csv.writer(text, lineterminator="\n").writerows(lines)
    imported(connection, source_of(text.getvalue()))
    assert fields_of(documents(text.getvalue())[0])["mine"] == 1.5
    assert exported(connection, "acled").decode() == text.getvalue()


def test_all_presets_are_installed() -> None:
    assert {"ucdp_ged", "acled", "gdelt_events", "gdelt_mentions", "icews", "polecat", "plover_gsr"} <= set(
        preset_names()
    )
    assert len(preset("gdelt_events").columns) == 61
    assert len(preset("gdelt_mentions").columns) == 16


def test_real_ucdp_rows_are_imported_filtered_and_exported_unchanged(connection: sqlite3.Connection) -> None:
    path = shared(f"formats/{_GED}")
    with path.open("rb") as stream:
        source = Source(path.name, stream, path)
        assert detect_format(source).name == "csv"
        report = imported(connection, source)
    assert (report.documents, report.events, report.refused) == (1000, 1000, 0)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"), newline="")))
    for least in (5, 100):
        search = compile_query(connection, parse(f"best>={least} country:Syria"))
        found = len(list(event_ids(connection, search)))
        assert found == sum(float(row["best"]) >= least and row["country"] == "Syria" for row in rows)
    assert exported(connection, "ucdp_ged") == path.read_bytes()


def test_real_plover_records_are_imported_and_exported_unchanged(
    connection: sqlite3.Connection,
) -> None:
    path = shared("formats/plover/PLOVER_GSR_CAMEO.json")
    with path.open("rb") as stream:
        source = Source(path.name, stream, path)
        assert detect_format(source).name == "json-table"
        report = imported(connection, source, format=JSON_TABLE)
    assert (report.events, report.refused) == (323, 0)
    out = [json.loads(line) for line in exported(connection, "plover_gsr", JSON_TABLE).splitlines()]
    assert out == json.loads(path.read_bytes())


def test_marks_in_a_copy_of_the_text_locate_the_actors(connection: sqlite3.Connection) -> None:
    item = {
        "id": "A-1", "event": "AID", "eventText": "sent rice", "text": "Peru and Chile sent Peru's army rice (free).",
        "source": [{"actorText": "Peru", "code": "PER"}, {"actorText": "Chile", "code": "CHL"}], "target": "",
        "textInfo": {"markup": "(SRC: Peru) and (SRC: Chile) (EVT: sent) Peru's army (EVT: rice) (free)."},
    }  # fmt: skip
    content = json.dumps([item])
    (document,) = documents(content, format=JSON_TABLE)
    fields = document["events"][0]["fields"]
    placed = {(f.get("group"), f["name"]): f.get("spans") for f in fields}
    assert placed["source:1", "actorText"] == [[0, 4]]
    assert placed["source:2", "actorText"] == [[9, 14]]
    assert placed[None, "eventText"] == [[15, 19], [32, 36]]
    assert placed["source:1", "code"] is None
    imported(connection, source_of(content), format=JSON_TABLE)
    assert json.loads(exported(connection, "plover_gsr", JSON_TABLE)) == item
