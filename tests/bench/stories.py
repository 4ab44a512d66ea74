"""Composes documents from a pool of events: title, text, and the spans of each event and its date."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache

from bench.lexicon import LANGUAGES, publishers
from bench.pool import Pool, PoolEvent

EVENTS_A_DOCUMENT = 5
CHUNK = 2000  # documents drawn from one seed, so that any stretch can be drawn again by itself
RARE_WORD = "astrolabe"
_RARE = f" An {RARE_WORD} was found in the rubble."
_RARE_EVERY, _RARE_FIRST = 2000, 1007  # documents
_FIRST_DAY, _DAYS = date(2022, 1, 1), 1461
_EXTRACTORS = ("frames-2", "frames-2", "rules-1")
_MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "uk": "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня".split(),
    "ru": "января февраля марта апреля мая июня июля августа сентября октября ноября декабря".split(),
    "ar": "يناير فبراير مارس أبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر نوفمبر ديسمبر".split(),
}
_IN_MONTH = {
    "uk": "січні лютому березні квітні травні червні липні серпні вересні жовтні листопаді грудні".split(),
    "ru": "январе феврале марте апреле мае июне июле августе сентябре октябре ноябре декабре".split(),
}
_WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()

Said = tuple[str, str, str]  # a date, the words before it, the words for it


@dataclass(frozen=True, slots=True)
class Drawn:
    """One event of a document: what it is in the pool, and where its two halves and its date stand."""

    id: int
    pool: PoolEvent
    date: str
    before_at: int
    date_at: int
    date_end: int
    after_at: int
    extractor: str
    thousandths: int  # the confidence


@dataclass(frozen=True, slots=True)
class Story:
    """A document with its events."""

    id: int
    language: str
    title: str
    publisher: str
    published: str
    url: str
    text: str
    events: tuple[Drawn, ...]

    @property
    def external_id(self) -> str:
        """The id that it has in its source."""
        return external_id(self.id)


def external_id(document: int) -> str:
    """The id in the source of the document of a number."""
    return f"n{document:07d}"


def stories(pool: Pool, events: int, seed: int) -> Iterator[Story]:
    """Documents of as many events; always the same for the same pool, number and seed."""
    left = events
    for chunk in range(-(-events // (CHUNK * EVENTS_A_DOCUMENT))):
        rng = random.Random(f"{seed} documents {chunk}")
        languages = rng.choices(list(LANGUAGES), list(LANGUAGES.values()), k=CHUNK)
        confidences = [int(1000 * rng.betavariate(3.2, 1.6)) for _ in range(1000)]
        for number, language in enumerate(languages, chunk * CHUNK + 1):
            if left <= 0:
                return
            yield _story(number, language, min(left, EVENTS_A_DOCUMENT), pool, rng, confidences)
            left -= EVENTS_A_DOCUMENT


def _story(number: int, language: str, events: int, pool: Pool, rng: random.Random, confidences: list[int]) -> Story:
    chance, pick = rng.random, pool.events[language]
    fillers = pool.fillers[language]
    day = int(_DAYS * chance() ** 0.8)
    said = _dates(language, day)
    parts: list[str] = []
    drawn: list[Drawn] = []
    at, id_ = 0, (number - 1) * EVENTS_A_DOCUMENT
    gap = "" if language == "zh" else " "
    for _ in range(events):
        event = pick[int(len(pick) * chance())]
        value, before, words = said[int(len(said) * chance())]
        date_at = at + len(event.before) + len(before)
        date_end = date_at + len(words)
        id_ += 1
        extractor = _EXTRACTORS[int(3 * chance())]
        confidence = confidences[int(1000 * chance())]
        drawn.append(Drawn(id_, event, value, at, date_at, date_end, date_end, extractor, confidence))
        more = fillers[int(len(fillers) * chance())]
        if chance() < 0.35:
            more = f"{more}{gap}{fillers[int(len(fillers) * chance())]}"
        paragraph = f"{event.before}{before}{words}{event.after}{gap}{more}\n\n"
        parts.append(paragraph)
        at += len(paragraph)
    text = "".join(parts)[:-2]
    if number % _RARE_EVERY == _RARE_FIRST:
        text += _RARE
    publisher = publishers().draw(rng)
    published = _day(day)
    site = publisher.lower().replace(" ", "-").replace("'", "")
    url = f"https://news.example/{site}/{published.replace('-', '/')}/{number}"
    return Story(number, language, drawn[0].pool.title, publisher, published, url, text, tuple(drawn))


@cache
def _day(day: int) -> str:
    return (_FIRST_DAY + timedelta(day)).isoformat()


@cache
def _dates(language: str, day: int) -> tuple[Said, ...]:
    """Dates that a report of a day could tell: mostly those of the days before it, some months and years."""
    published = _FIRST_DAY + timedelta(day)
    days = [_said(language, published - timedelta(lag)) for lag in (0, 0, 1, 1, 1, 2, 2, 3, 4, 6, 9, 20, 45, 400)]
    if language == "en":
        weekdays = [published - timedelta(lag) for lag in (1, 2, 3, 4, 5)]
        days += [(one.isoformat(), "on ", _WEEKDAYS[one.weekday()]) for one in weekdays]
        if published.day > 6:
            first, last = published.replace(day=published.day - 5), published.replace(day=published.day - 3)
            month = _MONTHS["en"][last.month - 1]
            days.append((f"{first}/{last}", "on ", f"{first.day}-{last.day} {month} {last.year}"))
    days += [_month(language, published - timedelta(lag)) for lag in (10, 40, 100)]
    year = str(published.year - (published.month < 4))
    before = {"en": "in ", "uk": "у ", "ru": "в ", "ar": "في عام ", "zh": ""}[language]
    return (*days, (year, before, f"{year}年" if language == "zh" else year))


def _said(language: str, one: date) -> Said:
    value = one.isoformat()
    if language == "zh":
        return value, "", f"{one.year}年{one.month}月{one.day}日"
    month = _MONTHS[language][one.month - 1]
    if language == "en" and one.day % 3 == 0:
        return value, "on ", f"{month} {one.day}, {one.year}"
    return value, {"en": "on ", "ar": "في "}.get(language, ""), f"{one.day} {month} {one.year}"


def _month(language: str, one: date) -> Said:
    value = one.isoformat()[:7]
    if language == "zh":
        return value, "", f"{one.year}年{one.month}月"
    month = _IN_MONTH.get(language, _MONTHS.get(language, []))[one.month - 1]
    return value, {"en": "in ", "uk": "у ", "ru": "в ", "ar": "في "}[language], f"{month} {one.year}"
