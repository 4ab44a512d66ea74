"""Reads what qualifies a number (about, at least, at most), and joins the two ends of a range."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

from db.kinds import is_modifier
from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.languages import listed, words_of
from db.suggest.candidates.numbers.found import Number, whole
from db.text.folding import UNSPACED

_LOOK_BACK = 32  # characters before a number to search for a modifier
_NEVER = re.compile("(?!)")
_BEGINS, _ENDS = rf"(?<![^\W{UNSPACED}\uac00-\ud7a3])", rf"(?![^\W{UNSPACED}\uac00-\ud7a3])"
_FILLERS = r"(?:the |a |an |the estimated |les |des |de |los |las |den |der |die |das |het |de |$£€|[$€£])?"
_COUNTER = r"[人名件个個位具架辆棟歳]?"
_INSIDE = re.compile(r"-(?:odd|plus|ish|some)\b|\+|[多余餘]", re.IGNORECASE)  # belongs to the number: 300-plus


@dataclass(frozen=True, slots=True)
class _Patterns:
    any_before: re.Pattern[str]  # most numbers have none, so one search decides
    before: tuple[tuple[str, re.Pattern[str]], ...]
    after: tuple[tuple[str, re.Pattern[str]], ...]
    range: re.Pattern[str]
    opens: re.Pattern[str]
    between: re.Pattern[str]


@cache
def _patterns(here: tuple[str, ...]) -> _Patterns:
    def words(name: str) -> list[str]:
        return [word for language in here for word in listed(words_of(language, "numbers").get(name))]

    names = {"at least": "at_least", "at most": "at_most", "about": "about"}
    form = "{}" + rf"[\s(]*{_FILLERS}$"
    before = [(name, _compiled(words(key), form, begins=True)) for name, key in names.items()]
    any_before = _compiled([word for key in names.values() for word in words(key)], form, begins=True)
    after = [
        (name, _compiled(words(f"{key}_after"), rf"[ \u00a0]?{_COUNTER}{{}}", ends=True)) for name, key in names.items()
    ]
    joined = _compiled(words("range"), r"\s+{}\s+|\s?(?:[-–—~〜～]|\.\.)\s?|\s?[至到]\s?|から|에서\s?")
    opens = _compiled(words("between"), r"{}\s+$", begins=True)
    return _Patterns(
        any_before, tuple(before), tuple(after), joined, opens, _compiled(words("between_and"), r"\s*{}\s*")
    )


def _compiled(words: Iterable[str], form: str, begins: bool = False, ends: bool = False) -> re.Pattern[str]:
    known = dict.fromkeys(words)
    plain = [word for word in known if _quoted(word)[-1].isalnum() or ord(word[-1]) > 0x300]
    marks = [word for word in known if word not in plain]
    some = "|".join([f"(?:{_any(plain)}){_ENDS if ends else ''}"] * bool(plain) + [_any(marks)] * bool(marks))
    if begins:
        letters = [word for word in known if word[0].isalnum()]
        signs = [word for word in known if word not in letters]
        some = "|".join([f"{_BEGINS}(?:{_any(letters)})"] * bool(letters) + [_any(signs)] * bool(signs))
        firsts = "".join(sorted({re.escape(word[0]) for word in known}))
        some = f"(?=[{firsts}])(?:{some})" if firsts else some
    return re.compile(form.replace("{}", f"(?:{some})"), re.IGNORECASE) if some else _NEVER


def _any(words: Iterable[str]) -> str:
    """Return a pattern for some words, which tries only those with the right first letter: that is much faster."""
    by_first: dict[str, list[str]] = {}
    for word in sorted(words, key=len, reverse=True):
        by_first.setdefault(word[0], []).append(word[1:])
    return "|".join(f"{_quoted(first)}(?:{'|'.join(map(_quoted, rest))})" for first, rest in by_first.items())


def _quoted(words: str) -> str:
    return re.escape(words).replace(r"\ ", r"\s")


def qualified(numbers: list[Number], source: str, here: tuple[str, ...]) -> list[Candidate]:
    """Return numbers as candidates, with modifiers. Of a range, the upper end stays a candidate of its own."""
    patterns = _patterns(here)
    out = []
    for place, number in enumerate(numbers):
        following = numbers[place + 1] if place + 1 < len(numbers) else None
        if following is not None and (joined := _range(number, following, source, patterns)) is not None:
            out.append(joined)
            continue
        modifier, end = _modifier(number, source, patterns)
        out.append(Candidate(Span(number.start, end), number.value, modifier or number.modifier, number.vague))
    return out


def _modifier(number: Number, source: str, patterns: _Patterns) -> tuple[str | None, int]:
    before = source[max(0, number.start - _LOOK_BACK) : number.start]
    end = number.end
    inside = _INSIDE.match(source, end)
    if inside is not None:
        end = inside.end()
    if "+" in source[number.end : end]:
        end = number.end
    if patterns.any_before.search(before):
        found = [(match.start(), name) for name, pattern in patterns.before if (match := pattern.search(before))]
        # The longest decides: "just under", "no more than".
        return _not_negated(min(found)[1], before), end
    for name, pattern in patterns.after:
        if pattern.match(source, number.end):
            return name, end
    return None, number.end


def _not_negated(name: str, before: str) -> str:
    """Return the modifier; the longest phrase before a number decides, as in "no more than"."""
    return "at most" if name == "at least" and _NO_MORE.search(before) else name


_NO_MORE = re.compile(
    r"(?<!\w)(?:(?:no|not) (?:more than|over|exceeding)|не (?:более|больше|свыше)|не більше|nicht mehr als|pas plus de|"
    r"no más de|não mais (?:de|que)|non più di|niet meer dan|nie więcej niż)\W*$",
    re.IGNORECASE,
)


def _range(low: Number, high: Number, source: str, patterns: _Patterns) -> Candidate | None:
    between = source[low.end : high.start]
    if len(between) > 20 or low.vague or high.vague:
        return None
    if not patterns.range.fullmatch(between):
        opened = patterns.opens.search(source[max(0, low.start - _LOOK_BACK) : low.start])
        if not (opened and patterns.between.fullmatch(between)):
            return None
    value = low.value
    if high.times > 1 and low.times == 1 and value * high.times < high.value:
        value = whole(value * high.times)  # the magnitude is written once: 2 to 3 million
    if not value < high.value or not is_modifier(to := f"to {high.value}"):
        return None
    return Candidate(Span(low.start, high.end), value, to)
