"""JSON of language models: the text and objects of an answer, in any wrapping, as events grounded in the text."""

import io
import json
import sqlite3
from hashlib import sha256
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.formats import json_lines, read_records, source_of, valid_documents

from db.errors import InputError
from db.exporting import export_documents
from db.formats.format import Confidence, ReadOptions, Record, Source
from db.formats.llm_json.format import FORMAT
from db.formats.registry import detect_format
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document

TEXT = (
    "MOSCOW, Feb 14 - Russia handed over the bodies of 757 soldiers on Friday, Shamsail Saraliyev told RBC."
    " Ukraine gave forty-five bodies in return, the sixth exchange since October."
)
LOG = {
    "id": "01j", "model": "gpt-4o-mini", "prompt": TEXT, "system": "Extract events", "prompt_json": None,
    "options_json": {}, "conversation_id": "01c", "duration_ms": 12, "datetime_utc": "2025-02-15T10:00:00",
}  # fmt: skip


def source(*objects: Any) -> Source:
    return source_of(json_lines(*objects))


def read(*objects: Any, extractor: str | None = None) -> list[Record]:
    return read_records(FORMAT, json_lines(*objects), extractor=extractor)


def document(data: Any, **options: Any) -> dict[str, Any]:
    (only,) = valid_documents(read(data, **options))
    return only


def events(items: Any) -> list[dict[str, Any]]:
    return list(document({"text": TEXT, "published": "2025-02-14", "items": items})["events"])


def fields(event: dict[str, Any]) -> list[tuple[Any, ...]]:
    return [
        (
            f["name"],
            f["value"],
            f.get("group"),
            f.get("grounding"),
            [TEXT[start:end] for start, end in f.get("spans", [])],
        )
        for f in event["fields"]
    ]


def test_an_object_becomes_an_event_with_values_grounded_in_the_text() -> None:
    (event,) = events([{"event_type": "exchange", "giver": "russia", "count": 757, "back": 45, "date": "2025-02-14",
                        "place": "Kursk", "note": None}])  # fmt: skip
    assert event["type"] == "exchange"
    assert fields(event) == [
        ("giver", "russia", None, "folded", ["Russia"]),
        ("count", 757, None, "exact", ["757"]),
        ("back", 45, None, "number_words", ["forty-five"]),
        ("date", "2025-02-14", None, "date", ["Feb 14"]),
        ("place", "Kursk", None, "none", []),
    ]
    assert event["llm_json"] == {"note": None}


def test_nested_objects_become_groups_and_lists_repeated_fields() -> None:
    (event,) = events([{
        "transfers": [
            {"giver": "Russia", "count": 757, "claimant": {"name": "Shamsail Saraliyev"}},
            {"giver": "Ukraine", "count": 45, "of": [{"what": "bodies"}, {"what": "soldiers"}]},
        ],
        "series": {"ordinal": 6},
        "tags": ["bodies", "exchange"],
        "matrix": [[1], [2]],
    }])  # fmt: skip
    assert event["type"] == "event"
    assert [(name, value, group) for name, value, group, _, _ in fields(event)] == [
        ("giver", "Russia", "transfers:1"),
        ("count", 757, "transfers:1"),
        ("claimant.name", "Shamsail Saraliyev", "transfers:1"),
        ("giver", "Ukraine", "transfers:2"),
        ("count", 45, "transfers:2"),
        ("what", "bodies", "transfers.of:2.1"),
        ("what", "soldiers", "transfers.of:2.2"),
        ("ordinal", 6, "series:1"),
        ("tags", "bodies", None),
        ("tags", "exchange", None),
        ("matrix", [[1], [2]], None),
    ]


def test_a_quote_is_the_evidence_of_the_value_given_with_it() -> None:
    (event,) = events([{
        "claimant": {"value": "RBC", "quote": "Saraliyev told RBC", "confidence": 0.9, "page": 1},
        "giver": {"value": "the Russian side", "evidence": ["Russia handed over"]},
        "count": {"value": 757, "quote": "not in the text"},
    }])  # fmt: skip
    assert fields(event) == [
        ("claimant", "RBC", None, "exact", ["RBC"]),
        ("giver", "the Russian side", None, "fuzzy", ["Russia handed over"]),
        ("count", 757, None, "exact", ["757"]),
    ]
    assert (event["fields"][0]["confidence"], event["fields"][0]["llm_json"]) == (0.9, {"page": 1})


def test_fields_under_one_key_become_fields_of_the_event() -> None:
    expected = [("giver", "Russia"), ("count", "757")]
    for nested in (
        {"arguments": [{"role": "giver", "text": "Russia"}, {"role": "count", "text": "757"}]},
        {"fields": {"giver": "Russia", "count": "757"}},
        {"attributes": [{"name": "giver", "value": "Russia"}, {"name": "count", "value": "757"}]},
    ):
        (event,) = events([{"type": "exchange"} | nested])
        assert [(name, value) for name, value, *_ in fields(event)] == expected


