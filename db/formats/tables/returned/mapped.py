"""A table that was exported by a mapping, which has no marks: reads what an export of an event now would give."""

from collections.abc import Callable, Iterator
from typing import Any

from db.errors import InputError
from db.formats.format import Data, Export
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.rows import RowReader
from db.formats.tables.write.csv_file import cell_text
from db.formats.tables.write.rows import rows_of


def rewritten(
    document: Data, mapping: Mapping, typed: bool, reader: Callable[[tuple[str, ...]], RowReader]
) -> Iterator[Data]:
    """Yield the events of a stored document as they would come back from a table of the mapping.

    typed: True if cells are JSON values. reader: returns the reader of rows with these columns.
    """
    named = typed or mapping.header is not False
    for columns, row in rows_of(Export(lambda: iter([document])), mapping, one_header=False, named=named):
        cells: list[Any] = list(row or ())
        if not typed:
            cells = [cell_text(cell, mapping.protected) for cell in cells]
        try:
            yield reader(columns).read(cells).event
        except InputError:  # the export can't be imported, so nothing comes from it
            yield {}
