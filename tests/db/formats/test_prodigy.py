"""Prodigy's tasks in and out: nothing of them lost, answers as decisions, several annotators side by side."""

import io
import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, exported
from support.shared_data import shared

from db.decisions.review import Review
from db.errors import InputError
from db.formats.format import Confidence, Export, OffsetUnit, ReadOptions, Record, Source
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


def source(content: object, name: str = "tasks.jsonl") -> Source:
    """A file of tasks."""
    if isinstance(content, bytes):
        return Source(name, io.BytesIO(content))
    assert isinstance(content, Iterable)
    return Source(name, io.BytesIO("".join(json.dumps(item) + "\n" for item in content).encode()))


def read(*tasks: Any, offsets: OffsetUnit | None = None, extractor: str | None = None) -> list[Record]:
    assert FORMAT.read
    return list(FORMAT.read(source(tasks), ReadOptions(offsets=offsets, extractor=extractor)))


def document(task: Any, **options: Any) -> dict[str, Any]:
    (record,) = read(task, **options)
    assert isinstance(record.document, dict)
    return record.document


def event(task: Any, **options: Any) -> dict[str, Any]:
    (made,) = document(task, **options)["events"]
    return dict(made)


def write(*documents_: dict[str, Any]) -> list[dict[str, Any]]:
    assert FORMAT.write
    return [json.loads(line) for line in b"".join(FORMAT.write(Export(lambda: iter(documents_)))).splitlines()]


def together(records: list[Record]) -> list[dict[str, Any]]:
    """Documents of one id as one, as an import takes them."""
    whole: dict[str, dict[str, Any]] = {}
    for record in records:
        assert isinstance(record.document, dict), record.document
        known = whole.setdefault(record.document["id"], record.document | {"events": []})
        known["events"] = known["events"] + record.document["events"]
    return list(whole.values())


def imported(connection: sqlite3.Connection, *tasks: Any) -> ImportReport:
    report = ImportReport()
    import_source(connection, source(tasks), report, FORMAT)
    return report


