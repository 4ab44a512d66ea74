"""brat: reading folders of .txt and .ann, writing them, and merging what was edited in brat."""

import io
import json
import re
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import documents, exported, without_review
from support.shared_data import shared

from db.errors import InputError
from db.formats.brat.ann import parse_ann
from db.formats.brat.conf import UsedTypes
from db.formats.brat.events import document_of_ann
from db.formats.brat.format import FORMAT
from db.formats.brat.writing import is_current, without_defaults, write_ann
from db.formats.format import Confidence, Export, ReadOptions, Source
from db.formats.registry import detect_format
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document

TEXT = "Lesna Rail bought Orla Works and Orla Ports on Monday, the Border Post reported.\n"
ANN = """\
T1\tOrganization 0 10\tLesna Rail
T2\tBuy 11 17\tbought
T3\tOrganization 18 28\tOrla Works
T4\tOrganization 18 22;33 43\tOrla Orla Ports
E1\tBuy:T2 Buyer:T1 Bought:T3 Bought2:T4
T5\tOrganization 55 70\tthe Border Post
T6\tReport 71 79\treported
E2\tReport:T6 Reporter:T5 What:E1
A1\tCertainty E1 High
A2\tNamed T1
M1\tNegation E2
N1\tReference T1 Registry:4711\tLesna Rail plc
R1\tOwner Arg1:T1 Arg2:T3\t
*\tAlias T3 T4
T7\tDate 47 53\tMonday
#1\tAnnotatorNotes E1\tone purchase or two?
#2\tAnnotatorNotes T7\twhich one?
#3\tAnnotatorNotes A1\twhy so sure?
"""


def folder(path: Path, **files: str) -> Path:
    for name, content in files.items():
        stem, _, suffix = name.rpartition("_")
        (path / f"{stem}.{suffix}").write_bytes(content.encode())
    return path


def read(path: Path, options: ReadOptions = ReadOptions()) -> list[Any]:  # noqa: B008 (frozen)
    assert FORMAT.read
    if path.is_dir():
        return list(FORMAT.read(Source(str(path), None, path), options))
    with path.open("rb") as stream:
        return list(FORMAT.read(Source(str(path), stream, path), options))


def write(path: Path, *documents_: dict[str, Any], reviewed: bool = False) -> Path:
    assert FORMAT.write_folder
    for name, content in FORMAT.write_folder(Export(lambda: iter(documents_), reviewed=reviewed)):
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content)
    return path


def the_document(path: Path) -> dict[str, Any]:
    (record,) = read(path)
    assert not isinstance(record.document, InputError), record.document
    return record.document


