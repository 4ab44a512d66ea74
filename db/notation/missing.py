"""Words that mean no value in a cell."""

import re

MISSING_WORDS = frozenset(
    "na n/a n.a. n/d nan nat none null nil \\n <na> <nil> (null) (none) (blank) [null] unknown"
    " #n/a #na #ref! #value! #div/0! #name? #num! #null! #n/a! #spill! #calc! #getting_data"
    " - -- --- – — ? ?? .. ... …".split()
)
"""Lower-case words for a missing number or date."""

_NEVER = frozenset(("Null", "Nil", "Nan", "Nat", "Na"))  # names; programs write the words of _ALWAYS
_ANSWERS = frozenset(
    (
        "unknown",
        "none",
        "not mentioned",
        "not specified",
        "not stated",
        "not available",
        "not provided",
        "not applicable",
        "not given",
        "not reported",
        "not known",
        "unspecified",
        "no information",
        "not found",
        "missing",
        "not explicitly mentioned",
        "not explicitly stated",
        "not in the text",
        "none mentioned",
        "none specified",
    )
)
_NAMES = frozenset("name names surname lastname firstname forename first last family given person".split())


def is_missing_number(cell: str) -> bool:
    """Return True for a word that means no value in a column of numbers or dates."""
    return cell.strip().casefold() in MISSING_WORDS


def is_missing_answer(value: object) -> bool:
    """Return True for the words with which a language model says that a text gives no value."""
    if not isinstance(value, str):
        return False
    plain = value.strip()
    folded = plain.casefold().rstrip(".")
    return folded in _ANSWERS or (plain not in _NEVER and folded in MISSING_WORDS)


class WordEvidence:
    """What the cells of a column of texts show about words such as NA and None, which may be values there.

    ``NA`` is a value among codes of two letters, as Namibia is among countries; ``None`` in a column of people's names
    that has no other word for no value; ``none`` among categories in lower case. Programs write no value in the other
    forms, which are never values; ``Null`` and ``Nan`` are names.
    """

    def __init__(self, column: str) -> None:
        words = set(re.findall(r"[^\W\d_]+", column.casefold()))
        self._names_people = bool(words & _NAMES)
        self._upper = self._lower = self._small = self._other = 0
        self._certain = False

    def add(self, cell: str) -> None:
        """Take one cell into account."""
        if may_be_missing(cell):
            self._certain |= cell.strip().casefold() in MISSING_WORDS and not is_ambiguous(cell)
        elif len(cell) == 2 and cell.isalpha() and cell.isupper():
            self._upper += 1
        elif len(cell) == 2 and cell.isalpha() and cell.islower():
            self._lower += 1
        elif cell.islower():
            self._small += 1
        else:
            self._other += 1

    def is_missing(self, cell: str) -> bool:
        """Return True if an ambiguous word means no value in this column."""
        total = self._upper + self._lower + self._small + self._other
        if cell in ("NA", "na"):
            codes = self._upper if cell == "NA" else self._lower
            return not total or 10 * codes < 9 * total
        if cell == "none":
            return not total or 2 * (self._small + self._lower) < total
        return not (cell == "None" and self._names_people and not self._certain)


def may_be_missing(cell: str) -> bool:
    """Return True for a word that means no value in some columns of texts."""
    return cell.strip() in TEXT_WORDS


def is_ambiguous(cell: str) -> bool:
    """Return True for a word that the other cells of its column decide on."""
    return cell.strip() in _AMBIGUOUS


_AMBIGUOUS = frozenset(("NA", "na", "None", "none"))
TEXT_WORDS = frozenset(
    form
    for word in MISSING_WORDS - {"unknown"}  # which is what people answer
    for form in (word, word.upper(), word.capitalize(), "NaN", "NaT", "#N/a")
    if form not in _NEVER
)
"""The forms of words that mean no value in some columns of texts."""
