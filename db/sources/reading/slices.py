"""An import in slices: each is a transaction, so that people review what is there while the rest is imported."""

import sqlite3
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import chain, islice

from db.decisions.journal import utc_now
from db.formats.format import Format, ReadOptions, Record, Source
from db.importing.importing import import_source
from db.importing.releases.source_rows import SourceRows
from db.importing.report import ImportReport

_FIRST = 100  # documents of the first slice
_MOST = 5000
_PAUSE = 0.02  # seconds between two slices, in which a reviewer's decision gets the lock
_GROWTH = 2


def import_slices(
    connection: sqlite3.Connection,
    source: Source,
    report: ImportReport,
    format: Format,
    options: ReadOptions = ReadOptions(),  # noqa: B008 (frozen)
    *,
    seconds: float = 0.3,
    rows: Callable[[], SourceRows | None] = lambda: None,
    began: str | None = None,
) -> Iterator[int]:
    """Import a source that only adds, and yield the bytes read so far after each slice, which is committed by then.

    seconds: how long a slice may take, which is how long other writers wait. rows: makes those of each slice. began: as
    in ``import_source``. Whoever stops early has all slices so far. Raises InputError.
    """
    began = began or utc_now()
    records: Iterator[Record] | None = None
    size, position = _FIRST, 0

    def read(_: Source, prepared: ReadOptions) -> Iterator[Record]:
        nonlocal records, position
        if records is None:
            assert format.read is not None
            records = iter(format.read(source, prepared))
        for record in islice(records, size):
            position = record.bytes_read
            yield record

    sliced = replace(format, read=read)
    while True:
        started = time.monotonic()
        import_source(connection, source, report, sliced, options, rows=rows(), began=began)
        yield position
        assert records is not None
        following = next(records, None)
        if following is None:
            return
        records = chain((following,), records)
        took = time.monotonic() - started
        size = max(1, min(_MOST, int(size * min(_GROWTH, seconds / max(took, 0.001)))))
        time.sleep(_PAUSE)
