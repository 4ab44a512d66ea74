"""LangExtract: extractions become events and fields, and are written with their final values."""

import io
import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from support.langextract import TEXT, annotated, document, extraction, read, without_nulls, write
from support.shared_data import shared

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Confidence, ReadOptions, Source
from db.formats.langextract.format import FORMAT
from db.formats.langextract.mapping import load_mapping
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document


def fields(event: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(f["name"], f["value"], f.get("group"), f.get("spans"), f.get("grounding")) for f in event["fields"]]


def test_an_extraction_becomes_an_event_and_its_attributes_fields() -> None:
    transfer = extraction("transfer", "Russia handed over 757 bodies", 0, attributes={
        "giver": "russia", "count": 757, "date": "2025-02-14", "recipient": None, "tags": ["war"], "confidence": 0.7,
        "side": "invader",
    })  # fmt: skip
    (event,) = document(annotated(transfer))["events"]
    assert (event["type"], event["extractor"], event["confidence"]) == ("transfer", "langextract", 0.7)
    assert fields(event) == [
        ("text", "Russia handed over 757 bodies", None, [[0, 29]], "exact"),
        ("giver", "russia", None, [[0, 6]], "folded"),
        ("count", 757, None, [[19, 22]], "exact"),
        ("date", "2025-02-14", None, [[58, 74]], "date"),
        ("tags", "war", None, None, None),
        ("side", "invader", None, None, "none"),
    ]


@pytest.mark.parametrize(
    ("status", "grounding"),
    [("match_exact", "exact"), ("match_greater", "greater"), ("match_lesser", "lesser"), ("match_fuzzy", "fuzzy")],
)
def test_the_alignment_status_becomes_the_grounding(status: str, grounding: str) -> None:
    (event,) = document(annotated(extraction("count", "757", 19, status)))["events"]
    assert fields(event) == [("text", "757", None, [[19, 22]], grounding)]


def test_an_extraction_without_an_interval_has_no_span() -> None:
    (event,) = document(annotated(extraction("count", "758")))["events"]
    assert fields(event) == [("text", "758", None, None, "none")]


def test_an_exact_match_in_another_case_keeps_its_span() -> None:
    (event,) = document(annotated(extraction("side", "RUSSIA", 0)))["events"]
    assert fields(event) == [("text", "RUSSIA", None, [[0, 6]], "exact")]


def test_spans_outside_the_text_are_noted_and_written_back() -> None:
    original = annotated(extraction("count", "nowhere", 900, "match_fuzzy"))
    (record,) = read(original)
    assert isinstance(record.document, dict)
    assert "spans" not in record.document["events"][0]["fields"][0]
    assert record.notes
    assert without_nulls(write(record.document)) == without_nulls([original])


def test_a_document_without_text_has_no_spans() -> None:
    original = {"document_id": "d", "extractions": [extraction("count", "757", 19)]}
    (record,) = read(original)
    assert isinstance(record.document, dict)
    assert (record.document["title"], record.document.get("text")) == ("d", None)
    assert "no text" in record.notes[0]
    assert without_nulls(write(record.document)) == without_nulls([original])


def test_arrays_and_indented_documents_are_read_like_lines() -> None:
    original = annotated(extraction("count", "757", 19))
    assert FORMAT.read
    for text in (json.dumps(original, indent=2), json.dumps([original], indent=1), json.dumps([original])):
        source = Source("x.json", io.BytesIO(text.encode()))
        assert FORMAT.recognise(source) == Confidence.CERTAIN
        assert [record.document for record in FORMAT.read(source, ReadOptions())] == [document(original)]