@pytest.mark.parametrize("key", ["type", "event_type", "event", "class", "category"])
def test_the_type_is_read_from_several_keys(key: str) -> None:
    assert events([{key: "attack"}])[0]["type"] == "attack"


def test_a_sentence_under_the_key_of_the_type_becomes_a_field() -> None:
    (event,) = events([{"event": "Russia handed over the bodies of 757 soldiers on Friday"}])
    assert (event["type"], event["fields"][0]["grounding"]) == ("event", "exact")


def test_event_ids_are_stable_across_runs() -> None:
    first, second = events([{"type": "a", "n": 1}, {"type": "b"}]), events([{"type": "a", "n": 2}, {"type": "b"}])
    assert [event["id"] for event in first] == [event["id"] for event in second]
    assert len({event["id"] for event in first}) == 2


def test_ids_from_the_model_are_kept_if_they_are_unique() -> None:
    assert [event["id"].rpartition("/")[2] for event in events([{"id": 7}, {"id": "x"}])] == ["7", "x"]
    same = events([{"id": 7}, {"id": 7}])
    assert len({event["id"] for event in same}) == 2
    assert same[0]["fields"][0]["name"] == "id"


@pytest.mark.parametrize("key", ["events", "items", "records", "results", "output", "response"])
@pytest.mark.parametrize("text", ["text", "document", "article", "content", "prompt"])
def test_text_and_objects_are_read_from_several_keys(key: str, text: str) -> None:
    data = {text: TEXT, key: [{"type": "exchange", "n": 757}]}
    imported = document(data)
    assert (imported["text"], imported["events"][0]["type"]) == (TEXT, "exchange")
    assert FORMAT.recognise(source(data)) >= Confidence.LIKELY


@pytest.mark.parametrize(
    "answer",
    [
        '[{"type": "a"}, {"type": "b"}]',
        ' {"items": [{"type": "a"}, {"type": "b"}]}\n',
        '{"result": 1, "events": [{"type": "a"}, {"type": "b"}]}',
        '{"response": {"events": [{"type": "a"}, {"type": "b"}]}}',
        'Here it is:\n```json\n[{"type": "a"}, {"type": "b"}]\n```\nAsk me more.',
        '```\n{"items": [{"type": "a"}, {"type": "b"}]}',
        'I found [two] events.\n[{"type": "a"}, {"type": "b"}]',
        '{"type": "a"}\n{"type": "b"}\n',
        '<think>Is it {"type": "c"}?</think>\n[{"type": "a"}, {"type": "b"}]',
        '```bash\nls {"x": 1}\n```\n```json\n[{"type": "a", "code": "```x```"}, {"type": "b"}]\n```',
        '1. {"type": "a"}\n2. {"type": "b"}',
    ],
)
def test_json_is_found_in_any_wrapping(answer: str) -> None:
    assert [event["type"] for event in document(LOG | {"response": answer})["events"]] == ["a", "b"]


def test_a_single_object_becomes_one_event() -> None:
    assert [event["type"] for event in document({"text": TEXT, "response": '{"type": "a"}'})["events"]] == ["a"]


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        ("I can't help with that.", "response: the model refused: \"I can't help"),
        ("I\u2019m sorry, but I can\u2019t extract that.", "response: the model refused"),
        ("No events here.", 'response: words without JSON: "No events here."'),
        ("null", "response: is null"),
        ('[{"type": "a', "response: invalid JSON (it is cut off before its first object is complete)"),
        ('{"type": "a", "n": 5', "it is cut off before its first object is complete"),
        ("<think>Is it [{", "ends within the model's thoughts"),
        ("[1, 2]", "response[0]: must be an object, is a number"),
        ("", "words without JSON"),
        (None, "no list of objects"),
        (5, "response: must be a list of objects, is a number"),
        ("[" * 100_000, "response: invalid JSON"),
    ],
)
def test_only_the_unreadable_answer_is_skipped(answer: Any, reason: str) -> None:
    bad, good = read(LOG | {"response": answer}, LOG | {"response": "[]"})
    assert isinstance(bad.document, InputError)
    assert reason in str(bad.document)
    assert isinstance(good.document, dict)