def by_id(document: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {event["id"]: event for event in document["events"]}


def values(event: dict[str, Any]) -> list[tuple[str, Any]]:
    return [(field["name"], field["value"]) for field in event["fields"]]


@pytest.fixture
def bought(tmp_path: Path) -> dict[str, Any]:
    return the_document(folder(tmp_path, a_txt=TEXT, a_ann=ANN))


def test_an_event_has_its_trigger_roles_and_attributes_as_fields(bought: dict[str, Any]) -> None:
    event = by_id(bought)["E1"]
    assert event["type"] == "Buy"
    assert values(event) == [
        ("trigger", "bought"),
        ("Buyer", "Lesna Rail"),
        ("Bought", "Orla Works"),
        ("Bought", "Orla Orla Ports"),
        ("Certainty", "High"),
    ]
    assert event["fields"][3]["spans"] == [[18, 22], [33, 43]]
    assert event["fields"][3]["brat"]["role"] == "Bought2"
    assert event["note"] == "one purchase or two?"


def test_nested_events_refer_to_each_other(bought: dict[str, Any]) -> None:
    outer, inner = by_id(bought)["E2"], by_id(bought)["E1"]
    what = outer["fields"][2]
    assert (what["name"], what["value"], what["spans"], what["brat"]["id"]) == ("What", "bought", [[11, 17]], "E1")
    assert inner["brat"]["argument_of"] == ["What of E2"]
    assert ("Negation", True) in values(outer)


def test_relations_equivalences_and_unreferenced_entities_become_events(bought: dict[str, Any]) -> None:
    events = by_id(bought)
    assert values(events["R1"]) == [("Arg1", "Lesna Rail"), ("Arg2", "Orla Works")]
    assert values(events["*Alias:T3,T4"]) == [("member", "Orla Works"), ("member", "Orla Orla Ports")]
    assert values(events["entities"]) == [("Date", "Monday")]
    assert events["entities"]["fields"][0]["brat"]["notes"][0]["text"] == "which one?"


def test_every_line_survives_the_round_trip(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    out = write(tmp_path / "out", the_document(tmp_path))
    assert sorted((out / "a.ann").read_text().splitlines()) == sorted(ANN.splitlines())
    assert (out / "a.txt").read_text() == TEXT
    assert not (out / "a.eventdesk.json").exists()


def test_invalid_lines_are_kept_and_noted(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann="T1 Organization 0 10 Lesna Rail\nT2\tDate 47 53\tMonday\nT2\tDate 0 1\tL\n")
    (record,) = read(tmp_path)
    assert [note.split(":")[1].strip() for note in record.notes] == ["line 1", "line 3"]
    out = write(tmp_path / "out", record.document)
    assert len((out / "a.ann").read_text().splitlines()) == 3


def test_a_dangling_reference_is_kept_and_noted(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann="T2\tBuy 11 17\tbought\nE1\tBuy:T2 Buyer:T9\n")
    (record,) = read(tmp_path)
    assert "Buyer refers to T9, which doesn't exist" in record.notes[0]
    assert ("Buyer", "T9") in values(record.document["events"][0])
    assert "Buyer:T9" in (write(tmp_path / "out", record.document) / "a.ann").read_text()


def test_a_span_outside_the_text_is_a_field_without_evidence(tmp_path: Path) -> None:
    ann = "T1\tPlace 900 905\tNymwe\n"
    folder(tmp_path, a_txt=TEXT, a_ann=ann)
    (record,) = read(tmp_path)
    (field,) = record.document["events"][0]["fields"]
    assert field["value"] == "Nymwe"
    assert field["grounding"] == "none"
    assert "spans" not in field
    assert record.notes
    assert (write(tmp_path / "out", record.document) / "a.ann").read_text() == ann


def test_offsets_are_adjusted_for_line_ends_and_a_byte_order_mark(tmp_path: Path) -> None:
    text = "Lesna\r\nOrla, a port of many ships\r\nBoth trade\r\n"
    ann = "T1\tPlace 0 5\tLesna\nT2\tPlace 6 10\tOrla\nT3\tWhat 33 37\tBoth\n"  # counted with LF line ends
    (tmp_path / "a.txt").write_bytes(b"\xef\xbb\xbf" + text.encode())
    (tmp_path / "a.ann").write_text(ann)
    (record,) = read(tmp_path)
    fields = record.document["events"][0]["fields"]
    assert [record.document["text"][slice(*field["spans"][0])] for field in fields] == ["Lesna", "Orla", "Both"]
    assert record.notes


def test_byte_offsets_are_detected_by_the_quotes(tmp_path: Path) -> None:
    text = "Żółw i Łoś: Orla, Lesna"
    start = len(text[: text.index("Orla")].encode())
    folder(
        tmp_path, a_txt=text, a_ann=f"T1\tPlace {start} {start + 4}\tOrla\nT2\tPlace {start + 6} {start + 11}\tLesna\n"
    )
    (record,) = read(tmp_path)
    assert [field["spans"] for field in record.document["events"][0]["fields"]] == [[[12, 16]], [[18, 23]]]
    assert record.notes


def test_a_single_ann_is_read_with_its_text(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN, b_txt="x")
    assert the_document(tmp_path / "a.ann")["id"] == "a"


def test_an_ann_without_its_text_is_an_error_of_that_document_only(tmp_path: Path) -> None:
    folder(tmp_path, a_ann=ANN, b_txt=TEXT, b_ann="")
    first, second = read(tmp_path)
    assert str(first.document) == "a.txt is missing; it must hold the text of a.ann, in the same folder"
    assert second.document["events"] == []


def test_documents_in_subfolders_are_named_by_their_path(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    folder(tmp_path / "inner", a_txt=TEXT, a_ann=ANN)
    assert the_document(tmp_path)["id"] == "inner/a"
    out = write(tmp_path / "out", the_document(tmp_path))
    assert (out / "inner" / "a.ann").exists()


def test_a1_and_a2_files_are_read_together(tmp_path: Path) -> None:
    folder(
        tmp_path,
        a_txt=TEXT,
        a_a1="T1\tOrganization 0 10\tLesna Rail\n",
        a_a2="T2\tBuy 11 17\tbought\nE1\tBuy:T2 Buyer:T1",
    )
    assert values(by_id(the_document(tmp_path))["E1"]) == [("trigger", "bought"), ("Buyer", "Lesna Rail")]


def test_a_folder_is_recognised_by_its_files_and_a_file_by_its_lines(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    assert detect_format(Source(str(tmp_path), None, tmp_path)).name == "brat"
    with (tmp_path / "a.ann").open("rb") as stream:
        assert detect_format(Source("notes", stream)).name == "brat"
    assert FORMAT.recognise(Source("x.jsonl", io.BytesIO(b'{"text": "T1\\tLabel 0 1\\tx"}'))) is Confidence.NO


@given(st.binary(max_size=200) | st.text(alphabet="TERAN*#1 \t:;0\n-").map(str.encode))
def test_recognising_arbitrary_bytes_raises_nothing(head: bytes) -> None:
    assert isinstance(FORMAT.recognise(Source("a.ann", io.BytesIO(head))), Confidence)


def test_corrections_are_written_and_rejected_events_are_not(tmp_path: Path, connection: sqlite3.Connection) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    document = the_document(tmp_path)
    events = by_id(document)
    events["E1"] |= {"status": "corrected", "reviewer": "ana"}
    events["E1"]["fields"][1] |= {"value": "Orla", "spans": [[18, 22]], "state": "corrected", "extracted": "Lesna Rail"}
    events["E1"]["fields"][2]["state"] = "removed"
    events["E2"] |= {"status": "rejected", "reason": "duplicate"}
    out = write(tmp_path / "out", document)
    lines = parse_ann((out / "a.ann").read_text()).by_id
    assert "E2" not in lines
    corrected = document_of_ann(TEXT, (out / "a.ann").read_text())
    assert values(by_id(corrected)["E1"])[:3] == [
        ("trigger", "bought"),
        ("Buyer", "Orla"),
        ("Bought", "Orla Orla Ports"),
    ]
    assert str(lines["T1"]) == "T1\tOrganization 0 10\tLesna Rail"  # R1 still refers to it
    assert the_document(out) == document


def test_editing_one_event_in_brat_changes_only_that_event(tmp_path: Path) -> None:
    document = {
        "id": "report/1?", "title": "Trade", "text": TEXT, "run": 7, "events": [
            {"id": "x", "type": "buy", "extractor": "m", "confidence": 0.5, "fields": [
                {"name": "buyer", "value": "LESNA", "spans": [[0, 5]], "group": "g:1"}, {"name": "price", "value": 7}]},
            {"id": "y", "type": "say", "extractor": "m", "fields": [
                {"name": "by", "value": "Border", "spans": [[59, 65]]}]},
            {"id": "z", "type": "quarrel", "fields": [{"name": "about", "value": None}]},
        ],
    }  # fmt: skip
    out = write(tmp_path, document)
    assert the_document(out) == document
    (path,) = out.glob("*.ann")
    lines = path.read_text()
    assert "#1\tValue T2\tLESNA" in lines
    assert "price E1\t7" in lines
    path.write_text(lines.replace("by:T4", "by:T4 by2:T2"))
    edited = by_id(the_document(out))
    assert edited["x"] == document["events"][0]  # type: ignore[index]
    assert edited["z"] == document["events"][2]  # type: ignore[index]
    assert ("by", "LESNA") in values(edited["y"])
    assert edited["y"]["extractor"] == "m"


def test_an_invalid_sidecar_is_ignored_and_noted(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    for content in (
        "{",
        "[]",
        '{"eventdesk": 1, "document": {}, "events": []}',
        '{"eventdesk": 1, "document": {"events": [3]}, "events": [null]}',
        "[" * 5000,
    ):
        (tmp_path / "a.eventdesk.json").write_text(content)
        (record,) = read(tmp_path)
        assert any("ignored a.eventdesk.json" in note for note in record.notes)
        assert "E1" in by_id(record.document)


def test_annotation_conf_lists_all_types_in_use(tmp_path: Path) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    conf = (write(tmp_path / "out", the_document(tmp_path)) / "annotation.conf").read_text()
    assert "[entities]\nDate\nOrganization\n" in conf
    assert "Buy\tBought*:<ANY>, Buyer*:<ANY>\n" in conf
    assert "Owner\tArg1:<ANY>, Arg2:<ANY>\n" in conf
    assert "Alias\tArg1:<ANY>, Arg2:<ANY>, <REL-TYPE>:symmetric-transitive\n" in conf
    assert "Certainty\tArg:<ANY>, Value:High\nNamed\tArg:<ANY>\nNegation\tArg:<ANY>\n" in conf


def test_ids_that_are_not_file_names_get_unique_safe_names(tmp_path: Path) -> None:
    ids = ["../../x", "a/b", "A/B", "", "x" * 300, "nul\0", "http://x.org/?a=1", ".hidden", "x.txt"]
    out = write(tmp_path / "out", *({"id": id_, "text": "t", "events": []} for id_ in ids))
    assert all(path.resolve().is_relative_to(out) for path in out.rglob("*"))
    assert {record.document["id"] for record in read(out)} == set(ids)


@given(st.lists(documents(), max_size=2))
def test_any_document_survives_the_round_trip(tmp_path_factory: pytest.TempPathFactory, drawn: list[Any]) -> None:
    originals = [document | {"id": f"d{n}"} for n, document in enumerate(drawn)]
    out = write(tmp_path_factory.mktemp("brat"), *originals)
    assert [record.document for record in read(out)] == originals if originals else True


@given(documents())
def test_the_ann_alone_holds_every_field_with_evidence(document: dict[str, Any]) -> None:
    text = document["text"]
    ann = write_ann(document, text, UsedTypes())[0]
    reread = document_of_ann(text, ann)
    assert parse_ann(ann).faults == []
    expected, found = ([
        (
            event["type"],
            re.sub(r"\W+", "_", field["name"], flags=re.ASCII),
            "".join(text[slice(*span)] for span in field["spans"]),
        )
        for event in side["events"] for field in event["fields"] if field.get("spans")
    ] for side in (document, reread))  # fmt: skip
    for type_, name, evidence in expected:
        one_line = "".join(evidence.splitlines())
        assert not one_line or (type_, name, one_line) in found


_ids = st.integers(1, 6)


@st.composite
def anns(draw: st.DrawFn) -> str:
    """Draw the lines of an .ann file for a text of twenty characters."""
    lines = []
    for n in range(1, draw(_ids) + 1):
        start = draw(st.integers(0, 17))
        end = draw(st.integers(start + 1, 18))
        fragments = f"{start} {end};{end + 1} {end + 2}" if draw(st.booleans()) else f"{start} {end}"
        lines.append(
            f"T{n}\t{draw(st.sampled_from(['Buy', 'Place', 'a:b', 'Größe'])) if n > 1 else 'Buy'} {fragments}\t"
        )
    targets = st.sampled_from(["T1", "T2", "E1", "R1", "T9"])
    for n in range(1, draw(st.integers(1, 3))):
        roles = draw(st.lists(st.sampled_from(["By", "By2", "Of3", "trigger"]), max_size=3, unique=True))
        lines.append(f"E{n}\tBuy:T1" + "".join(f" {role}:{draw(targets)}" for role in roles))
    if draw(st.booleans()):
        lines.append(f"R1\tOwner Arg1:{draw(targets)} Arg2:{draw(targets)}\t")
    if draw(st.booleans()):
        lines.append("*\tAlias T1 T2")
    for n in range(1, draw(_ids)):
        kind = draw(
            st.sampled_from(["A{} Sure {} High", "M{} Not {}", "N{} Ref {} db:7 x\ty", "#{} AnnotatorNotes {} say"])
        )
        id_, type_, *rest = kind.format(n, draw(targets)).split(" ")
        lines.append(
            f"{id_}\t{type_} {rest[0]}"
            + (f"\t{' '.join(rest[1:])}" if id_[0] == "#" else "".join(f" {r}" for r in rest[1:]))
        )
    return "\n".join(lines) + "\n"


@given(anns())
def test_any_ann_survives_the_round_trip(ann: str) -> None:
    text = "abcdefghij klmnopqrs"
    whole = []
    for line in ann.splitlines():
        item = parse_ann(line).by_id
        bound = next(iter(item.values()), None)
        fragments = getattr(bound, "fragments", ())
        whole.append(line + " ".join(text[start:end] for start, end in fragments))
    ann = "\n".join(whole) + "\n"
    read_ = document_of_ann(text, ann)
    written = write_ann({"id": "d", **read_}, text, UsedTypes())[0]
    before, after = parse_ann(ann), parse_ann(written)
    assert after.by_id == before.by_id
    assert sorted(after.other) == sorted(before.other)


def test_a_folder_survives_import_and_export(tmp_path: Path, connection: sqlite3.Connection) -> None:
    folder(tmp_path, a_txt=TEXT, a_ann=ANN)
    report = ImportReport()
    import_source(connection, Source(str(tmp_path), None, tmp_path), report)
    assert report.refused == 0
    out = write(tmp_path / "out", *exported(connection))
    assert sorted((out / "a.ann").read_text().splitlines()) == sorted(ANN.splitlines())
    assert without_review([the_document(out)]) == without_review(exported(connection))


def test_real_files_survive_the_round_trip_byte_for_byte(tmp_path: Path) -> None:
    path = shared("formats/brat")
    records = read(path)
    assert all(isinstance(record.document, dict) and not record.notes for record in records)
    out = write(tmp_path / "out", *(record.document for record in records))
    for written in sorted(out.glob("*.*")):
        if written.suffix in (".txt", ".ann"):
            assert written.read_bytes() == (path / written.name).read_bytes()
    spans = [
        (field["value"], " ".join(document["text"][start:end] for start, end in field["spans"]))
        for document in (record.document for record in records)
        for event in document["events"]
        for field in event["fields"]
        if field.get("spans")
    ]
    assert len(spans) > 100
    assert all(value == text for value, text in spans)
    assert json.dumps([without_defaults(record.document) for record in records])
    assert all(is_current(event) for record in records for event in record.document["events"])


_pieces = st.sampled_from(
    [
        *ANN.splitlines(),
        "T8\tX 9 3\t",
        "E9\tX:E9 A:E9",
        "E3\tB:T2 a:E1 1:T1",
        "R3\tO Arg1:R1 Arg1:E2",
        "*\tA E1",
        "A9\tS E9",
    ]
)


@given(st.lists(_pieces | st.text("TERAN*#129\t :;x\n", max_size=20), max_size=9))
def test_any_lines_give_a_valid_document_that_can_be_written(lines: list[str]) -> None:
    document = {"id": "d", "text": TEXT, **document_of_ann(TEXT, "\n".join(lines))}
    del document["notes"]
    parse_document(document)
    reread = document_of_ann(TEXT, write_ann(document, TEXT, UsedTypes())[0])
    assert {event["id"] for event in reread["events"]} <= {event["id"] for event in document["events"]}
