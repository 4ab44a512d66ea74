"""Tasks of Label Studio, and how tests read and write them."""

import json
from typing import Any
from xml.etree import ElementTree

from db.formats.format import Export, Record, Source
from db.formats.label_studio.format import FORMAT
from support.formats import read_records, source_of, valid_documents, write_bytes

Json = dict[str, Any]

TEXT = "😀 Rebels attacked Lesna, Ana Lee of the Red Cross said."


def span(id_: str, label: str, quote: str, text: str = TEXT, **more: Any) -> Json:
    """Return a region of a text, with offsets in UTF-16 units as in Label Studio."""
    start = len(text[: text.index(quote)].encode("utf-16-le")) // 2
    end = start + len(quote.encode("utf-16-le")) // 2
    value = {"start": start, "end": end, "text": quote, "labels": [label]}
    return {"id": id_, "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def relation(source: str, target: str, *labels: str) -> Json:
    ends = {"from_id": source, "to_id": target, "type": "relation", "direction": "right"}
    return ends | ({"labels": list(labels)} if labels else {})


def attribute(name: str, kind: str, value: Json, id_: str = "c") -> Json:
    return {"id": id_, "from_name": name, "to_name": "text", "type": kind, "value": value}


PREDICTED = [
    span("r1", "Attack", "attacked", score=0.75),
    span("r2", "Person", "Rebels"),
    span("r3", "Place", "Lesna"),
    relation("r1", "r2", "attacker"),
    relation("r1", "r3", "location"),
    span("r4", "Person", "Ana Lee", score=0.5),
    attribute("urgency", "choices", {"choices": ["high", "today"]}),
]


def task(predicted: list[Json] | None = None, *annotations: Json, **more: Any) -> Json:
    predictions = [] if predicted is None else [{"id": 3, "model_version": "m1", "score": 0.25, "result": predicted}]
    return {"id": 7, "data": {"text": TEXT}, "predictions": predictions, "annotations": list(annotations), **more}


def annotation(result: list[Json], **more: Any) -> Json:
    annotator = {"id": 2, "email": "ana@example.org", "first_name": "", "last_name": ""}
    return {
        "id": 11,
        "completed_by": annotator,
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
    return source_of(content if isinstance(content, bytes) else json.dumps(content), name)


def records(content: object) -> list[Record]:
    data = content if isinstance(content, bytes) else json.dumps(content)
    return read_records(FORMAT, data, "tasks.json")


def read(*tasks: Json) -> list[Json]:
    return valid_documents(records(list(tasks)))


def events(predicted: list[Json] | None = None, *annotations: Json) -> list[Json]:
    """Return the events of the only document of a task."""
    (document,) = read(task(predicted, *annotations))
    return list(document["events"])


def write(*documents: Json, **options: Any) -> list[Json]:
    return list(json.loads(write_bytes(FORMAT, *documents, **options)))


def config(*documents: Json) -> ElementTree.Element:
    """Return the labelling configuration for documents."""
    (companion,) = FORMAT.companions
    assert companion.suffix == ".config.xml"
    return ElementTree.fromstring(b"".join(companion.write(Export(lambda: iter(documents)))))


def fields(event: Json, *keys: str) -> list[tuple[Any, ...]]:
    """Return the names and values of fields, or what is under other keys."""
    return [tuple(field.get(key) for key in keys or ("name", "value")) for field in event["fields"]]
