"""MUC templates: reading slots and texts, writing them, and errors in single templates."""

import io
import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shared_data import shared

from db.errors import InputError
from db.formats.format import Confidence, Export, ReadOptions, Record, Source
from db.formats.muc.fillers import Filler, filler_of, is_code, parse_filler
from db.formats.muc.format import FORMAT
from db.io.documents import parse_document
from db.kinds import is_date

TEXT = """\
ORLA, 3 MAR 25 (BORDER POST) -- TWO GUARDS AND ANA LESNA, A TEACHER, WERE
HURT WHEN MEMBERS OF THE NORTH LEAGUE BURNED THE ORLA PIER. THE LEAGUE
SAID NOTHING. THE SHIP "STAR" ESCAPED."""

TEMPLATES = """\
; coded by hand
0.  MESSAGE: ID                     DEV-MUC9-0001 (POST)
1.  MESSAGE: TEMPLATE               1
2.  INCIDENT: DATE                  - 03 MAR 25
3.  INCIDENT: LOCATION              LESNIA: ORLA (CITY): PIER (STREET)
4.  INCIDENT: TYPE                  ARSON
5.  INCIDENT: STAGE OF EXECUTION    ACCOMPLISHED
6.  INCIDENT: INSTRUMENT ID         *
7.  INCIDENT: INSTRUMENT TYPE       *
8.  PERP: INCIDENT CATEGORY         -
9.  PERP: INDIVIDUAL ID             "MEMBERS OF THE NORTH LEAGUE" / "MEMBERS"
10. PERP: ORGANIZATION ID           "NORTH LEAGUE" / "LEAGUE"
11. PERP: ORGANIZATION CONFIDENCE   POSSIBLE: "NORTH LEAGUE" / "LEAGUE"
12. PHYS TGT: ID                    "ORLA PIER"
                                    ? "STAR" / "SHIP"
13. PHYS TGT: TYPE                  TRANSPORTATION FACILITY / OTHER: "ORLA PIER"
14. PHYS TGT: NUMBER                1: "ORLA PIER"
15. PHYS TGT: FOREIGN NATION        -
16. PHYS TGT: EFFECT OF INCIDENT    -
17. PHYS TGT: TOTAL NUMBER          -
18. HUM TGT: NAME                   "ANA LESNA"
19. HUM TGT: DESCRIPTION            "TEACHER": "ANA LESNA"
                                    "GUARDS"
20. HUM TGT: TYPE                   CIVILIAN: "ANA LESNA"
                                    SECURITY GUARD: "GUARDS"
21. HUM TGT: NUMBER                 1: "ANA LESNA"
                                    2: "GUARDS"
22. HUM TGT: FOREIGN NATION         -: "GUARDS"
23. HUM TGT: EFFECT OF INCIDENT     INJURY: "ANA LESNA"
24. HUM TGT: TOTAL NUMBER           3

"""


def read(content: str | bytes, path: Path | None = None, **options: Any) -> list[Record]:
    assert FORMAT.read
    stream = io.BytesIO(content.encode() if isinstance(content, str) else content)
    return list(FORMAT.read(Source("x.muc", stream, path), ReadOptions(**options)))


def read_documents(content: str, path: Path | None = None, **options: Any) -> list[dict[str, Any]]:
    records = read(content, path, **options)
    for record in records:
        assert not isinstance(record.document, InputError), record.document
        parse_document(record.document)
    return [record.document for record in records]  # type: ignore[misc]


def export_of(documents: list[dict[str, Any]]) -> Export:
    return Export(lambda: iter(documents))


MARK = "; eventdesk: without ids and decisions\n"
TEXTS = "; eventdesk: texts of the messages in the file of templates\n"


def write(*documents: dict[str, Any]) -> str:
    assert FORMAT.write
    return b"".join(FORMAT.write(export_of(list(documents)))).decode()


def write_texts(*documents: dict[str, Any]) -> str:
    return b"".join(FORMAT.companions[0].write(export_of(list(documents)))).decode()


