"""Candidates: everything in a text that could be the value of a field: numbers, dates, names, choices.

May import the vocabulary, ``db.text`` and ``db.io``.
"""

from collections.abc import Sequence
from dataclasses import replace

from db.kinds import Kind
from db.model import Span, Value
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value

_SAMPLE = 4000  # characters that show the language of a text
_REACH = 30_000  # characters to search on each side of where a value is likely

__all__ = ["Candidate", "candidates", "warm_up"]


def candidates(
    kind: Kind,
    source: str,
    published: str | None = None,
    language: str | None = None,
    known: Sequence[Value] = (),
    choices: Sequence[str] = (),
    near: int = 0,
) -> list[Candidate]:
    """Return candidates for a value of the kind, in the order of the text.

    At an offset only the longest is there; twice if it has two readings, such as the date 03/04/2025.

    Of a long text, only 60,000 characters around the offset ``near`` are searched, so that no key has to wait.
    ``published`` (ISO 8601) resolves phrases such as "last Friday", which are left out without it. ``language`` (BCP
    47, such as ``uk``) is guessed from the script if it is None. ``known`` are values of the field in other events.
    """
    first = max(0, min(near - _REACH, len(source) - 2 * _REACH))
    source = source[first : first + 2 * _REACH]
    match kind:
        case "integer" | "number":
            from db.suggest.candidates.numbers import find_numbers

            found = find_numbers(source, language, whole=kind == "integer")
        case "date":
            from db.suggest.candidates.dates import find_dates

            found = find_dates(source, published, language)
        case "choice":
            found = [Candidate(span, choice) for choice in choices for span in _spans(choice, source)]
        case _:
            from db.suggest.candidates.names import find_names

            values = [value for value in known if isinstance(value, str)]
            found = find_names(source, values, language, places=kind == "place")
    return [_moved(item, first) for item in _longest(found)] if first else _longest(found)


def warm_up(source: str, language: str | None) -> None:
    """Load the data for dates and number words, which takes half a second, before a key needs it."""
    kinds: tuple[Kind, ...] = ("integer", "date", "actor")
    for kind in kinds:
        candidates(kind, source[:_SAMPLE], None, language)


def _moved(item: Candidate, by: int) -> Candidate:
    return replace(item, span=Span(item.span.start + by, item.span.end + by))


def _spans(choice: str, source: str) -> list[Span]:
    return find_value(choice, source) or find_value(choice.replace("_", " "), source)


def _longest(found: list[Candidate]) -> list[Candidate]:
    """Return only the longest candidate at each start, where its hint is shown, and other readings of the same span."""
    longest: dict[int, list[Candidate]] = {}
    for item in sorted(found, key=lambda item: item.span):
        if item.span.start < item.span.end:
            here = longest.setdefault(item.span.start, [])
            if here and here[-1].span != item.span:
                here.clear()
            if all(item.value != other.value for other in here):
                here.append(item)
    return [item for here in longest.values() for item in here]
