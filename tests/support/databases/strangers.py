"""More shapes, as other people's programs write them: object mappers, crawlers, chat logs, stores of documents."""

import hashlib
import json
import uuid
from pathlib import Path

from sqlite_utils import Database

from support.databases.joined import QUAKE, TYPES
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, with_sql, with_utils

_ATTACKS = "Gunmen of the River Front"
_ATTACKS_TITLE = "Two attacks in one night"
_QUAKE = "A strong earthquake shook"


def _prisma(path: Path) -> None:
    """Many to many as Prisma writes it without a model: a table with the columns A and B."""
    with_sql(
        path,
        """
        CREATE TABLE "Article" ("id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "title" TEXT NOT NULL, "body" TEXT);
        CREATE TABLE "Event" (
          "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT, "type" TEXT NOT NULL, "date" DATETIME, "place" TEXT,
          "killed" INTEGER
        );
        CREATE TABLE "_ArticleToEvent" (
          "A" INTEGER NOT NULL, "B" INTEGER NOT NULL,
          CONSTRAINT "_ArticleToEvent_A_fkey" FOREIGN KEY ("A") REFERENCES "Article" ("id") ON DELETE CASCADE,
          CONSTRAINT "_ArticleToEvent_B_fkey" FOREIGN KEY ("B") REFERENCES "Event" ("id") ON DELETE CASCADE
        );
        CREATE UNIQUE INDEX "_ArticleToEvent_AB_unique" ON "_ArticleToEvent"("A", "B");
        """,
        Article=[(story.number, story.title, story.text) for story in STORIES],
        Event=[
            (number, item.type, f"{item.date}T00:00:00.000+00:00", item.place, item.killed)
            for number, (_, item) in enumerate(EVENTS, 1)
        ],
        _ArticleToEvent=[(story.number, number) for number, (story, _) in enumerate(EVENTS, 1)],
    )


def _sqlite_utils(path: Path) -> None:
    """Look-ups and links as sqlite-utils makes them: ``lookup`` and ``m2m``."""

    def write(db: Database) -> None:
        articles, events = db.table("articles"), db.table("events")
        articles.insert_all(
            ({"id": story.number, "title": story.title, "text": story.text} for story in STORIES), pk="id"
        )
        for number, (story, item) in enumerate(EVENTS, 1):
            kind = db.table("types").lookup({"name": item.type})
            events.insert(
                {
                    "id": number,
                    "article_id": story.number,
                    "type_id": kind,
                    "location": item.place,
                    "dead": item.killed,
                },
                pk="id",
                foreign_keys=[("article_id", "articles", "id"), ("type_id", "types", "id")],
            ).m2m("actors", {"name": item.actor}, pk="id")

    with_utils(path, write)


