"""Rows of JSON: objects one a line, in an array, or one after the other; their keys are the columns."""

from collections.abc import Iterator
from itertools import islice

from db.errors import InputError
from db.formats.format import Source
from db.formats.shared.json_documents import read_objects
from db.formats.tables.mapping.mapping import Mapping, preset_of
from db.formats.tables.table import ABSENT, SAMPLE, Row, Table

_MOST_COLUMNS = 2000


def open_json(source: Source, mapping: Mapping | None = None) -> Table:
    """A table of objects. A key that comes later than the sample is a further column of its row. Raises InputError."""
    source.required_stream.seek(0)
    found = (record.document for record in islice(read_objects(source), SAMPLE))
    first = [item for item in found if not isinstance(item, InputError)]
    named = mapping.columns if mapping else ()
    columns = tuple(dict.fromkeys([*named, *(key for item in first for key in item)]))[:_MOST_COLUMNS]
    if not columns:
        raise InputError(f"{source.name}: holds no objects with keys; there is nothing to import")
    known = set(columns)

    def rows() -> Iterator[Row]:
        source.required_stream.seek(0)
        for record in read_objects(source):
            item = record.document
            if isinstance(item, InputError):
                yield Row(record.position, item, record.raw, record.bytes_read)
                continue
            more = tuple(key for key in item if key not in known)
            if len(more) > _MOST_COLUMNS:
                why = InputError(f"an object of {len(item):,} keys is no row of a table; map it to another form")
                yield Row(record.position, why, record.raw, record.bytes_read)
                continue
            mine = columns + more
            raw = record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"
            cells = [item.get(key, ABSENT) for key in mine]
            yield Row(record.position, cells, raw, record.bytes_read, mine if more else None)

    sample = [[item.get(key, "") for key in columns] for item in first]
    stream = source.required_stream
    return Table(source.name, columns, rows, sample, typed=True, preset=preset_of(columns), stream=stream)
