"""Label Studio's tasks in and out: predictions as the machine's side, annotations as people's, nothing of them lost."""

import io
import json
import sqlite3
from collections.abc import Iterable
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, documents, exported
from support.shared_data import shared

from db.decisions.review import Review
from db.errors import InputError
from db.formats.format import Confidence, Export, OffsetUnit, ReadOptions, Record, Source
from db.formats.label_studio.format import FORMAT
from db.formats.registry import detect_format
from db.formats.shared.annotated_text import plain_event
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document
from db.native import digest
from db.store.reading import read_event

Json = dict[str, Any]

TEXT = "😀 Rebels attacked Lesna, Ana Lee of the Red Cross said."


def span(id_: str, label: str, quote: str, text: str = TEXT, **more: Any) -> Json:
    """A region as Label Studio has it, in UTF-16 units."""
    start = len(text[: text.index(quote)].encode("utf-16-le")) // 2
    end = start + len(quote.encode("utf-16-le")) // 2
    value = {"start": start, "end": end, "text": quote, "labels": [label]}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def relation(source: str, target: str, *labels: str) -> Json:
    ends = {"from_id": source, "to_id": target, "type": "relation", "direction": "right"}
    return ends | ({"labels": list(labels)} if labels else {})


def said(name: str, kind: str, value: Json, id_: str = "c") -> Json:
    return {"id": id_, "from_name": name, "to_name": "text", "type": kind, "value": value}


PREDICTED = [
    span("r1", "Attack", "attacked", score=0.75),
    span("r2", "Person", "Rebels"),
    span("r3", "Place", "Lesna"),
    relation("r1", "r2", "attacker"),
    relation("r1", "r3", "location"),
    span("r4", "Person", "Ana Lee", score=0.5),
    said("urgency", "choices", {"choices": ["high", "today"]}),
]


def task(predicted: list[Json] | None = None, *annotations: Json, **more: Any) -> Json:
    predictions = [] if predicted is None else [{"id": 3, "model_version": "m1", "score": 0.25, "result": predicted}]
    return {"id": 7, "data": {"text": TEXT}, "predictions": predictions, "annotations": list(annotations), **more}


def annotation(result: list[Json], **more: Any) -> Json:
    who = {"id": 2, "email": "ana@example.org", "first_name": "", "last_name": ""}
    return {
        "id": 11,
        "completed_by": who,
        "was_cancelled": False,
        "ground_truth": False,
        "lead_time": 4.5,
        "created_at": "2025-03-01T10:00:00Z",
        "updated_at": "2025-03-01T10:05:00Z",
        "parent_prediction": 3,
        "result": result,
        **more,
    }


def source(content: object, name: str = "tasks.json") -> Source:
    data = content if isinstance(content, bytes) else json.dumps(content).encode()
    return Source(name, io.BytesIO(data))


def records(content: object, offsets: OffsetUnit | None = None) -> list[Record]:
    assert FORMAT.read
    return list(FORMAT.read(source(content), ReadOptions(offsets=offsets)))


def read(*tasks: Json) -> list[Json]:
    made = []
    for record in records(list(tasks)):
        assert isinstance(record.document, dict), record.document
        parse_document(record.document)
        made.append(record.document)
    return made


def events(*of: Any) -> list[Json]:
    (made,) = read(task(*of))
    return list(made["events"])


def write(*made: Json, **options: Any) -> list[Json]:
    assert FORMAT.write
    return list(json.loads(b"".join(FORMAT.write(Export(lambda: iter(made), **options)))))


def config(*made: Json, **options: Any) -> ElementTree.Element:
    (companion,) = FORMAT.companions
    assert companion.suffix == ".config.xml"
    return ElementTree.fromstring(b"".join(companion.write(Export(lambda: iter(made), **options))))


def fields(event: Json, *keys: str) -> list[tuple[Any, ...]]:
    return [tuple(field.get(key) for key in keys or ("name", "value")) for field in event["fields"]]