def message(id_: str, text: str) -> str:
    return f"{id_}\n\n{text}\n\n"


@pytest.fixture
def arson() -> dict[str, Any]:
    (document,) = read_documents(message("DEV-MUC9-0001 (POST)", TEXT) + TEMPLATES)
    return document


def fields(document: dict[str, Any], name: str, event: int = 0) -> list[dict[str, Any]]:
    return [item for item in document["events"][event]["fields"] if item["name"] == name]


def test_a_template_becomes_an_event_and_each_filler_a_field(arson: dict[str, Any]) -> None:
    assert (arson["id"], arson["text"], arson["muc"]["source"]) == ("DEV-MUC9-0001", TEXT, "POST")
    (event,) = arson["events"]
    assert (event["id"], event["type"]) == ("DEV-MUC9-0001/1", "arson")
    assert [item["value"] for item in fields(arson, "location")] == ["LESNIA: ORLA (CITY): PIER (STREET)"]
    assert [item["value"] for item in fields(arson, "date")] == ["2025-03-03"]
    assert fields(arson, "date")[0]["modifier"] == "at most"
    assert [item["value"] for item in fields(arson, "human_target.total")] == [3]
    assert fields(arson, "category") == []
    assert event["muc"]["not_applicable"] == ["INCIDENT: INSTRUMENT ID", "INCIDENT: INSTRUMENT TYPE"]
    assert event["muc"]["comments"] == ["; coded by hand"]


def test_strings_are_grounded_in_the_text(arson: dict[str, Any]) -> None:
    found = [item for item in arson["events"][0]["fields"] if item.get("spans")]
    assert [(item["value"], TEXT[slice(*item["spans"][0])], item["grounding"]) for item in found][:2] == [
        ("MEMBERS OF THE NORTH LEAGUE", "MEMBERS OF THE NORTH LEAGUE", "exact"),
        ("NORTH LEAGUE", "NORTH LEAGUE", "exact"),
    ]
    assert all("spans" not in item and "grounding" not in item for item in fields(arson, "human_target.type"))


def test_cross_references_become_groups(arson: dict[str, Any]) -> None:
    grouped = Counter(
        (item["group"], item["name"], item["value"]) for item in arson["events"][0]["fields"] if "group" in item
    )
    assert grouped == Counter(
        [
            ("perpetrator:1", "perpetrator.organization", "NORTH LEAGUE"),
            ("perpetrator:1", "perpetrator.confidence", "POSSIBLE"),
            ("physical_target:1", "physical_target.id", "ORLA PIER"),
            ("physical_target:2", "physical_target.id", "STAR"),
            ("physical_target:1", "physical_target.type", "TRANSPORTATION FACILITY"),
            ("physical_target:1", "physical_target.number", 1),
            ("human_target:1", "human_target.name", "ANA LESNA"),
            ("human_target:1", "human_target.description", "TEACHER"),
            ("human_target:2", "human_target.description", "GUARDS"),
            ("human_target:1", "human_target.type", "CIVILIAN"),
            ("human_target:2", "human_target.type", "SECURITY GUARD"),
            ("human_target:1", "human_target.number", 1),
            ("human_target:2", "human_target.number", 2),
            ("human_target:2", "human_target.nation", None),
            ("human_target:1", "human_target.effect", "INJURY"),
        ]
    )


def test_alternatives_and_optional_fillers_are_kept(arson: dict[str, Any]) -> None:
    (first, second) = fields(arson, "physical_target.id")
    assert (second["alternatives"], second["optional"]) == (["SHIP"], True)
    assert "optional" not in first
    assert fields(arson, "physical_target.type")[0]["alternatives"] == ["OTHER"]


def test_an_unchanged_document_is_written_as_it_was_read(arson: dict[str, Any]) -> None:
    assert write(arson) == TEMPLATES
    assert write_texts(arson) == TEXTS + message("DEV-MUC9-0001 (POST)", TEXT)


