"""LangExtract: arbitrary documents survive the round trip, and arbitrary input raises nothing but InputError."""

import io
import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.langextract import KEYS, TEXT, annotated, document, without_nulls, write

from db.errors import InputError
from db.formats.format import Confidence, ReadOptions, Source
from db.formats.langextract.format import FORMAT
from db.formats.langextract.mapping import Mapping
from db.formats.langextract.reading import read_document
from db.io.documents import parse_document

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
def test_an_unchanged_document_is_written_as_it_was_read(original: dict[str, Any], mapping: Mapping) -> None:
    translated = read_document(json.loads(json.dumps(original)), ReadOptions(), mapping)
    assert isinstance(translated, tuple)
    parse_document(translated[0])
    (written,) = write(translated[0])
    assert without_nulls([written]) == without_nulls([original])
    assert all(item.keys() >= KEYS for item in written["extractions"])


@st.composite
def native_documents(draw: st.DrawFn) -> dict[str, Any]:
    def field() -> dict[str, Any]:
        field = {"name": draw(names), "value": draw(anything)}
        spans = draw(st.lists(st.tuples(st.integers(0, 30), st.integers(31, 60)).map(list), max_size=2))
        optional = {
            "spans": spans or None,
            "group": draw(st.none() | st.text(max_size=3)),
            "confidence": draw(st.none() | st.floats(0, 1)),
            "modifier": draw(st.sampled_from([None, "about"])),
            "grounding": draw(st.sampled_from([None, "fuzzy", "date", "none"])),
            "alternatives": draw(st.none() | st.lists(st.text(max_size=2), max_size=2)),
        }
        return field | {key: value for key, value in optional.items() if value is not None}

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
def test_events_from_elsewhere_survive_the_round_trip(original: dict[str, Any]) -> None:
    original.pop("title_only", None)
    parse_document(original)
    assert document(*write(original)) == original


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
def test_reading_arbitrary_json_raises_nothing_else(data: dict[str, Any], mapping: Mapping) -> None:
    FORMAT.recognise(Source("x", io.BytesIO(json.dumps(data).encode())))
    try:
        translated = read_document(data, ReadOptions(), mapping)
        read = translated[0] if isinstance(translated, tuple) else translated
        parse_document(read)
    except InputError:
        return
    write(read)


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
def test_foreign_data_under_the_key_langextract_can_be_written(of_document: Any, of_event: Any, of_field: Any) -> None:
    field = {"name": "a", "value": 1, "group": "a:1", "langextract": of_field}
    event = {"id": "1", "type": "a", "confidence": 0.5, "fields": [field, field], "langextract": of_event}
    write({"id": "d", "title": TEXT, "events": [event], "langextract": of_document})


@given(st.binary(max_size=200))
def test_recognising_arbitrary_bytes_raises_nothing(data: bytes) -> None:
    for head in (data, b'{"extractions":' + data, b'{"document_id":1,"extractions":[{' + data):
        assert FORMAT.recognise(Source("x", io.BytesIO(head))) in Confidence