class TestReading:
    def test_regions_that_relations_join_are_an_event_and_all_others_fields_of_one(self) -> None:
        attack, rest = events(PREDICTED)
        assert (attack["type"], attack["extractor"], attack["confidence"]) == ("Attack", "m1", 0.75)
        assert fields(attack, "name", "value", "spans") == [
            ("trigger", "attacked", [[9, 17]]),
            ("attacker", "Rebels", [[2, 8]]),
            ("location", "Lesna", [[18, 23]]),
        ]
        assert (rest["type"], rest["confidence"]) == ("annotation", 0.25)
        assert fields(rest) == [("Person", "Ana Lee"), ("urgency", "high"), ("urgency", "today")]
        assert "status" not in attack

    def test_relations_without_a_head_name_the_event_by_their_label(self) -> None:
        (event,) = events([PREDICTED[1], PREDICTED[2], relation("r2", "r3", "near"), relation("r3", "r2", "near")])
        assert event["type"] == "near"
        assert fields(event) == [("Person", "Rebels"), ("Place", "Lesna")]

    def test_what_is_said_of_a_region_stands_in_its_group(self) -> None:
        of_region = PREDICTED[1]["value"] | {"choices": ["armed"]}
        (event,) = events([PREDICTED[1], said("kind", "choices", of_region, "r2")])
        assert fields(event, "name", "value", "group") == [
            ("Person", "Rebels", "Person:r2"),
            ("kind", "armed", "Person:r2"),
        ]

    @pytest.mark.parametrize(
        ("kind", "value", "expected"),
        [
            ("choices", {"choices": ["a", "b"]}, ["a", "b"]),
            ("textarea", {"text": ["one\ntwo"]}, ["one\ntwo"]),
            ("textarea", {"text": "one"}, ["one"]),
            ("number", {"number": 7}, [7]),
            ("rating", {"rating": 4}, [4]),
            ("datetime", {"datetime": "2025-03-01"}, ["2025-03-01"]),
            ("taxonomy", {"taxonomy": [["Europe", "Riga"], ["Asia"]]}, ["Europe > Riga", "Asia"]),
            ("pairwise", {"selected": "left"}, ["left"]),
        ],
    )
    def test_what_is_said_of_the_whole_task_is_fields(self, kind: str, value: Json, expected: list[Any]) -> None:
        (event,) = events([said("it", kind, value)])
        assert fields(event) == [("it", item) for item in expected]

    def test_an_annotation_as_the_prediction_confirms_it(self) -> None:
        attack, rest = events(PREDICTED, annotation(PREDICTED))
        for event in (attack, rest):
            assert (event["status"], event["reviewer"]) == ("confirmed", "ana@example.org")
            assert event["decided_at"] == "2025-03-01T10:05:00Z"
            assert event["extractor"] == "m1"

    def test_what_an_annotation_says_otherwise_corrects_the_prediction(self) -> None:
        changed = [
            *PREDICTED[:2],
            span("r3", "Place", "Lesna, Ana"),
            *PREDICTED[3:5],
            span("r9", "Count", "Red Cross"),
            relation("r1", "r9"),
        ]
        attack, rest = events(PREDICTED, annotation(changed))
        assert attack["status"] == "corrected"
        assert fields(attack, "name", "value", "state", "extracted") == [
            ("trigger", "attacked", "confirmed", None),
            ("attacker", "Rebels", "confirmed", None),
            ("location", "Lesna, Ana", "corrected", "Lesna"),
            ("Count", "Red Cross", "added", None),
        ]
        assert attack["fields"][2]["extracted_spans"] == [[18, 23]]
        assert (rest["status"], rest["reason"]) == ("rejected", "other")
        relabelled = [span("r1", "Raid", "attacked"), *PREDICTED[1:]]
        assert (events(PREDICTED, annotation(relabelled))[0]["extracted_type"]) == "Attack"

    def test_an_annotation_without_a_prediction_adds_events(self) -> None:
        (event,) = events(None, annotation([PREDICTED[1]], parent_prediction=None, completed_by=4))
        assert (event["added"], event["status"], event["reviewer"]) == (True, "confirmed", "user 4")

    def test_of_several_annotations_the_ground_truth_decides_else_the_newest(self) -> None:
        older = annotation(PREDICTED[:5], id=12, completed_by=5, updated_at="2025-02-01")
        (record,) = records([task(PREDICTED, annotation(PREDICTED), older)])
        assert isinstance(record.document, dict)
        assert [(event["status"], event["reviewer"]) for event in record.document["events"]] == [
            ("confirmed", "ana@example.org"),
            ("confirmed", "ana@example.org"),
        ]
        assert "2 annotations" in record.notes[-1]
        truth = events(PREDICTED, annotation(PREDICTED), older | {"ground_truth": True})
        assert [(event["status"], event["reviewer"]) for event in truth] == [
            ("confirmed", "user 5"),
            ("rejected", "user 5"),
            ("confirmed", "ana@example.org"),
        ]

    def test_a_skipped_annotation_makes_unsure_what_nobody_else_decided(self) -> None:
        skipped = annotation([], was_cancelled=True, completed_by=5)
        assert {(event["status"], event["reviewer"]) for event in events(PREDICTED, skipped)} == {("unsure", "user 5")}
        both = events(PREDICTED, skipped, annotation(PREDICTED))
        assert {event["status"] for event in both} == {"confirmed"}

    def test_old_completions_are_annotations(self) -> None:
        old = task(PREDICTED)
        old["completions"] = [annotation(PREDICTED, parent_prediction=None)]
        del old["annotations"]
        (made,) = read(old)
        assert made["events"][0]["status"] == "confirmed"
        assert write(made) == [old]

    def test_offsets_that_a_model_counted_in_characters_are_told_by_their_texts(self) -> None:
        value = {"start": 18, "end": 23, "text": "Lesna", "labels": ["Place"]}
        (event,) = events([said("label", "labels", value)])
        assert fields(event, "value", "spans") == [("Lesna", [[18, 23]])]

    def test_without_texts_offsets_count_as_javascript_does(self) -> None:
        (event,) = events([said("label", "labels", {"start": 19, "end": 24, "labels": ["Place"]})])
        assert fields(event, "value", "spans") == [("Lesna", [[18, 23]])]

    def test_html_is_read_as_the_text_that_a_browser_shows(self) -> None:
        html = "<div><p>Rebels &amp; co</p><p>attacked <b>Lesna</b>.</p><script>x</script></div>"
        by_path = {"start": "/div[1]/p[2]/b[1]/text()[1]", "startOffset": 0, "endOffset": 5, "text": "Lesna"}
        by_path |= {"end": by_path["start"], "hypertextlabels": ["Place"]}
        overall = {"start": "?", "end": "?", "globalOffsets": {"start": 0, "end": 11}, "hypertextlabels": ["Who"]}
        one = {"from_name": "ner", "to_name": "html", "type": "hypertextlabels"}
        results = [{"id": "a", "value": by_path, **one}, {"id": "b", "value": overall, **one}]
        whole = task(results) | {"data": {"html": html, "page": 4}}
        (made,) = read(whole)
        assert made["text"] == "Rebels & coattacked Lesna."
        (event,) = made["events"]
        assert fields(event, "name", "value") == [("Place", "Lesna"), ("Who", "Rebels & co")]
        assert write(made) == [whole]

    def test_dialogues_are_lines_and_their_regions_stand_in_them(self) -> None:
        turns = [{"author": "Mia:", "text": "Is it 😀 Riga?"}, {"author": "Bo", "text": "Riga."}]
        value = {"start": "0", "end": "0", "startOffset": 9, "endOffset": 13, "paragraphlabels": ["Place"]}
        one = {"id": "a", "from_name": "l", "to_name": "talk", "type": "paragraphlabels", "value": value}
        whole = task([one]) | {"data": {"talk": turns}}
        (made,) = read(whole)
        assert made["text"] == "Mia: Is it 😀 Riga?\nBo: Riga."
        assert fields(made["events"][0], "value", "spans") == [("Riga", [[13, 17]])]
        assert write(made) == [whole]

    def test_a_text_is_found_by_names_else_is_the_usual_one_else_the_longest(self) -> None:
        data = {"url": "https://example.org/a.png", "headline": "Three left", "story": "Three left the town of Lesna."}
        (made,) = read({"data": data})
        assert made["text"] == data["story"]
        named = said("kind", "choices", {"choices": ["news"]}) | {"to_name": "$headline"}
        (made,) = read({"data": data, "annotations": [{"result": [named]}]})
        assert made["text"] == "Three left"
        assert write(made)[0]["data"] == data

    def test_tasks_without_text_are_refused_in_one_line(self) -> None:
        picture = {"data": {"image": "s3://a/b.png"}, "annotations": []}
        assert FORMAT.read
        with pytest.raises(InputError, match=r"tasks.json: all its 2 tasks have no text in data: about images"):
            list(FORMAT.read(source([picture, picture]), ReadOptions()))
        made = records([picture, task(PREDICTED), picture])
        assert [type(record.document) for record in made] == [dict, InputError]
        assert (made[1].position, str(made[1].document)[:40]) == (1, "2 tasks, of which this is the first, hav")

    def test_regions_of_images_beside_a_text_are_kept_and_said(self) -> None:
        box = {"id": "b", "from_name": "box", "to_name": "image", "type": "rectanglelabels"}
        box["value"] = {"x": 1, "y": 2, "width": 3, "height": 4, "rectanglelabels": ["Car"]}
        sound = {"id": "s", "from_name": "l", "to_name": "audio", "type": "labels"}
        sound["value"] = {"start": 0.5, "end": 2.25, "labels": ["Voice"]}
        whole = task(None, annotation([box, sound])) | {
            "data": {"text": TEXT, "image": "/data/upload/1/a.png", "audio": "http://a/b.wav"}
        }
        (record,) = records([whole])
        assert isinstance(record.document, dict)
        assert record.document["events"] == []
        assert record.notes == ("2 results are not about the text: kept, not shown",)
        assert write(record.document) == [whole]

    @pytest.mark.parametrize("shape", ["array", "lines", "pretty"])
    def test_tasks_come_in_an_array_a_line_each_or_as_one_object(self, shape: str) -> None:
        one = task(PREDICTED)
        content = {
            "array": json.dumps([one, one]),
            "lines": json.dumps(one) + "\n" + json.dumps(one),
            "pretty": json.dumps(one, indent=2),
        }[shape]
        assert len(records(content.encode())) == (1 if shape == "pretty" else 2)

    def test_what_is_no_task_is_refused_with_what_to_do(self) -> None:
        (record,) = records([{"upload": {"text": "a"}}])
        assert str(record.document).startswith("has no data; a task has its text in data")


