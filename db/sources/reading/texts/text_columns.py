"""The text of a row's document made readable, and the offsets into it made offsets into the readable text."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.shared.folders import content_of
from db.formats.shared.spans.file_units import FileUnits
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.read.values import whole_number
from db.formats.tables.values import PlacedValue, Values
from db.io.json_lines import shorten
from db.sources.plan import EventTable, Plan, TextForm
from db.sources.reading.texts.encodings import text_of_bytes
from db.sources.reading.texts.html import Readable, main_text, without_tags
from db.sources.reading.texts.offsets import PLAIN, Counting, Example, counting_of, fitting, whole_numbers

_KEPT = 32  # texts made readable, for the rows that follow
_TELLING, _OTHERS = 200, 100  # examples where units differ, and where they don't
_PAGES = (".html", ".htm", ".xhtml")


_Pair = tuple[Example, Example | None]  # in the text as given, and as made readable


class _Place(NamedTuple):
    """The columns of one place in the text; what is expected there is in ``quotes``, the first that has a text."""

    start: str
    end: str
    quotes: tuple[str, ...]


class TextColumns:
    """Makes the texts of rows readable, and converts the offsets of their values.

    is_sure, has_offsets: if the plan has columns with offsets; if there are any, as the rows show. note: how offsets
    are read, if not as usual. exact: True to keep the place of each character of HTML, because offsets point into it.
    """

    def __init__(self, table: EventTable, folder: Path, *, exact: bool) -> None:
        self._folder = folder
        self._form: TextForm = table.text_form
        self._exact = exact
        self._texts = table.mapping.document.text
        self._titles = table.mapping.document.title
        self._places = places_of(table.mapping)
        self.in_json = bool(table.json or table.each)
        self._has_values = self.in_json or bool(table.fields and table.fields.start and table.fields.end)
        self._counting: tuple[Counting, bool] = (PLAIN, False)
        self._kept: dict[str, Readable] = {}
        self.note = ""
        self.is_sure = bool(self._places) or (self._has_values and not self.in_json)
        self.has_offsets = self.is_sure or self._has_values

    @property
    def is_plain(self) -> bool:
        """True if rows need not be finished."""
        return self._form == "plain" and not self.has_offsets

    def finish(self, columns: Sequence[str], cells: list[Any], notes: list[str]) -> None:
        """Replace the texts of a row by readable ones, and its offsets by those of the readable text."""
        at = {column: number for number, column in enumerate(columns)}
        given = self._text(at, cells)
        readable: Readable | None = None
        for column in self._texts if self._form != "plain" else ():
            if column in at and isinstance(cells[at[column]], str):
                readable = self._readable(column, cells[at[column]], notes)
                cells[at[column]] = None if readable is None else readable.text
        if not self.has_offsets or given is None:
            return
        counting, into_readable = self._counting
        if counting == PLAIN and (readable is None or not readable.begins or into_readable):
            return
        frame = readable.text if readable is not None and into_readable else given
        if self._form == "file" and readable is not None:
            frame = readable.text
            into_readable = True
        row = whole_numbers(dict(zip(columns, cells, strict=True))) if counting.base else {}
        base = row.get(counting.base or "", 0)

        def placed(start: object, end: object) -> tuple[int, int] | None:
            first, last = whole_number(start), whole_number(end)
            if first is None or last is None:
                return None
            span = counting.span(frame, first, last, base)
            if span is not None and not into_readable and readable is not None and readable.begins:
                span = readable.span(*span)
            if span is None:
                notes.append("offsets outside the text, inside a tag, or that cut a character; not imported")
            return span

        for place in self._places:
            if place.start in at and place.end in at:
                start, end = at[place.start], at[place.end]
                if cells[start] is not None and cells[end] is not None:
                    cells[start], cells[end] = placed(cells[start], cells[end]) or (None, None)
        for number, cell in enumerate(cells) if self._has_values else ():
            if isinstance(cell, Values):
                cells[number] = Values(_moved(cell, placed))

    def has_text(self, columns: Sequence[str], cells: Sequence[Any]) -> bool:
        """Return True if a row has a text or a title."""
        return self._text({column: number for number, column in enumerate(columns)}, cells) is not None

    def readable_text(self, columns: Sequence[str], cells: Sequence[Any]) -> str:
        """Return the text of a document that people will read; empty if it has none."""
        text = self._text({column: number for number, column in enumerate(columns)}, cells) or ""
        if self._form == "plain" or not text:
            return text
        readable = self._readable("", text, [])
        return readable.text if readable else ""

    def observe(self, rows: Iterable[tuple[Sequence[str], list[Any]]]) -> None:
        """Find out from some rows, not finished yet, how offsets count. It reads as many as tell enough."""
        telling: list[_Pair] = []
        others: list[_Pair] = []
        units = FileUnits()
        has_any = False
        for columns, cells in rows:
            at = {column: number for number, column in enumerate(columns)}
            text = self._text(at, cells)
            if text is None or (len(telling) >= _TELLING and len(others) >= _OTHERS):
                continue
            readable = self._readable("", text, []) if self._form != "plain" else None
            frame = readable.text if readable and self._form == "file" else text
            numbers = whole_numbers(dict(zip(columns, cells, strict=True)))
            for start, end, quotes in self._examples(at, cells):
                has_any = True
                if not quotes:
                    units.observe(frame, [(start, end, None)])
                    continue
                pair = (
                    Example(frame, start, end, quotes, numbers),
                    Example(readable.text, start, end, quotes, numbers) if readable else None,
                )
                some, most = (others, _OTHERS) if frame[:end].isascii() else (telling, _TELLING)
                if len(some) < most:
                    some.append(pair)
        pairs = [*telling, *others]
        self.has_offsets = self.is_sure or has_any
        given = [outside for outside, _ in pairs]
        best, into_readable = counting_of(given), False
        if not pairs and (unit := units.decision()[0]) is not None:
            best = Counting(unit)
        if inside := [one for _, one in pairs if one is not None]:
            other = counting_of(inside)
            if fitting(other, inside) > fitting(best, given):
                best, into_readable = other, True
        self._counting = best, into_readable
        self.note = "" if best == PLAIN else f"offsets are read {best.words()}, which fits the quotes and values"

    def _examples(self, at: dict[str, int], cells: Sequence[Any]) -> Iterable[tuple[int, int, tuple[str, ...]]]:
        for place in self._places:
            if place.start in at and place.end in at:
                start, end = whole_number(cells[at[place.start]]), whole_number(cells[at[place.end]])
                if start is not None and end is not None:
                    yield start, end, _texts(cells[at[column]] for column in place.quotes if column in at)
        for cell in cells if self._has_values else ():
            for part in cell if isinstance(cell, Values) else ():
                start, end = whole_number(part.start), whole_number(part.end)
                if start is not None and end is not None:
                    yield start, end, _texts((part.quote, part.value))

    def _text(self, at: dict[str, int], cells: Sequence[Any]) -> str | None:
        for names in (self._texts, self._titles):
            for column in names:
                if column in at and isinstance(cell := cells[at[column]], str) and cell:
                    return cell
        return None

    def _readable(self, column: str, cell: str, notes: list[str]) -> Readable | None:
        if cell in self._kept:
            return self._kept[cell]
        if len(self._kept) >= _KEPT:
            self._kept.clear()
        if self._form == "file":
            found = self._of_file(column, cell, notes)
        else:
            found = without_tags(cell) if self._exact else main_text(cell)
        if found is not None:
            self._kept[cell] = found
        return found

    def _of_file(self, column: str, name: str, notes: list[str]) -> Readable | None:
        """Return the text of a file; None, with a note that names it, if it can't be read."""
        path = Path(name.strip().removeprefix("file://").replace("\\", "/"))
        try:
            content = content_of(self._folder / path, self._folder)
        except InputError as error:
            notes.append(f"column {column}: {error}")
            return None
        except (OSError, ValueError):
            notes.append(f"column {column}: {shorten(name)} is not a possible file name")
            return None
        if (read := text_of_bytes(content)) is None:
            notes.append(f"column {column}: {shorten(name)} is not a text")
            return None
        text, how = read
        if how:
            notes.append(f"column {column}: {shorten(name)} is {how}")
        if path.suffix.lower() in _PAGES:
            return without_tags(text) if self._exact else main_text(text)
        return Readable(text)


def _texts(cells: Iterable[Any]) -> tuple[str, ...]:
    """Return the cells that show what is at a place: texts, and numbers of several digits."""
    given = (str(cell) if type(cell) is int else cell for cell in cells)
    return tuple(cell for cell in given if isinstance(cell, str) and len(cell.strip()) > 1)


def places_of(mapping: Mapping) -> list[_Place]:
    """Return the pairs of columns that are offsets, each with the columns of what is expected there."""
    found = [
        _Place(item.start, item.end, (*filter(None, [item.quote]), item.column))
        for item in mapping.fields
        if item.start and item.end
    ]
    event = mapping.event
    if event.start and event.end:
        found.append(_Place(event.start, event.end, tuple(filter(None, [event.quote]))))
    return found


def have_offsets(plan: Plan) -> bool:
    """Return True if any table of a plan has offsets into its texts."""
    return any(places_of(table.mapping) or (table.fields and table.fields.start) for table in plan.events)


def _moved(values: Values, placed: Any) -> Iterable[PlacedValue]:
    for part in values:
        if part.start is None or part.end is None:
            yield part
            continue
        start, end = placed(part.start, part.end) or (None, None)
        yield part._replace(start=start, end=end)
