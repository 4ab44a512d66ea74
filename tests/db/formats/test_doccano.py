"""doccano: reading triples, entities, relations, labels and comments, and writing them without loss."""

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

from db.errors import InputError
from db.formats.doccano.format import FORMAT
from db.formats.format import Confidence, ReadOptions, Record, Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.json_stream import first_objects

TEXT = "Ann Lee founded Acme in Oslo."
OLD: dict[str, Any] = {"id": 3, "text": TEXT, "label": [[0, 7, "PERSON"], [16, 20, "ORG"]], "Comments": [], "row": 9}
NEW: dict[str, Any] = {
    "id": 4,
    "text": TEXT,
    "entities": [
        {"id": 10, "label": "PERSON", "start_offset": 0, "end_offset": 7},
        {"id": 11, "label": "ORG", "start_offset": 16, "end_offset": 20},
    ],
    "relations": [{"id": 1, "from_id": 11, "to_id": 10, "type": "foundedBy"}],
    "Comments": ["Which Ann?", "ours"],
}


def source(*examples: Any) -> Source:
    return source_of(json_lines(*examples))


def read(*examples: Any, **options: Any) -> list[Record]:
    return read_records(FORMAT, json_lines(*examples), **options)


def document(example: Any, **options: Any) -> dict[str, Any]:
    (record,) = read(example, **options)
    assert isinstance(record.document, dict), record.document
    return record.document


def plain(fields: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{key: value for key, value in field.items() if key != "doccano"} for field in fields]


def write(*documents_: dict[str, Any]) -> list[dict[str, Any]]:
    return write_lines(FORMAT, *documents_)


class TestReading:
    @pytest.mark.parametrize("key", ["label", "labels", "entities"])
    def test_triples_become_fields_named_after_their_labels(self, key: str) -> None:
        (event,) = document({"text": TEXT, key: OLD["label"]})["events"]
        assert plain(event["fields"]) == [
            {"name": "PERSON", "value": "Ann Lee", "spans": [[0, 7]]},
            {"name": "ORG", "value": "Acme", "spans": [[16, 20]]},
        ]

    def test_relations_become_groups_of_two_fields(self) -> None:
        (event,) = document(NEW)["events"]
        assert plain(event["fields"])[2:] == [
            {"name": "from", "value": "Acme", "group": "foundedBy:1", "spans": [[16, 20]]},
            {"name": "to", "value": "Ann Lee", "group": "foundedBy:1", "spans": [[0, 7]]},
        ]

    def test_comments_become_a_note_and_an_approver_confirms(self) -> None:
        (event,) = document(NEW | {"annotation_approver": "eva"})["events"]
        assert (event["note"], event["status"], event["reviewer"]) == ("Which Ann?\nours", "confirmed", "eva")

    def test_labels_of_the_text_become_fields(self) -> None:
        (event,) = document({"text": TEXT, "cats": ["founding"], "entities": [[0, 7, "PERSON"]]})["events"]
        assert [(field["name"], field["value"]) for field in event["fields"]] == [
            ("PERSON", "Ann Lee"),
            ("cats", "founding"),
        ]
        (event,) = document({"text": TEXT, "label": ["a", "b"]})["events"]
        assert [(field["name"], field["value"]) for field in event["fields"]] == [("label", "a"), ("label", "b")]

    def test_an_example_without_labels_becomes_a_document_without_events(self) -> None:
        assert document({"text": TEXT, "label": [], "meta": {"row": 2}})["events"] == []

    def test_only_the_example_without_text_is_skipped(self) -> None:
        bad, image, good = read({"label": [[0, 1, "PER"]]}, {"filename": "a.png", "label": ["x"]}, OLD)
        assert str(bad.document) == "has no text; add it or remove the example"
        assert str(image.document) == "has no text; eventdesk can't review images or sound"
        assert isinstance(good.document, dict)

    def test_indented_objects_are_read(self) -> None:
        content = b"".join(json.dumps(item, indent=4).encode() + b"\n" for item in (OLD, NEW))
        found = [record.document for record in read_records(FORMAT, content)]
        assert [item["text"] for item in found if isinstance(item, dict)] == [TEXT, TEXT]

    def test_a_later_export_of_an_example_updates_its_event(self) -> None:
        first, later = document(OLD), document(OLD | {"label": OLD["label"][:1]})
        assert first["events"][0]["id"] == later["events"][0]["id"]
        assert document(OLD | {"text": TEXT + " So."})["id"] != first["id"]

    def test_labels_of_several_people_stay_apart_with_extractors(self, connection: sqlite3.Connection) -> None:
        for name in ("ana", "bo"):
            import_source(connection, source(OLD), ImportReport(), FORMAT, ReadOptions(extractor=name))
        (whole,) = exported(connection)
        assert [event["extractor"] for event in whole["events"]] == ["ana", "bo"]

    def test_unreadable_items_are_kept_and_noted(self) -> None:
        example = NEW | {
            "entities": [*NEW["entities"], {"id": 12, "label": "X", "start_offset": 5, "end_offset": 5}, "odd"],
            "relations": [*NEW["relations"], {"id": 2, "from_id": 99, "to_id": 10, "type": "r"}],
        }
        (record,) = read(example)
        assert isinstance(record.document, dict)
        assert len(record.document["events"][0]["fields"]) == 4
        notes = " ".join(record.notes)
        assert "entities[3]" in notes
        assert "refer to unknown entities" in notes
        assert write(record.document) == [example]

    def test_byte_offsets_are_converted_on_request(self) -> None:
        (event,) = document({"text": "é Oslo", "label": [[3, 7, "GPE"]]}, offsets="bytes")["events"]
        assert plain(event["fields"]) == [{"name": "GPE", "value": "Oslo", "spans": [[2, 6]]}]


