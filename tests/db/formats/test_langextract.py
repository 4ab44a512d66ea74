"""LangExtract's annotated documents, in and out."""

import io
import json
import sqlite3
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.shared_data import shared

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Export, ReadOptions, Record, Source, Sure
from db.formats.langextract.format import FORMAT
from db.formats.langextract.mapping import Mapping, load_mapping
from db.formats.langextract.reading import read_document
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document

TEXT = "Russia handed over 757 bodies. Ukraine gave 45 on Friday, 14 February 2025."
KEYS = {
    "extraction_class", "extraction_text", "char_interval", "alignment_status", "extraction_index", "group_index",
    "description", "attributes", "token_interval",
}  # fmt: skip


def extraction(
    name: str, text: Any, start: int | None = None, status: str | None = None, **more: Any
) -> dict[str, Any]:
    interval = None if start is None else {"start_pos": start, "end_pos": start + len(str(text))}
    if start is not None and status is None:
        status = "match_exact"
    return {
        "extraction_class": name,
        "extraction_text": text,
        "char_interval": interval,
        "alignment_status": status,
    } | more


def annotated(*extractions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"document_id": "d", "extractions": list(extractions), "text": TEXT} | more


def read(*objects: Any, mapping: str | None = None, extractor: str | None = None) -> list[Record]:
    data = "".join(json.dumps(item, ensure_ascii=False) + "\n" for item in objects).encode()
    assert FORMAT.read
    return list(FORMAT.read(Source("x.jsonl", io.BytesIO(data)), ReadOptions(mapping, None, extractor)))


def document(*objects: Any, **options: Any) -> dict[str, Any]:
    (record,) = read(*objects, **options)
    assert not isinstance(record.document, InputError), record.document
    parse_document(record.document)
    return record.document


