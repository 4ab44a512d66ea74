"""Broken and malicious files: each refused line has a reason, the rest is imported, and the file stays sound."""

import io
import json
import random
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from fuzz.mutating import mutated_lines
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, exported, import_documents, in_memory, problems

from db.errors import InputError
from db.formats.format import HEAD_BYTES, ReadOptions, Record, Source
from db.formats.registry import format_named
from db.importing.importing import import_source
from db.importing.readings import Readings
from db.importing.report import ImportReport
from db.io.json_lines import parse_object
from db.io.json_stream import form_of, read_items

GOOD = json.dumps(LATER).encode()
SURROGATE = json.dumps(ARTICLE).replace("Friday", "\\ud83d").encode()


def imported(connection: sqlite3.Connection, data: bytes, format: str | None = None) -> ImportReport:
    report = ImportReport()
    import_source(connection, Source("hostile.jsonl", io.BytesIO(data)), report, format and format_named(format))
    return report


def line(**changes: Any) -> bytes:
    return json.dumps(ARTICLE | {"id": "bad"} | changes).encode()


def nested(deep: int) -> Any:
    value: Any = 1
    for _ in range(deep):
        value = [value]
    return value


def with_spans(*spans: Any) -> bytes:
    return line(events=[{"type": "t", "fields": [{"name": "n", "value": 1, "spans": list(spans)}]}])


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        (json.dumps(ARTICLE).encode()[:-40], "invalid JSON"),
        (b'{"text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "too deeply"),
        (b'{"text": ' + b'{"a":' * 100_000 + b"1" + b"}" * 100_001, "too deeply"),
        (b'{"text": "a", "text": "b"}', "the key text occurs twice"),
        (b'{"text": "a", "score": NaN}', "NaN is not a JSON number"),
        (b'{"text": "a", "score": -Infinity}', "-Infinity is not a JSON number"),
        (b'{"text": "a", "score": 1e999}', "not a JSON number"),
        (b'{"text": "a", "score": ' + b"9" * 5000 + b"}", "digits"),
        (b'{"text": "\xff\xfe"}', "not UTF-8 at byte"),
        (SURROGATE, "half of a surrogate pair"),
        (b"[]", "must be an object"),
        (b'"text"', "must be an object"),
        (line(text=7), "must be text"),
        (line(title=["x"]), "must be text"),
        (line(events={"a": 1}), "must be a list"),
        (line(events=[[]]), "must be an object"),
        (line(events=[{"type": "t", "fields": [{"name": "n"}]}]), "has no value"),
        (line(events=[{"type": "t", "confidence": "high"}]), "must be a number"),
        (line(events=[{"type": "t", "confidence": 10**400}]), "number"),
        (with_spans([0, 10**9]), "not a span of the text"),
        (with_spans([9, 3]), "not a span of the text"),
        (with_spans([-4, 3]), "not a span of the text"),
        (with_spans([0.5, 3]), "two whole numbers"),
        (with_spans([True, 3]), "two whole numbers"),
        (with_spans("0-3"), "two whole numbers"),
        (b"\x00\x00\x00", "NUL characters"),
        (b'{"text": "a"}\r{"text": "b"}', "CR only"),
        (b"{", "a document must be on one line"),
        (line(x={"deep": {"a": 1}}).replace(b'{"a": 1}', b'{"a": 1, "b": {}, "a": 2}'), "the key a occurs twice"),
        (line(x=[{"k" * 500: 1}]).replace(b": 1}]", b': 1, "' + b"k" * 500 + b'": 1}]'), "occurs twice"),
        (line(events=[{"id": "e" * 9000, "type": "t"}] * 2), "occurs twice in one document"),
        (line(events=[{"type": "t", "fields": [{"name": "n", "value": nested(150)}]}]), "more than 100 levels deep"),
        (
            line(events=[{"type": "t", "fields": [{"name": "n", "value": 1, "x": nested(150)}]}]),
            "more than 100 levels deep",
        ),
        (line(events=[{"type": "t", "fields": [{"name": "n", "value": 1}] * 20_001}]), "has 20,001 fields"),
        (line(unknown=nested(150)), "unknown: nested more than 100 levels deep"),
        (line(events=[{"type": "t", "fields": [{"name": "n", "value": 1, "extracted_name": " "}]}]), "extracted_name"),
        (line(events=[{"type": "t", "extracted_type": "\t"}]), "extracted_type"),
        (
            line(id="report-1", text="another", events=[]),
            "has a different text (from character 0) earlier in this import",
        ),
    ],
)
def test_an_invalid_line_is_refused_by_number_and_the_rest_imported(
    connection: sqlite3.Connection, bad: bytes, says: str
) -> None:
    first = json.dumps(ARTICLE).encode()
    report = imported(connection, b"\n".join((first, bad, GOOD)) + b"\n")
    assert [(refusal.line, says in refusal.reason) for refusal in report.refusals] == [(2, True)], report.refusals
    assert "\n" not in str(report.refusals[0])
    assert len(str(report.refusals[0])) < 400
    assert [document["id"] for document in exported(connection)] == ["report-1", "report-2"]
    assert problems(connection) == []


