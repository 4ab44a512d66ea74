"""Texts in two tables, in sentences, in Chinese tables, and compressed."""

import zlib
from pathlib import Path

from support.databases.joined import TYPES
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, connected, with_sql

_ATTACKS = "Gunmen of the River Front"
_ATTACKS_TITLE = "Two attacks in one night"
_QUAKE = "A strong earthquake shook"


def _polymorphic(path: Path) -> None:
    """Texts of two kinds in two tables; a column says in which one the text of an event is."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE tweets (id INTEGER PRIMARY KEY, user TEXT, full_text TEXT);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), tweet_id INTEGER REFERENCES tweets(id),
          event_type TEXT, location TEXT, killed INTEGER
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES if story.number % 2],
        tweets=[(500 + story.number, "@x", story.text[:270]) for story in STORIES if not story.number % 2],
        events=[
            (
                number,
                story.number if story.number % 2 else None,
                None if story.number % 2 else 500 + story.number,
                item.type,
                item.place,
                item.killed,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _sentences(path: Path) -> None:
    """Texts in sentences, of which the events name one."""
    with_sql(
        path,
        """
        CREATE TABLE document (doc_id INTEGER PRIMARY KEY, title TEXT, dateline TEXT);
        CREATE TABLE sentence (sent_id INTEGER PRIMARY KEY, doc_id INTEGER, sent_no INTEGER, sentence TEXT);
        CREATE TABLE event (event_id INTEGER PRIMARY KEY, sent_id INTEGER, verb TEXT, event_class TEXT, where_ TEXT);
        """,
        document=[(story.number, story.title, story.published) for story in STORIES],
        sentence=[
            (10 * story.number + at, story.number, at, f"{sentence.strip('. ')}.")
            for story in STORIES
            for at, sentence in enumerate(story.text.split(". "))
        ],
        event=[
            (number, 10 * story.number + at, "said", item.type, item.place)
            for number, (story, item) in enumerate(EVENTS, 1)
            for at in [next(at for at, one in enumerate(story.text.split(". ")) if item.place in one)]
        ],
    )


def _chinese(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE 新闻 (编号 INTEGER PRIMARY KEY, 标题 TEXT, 正文 TEXT, 发布时间 TEXT);
        CREATE TABLE 事件 (
          编号 INTEGER PRIMARY KEY, 新闻编号 INTEGER, 类型 TEXT, 日期 TEXT, 地点 TEXT, 死亡人数 INTEGER,
          受伤人数 INTEGER
        );
        """,
        新闻=[(story.number, story.title, story.text, story.published) for story in STORIES],
        事件=[
            (number, story.number, item.type, item.date, item.place, item.killed, item.injured)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _compressed(path: Path) -> None:
    """Texts compressed with zlib."""
    with connected(path) as connection:
        connection.executescript(
            "CREATE TABLE pages (id INTEGER PRIMARY KEY, url TEXT, gz BLOB);"
            "CREATE TABLE events (id INTEGER PRIMARY KEY, page_id INTEGER REFERENCES pages(id), event_type TEXT,"
            " location TEXT, killed INTEGER)"
        )
        connection.executemany(
            "INSERT INTO pages VALUES (?, ?, ?)",
            [(story.number, story.url, zlib.compress(story.text.encode())) for story in STORIES],
        )
        connection.executemany(
            "INSERT INTO events VALUES (?, ?, ?, ?, ?)",
            [
                (number, story.number, item.type, item.place, item.killed)
                for number, (story, item) in enumerate(EVENTS, 1)
            ],
        )


SAMPLES = (
    Sample("two_tables_of_texts", _polymorphic, {"events": 8}, 6, TYPES, "3", {"location": "Dornau"}, _ATTACKS),
    Sample("sentences", _sentences, {"event": 8}, 8, TYPES, "3", {"where_": "Dornau"}, "Hours later", evidence=0.5),
    Sample(
        "chinese",
        _chinese,
        {"事件": 8},
        6,
        TYPES,
        "3",
        {"地点": "Dornau", "受伤人数": 27},
        _ATTACKS,
        title=_ATTACKS_TITLE,
    ),
    Sample(
        "compressed_texts",
        _compressed,
        {"events": 8},
        6,
        TYPES,
        "1",
        {"location": "Varnholt", "killed": 14},
        text=_QUAKE,
    ),
)
