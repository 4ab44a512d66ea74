"""Finds runs of capitalised words, and divides headlines, where every word has a capital."""

import re
from collections.abc import Iterator, Sequence

from db.model import Span
from db.suggest.candidates.candidate import Candidate
from db.suggest.candidates.names.common import gazetteer, name_words

_WORD = re.compile(r"[^\W_](?:[\w.&/’'ʼ-]*\w)?")
_POSSESSIVE = re.compile(r"(?:['’]s|['’])$")
_BREAK = re.compile(r"[^\w\s]|\n")  # a run ends at punctuation and at the end of a line
_DOT = re.compile(r"\.\s?")
_SENTENCE_START = re.compile(r"(?:^|[.!?:;“”\"«\n…]|[-–—]\s)\s*$")
_PREFIXED = re.compile(r"(?:al|el|an|ar|as|at|ad|az|ash|ul|ez|es|ed|d|l|аль|эль|ас|ат|аш|ан|ар|ад)[-'’ʼ–](?=[^\W\d_])")
_ELIDED = re.compile(r"(?:d|l|dell|all|nell|dall|sull|qu|s|n)['’](?=[^\W\d_])", re.IGNORECASE)
_NUMBERED = re.compile(r"\d{1,4}(?:st|nd|rd|th|e|er|º|ª|-?(?:й|я|а|ша|га|та|ма|та))$")
_ABBREVIATED = frozenset("st ste mt ft sts dr jr sr".split())
_AND = frozenset("and und och og et y e i и і та й و ve en".split())
_OF = frozenset("of for de du des del di da van von der för für".split())
_CHAIN = 2  # joining words in a row, as in "Headquarters for the Treatment"
_HEADLINE = 4  # words of a line in capitals that make it a headline
_LEADING = frozenset("in near at from to of over into on for with against".split())  # before a name in a headline
_TITLE_ENDS = re.compile(
    r"(?:präsident|minister|kanzler|chef|sprecher|führer|leiter|direktor|richter|anwalt|kommissar)(?:in)?$|"
    r"(?:minister|ministern|presidenten|chefen|ledare|talesperson|talsperson)$"
)


