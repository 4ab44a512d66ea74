"""Cells of a database as cells of a table, with a note on each that can't be read."""

from collections.abc import Collection, Sequence
from math import isfinite
from typing import Any

from db.formats.tables.table import MAX_ROW_BYTES
from db.sources.reading.connections import InvalidText
from db.sources.reading.texts.encodings import text_of_bytes

_PLAIN = (str, int, type(None))


class CellReader:
    """Reads the cells of rows with these columns.

    texts: the columns that hold texts, also as bytes. keys: those of which bytes that are no text are read as digits.
    """

    def __init__(self, columns: Sequence[str], texts: Collection[str] = (), keys: Collection[str] = ()) -> None:
        self._columns = tuple(columns)
        self._texts = frozenset(texts)
        self._keys = frozenset(keys)

    def read(self, values: Sequence[Any], notes: list[str]) -> list[Any]:
        """Return the cells of a row; those that can't be read are empty, with a note."""
        cells = list(values)
        for at, value in enumerate(cells):
            cls = value.__class__
            if cls is int or value is None or (cls is str and len(value) <= MAX_ROW_BYTES):
                continue
            if cls is float and isfinite(value):
                continue
            cells[at] = self._unusual(self._columns[at], value, notes)
        return cells

    def _unusual(self, column: str, value: Any, notes: list[str]) -> Any:
        if isinstance(value, float):
            notes.append(f"column {column}: an infinite number; not imported")
            return None
        if len(value) > MAX_ROW_BYTES:
            notes.append(f"column {column}: longer than {MAX_ROW_BYTES:,} bytes; not imported")
            return None
        if isinstance(value, InvalidText):
            notes.append(
                f"column {column}: is not valid UTF-8; invalid characters are shown as \N{REPLACEMENT CHARACTER}"
            )
            return value.decode(errors="replace")
        if column in self._texts:
            if (found := text_of_bytes(bytes(value))) is not None:
                notes += [f"column {column}: bytes {found[1]}"] if found[1] else []
                return found[0]
        else:
            try:
                text = bytes(value).decode()
            except UnicodeDecodeError:
                text = "\0"
            if "\0" not in text:
                return text
        if column in self._keys:
            return bytes(value).hex()
        notes.append(f"column {column}: holds bytes, not text; not imported")
        return None