def test_extractions_with_the_same_attribute_form_one_event(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        'events = "attribute"\nattribute = "transfer"\ntype_attribute = "kind"\n[types]\nswap = "exchange"\n'
        '[fields]\nn = "count"\n'
    )
    original = annotated(
        extraction("giver", "Russia", 0, attributes={"transfer": "1", "kind": "swap"}),
        extraction("giver", "Ukraine", 31, attributes={"transfer": "2"}),
        extraction("n", "757", 19, attributes={"transfer": "1", "unit": "bodies", "confidence": 0.5}),
        extraction("place", "Friday", 50),
    )
    imported = document(original, mapping=str(path))
    first, second, third = imported["events"]
    assert [(e["id"], e["type"]) for e in (first, second)] == [("d/1", "exchange"), ("d/2", "transfer")]
    assert fields(first) == [
        ("giver", "Russia", None, [[0, 6]], "exact"),
        ("count", "757", "count:2", [[19, 22]], "exact"),
        ("unit", "bodies", "count:2", [[23, 29]], "exact"),
    ]
    assert first["fields"][1]["confidence"] == 0.5
    assert third["type"] == "place"
    assert without_nulls(write(imported)) == without_nulls([original])


def test_extractions_of_one_group_form_one_event_within_each_chunk() -> None:
    original = annotated(
        extraction("giver", "Russia", 0, group_index=0, extraction_index=1),
        extraction("count", "757", 19, group_index=0, extraction_index=2),
        extraction("giver", "Ukraine", 31, group_index=0, extraction_index=1),
    )
    imported = document(original, mapping="group_index")
    assert [[f["value"] for f in event["fields"]] for event in imported["events"]] == [["Russia", "757"], ["Ukraine"]]
    assert without_nulls(write(imported)) == without_nulls([original])


def test_an_event_keeps_its_id_if_the_next_run_finds_more() -> None:
    old = document(annotated(extraction("n", "45", 44), extraction("n", "45")))
    new = document(annotated(extraction("n", "757", 19), extraction("n", "45", 44), extraction("n", "45")))
    assert [e["id"] for e in new["events"]][1:] == [e["id"] for e in old["events"]]
    assert len({e["id"] for e in new["events"]}) == 3


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"extractions": [{"extraction_class": "a"}]}, "neither text nor document_id"),
        ({"text": 5, "extractions": []}, "text: must be text, is a number"),
        ({"text": "a", "document_id": [], "extractions": []}, "document_id: must be text"),
        ({"text": "a", "extractions": {}}, "extractions: must be a list"),
        ({"text": "a", "extractions": ["a"]}, "extractions[0]: must be an object, is text"),
        ({"text": "a", "extractions": [{"extraction_text": "a"}]}, "extractions[0]: has no extraction_class"),
        (
            {"text": "a", "extractions": [{"extraction_class": "a", "extraction_text": []}]},
            "extractions[0].extraction_text: must be text",
        ),
    ],
)  # fmt: skip
def test_only_the_invalid_document_is_skipped_with_the_reason(data: dict[str, Any], reason: str) -> None:
    bad, good = read(data, annotated())
    assert isinstance(bad.document, InputError)
    assert reason in str(bad.document)
    assert isinstance(good.document, dict)