MIN: Json = {
    "text": TEXT,
    "source": "The Post",
    "id": 7,
    "label": [PREDICTED[1]["value"], PREDICTED[2]["value"]],
    "sentiment": "bad",
    "topics": [{"choices": ["war", "aid"]}],
    "annotator": 3,
    "annotation_id": 11,
    "created_at": "2025-03-01T10:00:00Z",
    "updated_at": "2025-03-01T10:05:00Z",
    "lead_time": 4.5,
}


class TestFlatExports:
    def test_json_min_is_an_annotation_a_record(self) -> None:
        (made,) = read(MIN)
        (event,) = made["events"]
        assert (made["id"], made["text"]) == (f"ls-7-{digest(TEXT)[:8]}", TEXT)
        assert (event["added"], event["reviewer"], event["status"]) == (True, "user 3", "confirmed")
        assert fields(event) == [
            ("Person", "Rebels"),
            ("Place", "Lesna"),
            ("sentiment", "bad"),
            ("topics", "war"),
            ("topics", "aid"),
        ]

    @pytest.mark.parametrize("tab", [False, True])
    def test_csv_is_an_annotation_a_row(self, tab: bool) -> None:
        row = {key: json.dumps(value) if isinstance(value, list) else str(value) for key, value in MIN.items()}
        names = sorted(row)
        delimiter = "\t" if tab else ","
        quoted = [[cell.replace('"', '""') for cell in cells] for cells in (names, [row[name] for name in names])]
        content = "\n".join(delimiter.join(f'"{cell}"' for cell in cells) for cells in quoted)
        assert detect_format(source(content.encode(), "result.csv")).name == FORMAT.name
        (record,) = records(content.encode())
        assert isinstance(record.document, dict)
        (event,) = record.document["events"]
        assert sorted(fields(event)) == sorted(fields(read(MIN)[0]["events"][0]))
        assert event["reviewer"] == "user 3"

    def test_a_row_that_is_broken_is_refused_alone(self) -> None:
        header = "annotation_id,annotator,id,lead_time,text"
        made = records(f"{header}\n1,2,3,4,Ana left\n1,2\n1,2,4,4,Bo left\n".encode())
        assert [type(record.document) for record in made] == [dict, InputError, dict]
        assert (made[1].position, str(made[1].document)) == (3, "has 2 cells, the header 5; mend the row")