class Runs:
    """The words of one text, and the runs of capitalised words among them."""

    def __init__(self, source: str, here: tuple[str, ...], common: frozenset[str], known: Sequence[str]) -> None:
        self._source = source
        self._common = common
        self._joining = name_words(here, "joining") | _AND
        self._weak = name_words(here, "weak")
        self._titles = name_words(here, "titles")
        self._organisations = name_words(here, "organisations")
        self._known = frozenset(value.casefold() for value in known)
        matches = list(_WORD.finditer(source))
        self._spans = [match.span() for match in matches]
        self._texts = [match[0] for match in matches]
        self._in_lower_case = {text for text in self._texts if text[0].islower()}

    def found(self, places: bool) -> Iterator[Candidate]:
        """Yield names; with ``places``, only those that can be places."""
        place = 0
        texts = self._texts
        count = len(texts)
        headline_to = -1
        while place < count:
            text = texts[place]
            first = text[0]
            if not first.isupper() and not first.isdecimal() and not (first in "aedulаэ" and _PREFIXED.match(text)):
                place += 1
                continue
            if place >= headline_to and self._starts_line(place) and (end := self._headline_end(place)):
                headline_to = end
                yield from self._divided(place, end, places)
                place = end
                continue
            if not self._starts(place):
                place += 1
                continue
            last = self._run_end(place)
            yield from self._named(place, last, places)
            place = last + 1

    # Runs

    def _starts(self, place: int) -> bool:
        text = self._texts[place]
        if text[0].isdecimal():
            following = place + 1
            return (
                _NUMBERED.match(text) is not None
                and following < len(self._texts)
                and self._is_name(following)
                and self._gap(following) == " "
            )
        if _PREFIXED.match(text):
            return text[_PREFIXED.match(text).end()].isupper()  # type: ignore[union-attr]
        return self._is_name(place)

    def _is_name(self, place: int) -> bool:
        text = self._texts[place]
        if not text[0].isupper():
            return False
        lower = text.lower()
        if lower in self._common or re.split("['’ʼ]", lower, maxsplit=1)[0] in self._common:
            return _ELIDED.match(text) is not None and text[_ELIDED.match(text).end()].isupper()  # type: ignore[union-attr]
        return not ("-" in lower and self._common.issuperset(lower.split("-")))

    def _inside(self, place: int) -> bool:
        """Return True for a word that goes on with a run: capitalised, or with a prefix such as al- and d'."""
        text = self._texts[place]
        if text[0].isupper():
            lower = text.lower()  # Le Drian, Di Battista, Doctors Without Borders
            joins = lower in self._joining or lower in self._weak
            return self._is_name(place) or (joins and place + 1 < len(self._texts) and self._is_name(place + 1))
        prefixed = _PREFIXED.match(text) or _ELIDED.match(text)
        return prefixed is not None and text[prefixed.end()].isupper()

    def _gap(self, place: int) -> str:
        return self._source[self._spans[place - 1][1] : self._spans[place][0]]

    def _joined(self, place: int) -> bool:
        """Return True if a run can go on at a word: after a blank, or the dot of an initial."""
        gap = self._gap(place)
        if _DOT.fullmatch(gap):
            before = self._texts[place - 1]
            return (len(before) == 1 and before.isupper()) or before.lower() in _ABBREVIATED or before in ("J.R", "J.K")
        return _BREAK.search(gap) is None and _POSSESSIVE.search(self._texts[place - 1]) is None

    def _run_end(self, first: int) -> int:
        """Return the index of the last word of the run that starts at ``first``."""
        last, place, joining = first, first + 1, 0
        has_of = False
        organisation = self._texts[first].lower() in self._organisations
        while place < len(self._texts) and joining <= _CHAIN and self._joined(place):
            text = self._texts[place]
            lower = text.lower()
            organisation = organisation or lower in self._organisations
            if self._inside(place) or (text.isdecimal() and place == last + 1):
                last, joining = place, 0
            elif text[0].isupper() or not self._joins(place, organisation, has_of):
                break
            else:
                has_of = has_of or lower in _OF
                joining += 1
            place += 1
        return last

    def _joins(self, place: int, organisation: bool, has_of: bool) -> bool:
        """Return True for a word that names have inside: "of", and in names of organisations "and" and "in"."""
        lower = self._texts[place].lower()
        if lower in _AND:
            return has_of and (organisation or self._the_follows(place))
        return lower in self._joining and (organisation or lower not in self._weak)

    def _the_follows(self, place: int) -> bool:
        return place + 1 < len(self._texts) and self._texts[place + 1] in ("the", "le", "la", "der", "el")

    def _named(self, first: int, last: int, places: bool) -> Iterator[Candidate]:
        """Yield the name in a run, without titles before it."""
        if last - first > 1 and self._texts[first].lower() in self._titles and self._is_abbreviation(first + 1):
            if not places:  # Глава МИД Сергей Лавров: an office, its body and a person
                yield self._candidate(*self._spans[first + 1])
                yield self._candidate(self._spans[first + 2][0], self._spans[last][1])
            return
        organisation = any(self._texts[place].lower() in self._organisations for place in range(first, last + 1))
        name_at = self._after_titles(first, last) if not organisation else first
        if name_at > last:
            return
        if places and (organisation or name_at > first or self._follows_title(first)):
            return
        start, end = self._spans[name_at][0], self._spans[last][1]
        alone = name_at == last
        text = self._texts[name_at]
        if alone and text.lower() in self._in_lower_case and self._starts_sentence(start):
            return
        if alone and (text.lower() in self._titles or (len(text) == 1 and not self._source[start].isdecimal())):
            return
        if name_at == first and (elided := _ELIDED.match(text)) and text[elided.end()].isupper():
            start += elided.end()
        yield self._candidate(start, end)

    def _is_abbreviation(self, place: int) -> bool:
        return 2 <= len(self._texts[place]) <= 5 and self._texts[place].isupper()

    def _after_titles(self, first: int, last: int) -> int:
        """Return the index of the first word of a name after the titles that a run has."""
        at = first
        for place in range(first, min(last, first + 5) + 1):
            lower = self._texts[place].lower()
            if lower in self._titles or _TITLE_ENDS.search(lower):
                following = place + 1
                if (
                    following <= last
                    and self._texts[following][0].islower()
                    and not _PREFIXED.match(self._texts[following])
                ):
                    break  # Minister of Defence
                at = following
        return at

    def _follows_title(self, first: int) -> bool:
        """Return True after a title in lower case, or one that ended with a dot: Gen. Mark Brown."""
        if first == 0 or _BREAK.search(self._gap(first).replace(".", "")):
            return False
        return self._texts[first - 1].lower() in self._titles

    def _candidate(self, start: int, end: int) -> Candidate:
        text = self._source[start:end]
        text = text[: len(text) - len(match[0])] if (match := _POSSESSIVE.search(text)) else text
        return Candidate(Span(start, start + len(text)), " ".join(text.split()))

    def _starts_sentence(self, start: int) -> bool:
        return _SENTENCE_START.search(self._source, max(0, start - 4), start) is not None or start == 0

    # Headlines

    def _starts_line(self, place: int) -> bool:
        return place == 0 or "\n" in self._gap(place)

    def _headline_end(self, first: int) -> int:
        """Return the index after a line whose long words all have capitals, or 0."""
        place, long_words = first, 0
        while place < len(self._texts) and (place == first or "\n" not in self._gap(place)):
            text = self._texts[place]
            if place > first and re.search(r"[.!?]\s", self._gap(place)) and len(self._texts[place - 1]) > 2:
                return 0
            if len(text) >= 4 or text.isupper():
                if not text[0].isupper() and not text[0].isdecimal():
                    return 0
                long_words += 1
            place += 1
        return place if long_words > _HEADLINE else 0

    def _divided(self, first: int, end: int, places: bool) -> Iterator[Candidate]:
        """Yield the names in a headline: known ones, and words after "in" or "near"; the rest word by word."""
        place = first
        names = gazetteer() | self._known
        while place < end:
            size = next((n for n in range(min(4, end - place), 0, -1) if self._phrase(place, n) in names), 0)
            after = place > first and self._texts[place - 1].lower() in _LEADING
            if size or (self._is_name(place) and (after or not places)):
                yield self._candidate(self._spans[place][0], self._spans[place + max(size, 1) - 1][1])
            place += max(size, 1)

    def _phrase(self, place: int, size: int) -> str:
        text = self._source[self._spans[place][0] : self._spans[place + size - 1][1]]
        return _POSSESSIVE.sub("", " ".join(text.split())).casefold()
