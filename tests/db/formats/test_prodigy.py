"""Prodigy: reading tasks with their answers as decisions, and writing them without loss."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, exported
from support.formats import json_lines, merge_by_id, read_records, source_of, write_lines
from support.shared_data import shared

from db.decisions.review import Review
from db.errors import InputError
from db.formats.format import Confidence, Record, Source
from db.formats.prodigy.format import FORMAT
from db.formats.prodigy.hashes import input_hash, murmur, task_hash
from db.formats.shared.annotated_text import plain_event
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.reading import read_event

TEXT = "Uber’s new boss met Ana Lee in Riga."
TASK: dict[str, Any] = {
    "text": TEXT,
    "meta": {"source": "The Post", "score": 0.75},
    "_input_hash": 17,
    "_task_hash": -4,
    "_view_id": "relations",
    "tokens": [
        {"text": "Uber", "start": 0, "end": 4, "id": 0, "ws": False},
        {"text": "’s", "start": 4, "end": 6, "id": 1, "ws": True},
        {"text": "new", "start": 7, "end": 10, "id": 2, "ws": True},
        {"text": "boss", "start": 11, "end": 15, "id": 3, "ws": True},
        {"text": "met", "start": 16, "end": 19, "id": 4, "ws": True},
        {"text": "Ana", "start": 20, "end": 23, "id": 5, "ws": True},
        {"text": "Lee", "start": 24, "end": 27, "id": 6, "ws": True},
        {"text": "in", "start": 28, "end": 30, "id": 7, "ws": True},
        {"text": "Riga", "start": 31, "end": 35, "id": 8, "ws": False},
        {"text": ".", "start": 35, "end": 36, "id": 9, "ws": False},
    ],
    "spans": [
        {"start": 0, "end": 4, "token_start": 0, "token_end": 0, "label": "ORG", "source": "en_small"},
        {"start": 20, "end": 27, "token_start": 5, "token_end": 6, "label": "PERSON", "score": 0.5},
        {"start": 31, "end": 35, "token_start": 8, "token_end": 8, "label": "GPE", "text": "Riga", "type": "span"},
    ],
    "relations": [
        {
            "head": 6,
            "child": 8,
            "head_span": {"start": 20, "end": 27, "token_start": 5, "token_end": 6, "label": "PERSON"},
            "child_span": {"start": 31, "end": 35, "token_start": 8, "token_end": 8, "label": "GPE"},
            "color": "#ffd882",
            "label": "located: in",
        }
    ],
    "answer": "accept",
    "_annotator_id": "news-ana",
    "_session_id": "news-ana",
    "_timestamp": 1700000000,
}


def source(*tasks: Any) -> Source:
    return source_of(json_lines(*tasks))


def read(*tasks: Any) -> list[Record]:
    return read_records(FORMAT, json_lines(*tasks))


def document(task: Any) -> dict[str, Any]:
    (record,) = read(task)
    assert isinstance(record.document, dict)
    return record.document


def event(task: Any) -> dict[str, Any]:
    (only,) = document(task)["events"]
    return dict(only)


def write(*documents_: dict[str, Any]) -> list[dict[str, Any]]:
    return write_lines(FORMAT, *documents_)


def imported(connection: sqlite3.Connection, *tasks: Any) -> ImportReport:
    report = ImportReport()
    import_source(connection, source(*tasks), report, FORMAT)
    return report


class TestReading:
    def test_a_task_becomes_an_event_and_its_spans_fields(self) -> None:
        read_document = document(TASK)
        assert (read_document["text"], read_document["publisher"]) == (TEXT, "The Post")
        (found,) = read_document["events"]
        assert (found["type"], found["extractor"], found["confidence"]) == ("relations", "en_small", 0.75)
        plain = [{k: v for k, v in field.items() if k != "prodigy"} for field in found["fields"]]
        assert plain == [
            {"name": "ORG", "value": "Uber", "spans": [[0, 4]]},
            {"name": "PERSON", "value": "Ana Lee", "spans": [[20, 27]], "confidence": 0.5},
            {"name": "GPE", "value": "Riga", "spans": [[31, 35]]},
            {"name": "head", "value": "Ana Lee", "group": "located: in:1", "spans": [[20, 27]]},
            {"name": "child", "value": "Riga", "group": "located: in:1", "spans": [[31, 35]]},
        ]

    def test_an_answer_becomes_a_decision_of_its_annotator(self) -> None:
        accepted = event(TASK)
        assert (accepted["status"], accepted["reviewer"], accepted["decided_at"]) == (
            "confirmed",
            "news-ana",
            "2023-11-14T22:13:20.000Z",
        )
        rejected = event(TASK | {"answer": "reject"})
        assert (rejected["status"], rejected["reason"]) == ("rejected", "other")
        assert event(TASK | {"answer": "ignore"})["status"] == "unsure"
        assert "status" not in event({"text": TEXT, "spans": TASK["spans"]})

    def test_without_an_annotator_the_session_is_the_reviewer(self) -> None:
        task = {key: value for key, value in TASK.items() if key != "_annotator_id"} | {"_session_id": "s-bo"}
        assert event(task)["reviewer"] == "s-bo"

    def test_an_unknown_answer_is_noted_and_leaves_the_event_pending(self) -> None:
        (record,) = read(TASK | {"answer": "maybe"})
        assert isinstance(record.document, dict)
        assert "status" not in record.document["events"][0]
        assert "the answer is not accept, reject or ignore" in record.notes[0]

    def test_a_label_of_the_whole_text_becomes_the_type(self) -> None:
        assert event({"text": TEXT, "label": "SPORT", "_view_id": "classification"})["type"] == "SPORT"

    def test_accepted_options_become_choices(self) -> None:
        options = [{"id": "a", "text": "A text"}, {"id": 2, "text": "two"}, {"id": "c", "text": "C"}]
        chosen = event({"text": TEXT, "options": options, "accept": ["a", 2], "answer": "accept"})
        assert [(field["name"], field["value"]) for field in chosen["fields"]] == [("choice", "a"), ("choice", "two")]

    def test_a_task_without_a_question_has_no_event(self) -> None:
        assert document({"text": TEXT, "meta": {"source": "The Post", "row": 5}})["events"] == []

    @pytest.mark.parametrize("key", ["image", "audio", "video", "html"])
    def test_a_task_about_media_is_an_error(self, key: str) -> None:
        (record,) = read({key: "data:,", "answer": "accept"})
        assert str(record.document) == f"has no text; eventdesk can't review tasks about {key}"
        assert record.raw

    def test_answers_of_several_annotators_become_several_events(self, connection: sqlite3.Connection) -> None:
        tasks = [
            TASK,
            TASK | {"_annotator_id": "news-bo", "_session_id": "news-bo", "answer": "reject"},
            TASK | {"_annotator_id": "news-bo", "_session_id": "news-bo", "answer": "accept", "_timestamp": 1700000500},
            TASK | {"_annotator_id": "news-cy", "_session_id": "news-cy", "spans": TASK["spans"][:1], "relations": []},
        ]
        report = imported(connection, *tasks)
        assert (report.documents, report.events, report.refusals) == (1, 4, [])
        (stored,) = exported(connection)
        assert [(item["reviewer"], item["status"]) for item in stored["events"]] == [
            ("news-ana", "confirmed"),
            ("news-bo", "rejected"),
            ("news-bo", "confirmed"),
            ("news-cy", "confirmed"),
        ]
        assert write(stored) == tasks

    def test_importing_the_same_file_twice_adds_nothing(self, connection: sqlite3.Connection) -> None:
        imported(connection, TASK)
        report = imported(connection, TASK)
        assert (report.documents, report.events, report.unchanged) == (0, 0, 1)

    def test_a_new_score_updates_the_event(self) -> None:
        first = {"text": TEXT, "spans": [{"start": 0, "end": 4, "label": "ORG", "score": 0.2}], "meta": {"score": 0.2}}
        later = {"text": TEXT, "spans": [{"start": 0, "end": 4, "label": "ORG", "score": 0.9}], "meta": {"score": 0.9}}
        assert event(first)["id"] == event(later)["id"]
        assert event(first)["confidence"] != event(later)["confidence"]

    def test_invalid_spans_are_kept_and_noted(self) -> None:
        spans = [{"start": 5, "end": 5, "label": "A"}, TASK["spans"][0], {"start": "x"}, None, {"start": 90, "end": 99}]
        task = {"text": TEXT, "spans": spans, "answer": "accept"}
        (record,) = read(task)
        assert isinstance(record.document, dict)
        assert len(record.document["events"][0]["fields"]) == 1
        assert record.notes
        assert write(record.document) == [task]

    def test_utf16_offsets_are_detected_by_the_token_texts(self) -> None:
        text = "😀😀 Riga and Oslo"
        task = {
            "text": text,
            "tokens": [
                {"text": "Riga", "start": 5, "end": 9, "id": 0},
                {"text": "Oslo", "start": 14, "end": 18, "id": 1},
            ],
            "spans": [
                {"start": 5, "end": 9, "token_start": 0, "token_end": 0, "label": "GPE"},
                {"start": 14, "end": 18, "token_start": 1, "token_end": 1, "label": "GPE"},
            ],
        }
        (record,) = read(task)
        assert isinstance(record.document, dict)
        fields = record.document["events"][0]["fields"]
        assert [(field["value"], field["spans"]) for field in fields] == [("Riga", [[3, 7]]), ("Oslo", [[12, 16]])]
        assert record.notes
        (out,) = write(record.document)
        assert [(token["start"], token["end"]) for token in out["tokens"]] == [(3, 7), (12, 16)]


class TestRecognising:
    def test_tasks_are_distinguished_from_other_objects(self) -> None:
        assert FORMAT.recognise(source(TASK)) is Confidence.CERTAIN
        assert FORMAT.recognise(source({"text": "a", "spans": TASK["spans"]})) is Confidence.LIKELY
        assert FORMAT.recognise(source({"text": "a", "label": "x", "answer": "reject"})) is Confidence.CERTAIN
        assert FORMAT.recognise(source(ARTICLE)) is Confidence.NO
        assert FORMAT.recognise(source({"text": "a", "label": [[0, 1, "x"]]})) is Confidence.NO
        assert FORMAT.recognise(source({"text": "a"})) is Confidence.NO

    @given(st.binary(max_size=60))
    def test_recognising_arbitrary_bytes_raises_nothing(self, data: bytes) -> None:
        FORMAT.recognise(source_of(data))
        FORMAT.recognise(source_of(b'{"text": 1, "spans": [{}], "answer": [], "options": ' + data))


_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, len(TEXT)), st.floats(0, 1), st.sampled_from(["", "x", "Riga"])
)
_anything = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.sampled_from(["start", "end", "id", "text"]), inner, max_size=3)
    ),
    max_leaves=6,
)
_spans = st.fixed_dictionaries(
    {"start": st.integers(-1, len(TEXT)), "end": st.integers(-1, len(TEXT))},
    optional={
        "label": st.one_of(st.sampled_from(["ORG", "GPE", "head", "choice", ""]), _scalars),
        "score": _scalars,
        "token_start": st.integers(0, 9),
        "source": st.sampled_from(["m1", "m2"]),
    },
)
_relations = st.fixed_dictionaries(
    {"head": st.integers(0, 9), "child": st.integers(0, 9), "head_span": _spans, "child_span": _spans},
    optional={"label": st.one_of(st.sampled_from(["in", "a:b"]), _scalars), "color": _scalars},
)
_tasks = st.fixed_dictionaries(
    {"text": st.just(TEXT)},
    optional={
        "spans": st.one_of(st.lists(st.one_of(_spans, _anything), max_size=4), _anything),
        "relations": st.one_of(st.lists(st.one_of(_relations, _anything), max_size=3), _anything),
        "tokens": st.one_of(st.just(TASK["tokens"]), _anything),
        "label": _anything,
        "options": _anything,
        "accept": st.one_of(st.lists(_scalars, max_size=2), _anything),
        "answer": st.one_of(st.sampled_from(["accept", "reject", "ignore"]), _anything),
        "meta": st.one_of(st.fixed_dictionaries({"source": _scalars, "score": _scalars}), _anything),
        "_input_hash": _scalars,
        "_view_id": _scalars,
        "_annotator_id": _scalars,
        "_session_id": _scalars,
        "_timestamp": st.one_of(st.integers(-1, 10**13), _scalars),
        "eventdesk": _anything,
        "id": _anything,
    },
)


class TestRoundTrip:
    @given(st.lists(_tasks, max_size=3))
    @settings(max_examples=100)
    def test_any_task_is_written_as_it_was_read(self, tasks: list[dict[str, Any]]) -> None:
        found = [record.document for record in read(*tasks) if isinstance(record.document, dict)]
        assert len(found) == len(tasks)
        assert write(*found) == tasks

    @given(documents())
    @settings(max_examples=100)
    def test_any_document_survives_the_round_trip(self, original: dict[str, Any]) -> None:
        tasks = write(original)
        assert len(tasks) == max(1, len(original["events"]))
        assert merge_by_id(read(*tasks)) == [original]

    @given(documents())
    @settings(max_examples=40)
    def test_written_tasks_are_recognised_and_their_spans_cover_whole_tokens(self, original: dict[str, Any]) -> None:
        tasks = write(original)
        assert FORMAT.recognise(source(*tasks)) is Confidence.CERTAIN
        for task in tasks:
            tokens = task.get("tokens", [])
            for span in task.get("spans", []):
                if "token_start" in span:
                    assert tokens[span["token_start"]]["start"] == span["start"]
                    assert tokens[span["token_end"]]["end"] == span["end"]
                else:
                    text = task["text"][span["start"] : span["end"]]
                    assert text[0].isspace() or text[-1].isspace()

    def test_a_document_without_text_is_written_with_its_title(self) -> None:
        original = {"id": "t", "title": "Three left", "events": [{"id": "e", "type": "a", "fields": []}]}
        (task,) = write(original)
        assert task["text"] == "Three left"
        assert merge_by_id(read(task)) == [original]

    def test_a_new_decision_replaces_the_answer_and_survives(self, connection: sqlite3.Connection) -> None:
        imported(connection, TASK)
        event_id = connection.execute("SELECT id FROM events").fetchone()[0]
        review = Review(connection, "dee")
        stored = read_event(connection, event_id)
        review.reject(stored, "generic")
        (whole,) = exported(connection)
        (task,) = write(whole)
        assert (task["answer"], task["_annotator_id"]) == ("reject", "dee")
        assert (task["_input_hash"], task["_task_hash"], task["tokens"]) == (17, -4, TASK["tokens"])
        (reread,) = merge_by_id(read(task))
        after, before = (plain_event(item["events"][0]) for item in (reread, whole))
        assert after.pop("prodigy")["task"]["answer"] == "reject"
        assert before.pop("prodigy")["task"]["answer"] == "accept"
        assert after == before
        assert reread["events"][0]["reason"] == "generic"

    def test_a_corrected_span_gets_the_numbers_of_its_tokens(self) -> None:
        changed = document(TASK)
        changed["events"][0]["fields"][1] |= {"value": "Lee", "spans": [[24, 27]], "state": "corrected"}
        (task,) = write(changed)
        assert (task["spans"][1]["token_start"], task["spans"][1]["token_end"]) == (6, 6)
        assert merge_by_id(read(task)) == [changed]

    def test_a_span_that_splits_a_token_makes_new_tokens(self) -> None:
        changed = document(TASK)
        changed["events"][0]["fields"][1] |= {"value": "na Lee", "spans": [[21, 27]], "state": "corrected"}
        (task,) = write(changed)
        for span in [*task["spans"], task["relations"][0]["head_span"], task["relations"][0]["child_span"]]:
            assert task["tokens"][span["token_start"]]["start"] == span["start"]
            assert task["tokens"][span["token_end"]]["end"] == span["end"]
        assert task["relations"][0]["head"] == task["relations"][0]["head_span"]["token_end"]

    def test_a_removed_field_is_not_written_but_survives(self) -> None:
        changed = document(TASK)
        changed["events"][0]["fields"][2]["state"] = "removed"
        (task,) = write(changed)
        assert [span["label"] for span in task["spans"]] == ["ORG", "PERSON"]
        assert merge_by_id(read(task)) == [changed]

    def test_answering_an_exported_task_in_prodigy_adds_an_event(self) -> None:
        (task,) = write(ARTICLE | {"events": ARTICLE["events"][:1]})
        answers = [
            task | {"answer": "accept", "_annotator_id": "ana", "_session_id": "ana", "_timestamp": 1700000000},
            task | {"answer": "reject", "_annotator_id": "bo", "_session_id": "bo", "_timestamp": 1700000001},
        ]
        (whole,) = merge_by_id(read(task, *answers))
        assert whole["id"] == ARTICLE["id"]
        assert len({item["id"] for item in whole["events"]}) == 3
        assert [item.get("reviewer") for item in whole["events"]] == [None, "ana", "bo"]
        assert whole["events"][1]["fields"] == ARTICLE["events"][0]["fields"]

    def test_spans_changed_in_prodigy_change_the_fields(self) -> None:
        (task,) = write(ARTICLE | {"events": ARTICLE["events"][:1]})
        spans = [span for span in task["spans"] if span["label"] != "location"]
        changed = task | {"spans": [*spans, {"start": 83, "end": 96, "label": "mediator"}]}
        (record,) = read(changed)
        assert isinstance(record.document, dict)
        names = [field["name"] for field in record.document["events"][0]["fields"]]
        assert names == ["date", "total", "count", "recipient", "mediator"]
        assert "changed since the export" in record.notes[-1]


def test_hashes_equal_those_of_prodigy() -> None:
    # The published MurmurHash3 of nothing is 0. Prodigy hashes "text=" and the text as JSON.
    assert murmur(b"") == 0
    assert murmur(b"hello") == 613153351
    assert input_hash("é") == murmur(b'text="\\u00e9"')
    assert -(2**31) <= task_hash(5, {"spans": [{"start": 0, "score": 1}]}) < 2**31
    assert task_hash(5, {"spans": [{"start": 0, "score": 1}]}) == task_hash(5, {"spans": [{"start": 0}]})


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"text": "a", "spans": ' + b"[" * 5000, b"\xff\xfe", b"nul\0"])
def test_unreadable_files_give_only_errors(content: bytes) -> None:
    for record in read_records(FORMAT, content):
        assert isinstance(record.document, InputError)


REAL_FILES = {
    "annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl": (373, 303),
    "bio_events.jsonl": (129, 422),
    "rel_component_annotations.jsonl": (149, 1000),
}


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_tasks_survive_import_and_export(name: str, connection: sqlite3.Connection) -> None:
    path: Path = shared(f"formats/prodigy/{name}")
    tasks = [json.loads(line) for line in path.read_text().splitlines()]
    report = ImportReport()
    with path.open("rb") as stream:
        import_source(connection, Source(name, stream, path), report)
    assert (report.events, report.refused, report.noted) == (REAL_FILES[name][0], 0, 0)
    evidence = connection.execute("SELECT count(*) FROM evidence").fetchone()[0]
    assert evidence == REAL_FILES[name][1]
    assert write(*exported(connection)) == tasks
    for task in tasks:
        if "_input_hash" in task:
            assert input_hash(task["text"]) == task["_input_hash"]
