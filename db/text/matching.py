"""Fuzzy matching of typed letters with the names and values on offer."""

import re

from db.text.folding import folded

_WORDS = re.compile(r"[^\W_]+")


def best_matches(candidates: list[str], typed: str, limit: int) -> list[str]:
    """Return the candidates that match what was typed, ignoring case and accents; the best kind of match first.

    The kinds, best first: it begins with the typed letters; it contains them; its words begin with them (``pod``
    matches place_of_death); it contains them in this order with gaps. Candidates of one kind keep their order.
    """
    letters = folded(typed)
    ranked: list[list[str]] = [[], [], [], []]
    for candidate in candidates:
        text = folded(candidate)
        if text.startswith(letters):
            ranked[0].append(candidate)
        elif letters in text:
            ranked[1].append(candidate)
        elif _contains_in_order(text, letters):
            initials = "".join(word[0] for word in _WORDS.findall(text))
            ranked[2 if initials.startswith(letters) else 3].append(candidate)
    return [candidate for rank in ranked for candidate in rank][:limit]


def _contains_in_order(text: str, letters: str) -> bool:
    rest = iter(text)
    return all(letter in rest for letter in letters if not letter.isspace())
