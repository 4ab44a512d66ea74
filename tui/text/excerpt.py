"""The part of a document's text in which the evidence of an event is, wrapped, with the evidence marked."""

from collections.abc import Iterator, Sequence

from db.model import Span
from db.native import NewDocument
from tui.text.safe import safe
from tui.text.wrapping import clip, wrap

Piece = tuple[str, str]
"""A text and its component style; empty for plain text."""

_BEFORE = 600  # characters before the first evidence that are kept in view if the lines allow
_READ = 20_000  # characters
_EVIDENCE, _TITLE, _DIM = "preview--evidence", "preview--title", "preview--dim"


def excerpt(document: NewDocument, width: int, lines: int) -> Iterator[tuple[Piece, ...]]:
    """Yield at most this many lines: the title, then the text from where the first evidence is in view."""
    if document.text is not None and document.title and lines > 1:
        yield ((clip(safe(document.title[: 4 * width]), width), _TITLE),)
        lines -= 1
    spans = _merged(document)
    first = spans[0].start if spans else 0
    source = document.source
    begin = max(0, first - _BEFORE)
    text = safe(source[begin : begin + _READ])
    if not text.strip():
        yield (("(no text)", _DIM),)
        return
    ranges = wrap(text, width)
    at = max((number for number, (start, _) in enumerate(ranges) if start <= first - begin), default=0)
    top = 0 if at < lines and begin == 0 else max(0, min(at - 1, len(ranges) - lines))
    for number, (start, end) in enumerate(ranges[top : top + lines]):
        pieces = list(_pieces(text, start, end, spans, begin))
        if number == 0 and (top or begin):
            pieces = [("…", _DIM), *_without_first(pieces)]
        yield tuple(pieces)


def _pieces(text: str, start: int, end: int, spans: Sequence[Span], begin: int) -> Iterator[Piece]:
    """Yield a line of the text, cut where the marking changes. ``begin``: the offset of the text in the source."""
    place = start
    for span in spans:
        first, last = max(place, span.start - begin), min(end, span.end - begin)
        if first >= last:
            continue
        yield text[place:first], ""
        yield text[first:last], _EVIDENCE
        place = last
    yield text[place:end], ""


def _without_first(pieces: list[Piece]) -> Iterator[Piece]:
    """Yield pieces without their first character, in whose cell a mark is drawn."""
    for number, (text, look) in enumerate(pieces):
        yield (text[1:] if not any(before for before, _ in pieces[:number]) and text else text), look


def _merged(document: NewDocument) -> list[Span]:
    """Return the evidence of a document's events in order, without overlaps."""
    merged: list[Span] = []
    for span in sorted(span for event in document.events for item in event.fields for span in item.spans):
        if merged and span.start <= merged[-1].end:
            merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
        else:
            merged.append(Span(*span))
    return merged
