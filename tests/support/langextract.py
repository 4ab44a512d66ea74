"""Annotated documents of LangExtract, and how tests read and write them."""

from typing import Any

from db.formats.format import Record
from db.formats.langextract.format import FORMAT
from support.formats import json_lines, read_records, valid_documents, write_lines

TEXT = "Russia handed over 757 bodies. Ukraine gave 45 on Friday, 14 February 2025."
KEYS = {
    "extraction_class", "extraction_text", "char_interval", "alignment_status", "extraction_index", "group_index",
    "description", "attributes", "token_interval",
}  # fmt: skip


def extraction(
    name: str, text: Any, start: int | None = None, status: str | None = None, **more: Any
) -> dict[str, Any]:
    interval = None if start is None else {"start_pos": start, "end_pos": start + len(str(text))}
    if start is not None and status is None:
        status = "match_exact"
    return {
        "extraction_class": name,
        "extraction_text": text,
        "char_interval": interval,
        "alignment_status": status,
    } | more


def annotated(*extractions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"document_id": "d", "extractions": list(extractions), "text": TEXT} | more


def read(*objects: Any, mapping: str | None = None) -> list[Record]:
    return read_records(FORMAT, json_lines(*objects), mapping=mapping)


def document(*objects: Any, mapping: str | None = None) -> dict[str, Any]:
    """Return the only document of the objects."""
    (only,) = valid_documents(read(*objects, mapping=mapping))
    return only


def write(*documents: dict[str, Any]) -> list[dict[str, Any]]:
    return write_lines(FORMAT, *documents)


def without_nulls(objects: list[dict[str, Any]]) -> list[Any]:
    """Return documents without null values, which are the same to LangExtract as missing keys."""
    return [
        {key: value for key, value in item.items() if key != "extractions" and value is not None}
        | {"extractions": [{k: v for k, v in e.items() if v is not None} for e in item.get("extractions") or ()]}
        for item in objects
    ]
