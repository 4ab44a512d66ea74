"""Label Studio: tasks, flat exports and real files become documents; what isn't a task is an error."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import ARTICLE
from support.formats import valid_documents
from support.label_studio import (
    PREDICTED,
    TEXT,
    Json,
    annotation,
    attribute,
    events,
    fields,
    read,
    records,
    relation,
    source,
    span,
    task,
    write,
)
from support.shared_data import shared

from db.errors import InputError
from db.formats.format import Confidence
from db.formats.label_studio.format import FORMAT
from db.formats.registry import detect_format
from db.io.documents import parse_document
from db.native import digest


class TestReading:
    def test_related_regions_become_an_event_and_all_others_fields_of_another(self) -> None:
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

    def test_relations_without_a_head_give_the_event_its_type(self) -> None:
        (event,) = events([PREDICTED[1], PREDICTED[2], relation("r2", "r3", "near"), relation("r3", "r2", "near")])
        assert event["type"] == "near"
        assert fields(event) == [("Person", "Rebels"), ("Place", "Lesna")]

    def test_attributes_of_a_region_join_its_group(self) -> None:
        of_region = PREDICTED[1]["value"] | {"choices": ["armed"]}
        (event,) = events([PREDICTED[1], attribute("kind", "choices", of_region, "r2")])
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
    def test_attributes_of_the_whole_task_become_fields(self, kind: str, value: Json, expected: list[Any]) -> None:
        (event,) = events([attribute("it", kind, value)])
        assert fields(event) == [("it", item) for item in expected]

    def test_an_annotation_equal_to_the_prediction_confirms_it(self) -> None:
        attack, rest = events(PREDICTED, annotation(PREDICTED))
        for event in (attack, rest):
            assert (event["status"], event["reviewer"]) == ("confirmed", "ana@example.org")
            assert event["decided_at"] == "2025-03-01T10:05:00Z"
            assert event["extractor"] == "m1"

    def test_a_different_annotation_corrects_the_prediction(self) -> None:
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

    def test_the_ground_truth_or_else_the_newest_annotation_decides(self) -> None:
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

    def test_skipping_makes_events_unsure_that_nobody_else_decided(self) -> None:
        skipped = annotation([], was_cancelled=True, completed_by=5)
        assert {(event["status"], event["reviewer"]) for event in events(PREDICTED, skipped)} == {("unsure", "user 5")}
        both = events(PREDICTED, skipped, annotation(PREDICTED))
        assert {event["status"] for event in both} == {"confirmed"}

    def test_completions_of_old_versions_are_read_as_annotations(self) -> None:
        old = task(PREDICTED)
        old["completions"] = [annotation(PREDICTED, parent_prediction=None)]
        del old["annotations"]
        (document,) = read(old)
        assert document["events"][0]["status"] == "confirmed"
        assert write(document) == [old]

    def test_character_offsets_of_a_model_are_detected_by_their_texts(self) -> None:
        value = {"start": 18, "end": 23, "text": "Lesna", "labels": ["Place"]}
        (event,) = events([attribute("label", "labels", value)])
        assert fields(event, "value", "spans") == [("Lesna", [[18, 23]])]

    def test_offsets_without_texts_count_utf16_units(self) -> None:
        (event,) = events([attribute("label", "labels", {"start": 19, "end": 24, "labels": ["Place"]})])
        assert fields(event, "value", "spans") == [("Lesna", [[18, 23]])]

    def test_html_is_read_as_a_browser_shows_it(self) -> None:
        html = "<div><p>Rebels &amp; co</p><p>attacked <b>Lesna</b>.</p><script>x</script></div>"
        by_path = {"start": "/div[1]/p[2]/b[1]/text()[1]", "startOffset": 0, "endOffset": 5, "text": "Lesna"}
        by_path |= {"end": by_path["start"], "hypertextlabels": ["Place"]}
        overall = {"start": "?", "end": "?", "globalOffsets": {"start": 0, "end": 11}, "hypertextlabels": ["Who"]}
        one = {"from_name": "ner", "to_name": "html", "type": "hypertextlabels"}
        results = [{"id": "a", "value": by_path, **one}, {"id": "b", "value": overall, **one}]
        whole = task(results) | {"data": {"html": html, "page": 4}}
        (document,) = read(whole)
        assert document["text"] == "Rebels & coattacked Lesna."
        (event,) = document["events"]
        assert fields(event, "name", "value") == [("Place", "Lesna"), ("Who", "Rebels & co")]
        assert write(document) == [whole]

    def test_html_is_recognised_by_its_results_if_their_names_are_not_keys(self) -> None:
        place = {"startOffset": 0, "endOffset": 5, "text": "Lesna", "hypertextlabels": ["Place"]}
        value = place | dict.fromkeys(("start", "end"), "/p[1]/b[1]/text()[1]")
        result = {"id": "a", "from_name": "ner", "to_name": "page", "type": "hypertextlabels", "value": value}
        whole = task([result]) | {"data": {"html": "<p>Rebels attacked <b>Lesna</b>.</p>"}}
        (document,) = read(whole)
        assert document["text"] == "Rebels attacked Lesna."
        assert fields(document["events"][0], "value", "spans") == [("Lesna", [[16, 21]])]
        assert write(document) == [whole]

    def test_a_turn_of_a_dialogue_becomes_a_line(self) -> None:
        turns = [{"author": "Mia:", "text": "Is it 😀 Riga?"}, {"author": "Bo", "text": "Riga."}]
        value = {"start": "0", "end": "0", "startOffset": 9, "endOffset": 13, "paragraphlabels": ["Place"]}
        one = {"id": "a", "from_name": "l", "to_name": "talk", "type": "paragraphlabels", "value": value}
        whole = task([one]) | {"data": {"talk": turns}}
        (document,) = read(whole)
        assert document["text"] == "Mia: Is it 😀 Riga?\nBo: Riga."
        assert fields(document["events"][0], "value", "spans") == [("Riga", [[13, 17]])]
        assert write(document) == [whole]

    def test_the_text_is_found_by_the_names_of_results_or_else_is_the_likeliest(self) -> None:
        data = {"url": "https://example.org/a.png", "headline": "Three left", "story": "Three left the town of Lesna."}
        (document,) = read({"data": data})
        assert document["text"] == data["story"]
        named = attribute("kind", "choices", {"choices": ["news"]}) | {"to_name": "$headline"}
        (document,) = read({"data": data, "annotations": [{"result": [named]}]})
        assert document["text"] == "Three left"
        assert write(document)[0]["data"] == data

    def test_tasks_without_text_are_skipped_with_one_message(self) -> None:
        picture = {"data": {"image": "s3://a/b.png"}, "annotations": []}
        with pytest.raises(InputError, match=r"tasks.json: all its 2 tasks have no text, only images"):
            records([picture, picture])
        good, bad = records([picture, task(PREDICTED), picture])
        assert (type(good.document), type(bad.document)) == (dict, InputError)
        assert (bad.position, str(bad.document)[:37]) == (1, "2 tasks (this is the first) have no t")

    def test_regions_of_media_are_kept_and_noted(self) -> None:
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
        assert record.notes == ("2 results are not about the text; kept for export, not shown",)
        assert write(record.document) == [whole]

    @pytest.mark.parametrize("shape", ["array", "lines", "pretty"])
    def test_arrays_lines_and_single_objects_are_read(self, shape: str) -> None:
        one = task(PREDICTED)
        content = {
            "array": json.dumps([one, one]),
            "lines": json.dumps(one) + "\n" + json.dumps(one),
            "pretty": json.dumps(one, indent=2),
        }[shape]
        assert len(records(content.encode())) == (1 if shape == "pretty" else 2)

    def test_an_object_that_is_not_a_task_is_an_error(self) -> None:
        (record,) = records([{"upload": {"text": "a"}}])
        assert str(record.document).startswith("no data; a task holds its text in data")


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
    def test_a_record_of_json_min_is_an_annotation(self) -> None:
        (document,) = read(MIN)
        (event,) = document["events"]
        assert (document["id"], document["text"]) == (f"ls-7-{digest(TEXT)[:8]}", TEXT)
        assert (event["added"], event["reviewer"], event["status"]) == (True, "user 3", "confirmed")
        assert fields(event) == [
            ("Person", "Rebels"),
            ("Place", "Lesna"),
            ("sentiment", "bad"),
            ("topics", "war"),
            ("topics", "aid"),
        ]

    @pytest.mark.parametrize("tab", [False, True])
    def test_a_row_of_csv_is_an_annotation(self, tab: bool) -> None:
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

    def test_only_the_invalid_row_is_skipped(self) -> None:
        header = "annotation_id,annotator,id,lead_time,text"
        found = records(f"{header}\n1,2,3,4,Ana left\n1,2\n1,2,4,4,Bo left\n".encode())
        assert [type(record.document) for record in found] == [dict, InputError, dict]
        assert (found[1].position, str(found[1].document)) == (3, "2 cells, but the header has 5; correct the row")


class TestRecognising:
    def test_tasks_are_distinguished_from_other_objects(self) -> None:
        assert FORMAT.recognise(source([task(PREDICTED)])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([MIN])) is Confidence.CERTAIN
        assert FORMAT.recognise(source([{"data": {"text": "a"}}])) is Confidence.LIKELY
        assert FORMAT.recognise(source([{"author": "a", "text": "b"}] * 2)) is Confidence.LIKELY
        assert FORMAT.recognise(source([ARTICLE])) is Confidence.NO
        assert FORMAT.recognise(source([{"text": "a", "label": "b"}])) is Confidence.NO
        assert FORMAT.recognise(source(b"text,label\na,b\n")) is Confidence.NO

    def test_a_first_task_longer_than_the_head_is_recognised(self) -> None:
        long = {"id": 1, "annotations": [], "data": {"text": "so long " * 20_000}}
        assert FORMAT.recognise(source([long])) is Confidence.LIKELY

    @given(st.binary(max_size=60))
    def test_arbitrary_bytes_raise_nothing_but_input_errors(self, data: bytes) -> None:
        for head in (b"", b'[{"data": {}, "annotations": ', b"annotation_id,annotator,lead_time\n", b'[{"author": '):
            FORMAT.recognise(source(head + data))
            try:
                for record in records(head + data):
                    if isinstance(record.document, dict):
                        parse_document(record.document)
            except InputError:
                pass


REAL_FILES = {
    "csv_test.json": (2, 0),
    "csv_test2.json": (1, 1),
    "csv_test_colliding_keys.json": (1, 1),
    "csv_test_colliding_keys_mixed.json": (2, 1),
    "csv_test_history.json": (1, 1),
    "paragraphs.json": (1, 0),
}


class TestRealFiles:
    @pytest.mark.parametrize("name", REAL_FILES)
    def test_tasks_about_texts_survive_the_round_trip(self, name: str) -> None:
        path = shared(f"formats/label_studio/{name}")
        content = path.read_bytes()
        assert detect_format(source(content, name)).name == FORMAT.name
        found = valid_documents(records(content))
        assert (len(found), sum(len(document["events"]) for document in found)) == REAL_FILES[name]
        if name != "paragraphs.json":
            assert write(*found) == json.loads(content)

    @pytest.mark.parametrize("name", ["data.json", "random-with-predictions.json"])
    def test_files_of_images_and_time_series_are_errors(self, name: str) -> None:
        content = shared(f"formats/label_studio/{name}").read_bytes()
        with pytest.raises(InputError, match="has no text, only images, audio, video or numbers"):
            records(content)

    def test_a_collection_of_data_is_not_a_task(self) -> None:
        (record,) = records(shared("formats/label_studio/data_examples.json").read_bytes())
        assert "no data" in str(record.document)
