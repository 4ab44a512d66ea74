"""The other files of doccano: its CSV, and the labels beside an old export, which gives labels as numbers."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Data, Source
from db.formats.shared.folders import content_of
from db.io.json_lines import parse_json
from db.io.json_stream import BOM

_SEPARATOR = "#"  # between the labels of a text
_LABEL_FILES = ("label_config.json", "labels.json", "label.json", "label_types.json")


def is_csv(head: bytes) -> bool:
    """Return True for the CSV of a text classification project, whose texts are in the column ``data``."""
    try:
        first = head.removeprefix(BOM).split(b"\n", 1)[0].decode().strip()
    except UnicodeDecodeError:
        return False
    columns = first.replace('"', "").split(",")
    return {"id", "data", "label"} <= set(columns) and len(set(columns)) == len(columns)


def rows_of(source: Source) -> Iterator[tuple[int, Data]]:
    """Yield the line and the example of each row. Raises InputError if the file is not UTF-8 or no CSV."""
    text = io.TextIOWrapper(source.required_stream, encoding="utf-8-sig", newline="")
    reader = csv.DictReader(text)
    try:
        for row in reader:
            example: Data = {key: value for key, value in row.items() if key and value}
            example["label"] = list(filter(None, (row.get("label") or "").split(_SEPARATOR)))
            if "Comments" in example:
                example["Comments"] = list(filter(None, example["Comments"].split(_SEPARATOR)))
            if None in row:
                example["cells without a column"] = row[None]
            yield reader.line_num, example
    except UnicodeDecodeError as error:
        raise InputError(f"{source.name}: not UTF-8 ({error.reason}); save the file as UTF-8") from None
    except csv.Error as error:
        raise InputError(f"{source.name}:{reader.line_num}: not CSV ({error}); export it again") from None
    finally:
        text.detach()


def label_names(path: Path | None) -> dict[int, str]:
    """Return the names of labels by their numbers, from a file of labels beside an export; empty if there is none."""
    if path is None:
        return {}
    for name in _LABEL_FILES:
        beside = path.with_name(name)
        if beside == path or not beside.is_file():
            continue
        try:
            items = parse_json(content_of(beside, path.parent))
        except InputError as error:
            raise InputError(f"{name}: {error}") from None
        return {
            item["id"]: item["text"]
            for item in (items if isinstance(items, list) else ())
            if isinstance(item, dict) and type(item.get("id")) is int and isinstance(item.get("text"), str)
        }
    return {}