@pytest.mark.parametrize(
    ("toml", "reason"),
    [
        ('events = "attribute"', "together"),
        ('attribute = "a"', "together"),
        ('events = "class"', "unknown value"),
        ('kind = "a"', "unknown key 'kind'"),
        ("type = 5", "anything but text"),
        ('types = "a"', "types must be a table"),
        ("[fields]\na = 1", "anything but text"),
        ("[type]\na = '1'", "type must be text"),
        ("events", "invalid TOML"),
    ],
)
def test_an_invalid_mapping_is_an_error_that_names_the_key(tmp_path: Path, toml: str, reason: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(toml)
    with pytest.raises(InputError, match=reason):
        load_mapping(str(path))


def test_a_missing_mapping_is_an_error() -> None:
    for name in ("nowhere.toml", "a\0b", "/"):
        with pytest.raises(InputError, match="a mapping is"):
            load_mapping(name)


@pytest.mark.parametrize(
    ("content", "sure"),
    [
        (annotated(extraction("a", "b")), Confidence.CERTAIN),
        (annotated(), Confidence.LIKELY),
        ({"text": 'of "extractions": and "extraction_class": too', "events": []}, Confidence.NO),
        ({"extractions": 5}, Confidence.NO),
        ({"text": "a", "spans": []}, Confidence.NO),
    ],
)
def test_it_is_distinguished_from_other_formats(content: dict[str, Any], sure: Confidence) -> None:
    assert FORMAT.recognise(Source("x", io.BytesIO(json.dumps(content).encode()))) == sure


def test_a_document_longer_than_the_head_is_recognised() -> None:
    many = annotated(*(extraction("count", "757", 19) for _ in range(2000)))
    assert FORMAT.recognise(Source("x", io.BytesIO(json.dumps(many, indent=2).encode()))) == Confidence.CERTAIN


def test_rejected_events_and_removed_fields_are_left_out() -> None:
    pending = {
        "id": "1",
        "type": "a",
        "fields": [{"name": "x", "value": 1}, {"name": "y", "value": 2, "state": "removed"}],
    }
    rejected = {"id": "2", "type": "a", "fields": [{"name": "x", "value": 1}], "status": "rejected"}
    (written,) = write({"id": "d", "text": TEXT, "events": [pending, rejected]})
    assert [item["extraction_class"] for item in written["extractions"]] == ["x"]


def test_corrections_are_written() -> None:
    imported = document(annotated(extraction("count", "757", 19, "match_fuzzy", attributes={"giver": "Russia"})))
    text, giver = imported["events"][0]["fields"]
    text |= {
        "value": "45",
        "extracted": "757",
        "spans": [[44, 46]],
        "extracted_spans": [[19, 22]],
        "state": "corrected",
    }
    giver |= {"value": "Ukraine", "extracted": "Russia", "state": "corrected"}
    imported["events"][0] |= {"type": "number", "extracted_type": "count", "status": "corrected"}
    (written,) = write(imported)
    assert without_nulls([written]) == without_nulls(
        [annotated(extraction("number", "45", 44, attributes={"giver": "Ukraine"}))
         | {"eventdesk": {"left_out": "decisions"}}]
    )  # fmt: skip
    assert FORMAT.read
    (record,) = FORMAT.read(Source("x.jsonl", io.BytesIO(json.dumps(written).encode())), ReadOptions())
    assert record.partial
    assert isinstance(record.document, dict)
    assert "left_out" not in record.document


def test_a_document_survives_import_and_export(connection: sqlite3.Connection) -> None:
    original = annotated(
        extraction(
            "transfer", "Russia handed over 757 bodies", 0, attributes={"count": 757, "to": None, "tags": ["a"]}
        ),
        extraction("transfer", "Ukraine gave", 31, "match_lesser", group_index=1, attributes={"count": 45}),
        extraction("transfer", "nobody", attributes={}),
        note="of the file",
    )
    data = json.dumps(original).encode()
    for _ in range(2):
        report = ImportReport()
        import_source(connection, Source("x.jsonl", io.BytesIO(data)), report)
    assert (report.events, report.updated, report.unchanged) == (0, 0, 3)
    assert without_nulls(write(*export_documents(connection))) == without_nulls([original])


def test_a_real_file_survives_the_round_trip() -> None:
    path = shared("formats/langextract/annotated_extractions_single.json")
    assert FORMAT.read
    with path.open("rb") as stream:
        source = Source(path.name, stream)
        assert FORMAT.recognise(source) == Confidence.CERTAIN
        (record,) = FORMAT.read(source, ReadOptions())
    assert isinstance(record.document, dict)
    events = parse_document(record.document).events
    found = Counter(field.extra.get("grounding") for event in events for field in event.fields if field.name == "text")
    assert len(events) == 463
    assert found == {"none": 287, "exact": 116, "fuzzy": 38, "lesser": 22}
    assert "no text" in record.notes[0]
    assert without_nulls(write(record.document)) == without_nulls([json.loads(path.read_bytes())])