def write(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    assert FORMAT.write
    written = b"".join(FORMAT.write(Export(lambda: iter(documents))))
    return [json.loads(line) for line in written.splitlines()]


def same(objects: list[dict[str, Any]]) -> list[Any]:
    """Objects as LangExtract has them, to which a key with null and one that is not there are the same."""
    return [
        {key: value for key, value in item.items() if key != "extractions" and value is not None}
        | {"extractions": [{k: v for k, v in e.items() if v is not None} for e in item.get("extractions") or ()]}
        for item in objects
    ]


def fields(event: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [(f["name"], f["value"], f.get("group"), f.get("spans"), f.get("grounding")) for f in event["fields"]]


def test_an_extraction_is_an_event_and_its_attributes_are_fields() -> None:
    made = extraction("transfer", "Russia handed over 757 bodies", 0, attributes={
        "giver": "russia", "count": 757, "date": "2025-02-14", "recipient": None, "tags": ["war"], "confidence": 0.7,
        "side": "invader",
    })  # fmt: skip
    (event,) = document(annotated(made))["events"]
    assert (event["type"], event["extractor"], event["confidence"]) == ("transfer", "langextract", 0.7)
    assert fields(event) == [
        ("text", "Russia handed over 757 bodies", None, [[0, 29]], "exact"),
        ("giver", "russia", None, [[0, 6]], "folded"),
        ("count", 757, None, [[19, 22]], "exact"),
        ("date", "2025-02-14", None, [[58, 74]], "date"),
        ("tags", "war", None, None, "none"),
        ("side", "invader", None, None, "none"),
    ]


@pytest.mark.parametrize(
    ("status", "grounding"),
    [("match_exact", "exact"), ("match_greater", "greater"), ("match_lesser", "lesser"), ("match_fuzzy", "fuzzy")],
)
def test_how_langextract_aligned_is_how_the_text_is_grounded(status: str, grounding: str) -> None:
    made = annotated(extraction("count", "757", 19, status))
    (event,) = document(made)["events"]
    assert fields(event) == [("text", "757", None, [[19, 22]], grounding)]


def test_an_extraction_without_a_place_has_no_span() -> None:
    (event,) = document(annotated(extraction("count", "758")))["events"]
    assert fields(event) == [("text", "758", None, None, "none")]


def test_an_exact_match_of_another_case_keeps_its_span() -> None:
    (event,) = document(annotated(extraction("side", "RUSSIA", 0)))["events"]
    assert fields(event) == [("text", "RUSSIA", None, [[0, 6]], "exact")]


def test_places_outside_of_the_text_are_told_and_come_back() -> None:
    made = annotated(extraction("count", "nowhere", 900, "match_fuzzy"))
    (record,) = read(made)
    assert isinstance(record.document, dict)
    assert "spans" not in record.document["events"][0]["fields"][0]
    assert record.notes
    assert same(write(record.document)) == same([made])


def test_a_document_without_its_text_comes_in_without_spans() -> None:
    made = {"document_id": "d", "extractions": [extraction("count", "757", 19)]}
    (record,) = read(made)
    assert isinstance(record.document, dict)
    assert (record.document["title"], record.document.get("text")) == ("d", None)
    assert "no text" in record.notes[0]
    assert same(write(record.document)) == same([made])


def test_one_document_over_many_lines_and_an_array_are_read_as_lines_are() -> None:
    made = annotated(extraction("count", "757", 19))
    assert FORMAT.read
    for text in (json.dumps(made, indent=2), json.dumps([made], indent=1), json.dumps([made])):
        source = Source("x.json", io.BytesIO(text.encode()))
        assert FORMAT.recognise(source) == Sure.CERTAIN
        assert [record.document for record in FORMAT.read(source, ReadOptions())] == [document(made)]


def test_extractions_that_share_an_attribute_are_one_event(tmp_path: Path) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(
        'events = "attribute"\nattribute = "transfer"\ntype_attribute = "kind"\n[types]\nswap = "exchange"\n'
        '[fields]\nn = "count"\n'
    )
    made = annotated(
        extraction("giver", "Russia", 0, attributes={"transfer": "1", "kind": "swap"}),
        extraction("giver", "Ukraine", 31, attributes={"transfer": "2"}),
        extraction("n", "757", 19, attributes={"transfer": "1", "unit": "bodies", "confidence": 0.5}),
        extraction("place", "Friday", 50),
    )
    got = document(made, mapping=str(path))
    first, second, third = got["events"]
    assert [(e["id"], e["type"]) for e in (first, second)] == [("d/1", "exchange"), ("d/2", "transfer")]
    assert fields(first) == [
        ("giver", "Russia", None, [[0, 6]], "exact"),
        ("count", "757", "count:2", [[19, 22]], "exact"),
        ("unit", "bodies", "count:2", [[23, 29]], "exact"),
    ]
    assert first["fields"][1]["confidence"] == 0.5
    assert third["type"] == "place"
    assert same(write(got)) == same([made])


def test_extractions_of_one_group_are_one_event_though_each_part_of_a_text_counts_anew() -> None:
    made = annotated(
        extraction("giver", "Russia", 0, group_index=0, extraction_index=1),
        extraction("count", "757", 19, group_index=0, extraction_index=2),
        extraction("giver", "Ukraine", 31, group_index=0, extraction_index=1),
    )
    got = document(made, mapping="group_index")
    assert [[f["value"] for f in event["fields"]] for event in got["events"]] == [["Russia", "757"], ["Ukraine"]]
    assert same(write(got)) == same([made])


def test_an_event_keeps_its_id_when_the_next_run_finds_more_before_it() -> None:
    old = document(annotated(extraction("n", "45", 44), extraction("n", "45")))
    new = document(annotated(extraction("n", "757", 19), extraction("n", "45", 44), extraction("n", "45")))
    assert [e["id"] for e in new["events"]][1:] == [e["id"] for e in old["events"]]
    assert len({e["id"] for e in new["events"]}) == 3


@pytest.mark.parametrize(
    ("made", "reason"),
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
def test_what_can_not_be_read_is_refused_alone_with_its_reason(made: dict[str, Any], reason: str) -> None:
    refused, taken = read(made, annotated())
    assert isinstance(refused.document, InputError)
    assert reason in str(refused.document)
    assert isinstance(taken.document, dict)


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
def test_a_mapping_that_says_nothing_is_refused_with_its_key(tmp_path: Path, toml: str, reason: str) -> None:
    path = tmp_path / "mapping.toml"
    path.write_text(toml)
    with pytest.raises(InputError, match=reason):
        load_mapping(str(path))


def test_a_mapping_that_is_not_there_is_refused() -> None:
    for name in ("nowhere.toml", "a\0b", "/"):
        with pytest.raises(InputError, match="a mapping is"):
            load_mapping(name)


@pytest.mark.parametrize(
    ("content", "sure"),
    [
        (annotated(extraction("a", "b")), Sure.CERTAIN),
        (annotated(), Sure.LIKELY),
        ({"text": 'of "extractions": and "extraction_class": too', "events": []}, Sure.NO),
        ({"extractions": 5}, Sure.NO),
        ({"text": "a", "spans": []}, Sure.NO),
    ],
)
def test_it_is_told_from_other_formats(content: dict[str, Any], sure: Sure) -> None:
    assert FORMAT.recognise(Source("x", io.BytesIO(json.dumps(content).encode()))) == sure


def test_a_document_longer_than_what_is_looked_at_is_recognised() -> None:
    many = annotated(*(extraction("count", "757", 19) for _ in range(2000)))
    assert FORMAT.recognise(Source("x", io.BytesIO(json.dumps(many, indent=2).encode()))) == Sure.CERTAIN


@given(st.binary(max_size=200))
def test_no_bytes_make_telling_the_format_fail(data: bytes) -> None:
    for head in (data, b'{"extractions":' + data, b'{"document_id":1,"extractions":[{' + data):
        assert FORMAT.recognise(Source("x", io.BytesIO(head))) in Sure


names = st.text(st.characters(codec="utf-8"), min_size=1, max_size=5).filter(str.strip)
scalars = st.text(max_size=6) | st.integers(-1000, 1000) | st.booleans() | st.none() | st.floats(0, 1)
anything = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=5,
)  # fmt: skip
indices = st.none() | st.integers(0, 3)


@st.composite
def extractions(draw: st.DrawFn) -> dict[str, Any]:
    start = draw(st.integers(0, len(TEXT) - 1))
    end = draw(st.integers(start + 1, len(TEXT)))
    status = draw(st.sampled_from([None, "match_exact", "match_fuzzy", "match_lesser"]))
    attributes = draw(
        st.none()
        | st.dictionaries(st.sampled_from(["confidence", "count", "text", "id"]) | names, anything, max_size=3)
    )
    if draw(st.booleans()):
        attributes = (attributes or {}) | {"id": draw(scalars)}
    return {
        "extraction_class": draw(st.sampled_from(["giver", "count", "text"]) | names),
        "extraction_text": TEXT[start:end] if status == "match_exact" else draw(scalars),
        "char_interval": {"start_pos": start, "end_pos": end} if status else None,
        "alignment_status": status,
        "extraction_index": draw(indices),
        "group_index": draw(indices),
        "description": draw(st.none() | st.text(max_size=3)),
        "attributes": attributes,
        "token_interval": draw(st.none() | st.just({"start_index": 0, "end_index": 1})),
    }


of_documents = st.dictionaries(
    st.sampled_from(["title", "url", "language", "has_text", "more", "eventdesk"]), anything, max_size=3
).filter(lambda more: not isinstance(more.get("eventdesk"), dict))
annotated_documents = st.builds(
    lambda items, more: annotated(*items) | more, st.lists(extractions(), max_size=5), of_documents
)
MAPPINGS = [
    Mapping(),
    Mapping("attribute", "id", type_attribute="count", confidence="score", fields={"giver": "actor", "text": "quote"}),
    Mapping("group_index", type="swap", types={"giver": "side"}),
]


@given(annotated_documents, st.sampled_from(MAPPINGS))
def test_what_was_read_is_written_as_it_was(made: dict[str, Any], mapping: Mapping) -> None:
    translated = read_document(json.loads(json.dumps(made)), mapping, ReadOptions())
    assert isinstance(translated, tuple)
    parse_document(translated[0])
    (written,) = write(translated[0])
    assert same([written]) == same([made])
    assert all(item.keys() >= KEYS for item in written["extractions"])


@st.composite
def native_documents(draw: st.DrawFn) -> dict[str, Any]:
    def field() -> dict[str, Any]:
        made = {"name": draw(names), "value": draw(anything)}
        spans = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(31, 60)).map(list), max_size=2))
        optional = {
            "spans": spans or None,
            "group": draw(st.none() | st.text(max_size=3)),
            "confidence": draw(st.none() | st.floats(0, 1)),
            "modifier": draw(st.sampled_from([None, "about"])),
            "grounding": draw(st.sampled_from([None, "fuzzy", "date", "none"])),
            "alternatives": draw(st.none() | st.lists(st.text(max_size=2), max_size=2)),
        }
        return made | {key: value for key, value in optional.items() if value is not None}

    events = []
    for number in range(draw(st.integers(0, 3))):
        event = {"id": f"e{number}", "type": draw(names), "fields": [field() for _ in range(draw(st.integers(0, 3)))]}
        more = draw(st.dictionaries(st.sampled_from(["confidence", "extractor", "foo"]), st.just("x"), max_size=3))
        if "confidence" in more:
            more["confidence"] = draw(st.floats(0, 1))
        events.append(event | more)
    source = {"title": TEXT} if draw(st.booleans()) else {"text": TEXT}
    extra = draw(st.dictionaries(st.sampled_from(["url", "language", "foo", "title_only"]), st.text(max_size=3)))
    return {"id": "d", **source, **extra, "events": events}


