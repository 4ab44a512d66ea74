"""LangExtract's own loader and visualiser can read the files that eventdesk writes; needs langextract."""

import io
import json
from pathlib import Path
from typing import Any

import pytest

from db.formats.format import Export, ReadOptions, Source
from db.formats.langextract.format import FORMAT

TEXT = "Russia handed over 757 bodies.\nUkraine gave 45 <b>on Friday</b> 🇺🇦, 14 February 2025."
DOCUMENTS: list[dict[str, Any]] = [
    {
        "id": "d1",
        "title": "Exchange",
        "text": TEXT,
        "events": [
            {
                "id": "e1",
                "type": "transfer",
                "extractor": "x",
                "confidence": 0.5,
                "fields": [
                    {"name": "giver", "value": "Russia", "spans": [[0, 6]], "group": "side:1"},
                    {"name": "count", "value": 757, "spans": [[19, 22], [23, 29]], "confidence": 0.7},
                    {"name": "place", "value": "Kursk"},
                    {"name": "date", "value": "2025-02-14", "spans": [[68, 84]], "grounding": "date"},
                ],
            },
            {"id": "e2", "type": "nothing", "fields": []},
        ],
    },
    {"id": "d2", "title": "A title alone", "events": []},
]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "out.jsonl"
    assert FORMAT.write
    path.write_bytes(b"".join(FORMAT.write(Export(lambda: iter(DOCUMENTS)))))
    return path


def test_langextract_loads_every_extraction_with_its_interval(written: Path) -> None:
    langextract = pytest.importorskip("langextract", reason="needs langextract, which is not installed")
    first, second = langextract.io.load_annotated_documents_jsonl(written, show_progress=False)
    assert (first.document_id, first.text, second.text) == ("d1", TEXT, "A title alone")
    found = {
        item.extraction_class: TEXT[item.char_interval.start_pos : item.char_interval.end_pos]
        for item in first.extractions
        if item.char_interval
    }
    assert found == {"giver": "Russia", "count": "757", "date": "14 February 2025"}
    assert {item.alignment_status.value for item in first.extractions if item.char_interval} == {"match_exact"}


def test_langextract_visualises_the_file(written: Path) -> None:
    langextract = pytest.importorskip("langextract", reason="needs langextract, which is not installed")
    shown = langextract.visualize(str(written))
    html = getattr(shown, "data", shown)
    assert html.count('<span class="lx-highlight') == 3
    assert "eventdesk_type" in html


def test_events_survive_being_saved_by_langextract(written: Path, tmp_path: Path) -> None:
    langextract = pytest.importorskip("langextract", reason="needs langextract, which is not installed")
    loaded = list(langextract.io.load_annotated_documents_jsonl(written, show_progress=False))
    langextract.io.save_annotated_documents(
        iter(loaded), output_dir=tmp_path, output_name="saved.jsonl", show_progress=False
    )
    data = (tmp_path / "saved.jsonl").read_bytes()
    assert FORMAT.read
    (first, _) = FORMAT.read(Source("saved.jsonl", io.BytesIO(data)), ReadOptions())
    assert isinstance(first.document, dict)
    assert json.loads(json.dumps(first.document["events"])) == DOCUMENTS[0]["events"]


def test_files_of_langextract_are_read_with_intervals_and_alignment(tmp_path: Path) -> None:
    langextract = pytest.importorskip("langextract", reason="needs langextract, which is not installed")
    data = langextract.data
    document = data.AnnotatedDocument(
        document_id="d",
        text=TEXT,
        extractions=[
            data.Extraction(
                "giver",
                "Russia",
                char_interval=data.CharInterval(0, 6),
                alignment_status=data.AlignmentStatus.MATCH_EXACT,
                attributes={"side": "invader"},
            ),
            data.Extraction("giver", "nobody"),
        ],
    )
    langextract.io.save_annotated_documents(
        iter([document]), output_dir=tmp_path, output_name="own.jsonl", show_progress=False
    )
    assert FORMAT.read
    stream = io.BytesIO((tmp_path / "own.jsonl").read_bytes())
    (record,) = FORMAT.read(Source("own.jsonl", stream), ReadOptions())
    assert isinstance(record.document, dict)
    texts = [event["fields"][0] for event in record.document["events"]]
    assert [(item["value"], item.get("spans"), item["grounding"]) for item in texts] == [
        ("Russia", [[0, 6]], "exact"),
        ("nobody", None, "none"),
    ]