class TestReading:
    def test_a_task_is_an_event_of_its_text_with_a_field_for_each_span(self) -> None:
        made = document(TASK)
        assert (made["text"], made["publisher"]) == (TEXT, "The Post")
        (found,) = made["events"]
        assert (found["type"], found["extractor"], found["confidence"]) == ("relations", "en_small", 0.75)
        plain = [{k: v for k, v in field.items() if k != "prodigy"} for field in found["fields"]]
        assert plain == [
            {"name": "ORG", "value": "Uber", "spans": [[0, 4]]},
            {"name": "PERSON", "value": "Ana Lee", "spans": [[20, 27]], "confidence": 0.5},
            {"name": "GPE", "value": "Riga", "spans": [[31, 35]]},
            {"name": "head", "value": "Ana Lee", "group": "located: in:1", "spans": [[20, 27]]},
            {"name": "child", "value": "Riga", "group": "located: in:1", "spans": [[31, 35]]},
        ]

    def test_an_answer_is_a_decision_of_its_annotator(self) -> None:
        made = event(TASK)
        assert (made["status"], made["reviewer"], made["decided_at"]) == (
            "confirmed",
            "news-ana",
            "2023-11-14T22:13:20.000Z",
        )
        rejected = event(TASK | {"answer": "reject"})
        assert (rejected["status"], rejected["reason"]) == ("rejected", "other")
        assert event(TASK | {"answer": "ignore"})["status"] == "unsure"
        assert "status" not in event({"text": TEXT, "spans": TASK["spans"]})

    def test_without_an_annotator_the_session_is_the_reviewer(self) -> None:
        made = event({key: value for key, value in TASK.items() if key != "_annotator_id"} | {"_session_id": "s-bo"})
        assert made["reviewer"] == "s-bo"

    def test_an_answer_that_is_none_is_said_and_decides_nothing(self) -> None:
        (record,) = read(TASK | {"answer": "maybe"})
        assert isinstance(record.document, dict)
        assert "status" not in record.document["events"][0]
        assert "its answer is none of accept, reject and ignore" in record.notes[0]

    def test_a_label_of_the_whole_text_is_the_type(self) -> None:
        assert event({"text": TEXT, "label": "SPORT", "_view_id": "classification"})["type"] == "SPORT"

    def test_accepted_options_are_choices(self) -> None:
        options = [{"id": "a", "text": "A text"}, {"id": 2, "text": "two"}, {"id": "c", "text": "C"}]
        made = event({"text": TEXT, "options": options, "accept": ["a", 2], "answer": "accept"})
        assert [(field["name"], field["value"]) for field in made["fields"]] == [("choice", "a"), ("choice", "two")]

    def test_a_text_that_asks_nothing_has_no_event(self) -> None:
        made = document({"text": TEXT, "meta": {"source": "The Post", "row": 5}})
        assert made["events"] == []

    @pytest.mark.parametrize("key", ["image", "audio", "video", "html"])
    def test_a_task_about_something_else_is_refused(self, key: str) -> None:
        (record,) = read({key: "data:,", "answer": "accept"})
        assert str(record.document) == f"has no text; a task about {key} can't be reviewed here"
        assert record.raw

    def test_several_annotators_of_one_input_are_events_side_by_side(self, connection: sqlite3.Connection) -> None:
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

    def test_the_same_file_again_adds_nothing(self, connection: sqlite3.Connection) -> None:
        imported(connection, TASK)
        report = imported(connection, TASK)
        assert (report.documents, report.events, report.unchanged) == (0, 0, 1)

    def test_a_new_run_that_is_surer_is_the_same_event(self) -> None:
        asked = {"text": TEXT, "spans": [{"start": 0, "end": 4, "label": "ORG", "score": 0.2}], "meta": {"score": 0.2}}
        again = {"text": TEXT, "spans": [{"start": 0, "end": 4, "label": "ORG", "score": 0.9}], "meta": {"score": 0.9}}
        assert event(asked)["id"] == event(again)["id"]
        assert event(asked)["confidence"] != event(again)["confidence"]

    def test_spans_without_a_stretch_of_the_text_are_kept_and_said(self) -> None:
        spans = [{"start": 5, "end": 5, "label": "A"}, TASK["spans"][0], {"start": "x"}, None, {"start": 90, "end": 99}]
        task = {"text": TEXT, "spans": spans, "answer": "accept"}
        (record,) = read(task)
        assert isinstance(record.document, dict)
        assert len(record.document["events"][0]["fields"]) == 1
        assert record.notes
        assert write(record.document) == [task]

    def test_offsets_of_utf16_are_told_by_their_texts_and_brought_to_characters(self) -> None:
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
    def test_tasks_are_told_from_documents_and_from_other_objects(self) -> None:
        assert FORMAT.recognise(source([TASK])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([{"text": "a", "spans": TASK["spans"]}])) is Confidence.LIKELY
        assert FORMAT.recognise(source([{"text": "a", "label": "x", "answer": "reject"}])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([ARTICLE])) is Confidence.NO
        assert FORMAT.recognise(source([{"text": "a", "label": [[0, 1, "x"]]}])) is Confidence.NO
        assert FORMAT.recognise(source([{"text": "a"}])) is Confidence.NO

    @given(st.binary(max_size=60))
    def test_whatever_the_bytes_it_raises_nothing(self, data: bytes) -> None:
        FORMAT.recognise(source(data))
        FORMAT.recognise(source(b'{"text": 1, "spans": [{}], "answer": [], "options": ' + data))


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
    def test_what_is_read_is_written_as_it_was(self, tasks: list[dict[str, Any]]) -> None:
        records = read(*tasks)
        made = [record.document for record in records if isinstance(record.document, dict)]
        assert len(made) == len(tasks)
        assert write(*made) == tasks

    @given(documents())
    @settings(max_examples=100)
    def test_documents_of_any_origin_come_back_whole(self, made: dict[str, Any]) -> None:
        tasks = write(made)
        assert len(tasks) == max(1, len(made["events"]))
        assert together(read(*tasks)) == [made]

    @given(documents())
    @settings(max_examples=40)
    def test_what_is_written_is_recognised_and_its_spans_are_of_whole_tokens(self, made: dict[str, Any]) -> None:
        tasks = write(made)
        assert FORMAT.recognise(source(tasks)) is Confidence.CERTAIN
        for task in tasks:
            tokens = task.get("tokens", [])
            for span in task.get("spans", []):
                if "token_start" in span:
                    assert tokens[span["token_start"]]["start"] == span["start"]
                    assert tokens[span["token_end"]]["end"] == span["end"]
                else:
                    text = task["text"][span["start"] : span["end"]]
                    assert text[0].isspace() or text[-1].isspace()

    def test_a_title_alone_is_the_text_of_its_task(self) -> None:
        made = {"id": "t", "title": "Three left", "events": [{"id": "e", "type": "a", "fields": []}]}
        (task,) = write(made)
        assert task["text"] == "Three left"
        assert together(read(task)) == [made]

    def test_a_decision_and_what_was_corrected_come_back_and_stand_in_the_task(
        self, connection: sqlite3.Connection
    ) -> None:
        imported(connection, TASK)
        event_id = connection.execute("SELECT id FROM events").fetchone()[0]
        review = Review(connection, "dee")
        stored = read_event(connection, event_id)
        review.reject(stored, "generic")
        (whole,) = exported(connection)
        (task,) = write(whole)
        assert (task["answer"], task["_annotator_id"]) == ("reject", "dee")
        assert (task["_input_hash"], task["_task_hash"], task["tokens"]) == (17, -4, TASK["tokens"])
        (again,) = together(read(task))
        read_again, before = (plain_event(item["events"][0]) for item in (again, whole))
        assert read_again.pop("prodigy")["task"]["answer"] == "reject"
        assert before.pop("prodigy")["task"]["answer"] == "accept"
        assert read_again == before
        assert again["events"][0]["reason"] == "generic"

    def test_a_corrected_span_has_the_numbers_of_its_tokens(self) -> None:
        made = document(TASK)
        made["events"][0]["fields"][1] |= {"value": "Lee", "spans": [[24, 27]], "state": "corrected"}
        (task,) = write(made)
        assert (task["spans"][1]["token_start"], task["spans"][1]["token_end"]) == (6, 6)
        assert together(read(task)) == [made]

    def test_a_span_within_a_token_gives_new_tokens(self) -> None:
        made = document(TASK)
        made["events"][0]["fields"][1] |= {"value": "na Lee", "spans": [[21, 27]], "state": "corrected"}
        (task,) = write(made)
        for span in [*task["spans"], task["relations"][0]["head_span"], task["relations"][0]["child_span"]]:
            assert task["tokens"][span["token_start"]]["start"] == span["start"]
            assert task["tokens"][span["token_end"]]["end"] == span["end"]
        assert task["relations"][0]["head"] == task["relations"][0]["head_span"]["token_end"]

    def test_a_removed_field_has_no_span_and_still_comes_back(self) -> None:
        made = document(TASK)
        made["events"][0]["fields"][2]["state"] = "removed"
        (task,) = write(made)
        assert [span["label"] for span in task["spans"]] == ["ORG", "PERSON"]
        assert together(read(task)) == [made]

    def test_who_answers_an_exported_task_in_prodigy_makes_another_event(self) -> None:
        (task,) = write(ARTICLE | {"events": ARTICLE["events"][:1]})
        answers = [
            task | {"answer": "accept", "_annotator_id": "ana", "_session_id": "ana", "_timestamp": 1700000000},
            task | {"answer": "reject", "_annotator_id": "bo", "_session_id": "bo", "_timestamp": 1700000001},
        ]
        (whole,) = together(read(task, *answers))
        assert whole["id"] == ARTICLE["id"]
        assert len({item["id"] for item in whole["events"]}) == 3
        assert [item.get("reviewer") for item in whole["events"]] == [None, "ana", "bo"]
        assert whole["events"][1]["fields"] == ARTICLE["events"][0]["fields"]

    def test_spans_that_are_changed_in_prodigy_change_the_fields(self) -> None:
        (task,) = write(ARTICLE | {"events": ARTICLE["events"][:1]})
        spans = [span for span in task["spans"] if span["label"] != "location"]
        changed = task | {"spans": [*spans, {"start": 83, "end": 96, "label": "mediator"}]}
        (record,) = read(changed)
        assert isinstance(record.document, dict)
        names = [field["name"] for field in record.document["events"][0]["fields"]]
        assert names == ["date", "total", "count", "recipient", "mediator"]
        assert "changed since the export" in record.notes[-1]