def test_spans_are_in_code_points_not_in_surrogates(connection: sqlite3.Connection) -> None:
    text = "\U0001f468 40 crossed"
    fields = [{"name": "n", "value": 40, "spans": [[2, 4]]}]
    imported(connection, json.dumps({"id": "a", "text": text, "events": [{"type": "t", "fields": fields}]}).encode())
    (document,) = exported(connection)
    start, end = document["events"][0]["fields"][0]["spans"][0]
    assert document["text"][start:end] == "40"


def test_a_line_that_is_too_long_is_skipped_without_loading_it(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.io.json_stream.MAX_DOCUMENT_BYTES", 5_000)
    monkeypatch.setattr("db.io.json_stream._CHUNK", 1_000)
    long = line(text="x" * 40_000)
    report = imported(connection, b"\n".join((json.dumps(ARTICLE).encode(), long, GOOD)))
    assert [(refusal.line, "longer than" in refusal.reason) for refusal in report.refusals] == [(2, True)]
    assert report.documents == 2


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (json.dumps(ARTICLE).encode("utf-16"), "UTF-16"),
        (json.dumps(ARTICLE).encode("utf-16-be"), "UTF-16"),
        (json.dumps(ARTICLE).encode("utf-32"), "UTF-32"),
        (b"\x1f\x8b\x08rest", "gzip"),
        (b"PK\x03\x04rest", "zip"),
        (b"SQLite format 3\x00rest", "SQLite"),
        (b"%PDF-1.7", "PDF"),
    ],
)
def test_a_file_of_another_kind_is_refused_with_advice(connection: sqlite3.Connection, data: bytes, says: str) -> None:
    with pytest.raises(InputError, match=says):
        imported(connection, data)
    assert connection.execute("SELECT count(*) FROM imports").fetchone() == (0,)


@pytest.mark.parametrize("data", [b"", b"\n\n \n", b"\xef\xbb\xbf", b"\xef\xbb\xbf" + GOOD, GOOD + b"\r\n"])
def test_byte_order_marks_and_blank_lines_are_accepted(connection: sqlite3.Connection, data: bytes) -> None:
    report = imported(connection, data)
    assert (report.refused, report.documents) == (0, int(b"{" in data))


def test_a_truncated_file_is_reported(connection: sqlite3.Connection) -> None:
    second = '{"id": "b", "text": "Обмін", "n": [1, 2, {"x": "é\\u00e9"}], "m": null}'.encode()
    for end in range(1, len(second)):
        report = ImportReport()
        import_source(connection, Source("cut.jsonl", io.BytesIO(GOOD + b"\n" + second[:end])), report)
        assert ["incomplete" in refusal.reason for refusal in report.refusals] == [True], (end, report.refusals)
        assert [document["id"] for document in exported(connection)] == ["report-2"]


_SEED = b"\n".join(json.dumps(document, ensure_ascii=False).encode() for document in (ARTICLE, LATER, ARTICLE))


@settings(max_examples=120, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32), st.lists(st.tuples(st.integers(0, len(_SEED) - 1), st.integers(0, 255)), max_size=3))
def test_every_line_of_a_corrupted_file_is_imported_or_refused(seed: int, bytes_: list[tuple[int, int]]) -> None:
    data = bytearray(mutated_lines(_SEED, random.Random(seed)))
    for place, byte in bytes_:
        data[place % len(data)] = byte
    connection, other = in_memory(), in_memory()
    report = imported(connection, bytes(data), "native")
    (documents,) = connection.execute("SELECT count(*) FROM documents").fetchone()
    assert documents == report.documents <= report.lines - report.refused
    assert len(report.refusals) == report.refused
    ids = {row[0] for row in connection.execute("SELECT external_id FROM documents")}
    refused = {refusal.line for refusal in report.refusals}
    readings = Readings(Source("hostile.jsonl", io.BytesIO(data)), format_named("native"), ReadOptions())
    # A line end in the first object makes it one of several lines; then the objects count, not the lines.
    for item in read_items(io.BytesIO(data), form_of(bytes(data[:HEAD_BYTES]))):
        if item.line not in refused and item.raw.strip():
            _, document = readings.parse(Record(item.line, parse_object(item.raw)))
            assert document.external_id in ids
    assert problems(connection) == []
    lines = exported(connection)
    assert import_documents(other, *lines).refused == 0
    assert exported(other) == lines
    connection.close()
    other.close()


def test_a_text_that_is_not_utf8_names_the_byte(connection: sqlite3.Connection, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="not UTF-8 at byte 3"):
        imported(connection, b"ab\xff", "text")


def test_a_text_that_is_too_long_is_refused_with_advice(
    connection: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.formats.text.formats.MAX_DOCUMENT_BYTES", 100)
    with pytest.raises(InputError, match="split it into several texts"):
        imported(connection, b"a" * 101, "text")
    assert imported(connection, b"a" * 100, "text").documents == 1


def test_concatenated_files_with_byte_order_marks_are_accepted(connection: sqlite3.Connection) -> None:
    mark = b"\xef\xbb\xbf"
    report = imported(connection, mark + json.dumps(ARTICLE).encode() + b"\n" + mark + GOOD)
    assert (report.documents, report.refused) == (2, 0)
