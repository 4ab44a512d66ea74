"""Names in a text: runs of capitalised words, quoted strings, and values that are known from elsewhere."""

import calendar
import re
from collections.abc import Sequence

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.text.evidence import find_value

_WORD = re.compile(r"[^\W_](?:[\w.&/’'ʼ-]*\w)?")
_POSSESSIVE = re.compile(r"(?:['’]s|['’])$")
_QUOTED = re.compile(r"“([^“”\n]{2,80})”|\"([^\"\n]{2,80})\"|«([^«»\n]{2,80})»|„([^„“\n]{2,80})“|「([^「」\n]{2,80})」")
_BREAK = re.compile(r"[^\w\s]|\n")  # a run does not go over punctuation or a line
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“”\"«\n…]|[-–—]\s)\s*$")
# Words within names, never at their ends.
_JOINING = frozenset(
    """
    of for the de la le du des del della di da dos das do al el bin ibn van von der den und och og et y e on upon
    """.split()
)
_CHAIN = 2  # joining words in a row, as in "Headquarters for the Treatment"
# Words that begin sentences, in texts whose every word is capitalised between them too: no names by themselves.
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
_SPARE = " .,;:!?"  # punctuation at the end of a quoted string


def find_names(source: str, known: Sequence[str] = ()) -> list[Candidate]:
    """Names, not sorted; where two of them begin together the longer one is meant."""
    folded = source.casefold()
    found = [
        Candidate(span, value)
        for value in known
        if _may_stand(value.casefold().split(), folded)
        for span in find_value(value, source)
    ]
    for match in _QUOTED.finditer(source):
        named = _named(source, *match.span(match.lastindex or 0))
        if named.value:  # else it was punctuation and white space alone
            found.append(named)
    return [*found, *_runs(source)]


def _may_stand(words: list[str], folded: str) -> bool:
    """Soon tells of most values that they do not stand in the text; what is common words alone is left out too."""
    return all(word in folded for word in words) and not _COMMON.issuperset(words)


def _runs(source: str) -> list[Candidate]:
    words = [(match.start(), match.end()) for match in _WORD.finditer(source)]
    texts = [source[start:end] for start, end in words]
    in_lower_case = {text for text in texts if text[0].islower()}
    found = []
    place = 0
    while place < len(words):
        if not _begins(texts[place]):
            place += 1
            continue
        last = _run_end(source, words, texts, place)
        start, end = words[place][0], words[last][1]
        common = last == place and texts[place].lower() in in_lower_case and _starts_sentence(source, start)
        if not common:
            found.append(_named(source, start, end))
        place = last + 1
    return found


def _begins(text: str) -> bool:
    return text[0].isupper() and re.split("['’]", text.lower(), maxsplit=1)[0] not in _COMMON


def _run_end(source: str, words: list[tuple[int, int]], texts: list[str], first: int) -> int:
    """The place of the last word of the run that begins at a word."""
    last = first
    place = first + 1
    joining = 0
    while place < len(words) and joining <= _CHAIN:
        gap = source[words[place - 1][1] : words[place][0]]
        if _BREAK.search(gap) or _POSSESSIVE.search(texts[place - 1]):
            break
        if _begins(texts[place]) or (texts[place].isdecimal() and place == last + 1):
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
    text = text.rstrip(_SPARE)
    return Candidate(Span(start, start + len(text)), " ".join(text.split()))
