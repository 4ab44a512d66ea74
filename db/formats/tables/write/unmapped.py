"""Any file as a table of CSV, without a mapping: a row an event or a row a field, and a codebook beside it.

What is left out: the texts of documents, documents without events, keys that eventdesk does not know, and the history
of decisions.
"""

from collections.abc import Iterator

from db.formats.format import Companion, Export
from db.formats.tables.write import codebook, long, wide


def write(export: Export) -> Iterator[bytes]:
    """The table in the layout that the export has, as CSV."""
    return wide.write(export) if export.layout == "wide" else long.write(export)


COMPANIONS = (Companion(".codebook.csv", codebook.write),)
"""The codebook: a line a column."""
