"""Label Studio's own SDK accepts the tasks and configurations that eventdesk writes; needs label-studio-sdk."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.builders import ARTICLE, LATER, documents

from db.formats.format import Export, ReadOptions, Source
from db.formats.label_studio.format import FORMAT

pytest.importorskip("label_studio_sdk", reason="needs label-studio-sdk")

from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

Json = dict[str, Any]

EMOJI: Json = {
    "id": "report-3",
    "text": "😀 Forty crossed at Lesna 🇺🇦, said Ana.",
    "events": [
        {
            "id": "report-3/1",
            "type": "prisoner_exchange",
            "extractor": "rules",
            "confidence": 0.75,
            "fields": [
                {"name": "total", "value": 40, "group": "a:1", "spans": [[2, 7]], "modifier": "about"},
                {"name": "location", "value": "Lesna", "spans": [[19, 24], [31, 35]]},
                {"name": "open", "value": True},
                {"name": "note", "value": 'of "both" & all'},
            ],
        }
    ],
}
DECIDED = {"status": "confirmed", "reviewer": "ana", "decided_at": "2025-03-01T10:00:00Z"}


def decided(document: Json, **review: Any) -> Json:
    events = [event | (review or DECIDED) for event in document["events"]]
    return document | {"events": events}


def written(*documents_: Json) -> tuple[list[Json], str, bytes]:
    export = Export(lambda: iter(documents_))
    assert FORMAT.write
    content = b"".join(FORMAT.write(export))
    (companion,) = FORMAT.companions
    return json.loads(content), b"".join(companion.write(export)).decode(), content


def accepts(*documents_: Json) -> None:
    tasks, config, _ = written(*documents_)
    interface = LabelInterface(config)
    interface.validate()
    for task in tasks:
        assert all(item.value_name in task["data"] for item in interface.objects)
        for prediction in task["predictions"]:
            assert interface.validate_prediction(prediction, return_errors=True) == []
        for annotation in task["annotations"]:
            assert interface.validate_annotation(annotation)


def test_the_sdk_accepts_tasks_and_their_configuration() -> None:
    accepts(ARTICLE, decided(LATER), decided(EMOJI), decided(ARTICLE | {"id": "x"}, status="rejected", reviewer="bo"))


@given(st.lists(documents(), max_size=2), st.sampled_from([DECIDED, {"status": "pending"}]))
@settings(max_examples=50)
def test_the_sdk_accepts_any_documents(originals: list[Json], review: Json) -> None:
    accepts(*(decided(document, **review) for document in originals))


def test_the_converter_to_conll_labels_the_right_words(tmp_path: Path) -> None:
    _, config, content = written(decided(EMOJI))
    (tmp_path / "tasks.json").write_bytes(content)
    Converter(config, str(tmp_path)).convert_to_conll2003(str(tmp_path / "tasks.json"), str(tmp_path), is_dir=False)
    lines = [line.split() for line in (tmp_path / "result.conll").read_text().splitlines()[1:] if line]
    assert ("Forty", "O") not in {(line[0], line[-1]) for line in lines}


@pytest.mark.parametrize("kind", ["json", "csv", "tsv"])
def test_flat_exports_of_the_converter_are_read(tmp_path: Path, kind: str) -> None:
    _, config, content = written(decided(EMOJI), LATER)
    (tmp_path / "tasks.json").write_bytes(content)
    converter = Converter(config, str(tmp_path))
    if kind == "json":
        converter.convert_to_json_min(str(tmp_path / "tasks.json"), str(tmp_path), is_dir=False)
    else:
        separator = "," if kind == "csv" else "\t"
        converter.convert_to_csv(str(tmp_path / "tasks.json"), str(tmp_path), is_dir=False, sep=separator)
    (path,) = tmp_path.glob("result.*")
    source = Source(path.name, io.BytesIO(path.read_bytes()))
    assert FORMAT.read
    records = list(FORMAT.read(source, ReadOptions()))
    first, second = (record.document for record in records)
    assert isinstance(first, dict)
    assert isinstance(second, dict)
    assert (first["text"], second["text"]) == (EMOJI["text"], LATER["text"])
    (event,) = first["events"]
    found = {(field["name"], field["value"]) for field in event["fields"]}
    assert {("prisoner_exchange", "Forty"), ("total", "Forty"), ("location", "Lesna")} <= found
