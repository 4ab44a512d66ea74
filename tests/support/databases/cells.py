"""Events in JSON columns, lists in a cell, and columns of 0 and 1."""

import json
from pathlib import Path
from typing import Any

from sqlite_utils import Database

from support.databases.joined import QUAKE, TYPES
from support.databases.news import EVENTS, STORIES, Happening, Story
from support.databases.sample import Sample, connected, with_sql, with_utils


def _object(item: Happening) -> dict[str, Any]:
    return {
        "event_type": item.type,
        "date": item.date,
        "location": item.place,
        "killed": item.killed,
        "injured": item.injured,
        "actors": [item.actor],
    }


def _objects_in_a_column(path: Path) -> None:
    """One extraction a row, the model's whole answer in one column."""

    def write(db: Database) -> None:
        db.table("documents").insert_all(
            ({"id": story.number, "title": story.title, "content": story.text} for story in STORIES), pk="id"
        )
        db.table("extractions").insert_all(
            (
                {
                    "id": number,
                    "document_id": story.number,
                    "extractor": "large-1",
                    "data": _object(item),
                    "score": item.confidence,
                }
                for number, (story, item) in enumerate(EVENTS, 1)
            ),
            pk="id",
            foreign_keys=["document_id"],
        )

    with_utils(path, write)


def _lists_of_objects_and_strings(path: Path) -> None:
    def write(db: Database) -> None:
        db.table("articles").insert_all(
            ({"id": story.number, "headline": story.title, "text": story.text} for story in STORIES), pk="id"
        )
        db.table("events").insert_all(
            (
                {
                    "id": number,
                    "article_id": story.number,
                    "type": item.type,
                    "casualties": [
                        {"count": count, "outcome": outcome}
                        for count, outcome in ((item.killed, "killed"), (item.injured, "injured"))
                        if count is not None
                    ],
                    "places": [item.place],
                    "actors": [item.actor, "police"] if "police" in story.text else [item.actor],
                }
                for number, (story, item) in enumerate(EVENTS, 1)
            ),
            pk="id",
            foreign_keys=["article_id"],
        )

    with_utils(path, write)


def _events_in_the_article(path: Path) -> None:
    """Each article's row has the list of its events as JSON; two have none."""
    quiet = [(7, "Rain", "It rained all week in Tarn, and nothing else happened there.", "[]", "small-2")]
    with_sql(
        path,
        "CREATE TABLE articles (RecordId INTEGER PRIMARY KEY, Title TEXT NOT NULL, FullText TEXT, gptEventsJson TEXT,"
        " gptModel TEXT)",
        articles=[
            (story.number, story.title, story.text, json.dumps([_object(item) for item in story.happenings]), "small-2")
            for story in STORIES
        ]
        + quiet
        + [(8, "Sun", "Then the sun came out over Tarn, and people went to swim.", None, None)],
    )


def _events_in_an_object_in_the_article(path: Path) -> None:
    """As function calling returns them: an object with the list under a key, and the reasoning beside it."""
    with_sql(
        path,
        "CREATE TABLE posts (id INTEGER PRIMARY KEY, url TEXT, text TEXT, llm_output TEXT, processed_at TEXT)",
        posts=[
            (
                story.number,
                story.url,
                story.text,
                json.dumps({"reasoning": "", "events": [_object(item) for item in story.happenings]}),
                "2024-09-01",
            )
            for story in STORIES
        ],
    )


def _nested_spans(path: Path) -> None:
    """Values with their place in the text, nested: {"value": 14, "span": [3, 5]}."""

    def nested(story: Story, item: Happening) -> str:
        def at(value: object, near: str) -> dict[str, Any]:
            where = story.text.index(near) + near.index(str(value))
            return {"value": value, "span": [where, where + len(str(value))]}

        found: dict[str, Any] = {"type": item.type, "place": at(item.place, item.place)}
        if item.killed is not None and str(item.killed) in story.text:
            found["killed"] = at(item.killed, str(item.killed))
        return json.dumps(found)

    with_sql(
        path,
        """
        CREATE TABLE article (id INTEGER PRIMARY KEY, text TEXT);
        CREATE TABLE event (id INTEGER PRIMARY KEY, article INTEGER REFERENCES article(id), payload JSON);
        """,
        article=[(story.number, story.text) for story in STORIES],
        event=[(number, story.number, nested(story, item)) for number, (story, item) in enumerate(EVENTS, 1)],
    )