class TestRecognising:
    def test_tasks_are_told_from_documents_and_from_other_objects(self) -> None:
        assert FORMAT.recognise(source([task(PREDICTED)])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([MIN])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([{"data": {"text": "a"}}])) is Confidence.LIKELY
        assert FORMAT.recognise(source([{"author": "a", "text": "b"}] * 2)) is Confidence.LIKELY
        assert FORMAT.recognise(source([ARTICLE])) is Confidence.NO
        assert FORMAT.recognise(source([{"text": "a", "label": "b"}])) is Confidence.NO
        assert FORMAT.recognise(source(b"text,label\na,b\n")) is Confidence.NO

    def test_a_first_task_that_is_longer_than_what_is_looked_at_is_recognised(self) -> None:
        long = {"id": 1, "annotations": [], "data": {"text": "so long " * 20_000}}
        assert FORMAT.recognise(source([long])) is Confidence.LIKELY

    @given(st.binary(max_size=60))
    def test_whatever_the_bytes_it_raises_nothing(self, data: bytes) -> None:
        for head in (b"", b'[{"data": {}, "annotations": ', b"annotation_id,annotator,lead_time\n", b'[{"author": '):
            FORMAT.recognise(source(head + data))
            try:
                for record in records(head + data):
                    if isinstance(record.document, dict):
                        parse_document(record.document)
            except InputError:
                pass


