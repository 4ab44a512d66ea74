"""Makes tasks of the flat exports of Label Studio, JSON-MIN and CSV: an annotation a record, beside the task's data."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.label_studio.texts import Json, is_dialogue, is_text
from db.formats.shared.annotated_text import objects_in
from db.io.json_lines import parse_json
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES

_OF_ANNOTATION = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
_TELLING = frozenset(("annotation_id", "annotator", "lead_time"))
_OF_TASK = ("id", *_OF_ANNOTATION)
_DATA = "_data_"  # before the name of a column of the data that a control has too
_TRANSCRIPT = "_transcript"
# What a column of a CSV file is mostly called that is of the data and no choice of an annotator.
_NO_CHOICES = (
    "id", "uri", "url", "link", "path", "file", "name", "title", "date", "time", "source", "author", "publisher",
    "published", "language", "lang", "text", "body", "content", "html", "meta",
)  # fmt: skip
_LONGEST_CHOICE = 60


def is_flat(record: Json) -> bool:
    """Whether a record is one of JSON-MIN."""
    return record.keys() >= _TELLING and "data" not in record


def is_header(head: bytes) -> bool:
    """Whether a file begins with the header of a CSV or TSV export."""
    line = head.removeprefix(BOM).lstrip().partition(b"\n")[0]
    if line[:1] in (b"{", b"["):
        return False
    names = {name.strip().strip(b'"') for name in line.replace(b"\t", b",").split(b",")}
    return names >= {name.encode() for name in _TELLING}


def task_of_record(record: Json) -> Json:
    """The task of a record of JSON-MIN."""
    stated = _after_data(record)
    data: Json = {}
    results: list[Json] = []
    for key, value in record.items():
        if key in _OF_ANNOTATION or (key == "id" and type(value) is int):
            continue
        made = _results(key, value, key in stated)
        if made is None:
            data[key] = value
        else:
            results += made
    return _task(record, data, results)


def rows(text: io.TextIOBase) -> Iterator[tuple[int, Json | InputError]]:
    """The records of a CSV or TSV export as tasks, with their lines."""
    reader = csv.reader(_bounded(text), "excel-tab" if "\t" in _first(text) else "excel", strict=True)
    try:
        header = next(reader, [])
        for row in reader:
            line = reader.line_num
            if not row:
                continue
            if len(row) != len(header):
                yield line, InputError(f"has {len(row)} cells, the header {len(header)}; mend the row")
                continue
            yield line, _task_of_row(dict(zip(header, row, strict=True)))
    except csv.Error as error:
        yield reader.line_num, InputError(f"not CSV: {error}; what comes after it is not read")


def _first(text: io.TextIOBase) -> str:
    line = text.readline(MAX_DOCUMENT_BYTES)
    text.seek(0)
    return line


def _bounded(text: io.TextIOBase) -> Iterator[str]:
    csv.field_size_limit(MAX_DOCUMENT_BYTES)
    while line := text.readline(MAX_DOCUMENT_BYTES):
        yield line


def _task_of_row(row: Json) -> Json:
    data: Json = {}
    results: list[Json] = []
    for key, cell in row.items():
        if key in _OF_TASK or (key.endswith(_TRANSCRIPT) and key.removesuffix(_TRANSCRIPT) in row):
            continue
        value: Any = cell
        if cell[:1] in ("[", "{"):
            try:
                value = parse_json(cell.encode())
            except (InputError, UnicodeEncodeError):
                value = cell
        made = _results(key, value, (value is cell and _may_be_choice(key, cell)) or f"{_DATA}{key}" in row)
        if made is None:
            if cell:
                data[key.removeprefix(_DATA)] = value
        else:
            results += made
    return _task(row, data, results)


def _may_be_choice(key: str, cell: str) -> bool:
    words = key.lower().replace("-", "_").strip("_0123456789").split("_")
    short = bool(cell.strip()) and len(cell) <= _LONGEST_CHOICE and is_text(cell)
    return short and not any(word in _NO_CHOICES for word in words) and not key.startswith("_")


def _after_data(record: Json) -> set[str]:
    """The keys of controls: an export writes the data, its own id, then these, then who annotated."""
    keys = list(record)
    end = min(keys.index(key) for key in _OF_ANNOTATION if key in record)
    if "id" not in record:
        return set()
    start = keys.index("id") + 1
    before = [key for key in keys[: start - 1] if is_text(record[key])]
    # Where the data has an id of its own, it does not tell where the data ends.
    return set(keys[start:end]) if before else set()


def _results(key: str, value: Any, may_be_stated: bool) -> list[Json] | None:
    """What a control said, as results; None where it is of the data."""
    if may_be_stated and isinstance(value, str) and value.strip():
        return [_result(key, 0, "choices", {"choices": [value]})]
    if may_be_stated and isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        return [_result(key, 0, "choices", {"choices": value})]
    if isinstance(value, dict):
        kind = _kind(value)
        return [_result(key, 0, kind, value)] if kind else None
    items = objects_in(value)
    if items and len(items) == len(value) and not (is_dialogue(value) and not any("start" in item for item in items)):
        kinds = [_kind(item) for item in items]
        if all(kinds):
            return [_result(key, n, kind or "", item) for n, (kind, item) in enumerate(zip(kinds, items, strict=True))]
    return None


def _kind(value: Json) -> str | None:
    labels = next((key for key in value if key.endswith("labels") and isinstance(value[key], list)), None)
    if labels:
        return labels
    stated = ("choices", "taxonomy", "number", "rating", "datetime")
    found = next((key for key in stated if key in value), None)
    if found:
        return found
    if "start" in value and "end" in value:
        return "labels"
    return "textarea" if value.keys() == {"text"} and isinstance(value["text"], list) else None


def _result(key: str, number: int, kind: str, value: Json) -> Json:
    return {"id": f"{key}-{number}", "from_name": key, "to_name": "", "type": kind, "value": value}


def _task(record: Json, data: Json, results: list[Json]) -> Json:
    task: Json = {"data": data}
    id_ = record.get("id")
    if type(id_) is int or (isinstance(id_, str) and id_ and "id" not in data):
        task["id"] = id_
    annotation_id = record.get("annotation_id")
    if annotation_id not in (None, "") or results:
        annotation: Json = {"result": results}
        if annotation_id not in (None, ""):
            annotation["id"] = annotation_id
        annotator = record.get("annotator")
        if isinstance(annotator, str) and annotator.isascii() and annotator.isdigit() and len(annotator) < 10:
            annotator = int(annotator)
        annotation["completed_by"] = annotator
        for key in ("created_at", "updated_at", "lead_time"):
            if record.get(key) not in (None, ""):
                annotation[key] = record[key]
        task["annotations"] = [annotation]
    return task
