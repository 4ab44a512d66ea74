"""What all cells of a table's columns show: the order of dates, the sign of decimals, codes, percentages.

Most tables don't need it. The first question reads the whole table once, for all columns.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import Notation, shown
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.formats.tables.table import Table
from db.formats.tables.values import Values
from db.notation.dates import read_plain_date
from db.notation.evidence import DateEvidence, NumberEvidence, ShareEvidence
from db.notation.missing import TEXT_WORDS, WordEvidence, is_ambiguous
from db.notation.numbers import Sign

_MOST_NAMED = 20  # cells of a column that don't fit; the rest are only counted


class ColumnFacts:
    """What the columns of one table show, and the notes on how they are read."""

    def __init__(self, table: Table, mapping: Mapping) -> None:
        mapping = mapping.with_columns(table.columns)
        self._table = table
        self._mapping = mapping
        self._is_read = False
        self._dates: dict[str, DateEvidence] = {}
        self._numbers: dict[str, NumberEvidence] = {}
        self._units: dict[str, str | None] = {}
        self._words: dict[str, WordEvidence] = {}
        self._shares: dict[str, ShareEvidence] = {}
        self._notes: dict[tuple[str, str], str] = {}
        self._odd: Counter[str] = Counter()
        for item in mapping.fields:
            if item.kind == "date":
                self._dates[item.column] = DateEvidence()
            elif item.kind in ("integer", "number", None):
                self._numbers[item.column] = NumberEvidence(item.column, item.kind == "integer")
                self._units[item.column] = item.unit
        if mapping.document.published:
            self._dates[mapping.document.published] = DateEvidence()
        if mapping.event.confidence:
            self._shares[mapping.event.confidence] = ShareEvidence()
        whole_or_not = {item.column: None for item in mapping.fields if item.kind in ("integer", "number")}
        for column in table.columns:
            if column not in (self._dates | self._shares | whole_or_not):
                self._words[column] = WordEvidence(column)

    def notation(self, item: MappedField) -> Notation:
        """Return the declared notation of a field's column, completed by what its cells show."""
        if item.kind == "date":
            evidence = self._evidence(self._dates, item.column)
            order = item.dates or self._mapping.dates or (evidence.order if evidence else None)
            return Notation(order, item.serials or (evidence.base if evidence else 1900))
        return Notation(sign=self.sign(item), unit=item.unit)

    def declared(self, item: MappedField) -> Notation:
        """Return what the mapping says about the notation of a field's column."""
        base = (item.serials or 1900) if item.kind == "date" else None
        return Notation(item.dates or self._mapping.dates, base, item.decimal or self._mapping.decimal, item.unit)

    def published(self) -> Notation:
        """Return the notation of the dates of publication."""
        evidence = self._evidence(self._dates, self._mapping.document.published or "")
        return Notation(self._mapping.dates or (evidence.order if evidence else None), 1900)

    def sign(self, item: MappedField) -> Sign | None:
        """Return the sign before decimals: the declared one, the column's, or else that of the other columns."""
        if declared := item.decimal or self._mapping.decimal:
            return declared
        evidence = self._evidence(self._numbers, item.column)
        if evidence is None or len(evidence.proven) > 1 or (sign := evidence.sign):
            return sign if evidence and len(evidence.proven) < 2 else None
        others = {certain for other in self._numbers.values() if (certain := other.certain)}
        return others.pop() if len(others) == 1 else None

    def missing_words(self, item: MappedField | None = None) -> frozenset[str]:
        """Return the cells that may mean no value in the column of a field, or in one without a field."""
        declared = item.missing if item and item.missing is not None else self._mapping.missing
        if declared is not None:
            return frozenset(declared)
        return TEXT_WORDS if item is None or item.kind not in ("integer", "number", "date") else frozenset()

    def is_missing(self, column: str, cell: str, words: frozenset[str], notes: list[str]) -> bool:
        """Return True if one of these words means no value in this column, and add a note on it."""
        if words is TEXT_WORDS and is_ambiguous(cell):
            evidence = self._evidence(self._words, column)
            if evidence is not None and not evidence.is_missing(cell.strip()):
                advice = f'missing = ["{cell.strip()}"] in a mapping makes it no value'
                notes.append(self.note(column, "word", lambda: f"{shown(cell)} is read as a value here; {advice}"))
                return False
        self.add_missing(notes, column, cell, words)
        return True

    def add_conversion(self, notes: list[str], column: str, cell: object, value: object) -> None:
        """Add the note on cells of a column that are written otherwise than their values.

        Dates in the usual notation of a known data set need none.
        """
        if self._mapping.recognise and isinstance(cell, str) and read_plain_date(cell).value == value:
            return
        notes.append(self.note(column, "converted", lambda: f"{shown(cell)} is read as {value}"))

    def add_missing(self, notes: list[str], column: str, cell: str, words: frozenset[str] = TEXT_WORDS) -> None:
        """Add the note on cells of a column that mean no value, unless the mapping declares them."""
        if words is TEXT_WORDS:
            notes.append(self.note(column, "missing", lambda: f"{shown(cell)} is read as no value"))

    def shares(self) -> ShareEvidence:
        """Return what the confidences show."""
        evidence: ShareEvidence | None = self._evidence(self._shares, self._mapping.event.confidence or "")
        return evidence or ShareEvidence()

    def problem(self, item: MappedField | None) -> str:
        """Return why a column has no order of dates, or no sign before decimals, and what to do.

        ``item``: None for the dates of publication.
        """
        if item is not None and item.kind != "date":
            several = len(self._numbers[item.column].proven) > 1 if item.column in self._numbers else False
            why = "numbers with a decimal point and others with a decimal comma"
            advice = 'set decimal = "." or "," in a mapping'
        else:
            column = item.column if item else self._mapping.document.published or ""
            several = len(self._dates[column].orders) > 1 if column in self._dates else False
            why = "dates with the day first and others with the month first"
            advice = 'set dates = "dmy" or "mdy" in a mapping'
        return f"{f'the column has {why}' if several else 'nothing in the column shows which'}; kept as text; {advice}"

    def note(self, column: str, about: str, make: Callable[[], str]) -> str:
        """Return the note on a column, which is the same for all its cells, so that the report counts them."""
        key = (column, about)
        if key not in self._notes:
            self._notes[key] = f"column {column}: {make()}"
        return self._notes[key]

    def is_column_note(self, note: str) -> bool:
        """Return True for a note that is the same for all such cells of a column."""
        return note in self._notes.values()

    def odd(self, column: str, note: str) -> str:
        """Return the note on a cell that doesn't fit its column; the same for all after the first ones."""
        self._odd[column] += 1
        if self._odd[column] <= _MOST_NAMED:
            return note
        return f"column {column}: more cells like these; kept as text"

    def _evidence(self, of: dict[str, Any], column: str) -> Any:
        if not self._is_read:
            self._read()
        return of.get(column)

    def _read(self) -> None:
        self._is_read = True
        stream = self._table.stream
        position = stream.tell() if stream else 0
        takers: dict[tuple[str, ...], list[tuple[int, Callable[[Any], None]]]] = {}
        for row in self._table.rows():
            if isinstance(row.cells, InputError):
                continue
            columns = row.columns or self._table.columns
            if columns not in takers:
                takers[columns] = self._takers(columns)
            for at, add in takers[columns]:
                cell = row.cells[at]
                if cell.__class__ is Values:
                    for part in cell:
                        if part.value.__class__ is str or part.value.__class__ is int or part.value.__class__ is float:
                            add(part.value)
                elif cell != "" and (cell.__class__ is str or cell.__class__ is int or cell.__class__ is float):
                    add(cell)
        if stream:
            stream.seek(position)  # the import is reading the same stream

    def _takers(self, columns: tuple[str, ...]) -> list[tuple[int, Callable[[Any], None]]]:
        found: list[tuple[int, Callable[[Any], None]]] = []
        for at, column in enumerate(columns):
            if column in self._dates:
                found.append((at, self._dates[column].add))
            if column in self._shares:
                found.append((at, self._shares[column].add))
            if column in self._numbers:
                found.append((at, _texts_with(self._numbers[column].add, self._units[column])))
            if column in self._words:
                found.append((at, _texts_only(self._words[column].add)))
        return found


def _texts_only(add: Callable[[str], None]) -> Callable[[Any], None]:
    return lambda cell: add(cell) if isinstance(cell, str) else None


def _texts_with(add: Callable[[str, str | None], None], unit: str | None) -> Callable[[Any], None]:
    return lambda cell: add(cell, unit) if isinstance(cell, str) else None