def _text_two_tables_away(path: Path) -> None:
    """The events refer to articles, which hold what is known of them; the contents are in a third table."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, url TEXT UNIQUE, headline TEXT, crawled_at TEXT);
        CREATE TABLE article_contents (article_id INTEGER PRIMARY KEY REFERENCES articles(id), content TEXT NOT NULL);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id), event_type TEXT, location TEXT,
          killed INTEGER, injured INTEGER
        );
        """,
        articles=[(story.number, story.url, story.title, "2024-09-01") for story in STORIES],
        article_contents=[(story.number, story.text) for story in STORIES],
        events=[
            (number, story.number, item.type, item.place, item.killed, item.injured)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _messages(path: Path) -> None:
    """A chat's messages, known by channel and number, and incidents that name both; no key is declared."""
    with_sql(
        path,
        """
        CREATE TABLE channels (channel_id INTEGER PRIMARY KEY, username TEXT);
        CREATE TABLE messages (channel_id INTEGER, message_id INTEGER, date INTEGER, text TEXT, views INTEGER);
        CREATE TABLE incidents (
          uid TEXT, channel_id INTEGER, message_id INTEGER, kind TEXT, place TEXT, dead INTEGER, hurt INTEGER
        );
        """,
        channels=[(100, "harbour"), (200, "border")],
        messages=[
            (100 + story.number % 2 * 100, 10 + story.number // 2, 1725174000 + story.number, story.text, 99)
            for story in STORIES
        ],
        incidents=[
            (
                f"inc-{number}",
                100 + story.number % 2 * 100,
                10 + story.number // 2,
                item.type,
                item.place,
                item.killed,
                item.injured,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _hashes(path: Path) -> None:
    """Articles known by the digest of their text; GDELT's way to write a day."""

    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    with_sql(
        path,
        """
        CREATE TABLE corpus (sha256 TEXT PRIMARY KEY, fulltext TEXT, lang TEXT);
        CREATE TABLE gdelt_like (
          GlobalEventID INTEGER, SQLDATE INTEGER, Actor1Name TEXT, EventRootCode TEXT, NumDeaths REAL,
          ActionGeo_FullName TEXT, TextHash TEXT
        );
        """,
        corpus=[(digest(story.text), story.text, "en") for story in STORIES],
        gdelt_like=[
            (
                900 + number,
                int(item.date.replace("-", "")),
                item.actor,
                item.type,
                None if item.killed is None else float(item.killed),
                item.place,
                digest(story.text),
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _document_store(path: Path) -> None:
    """One table, one column, everything in it as JSON."""
    with_sql(
        path,
        "CREATE TABLE docs (id TEXT PRIMARY KEY, doc TEXT)",
        docs=[
            (
                f"doc{story.number}",
                json.dumps(
                    {
                        "title": story.title,
                        "text": story.text,
                        "meta": {"source": story.publisher, "published": story.published},
                        "events": [
                            {"type": item.type, "location": item.place, "killed": item.killed, "injured": item.injured}
                            for item in story.happenings
                        ],
                    }
                ),
            )
            for story in STORIES
        ],
    )


def _chat_completions(path: Path) -> None:
    """Requests and responses of an API as they went over the wire: JSON, with the events as JSON text inside it."""
    with_sql(
        path,
        "CREATE TABLE api_calls (id INTEGER PRIMARY KEY, ts TEXT, request TEXT, response TEXT)",
        api_calls=[
            (
                story.number,
                "2024-09-01T10:00:00Z",
                json.dumps(
                    {
                        "model": "gpt-4o",
                        "messages": [
                            {"role": "system", "content": "Extract events as JSON."},
                            {"role": "user", "content": story.text},
                        ],
                    }
                ),
                json.dumps(
                    {
                        "id": f"chatcmpl-{story.number}",
                        "choices": [
                            {
                                "index": 0,
                                "message": {
                                    "role": "assistant",
                                    "content": json.dumps(
                                        {
                                            "events": [
                                                {"type": item.type, "location": item.place, "killed": item.killed}
                                                for item in story.happenings
                                            ]
                                        }
                                    ),
                                },
                            }
                        ],
                        "usage": {"total_tokens": 300},
                    }
                ),
            )
            for story in STORIES
        ],
    )


def _arguments_in_json(path: Path) -> None:
    """Arguments as a list of objects with role, text and place; the trigger has columns of its own."""
    with_sql(
        path,
        """
        CREATE TABLE docs (doc_id TEXT PRIMARY KEY, text TEXT NOT NULL);
        CREATE TABLE events (
          event_id TEXT PRIMARY KEY, doc_id TEXT NOT NULL, event_type TEXT NOT NULL, trigger_text TEXT,
          trigger_start INT, trigger_end INT, arguments TEXT NOT NULL
        );
        """,
        docs=[(f"D{story.number}", story.text) for story in STORIES],
        events=[
            (
                f"D{story.number}-{number}",
                f"D{story.number}",
                item.type,
                item.place,
                story.text.index(item.place),
                story.text.index(item.place) + len(item.place),
                json.dumps(
                    [
                        {"role": role, "text": value, "start": at, "end": at + len(value)}
                        for role, value in (("place", item.place), ("agent", item.actor))
                        for at in (story.text.index(value),)
                    ]
                ),
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _two_runs(path: Path) -> None:
    """The same articles read by two models, a table each."""
    columns = (
        "id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), event_type TEXT, place TEXT, dead INT"
    )
    rows = [
        (number, story.number, item.type, item.place, item.killed) for number, (story, item) in enumerate(EVENTS, 1)
    ]
    with_sql(
        path,
        f"""
        CREATE TABLE articles (id INTEGER PRIMARY KEY, text TEXT);
        CREATE TABLE events_gpt ({columns});
        CREATE TABLE events_llama ({columns});
        CREATE TABLE events_mistral ({columns});
        """,
        articles=[(story.number, story.text) for story in STORIES],
        events_gpt=rows,
        events_llama=[(number, article, kind, place, 1) for number, article, kind, place, _ in rows[:5]],
    )


def _everything_is_text(path: Path) -> None:
    """A sheet with N/A, numbers as text, a day in three columns, and the summary of the event beside the article."""
    with_sql(
        path,
        "CREATE TABLE data (eventid TEXT, iyear TEXT, imonth TEXT, iday TEXT, country_txt TEXT, city TEXT,"
        " attacktype1_txt TEXT, nkill TEXT, nwound TEXT, gname TEXT, summary TEXT)",
        data=[
            (
                f"2024{number:08}",
                *(str(int(part)) for part in item.date.split("-")),
                "Norland",
                item.place,
                item.type,
                "N/A" if item.killed is None else f"{item.killed}.0",
                "" if item.injured is None else str(item.injured),
                item.actor,
                story.text,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _sqlalchemy(path: Path) -> None:
    """Keys as texts of 36 characters, an enumeration that is checked, and a child table with roles."""

    def key(name: str) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_URL, name))

    with_sql(
        path,
        """
        CREATE TABLE raw_article (
          id VARCHAR(36) NOT NULL, source VARCHAR(100), headline VARCHAR(500), raw_text TEXT, fetched_at DATETIME,
          PRIMARY KEY (id)
        );
        CREATE TABLE news_event (
          id VARCHAR(36) NOT NULL, raw_article_id VARCHAR(36) NOT NULL, kind VARCHAR(14) NOT NULL, occurred_on DATE,
          place_name VARCHAR(200), confidence FLOAT, needs_review BOOLEAN NOT NULL, created_at DATETIME,
          PRIMARY KEY (id), FOREIGN KEY(raw_article_id) REFERENCES raw_article (id), CHECK (needs_review IN (0, 1))
        );
        CREATE TABLE participant (
          id INTEGER NOT NULL, event_id VARCHAR(36) NOT NULL, role VARCHAR(50), name VARCHAR(200),
          PRIMARY KEY (id), FOREIGN KEY(event_id) REFERENCES news_event (id)
        );
        """,
        raw_article=[
            (key(story.url), story.publisher, story.title, story.text, "2024-09-01 10:00:00.000000")
            for story in STORIES
        ],
        news_event=[
            (
                key(f"e{number}"),
                key(story.url),
                item.type,
                item.date,
                item.place,
                item.confidence,
                1,
                "2024-09-02 10:00:00.000000",
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
        participant=[
            (2 * number + at, key(f"e{number}"), role, name)
            for number, (story, item) in enumerate(EVENTS, 1)
            for at, (role, name) in enumerate((("perpetrator", item.actor), ("source", "police")))
        ],
    )


_MODELS = {"events_gpt": 8, "events_llama": 5}

SAMPLES = (
    Sample(
        "prisma_many_to_many",
        _prisma,
        {"Event": 8},
        6,
        TYPES,
        "3",
        {"place": "Dornau", "date": "2024-04-12"},
        _ATTACKS,
        title=_ATTACKS_TITLE,
    ),
    Sample(
        "sqlite_utils_links",
        _sqlite_utils,
        {"events": 8},
        6,
        TYPES,
        "3",
        {"location": "Dornau", "actors": ["Black Lantern"]},
        _ATTACKS,
        title=_ATTACKS_TITLE,
    ),
    Sample(
        "text_two_tables_away",
        _text_two_tables_away,
        {"events": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        _QUAKE,
        title="Quake shakes Varnholt",
    ),
    Sample("messages", _messages, {"incidents": 8}, 6, TYPES, "1", {"place": "Varnholt", "dead": 14}, _QUAKE),
    Sample(
        "hashes",
        _hashes,
        {"gdelt_like": 8},
        6,
        TYPES,
        "1",
        {"ActionGeo_FullName": "Varnholt", "SQLDATE": "2024-03-05"},
        _QUAKE,
        evidence=0.8,
    ),
    Sample("document_store", _document_store, {"docs": 8}, 6, TYPES, "doc2:2", {"location": "Dornau"}, _ATTACKS),
    Sample("chat_completions", _chat_completions, {"api_calls": 8}, 6, TYPES, "2:2", {"location": "Dornau"}, _ATTACKS),
    Sample(
        "arguments_in_json",
        _arguments_in_json,
        {"events": 8},
        6,
        TYPES,
        "D2-3",
        {"place": "Dornau", "agent": "Black Lantern"},
        _ATTACKS,
    ),
    Sample("two_runs", _two_runs, _MODELS, 6, TYPES, "events_gpt:1", {"place": "Varnholt", "dead": 14}, _QUAKE),
    Sample(
        "everything_is_text",
        _everything_is_text,
        {"data": 8},
        8,
        TYPES,
        "1",
        {"city": "Varnholt", "nkill": 14.0, "nwound": 62, "gname": "civil defence office"},
        _QUAKE,
        evidence=0.5,
    ),
    Sample(
        "sqlalchemy",
        _sqlalchemy,
        {"news_event": 8},
        6,
        TYPES,
        str(uuid.uuid5(uuid.NAMESPACE_URL, "e3")),
        {"place_name": "Dornau", "occurred_on": "2024-04-12", "participant.name": ["Black Lantern", "police"]},
        _ATTACKS,
        title=_ATTACKS_TITLE,
        evidence=0.6,
    ),
)
