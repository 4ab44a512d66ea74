"""Finds names in a text: runs of capitalised words, names after titles, quoted strings, and values of other events.

No library that is small and quick finds names in many languages. Where a script has no capitals, titles ("President")
and given names show where a name is. Imports ``db.text`` and the words of ``db.suggest.candidates``.
"""

import re
from collections.abc import Sequence

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.languages import languages, listed, words_of
from db.suggest.candidates.names.capitals import Runs
from db.suggest.candidates.names.common import common_words
from db.suggest.candidates.names.titled import titled
from db.text.evidence import find_value
from db.text.folding import folded

__all__ = ["find_names"]

_QUOTED = re.compile(
    r"“([^“”\n]{2,80})”|\"([^\"\n]{2,80})\"|«([^«»\n]{2,80})»|„([^„“”\n]{2,80})[“”]|「([^「」\n]{2,80})」|『([^『』\n]{2,80})』"
)
_TRAILING = " .,;:!?،。，"  # at the end of a quoted string
_MOST_WORDS = 5  # of a quoted name of a place


def find_names(
    source: str, known: Sequence[str] = (), language: str | None = None, places: bool = False
) -> list[Candidate]:
    """Return names, unsorted. Of two with the same start, the caller should choose the longer.

    ``places`` leaves out what cannot be a place: people with titles, ministries, quoted sentences.
    """
    here = languages(source, language)
    common = common_words(here)
    text = folded(source)
    found = [
        Candidate(span, value)
        for value in known
        if _may_occur(folded(value).split(), text, common)
        for span in find_value(value, source)
    ]
    for match in _QUOTED.finditer(source):
        start, end = match.span(match.lastindex or 0)
        text = source[start:end].rstrip(_TRAILING)
        start += len(text) - len(text.lstrip())
        if (plain := " ".join(text.split())) and not (places and not _may_be_place(plain, common)):
            found.append(Candidate(Span(start, start + len(text.lstrip())), plain))
    found += [
        Candidate(Span(match.start(), match.end()), match[0])
        for code in here
        for phrase in listed(words_of(code, "names").get("phrases"))
        if phrase in source and not places
        for match in re.finditer(re.escape(phrase) + r"(?!\w)", source)
    ]
    runs = Runs(source, here, common, known)
    found += runs.found(places)
    if not places:
        found += titled(source, here)
    return found


def _may_occur(words: list[str], text: str, common: frozenset[str]) -> bool:
    """Return False, quickly, for most values that don't occur in the text, and for common words."""
    return all(word in text for word in words) and not common.issuperset(words)


def _may_be_place(text: str, common: frozenset[str]) -> bool:
    words = text.split()
    return len(words) <= _MOST_WORDS and all(word[0].isupper() for word in words) and words[0].lower() not in common
