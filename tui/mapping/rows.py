"""The first rows of a table, and what an import with a mapping would make of each."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import islice
from time import monotonic
from typing import Any

from db.errors import InputError
from db.formats.tables.cells import read_cell, write_value
from db.formats.tables.mapping.loading import preset
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import parse_mapping, to_toml
from db.formats.tables.read.column_facts import ColumnFacts
from db.formats.tables.read.documents import read_table
from db.formats.tables.read.guessing import guess
from db.formats.tables.table import ABSENT, SAMPLE_ROWS, Row, Table
from db.grounding.documents import ground_document
from db.grounding.written import Effort
from db.io.documents import parse_document
from db.native import NewDocument
from tui.mapping import edits

_MAX_BYTES = 2**24  # of rows kept
_EXAMPLE = 300  # characters of a cell


@dataclass(frozen=True, slots=True)
class Outcome:
    """What becomes of a row: a document with its event, or the reason why the row is invalid; and notes."""

    place: int
    document: NewDocument | None = None
    refusal: str = ""
    notes: tuple[str, ...] = ()


class Sample:
    """The first rows of a table: as many as fit into memory, at least one if there is any."""

    NOUN = "row"

    def __init__(self, table: Table) -> None:
        self.table = table
        self.rows: list[Row] = []
        size = 0
        for row in islice(table.rows(), SAMPLE_ROWS):
            size += len(row.raw)
            if self.rows and size > _MAX_BYTES:
                break
            self.rows.append(row)
        self._at = {column: number for number, column in enumerate(table.columns)}
        self._sampled = replace(table, rows=lambda: iter(self.rows))
        self._facts: tuple[Mapping, ColumnFacts] | None = None

    def cell(self, column: str, number: int) -> str:
        """Return the beginning of a cell of a row as text; empty if there is none."""
        if not 0 <= number < len(self.rows):
            return ""
        cells = self.rows[number].cells
        if isinstance(cells, InputError) or (at := self._at[column]) >= len(cells):
            return ""
        return _beginning(cells[at])

    def other_cell(self, column: str) -> str:
        """Return the beginning of the first cell of a column that isn't empty; empty if all are."""
        return next((cell for number in range(len(self.rows)) if (cell := self.cell(column, number))), "")

    def scale(self, column: str) -> float:
        """Return the value that means certain in a column of confidences: 100 for percentages, otherwise 1."""
        cells = (self.cell(column, number) for number in range(len(self.rows)))
        numbers = [number for cell in cells if isinstance(number := read_cell(cell, "number").value, int | float)]
        return 100.0 if numbers and 1 < max(numbers) <= 100 else 1.0

    def outcome(self, number: int, mapping: Mapping) -> Outcome:
        """Return what an import with the mapping makes of a row.

        An import learns from the whole file, for example the order of day and month; here the sample decides.
        """
        row = self.rows[number]
        table = replace(self._sampled, rows=lambda: iter((row,)))
        mapping = self.as_read(mapping)
        if self._facts is None or self._facts[0] != mapping:
            self._facts = mapping, ColumnFacts(replace(self._sampled, stream=None), mapping)
        facts = self._facts[1]
        try:
            (record,) = read_table(table, mapping, facts=facts)
            if isinstance(record.document, InputError):
                raise record.document
            notes = tuple(note for note in record.notes if not facts.is_column_note(note))
            document = ground_document(parse_document(record.document), record.unsearched, Effort())
            return Outcome(record.position, document, notes=notes)
        except InputError as error:
            return Outcome(row.position, refusal=str(error))

    def as_read(self, mapping: Mapping) -> Mapping:
        """Return the mapping as an import has it: as it will be in its file."""
        return replace(mapping, guessed=False)

    def complete(self, mapping: Mapping) -> Mapping:
        """Return the mapping with what every column is, also those that it doesn't mention."""
        return self.as_read(mapping).with_columns(self.table.columns)

    def heading(self, outcome: Outcome) -> str:
        """Return the words for the place of a row."""
        return f"{'row' if self.table.typed else 'line'} {outcome.place}"

    def outcomes(self, mapping: Mapping) -> Iterator[Outcome]:
        """Yield what becomes of each row, also of one that an import refuses because of a row before it."""
        from db.importing.texts import two_texts

        first: dict[str, NewDocument] = {}
        events: dict[tuple[str, str, str], int] = {}
        for number in range(len(self.rows)):
            outcome = self.outcome(number, mapping)
            if (document := outcome.document) is None:
                yield outcome
                continue
            known = first.setdefault(document.external_id, document)
            notes = outcome.notes
            if known.source != document.source:
                if known.text is not None or document.text is not None:
                    refusal = str(two_texts(document.external_id, known.source, document.source))
                    yield Outcome(outcome.place, refusal=refusal)
                    continue
                notes = (*notes, f"document {document.external_id} has another title before; the first one stays")
            for event in document.events:
                key = (document.external_id, event.external_id, event.extractor)
                earlier = events.setdefault(key, outcome.place)
                if earlier != outcome.place and not event.id_is_derived:
                    what = f"row {earlier}" if self.table.typed else f"line {earlier}"
                    notes = (*notes, f"has the event id of {what}; an import updates that event with this row")
            yield replace(outcome, notes=notes)


