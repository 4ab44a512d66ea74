"""Ways to count along a text: in code points, UTF-16 units or bytes, of the text as it is or was before a change."""

import html
import re
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from db.formats.format import OffsetUnit

UNITS: tuple[OffsetUnit, ...] = ("code_points", "utf16", "bytes")

# Runs of characters that all take as many units, more than one.
_RUNS: dict[OffsetUnit, str] = {
    "code_points": "",
    "utf16": "[\U00010000-\U0010ffff]+",
    "bytes": "[\x80-\u07ff]+|[\u0800-\uffff]+|[\U00010000-\U0010ffff]+",
}


class Measure:
    """A way to count along ``text``: in ``unit``, and by ``change``, if given, on the text as that makes it."""

    def __init__(self, text: str, unit: OffsetUnit = "code_points", change: "Change | None" = None) -> None:
        self.unit = unit
        self._length = len(text)
        self._change = change
        self._changed = re.compile((change and change.pattern(text)) or "(?!)")
        # Per run that is not counted one to one: where it begins and ends here and there, and what a step of it is.
        self._here: list[int] = []
        self._here_ends: list[int] = []
        self._there: list[int] = []
        self._there_ends: list[int] = []
        self._steps: list[tuple[int, int]] = []
        more = 0
        for start, end, here, there in _runs(text, unit, change):
            counted = (end - start) // here * there if here else there
            self._here.append(start)
            self._here_ends.append(end)
            self._there.append(start + more)
            more += counted - (end - start)
            self._there_ends.append(end + more)
            self._steps.append((here, there))

    def about(self, offset: int) -> int:
        """The code point of ``text`` at a counted offset, or whose units it is within; goes on beyond the end."""
        return self._at(offset)[0]

    def _at(self, offset: int) -> tuple[int, int]:
        """The code point at a counted offset, and by how many units the offset is within it."""
        n = bisect_right(self._there, offset) - 1
        if n < 0:
            return offset, 0
        if offset >= self._there_ends[n]:
            return self._here_ends[n] + offset - self._there_ends[n], 0
        here, there = self._steps[n]
        steps, over = divmod(offset - self._there[n], there)
        return self._here[n] + steps * here, over

    def as_it_was(self, found: str) -> str:
        """What a part of ``text`` was before it was changed."""
        change = self._change
        return found if change is None else self._changed.sub(lambda match: change.became(match[0]), found)

    def is_outside(self, start: int, end: int) -> bool:
        """Whether a counted span goes beyond the text, on either side."""
        return start < 0 or self.about(end) > self._length

    def there(self, at: int) -> int:
        """The counted offset of a code point of ``text``."""
        n = bisect_right(self._here, at) - 1
        if n < 0:
            return at
        if at >= self._here_ends[n]:
            return self._there_ends[n] + at - self._here_ends[n]
        here, there = self._steps[n]
        return self._there[n] + (at - self._here[n]) // here * there

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """A counted span in code points; None where it is empty, or begins or ends where no character does."""
        if not 0 <= start < end:
            return None
        (first, over), (last, over_last) = self._at(start), self._at(end)
        n = bisect_right(self._there, end) - 1
        while n >= 0 and self._there[n] == self._there_ends[n] == end:  # what was not there is no part of what ends
            last, n = self._here[n], n - 1
        return (first, last) if not over and not over_last and first < last <= self._length else None


@dataclass(frozen=True, slots=True)
class Change:
    """What may have been done to a text since spans were made on it.

    was: what the text was then, for people. pattern: what of the text was something else then, None where nothing can
    have been; became: what it was. before: what stood before the text.
    """

    was: str
    pattern: Callable[[str], str | None]
    became: Callable[[str], str] = lambda _: ""
    before: str = ""


def offsets_in(text: str, spans: Iterable[Sequence[int]], unit: OffsetUnit) -> list[tuple[int, int]]:
    """Spans of code points of ``text``, counted in ``unit``."""
    if unit == "code_points" or text.isascii():
        return [(start, end) for start, end in spans]
    measure = Measure(text, unit)
    return [(measure.there(start), measure.there(end)) for start, end in spans]


def units_of(text: str) -> tuple[OffsetUnit, ...]:
    """The units that differ in ``text``."""
    if text.isascii():
        return UNITS[:1]
    return UNITS if max(text) > "\uffff" else ("code_points", "bytes")


def measures_of_changes(text: str, units: Iterable[OffsetUnit]) -> Iterator[tuple[Measure, Change]]:
    """The ways to count along what the text may have been, the most usual changes first."""
    possible = [
        change
        for change in _CHANGES
        if change.before or ((pattern := change.pattern(text)) is not None and re.search(pattern, text))
    ]
    for change in possible:
        for unit in units:
            yield Measure(text, unit, change), change


def _runs(text: str, unit: OffsetUnit, change: Change | None) -> Iterator[tuple[int, int, int, int]]:
    """Start and end of what is not counted one to one, and how many code points count how much."""
    changed = change and change.pattern(text)
    runs = "" if text.isascii() else _RUNS[unit]
    if change and change.before:
        yield 0, 0, 0, _width(change.before, unit)
    if changed:
        # A run ends where something begins that is changed.
        runs = "".join(f"|(?:(?!{changed}){part})+" for part in runs.removesuffix("+").split("+|") if part)
        runs = f"({changed}){runs}"
    for match in re.finditer(runs, text) if runs else ():
        if change and changed and match[1] is not None:
            yield *match.span(), len(match[0]), _width(change.became(match[0]), unit)
        else:
            yield *match.span(), 1, _width(match[0][0], unit)


def _width(text: str, unit: OffsetUnit) -> int:
    if unit == "bytes":
        return len(text.encode("utf-8", "surrogatepass"))
    return len(text) + (sum(character > "\uffff" for character in text) if unit == "utf16" else 0)


def _any_of(characters: list[str]) -> str | None:
    return f"[{''.join(map(re.escape, sorted(characters)))}]" if characters else None


def _decomposed(text: str) -> str | None:
    return _any_of([c for c in set(text) if not c.isascii() and unicodedata.normalize("NFD", c) != c])


def _composed(text: str) -> str | None:
    marks = _any_of([c for c in set(text) if unicodedata.combining(c)])
    return marks and f"[^{marks[1:-1]}]{marks}+"


def _beyond_ascii(text: str) -> str | None:
    return None if text.isascii() else "[^\x00-\x7f]+"


def _ascii_letters(text: str) -> str:
    return unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()


_CHANGES = (
    Change("with CRLF line ends", lambda _: "(?<!\r)\n", lambda _: "\r\n"),
    Change("with LF line ends", lambda _: "\r\n", lambda _: "\n"),
    Change("with a byte order mark", lambda _: None, before="\ufeff"),
    Change("without its byte order mark", lambda _: r"\A\ufeff"),
    Change("in NFD", _decomposed, lambda found: unicodedata.normalize("NFD", found)),
    Change("in NFC", _composed, lambda found: unicodedata.normalize("NFC", found)),
    Change("with HTML entities", lambda _: "[&<>]", lambda found: html.escape(found, quote=False)),
    Change("with HTML entities", lambda _: "[&<>\"']", html.escape),
    Change("without HTML entities", lambda _: r"&#?\w+;", html.unescape),
    Change("with single blanks", lambda _: r"\s{2,}", lambda _: " "),
    Change("in ASCII", _beyond_ascii, _ascii_letters),
    Change("without what is beyond ASCII", _beyond_ascii),
)