@pytest.mark.parametrize(
    ("answer", "count"),
    [
        ('[{"type": "a"}, {"type": ', 1),
        ('[{"type": "a"}, {"type": "a", "n": [1, {"b": 2}, 3', 1),
        ('{"items": [{"type": "a"}', 1),
        ('```json\n[{"type": "a"}, {"type": "b"}', 2),
        ('Here:\n{"events": [{"type": "a"}, {"type": "b"}, {"ty', 2),
    ],
)
def test_of_an_answer_that_is_cut_off_complete_objects_are_read_and_the_rest_is_named(answer: str, count: int) -> None:
    (record,) = read(LOG | {"response": answer})
    assert isinstance(record.document, dict), record.document
    assert len(record.document["events"]) == count
    assert "response: the JSON is cut off; what is complete is read, the rest is missing" in record.notes


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        ("[{'type': 'a', 'sure': True, 'n': None}]", "Python's literals"),
        ('[{"type": "a",},]', "trailing commas"),
        ('[{"type": "a"} {"type": "b"}]', "missing commas"),
        ('[{"type": "a", "said": "He said "yes" to it"}]', "quotation marks within texts"),
        ("[Event(type='a', when=datetime.date(2025, 2, 14))]", "Python's literals"),
        ("[{type: 'a'}] // all", "keys without quotation marks"),
        ("[{“type”: “a”}]", "typographic quotation marks"),
        ('[{"type": "a", "said": "two\nlines"}]', "line ends and tabs within texts"),
        ('{"events": [{"type": "a"}, ...]}', '"…" in place of items'),
    ],
)
def test_what_models_write_for_json_is_read_and_noted(answer: str, problem: str) -> None:
    (record,) = read(LOG | {"response": answer})
    assert isinstance(record.document, dict), record.document
    assert record.document["events"][0]["type"] == "a"
    assert f"response: the JSON has {problem}" in record.notes


def test_words_around_json_are_noted() -> None:
    (record,) = read(LOG | {"response": 'Two: [{"type": "a"}] and that is all.'})
    assert record.notes == ("response: ignored the words around the JSON",)


def test_all_blocks_of_json_are_imported_and_equal_objects_once() -> None:
    (record,) = read(LOG | {"response": '```json\n[{"type": "a"}]\n```\nFinal:\n```\n[{"type": "a"}, {"n": 5}]\n```'})
    assert record.notes == ("response: 2 blocks of JSON; all are imported, equal objects once",)
    assert isinstance(record.document, dict)
    assert [event["type"] for event in record.document["events"]] == ["a", "event"]


def test_answers_of_several_models_about_a_text_share_a_document() -> None:
    first = document(LOG | {"response": '[{"type": "a"}]'})
    second = document(LOG | {"response": '[{"type": "a"}]', "model": "claude", "id": "02"})
    assert first["id"] == second["id"] == document({"text": TEXT, "items": []})["id"]
    assert [item["events"][0]["extractor"] for item in (first, second)] == ["gpt-4o-mini", "claude"]
    assert first["llm_json"]["system"] == "Extract events"


def test_the_extractor_option_overrides_the_model() -> None:
    assert document(LOG | {"response": '[{"type": "a"}]'}, extractor="me")["events"][0]["extractor"] == "me"
    assert document({"text": TEXT, "items": [{}]})["events"][0]["extractor"] == "llm"


def test_fragments_of_llm_logs_are_part_of_the_text() -> None:
    whole = {"content": TEXT, "hash": sha256(TEXT.encode()).hexdigest(), "aliases": []}
    answered = LOG | {"prompt": "Which events?", "response": '[{"type": "a", "n": 757}]'}
    assert document(answered | {"prompt_fragments": [whole]})["text"] == f"{TEXT}\nWhich events?"
    (bad,) = read(answered | {"prompt_fragments": [whole | {"content": TEXT[:50] + "..."}]})
    assert "--expand" in str(bad.document)


def test_metadata_of_the_document_is_kept() -> None:
    data = {
        "article": {"id": 5, "text": TEXT, "title": "T", "url": "u", "desk": "x"}, "lang": "en", "date": "2025-02-14",
        "run": 3, "events": [{"type": "a", "n": 757}],
    }  # fmt: skip
    got = document(data)
    assert [got[key] for key in ("id", "title", "url", "language", "published")] == ["5", "T", "u", "en", "2025-02-14"]
    assert got["llm_json"] == {"run": 3, "document": {"desk": "x"}}


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ({"items": [{}]}, "no text"),
        ({"text": 5, "items": []}, "text: must be text, is a number"),
        ({"text": TEXT}, "no list of objects"),
        ({"text": TEXT, "items": ["a"]}, "items[0]: must be an object, is text"),
    ],
)
def test_an_unreadable_document_is_an_error_with_the_reason(data: Any, reason: str) -> None:
    (record,) = read(data)
    assert isinstance(record.document, InputError)
    assert reason in str(record.document)