_scalars = st.one_of(
    st.none(), st.booleans(), st.integers(-3, 60), st.floats(0, 2), st.sampled_from(["", "x", "Lesna", "r1", "/p[1]"])
)
_anything = st.recursive(
    _scalars,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(["start", "end", "text", "labels", "id", "eventdesk"]), inner, max_size=3),
    ),
    max_leaves=6,
)
_values = st.fixed_dictionaries(
    {},
    optional={
        "start": st.one_of(st.integers(-1, len(TEXT) + 3), _anything),
        "end": st.one_of(st.integers(-1, len(TEXT) + 3), _anything),
        "startOffset": _scalars,
        "endOffset": _scalars,
        "globalOffsets": st.one_of(_anything, st.just({"start": 2, "end": 8})),
        "text": st.one_of(st.sampled_from(["Rebels", "Lesna", "nowhere"]), _anything),
        "labels": st.one_of(st.lists(st.sampled_from(["Person", "Place"]), max_size=2), _anything),
        "choices": st.one_of(st.lists(st.sampled_from(["a", "b"]), max_size=2), _anything),
        "number": _scalars,
        "taxonomy": _anything,
    },
)
_ids = st.sampled_from(["r1", "r2", "r3", 4, None, ""])
_results = st.one_of(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["labels", "choices", "number", "textarea", "taxonomy", "hypertextlabels", "odd"])},
        optional={
            "id": _ids,
            "value": st.one_of(_values, _anything),
            "from_name": st.one_of(st.sampled_from(["label", "value", "group", "event_type", "field.a"]), _scalars),
            "to_name": st.one_of(st.sampled_from(["text", "image"]), _scalars),
            "score": _scalars,
            "meta": st.one_of(_anything, st.fixed_dictionaries({"eventdesk": _anything})),
        },
    ),
    st.fixed_dictionaries(
        {"type": st.just("relation"), "from_id": _ids, "to_id": _ids},
        optional={"labels": _anything, "direction": st.sampled_from(["left", "right", "bi"])},
    ),
    _anything,
)
_owners = st.fixed_dictionaries(
    {"result": st.one_of(st.lists(_results, max_size=5), _anything)},
    optional={
        "id": _scalars,
        "model_version": _scalars,
        "score": _scalars,
        "completed_by": _anything,
        "was_cancelled": _scalars,
        "ground_truth": _scalars,
        "created_at": _scalars,
        "parent_prediction": _scalars,
        "prediction": _anything,
    },
)
_tasks = st.fixed_dictionaries(
    {
        "data": st.fixed_dictionaries(
            {"text": st.sampled_from([TEXT, "<p>Rebels</p> of <b>Lesna"])},
            optional={"title": _scalars, "image": st.just("a.png"), "turns": _anything},
        )
    },
    optional={
        "id": _scalars,
        "predictions": st.one_of(st.lists(_owners, max_size=3), _anything),
        "annotations": st.one_of(st.lists(_owners, max_size=3), _anything),
        "completions": st.one_of(st.lists(_owners, max_size=1), _anything),
        "meta": st.one_of(_anything, st.fixed_dictionaries({"eventdesk": _anything})),
        "drafts": _anything,
    },
)

