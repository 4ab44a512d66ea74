"""Opens files of JSON objects as tables; the keys are the columns."""

from collections.abc import Iterator
from itertools import islice

from db.errors import InputError
from db.formats.format import Source
from db.formats.shared.json_documents import read_objects
from db.formats.tables.mapping.fitting import renamed_columns
from db.formats.tables.mapping.loading import preset_for_columns
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import ABSENT, SAMPLE_ROWS, Row, Table

_MOST_COLUMNS = 2000


def open_json(source: Source, mapping: Mapping | None = None) -> Table:
    """Return a table of objects. A key that first appears after the sample adds a column to its row only.

    Raises InputError if there are no objects with keys.
    """
    stream = source.required_stream
    stream.seek(0)
    found = (record.document for record in islice(read_objects(source), SAMPLE_ROWS))
    first = [item for item in found if not isinstance(item, InputError)]
    keys = dict.fromkeys(key for item in first for key in item)
    named = renamed_columns(mapping, tuple(keys)) if mapping else ()
    columns = tuple(dict.fromkeys((*named, *keys)))[:_MOST_COLUMNS]
    if not columns:
        raise InputError(f"{source.name}: has no objects with keys; there is nothing to import")
    known = set(columns)

    def rows() -> Iterator[Row]:
        stream.seek(0)
        for record in read_objects(source):
            item = record.document
            if isinstance(item, InputError):
                yield Row(record.position, item, record.raw, record.bytes_read)
                continue
            more = tuple(key for key in item if key not in known)
            if len(more) > _MOST_COLUMNS:
                problem = InputError(f"has {len(item):,} keys, too many for the row of a table; restructure the object")
                yield Row(record.position, problem, record.raw, record.bytes_read)
                continue
            own_columns = columns + more
            raw = record.raw if record.raw.endswith(b"\n") else record.raw + b"\n"
            cells = [item.get(key, ABSENT) for key in own_columns]
            yield Row(record.position, cells, raw, record.bytes_read, own_columns if more else None)

    sample = [[item.get(key, "") for key in columns] for item in first]
    preset_name = preset_for_columns(columns)
    return Table(source.name, columns, rows, sample, typed=True, preset=preset_name, stream=stream)
