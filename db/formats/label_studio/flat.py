"""Reads the flat exports JSON-MIN and CSV as tasks: each record holds the data of a task and one annotation."""

import csv
import io
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Data
from db.formats.label_studio.texts import is_dialogue, is_text
from db.formats.shared.objects import objects_in
from db.io.json_lines import parse_json
from db.io.json_stream import BOM, MAX_DOCUMENT_BYTES

_ANNOTATION_KEYS = ("annotator", "annotation_id", "created_at", "updated_at", "lead_time", "agreement", "history")
_REQUIRED_KEYS = frozenset(("annotation_id", "annotator", "lead_time"))
_TASK_KEYS = ("id", *_ANNOTATION_KEYS)
_DATA_PREFIX = "_data_"  # of a data column that has the name of a control
_TRANSCRIPT_SUFFIX = "_transcript"
# Words in the names of CSV columns that hold data rather than choices.
_DATA_WORDS = (
    "id", "uri", "url", "link", "path", "file", "name", "title", "date", "time", "source", "author", "publisher",
    "published", "language", "lang", "text", "body", "content", "html", "meta",
)  # fmt: skip
_MAX_CHOICE = 60


def is_flat(record: Data) -> bool:
    """Return True for a record of JSON-MIN."""
    return record.keys() >= _REQUIRED_KEYS and "data" not in record


def is_header(head: bytes) -> bool:
    """Return True if a file starts with the header of a CSV or TSV export."""
    line = head.removeprefix(BOM).lstrip().partition(b"\n")[0]
    if line[:1] in (b"{", b"["):
        return False
    names = {name.strip().strip(b'"') for name in line.replace(b"\t", b",").split(b",")}
    return names >= {name.encode() for name in _REQUIRED_KEYS}


def task_of_record(record: Data) -> Data:
    """Return the task of a record of JSON-MIN."""
    controls = _control_keys(record)
    data: Data = {}
    results: list[Data] = []
    for key, value in record.items():
        if key in _ANNOTATION_KEYS or (key == "id" and type(value) is int):
            continue
        found = _results(key, value, key in controls)
        if found is None:
            data[key] = value
        else:
            results += found
    return _task(record, data, results)


def rows(text: io.TextIOBase) -> Iterator[tuple[int, Data | InputError]]:
    """Yield the records of a CSV or TSV export as tasks, with their line numbers."""
    reader = csv.reader(_bounded_lines(text), "excel-tab" if "\t" in _first_line(text) else "excel", strict=True)
    try:
        header = next(reader, [])
        for row in reader:
            line = reader.line_num
            if not row:
                continue
            if len(row) != len(header):
                yield line, InputError(f"{len(row)} cells, but the header has {len(header)}; correct the row")
                continue
            yield line, _task_of_row(dict(zip(header, row, strict=True)))
    except csv.Error as error:
        yield reader.line_num, InputError(f"not CSV: {error}; the rows after it are skipped")


def _first_line(text: io.TextIOBase) -> str:
    line = text.readline(MAX_DOCUMENT_BYTES)
    text.seek(0)
    return line


def _bounded_lines(text: io.TextIOBase) -> Iterator[str]:
    csv.field_size_limit(MAX_DOCUMENT_BYTES)
    while line := text.readline(MAX_DOCUMENT_BYTES):
        yield line


def _task_of_row(row: Data) -> Data:
    data: Data = {}
    results: list[Data] = []
    for key, cell in row.items():
        if key in _TASK_KEYS or (key.endswith(_TRANSCRIPT_SUFFIX) and key.removesuffix(_TRANSCRIPT_SUFFIX) in row):
            continue
        value: Any = cell
        if cell[:1] in ("[", "{"):
            try:
                value = parse_json(cell.encode())
            except (InputError, UnicodeEncodeError):
                value = cell
        found = _results(key, value, (value is cell and _may_be_choice(key, cell)) or f"{_DATA_PREFIX}{key}" in row)
        if found is None:
            if cell:
                data[key.removeprefix(_DATA_PREFIX)] = value
        else:
            results += found
    return _task(row, data, results)


def _may_be_choice(key: str, cell: str) -> bool:
    words = key.lower().replace("-", "_").strip("_0123456789").split("_")
    short = bool(cell.strip()) and len(cell) <= _MAX_CHOICE and is_text(cell)
    return short and not any(word in _DATA_WORDS for word in words) and not key.startswith("_")


def _control_keys(record: Data) -> set[str]:
    """Return the keys of controls. An export writes the data, the id of the task, the controls, then the annotator."""
    keys = list(record)
    end = min(keys.index(key) for key in _ANNOTATION_KEYS if key in record)
    if "id" not in record:
        return set()
    start = keys.index("id") + 1
    # Without a text before it, the id belongs to the data, so controls and data can't be distinguished.
    return set(keys[start:end]) if any(is_text(record[key], key) for key in keys[: start - 1]) else set()


def _results(key: str, value: Any, may_be_choices: bool) -> list[Data] | None:
    choices = [value] if isinstance(value, str) and value.strip() else value
    if may_be_choices and isinstance(choices, list) and choices and all(isinstance(item, str) for item in choices):
        return [_result(key, 0, "choices", {"choices": choices})]
    if isinstance(value, dict):
        kind = _kind(value)
        return [_result(key, 0, kind, value)] if kind else None
    items = objects_in(value)
    if items and len(items) == len(value) and not (is_dialogue(value) and not any("start" in item for item in items)):
        kinds = [_kind(item) for item in items]
        if all(kinds):
            return [_result(key, n, kind or "", item) for n, (kind, item) in enumerate(zip(kinds, items, strict=True))]
    return None


def _kind(value: Data) -> str | None:
    labels = [key for key in value if key.endswith("labels") and isinstance(value[key], list)]
    kinds = [key for key in ("choices", "taxonomy", "number", "rating", "datetime") if key in value]
    if labels or kinds:
        return (labels or kinds)[0]
    if "start" in value and "end" in value:
        return "labels"
    return "textarea" if value.keys() == {"text"} and isinstance(value["text"], list) else None


def _result(key: str, number: int, kind: str, value: Data) -> Data:
    return {"id": f"{key}-{number}", "from_name": key, "to_name": "", "type": kind, "value": value}


def _task(record: Data, data: Data, results: list[Data]) -> Data:
    task: Data = {"data": data}
    id_ = record.get("id")
    if type(id_) is int or (isinstance(id_, str) and id_ and "id" not in data):
        task["id"] = id_
    annotation_id = record.get("annotation_id")
    if annotation_id not in (None, "") or results:
        annotation: Data = {"result": results}
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
