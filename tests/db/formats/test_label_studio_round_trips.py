"""Label Studio: tasks and documents survive the round trip, with decisions made on either side."""

import json
import sqlite3
from collections.abc import Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import documents, exported
from support.label_studio import (
    PREDICTED,
    TEXT,
    Json,
    annotation,
    config,
    fields,
    read,
    records,
    source,
    task,
    write,
)

from db.decisions.review import Review
from db.formats.label_studio.format import FORMAT
from db.formats.label_studio.meta import event_digest
from db.formats.shared.annotated_text import plain_event
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.reading import read_event

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
    """Draw a document with decisions, as exported."""
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
    def test_any_task_is_written_as_it_was_read(self, tasks: list[Json]) -> None:
        assert write(*read(*tasks)) == tasks

    @given(st.lists(reviewed(), max_size=2))
    @settings(max_examples=100)
    def test_any_documents_survive_the_round_trip(self, originals: list[Json]) -> None:
        assert read(*write(*originals)) == originals

    @given(_tasks, st.data())
    @settings(max_examples=100)
    def test_decisions_about_any_task_survive_the_round_trip(self, whole: Json, data: st.DataObject) -> None:
        (document,) = read(whole)
        for item in (item for event in document["events"] for item in (event, *event["fields"])):
            if not 0 <= item.get("confidence", 0) <= 1:
                del item["confidence"]  # as an import does
        for event in document["events"]:
            decision = data.draw(_decisions)
            # Pending is no decision, and the same decision at another time is not another one.
            event |= decision if event_digest(event | decision) != event_digest(event) else {}
        assert read(*write(document)) == [document]

    def test_a_time_that_is_none_says_nothing_and_stays(self) -> None:
        whole = task([{"type": "labels", "id": "r1", "value": {"start": 0, "end": 5}}])
        whole["annotations"] = [{"id": 1, "result": [], "created_at": "yesterday", "updated_at": None}]
        (document,) = read(whole)
        assert "decided_at" not in document["events"][0]
        assert write(document) == [whole]

    def test_a_pending_event_is_not_a_decision(self) -> None:
        whole = task([{"type": "labels", "id": "r1", "meta": None, "value": {"start": 0}}])
        (document,) = read(whole)
        assert write(document | {"events": [event | {"status": "pending"} for event in document["events"]]}) == [whole]

    def test_a_document_without_text_is_written_with_its_title(self) -> None:
        document = {"id": "t", "title": "Three left", "events": []}
        (out,) = write(document)
        assert out["data"] == {"text": "Three left"}
        assert read(out) == [document]

    @given(reviewed())
    @settings(max_examples=60)
    def test_the_results_alone_hold_extracted_and_accepted_events(self, document: Json) -> None:
        document["text"] = f"Text: {document['text']}"
        (out,) = write(document)
        del out["meta"]
        if len([event for event in document["events"] if event.get("added")]) or len(out["predictions"]) > 1:
            return
        extracted, accepted = set(), set()
        for event in read(out)[0]["events"]:
            if not event.get("added"):
                extracted.add(event["type"])
            if event.get("status") in ("confirmed", "corrected"):
                accepted.add(event["type"])
        original = [event for event in document["events"] if not event.get("added")]
        assert extracted == {event["type"] for event in original}
        if len({event.get("reviewer") for event in original if event["status"] in ("confirmed", "corrected")}) == 1:
            assert accepted == {event["type"] for event in original if event["status"] in ("confirmed", "corrected")}

    def test_a_decision_is_added_as_an_annotation(self, connection: sqlite3.Connection) -> None:
        whole = task(PREDICTED, drafts=[], meta={"batch": 2})
        report = ImportReport()
        import_source(connection, source([whole]), report, FORMAT)
        assert (report.documents, report.events, report.refusals) == (1, 2, [])
        assert write(*exported(connection)) == [whole]
        event_id = connection.execute("SELECT min(id) FROM events").fetchone()[0]
        Review(connection, "dee").accept(read_event(connection, event_id))
        (out,) = write(*exported(connection))
        (added,) = out["annotations"]
        assert added["eventdesk"] == {"reviewer": "dee"}
        assert "completed_by" not in added
        labels = [(item["id"], item["value"]["labels"]) for item in added["result"] if item["type"] == "labels"]
        assert labels == [("r1", ["Attack"]), ("r2", ["Person"]), ("r3", ["Place"])]
        assert [item["from_name"] for item in added["result"] if item["type"] == "labels"] == ["label"] * 3
        assert out["predictions"] == whole["predictions"]
        (reread,) = read(out)
        (stored,) = exported(connection)
        assert list(map(plain_event, reread["events"])) == list(map(plain_event, stored["events"]))

    def test_annotating_an_exported_task_decides_about_its_events(self) -> None:
        document = {"id": "a", "text": TEXT, "source": "x", "events": []}
        event = {"id": "e1", "type": "attack", "extractor": "m", "run": 4, "fields": []}
        event["fields"] = [
            {"name": "who", "value": "rebels", "spans": [[2, 8]], "hint": 1},
            {"name": "where", "value": "Lesna", "group": "g", "spans": [[18, 23]]},
            {"name": "dead", "value": 3, "group": "g", "alternatives": ["4"]},
        ]
        document["events"] = [event, {"id": "e2", "type": "march", "extractor": "m", "fields": []}]
        (out,) = write(document)
        result = [item for item in out["predictions"][0]["result"] if "march" not in json.dumps(item)]
        result = [item for item in result if item.get("from_name") != "number.dead"]
        out["annotations"] = [annotation(result, parent_prediction=None)]
        (reread,) = read(out)
        attack, march = reread["events"]
        assert (reread["id"], reread["source"], attack["id"], attack["run"]) == ("a", "x", "e1", 4)
        assert (attack["status"], attack["reviewer"]) == ("corrected", "ana@example.org")
        assert fields(attack, "name", "value", "state", "group") == [
            ("who", "rebels", "confirmed", None),
            ("where", "Lesna", "confirmed", "g"),
            ("dead", 3, "removed", "g"),
        ]
        assert attack["fields"][0]["hint"] == 1
        assert march["status"] == "rejected"

    def test_the_stored_document_is_ignored_if_it_or_the_text_changed(self) -> None:
        field = {"name": "where", "value": "Lesna", "spans": [[18, 23]]}
        document = {"id": "a", "text": TEXT, "events": [{"id": "e", "type": "attack", "fields": [field]}]}
        (out,) = write(document)
        changed = json.loads(json.dumps(out))
        changed["data"]["text"] = f"So: {TEXT}"
        (record,) = records([changed])
        assert record.notes[0].startswith("the text was changed in Label Studio")
        assert isinstance(record.document, dict)
        assert fields(record.document["events"][0], "name", "spans") == [("where", [[22, 27]])]
        out["meta"]["eventdesk"]["document"]["events"][0]["fields"][0]["spans"] = [[90, 99]]
        (record,) = records([out])
        assert record.notes[0].startswith("the meta was changed in Label Studio")
        assert isinstance(record.document, dict)
        assert fields(record.document["events"][0], "name", "spans") == [("where", [[18, 23]])]

    def test_importing_the_same_file_twice_adds_nothing(self, connection: sqlite3.Connection) -> None:
        for _ in range(2):
            report = ImportReport()
            import_source(connection, source([task(PREDICTED, annotation(PREDICTED))]), report, FORMAT)
        assert (report.documents, report.events) == (0, 0)


