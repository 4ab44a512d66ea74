"""Finds the unit in which the items of a document give their places, and converts these to code points."""

from typing import NamedTuple

from db.formats.annotations.mapping import ENDS, UNITS, Items
from db.formats.annotations.paths import Place, value_at
from db.formats.annotations.texts import Text
from db.formats.format import OffsetUnit
from db.formats.shared.spans.placing import RawSpan, place_spans

_How = tuple[bool, bool]  # counted in tokens; with inclusive ends
_TOKENS = UNITS[-1]
_INCLUSIVE = ENDS[1]


class Located(NamedTuple):
    """An item with the place that its document gives for it, as far as it gives one."""

    items: Items
    start: int | None
    end: int | None
    quote: str | None
    sentence: object = None


def located(items: Items, place: Place) -> Located:
    """Return an item as its mapping reads it."""
    start, end = _whole(value_at(place, items.start)), _whole(value_at(place, items.end))
    if start is not None and end is None and (length := _whole(value_at(place, items.length))) is not None:
        end = start + length
    quote, sentence = value_at(place, items.quote), value_at(place, items.sentence)
    return Located(items, start, end, quote if isinstance(quote, str) and quote else None, sentence)


def place_items(
    text: Text, items: list[Located], unit: OffsetUnit | None
) -> tuple[list[tuple[int, int] | None], tuple[str, ...]]:
    """Return the place of each item in code points, None if it has none; and notes.

    If more quotes match with inclusive ends, or when counted in the other of tokens and characters, that is used.
    Without quotes, a span that would be empty shows that ends are inclusive.
    """
    having = [n for n, item in enumerate(items) if item.start is not None and item.end is not None]
    declared = [(items[n].items.unit == _TOKENS, items[n].items.ends == _INCLUSIVE) for n in having]
    best, how, notes = _best(text, items, having, declared)
    in_tokens = any(tokens for tokens, _ in how)
    placed = place_spans(text.text, best, "code_points" if in_tokens else unit or _declared_unit(items, having))
    places: list[tuple[int, int] | None] = [None] * len(items)
    for n, span in zip(having, placed.spans, strict=True):
        places[n] = span
    return places, (*notes, *placed.notes)


def _best(
    text: Text, items: list[Located], having: list[int], declared: list[_How]
) -> tuple[list[RawSpan], list[_How], tuple[str, ...]]:
    """Return the spans as declared, or as more of them make sense; with how each is counted, and a note."""
    best, how, note = _raws(text, items, having, declared), declared, ""
    if any(items[n].quote for n in having):
        hits, why = _hits(text, best), "their texts match so"
        for flip_unit, flip_ends in ((False, True), (True, False), (True, True)):
            flipped = [(tokens ^ flip_unit, inclusive ^ flip_ends) for tokens, inclusive in declared]
            raws = _raws(text, items, having, flipped)
            if (found := _hits(text, raws)) > hits:
                best, how, hits, note = raws, flipped, found, why
    else:
        ends = [(items[n].start or 0, items[n].end or 0) for n in having]
        if any(start == end for start, end in ends) and not any(inclusive for _, inclusive in declared):
            how, note = [(tokens, True) for tokens, _ in declared], "others would be empty"
        as_tokens = [(True, inclusive) for _, inclusive in how]
        if text.listed and not any(tokens for tokens, _ in declared) and _are_tokens(text, ends, how):
            how, note = as_tokens, "they are no words when counted in characters"
        best = _raws(text, items, having, how)
    if note:
        note = f"read offsets as {_described(*how[0])}, because {note}"
    return best, how, (note,) if note else ()


def _are_tokens(text: Text, spans: list[tuple[int, int]], how: list[_How]) -> bool:
    """Return True if all spans are tokens of the text, but don't all begin and end with one as characters."""
    starts = {token[0] for token in text.tokens if token}
    ends = {token[1] for token in text.tokens if token}
    pairs = [(start, end + inclusive) for (start, end), (_, inclusive) in zip(spans, how, strict=True)]
    if all(start in starts and end in ends for start, end in pairs):
        return False
    return bool(pairs) and all(text.characters(start, end) for start, end in pairs)


def _declared_unit(items: list[Located], having: list[int]) -> OffsetUnit | None:
    units = {items[n].items.unit for n in having}
    return "utf16" if units == {"utf16"} else "bytes" if units == {"bytes"} else None


def _raws(text: Text, items: list[Located], having: list[int], how: list[_How]) -> list[RawSpan]:
    raws = []
    for n, (tokens, inclusive) in zip(having, how, strict=True):
        item = items[n]
        start, end = item.start or 0, (item.end or 0) + inclusive
        if tokens:
            start, end = text.characters(start, end, item.sentence) or (-1, -1)
        raws.append(RawSpan(start, end, item.quote))
    return raws


def _hits(text: Text, raws: list[RawSpan]) -> int:
    return sum(
        raw.start >= 0 and _plain(text.text[raw.start : raw.end]) == _plain(raw.quote) for raw in raws if raw.quote
    )


def _plain(text: str) -> str:
    return "".join(text.split())


def _described(tokens: bool, inclusive: bool) -> str:
    return f"{'tokens' if tokens else 'characters'} with {'inclusive' if inclusive else 'exclusive'} ends"


def _whole(value: object) -> int | None:
    if type(value) is float and value.is_integer():  # as pandas writes numbers of a column with gaps
        return int(value)
    if isinstance(value, str) and value.isascii() and value.strip().isdigit() and len(value) < 12:
        return int(value)
    return value if type(value) is int else None