_decisions = st.fixed_dictionaries(
    {"status": st.sampled_from(["pending", "confirmed", "corrected", "rejected", "unsure"])},
    optional={"reviewer": st.sampled_from(["ana", "bo@example.org", "user 3"]), "decided_at": st.just("2025-03-01")},
)


@st.composite
def reviewed(draw: st.DrawFn) -> Json:
    """A document as an export has it, with decisions."""
    whole = draw(documents())
    for event in whole["events"]:
        event |= draw(_decisions)
        if draw(st.booleans()) and event["status"] == "confirmed":
            event["added"] = True
        for field in event["fields"]:
            field["state"] = draw(st.sampled_from(["extracted", "confirmed", "corrected", "added", "removed"]))
            if field["state"] == "corrected":
                field |= {"extracted": "before", "extracted_spans": []}
    return whole


class TestRoundTrip:
    @given(st.lists(_tasks, max_size=2))
    @settings(max_examples=100)
    def test_what_is_read_is_written_as_it_was(self, tasks: list[Json]) -> None:
        assert write(*read(*tasks)) == tasks

    @given(st.lists(reviewed(), max_size=2))
    @settings(max_examples=100)
    def test_documents_of_any_origin_come_back_whole(self, made: list[Json]) -> None:
        assert read(*write(*made)) == made

    @given(_tasks, st.data())
    @settings(max_examples=100)
    def test_what_was_decided_about_a_task_comes_back_with_it(self, whole: Json, data: st.DataObject) -> None:
        (made,) = read(whole)
        for event in made["events"]:
            event |= data.draw(_decisions)
        assert read(*write(made)) == [made]

    def test_a_title_alone_is_the_text_of_its_task(self) -> None:
        made = {"id": "t", "title": "Three left", "events": []}
        (out,) = write(made)
        assert out["data"] == {"text": "Three left"}
        assert read(out) == [made]

    @given(reviewed())
    @settings(max_examples=60)
    def test_without_what_eventdesk_keeps_there_both_sides_say_the_same(self, made: Json) -> None:
        made["text"] = f"Text: {made['text']}"
        (out,) = write(made)
        del out["meta"]
        if len([event for event in made["events"] if event.get("added")]) or len(out["predictions"]) > 1:
            return
        machine, accepted = set(), set()
        for event in read(out)[0]["events"]:
            if not event.get("added"):
                machine.add(event["type"])
            if event.get("status") in ("confirmed", "corrected"):
                accepted.add(event["type"])
        told = [event for event in made["events"] if not event.get("added")]
        assert machine == {event["type"] for event in told}
        if len({event.get("reviewer") for event in told if event["status"] in ("confirmed", "corrected")}) == 1:
            assert accepted == {event["type"] for event in told if event["status"] in ("confirmed", "corrected")}

    def test_a_decision_made_here_is_an_annotation_beside_those_of_the_task(
        self, connection: sqlite3.Connection
    ) -> None:
        whole = task(PREDICTED, drafts=[], meta={"batch": 2})
        report = ImportReport()
        import_source(connection, source([whole]), report, FORMAT)
        assert (report.documents, report.events, report.refusals) == (1, 2, [])
        assert write(*exported(connection)) == [whole]
        event_id = connection.execute("SELECT min(id) FROM events").fetchone()[0]
        Review(connection, "dee").accept(read_event(connection, event_id))
        (out,) = write(*exported(connection))
        (made,) = out["annotations"]
        assert made["eventdesk"] == {"reviewer": "dee"}
        assert "completed_by" not in made
        places = [(item["id"], item["value"]["labels"]) for item in made["result"] if item["type"] == "labels"]
        assert places == [("r1", ["Attack"]), ("r2", ["Person"]), ("r3", ["Place"])]
        assert [item["from_name"] for item in made["result"] if item["type"] == "labels"] == ["label"] * 3
        assert out["predictions"] == whole["predictions"]
        (again,) = read(out)
        assert [plain_event(event) for event in again["events"]] == [
            plain_event(event) for event in exported(connection)[0]["events"]
        ]

    def test_what_was_annotated_in_label_studio_since_decides(self) -> None:
        made = {"id": "a", "text": TEXT, "source": "x", "events": []}
        kept = {"id": "e1", "type": "attack", "extractor": "m", "run": 4, "fields": []}
        kept["fields"] = [
            {"name": "who", "value": "rebels", "spans": [[2, 8]], "hint": 1},
            {"name": "where", "value": "Lesna", "group": "g", "spans": [[18, 23]]},
            {"name": "dead", "value": 3, "group": "g", "alternatives": ["4"]},
        ]
        made["events"] = [kept, {"id": "e2", "type": "march", "extractor": "m", "fields": []}]
        (out,) = write(made)
        result = [item for item in out["predictions"][0]["result"] if "march" not in json.dumps(item)]
        result = [item for item in result if item.get("from_name") != "number.dead"]
        out["annotations"] = [annotation(result, parent_prediction=None)]
        (again,) = read(out)
        attack, march = again["events"]
        assert (again["id"], again["source"], attack["id"], attack["run"]) == ("a", "x", "e1", 4)
        assert (attack["status"], attack["reviewer"]) == ("corrected", "ana@example.org")
        assert fields(attack, "name", "value", "state", "group") == [
            ("who", "rebels", "confirmed", None),
            ("where", "Lesna", "confirmed", "g"),
            ("dead", 3, "removed", "g"),
        ]
        assert attack["fields"][0]["hint"] == 1
        assert march["status"] == "rejected"

    def test_what_eventdesk_kept_is_not_used_where_the_text_or_it_was_changed(self) -> None:
        field = {"name": "where", "value": "Lesna", "spans": [[18, 23]]}
        made = {"id": "a", "text": TEXT, "events": [{"id": "e", "type": "attack", "fields": [field]}]}
        (out,) = write(made)
        changed = json.loads(json.dumps(out))
        changed["data"]["text"] = f"So: {TEXT}"
        (record,) = records([changed])
        assert record.notes[0].startswith("its text was changed in Label Studio")
        assert isinstance(record.document, dict)
        assert fields(record.document["events"][0], "name", "spans") == [("where", [[22, 27]])]
        out["meta"]["eventdesk"]["document"]["events"][0]["fields"][0]["spans"] = [[90, 99]]
        (record,) = records([out])
        assert record.notes[0].startswith("its meta was changed in Label Studio")
        assert isinstance(record.document, dict)
        assert fields(record.document["events"][0], "name", "spans") == [("where", [[18, 23]])]

    def test_the_same_file_again_adds_nothing(self, connection: sqlite3.Connection) -> None:
        for _ in range(2):
            report = ImportReport()
            import_source(connection, source([task(PREDICTED, annotation(PREDICTED))]), report, FORMAT)
        assert (report.documents, report.events) == (0, 0)