class TestWriting:
    def test_extracted_events_become_predictions_and_accepted_ones_annotations(self) -> None:
        document = {"id": "a", "text": TEXT, "events": []}
        field = {"name": "where", "value": "LESNA", "extracted": "Lesna", "spans": [[18, 23]], "state": "corrected"}
        event = {"type": "attack", "extractor": "m", "confidence": 0.5, "fields": [field]}
        document["events"] = [
            {"id": "1", "status": "corrected", "reviewer": "ana", "decided_at": "2025-03-01", **event},
            {"id": "2", "status": "rejected", "reviewer": "ana", **event},
            {"id": "3", "status": "pending", **event},
        ]
        (out,) = write(document)
        (prediction,) = out["predictions"]
        assert (prediction["model_version"], prediction["score"]) == ("m", 0.5)
        heads = [item for item in prediction["result"] if item.get("from_name") == "event"]
        assert len(heads) == 3
        assert heads[0]["value"] == {"start": 19, "end": 24, "text": "Lesna", "labels": ["attack"]}
        (of_ana,) = out["annotations"]
        assert [item["value"].get("text") for item in of_ana["result"] if "value" in item] == [
            "Lesna",
            "Lesna",
            ["LESNA"],
        ]
        (gold,) = write(document | {"events": [document["events"][0]]}, reviewed=True)
        assert (gold["predictions"], len(gold["annotations"])) == ([], 1)

    @given(st.lists(reviewed(), max_size=2), st.lists(_tasks, max_size=1))
    @settings(max_examples=60)
    def test_the_configuration_has_every_control_label_and_choice(self, drawn: list[Json], tasks: list[Json]) -> None:
        originals = drawn + read(*tasks)
        root = config(*originals)
        objects = {item.get("name") for item in root.iter() if (item.get("value") or "").startswith("$")}
        controls = {item.get("name"): item for item in root.iter() if item.get("toName")}
        for owner in (owner for whole in write(*originals) for owner in _owners_of(whole)):
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

    def test_special_characters_in_names_are_escaped(self) -> None:
        field = {"name": 'a"<b>&\n\0', "value": "x"}
        document = {"id": "a", "text": "x", "events": [{"id": "e", "type": "t&<\">'", "fields": [field]}]}
        root = config(document)
        assert [item.get("value") for item in root.iter("Choice")] == ["t&<\">'"]
        assert 'field.a"<b>&\n\ufffd' in {item.get("name") for item in root.iter("TextArea")}

    def test_no_documents_give_an_empty_array(self) -> None:
        assert write() == []
        assert config().tag == "View"


def _owners_of(whole: Json) -> Iterable[Json]:
    for key in ("predictions", "annotations", "completions"):
        owners = whole.get(key)
        for owner in owners if isinstance(owners, list) else ():
            if isinstance(owner, dict) and isinstance(owner.get("result"), list):
                yield owner
