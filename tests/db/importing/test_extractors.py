"""Files that name no extractor are kept apart by their names; the same file, a release and an export are not."""

import json
import sqlite3
from io import BytesIO
from typing import Any

import pytest
from support.builders import in_memory
from support.taking import take

from db.exporting import export_documents
from db.formats.format import Export, Source
from db.formats.registry import detect_format
from db.importing.extractors import _name_among, _parts

TEXT = "Kyiv received 757 of 802 bodies on Friday."


def extractions(connection: sqlite3.Connection) -> dict[str, int]:
    return dict(connection.execute("SELECT extractor, count(*) FROM events GROUP BY extractor"))


def doccano(label: str) -> list[Any]:
    return [{"id": 1, "text": TEXT, "label": [[0, 4, label]], "Comments": []}]


def langextract(document_id: str, text: str = "757") -> list[Any]:
    at = TEXT.index(text)
    interval = {"start_pos": at, "end_pos": at + len(text)}
    item = {"extraction_class": "count", "extraction_text": text, "char_interval": interval, "attributes": {}}
    return [{"document_id": document_id, "text": TEXT, "extractions": [item | {"alignment_status": "match_exact"}]}]


def llm_json(place: str) -> list[Any]:
    return [{"id": "d1", "text": TEXT, "events": [{"event_type": "transfer", "place": place}]}]


def prodigy(label: str) -> list[Any]:
    span = {"start": 0, "end": 4, "label": label, "token_start": 0, "token_end": 0}
    return [{"text": TEXT, "spans": [span], "_input_hash": 7, "_task_hash": 8}]


def predictions(label: str) -> list[Any]:
    value = {"start": 0, "end": 4, "text": "Kyiv", "labels": [label]}
    result = {"id": "r1", "from_name": "label", "to_name": "text", "type": "labels", "value": value}
    return [{"id": 1, "data": {"text": TEXT}, "predictions": [{"result": [result]}], "annotations": []}]


def muc(place: str) -> str:
    slots = ("0.  MESSAGE: ID   DEV-MUC3-1", "1.  MESSAGE: TEMPLATE   1", f"3.  INCIDENT: LOCATION   {place}")
    return "\n".join((*slots, "4.  INCIDENT: TYPE   BOMBING", ""))


def table(attacks: int) -> str:
    return f"docid,doctext,attacks,remark\nd1,{TEXT},{attacks},none\n"


FILES = {
    "doccano": (doccano("place"), doccano("city")),
    "langextract": (langextract("doc_1a2b3c4d"), langextract("doc_5e6f7a8b", "802")),
    "llm-json": (llm_json("Kyiv"), llm_json("Lviv")),
    "prodigy": (prodigy("PLACE"), prodigy("CITY")),
    "label-studio": (predictions("place"), predictions("city")),
    "muc": (muc("PERU"), muc("CHILE")),
    "csv": (table(1), table(3)),
    "json rows": ([{"docid": "d1", "doctext": TEXT, "attacks": 1}], [{"docid": "d1", "doctext": TEXT, "attacks": 3}]),
}


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("kind", FILES)
def test_a_second_file_stands_beside_the_first(kind: str, several: bool) -> None:
    one, two = FILES[kind]
    with in_memory() as connection:
        take(connection, "ana.x", one, several)
        before = next(export_documents(connection))["events"][0]
        report = take(connection, "ben.x", two, several)
        assert (report.documents, report.events, report.updated) == (0, 1, 0)
        assert report.apart == {"ben.x": "ben"}
        assert len(extractions(connection)) == 2
        assert next(export_documents(connection))["events"][0] == before
        for name, content in (("ana.x", one), ("./ben.x", two)):
            again = take(connection, name, content, several)
            assert (again.events, again.updated, again.unchanged) == (0, 0, 1)


@pytest.mark.parametrize("kind", FILES)
def test_two_people_may_agree(kind: str) -> None:
    with in_memory() as connection:
        for name in ("ana.x", "ben.x", "chi.x", "ben.x"):
            take(connection, name, FILES[kind][0])
        assert sorted(extractions(connection).values()) == [1, 1, 1]


def test_files_of_one_command_get_their_names() -> None:
    with in_memory() as connection:
        for name in ("ana.jsonl", "ben.jsonl"):
            take(connection, name, doccano("place"), several=True)
        assert extractions(connection) == {"ana": 1, "ben": 1}


def test_a_named_extractor_makes_files_one() -> None:
    with in_memory() as connection:
        take(connection, "ana.jsonl", table(1), extractor="coder")
        report = take(connection, "ben.jsonl", table(3), extractor="coder")
        assert (report.events, report.updated, report.apart) == (0, 1, {})


def test_a_release_of_a_table_with_event_ids_updates_it_whatever_its_name() -> None:
    with in_memory() as connection:
        take(connection, "2024.csv", "event_id,place,deaths\n1,Kyiv,2\n2,Lviv,3\n")
        report = take(connection, "2025.csv", "event_id,place,deaths\n1,Kyiv,4\n2,Lviv,3\n")
        assert (report.events, report.updated, report.unchanged) == (0, 1, 1)
        assert report.by_field == {"deaths": {"changed": 1}}