def test_templates_of_one_message_become_events_of_one_document() -> None:
    second = TEMPLATES.replace("TEMPLATE               1", "TEMPLATE               2 (OPTIONAL)")
    (document,) = read_documents(TEMPLATES + second, extractor="gold")
    assert [event["id"] for event in document["events"]] == ["DEV-MUC9-0001/gold/1", "DEV-MUC9-0001/gold/2"]
    assert document["events"][1]["muc"]["optional"] is True
    assert document["title"] == "DEV-MUC9-0001"
    assert write(document) == MARK + TEMPLATES + second  # a second import may name another extractor


def test_a_message_without_incidents_becomes_a_document_without_events() -> None:
    (document,) = read_documents("0.  MESSAGE: ID   A-1\n1.  MESSAGE: TEMPLATE   *\n2.  INCIDENT: DATE   *\n")
    assert document == {"id": "A-1", "title": "A-1", "events": []}
    assert read_documents(write(document)) == [document]


def test_texts_are_read_from_one_file_or_from_a_file_each(tmp_path: Path) -> None:
    key = tmp_path / "key.muc"
    second = TEMPLATES.replace("0001", "0002")
    (tmp_path / "key.txt").write_text(message("DEV-MUC9-0001 (POST)", TEXT) + message("DEV-MUC9-0003", "NOTHING ELSE."))
    (tmp_path / "dev-muc9-0002.txt").write_text("ANOTHER")
    documents = read_documents(TEMPLATES + second, key)
    assert [(document["id"], document["text"]) for document in documents] == [
        ("DEV-MUC9-0001", TEXT),
        ("DEV-MUC9-0002", "ANOTHER"),
        ("DEV-MUC9-0003", "NOTHING ELSE."),
    ]
    assert documents[2]["events"] == []


def test_texts_before_all_templates_are_read() -> None:
    second = TEMPLATES.replace("0001 (POST)", "0002")
    texts = message("DEV-MUC9-0001 (POST)", TEXT) + message("DEV-MUC9-0002", "ANOTHER")
    assert [document["text"] for document in read_documents(texts + TEMPLATES + second)] == [TEXT, "ANOTHER"]


def test_loose_spacing_and_continued_fillers_are_read() -> None:
    template = """\
0. MESSAGE: ID A-1
1. MESSAGE: TEMPLATE 1
2. INCIDENT: DATE - 01 FEB 90
4. INCIDENT: TYPE ATTACK / BOMBING
9. PERP: INDIVIDUAL ID "A" /
   "B \\"THE SECOND\\""
   / "C"
   "D"
30. DAMAGE IN MONEY      757
"""
    (document,) = read_documents(template)
    assert fields(document, "date")[0]["value"] == "1990-02-01"
    individuals = fields(document, "perpetrator.individual")
    assert [item["value"] for item in individuals] == ["A", "D"]
    assert individuals[0]["alternatives"] == ['B "THE SECOND"', "C"]
    assert fields(document, "DAMAGE IN MONEY")[0]["value"] == 757
    assert document["events"][0]["type"] == "attack"
    written = write(document)
    assert "ATTACK / BOMBING" in written
    assert read_documents(written) == [document]


def test_only_the_template_without_a_message_id_is_skipped_and_its_raw_text_can_be_fixed() -> None:
    bad = TEMPLATES.replace("DEV-MUC9-0001 (POST)", "").replace("; coded by hand\n", "")
    first, second = read(bad + TEMPLATES)
    assert str(first.document) == "0. MESSAGE: ID is empty; fill in the id of the template's message"
    assert first.position == 1
    fixed = first.raw.replace(b"MESSAGE: ID", b"MESSAGE: ID  A-1")
    assert read_documents(fixed.decode())[0]["events"][0]["type"] == "arson"
    assert isinstance(second.document, dict)


def test_only_the_template_in_another_encoding_is_skipped() -> None:
    first, second = read(TEMPLATES.encode().replace(b"LESNA", b"L\xc9SNA", 1) + b"\n" + TEMPLATES.encode())
    assert "not UTF-8" in str(first.document)
    assert isinstance(second.document, dict)