class TestRecognising:
    def test_examples_are_distinguished_from_other_objects(self) -> None:
        for example in (OLD, NEW, {"text": "a", "labels": [[0, 1, "x"]]}, {"label": [[0, 1, "x"]]}):
            assert FORMAT.recognise(source(example)) is Confidence.CERTAIN
        assert FORMAT.recognise(source({"text": "a", "label": ["x"]})) is Confidence.LIKELY
        assert FORMAT.recognise(source(ARTICLE)) is Confidence.NO
        assert FORMAT.recognise(source({"text": "a", "spans": [], "answer": "accept"})) is Confidence.NO
        assert FORMAT.recognise(source_of(json.dumps(NEW, indent=2))) is Confidence.CERTAIN

    @given(st.binary(max_size=60))
    def test_recognising_arbitrary_bytes_raises_nothing(self, data: bytes) -> None:
        FORMAT.recognise(source_of(data))
        FORMAT.recognise(source_of(b'{"text": 1, "label": [{}], "entities": [[1, 2, 3]], "labels": ' + data))


_scalars = st.one_of(st.none(), st.booleans(), st.integers(-3, len(TEXT)), st.sampled_from(["", "x", "Acme"]))
_anything = st.recursive(_scalars, lambda inner: st.lists(inner, max_size=3), max_leaves=6)
_offsets = st.integers(-1, len(TEXT))
_triples = st.one_of(st.tuples(_offsets, _offsets, _scalars).map(list), st.sampled_from(["x", "y"]), _anything)
_entities = st.fixed_dictionaries(
    {"start_offset": _offsets, "end_offset": _offsets},
    optional={"id": st.one_of(st.integers(0, 3), _scalars), "label": _scalars, "user": _scalars},
)
_relations = st.fixed_dictionaries(
    {"from_id": st.one_of(st.integers(0, 3), _anything), "to_id": st.integers(0, 3)},
    optional={"type": st.one_of(st.sampled_from(["in", "a:b"]), _scalars), "id": _scalars},
)
_examples = st.fixed_dictionaries(
    {"text": st.just(TEXT)},
    optional={
        "id": _scalars,
        "label": st.one_of(st.lists(_triples, max_size=3), _anything),
        "labels": st.lists(_triples, max_size=2),
        "cats": st.one_of(st.lists(_triples, max_size=2), _anything),
        "entities": st.one_of(st.lists(st.one_of(_entities, _triples), max_size=4), _anything),
        "relations": st.one_of(st.lists(st.one_of(_relations, _anything), max_size=3), _anything),
        "Comments": st.one_of(st.lists(_scalars, max_size=2), _anything),
        "annotation_approver": _scalars,
        "meta": _anything,
        "eventdesk": _anything,
    },
)


class TestRoundTrip:
    @given(st.lists(_examples, max_size=3))
    @settings(max_examples=100)
    def test_any_example_is_written_as_it_was_read(self, examples: list[dict[str, Any]]) -> None:
        found = [record.document for record in read(*examples) if isinstance(record.document, dict)]
        assert write(*found) == examples

    @given(documents())
    @settings(max_examples=100)
    def test_any_document_survives_the_round_trip(self, original: dict[str, Any]) -> None:
        assert merge_by_id(read(*write(original))) == [original]

    def test_examples_survive_import_and_export(self, connection: sqlite3.Connection) -> None:
        report = ImportReport()
        import_source(connection, source(OLD, NEW, {"text": "b", "label": []}), report)
        assert (report.documents, report.events, report.refusals) == (3, 2, [])
        assert write(*exported(connection)) == [OLD, NEW, {"text": "b", "label": []}]

    def test_a_decision_survives_and_names_the_approver(self) -> None:
        reviewed = document(NEW)
        reviewed["events"][0] |= {"status": "corrected", "reviewer": "dee", "decided_at": "2025-01-01T00:00:00.000Z"}
        (example,) = write(reviewed)
        assert example["annotation_approver"] == "dee"
        (reread,) = merge_by_id(read(example))
        keys = ("status", "reviewer", "decided_at")
        assert [reread["events"][0][key] for key in keys] == [reviewed["events"][0][key] for key in keys]

    def test_a_corrected_end_of_a_relation_becomes_an_entity(self) -> None:
        corrected = document(NEW)
        corrected["events"][0]["fields"][3] |= {"value": "Oslo", "spans": [[24, 28]]}
        (example,) = write(corrected)
        assert example["entities"][2] == {"id": 12, "label": "to", "start_offset": 24, "end_offset": 28}
        assert example["relations"] == [{"id": 1, "from_id": 11, "to_id": 12, "type": "foundedBy"}]

    def test_labels_changed_in_doccano_change_the_fields(self) -> None:
        (example,) = write(ARTICLE | {"events": ARTICLE["events"][:1]})
        changed = {**example, "id": 77, "label": [*example["label"][1:], [83, 96, "mediator"]]}
        (record,) = read(changed)
        assert isinstance(record.document, dict)
        assert (record.document["id"], record.document["events"][0]["id"]) == ("report-1", "report-1/1")
        names = [field["name"] for field in record.document["events"][0]["fields"]]
        assert names == ["total", "location", "count", "recipient", "mediator"]
        assert "changed since the export" in record.notes[-1]


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b'{"text": "a", "label": ' + b"[" * 5000, b"\xff\xfe", b"nul\0"])
def test_unreadable_files_give_only_errors(content: bytes) -> None:
    for record in read_records(FORMAT, content):
        assert isinstance(record.document, InputError)


