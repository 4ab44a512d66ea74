"""Finds names in a text: runs of capitalised words, quoted strings, and values of other events."""

import calendar
import re
from collections.abc import Sequence

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value

_WORD = re.compile(r"[^\W_](?:[\w.&/’'ʼ-]*\w)?")
_POSSESSIVE = re.compile(r"(?:['’]s|['’])$")
_QUOTED = re.compile(r"“([^“”\n]{2,80})”|\"([^\"\n]{2,80})\"|«([^«»\n]{2,80})»|„([^„“\n]{2,80})“|「([^「」\n]{2,80})」")
_BREAK = re.compile(r"[^\w\s]|\n")  # a run ends at punctuation and at the end of a line
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“”\"«\n…]|[-–—]\s)\s*$")
# Words inside names, never at their ends.
_JOINING = frozenset(
    """
    of for the de la le du des del della di da dos das do al el bin ibn van von der den und och og et y e on upon
    """.split()
)
_CHAIN = 2  # joining words in a row, as in "Headquarters for the Treatment"
# Words that start sentences, or are capitalised in headlines; alone, they are not names.
_COMMON = frozenset(
    """
    a an the and or but if in on at by to of for from with as it its he she they we you i this that these those there
    who which what when where why how his her their our my your is was are were be been has had have do did not no
    after before since while during about over under into than then also however meanwhile according said says yes
    some many more most all both each every other another such only so because although though until against among
    will would could should may might can must up out off down again between one two three four five six seven eight
    nine ten
    в во на и а но с со к по из за от до у о об не это он она они мы вы я его ее их как что где когда по также после
    при для или если так уже под над без через однако между тем
    у і й та але з зі до від за на під над без через це він вона вони ми ви я його її їх як що де коли також після
    при для або якщо так вже про однак тим часом
    """.split()
) | {name.lower() for names in (calendar.month_name, calendar.day_name, calendar.month_abbr) for name in names}
_TRAILING = " .,;:!?"  # at the end of a quoted string


def find_names(source: str, known: Sequence[str] = ()) -> list[Candidate]:
    """Return names, unsorted. Of two with the same start, the caller should choose the longer."""
    folded = source.casefold()
    found = [
        Candidate(span, value)
        for value in known
        if _may_occur(value.casefold().split(), folded)
        for span in find_value(value, source)
    ]
    for match in _QUOTED.finditer(source):
        named = _named(source, *match.span(match.lastindex or 0))
        if named.value:  # otherwise it was only punctuation and white space
            found.append(named)
    return [*found, *_runs(source)]


def _may_occur(words: list[str], folded: str) -> bool:
    """Return False, quickly, for most values that don't occur in the text, and for common words."""
    return all(word in folded for word in words) and not _COMMON.issuperset(words)


def _runs(source: str) -> list[Candidate]:
    words = [(match.start(), match.end()) for match in _WORD.finditer(source)]
    texts = [source[start:end] for start, end in words]
    in_lower_case = {text for text in texts if text[0].islower()}
    found = []
    place = 0
    while place < len(words):
        if not _starts_name(texts[place]):
            place += 1
            continue
        last = _run_end(source, words, texts, place)
        start, end = words[place][0], words[last][1]
        common = last == place and texts[place].lower() in in_lower_case and _starts_sentence(source, start)
        if not common:
            found.append(_named(source, start, end))
        place = last + 1
    return found


def _starts_name(text: str) -> bool:
    return text[0].isupper() and re.split("['’]", text.lower(), maxsplit=1)[0] not in _COMMON


def _run_end(source: str, words: list[tuple[int, int]], texts: list[str], first: int) -> int:
    """Return the index of the last word of the run that starts at ``first``."""
    last = first
    place = first + 1
    joining = 0
    while place < len(words) and joining <= _CHAIN:
        gap = source[words[place - 1][1] : words[place][0]]
        if _BREAK.search(gap) or _POSSESSIVE.search(texts[place - 1]):
            break
        if _starts_name(texts[place]) or (texts[place].isdecimal() and place == last + 1):
            last, joining = place, 0
        elif texts[place].lower() in _JOINING:
            joining += 1
        else:
            break
        place += 1
    return last


def _starts_sentence(source: str, start: int) -> bool:
    return _SENTENCE_START.search(source, max(0, start - 4), start) is not None or start == 0


def _named(source: str, start: int, end: int) -> Candidate:
    text = source[start:end]
    text = text[: len(text) - len(match[0])] if (match := _POSSESSIVE.search(text)) else text
    text = text.rstrip(_TRAILING)
    return Candidate(Span(start, start + len(text)), " ".join(text.split()))
