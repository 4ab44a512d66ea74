"""Generates the events of documents: their sentences, their fields, and the spans of their values."""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bench.lexicon import LANGUAGES, Lexicon, lexicon

Value = str | int | float

_SLOT = re.compile(r"\{([a-z_]+)(?:~\d)?(?:\.(\d))?\}")
_SMALL = "no one two three four five six seven eight nine ten eleven twelve".split()
_UNCITED = 0.07  # of the fields: the machine gives no evidence for them
_CURLY = re.compile(r"\{([a-z_]+)\}")
PHRASES = ("humanitarian corridor", "prisoner swap")  # that some documents hold; the bench asks for them
MENTIONED = ("soldiers", "遗体", "Donetsk")  # words that many do


@dataclass(frozen=True, slots=True)
class Fact:
    """A value and the words for it; ``before`` are words that belong to it and are no evidence."""

    value: Value
    words: str
    before: str = ""
    modifier: str | None = None


@dataclass(frozen=True, slots=True)
class PoolField:
    """A field; ``start`` and ``end`` count from the event's first sentence, past the date where ``after_date``."""

    name: str
    group: str | None
    value: Value
    modifier: str | None
    start: int | None
    end: int | None
    after_date: bool
    doubt: int  # thousandths that the machine is less sure of it than of the event
    extra: str | None


@dataclass(frozen=True, slots=True)
class PoolEvent:
    """An event without its date, for which ``before`` and ``after`` leave room."""

    number: int
    language: str
    type: str
    title: str
    before: str
    after: str
    fields: tuple[PoolField, ...]


@dataclass(slots=True)
class Pool:
    """Events and sentences by language."""

    events: dict[str, list[PoolEvent]] = field(default_factory=dict)
    fillers: dict[str, list[str]] = field(default_factory=dict)


