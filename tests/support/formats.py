"""Reads and writes with one format, without a database."""

import contextlib
import io
import json
from typing import Any

from db.errors import ConfidenceError
from db.formats.format import Export, Format, ReadOptions, Record, Source
from db.io.documents import parse_document


def json_lines(*objects: Any) -> bytes:
    """Return objects as JSON Lines."""
    return "".join(json.dumps(item) + "\n" for item in objects).encode()


def source_of(content: bytes | str, name: str = "records.jsonl") -> Source:
    """Return a source with that content."""
    return Source(name, io.BytesIO(content.encode() if isinstance(content, str) else content))


def read_records(format: Format, content: bytes | str, name: str = "records.jsonl", **options: Any) -> list[Record]:
    """Read content with a format. ``options`` are those of ReadOptions."""
    assert format.read
    return list(format.read(source_of(content, name), ReadOptions(**options)))


def valid_documents(records: list[Record]) -> list[dict[str, Any]]:
    """Return the documents of records, all of which must be valid in the native form.

    Only a confidence may be of another scale: every import converts those of the whole file, or keeps them with a note.
    """
    documents = []
    for record in records:
        assert isinstance(record.document, dict), record.document
        with contextlib.suppress(ConfidenceError):
            parse_document(record.document)
        documents.append(record.document)
    return documents


def merge_by_id(records: list[Record]) -> list[dict[str, Any]]:
    """Merge documents of the same id, as an import does."""
    merged: dict[str, dict[str, Any]] = {}
    for document in valid_documents(records):
        known = merged.setdefault(document["id"], document | {"events": []})
        known["events"] = known["events"] + document["events"]
    return list(merged.values())


def write_bytes(format: Format, *documents: dict[str, Any], **export: Any) -> bytes:
    """Write documents with a format. ``export`` are the other arguments of Export."""
    assert format.write
    return b"".join(format.write(Export(lambda: iter(documents), **export)))


def write_lines(format: Format, *documents: dict[str, Any], **export: Any) -> list[dict[str, Any]]:
    """Write documents with a format of JSON Lines and parse the lines."""
    return [json.loads(line) for line in write_bytes(format, *documents, **export).splitlines()]