def test_strings_that_are_not_in_the_text_are_noted() -> None:
    (record,) = read(message("DEV-MUC9-0001", "NOTHING OF IT") + TEMPLATES)
    assert "strings not found in the text: ‘MEMBERS OF THE NORTH LEAGUE’" in record.notes[0]
    assert isinstance(record.document, dict)
    assert {item.get("grounding") for item in fields(record.document, "physical_target.id")} == {"none"}


def test_a_file_is_recognised_by_its_first_slot() -> None:
    assert FORMAT.recognise(Source("key", io.BytesIO(TEMPLATES.encode()))) is Confidence.CERTAIN
    assert FORMAT.recognise(Source("texts", io.BytesIO(b"DEV-MUC9-0001 (POST)\n\nTEXT"))) is Confidence.LIKELY
    assert FORMAT.recognise(Source("x.jsonl", io.BytesIO(b'{"text": "0. MESSAGE: ID x"}'))) is Confidence.NO


@given(st.binary(max_size=300) | st.text('0123. MESAGID:-;"/?()\n ').map(str.encode), st.booleans())
def test_reading_arbitrary_bytes_raises_nothing(content: bytes, begin: bool) -> None:
    content = (b"0. MESSAGE: ID A-1\n1. MESSAGE: TEMPLATE 1\n9. PERP: INDIVIDUAL ID " if begin else b"") + content
    assert isinstance(FORMAT.recognise(Source("x", io.BytesIO(content))), Confidence)
    for record in read(content):
        if isinstance(record.document, dict):
            parse_document(record.document)


@given(st.text(max_size=20))
def test_codes_and_fillers_survive_the_round_trip(text: str) -> None:
    if is_code(text):
        assert parse_filler(text) == Filler((text,), (False,))
    filler = Filler((text, 7, None), (True, False, False), (text, "x"), True)
    assert parse_filler(str(filler)) == filler


@pytest.mark.parametrize("text", ['"', '""', 'a"', '"a', 'a" / "b', "/", "?", ":", "a:", "(", "0"])
def test_any_alternatives_survive_the_round_trip(text: str) -> None:
    for values in ([text, "0"], ["0", text], [text, 7], [text, text], [text, "a: b"]):
        for is_string in (False, True):
            filler = filler_of(values, is_string, optional=False)
            assert parse_filler(str(filler)).values == tuple(values)


_strings = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)
_names = st.sampled_from(
    ["date", "stage", "instrument", "human_target.name", "human_target.effect", "count", "名前", "a: b"]
)


@st.composite
def natives(draw: st.DrawFn) -> dict[str, Any]:
    """Draw documents that templates can hold: each target has a group of its own, numbered in order."""
    events = []
    for number in range(1, draw(st.integers(1, 3))):
        items: list[dict[str, Any]] = []
        targets = draw(st.lists(_strings, max_size=3, unique=True))
        for n, target in enumerate(targets, start=1):
            items.append({"name": "human_target.name", "value": target, "group": f"human_target:{n}"})
            items.append(
                {
                    "name": "human_target.number",
                    "value": draw(st.integers(0, 9) | st.none()),
                    "group": f"human_target:{n}",
                }
            )
        for name in draw(st.lists(_names.filter(lambda name: "target" not in name), max_size=4)):
            field = {"name": name, "value": draw(_strings | st.integers(-5, 10**9))}
            if draw(st.booleans()):
                field["alternatives"] = draw(st.lists(_strings, min_size=1, max_size=2))
            if draw(st.booleans()):
                field["optional"] = True
            if name == "count" and draw(st.booleans()):
                field["group"] = draw(_strings)
            items.append(field)
        events.append(
            {
                "id": f"m/{number}",
                "type": draw(st.sampled_from(["attack", "a b", "Quarrel", "名前", "-"])),
                "fields": items,
            }
        )
    document: dict[str, Any] = {
        "id": draw(st.sampled_from(["m", "A-1", "x (y)", 'q"q', "http://x/1?a"])),
        "events": events,
    }
    if draw(st.booleans()):
        return document | {"text": draw(st.text(st.characters(exclude_categories=["Cs"]), max_size=30))}
    return document | {"title": document["id"]}


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Return a document without what templates can't hold: spans, the order of fields, event ids but their number."""
    kept = [
        {
            "id": event["id"].rpartition("/")[2],
            "type": event["type"],
            "fields": Counter(
                json.dumps(
                    {key: value for key, value in item.items() if key not in ("spans", "grounding", "places")},
                    sort_keys=True,
                )
                for item in event["fields"]
            ),
        }
        for event in document["events"]
    ]
    return document | {"events": kept}