REAL_FILES = {
    "export/relation_extraction": (1, 0, 10),
    "export/sequence_labeling": (3, 0, 4),
    "import/example": (2, 1, 1),
    "import/example_overlapping": (1, 0, 2),
    "import/relation_extraction": (1, 0, 10),
}


@pytest.mark.parametrize("name", REAL_FILES)
def test_real_examples_survive_import_and_export(name: str, connection: sqlite3.Connection) -> None:
    path = shared(f"formats/doccano/{name}.jsonl")
    report = ImportReport()
    with path.open("rb") as stream:
        import_source(connection, Source(path.name, stream, path), report)
    evidence = connection.execute("SELECT count(*) FROM evidence").fetchone()[0]
    assert (report.documents, report.refused, evidence) == REAL_FILES[name]
    expected = [item for item in first_objects(path.read_bytes()) if "text" in item]
    assert write(*exported(connection)) == expected


class TestOtherVersions:
    def test_texts_under_data_come_back_there(self) -> None:
        example = {"id": 7, "data": TEXT, "label": [[0, 7, "PERSON"]]}
        assert FORMAT.recognise(source(example)) is Confidence.CERTAIN
        read_document = document(example)
        assert read_document["text"] == TEXT
        assert write(read_document) == [example]

    @pytest.mark.parametrize(
        ("item", "field"),
        [
            ({"label": 2, "start_offset": 0, "end_offset": 7, "user": 1}, {"name": "PERSON", "value": "Ann Lee"}),
            ({"label": 3, "start_offset": 0, "end_offset": 7, "user": 1}, {"name": "3", "value": "Ann Lee"}),
            ({"label": 2, "user": 1}, {"name": "label", "value": "PERSON"}),
            ({"text": "Ann la fondis", "user": 1}, {"name": "label", "value": "Ann la fondis"}),
        ],
    )
    def test_old_exports_take_label_names_from_the_file_beside_them(
        self, tmp_path: Path, item: dict[str, Any], field: dict[str, Any]
    ) -> None:
        (tmp_path / "label_config.json").write_text('[{"id": 2, "text": "PERSON"}]')
        path = tmp_path / "project.json1"
        example = {"id": 1, "text": TEXT, "annotations": [item], "meta": {"page": 1}, "annotation_approver": "ana"}
        path.write_bytes(json_lines(example))
        assert FORMAT.read
        with path.open("rb") as stream:
            old = Source(str(path), stream, path)
            assert FORMAT.recognise(old) is Confidence.CERTAIN
            (record,) = FORMAT.read(old, ReadOptions())
        assert isinstance(record.document, dict)
        (event,) = record.document["events"]
        assert [(event["fields"][0]["name"], event["fields"][0]["value"])] == [(field["name"], field["value"])]
        assert event["reviewer"] == "ana"
        assert record.unread == ("key meta",)
        (again,) = read(*write(record.document))
        assert isinstance(again.document, dict)
        assert again.document["events"][0]["fields"] == event["fields"]

    def test_the_csv_of_a_classification(self) -> None:
        content = f'id,data,label\n1,"{TEXT}",war#peace\n2,Nothing,\n'
        assert FORMAT.recognise(source_of(content, "c.csv")) is Confidence.CERTAIN
        first, second = read_records(FORMAT, content)
        assert isinstance(first.document, dict)
        assert isinstance(second.document, dict)
        assert plain(first.document["events"][0]["fields"]) == [
            {"name": "label", "value": "war"},
            {"name": "label", "value": "peace"},
        ]
        assert (second.document["text"], second.document["events"]) == ("Nothing", [])