@given(native_documents())
def test_events_from_elsewhere_come_back_as_they_were(made: dict[str, Any]) -> None:
    made.pop("title_only", None)
    parse_document(made)
    assert document(*write(made)) == made


hostile = st.dictionaries(
    st.sampled_from(["document_id", "text", "extractions", "title", "eventdesk"]),
    anything
    | st.lists(
        anything
        | st.dictionaries(
            st.sampled_from([*sorted(KEYS)]),
            anything
            | st.dictionaries(
                st.sampled_from(["start_pos", "end_pos", "eventdesk_id", "eventdesk_type", "eventdesk_event", "spans"]),
                anything | st.integers(),
            ),
        ),
        max_size=3,
    ),
)


@given(hostile, st.sampled_from(MAPPINGS))
def test_whatever_a_file_holds_is_taken_or_refused(made: dict[str, Any], mapping: Mapping) -> None:
    FORMAT.recognise(Source("x", io.BytesIO(json.dumps(made).encode())))
    try:
        translated = read_document(made, mapping, ReadOptions())
        got = translated[0] if isinstance(translated, tuple) else translated
        parse_document(got)
    except InputError:
        return
    write(got)


@given(
    *[
        st.dictionaries(st.sampled_from(keys), anything | st.dictionaries(st.sampled_from(keys), anything)) | anything
        for keys in (
            ["has_text", "more"],
            ["class", "type", "attribute", "value", "group_index", "type_attribute"],
            ["extraction", "attributes", "lists", "class", "name", "at", "confidence", "attribute", "alignment_status"],
        )
    ]
)
def test_whatever_another_program_wrote_under_our_keys_is_written(
    of_document: Any, of_event: Any, of_field: Any
) -> None:
    field = {"name": "a", "value": 1, "group": "a:1", "langextract": of_field}
    event = {"id": "1", "type": "a", "confidence": 0.5, "fields": [field, field], "langextract": of_event}
    write({"id": "d", "title": TEXT, "events": [event], "langextract": of_document})


