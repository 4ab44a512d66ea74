"""Guesses a mapping from the column names and the first rows of a table."""

from collections import Counter
from collections.abc import Callable, Sequence

from db.formats.tables.cells import exact_number
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MODIFIER_SUFFIX, DocumentColumns, EventColumns, MappedField, Mapping
from db.formats.tables.read import column_names as names_of
from db.formats.tables.read.column_names import folded_name
from db.formats.tables.read.guessed_kinds import guess_kind, is_day, percent_or_share
from db.io.json_lines import shorten
from db.kinds import Kind, is_modifier
from db.model import Value

_LONG = 60  # characters of a cell, on average, from which a column is a text
_MOST_TYPES = 50
_MOST_IN_TITLE = 3
_ROWS_PER_REPEATED_ID = 20  # an id that is rarely repeated is one with a mistake, not that of an event in several rows


def guess(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> Mapping:
    """Return a mapping for a table with these columns and first rows; an empty cell is "" or None.

    Text, title, ids, type and dates are recognised by name if their values fit, a text also by its length. Every other
    column becomes a field.
    """
    seen = Columns(columns, rows)
    text = seen.take(names_of.TEXT, seen.is_text) or seen.longest()
    document_id = seen.take(
        names_of.DOCUMENT_ID, lambda column: seen.is_there(column) and (not text or seen.of_one(text, column))
    )
    title = seen.take(names_of.TITLE, lambda column: seen.is_text(column) and seen.of_one(column, document_id))
    url = seen.take(names_of.URL, seen.is_text)
    event_id = seen.take(names_of.EVENT_ID, seen.is_unique) or seen.take(names_of.SURE_EVENT_ID, seen.is_nearly_unique)
    event_type = seen.take(names_of.TYPE, seen.is_type)
    confidence = seen.take(names_of.CONFIDENCE, seen.is_confidence)
    extractor = seen.take(names_of.EXTRACTOR, seen.is_text) or seen.take(names_of.CODER, seen.is_there)
    run = seen.take(names_of.SURE_RUN, seen.is_there)
    published = seen.take(names_of.PUBLISHED, seen.is_day)
    publisher = seen.take(names_of.PUBLISHER, seen.is_text)
    language = seen.take(names_of.LANGUAGE, seen.is_text)
    start, end, quote = take_place(seen, lambda column: text is not None and seen.is_in_text(column, text))
    guessed = {column: guess_kind(column, seen.values(column)) for column in seen.remaining}
    kinds = {column: item.kind for column, item in guessed.items()}
    modifiers = {
        column: column + MODIFIER_SUFFIX
        for column in seen.remaining
        if kinds[column] in ("integer", "number") and seen.has_modifiers(column + MODIFIER_SUFFIX)
    }
    own = [column for column in seen.remaining if column not in modifiers.values()]
    titles: tuple[str, ...] = (title,) if title else ()
    if not title and not text:
        titles = _titles(seen, columns, own, kinds, url, publisher, document_id)
    names = zip(field_names(own), own, strict=True)
    return Mapping(
        document=DocumentColumns(
            (document_id,) if document_id else (), titles, (text,) if text else (), url, publisher, published, language
        ),
        event=EventColumns(
            (event_id,) if event_id else (),
            event_type,
            constant_type="event",
            extractor=extractor,
            run=run,
            confidence=confidence,
            confidence_of=seen.scale(confidence) if confidence else 1.0,
            start=start,
            end=end,
            quote=quote,
        ),
        fields=tuple(
            MappedField(name, column, kinds[column], unit=guessed[column].unit, modifier=modifiers.get(column))
            for name, column in names
        ),
        columns=tuple(columns),
        guessed=True,
    )


def take_place(seen: "Columns", is_in_text: Callable[[str], bool]) -> tuple[str | None, str | None, str | None]:
    """Remove and return the columns with the start, the end and the quote of the event's place in its text."""
    quote = seen.take(names_of.QUOTE, is_in_text)
    start = seen.take(names_of.STARTS, seen.is_offset)
    end = seen.take(names_of.ENDS, seen.is_offset)
    if start is None or end is None:
        seen.remaining += [column for column in (start, end) if column is not None]
        start = end = None
    return start, end, quote


def _titles(
    seen: "Columns",
    columns: Sequence[str],
    own: Sequence[str],
    kinds: dict[str, Kind | None],
    url: str | None,
    publisher: str | None,
    document_id: str | None,
) -> tuple[str, ...]:
    """Return the columns that are the title of a document without a text: those of the document alone.

    Rows of a document with other titles would be documents with other texts.
    """
    if url and seen.of_one(url, document_id):
        return (url,)
    if document_id and not seen.is_unique(document_id):  # places, actors and dates are those of its events
        described = [column for column in own if kinds[column] == "text" and seen.of_one(column, document_id)]
        about = [publisher] if publisher and seen.of_one(publisher, document_id) else []
        return (*described[:_MOST_IN_TITLE],) or (*about, document_id)
    readable = [column for column in own if kinds[column] in ("text", "place", "actor", "date")]
    return tuple(readable[:_MOST_IN_TITLE] or columns[:1])


def odd_cells(columns: Sequence[str], rows: Sequence[Sequence[Value]], mapping: Mapping) -> list[str]:
    """Return notes on the columns of a guessed mapping in which some of the first cells don't fit the kind."""
    seen = Columns(columns, rows)
    guessed = ((item.column, guess_kind(item.column, seen.values(item.column))) for item in mapping.fields)
    notes = [note for column, kind in guessed if (note := kind.note(column))]
    if not mapping.event.id and (column := seen.take(names_of.SURE_EVENT_ID, seen.is_there)):
        value, rows_of_it = Counter(map(str, seen.values(column))).most_common(1)[0]
        notes.append(
            f"{column} {shorten(value)} is in {rows_of_it} of the first rows, so {column} is a field and not the id of"
            " events; a mapping can make it the id"
        )
    return notes


class Columns:
    """The columns that have no use yet, and their values in the first rows."""

    def __init__(self, columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> None:
        self.remaining = list(columns)
        self._values: dict[str, list[Value]] = {
            column: [row[at] for row in rows if at < len(row) and row[at] not in ("", None)]
            for at, column in enumerate(columns)
        }
        self._cells = {
            column: [row[at] if at < len(row) else None for row in rows] for at, column in enumerate(columns)
        }
        self._rows = len(rows)

    def take(self, names: Sequence[str], fits: Callable[[str], bool]) -> str | None:
        """Remove and return the column with the first of these names that fits; None if there is none."""
        folded = {folded_name(column): column for column in reversed(self.remaining)}
        for name in names:
            column = folded.get(name)
            if column is not None and fits(column):
                self.remaining.remove(column)
                return column
        return None

    def has_modifiers(self, column: str) -> bool:
        """Return True if a column is there, has no use yet, and holds only modifiers of numbers."""
        return column in self.remaining and all(map(is_modifier, self._values[column]))

    def longest(self) -> str | None:
        """Remove and return the column with the longest cells; None if they are too short for a text."""
        means = {column: self._mean(column) for column in self.remaining if self.is_text(column)}
        best = max(means, key=lambda column: means[column], default=None)
        if best is None or means[best] < _LONG:
            return None
        self.remaining.remove(best)
        return best

    def is_there(self, column: str) -> bool:
        """Return True if all rows have a cell that is a text or a whole number."""
        values = self._values[column]
        return len(values) == self._rows and all(isinstance(value, str | int) for value in values)

    def of_one(self, column: str, document_id: str | None) -> bool:
        """Return True if all rows of a document have the same cell in a column."""
        if document_id is None:
            return True
        first: dict[str, Value] = {}
        pairs = zip(self._cells[document_id], self._cells[column], strict=True)
        return all(first.setdefault(str(document), cell) == cell for document, cell in pairs)

    def is_unique(self, column: str) -> bool:
        """Return True if all rows have a cell, each another one."""
        return self.is_there(column) and len(set(map(str, self._values[column]))) == self._rows

    def is_nearly_unique(self, column: str) -> bool:
        """Return True if few values occur in several rows."""
        repeated = self._rows - len(set(map(str, self._values[column])))
        return self.is_there(column) and repeated * _ROWS_PER_REPEATED_ID <= self._rows

    def is_text(self, column: str) -> bool:
        """Return True if no cell is a number."""
        values = self._values[column]
        return all(isinstance(value, str) and exact_number(value) is None for value in values)

    def is_in_text(self, column: str, text: str) -> bool:
        """Return True if most cells of a column occur in the text of their row."""
        pairs = [
            (cell, whole)
            for cell, whole in zip(self._cells[column], self._cells[text], strict=True)
            if isinstance(cell, str) and cell.strip() and isinstance(whole, str)
        ]
        return 2 * sum(cell.strip() in whole for cell, whole in pairs) > len(pairs)

    def is_offset(self, column: str) -> bool:
        """Return True if the cells are whole numbers from 0."""
        values = [exact_number(value) if isinstance(value, str) else value for value in self._values[column]]
        return bool(values) and all(type(value) is int and value >= 0 for value in values)

    def is_type(self, column: str) -> bool:
        """Return True if the cells are few different short texts."""
        values = self._values[column]
        return self.is_text(column) and len(set(map(str, values))) <= _MOST_TYPES and self._mean(column) < _LONG

    def is_confidence(self, column: str) -> bool:
        """Return True if the cells are shares or percentages."""
        return percent_or_share(self._values[column]) is not None

    def scale(self, column: str) -> float:
        """Return the value that means certain: 100 for percentages."""
        return percent_or_share(self._values[column]) or 1.0

    def is_day(self, column: str) -> bool:
        """Return True if the cells are dates of publication."""
        return all(map(is_day, self._values[column]))

    def values(self, column: str) -> list[Value]:
        """Return the cells that are not empty."""
        return self._values[column]

    def _mean(self, column: str) -> float:
        values = self._values[column]
        return sum(len(value) for value in values if isinstance(value, str)) / len(values) if values else 0.0