class RowChecks:
    """What becomes of the sample's rows, checked a few at a time between keys."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._pending: Iterator[Outcome] = iter(())
        self.outcomes: list[Outcome | None] = []

    @property
    def complete(self) -> bool:
        """True if every row was checked."""
        return None not in self.outcomes

    def restart(self, mapping: Mapping) -> None:
        """Check all rows again, under another mapping."""
        self.outcomes = [None] * len(self._sample.rows)
        self._pending = self._sample.outcomes(mapping)

    def check(self, seconds: float) -> None:
        """Check at least one more row, and others for as long as this."""
        end = monotonic() + seconds
        for outcome in self._pending:
            self.outcomes[self.outcomes.index(None)] = outcome
            if monotonic() > end:
                break

    def next_problem(self, after: int) -> int | None:
        """Return the next invalid row after one, wrapping around; if no row is invalid, the next one with notes."""
        count = len(self.outcomes)
        order = [(after + step) % count for step in range(1, count + 1)]
        checked = [(number, outcome) for number in order if (outcome := self.outcomes[number]) is not None]
        invalid = (number for number, outcome in checked if outcome.refusal)
        noted = (number for number, outcome in checked if outcome.notes)
        return next(invalid, next(noted, None))


def initial_mapping(table: Table) -> tuple[Mapping, str | None]:
    """Return the shipped mapping that surely fits, and its name; otherwise a guess, and None.

    It mentions every column of the table, and survives being written as TOML and read again.
    """
    if table.preset is not None:
        made = _fitted(table, preset(table.preset))
        try:
            if parse_mapping(to_toml(made), table.preset) == made:
                return made, table.preset
        except InputError:
            pass  # the preset needs columns that this table lacks
    return _fitted(table, guess(table.columns, table.sample)), None


def _fitted(table: Table, mapping: Mapping) -> Mapping:
    """Return a mapping with the table's own settings, and every column of it in its place."""
    named = mapping.uses()
    more = tuple(column for column in named if column not in table.columns)
    if not table.typed:  # only objects may have keys that the first rows lack
        for column in more:
            mapping = edits.without(mapping, column)
        more = ()
    made = table.settings(mapping.with_columns(table.columns))
    return replace(made, columns=(*table.columns, *more), guessed=False)


def _beginning(cell: Any) -> str:
    if cell is None or cell is ABSENT:
        return ""
    if (
        isinstance(cell, list | tuple) and cell and all(isinstance(item, list | tuple) and item for item in cell)
    ):  # of a fields table
        return " · ".join(_beginning(item[0]) for item in cell[:_EXAMPLE])[:_EXAMPLE]
    return cell[:_EXAMPLE] if isinstance(cell, str) else write_value(cell)[:_EXAMPLE]
