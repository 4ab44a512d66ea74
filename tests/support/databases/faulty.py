"""Databases whose schema says something wrong or little: other programs were reported to fail on their like."""

from pathlib import Path

from support.databases.joined import QUAKE, TYPES
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, connected, insert, with_sql

_TEXT = "A strong earthquake shook"


def _events() -> list[tuple[object, ...]]:
    return [
        (number, story.number, item.type, item.place, item.killed, item.injured)
        for number, (story, item) in enumerate(EVENTS, 1)
    ]


def _key_to_nowhere(path: Path) -> None:
    """The key names a table that was renamed, and another one a table that never was (Datasette 1515)."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES article_old(id), event_type TEXT REFERENCES kinds,
          location TEXT, killed INTEGER, injured INTEGER
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        events=_events(),
    )


def _types_differ(path: Path) -> None:
    """The key is a number on one side and a text on the other (Datasette 726)."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id TEXT PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER, event_type TEXT, location TEXT, killed INTEGER, injured INTEGER,
          FOREIGN KEY (article_id) REFERENCES articles(id)
        );
        """,
        articles=[(str(story.number), story.title, story.text) for story in STORIES],
        events=_events(),
    )


def _brackets(path: Path) -> None:
    """Tables called like folders of mail, and with a quote (Datasette 2431 and 1257)."""
    with connected(path) as connection:
        connection.executescript(
            """
            CREATE TABLE "[Mail]/Inbox" (uid INTEGER PRIMARY KEY, subject TEXT, "body [plain]" TEXT);
            CREATE TABLE "Ana's events" (
              nr INTEGER PRIMARY KEY, "mail uid" INTEGER REFERENCES "[Mail]/Inbox", "event type" TEXT, "place]" TEXT,
              "killed%" INTEGER, "a`b" INTEGER
            );
            """
        )
        insert(connection, "[Mail]/Inbox", [(story.number, story.title, story.text) for story in STORIES])
        insert(connection, "Ana's events", _events())


def _one_key_for_both(path: Path) -> None:
    """The key of an event is that of its article (Datasette 155), and the reference names no column (Drizzle 3231)."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE event (
          article_id INTEGER PRIMARY KEY REFERENCES articles, event_type TEXT, location TEXT, killed INTEGER
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        event=[
            (story.number, item.type, item.place, item.killed) for story in STORIES for item in story.happenings[:1]
        ],
    )


def _labels_without_rows(path: Path) -> None:
    """Some ids have no row in the look-up table (Datasette 2214), and a table is empty (datasette-edit-schema 39)."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE kind (key TEXT PRIMARY KEY, name TEXT);
        CREATE TABLE empty_one (id INTEGER PRIMARY KEY, event_type TEXT, article_id INTEGER, location TEXT);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), kind TEXT REFERENCES kind(key),
          location TEXT, killed INTEGER, injured INTEGER
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        kind=[(kind.upper(), kind) for kind in sorted(TYPES - {"fire"})],
        events=[(number, article, str(kind).upper(), *rest) for number, article, kind, *rest in _events()],
    )


SAMPLES = (
    Sample("key_to_nowhere", _key_to_nowhere, {"events": 8}, 6, TYPES, "1", QUAKE, _TEXT, "Quake shakes Varnholt"),
    Sample("types_of_keys_differ", _types_differ, {"events": 8}, 6, TYPES, "1", QUAKE, _TEXT, "Quake shakes Varnholt"),
    Sample(
        "brackets",
        _brackets,
        {"Ana's events": 8},
        6,
        TYPES,
        "1",
        {"place]": "Varnholt", "killed%": 14},
        _TEXT,
        "Quake shakes Varnholt",
    ),
    Sample("one_key_for_both", _one_key_for_both, {"event": 6}, 6, TYPES - {"bombing"}, "1", {"killed": 14}, _TEXT),
    Sample(
        "labels_without_rows",
        _labels_without_rows,
        {"events": 8},
        6,
        (TYPES - {"fire"}) | {"FIRE"},
        "1",
        QUAKE,
        _TEXT,
        ignored={"empty_one": "no rows"},
    ),
)