def test_hashes_are_those_that_prodigy_makes() -> None:
    # MurmurHash3 of 32 bits, as published for the empty text, is 0; Prodigy's are of "text=" and the text as JSON.
    assert murmur(b"") == 0
    assert murmur(b"hello") == 613153351
    assert input_hash("é") == murmur(b'text="\\u00e9"')
    assert -(2**31) <= task_hash(5, {"spans": [{"start": 0, "score": 1}]}) < 2**31
    assert task_hash(5, {"spans": [{"start": 0, "score": 1}]}) == task_hash(5, {"spans": [{"start": 0}]})


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"text": "a", "spans": ' + b"[" * 5000, b"\xff\xfe", b"nul\0"])
def test_files_that_are_none_raise_nothing_but_refusals(content: bytes) -> None:
    assert FORMAT.read
    for record in FORMAT.read(source(content), ReadOptions()):
        assert isinstance(record.document, InputError)


GENUINE = {
    "annotated_news_headlines-ORG-PERSON-LOCATION-ner.jsonl": (373, 303),
    "bio_events.jsonl": (129, 422),
    "rel_component_annotations.jsonl": (149, 1000),
}


@pytest.mark.parametrize("name", GENUINE)
def test_genuine_tasks_go_in_and_out_unchanged(name: str, connection: sqlite3.Connection) -> None:
    path: Path = shared(f"formats/prodigy/{name}")
    tasks = [json.loads(line) for line in path.read_text().splitlines()]
    report = ImportReport()
    with path.open("rb") as stream:
        import_source(connection, Source(name, stream, path), report)
    assert (report.events, report.refused, report.noted) == (GENUINE[name][0], 0, 0)
    evidence = connection.execute("SELECT count(*) FROM evidence").fetchone()[0]
    assert evidence == GENUINE[name][1]
    assert write(*exported(connection)) == tasks
    for task in tasks:
        if "_input_hash" in task:
            assert input_hash(task["text"]) == task["_input_hash"]