def test_columns_and_keys_that_name_a_person_or_model_tell_extractions_apart() -> None:
    with in_memory() as connection:
        take(connection, "a.csv", "event_id,title,annotator,place\n1,x,ana,Kyiv\n2,x,ana,Lviv\n")
        take(connection, "b.csv", "event_id,title,annotator,place\n1,x,7,Kyiv\n2,x,7,Odesa\n")
        take(connection, "c.jsonl", [{**langextract("doc_1")[0], "model_id": "m-1"}])
        take(connection, "c.jsonl", [{**langextract("doc_1")[0], "model_id": "m-2"}])
        assert extractions(connection) == {"ana": 2, "7": 2, "m-1": 1, "m-2": 1}


def test_an_export_without_marks_is_no_other_extraction() -> None:
    with in_memory() as connection:
        take(connection, "ana.jsonl", [doccano("place")[0] | {"annotation_approver": "admin"}])
        source = Source("ana.jsonl", BytesIO(json.dumps(doccano("place")[0]).encode()))
        write = detect_format(source).write
        assert write
        data = b"".join(write(Export(lambda: export_documents(connection))))
        report = take(connection, "export.jsonl", data)
        assert (report.events, report.decisions, report.unchanged) == (0, 0, 1)


def test_files_of_two_folders_are_two() -> None:
    paths = ["ana/export.jsonl", "ben/export.jsonl", "x/ben/export.jsonl", "export.csv", "sqlite:ana.db:events"]
    assert list(map(_parts, paths)) == [
        ("ana", "export"), ("ben", "export"), ("x", "ben", "export"), ("export",), ("ana.db", "events")
    ]  # fmt: skip
    earlier = [_parts("ana/export.jsonl")]
    assert _name_among(_parts("ben/export.jsonl"), earlier) == ("ben/export", False)
    assert _name_among(_parts("/data/ana/export.jsonl"), earlier) == ("export", True)
    assert _name_among(_parts("x/ben/export.jsonl"), [*earlier, _parts("ben/export.jsonl")]) == ("ben/export", True)
    assert _parts("/dev/fd/63") == _parts("/dev/stdin") == ("standard input",)


def test_one_text_under_two_ids_is_one_document_on_request_and_where_ids_are_random() -> None:
    line = {"id": "a", "text": TEXT, "events": []}
    event = {"id": "b/1", "type": "transfer", "fields": [{"name": "n", "value": 757, "spans": [[14, 17]]}]}
    other = {"id": "b", "title": "Another title", "text": TEXT, "events": [event]}
    for same_text, documents in ((None, 2), (True, 1)):
        with in_memory() as connection:
            take(connection, "a.jsonl", [line])
            report = take(connection, "b.jsonl", [other], same_text=same_text)
            assert connection.execute("SELECT count(*) FROM documents").fetchone() == (documents,)
            assert report.events == 1
            if same_text:
                assert take(connection, "b.jsonl", [other], same_text=True).unchanged == 1
                assert "keeps its own title" in report.notes[0].reason
    with in_memory() as connection:  # within one file, and with the events of the same model
        report = take(connection, "run.jsonl", langextract("doc_1") + langextract("doc_2", "802"))
        assert (report.documents, report.events, report.same_text) == (1, 2, 1)
        report = take(connection, "run.jsonl", langextract("doc_3"))
        assert (report.documents, report.events, report.unchanged) == (0, 0, 1)
        report = take(connection, "run.jsonl", langextract("doc_3"), same_text=False)
        assert report.documents == 1


def test_a_run_is_no_part_of_the_identity() -> None:
    def line(run: str | None, value: int) -> list[Any]:
        event = {"id": "e1", "type": "transfer", "extractor": "ner", "fields": [{"name": "n", "value": value}]}
        return [{"id": "d", "text": TEXT, "events": [event | ({"run": run} if run else {})]}]

    with in_memory() as connection:
        take(connection, "a.jsonl", line("v1", 1))
        assert next(export_documents(connection))["events"][0]["run"] == "v1"
        report = take(connection, "b.jsonl", line(None, 2), run="v2")
        assert (report.events, report.updated) == (0, 1)
        assert report.by_field == {"n": {"changed": 1}, "run": {"changed": 1}}
        assert connection.execute("SELECT run, extractor FROM events").fetchall() == [("v2", "ner")]
        take(connection, "c.jsonl", line(None, 2))
        assert connection.execute("SELECT run FROM events").fetchone() == ("v2",)
        take(connection, "c.jsonl", line(None, 3))  # of a run that nobody named
        assert connection.execute("SELECT run FROM events").fetchone() == (None,)


def test_a_column_of_model_versions_is_a_run() -> None:
    with in_memory() as connection:
        take(connection, "monday.csv", "event_id,title,place,model_version\n1,x,Kyiv,v1\n2,x,Lviv,v1\n")
        report = take(connection, "tuesday.csv", "event_id,title,place,model_version\n1,x,Kyiv,v2\n2,x,Odesa,v2\n")
        assert (report.events, report.updated) == (0, 2)
        assert connection.execute("SELECT DISTINCT run FROM events").fetchall() == [("v2",)]