def _text_in_json(path: Path) -> None:
    """The crawler's answer as one JSON object a row: the text is in it."""
    with_sql(
        path,
        """
        CREATE TABLE crawl (id INTEGER PRIMARY KEY, fetched INTEGER, raw JSON);
        CREATE TABLE events (id INTEGER PRIMARY KEY, crawl_id INTEGER REFERENCES crawl(id), event_type TEXT,
          location TEXT, killed INTEGER, injured INTEGER);
        """,
        crawl=[
            (
                story.number,
                1725174000,
                json.dumps(
                    {
                        "status": "ok",
                        "article": {"title": story.title, "text": story.text, "pubDate": story.published},
                    }
                ),
            )
            for story in STORIES
        ],
        events=[
            (number, story.number, item.type, item.place, item.killed, item.injured)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _text_in_a_blob(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE page (id INTEGER PRIMARY KEY, url TEXT, body BLOB, sha1 BLOB);
        CREATE TABLE event (id INTEGER PRIMARY KEY, page_id INTEGER REFERENCES page(id), kind TEXT, town TEXT,
          dead INT);
        """,
        page=[(story.number, story.url, story.text.encode(), bytes(range(200, 220))) for story in STORIES],
        event=[
            (number, story.number, item.type, item.place, item.killed) for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


TARGETS = ("civilians", "police", "military", "transport")


def _one_hot(path: Path) -> None:
    with connected(path) as connection:
        columns = ", ".join(f"target_{target} INTEGER NOT NULL DEFAULT 0" for target in TARGETS)
        connection.executescript(
            "CREATE TABLE reports (id INTEGER PRIMARY KEY, text TEXT);"
            f"CREATE TABLE attacks (id INTEGER PRIMARY KEY, report_id INTEGER REFERENCES reports(id), date TEXT,"
            f" place TEXT, {columns})"
        )
        connection.executemany("INSERT INTO reports VALUES (?, ?)", [(story.number, story.text) for story in STORIES])
        connection.executemany(
            "INSERT INTO attacks VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
            [
                (
                    number,
                    story.number,
                    item.date,
                    item.place,
                    int(number != 2),
                    int(number % 3 == 0),
                    int(number == 2),
                    0,
                )
                for number, (story, item) in enumerate(EVENTS, 1)
            ],
        )
        connection.execute("UPDATE attacks SET target_transport = 1 WHERE id = 5")


def _lists_in_cells(path: Path) -> None:
    with_sql(
        path,
        "CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, locations TEXT, actors TEXT, tags TEXT, text TEXT)",
        events=[
            (
                number,
                item.type,
                f"{item.place}; Norland" if number % 2 else item.place,
                f"{item.actor}, police" if "police" in story.text.lower() else item.actor,
                "urgent,checked" if number % 2 else "checked",
                story.text,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


SAMPLES = (
    Sample(
        "objects_in_a_column",
        _objects_in_a_column,
        {"extractions": 8},
        6,
        TYPES,
        "1",
        QUAKE | {"date": "2024-03-05", "actors": "civil defence office"},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "lists_of_objects_and_strings",
        _lists_of_objects_and_strings,
        {"events": 8},
        6,
        TYPES,
        "1",
        {"casualties.count": [14, 62], "places": "Varnholt"},
        "A strong earthquake shook",
        evidence=0.6,
    ),
    Sample(
        "events_in_the_article",
        _events_in_the_article,
        {"articles": 8},
        6,
        TYPES,
        "2:2",
        {"location": "Dornau", "injured": 27, "actors": "Black Lantern"},
        "Gunmen of the River Front",
        title="Two attacks in one night",
    ),
    Sample(
        "events_in_an_object_in_the_article",
        _events_in_an_object_in_the_article,
        {"posts": 8},
        6,
        TYPES,
        "2:2",
        {"location": "Dornau", "injured": 27},
        "Gunmen of the River Front",
    ),
    Sample(
        "nested_spans",
        _nested_spans,
        {"event": 8},
        6,
        TYPES,
        "1",
        {"place": "Varnholt", "killed": 14},
        "A strong earthquake shook",
    ),
    Sample(
        "text_in_json",
        _text_in_json,
        {"events": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "text_in_a_blob",
        _text_in_a_blob,
        {"event": 8},
        6,
        TYPES,
        "1",
        {"town": "Varnholt", "dead": 14},
        "A strong earthquake shook",
    ),
    Sample(
        "one_hot",
        _one_hot,
        {"attacks": 8},
        6,
        frozenset(("attack",)),
        "3",
        {"place": "Dornau", "target": ["civilians", "police"]},
        "Gunmen of the River Front",
        evidence=0.6,
    ),
    Sample(
        "lists_in_cells",
        _lists_in_cells,
        {"events": 8},
        8,
        TYPES,
        "3",
        {"locations": ["Dornau", "Norland"], "actors": ["Black Lantern", "police"]},
        "Gunmen of the River Front",
        evidence=0.4,
    ),
)