def test_rejected_events_and_removed_fields_are_left_out() -> None:
    kept = {
        "id": "1",
        "type": "a",
        "fields": [{"name": "x", "value": 1}, {"name": "y", "value": 2, "state": "removed"}],
    }
    gone = {"id": "2", "type": "a", "fields": [{"name": "x", "value": 1}], "status": "rejected"}
    (written,) = write({"id": "d", "text": TEXT, "events": [kept, gone]})
    assert [item["extraction_class"] for item in written["extractions"]] == ["x"]


def test_what_a_person_changed_is_what_is_written() -> None:
    got = document(annotated(extraction("count", "757", 19, "match_fuzzy", attributes={"giver": "Russia"})))
    text, giver = got["events"][0]["fields"]
    text |= {
        "value": "45",
        "extracted": "757",
        "spans": [[44, 46]],
        "extracted_spans": [[19, 22]],
        "state": "corrected",
    }
    giver |= {"value": "Ukraine", "extracted": "Russia", "state": "corrected"}
    got["events"][0] |= {"type": "number", "extracted_type": "count", "status": "corrected"}
    (written,) = write(got)
    assert same([written]) == same([annotated(extraction("number", "45", 44, attributes={"giver": "Ukraine"}))])


def test_it_goes_through_a_file_and_comes_out_the_same(connection: sqlite3.Connection) -> None:
    made = annotated(
        extraction(
            "transfer", "Russia handed over 757 bodies", 0, attributes={"count": 757, "to": None, "tags": ["a"]}
        ),
        extraction("transfer", "Ukraine gave", 31, "match_lesser", group_index=1, attributes={"count": 45}),
        extraction("transfer", "nobody", attributes={}),
        note="of the file",
    )
    data = json.dumps(made).encode()
    for _ in range(2):
        report = ImportReport()
        import_source(connection, Source("x.jsonl", io.BytesIO(data)), report)
    assert (report.events, report.updated, report.unchanged) == (0, 0, 3)
    assert same(write(*export_documents(connection))) == same([made])


def test_a_genuine_file_comes_in_and_out() -> None:
    path = shared("formats/langextract/annotated_extractions_single.json")
    assert FORMAT.read
    with path.open("rb") as stream:
        source = Source(path.name, stream)
        assert FORMAT.recognise(source) == Sure.CERTAIN
        (record,) = FORMAT.read(source, ReadOptions())
    assert isinstance(record.document, dict)
    events = parse_document(record.document).events
    found = Counter(field.extra.get("grounding") for event in events for field in event.fields if field.name == "text")
    assert len(events) == 463
    assert found == {"none": 287, "exact": 116, "fuzzy": 38, "lesser": 22}
    assert "no text" in record.notes[0]
    assert same(write(record.document)) == same([json.loads(path.read_bytes())])
