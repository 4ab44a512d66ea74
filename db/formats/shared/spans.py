"""Brings offsets of other programs to code points: of bytes, of UTF-16 units, and of a text that was changed since."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from db.formats.format import OffsetUnit
from db.formats.shared.offsets import Change, Measure, measures_of_changes, units_of
from db.formats.shared.quotes import Anchor, Lost, find_again

_SHOWN = 3  # quotes in a note
_QUOTED = 40  # characters of each
_RIGHT = 0.9  # of the spans that have a quote equal it where the text was not changed
_BEGINNING = 2**18  # characters of a text by which it is told what was done to it, where enough spans are there
_ENOUGH = 20
_TELLING = 4  # characters of quotes that are found by what may have been done to a text, not by chance
_BLANKS = re.compile(r"\s+")
_NAMES = {"code_points": "characters", "utf16": "UTF-16 units", "bytes": "bytes"}


class Mark(NamedTuple):
    """A span as a file has it: ``[start, end)`` in the file's unit, and the text that should stand there, if told."""

    start: int
    end: int
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class Placed:
    """Spans in code points, in the order of the marks, None where one could not be placed; the unit they counted in;
    and what a person should know, a line each: converted, moved, not found.
    """

    spans: tuple[tuple[int, int] | None, ...]
    unit: OffsetUnit
    notes: tuple[str, ...] = ()


def place(text: str, marks: Sequence[Mark], unit: OffsetUnit | None = None) -> Placed:
    """The spans of ``marks`` in ``text``, counted in ``unit``, else in the one by which most equal their quotes.

    Without quotes and unit they count code points if they all lie within the text, else the first unit by which they
    do. A span that does not equal its quote is looked for by it; one that begins or ends within a character is not
    placed. Quotes may differ in white space and composition of letters.
    """
    if not marks:
        return Placed((), unit or "code_points")
    if any(mark.quote for mark in marks):
        return _by_quotes(text, marks, unit)
    return _by_offsets(text, marks, unit)


def _by_offsets(text: str, marks: Sequence[Mark], unit: OffsetUnit | None) -> Placed:
    for candidate in (unit,) if unit else units_of(text):
        measure = Measure(text, candidate)
        spans = [measure.span(mark.start, mark.end) for mark in marks]
        if all(span or mark.start >= mark.end for mark, span in zip(marks, spans, strict=True)):
            break
    else:
        measure = Measure(text, unit or "code_points")
        spans = [measure.span(mark.start, mark.end) for mark in marks]
    notes = [_converted(marks, spans, measure.unit)]
    if notes[0] and unit is None:
        notes = [f"{notes[0]}, since counted in characters some lie outside of the text"]
    notes += _unplaced(marks, spans, measure)
    return Placed(tuple(spans), measure.unit, tuple(filter(None, notes)))


