"""The table formats: ``csv``, ``json-table``, ``sqlite`` and ``parquet``."""

import csv
import json
from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Companion, Confidence, Export, Format, ReadOptions, Record, Source
from db.formats.shared.text_keys import describe_a_text
from db.io.json_stream import BOM

_READ_OPTIONS = frozenset(("mapping", "extractor"))
_NATIVE_KEYS = frozenset(("id", "title", "text", "url", "publisher", "published", "language"))
_KEYS_OF_OTHERS = frozenset(
    "events annotations predictions annotation_id lead_time extractions spans tokens relations entities label labels"
    " answer _input_hash _task_hash cats meta data response prompt conversation_id completion"
    " messages conversations".split()
)
_LEAST_KEYS = 3  # of an object that is a row, in addition to the keys of a document
_SUFFIXES = (".csv", ".tsv", ".tab", ".psv")
_OTHER_FILES = (b"{", b"[", b"<", b"---", b"SQLite format 3", b"PAR1", b"PK\x03\x04", b"%PDF-")
_LOSES = "fields and document changes without a column; rows of one document are written together"


def _recognise_csv(source: Source) -> Confidence:
    try:
        return _csv_confidence(source)
    except (ValueError, LookupError, csv.Error, InputError, RecursionError):
        return Confidence.NO


def _csv_confidence(source: Source) -> Confidence:
    from db.formats.tables.files.csv_file import probe
    from db.formats.tables.files.dialect import is_header, is_table
    from db.formats.tables.files.encodings import marked_encoding
    from db.formats.tables.files.no_rows import kind_of_tokens
    from db.formats.tables.mapping.loading import preset_for_columns, preset_for_row

    head = source.head.removeprefix(BOM).lstrip()
    if not head or head.startswith(_OTHER_FILES):
        return Confidence.NO
    if b"\0" in source.head and marked_encoding(source.head) is None:
        return Confidence.NO
    if source.suffix == ".ann" or (head[:1] in (b"T", b"E") and head[1:2].isdigit() and b"\t" in head[:12]):
        return Confidence.NO  # brat standoff
    dialect, rows = probe(source)
    first, below = rows[0] if rows else [], rows[1:]
    if preset_for_columns(first) or preset_for_row(first) or kind_of_tokens(head.decode(errors="replace")):
        return Confidence.CERTAIN
    if source.suffix in _SUFFIXES and dialect.width > 1:
        return Confidence.LIKELY
    if not is_table(dialect) or not is_header(first, None, below):
        return Confidence.LIKELY if source.suffix in _SUFFIXES else Confidence.NO
    is_named = all(cell.strip() for cell in first) and len(set(first)) == len(first)
    return Confidence.LIKELY if is_named else Confidence.POSSIBLE


def _recognise_json(source: Source) -> Confidence:
    from db.formats.shared.text_keys import text_key
    from db.formats.tables.files.json_layout import may_hold_rows
    from db.formats.tables.mapping.loading import preset_for_columns

    objects = source.objects
    if any(isinstance(item.get(key), list) for item in objects for key in ("tokens", "words")):
        return Confidence.NO  # annotated tokens
    if may_hold_rows(source):
        return Confidence.LIKELY
    if objects and all(item.get("type") == "Feature" and "geometry" in item for item in objects):
        return Confidence.CERTAIN
    if not objects:
        return Confidence.NO
    keys = dict.fromkeys(key for item in objects for key in item)
    if preset_for_columns(keys):
        return Confidence.CERTAIN
    if any(key in _KEYS_OF_OTHERS for key in keys) or {"input", "output"} <= keys.keys() or describe_a_text(keys):
        return Confidence.NO
    own = keys.keys() - _NATIVE_KEYS
    values = [value for item in objects for key, value in item.items() if key in own]
    if not any(isinstance(value, dict | list) for value in values):
        numbers = any(isinstance(value, int | float) and not isinstance(value, bool) for value in values)
        return Confidence.LIKELY if len(own) >= _LEAST_KEYS - numbers else Confidence.NO
    plain = {
        key for item in objects for key, value in item.items() if key in own and not isinstance(value, dict | list)
    }
    described = any(text_key(item) or isinstance(item.get("title"), str) for item in objects)
    return Confidence.POSSIBLE if len(plain) >= _LEAST_KEYS - 1 and not described else Confidence.NO


def _read(source: Source, options: ReadOptions) -> Iterator[Record]:
    from db.formats.tables.read.documents import read_source

    return read_source(source, options)


def _write_csv(export: Export) -> Iterator[bytes]:
    from db.formats.tables.mapping.loading import WIDE
    from db.formats.tables.write import csv_file, long, wide

    if export.mapping not in (None, WIDE):
        return csv_file.write_csv(export)
    return wide.write(export) if export.layout == "wide" else long.write(export)


def _write_codebook(export: Export) -> Iterator[bytes]:
    from db.formats.tables.write import codebook

    return codebook.write(export)


def _write_json(export: Export) -> Iterator[bytes]:
    from db.formats.tables.mapping.loading import load_mapping, preset_names
    from db.formats.tables.table import ABSENT
    from db.formats.tables.write.rows import rows_of

    if export.mapping is None:
        raise InputError(f"json-table needs a mapping; give --mapping FILE or a preset: {', '.join(preset_names())}")
    for columns, row in rows_of(export, load_mapping(export.mapping), one_header=False):
        item = {column: cell for column, cell in zip(columns, row or (), strict=True) if cell is not ABSENT}
        yield json.dumps(item, ensure_ascii=False).encode() + b"\n"


CSV = Format(
    name="csv",
    grounds=True,
    about="CSV, TSV and other text with a delimiter, in any encoding",
    reads="one event per row, by a mapping, a preset for a known data set, or a guess",
    writes="a wide or long table with a codebook; with --mapping, the imported columns, cell by cell",
    loses=_LOSES,
    recognise=_recognise_csv,
    read=_read,
    write=_write_csv,
    companions=(Companion(".codebook.csv", _write_codebook),),
    options=_READ_OPTIONS,
    unnamed="",
    writing_options=frozenset(("mapping", "layout")),
    row_is_event=True,
)

JSON_TABLE = Format(
    name="json-table",
    grounds=True,
    about="JSON rows: an array of objects, or one object per line",
    reads="one event per object, by a mapping or a guess; lists become repeated fields, objects become groups",
    writes="one object per line, by --mapping",
    loses=_LOSES,
    recognise=_recognise_json,
    read=_read,
    write=_write_json,
    options=_READ_OPTIONS,
    unnamed="",
    writing_options=frozenset(("mapping",)),
    row_is_event=True,
)

SQLITE = Format(
    name="sqlite",
    grounds=True,
    about="a table, view or SELECT of any SQLite file: sqlite:FILE:TABLE",
    reads="one event per row, by a mapping or a guess; the file is opened read-only",
    loses="binary values",
    recognise=lambda source: Confidence.CERTAIN if source.table is not None else Confidence.NO,
    read=_read,
    options=_READ_OPTIONS,
    unnamed="",
)

PARQUET = Format(
    name="parquet",
    grounds=True,
    about="Parquet; needs the extra `parquet`",
    reads="one event per row, by a mapping or a guess; lists become repeated fields, objects become groups",
    loses="binary values; the type of times",
    recognise=lambda source: Confidence.CERTAIN if source.head.startswith(b"PAR1") else Confidence.NO,
    read=_read,
    options=_READ_OPTIONS,
    unnamed="",
)