class TestWriting:
    def test_the_machine_stands_in_predictions_and_what_people_accepted_in_annotations(self) -> None:
        made = {"id": "a", "text": TEXT, "events": []}
        field = {"name": "where", "value": "LESNA", "extracted": "Lesna", "spans": [[18, 23]], "state": "corrected"}
        event = {"type": "attack", "extractor": "m", "confidence": 0.5, "fields": [field]}
        made["events"] = [
            {"id": "1", "status": "corrected", "reviewer": "ana", "decided_at": "2025-03-01", **event},
            {"id": "2", "status": "rejected", "reviewer": "ana", **event},
            {"id": "3", "status": "pending", **event},
        ]
        (out,) = write(made)
        (prediction,) = out["predictions"]
        assert (prediction["model_version"], prediction["score"]) == ("m", 0.5)
        heads = [item for item in prediction["result"] if item.get("from_name") == "event"]
        assert len(heads) == 3
        assert heads[0]["value"] == {"start": 19, "end": 24, "text": "Lesna", "labels": ["attack"]}
        (made_by_ana,) = out["annotations"]
        assert [item["value"].get("text") for item in made_by_ana["result"] if "value" in item] == [
            "Lesna",
            "Lesna",
            ["LESNA"],
        ]
        (gold,) = write(made | {"events": [made["events"][0]]}, reviewed=True)
        assert (gold["predictions"], len(gold["annotations"])) == ([], 1)

    @given(st.lists(reviewed(), max_size=2), st.lists(_tasks, max_size=1))
    @settings(max_examples=60)
    def test_the_configuration_has_every_control_label_and_choice(self, made: list[Json], tasks: list[Json]) -> None:
        made = made + read(*tasks)
        root = config(*made)
        objects = {item.get("name") for item in root.iter() if (item.get("value") or "").startswith("$")}
        controls = {item.get("name"): item for item in root.iter() if item.get("toName")}
        for owner in (owner for whole in write(*made) for owner in _owners_of(whole)):
            for result in (item for item in owner["result"] if isinstance(item, dict)):
                name, value = result.get("from_name"), result.get("value")
                if result.get("type") in (None, "relation", "odd") or not isinstance(name, str):
                    continue
                if not isinstance(value, dict) or not isinstance(result.get("to_name"), str) or not name.isprintable():
                    continue
                assert result["to_name"] in objects
                labels = value.get(result["type"])
                if result["type"] in ("labels", "choices") and isinstance(labels, list):
                    known = {item.get("value") for item in controls[name]}
                    assert {label for label in labels if isinstance(label, str) and label.isprintable()} <= known

    def test_names_of_any_characters_are_escaped(self) -> None:
        field = {"name": 'a"<b>&\n\0', "value": "x"}
        made = {"id": "a", "text": "x", "events": [{"id": "e", "type": "t&<\">'", "fields": [field]}]}
        root = config(made)
        assert [item.get("value") for item in root.iter("Choice")] == ["t&<\">'"]
        assert 'field.a"<b>&\n\ufffd' in {item.get("name") for item in root.iter("TextArea")}

    def test_nothing_at_all_is_an_empty_array(self) -> None:
        assert write() == []
        assert config().tag == "View"


