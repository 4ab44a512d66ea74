"""Says which values no text is expected to hold: labels, codes, coordinates, identifiers and computed numbers."""

import re
from functools import lru_cache

from db.model import Value

_WORDS = re.compile(r"[A-Z]?[^\W\d_A-Z]+|[A-Z]+(?![a-z])")
_LABELS = frozenset(
    """type types subtype typ tipo tipologia тип category categories subcategory kategorie categoria categorie class
    classification klasse kind role roles rolle rol papel роль status stage mode modality level severity sentiment
    polarity tense genericity label labels tag tags topic theme scale scope nature relation relationship gender sex flag
    flags priority rating method format language lang certainty likelihood disposition issue domain""".split()
)
_CODES = frozenset(
    """code codes kod код codigo iso iso2 iso3 gw gwno gwnoa gwnob cow ccode cowcode fips cameo precision prec
    granularity ident id ids uid uuid guid key ref hash index idx rank number nr""".split()
)
_LINKS = frozenset("url urls uri link href doi email path file filename".split())
_COORDINATES = frozenset("lat latitude lon lng long longitude coord coords coordinate coordinates geo geom wkt".split())
_COMPUTED = frozenset(
    """score tone goldstein probability confidence weight intensity share ratio percentage mean avg average std variance
    timestamp epoch year month day hour week quarter decade""".split()
)
_LINK = re.compile(r"(?:https?|ftp)://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.]+", re.IGNORECASE)
_IDENTIFIER = re.compile(
    r"[0-9a-fA-F]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z]{0,6}[-_:/.]?\d{4,}[\w.:/-]*"
)
_SNAKE = re.compile(r"[a-z0-9]+(?:_[a-z0-9]+)+")
_PAIR = re.compile(r"(?:POINT *\()?[-+]?\d{1,3}\.\d+[ ,;]+[-+]?\d{1,3}\.\d+\)?")
_MANY_DECIMALS = 3


def what_it_is(name: str, value: Value) -> str | None:
    """Say what a value is that no text is expected to hold, such as "a code"; None if a text should have it."""
    if isinstance(value, bool):
        return "true or false"
    if value is None or isinstance(value, list | dict):
        return "a list or an object"
    return _what_it_is(name, value)


@lru_cache(2**13, typed=True)  # -0.0 and 0, 1.0 and 1 are different values
def _what_it_is(name: str, value: str | float) -> str | None:
    named, is_computed = _named(name)
    if named:
        return named
    if isinstance(value, int | float):
        if value == 0:
            return "a zero"
        decimals = repr(value).partition(".")[2] if isinstance(value, float) else ""
        computed = is_computed or len(decimals) >= _MANY_DECIMALS or "e" in decimals
        return "a computed number" if computed else None
    text = value.strip()
    if _LINK.fullmatch(text):
        return "a link"
    if _PAIR.fullmatch(text):
        return "a coordinate"
    if _IDENTIFIER.fullmatch(text) and not text.isdecimal() and not re.fullmatch(r"\d{4}(?:[-/]\d{1,2}){0,2}.*", text):
        return "a code"
    return "a label" if _SNAKE.fullmatch(text) or not text else None


@lru_cache(1000)
def _named(name: str) -> tuple[str | None, bool]:
    """Say what the values of a field with that name are, if that says it, and whether such numbers are computed."""
    words = frozenset(word.lower() for word in _WORDS.findall(name)) | {name.lower()}
    for kind, known in (("a coordinate", _COORDINATES), ("a code", _CODES), ("a label", _LABELS), ("a link", _LINKS)):
        if not known.isdisjoint(words):
            return kind, False
    return None, not _COMPUTED.isdisjoint(words)