def make_pool(size: int, seed: int) -> Pool:
    """About ``size`` events, and sentences to stand between them."""
    pool, number = Pool(), 0
    for language, share in LANGUAGES.items():
        rng = random.Random(f"{seed} {language}")
        words = lexicon(language)
        count = max(20, int(size * share))
        pool.events[language] = [_event(number + n, words, rng) for n in range(count)]
        pool.fillers[language] = [_filler(words, rng) for _ in range(max(40, count // 3))]
        number += count
    return pool


def _event(number: int, words: Lexicon, rng: random.Random) -> PoolEvent:
    template = rng.choice(words.templates)
    facts = _FACTS[template["type"]](words, template, rng)
    title = _SLOT.sub(lambda match: facts[_key(match)].words, template["title"])
    # What comes before the date and after it; each value's place is where it stands first.
    halves, fields = [], []
    for after_date, half in enumerate(template["text"].split("{date}")):
        text = ""
        for piece in _pieces(half):
            if isinstance(piece, str):
                text += piece
                continue
            fact = facts[_key(piece)]
            before = fact.before if text or after_date else fact.before[:1].upper() + fact.before[1:]
            words_ = fact.words if before or text or after_date else fact.words[:1].upper() + fact.words[1:]
            start = len(text) + len(before)
            text += before + words_
            fields.append(_field(piece, fact, start, bool(after_date), rng))
        halves.append(text)
    date = PoolField("date", None, "", None, None, None, False, rng.randrange(300), None)
    return PoolEvent(number, words.language, template["type"], title[:1].upper() + title[1:], *halves, (date, *fields))


def _pieces(text: str) -> "list[str | re.Match[str]]":
    pieces: list[str | re.Match[str]] = []
    end = 0
    for match in _SLOT.finditer(text):
        pieces += [text[end : match.start()], match]
        end = match.end()
    return [*(piece for piece in pieces if piece), text[end:]]


def _key(slot: "re.Match[str]") -> str:
    return slot[0][1:-1]


def _field(slot: "re.Match[str]", fact: Fact, start: int, after_date: bool, rng: random.Random) -> PoolField:
    group = f"transfer:{slot[2]}" if slot[2] else None
    cited = rng.random() >= _UNCITED
    extra = None
    if rng.random() < 0.04:
        other = fact.value + rng.choice((-1, 1, 10)) if not isinstance(fact.value, str) else fact.value.upper()
        extra = f'{{"alternatives": ["{other}"]}}'.replace("'", "’") if '"' not in str(other) else None
    elif rng.random() < 0.03:
        extra = '{"optional": true}'
    place = (start, start + len(fact.words)) if cited else (None, None)
    return PoolField(slot[1], group, fact.value, fact.modifier, *place, after_date, rng.randrange(300), extra)


def _count(words: Lexicon, rng: random.Random, scale: float = 6.0, most: int = 25_000) -> Fact:
    """A number with a heavy tail, sometimes in words, sometimes qualified."""
    number = max(2, min(most, int(scale * rng.paretovariate(0.75))))
    text = str(number)
    if words.language == "en":
        if number < len(_SMALL) and rng.random() < 0.5:
            text = _SMALL[number]
        elif number >= 1000:
            text = f"{number:,}"
        if rng.random() < 0.06:
            modifier, before = rng.choice((("about", "about "), ("at least", "at least "), ("at most", "up to ")))
            return Fact(number, text, before, modifier)
    return Fact(number, text)


def _name(name: str) -> Fact:
    """A name as a value goes without the article that the text has."""
    return Fact(name.removeprefix("the "), name.removeprefix("the "), "the " * name.startswith("the "))


def _one(words: Lexicon, kind: str, rng: random.Random) -> Fact:
    choices = words.words[kind]
    return Fact(text := choices[int(len(choices) * rng.random() ** 2)], text)


def _transfers(words: Lexicon, template: dict[str, Any], rng: random.Random) -> dict[str, Fact]:
    first, second = words.actors.names[:2]
    if rng.random() < 0.35:
        first = words.actors.draw(rng)
        second = rng.choice([name for name in words.actors.names[:40] if name != first])
    elif rng.random() < 0.5:
        first, second = second, first
    facts = {"location": _name(words.places.draw(rng)), "place_of_death": _name(words.places.draw(rng))}
    for number, (giver, recipient) in enumerate(((first, second), (second, first)), 1):
        claimant = words.persons.draw(rng) if rng.random() < 0.3 else words.claimants.draw(rng)
        facts |= {
            f"giver.{number}": _name(giver),
            f"recipient.{number}": _name(recipient),
            f"count.{number}": _count(words, rng, 12),
            f"claimant.{number}": _name(claimant),
        }
    facts |= {"outlet.1": _name(words.outlets.draw(rng)), "mediator": _name(words.actors.draw(rng))}
    if "unit" in template:
        facts |= {"unit": Fact(unit := rng.choice(template["unit"]), unit), "total": _count(words, rng, 40)}
    return facts


def _attack(words: Lexicon, template: dict[str, Any], rng: random.Random) -> dict[str, Fact]:
    return {
        "location": _name(words.places.draw(rng)),
        "region": _name(words.regions.draw(rng)),
        "attacker": _name(words.actors.draw(rng)),
        "claimant": _name(words.claimants.draw(rng)),
        "target": _one(words, "targets", rng),
        "weapon": _one(words, "weapons", rng),
        "damage": _one(words, "damages", rng),
        "killed": _count(words, rng, 1.2, 900),
        "injured": _count(words, rng, 3, 4000),
    }


def _protest(words: Lexicon, template: dict[str, Any], rng: random.Random) -> dict[str, Fact]:
    return {
        "location": _name(words.places.draw(rng)),
        "country": _name(rng.choice(words.actors.names[:50])),
        "opponent": _name(words.actors.draw(rng)),
        "claimant": _name(words.claimants.draw(rng)),
        "organiser": _name(words.organisers.draw(rng)),
        "demand": _one(words, "demands", rng),
        "participants": _count(words, rng, 150, 400_000),
        "detained": _count(words, rng, 4, 3000),
        "injured": _count(words, rng, 2, 900),
    }


def _agreement(words: Lexicon, template: dict[str, Any], rng: random.Random) -> dict[str, Fact]:
    amount = round(rng.paretovariate(0.6), 1)
    return {
        "party": _name(words.actors.draw(rng)),
        "party~2": _name(words.actors.draw(rng)),
        "location": _name(words.places.draw(rng)),
        "mediator": _name(words.actors.draw(rng)),
        "claimant": _name(words.persons.draw(rng)),
        "subject": _one(words, "subjects", rng),
        "stage": _one(words, "stages", rng),
        "months": Fact(months := rng.choice((3, 6, 12, 24, 60)), str(months)),
        "amount": Fact(amount, str(amount)),
    }


def _evacuation(words: Lexicon, template: dict[str, Any], rng: random.Random) -> dict[str, Fact]:
    return {
        "location": _name(words.places.draw(rng)),
        "destination": _name(words.places.draw(rng)),
        "organiser": _name(words.organisers.draw(rng)),
        "claimant": _name(words.claimants.draw(rng)),
        "outlet": _name(words.outlets.draw(rng)),
        "cause": _one(words, "causes", rng),
        "evacuated": _count(words, rng, 60, 200_000),
        "children": _count(words, rng, 9, 9000),
        "vehicles": _count(words, rng, 2, 300),
    }


_FACTS: dict[str, Callable[[Lexicon, dict[str, Any], random.Random], dict[str, Fact]]] = {
    "repatriation_of_remains": _transfers,
    "prisoner_exchange": _transfers,
    "attack": _attack,
    "protest": _protest,
    "agreement": _agreement,
    "evacuation": _evacuation,
}


def _filler(words: Lexicon, rng: random.Random) -> str:
    """A sentence about nothing that is an event."""
    lists = words.fillers

    def fill(match: "re.Match[str]") -> str:
        kind = match[1]
        if kind == "person":
            return words.persons.draw(rng)
        if kind == "outlet":
            return words.outlets.draw(rng)
        if kind == "institution":
            return rng.choice(words.words.get("institutions") or words.words["claimants"])
        if kind.endswith(("_low", "_cap")):
            text = rng.choice(lists[kind[:-4]])
            return (text[:1].lower() if kind.endswith("_low") else text[:1].upper()) + text[1:]
        return rng.choice(lists[kind])

    if rng.random() < 0.02:
        return rng.choice(lists["boilerplate"])
    text = _CURLY.sub(fill, rng.choice(lists["sentences"]))
    return text[:1].upper() + text[1:]