def _by_quotes(text: str, marks: Sequence[Mark], unit: OffsetUnit | None) -> Placed:
    differing = units_of(text)
    plain = [_Counted(text, marks, Measure(text, candidate)) for candidate in ((unit,) if unit else differing)]
    best = max(plain, key=lambda counted: counted.right)  # of several as good, the first
    chosen, change = best, None
    quoted = _count(bool(mark.quote) for mark in marks)
    if best.right < _RIGHT * quoted:
        telling = [mark for mark in marks if mark.quote and mark.start < _BEGINNING // 2]
        enough = len(telling) >= _ENOUGH
        part = text[:_BEGINNING] if enough else text
        found = _change(part, telling if enough else [mark for mark in marks if mark.quote], unit)
        if found:
            counted = _Counted(text, marks, Measure(text, *found))
            if counted.right > best.right:
                chosen, change = counted, found[1]
    spans = list(chosen.spans)
    notes = [_moved_by(change, marks, spans, best, chosen) if change else _converted(marks, spans, best.measure.unit)]
    if unit and chosen.right < quoted:
        notes.append(_other_unit(text, marks, best, differing))
    lost = [n for n, mark in enumerate(marks) if mark.quote and not chosen.equal[n]]
    if lost:
        notes += _look_for(text, marks, lost, spans, chosen)
    notes += _unplaced(marks, spans, chosen.measure)
    return Placed(tuple(spans), chosen.measure.unit, tuple(filter(None, notes)))


def _change(text: str, marks: Sequence[Mark], unit: OffsetUnit | None) -> tuple[OffsetUnit, Change] | None:
    """In which unit the marks count along what the text was, and what was changed; None where that helps nothing."""
    units = (unit,) if unit else units_of(text)
    best = max((_Counted(text, marks, Measure(text, unit)) for unit in units), key=lambda counted: counted.right)
    needed, found = best.telling + _TELLING, None
    for measure, change in measures_of_changes(text, units):
        counted = _Counted(text, marks, measure)
        if counted.right > best.right and counted.telling >= needed:
            best, found = counted, (measure.unit, change)
        if best.right >= _RIGHT * len(marks):
            break
    return found


class _Counted:
    """The marks counted by one measure: their spans, and which of them equal their quotes."""

    def __init__(self, text: str, marks: Sequence[Mark], measure: Measure) -> None:
        self.measure = measure
        self.spans = [measure.span(mark.start, mark.end) for mark in marks]
        self.equal = [
            bool(span and mark.quote and _equals(text, span, mark.quote, measure))
            for mark, span in zip(marks, self.spans, strict=True)
        ]
        self.right = sum(self.equal)
        self.telling = sum(len(mark.quote or "") for mark, equal in zip(marks, self.equal, strict=True) if equal)


def _equals(text: str, span: tuple[int, int], quote: str, measure: Measure) -> bool:
    start, end = span
    if end - start > 4 * len(quote) + 16:
        return False
    found = text[start:end]
    return found == quote or _same(quote) in (_same(found), _same(measure.as_it_was(found)))


def _same(text: str) -> str:
    return unicodedata.normalize("NFC", _BLANKS.sub(" ", text))


def _look_for(
    text: str, marks: Sequence[Mark], lost: list[int], spans: list[tuple[int, int] | None], counted: _Counted
) -> list[str]:
    """Put what is found again into ``spans``, None where nothing is; what there is to say of it."""

    def about(n: int) -> int:
        return counted.measure.about(marks[n].start)

    # One for each place is enough: a mark more where one stands already says nothing new.
    anchors = {
        Anchor(about(n), span[0] - about(n)) for n, span in enumerate(spans) if span is not None and counted.equal[n]
    }
    found = find_again(text, [Lost(about(n), marks[n].quote or "") for n in lost], anchors)
    moved = 0
    missing: list[str] = []
    ambiguous: list[str] = []
    for n, place in zip(lost, found, strict=True):
        spans[n] = None if isinstance(place, int) else place
        if spans[n] is not None:
            moved += 1
        else:
            (ambiguous if place else missing).append(marks[n].quote or "")
    notes = [f"{_spans(moved)} moved: the text is not the one they were made on"] if moved else []
    if missing:
        notes.append(f"{_spans(len(missing))} not found: {_some(missing)}")
    if ambiguous:
        notes.append(f"{_spans(len(ambiguous))} not placed, since it is not clear which of several: {_some(ambiguous)}")
    return notes


def _converted(marks: Sequence[Mark], spans: Sequence[tuple[int, int] | None], unit: OffsetUnit) -> str:
    count = _count(span is not None and span != mark[:2] for mark, span in zip(marks, spans, strict=True))
    return f"{_spans(count)} counted in {_NAMES[unit]}: converted" if count else ""


def _moved_by(
    change: Change, marks: Sequence[Mark], spans: Sequence[tuple[int, int] | None], plain: _Counted, chosen: _Counted
) -> str:
    before = plain.spans if plain.measure.unit == chosen.measure.unit else [mark[:2] for mark in marks]
    count = _count(span is not None and span != old for span, old in zip(spans, before, strict=True))
    counted = "" if chosen.measure.unit == "code_points" else f" counted in {_NAMES[chosen.measure.unit]},"
    return f"{_spans(count)}{counted} moved: the text was one {change.was} when they were made" if count else ""


def _other_unit(text: str, marks: Sequence[Mark], declared: _Counted, differing: Sequence[OffsetUnit]) -> str:
    """What to say where the spans equal their quotes in another unit than the one a person named."""
    others = [_Counted(text, marks, Measure(text, unit)) for unit in differing if unit != declared.measure.unit]
    better = max(others, key=lambda counted: counted.right, default=declared)
    if better.right <= declared.right:
        return ""
    return (
        f"{_spans(declared.right)} equal their quotes counted in {_NAMES[declared.measure.unit]},"
        f" {better.right:,} would in {_NAMES[better.measure.unit]}"
    )


def _unplaced(marks: Sequence[Mark], spans: Sequence[tuple[int, int] | None], measure: Measure) -> list[str]:
    """What to say of spans without a quote that have no place."""
    reversed_, outside, within = 0, 0, 0
    for mark, span in zip(marks, spans, strict=True):
        if span is not None or mark.quote:
            continue
        if not mark.start < mark.end:
            reversed_ += 1
        elif measure.is_outside(mark.start, mark.end):
            outside += 1
        else:
            within += 1
    said = {"empty or reversed": reversed_, "outside of the text": outside, "within a character": within}
    return [f"{_spans(count)} not placed: {what}" for what, count in said.items() if count]


def _count(conditions: Iterable[bool]) -> int:
    return sum(conditions)


def _spans(count: int) -> str:
    return f"{count:,} span{'' if count == 1 else 's'}"


def _some(quotes: Sequence[str]) -> str:
    different = list(dict.fromkeys(quotes))
    shown = ", ".join(f"‘{_short(quote)}’" for quote in different[:_SHOWN])
    return f"{shown} and {len(different) - _SHOWN:,} more" if len(different) > _SHOWN else shown


def _short(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= _QUOTED else f"{quote[:_QUOTED]}…"
