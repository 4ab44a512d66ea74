"""Converts spans from other programs to code points: from UTF-16 units or bytes, and from a text that changed since."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from operator import attrgetter
from typing import NamedTuple

from db.formats.format import OffsetUnit
from db.formats.shared.spans.file_units import UNIT_NAMES, FileUnits
from db.formats.shared.spans.offsets import OffsetMap, TextChange, differing_units, maps_before_changes
from db.formats.shared.spans.quotes import Anchor, LostQuote, find_quotes

_QUOTES_SHOWN = 3  # in a note
_QUOTE_SHOWN = 40  # characters
_GOOD = 0.9  # share of quotes that match in a text that did not change
_SAMPLE = 2**18  # characters of a text that are enough to detect its change, if they hold enough spans
_SAMPLE_SPANS = 20
_MORE_MATCHING = 4  # characters of quotes that a change must match in addition, so that it is no coincidence
_WHITE_SPACE = re.compile(r"\s+")
_observer: ContextVar[FileUnits | None] = ContextVar("observer", default=None)
_Span = tuple[int, int]
_hits = attrgetter("hits")


class RawSpan(NamedTuple):
    """A span ``[start, end)`` in a file's unit, and the text that the file gives for it, if any."""

    start: int
    end: int
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class PlacedSpans:
    """Spans in code points, None for those that can't be placed; the unit they were in; notes for the user."""

    spans: tuple[_Span | None, ...]
    unit: OffsetUnit
    notes: tuple[str, ...] = ()


def place_spans(text: str, raw: Sequence[RawSpan], unit: OffsetUnit | None = None) -> PlacedSpans:
    """Return the spans of ``text``. Without ``unit``, the unit in which most spans match their quotes is used.

    Without quotes either, the first unit in which all spans lie within the text is used. A span that doesn't match its
    quote moves to where the quote occurs; one that cuts a character is not placed. Quotes match whatever their white
    space and the composition of their letters.
    """
    if not raw:
        return PlacedSpans((), unit or "code_points")
    if unit is None and (observer := _observer.get()) is not None:
        observer.observe(text, raw)
    if any(span.quote for span in raw):
        return _place_by_quotes(text, raw, unit)
    return _place_by_offsets(text, raw, unit)


@contextmanager
def observing_units() -> Iterator[FileUnits]:
    """Collect what all spans that are placed in the block say about the unit of their file."""
    token = _observer.set(FileUnits())
    try:
        observer = _observer.get()
        assert observer is not None
        yield observer
    finally:
        _observer.reset(token)


def _place_by_offsets(text: str, raw: Sequence[RawSpan], unit: OffsetUnit | None) -> PlacedSpans:
    for candidate in (unit,) if unit else differing_units(text):
        offsets = OffsetMap(text, candidate)
        spans = [offsets.span(item.start, item.end) for item in raw]
        if all(span or item.start >= item.end for item, span in zip(raw, spans, strict=True)):
            break
    else:
        offsets = OffsetMap(text, unit or "code_points")
        spans = [offsets.span(item.start, item.end) for item in raw]
    note = _conversion_note(raw, spans, offsets.unit)
    if note and unit is None:
        note += ", because counted in characters some lie outside the text"
    return PlacedSpans(tuple(spans), offsets.unit, tuple(filter(None, [note, *_unplaced_notes(raw, spans, offsets)])))