def _owners_of(whole: Json) -> Iterable[Json]:
    for key in ("predictions", "annotations", "completions"):
        owners = whole.get(key)
        for owner in owners if isinstance(owners, list) else ():
            if isinstance(owner, dict) and isinstance(owner.get("result"), list):
                yield owner


GENUINE = {
    "csv_test.json": (2, 0),
    "csv_test2.json": (1, 1),
    "csv_test_colliding_keys.json": (1, 1),
    "csv_test_colliding_keys_mixed.json": (2, 1),
    "csv_test_history.json": (1, 1),
    "paragraphs.json": (1, 0),
}


class TestGenuineFiles:
    @pytest.mark.parametrize("name", GENUINE)
    def test_tasks_of_text_come_in_and_out_as_they_were(self, name: str) -> None:
        path = shared(f"formats/label_studio/{name}")
        content = path.read_bytes()
        assert detect_format(source(content, name)).name == FORMAT.name
        made = [record.document for record in records(content)]
        assert (len(made), sum(len(item["events"]) for item in made if isinstance(item, dict))) == GENUINE[name]
        if name != "paragraphs.json":
            assert write(*made) == json.loads(content)  # type: ignore[arg-type]

    @pytest.mark.parametrize("name", ["data.json", "random-with-predictions.json"])
    def test_images_and_time_series_are_refused(self, name: str) -> None:
        content = shared(f"formats/label_studio/{name}").read_bytes()
        with pytest.raises(InputError, match="has no text in data: about images, audio, video or numbers alone"):
            records(content)

    def test_a_collection_of_examples_is_no_task(self) -> None:
        (record,) = records(shared("formats/label_studio/data_examples.json").read_bytes())
        assert "has no data" in str(record.document)
