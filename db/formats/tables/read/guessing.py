"""Guesses a mapping from the column names and the first rows of a table."""

import re
from collections import Counter
from collections.abc import Callable, Sequence

from db.formats.tables.cells import exact_number
from db.formats.tables.mapping.field_names import field_names
from db.formats.tables.mapping.mapping import MODIFIER_SUFFIX, DocumentColumns, EventColumns, MappedField, Mapping
from db.formats.tables.read.guessed_kinds import guess_kind, is_day, percent_or_share
from db.io.json_lines import shorten
from db.kinds import Kind, is_modifier
from db.model import Value

_TEXT = "text body content article article_text full_text notes description summary sentence snippet abstract story"
_TITLE = "title headline heading source_headline subject"
_URL = "url link source_url sourceurl article_url href uri"
_PUBLISHER = "publisher outlet newspaper publication source_name media site domain source"
_PUBLISHED = "published published_at publication_date pub_date date_published published_date article_date"
_LANGUAGE = "language lang"
_EVENT_ID = "event_id eventid event_id_cnty globaleventid id record_id uid uuid row_id key incident_id"
_SURE_EVENT_ID = "event_id eventid event_id_cnty globaleventid incident_id"
_DOCUMENT_ID = "document_id doc_id docid article_id story_id text_id document"
_TYPE = "event_type type category event_class event_category class event action_type attack_type"
_CONFIDENCE = "confidence score probability certainty"
_EXTRACTOR = "extractor model model_name system"
_CODER = (
    "annotator annotator_id annotator_name coder coder_id coder_name rater rater_id labeler labeller worker worker_id"
)
_RUN = "run run_id run_name model_version extractor_version pipeline_version"
_LONG = 60  # characters of a cell, on average, from which a column is a text
_MOST_TYPES = 50
_MOST_IN_TITLE = 3
_ROWS_PER_REPEATED_ID = 20  # an id that is rarely repeated is one with a mistake, not that of an event in several rows


def guess(columns: Sequence[str], rows: Sequence[Sequence[Value]]) -> Mapping:
    """Return a mapping for a table with these columns and first rows; an empty cell is "" or None.

    Text, title, ids, type and dates are recognised by name if their values fit, a text also by its length. Every other
    column becomes a field.
    """
    seen = _Columns(columns, rows)
    text = seen.take(_TEXT, seen.is_text) or seen.longest()
    document_id = seen.take(
        _DOCUMENT_ID, lambda column: seen.is_there(column) and (not text or seen.of_one(text, column))
    )
    title = seen.take(_TITLE, lambda column: seen.is_text(column) and seen.of_one(column, document_id))
    url = seen.take(_URL, seen.is_text)
    event_id = seen.take(_EVENT_ID, seen.is_unique) or seen.take(_SURE_EVENT_ID, seen.is_nearly_unique)
    event_type = seen.take(_TYPE, seen.is_type)
    confidence = seen.take(_CONFIDENCE, seen.is_confidence)
    extractor = seen.take(_EXTRACTOR, seen.is_text) or seen.take(_CODER, seen.is_there)
    run = seen.take(_RUN, seen.is_there)
    published = seen.take(_PUBLISHED, seen.is_day)
    publisher = seen.take(_PUBLISHER, seen.is_text)
    language = seen.take(_LANGUAGE, seen.is_text)
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
        ),
        fields=tuple(
            MappedField(name, column, kinds[column], unit=guessed[column].unit, modifier=modifiers.get(column))
            for name, column in names
        ),
        columns=tuple(columns),
        guessed=True,
    )


def _titles(
    seen: "_Columns",
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
    seen = _Columns(columns, rows)
    guessed = ((item.column, guess_kind(item.column, seen.values(item.column))) for item in mapping.fields)
    notes = [note for column, kind in guessed if (note := kind.note(column))]
    if not mapping.event.id and (column := seen.take(_SURE_EVENT_ID, seen.is_there)):
        value, rows_of_it = Counter(map(str, seen.values(column))).most_common(1)[0]
        notes.append(
            f"{column} {shorten(value)} is in {rows_of_it} of the first rows, so {column} is a field and not the id of"
            " events; a mapping can make it the id"
        )
    return notes


class _Columns:
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

    def take(self, names: str, fits: Callable[[str], bool]) -> str | None:
        """Remove and return the column with the first of these names that fits; None if there is none."""
        folded = {re.sub(r"\W+", "_", column.casefold()).strip("_"): column for column in reversed(self.remaining)}
        for name in names.split():
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
        return self.is_there(column) and len(set(map(str, self._values[column]))) == self._rows

    def is_nearly_unique(self, column: str) -> bool:
        """Return True if few values occur in several rows."""
        repeated = self._rows - len(set(map(str, self._values[column])))
        return self.is_there(column) and repeated * _ROWS_PER_REPEATED_ID <= self._rows

    def is_text(self, column: str) -> bool:
        values = self._values[column]
        return all(isinstance(value, str) and exact_number(value) is None for value in values)

    def is_type(self, column: str) -> bool:
        values = self._values[column]
        return self.is_text(column) and len(set(map(str, values))) <= _MOST_TYPES and self._mean(column) < _LONG

    def is_confidence(self, column: str) -> bool:
        return percent_or_share(self._values[column]) is not None

    def scale(self, column: str) -> float:
        """Return the value that means certain: 100 for percentages."""
        return percent_or_share(self._values[column]) or 1.0

    def is_day(self, column: str) -> bool:
        return all(map(is_day, self._values[column]))

    def values(self, column: str) -> list[Value]:
        """Return the cells that are not empty."""
        return self._values[column]

    def _mean(self, column: str) -> float:
        values = self._values[column]
        return sum(len(value) for value in values if isinstance(value, str)) / len(values) if values else 0.0
