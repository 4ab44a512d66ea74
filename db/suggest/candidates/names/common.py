"""Words that are no names, though they start sentences or have a capital: function words, numbers, dates, titles."""

from functools import cache

from db.suggest.candidates.dates.words import words
from db.suggest.candidates.languages import listed, words_of
from db.suggest.candidates.vocabulary import vocabulary


@cache
def common_words(here: tuple[str, ...]) -> frozenset[str]:
    """Return the words of some languages that are no names, in lower case."""
    found: set[str] = set()
    for code in here:
        found |= set(str(words_of(code, "names").get("common", "")).lower().split())
        if (dates := words(code)) is not None:
            found |= {*dates.months, *dates.weekdays, *dates.relative, *dates.directions, *dates.units}
    known = vocabulary(here)
    numbers = (known.small, known.ordinals, known.exact, known.vague, known.magnitudes, known.groups, known.plurals,
               known.parts, known.few)  # fmt: skip
    found |= {
        phrase[0][0] for phrases in numbers for several in phrases.values() for phrase in several if len(phrase[0]) == 1
    }
    return frozenset(found - {""})


@cache
def name_words(here: tuple[str, ...], table: str) -> frozenset[str]:
    """Return a list of words about names, in lower case: titles, joining words, words in names of organisations."""
    return frozenset(word.lower() for code in here for word in listed(words_of(code, "names").get(table)))


@cache
def gazetteer() -> frozenset[str]:
    """Return names that divide a headline in capitals, in lower case."""
    return name_words(("en",), "places")
