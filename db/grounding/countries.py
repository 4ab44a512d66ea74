"""Countries by their names, inhabitants, capitals and codes: Russia, Russian, Moscow, RU, RUS, 643 and 365."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from db.text.folded_text import fold

_UNCOUNTED = ("ese", "ish", "ch", "ss", "men", "man")  # endings of words for inhabitants without a plural in -s


@dataclass(frozen=True, slots=True)
class Country:
    """A country: the words for it and its inhabitants, those for its government, and its codes as in ``RUS``."""

    names: tuple[str, ...]
    capitals: tuple[str, ...]
    codes: frozenset[str]
    numbers: frozenset[int]  # of ISO 3166-1, and of Gleditsch and Ward


@cache
def countries_by_name() -> dict[str, list[Country]]:
    """Return the countries that each folded name or word for inhabitants can mean: Congo means two."""
    found: dict[str, list[Country]] = {}
    for country in _countries():
        for name in country.names:
            found.setdefault(fold(name), []).append(country)
    return found


@cache
def countries_by_code() -> dict[str, Country]:
    """Return the countries by their codes of two and three letters."""
    return {code: country for country in _countries() for code in country.codes}


@cache
def countries_by_number() -> dict[float, list[Country]]:
    """Return the countries by the numbers of ISO 3166-1, and of Gleditsch and Ward."""
    found: dict[float, list[Country]] = {}
    for country in _countries():
        for number in country.numbers:
            found.setdefault(number, []).append(country)
    return found


@cache
def _countries() -> tuple[Country, ...]:
    lines = (files("db.grounding") / "countries.txt").read_text(encoding="utf-8").splitlines()
    return tuple(map(_country, lines))


def _country(line: str) -> Country:
    two, three, iso, ward, rest = line.split(" ", 4)
    names, inhabitants, capitals = (part.split(",") if part else [] for part in rest.split("|"))
    plurals = [f"{word}s" for word in inhabitants if not word.endswith(_UNCOUNTED)]
    numbers = frozenset(int(number) for number in (iso, ward) if number.isdecimal())
    return Country((*names, *inhabitants, *plurals), tuple(capitals), frozenset((two, three)), numbers)
