"""The words of generated news: the lists of a language, and thousands of invented names by frequency."""

import itertools
import random
import tomllib
from bisect import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"en": 0.85, "uk": 0.045, "ru": 0.035, "zh": 0.04, "ar": 0.03}  # and their shares of the documents


@dataclass(frozen=True, slots=True)
class Skewed:
    """Names of which the first is drawn most, the second half as often, the third a third as often."""

    names: tuple[str, ...]
    weights: tuple[float, ...]

    def draw(self, rng: random.Random) -> str:
        """One of the names."""
        return self.names[min(bisect(self.weights, rng.random() * self.weights[-1]), len(self.names) - 1)]


def skewed(names: Sequence[str]) -> Skewed:
    """Names by Zipf's law, in the order given."""
    return Skewed(tuple(names), tuple(itertools.accumulate(1 / rank for rank in range(1, len(names) + 1))))


@dataclass(frozen=True, slots=True)
class Lexicon:
    """One language: its templates, sentences between the events, and names."""

    language: str
    templates: tuple[dict[str, Any], ...]
    fillers: dict[str, list[str]]
    words: dict[str, list[str]]
    actors: Skewed
    places: Skewed
    regions: Skewed
    claimants: Skewed
    organisers: Skewed
    persons: Skewed
    outlets: Skewed


@cache
def lexicon(language: str) -> Lexicon:
    """The lexicon of a language, always the same."""
    table = _read(language)
    words = table["words"]
    if language == "en":
        words = words | _made_names(random.Random("names"), words, table["made"])
    return Lexicon(
        language,
        tuple(table["templates"]),
        table["fillers"],
        words,
        *(skewed(words[name]) for name in ("actors", "places", "regions", "claimants", "organisers", "persons")),
        publishers(),
    )


@cache
def publishers() -> Skewed:
    """The newspapers and agencies, of whatever language."""
    return skewed(_read("en")["made"]["publishers"])


@cache
def _read(language: str) -> dict[str, Any]:
    with (Path(__file__).parent / "languages" / f"{language}.toml").open("rb") as stream:
        return tomllib.load(stream)


def _made_names(rng: random.Random, words: dict[str, list[str]], parts: dict[str, list[str]]) -> dict[str, list[str]]:
    """Some thousand places, actors, offices and people, those that the news is full of before the made ones."""
    made = _combined(rng, parts["place_before"], parts["place_stems"], parts["place_endings"])
    places = [*parts["places"], *made[:4000]]
    first_names = [f"{name} " for name in parts["first_names"]]
    people = _combined(rng, first_names, parts["surnames"], parts["surname_endings"])
    offices = [form.format(place=place) for place in places[:300] for form in words["offices"]]
    groups = [form.format(place=place) for place in places[:400] for form in words["groups"]]
    rng.shuffle(offices)
    rng.shuffle(groups)
    return {
        "actors": [*parts["actors"], *groups[:1500]],
        "places": places,
        "regions": [f"{place} region" for place in places[:500]],
        "claimants": [*words["claimants"], *itertools.chain(*zip(offices, people[:3000], strict=False))],
        "organisers": groups[:2500],
        "persons": people[:40000],
    }


def _combined(rng: random.Random, *parts: list[str]) -> list[str]:
    names = ["".join(chosen) for chosen in itertools.product(*parts)]
    rng.shuffle(names)
    return names
