"""Everything in a text that could be the value of a field: numbers, dates, names, choices."""

from collections.abc import Sequence
from dataclasses import replace

from db.kinds import Kind
from db.model import Span, Value
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value

_LOOKED_AT = 4000  # characters of a text that tell its languages
_REACH = 30_000  # characters on each side of where a value is likely

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
    """What could be a value of the kind, in the order of the text; no two begin together.

    Of a long text, 60,000 characters around the offset ``near`` are looked at, so that no key waits for the rest.

    ``published`` (ISO 8601) is what phrases as "last Friday" are resolved against; without it they are left out.
    ``language`` (BCP 47, as ``uk``) is guessed from the script where it is None. ``known`` are values that the field
    has elsewhere.
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
            found = [Candidate(span, choice) for choice in choices for span in _places(choice, source)]
        case _:
            from db.suggest.candidates.names import find_names

            found = find_names(source, [value for value in known if isinstance(value, str)])
    return [_moved(item, first) for item in _apart(found)] if first else _apart(found)


def warm_up(source: str, language: str | None) -> None:
    """Load what finding dates and number words in such a text needs: half a second that no key should wait for."""
    kinds: tuple[Kind, ...] = ("integer", "date", "actor")
    for kind in kinds:
        candidates(kind, source[:_LOOKED_AT], None, language)


def _moved(item: Candidate, by: int) -> Candidate:
    return replace(item, span=Span(item.span.start + by, item.span.end + by))


def _places(choice: str, source: str) -> list[Span]:
    return find_value(choice, source) or find_value(choice.replace("_", " "), source)


def _apart(found: list[Candidate]) -> list[Candidate]:
    """Of candidates that begin together, the longest: each has a hint at its beginning."""
    longest: dict[int, Candidate] = {}
    for item in sorted(found, key=lambda item: item.span):
        if item.span.start < item.span.end:
            longest[item.span.start] = item
    return list(longest.values())