@pytest.mark.parametrize(
    ("data", "sure"),
    [
        (LOG | {"response": "[]"}, Confidence.CERTAIN),
        ({"text": TEXT, "events": [{"type": "a", "n": 1}]}, Confidence.CERTAIN),
        ({"text": TEXT, "events": [{"type": "a", "fields": [{"name": "n", "value": 1}]}]}, Confidence.NO),
        ({"text": TEXT, "events": [{"type": "a"}]}, Confidence.NO),
        ({"text": TEXT, "events": []}, Confidence.NO),
        ({"text": TEXT, "label": [[0, 1, "a"]]}, Confidence.NO),
        ({"text": TEXT, "spans": [], "answer": "accept"}, Confidence.NO),
        ({"text": TEXT, "extractions": [], "document_id": "d"}, Confidence.NO),
        ({"data": {"text": TEXT}, "annotations": [], "predictions": []}, Confidence.NO),
        ({"items": [1, 2], "text": TEXT}, Confidence.NO),
    ],
)
def test_it_is_distinguished_from_other_formats(data: Any, sure: Confidence) -> None:
    assert FORMAT.recognise(source(data)) == sure


def test_logs_of_long_prompts_are_recognised() -> None:
    rows = json.dumps([LOG | {"prompt": TEXT * 1000, "response": "[]"}], indent=2)
    assert FORMAT.recognise(Source("logs.json", io.BytesIO(rows.encode()))) == Confidence.LIKELY


@given(st.binary(max_size=200))
def test_recognising_arbitrary_bytes_raises_nothing(data: bytes) -> None:
    for head in (data, b'{"text":"a","events":' + data, b'{"prompt":1,"response":1,"datetime_utc":' + data):
        assert FORMAT.recognise(Source("x", io.BytesIO(head))) in Confidence


keys = st.sampled_from(
    ["text", "document", "prompt", "events", "items", "response", "type", "id", "value", "quote", "evidence", "name",
     "messages", "role", "choices", "message", "tool_calls", "output", "parts", "kwargs", "error",
     "confidence", "fields", "arguments", "date", "model", "title", "conversation_id", "prompt_fragments", "content"]
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5)
anything = st.recursive(
    scalars | st.sampled_from(["Russia", "757", "2025-02-14", '[{"type": "a"}]', " "]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(keys | st.text(max_size=2), inner, max_size=5),
    max_leaves=20,
)


@settings(max_examples=50)
@given(st.dictionaries(keys, anything), anything)
def test_reading_arbitrary_json_raises_nothing(data: dict[str, Any], items: Any) -> None:
    FORMAT.recognise(source(data))
    for item in (data, {"text": TEXT, "items": items}):
        (record,) = read(item)
        if not isinstance(record.document, InputError):
            try:
                parse_document(record.document)
            except InputError:
                continue


def test_deeply_nested_objects_stay_values() -> None:
    deep: Any = "757"
    for _ in range(60):
        deep = {"a": deep}
    (event,) = events([deep])
    assert isinstance(event["fields"][0]["value"], dict)


def test_importing_the_same_answer_twice_adds_nothing(connection: sqlite3.Connection) -> None:
    row = LOG | {"response": '```json\n{"items": [{"type": "exchange", "count": 757}]}\n```'}
    for _ in range(2):
        report = ImportReport()
        assert detect_format(source(row)).name == "llm-json"
        import_source(connection, source(row), report)
    assert (report.events, report.unchanged) == (0, 1)
    (exported,) = export_documents(connection)
    assert exported["events"][0]["fields"][0] == {  # type: ignore[index, call-overload]
        "name": "count", "value": 757, "spans": [[50, 53]], "grounding": "exact", "state": "extracted",
    }  # fmt: skip


@pytest.mark.parametrize(
    "row",
    [
        {"instruction": "Extract.", "input": "Forty men crossed.", "output": '[{"type": "crossing", "count": 40,},]'},
        {
            "prompt": "Forty men crossed.",
            "completion": '```json\n{"events": [{"type": "crossing", "count": 40,}]}\n```',
        },
        {
            "messages": [
                {"role": "system", "content": "Extract."},
                {"role": "user", "content": "Forty men crossed."},
                {"role": "assistant", "content": '{"events": [{"type": "crossing", "count": 40}], /* all */}'},
            ]
        },
        {
            "conversations": [
                {"from": "human", "value": "Forty men crossed."},
                {"from": "gpt", "value": '[{"type": "crossing", "count": 40}]'},
            ]
        },
    ],
)
def test_rows_of_data_sets_for_models_are_texts_with_events(row: dict[str, Any]) -> None:
    content = Source("rows.jsonl", io.BytesIO((json.dumps(row) + "\n").encode()))
    assert detect_format(content).name == "llm-json"
    assert FORMAT.read
    (record,) = FORMAT.read(content, ReadOptions())
    assert isinstance(record.document, dict), record.document
    assert record.document["text"] == "Forty men crossed."
    (event,) = record.document["events"]
    assert (event["type"], event["fields"][0]["value"], event["fields"][0]["spans"]) == ("crossing", 40, [[0, 5]])
