"""Offsets in every unit, and days in every notation."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from support.databases.joined import TYPES
from support.databases.news import EVENTS, STORIES, Happening, Story
from support.databases.sample import Sample, with_sql

_WIDE = "\U0001f534\U0001f535 "
"""Two characters of two units each in UTF-16 and four bytes each in UTF-8, and a blank."""


def _mentions(path: Path, unit: Callable[[str, int], int]) -> None:
    """Mentions of places with their offsets in some unit; each text begins with characters that tell units apart."""

    def row(number: int, story: Story, item: Happening) -> tuple[object, ...]:
        text = _WIDE + story.text
        at = text.index(item.place)
        return (number, story.number, item.type, item.place, unit(text, at), unit(text, at + len(item.place)))

    with_sql(
        path,
        """
        CREATE TABLE docs (id INTEGER PRIMARY KEY, text TEXT);
        CREATE TABLE mentions (
          id INTEGER PRIMARY KEY, doc_id INTEGER REFERENCES docs(id), event_type TEXT, place TEXT, start_offset INTEGER,
          end_offset INTEGER
        );
        """,
        docs=[(story.number, _WIDE + story.text) for story in STORIES],
        mentions=[row(number, story, item) for number, (story, item) in enumerate(EVENTS, 1)],
    )


def _characters(path: Path) -> None:
    _mentions(path, lambda text, at: at)


def _bytes(path: Path) -> None:
    _mentions(path, lambda text, at: len(text[:at].encode()))


def _utf16(path: Path) -> None:
    _mentions(path, lambda text, at: len(text[:at].encode("utf-16-le")) // 2)


def _tokens(path: Path) -> None:
    """Positions of words between spaces; the place is one word or two."""
    _mentions(path, lambda text, at: len(text[:at].split()))


def _chunks(path: Path) -> None:
    """Articles in parts, as a vector store keeps them; offsets count from the start of the part."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, text TEXT);
        CREATE TABLE chunks (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), chunk_index INTEGER, char_start INTEGER,
          chunk_text TEXT
        );
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, chunk_id INTEGER REFERENCES chunks(id), event_type TEXT, place TEXT, start INTEGER,
          "end" INTEGER
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        chunks=[
            (10 * story.number + part, story.number, part, part * 150, story.text[part * 150 : (part + 1) * 150])
            for story in STORIES
            for part in range(3)
        ],
        events=[
            (number, 10 * story.number + at // 150, item.type, item.place, at % 150, at % 150 + len(item.place))
            for number, (story, item) in enumerate(EVENTS, 1)
            for at in (story.text.index(item.place),)
        ],
    )


def _epochs(path: Path, scale: int) -> None:
    def seconds(day: str) -> int:
        return int(datetime.fromisoformat(day).replace(tzinfo=UTC).timestamp()) * scale

    with_sql(
        path,
        """
        CREATE TABLE posts (post_id INTEGER PRIMARY KEY, text TEXT, published INTEGER);
        CREATE TABLE events (
          event_id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES posts(post_id), event_type TEXT, location TEXT,
          occurred_at INTEGER, created_at INTEGER
        );
        """,
        posts=[(story.number, story.text, seconds(story.published)) for story in STORIES],
        events=[
            (number, story.number, item.type, item.place, seconds(item.date), seconds("2024-09-01"))
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _seconds(path: Path) -> None:
    _epochs(path, 1)


def _milliseconds(path: Path) -> None:
    _epochs(path, 1000)


def _zero_dates(path: Path) -> None:
    """A table that came from MySQL: a day that nobody knows is 0000-00-00, an unknown time 00:00:00."""
    with_sql(
        path,
        "CREATE TABLE `accidents` (`id` int(11) NOT NULL, `acc_date` date NOT NULL DEFAULT '0000-00-00', `town`"
        " varchar(255), `dead` int(11), `report` text, `published` datetime DEFAULT '0000-00-00 00:00:00', PRIMARY KEY"
        " (`id`))",
        accidents=[
            (
                number,
                "0000-00-00" if number == 2 else item.date,
                item.place,
                item.killed,
                story.text,
                "0000-00-00 00:00:00" if number == 3 else f"{story.published} 00:00:00",
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


_MENTION = {"place": "Dornau"}
_TEXT = "Gunmen of the River Front"

SAMPLES = (
    Sample("offsets_in_characters", _characters, {"mentions": 8}, 6, TYPES, "3", _MENTION, _TEXT),
    Sample("offsets_in_bytes", _bytes, {"mentions": 8}, 6, TYPES, "3", _MENTION, _TEXT),
    Sample("offsets_in_utf16", _utf16, {"mentions": 8}, 6, TYPES, "3", _MENTION, _TEXT),
    Sample("offsets_in_tokens", _tokens, {"mentions": 8}, 6, TYPES, "3", _MENTION, _TEXT),
    Sample("chunks", _chunks, {"events": 8}, 8, TYPES, "1", {"place": "Varnholt"}, "A strong earthquake shook"),
    Sample(
        "epoch_seconds",
        _seconds,
        {"events": 8},
        6,
        TYPES,
        "3",
        {"location": "Dornau", "occurred_at": "2024-04-12"},
        _TEXT,
    ),
    Sample(
        "epoch_milliseconds",
        _milliseconds,
        {"events": 8},
        6,
        TYPES,
        "3",
        {"location": "Dornau", "occurred_at": "2024-04-12"},
        _TEXT,
    ),
    Sample(
        "zero_dates",
        _zero_dates,
        {"accidents": 8},
        8,
        frozenset(("accident",)),
        "1",
        {"acc_date": "2024-03-05", "town": "Varnholt", "dead": 14},
        "A strong earthquake shook",
    ),
)