@given(natives())
def test_any_document_survives_the_round_trip(
    tmp_path_factory: pytest.TempPathFactory, document: dict[str, Any]
) -> None:
    path = tmp_path_factory.mktemp("muc") / "key.muc"
    path.with_suffix(".txt").write_bytes(write_texts(document).encode())
    key = write(document)
    (reread,) = read_documents(key, path)
    assert plain(reread) == plain(document)
    assert write(reread) == key.removeprefix(MARK)


def test_a_message_that_lost_ids_or_decisions_is_marked(arson: dict[str, Any]) -> None:
    assert [record.partial for record in read(write(arson))] == [False]
    for changed in ({"id": "x"}, {"status": "confirmed"}, {"note": "a"}):
        document = arson | {"events": [arson["events"][0] | changed]}
        (record,) = read(write(document))
        assert record.partial
        assert isinstance(record.document, dict)
        assert record.document["events"][0]["muc"]["comments"] == ["; coded by hand"]


def test_rejected_events_and_removed_fields_are_not_written(arson: dict[str, Any]) -> None:
    arson["events"].append({"id": "x", "type": "attack", "status": "rejected", "fields": []})
    arson["events"][0]["fields"][0]["state"] = "removed"
    assert write(arson) == MARK + TEMPLATES.replace("- 03 MAR 25", "-")


def test_corrections_are_written(arson: dict[str, Any]) -> None:
    (organization,) = fields(arson, "perpetrator.organization")
    organization |= {"value": "SOUTH LEAGUE", "alternatives": [], "state": "corrected"}
    assert '11. PERP: ORGANIZATION CONFIDENCE   POSSIBLE: "SOUTH LEAGUE"\n' in write(arson)


@pytest.mark.parametrize("name", ["gold", "candidates.ge", "candidates.mitre", "candidates.nyu", "candidates.umass"])
def test_real_events_survive_the_round_trip(name: str, tmp_path: Path) -> None:
    documents = [json.loads(line) for line in shared(f"muc4-tst3/{name}.jsonl").read_text().splitlines()[:25]]
    path = tmp_path / "key.muc"
    path.with_suffix(".txt").write_bytes(write_texts(*documents).encode())
    for document, reread in zip(documents, read_documents(write(*documents), path), strict=True):
        assert reread["text"] == document["text"]
        assert write(reread).removeprefix(MARK) == write(document).removeprefix(MARK)
        written = [item["value"] for event in document["events"] for item in event["fields"] if item["name"] == "date"]
        dates = [item for event in reread["events"] for item in event["fields"] if item["name"] == "date"]
        assert all(is_date(item["value"]) for item in dates)
        assert len(dates) == len(written)
        for data in (document, reread):
            for event in data["events"]:
                event["fields"] = [item for item in event["fields"] if item["name"] != "date"]
        assert plain(reread)["events"] == plain(document)["events"]


def test_a_corrected_date_is_written_as_muc_writes_dates(arson: dict[str, Any]) -> None:
    fields(arson, "date")[0] |= {"value": "2025-03-04", "state": "corrected"}
    assert "2.  INCIDENT: DATE                  - 04 MAR 25\n" in write(arson)