def _place_by_quotes(text: str, raw: Sequence[RawSpan], unit: OffsetUnit | None) -> PlacedSpans:
    units = differing_units(text)
    best = max((_Trial(text, raw, OffsetMap(text, candidate)) for candidate in ((unit,) if unit else units)), key=_hits)
    chosen, change = best, None
    quoted = sum(bool(item.quote) for item in raw)
    if best.hits < _GOOD * quoted:
        sample = [item for item in raw if item.quote and item.start < _SAMPLE // 2]
        enough = len(sample) >= _SAMPLE_SPANS
        part = text[:_SAMPLE] if enough else text
        found = _find_change(part, sample if enough else [item for item in raw if item.quote], unit)
        if found:
            trial = _Trial(text, raw, OffsetMap(text, *found))
            if trial.hits > best.hits:
                chosen, change = trial, found[1]
    spans = list(chosen.spans)
    note = _change_note(change, raw, spans, best, chosen) if change else _conversion_note(raw, spans, best.offsets.unit)
    notes = [note]
    if unit and chosen.hits < quoted:
        notes.append(_other_unit_note(text, raw, best, units))
    lost = [n for n, item in enumerate(raw) if item.quote and not chosen.matches[n]]
    if lost:
        notes += _find_lost(text, raw, lost, spans, chosen)
    notes += _unplaced_notes(raw, spans, chosen.offsets)
    return PlacedSpans(tuple(spans), chosen.offsets.unit, tuple(filter(None, notes)))


def _find_change(text: str, raw: Sequence[RawSpan], unit: OffsetUnit | None) -> tuple[OffsetUnit, TextChange] | None:
    """Return the unit and the change of the text by which most spans match; None if no change helps."""
    units = (unit,) if unit else differing_units(text)
    best = max((_Trial(text, raw, OffsetMap(text, unit)) for unit in units), key=_hits)
    needed, found = best.matching_characters + _MORE_MATCHING, None
    for offsets, change in maps_before_changes(text, units):
        trial = _Trial(text, raw, offsets)
        if trial.hits > best.hits and trial.matching_characters >= needed:
            best, found = trial, (offsets.unit, change)
        if best.hits >= _GOOD * len(raw):
            break
    return found


class _Trial:
    """The spans that one offset map gives, and which of them match their quotes."""

    def __init__(self, text: str, raw: Sequence[RawSpan], offsets: OffsetMap) -> None:
        self.offsets = offsets
        self.spans = [offsets.span(item.start, item.end) for item in raw]
        self.matches = [
            bool(span and item.quote and _matches(text, span, item.quote, offsets))
            for item, span in zip(raw, self.spans, strict=True)
        ]
        self.hits = sum(self.matches)
        self.matching_characters = sum(
            len(item.quote or "") for item, matches in zip(raw, self.matches, strict=True) if matches
        )


def _matches(text: str, span: _Span, quote: str, offsets: OffsetMap) -> bool:
    start, end = span
    if end - start > 4 * len(quote) + 16:
        return False
    found = text[start:end]
    return found == quote or _normalised(quote) in (_normalised(found), _normalised(offsets.before_change(found)))


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", _WHITE_SPACE.sub(" ", text))


def _find_lost(
    text: str, raw: Sequence[RawSpan], lost: list[int], spans: list[_Span | None], trial: _Trial
) -> list[str]:
    """Search the lost quotes and put their spans into ``spans``, None if not found. Return the notes."""

    def expected(n: int) -> int:
        return trial.offsets.nearest_point(raw[n].start)

    # A set, since several spans at one place say no more than one.
    anchors = {
        Anchor(expected(n), span[0] - expected(n))
        for n, span in enumerate(spans)
        if span is not None and trial.matches[n]
    }
    found = find_quotes(text, [LostQuote(expected(n), raw[n].quote or "") for n in lost], anchors)
    moved = 0
    missing: list[str] = []
    ambiguous: list[str] = []
    for n, place in zip(lost, found, strict=True):
        spans[n] = None if isinstance(place, int) else place
        if spans[n] is not None:
            moved += 1
        else:
            (ambiguous if place else missing).append(raw[n].quote or "")
    notes = [f"moved {_spans(moved)}: the offsets do not match this text"] if moved else []
    if missing:
        notes.append(f"dropped {_spans(len(missing))} whose text was not found: {_shown(missing)}")
    if ambiguous:
        notes.append(f"dropped {_spans(len(ambiguous))} whose text occurs several times: {_shown(ambiguous)}")
    return notes


def _conversion_note(raw: Sequence[RawSpan], spans: Sequence[_Span | None], unit: OffsetUnit) -> str:
    count = sum(span is not None and span != item[:2] for item, span in zip(raw, spans, strict=True))
    return f"converted {_spans(count)} from {UNIT_NAMES[unit]}" if count else ""


def _change_note(
    change: TextChange, raw: Sequence[RawSpan], spans: Sequence[_Span | None], plain: _Trial, chosen: _Trial
) -> str:
    unit = chosen.offsets.unit
    before = plain.spans if plain.offsets.unit == unit else [item[:2] for item in raw]
    count = sum(span is not None and span != old for span, old in zip(spans, before, strict=True))
    counted = "" if unit == "code_points" else f", counted in {UNIT_NAMES[unit]}"
    return f"moved {_spans(count)}{counted}: they were made on the text {change.was}" if count else ""


def _other_unit_note(text: str, raw: Sequence[RawSpan], declared: _Trial, units: Sequence[OffsetUnit]) -> str:
    """Return a note if more spans match their quotes in another unit than in the one that the user named."""
    others = [_Trial(text, raw, OffsetMap(text, unit)) for unit in units if unit != declared.offsets.unit]
    better = max(others, key=_hits, default=declared)
    if better.hits <= declared.hits:
        return ""
    return (
        f"{_spans(declared.hits)} match their text when counted in {UNIT_NAMES[declared.offsets.unit]},"
        f" {better.hits:,} when counted in {UNIT_NAMES[better.offsets.unit]}"
    )


def _unplaced_notes(raw: Sequence[RawSpan], spans: Sequence[_Span | None], offsets: OffsetMap) -> list[str]:
    counts = {"empty or reversed": 0, "outside the text": 0, "inside a character": 0}
    for item, span in zip(raw, spans, strict=True):
        if span is not None or item.quote:
            continue
        if not item.start < item.end:
            counts["empty or reversed"] += 1
        elif offsets.is_outside(item.start, item.end):
            counts["outside the text"] += 1
        else:
            counts["inside a character"] += 1
    return [f"dropped {_spans(count)}: {what}" for what, count in counts.items() if count]


def _spans(count: int) -> str:
    return f"{count:,} span{'' if count == 1 else 's'}"


def _shown(quotes: Sequence[str]) -> str:
    different = list(dict.fromkeys(quotes))
    shown = ", ".join(f"‘{_short(quote)}’" for quote in different[:_QUOTES_SHOWN])
    return f"{shown} and {len(different) - _QUOTES_SHOWN:,} more" if len(different) > _QUOTES_SHOWN else shown


def _short(quote: str) -> str:
    quote = " ".join(quote.split())
    return quote if len(quote) <= _QUOTE_SHOWN else f"{quote[:_QUOTE_SHOWN]}…"
