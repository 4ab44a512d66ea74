"""The formats of tables: CSV and its kin, JSON rows, SQLite, Parquet."""

import csv
import json
from collections.abc import Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Companion, Confidence, Export, Format, ReadOptions, Record, Source
from db.formats.tables.files.encodings import marked_encoding
from db.formats.tables.table import ABSENT
from db.formats.tables.write import unmapped

_READS = frozenset(("mapping", "extractor"))
_NATIVE = frozenset(("id", "title", "text", "url", "publisher", "published", "language"))
_OF_OTHERS = frozenset(
    "events annotations predictions annotation_id lead_time extractions spans tokens relations entities label labels"
    " answer _input_hash _task_hash cats meta data response prompt conversation_id".split()
)
_LEAST_KEYS = 3  # beside those of a document, of an object that is a row
_TABLES = (".csv", ".tsv", ".tab", ".psv")
_LOSES = (
    "fields and changes of a document that have no column; rows of one document stand together; of rows that are the"
    " same to the letter and not next to each other, one is read"
)


def _recognise_csv(source: Source) -> Confidence:
    try:
        return _how_sure_csv(source)
    except (ValueError, LookupError, csv.Error, InputError, RecursionError):
        return Confidence.NO


def _how_sure_csv(source: Source) -> Confidence:
    from db.formats.tables.files.csv_file import probe
    from db.formats.tables.files.dialect import has_names, is_table
    from db.formats.tables.mapping.mapping import preset_of, preset_of_cells

    head = source.head.lstrip()
    if not head or head.startswith((b"{", b"[", b"<", b"---", b"SQLite format 3", b"PAR1", b"PK\x03\x04", b"%PDF-")):
        return Confidence.NO
    if b"\0" in source.head and marked_encoding(source.head) is None:
        return Confidence.NO
    if source.suffix == ".ann" or (head[:1] in (b"T", b"E") and head[1:2].isdigit() and b"\t" in head[:12]):
        return Confidence.NO  # standoff, of which each line is of its own form
    layout, first = probe(source)
    if preset_of(first) or preset_of_cells(first):
        return Confidence.CERTAIN
    if source.suffix in _TABLES and layout.width > 1:
        return Confidence.LIKELY
    if not is_table(layout) or not has_names(first) or len(set(first)) < len(first):
        return Confidence.LIKELY if source.suffix in _TABLES else Confidence.NO
    return Confidence.LIKELY if all(cell.strip() for cell in first) else Confidence.POSSIBLE


def _recognise_json(source: Source) -> Confidence:
    from db.formats.tables.mapping.mapping import preset_of

    objects = source.objects
    if not objects:
        return Confidence.NO
    keys = dict.fromkeys(key for item in objects for key in item)
    if preset_of(keys):
        return Confidence.CERTAIN
    if any(key in _OF_OTHERS for key in keys):
        return Confidence.NO
    flat = not any(isinstance(value, dict | list) for item in objects for value in item.values())
    if not flat or len(keys.keys() - _NATIVE) < _LEAST_KEYS:
        return Confidence.NO
    return Confidence.LIKELY


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    from db.formats.tables.read.documents import read_source

    return read_source(source, options)


def _write_csv(export: Export) -> Iterator[bytes]:
    if export.mapping is None:
        return unmapped.write(export)
    from db.formats.tables.write.csv_file import write_csv

    return write_csv(export)


def _write_json(export: Export) -> Iterator[bytes]:
    from db.formats.tables.mapping.mapping import load, preset_names
    from db.formats.tables.write.rows import rows_of

    if export.mapping is None:
        names = ", ".join(preset_names())
        raise InputError(f"rows of JSON are written by a mapping; give --mapping FILE or a shipped one: {names}")
    for columns, row in rows_of(export, load(export.mapping), one_header=False):
        told: dict[str, Any] = {
            column: cell for column, cell in zip(columns, row or (), strict=True) if cell is not ABSENT
        }
        yield json.dumps(told, ensure_ascii=False).encode() + b"\n"


def _of_mapped(companion: Companion) -> Companion:
    """The codebook of either table."""

    def write(export: Export) -> Iterator[bytes]:
        if export.mapping is None:
            return companion.write(export)
        from db.formats.tables.write.mapped_codebook import write as write_mapped

        return write_mapped(export)

    return Companion(companion.suffix, write)


CSV = Format(
    name="csv",
    about="tables of text: CSV, TSV, any delimiter and encoding",
    reads="a row an event: by a mapping, by the names of columns of known data sets, or guessed",
    writes="wide or long with a codebook; with --mapping the columns that were read, cell by cell",
    loses=_LOSES,
    recognise=_recognise_csv,
    read=_read,
    write=_write_csv,
    companions=tuple(_of_mapped(companion) for companion in unmapped.COMPANIONS),
    options=_READS,
    writing_options=frozenset(("mapping", "layout")),
)

JSON_TABLE = Format(
    name="json-table",
    about="rows of JSON: an array of objects, or an object a line",
    reads="an object an event: by a mapping or guessed; lists become repeated fields, objects groups",
    writes="an object a line, by --mapping",
    loses=_LOSES,
    recognise=_recognise_json,
    read=_read,
    write=_write_json,
    options=_READS,
    writing_options=frozenset(("mapping",)),
)

SQLITE = Format(
    name="sqlite",
    about="a table, a view or a SELECT of any SQLite file: sqlite:FILE:TABLE",
    reads="a row an event: by a mapping or guessed; the file is only read",
    loses="values that are bytes and no text",
    recognise=lambda source: Confidence.CERTAIN if source.table is not None else Confidence.NO,
    read=_read,
    options=_READS,
)

PARQUET = Format(
    name="parquet",
    about="Parquet, with the extra `parquet`",
    reads="a row an event: by a mapping or guessed; lists become repeated fields, objects groups",
    loses="values that are bytes and no text; of times their type",
    recognise=lambda source: Confidence.CERTAIN if source.head.startswith(b"PAR1") else Confidence.NO,
    read=_read,
    options=_READS,
)
