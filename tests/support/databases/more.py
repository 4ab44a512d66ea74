"""Further shapes: fields of texts, lists of events beside texts, places in JSON, bytes, and more without events."""

import json
from pathlib import Path

from support.databases.joined import TYPES
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, with_sql

_ATTACKS = "Gunmen of the River Front"
_PLOT = "A quiet drama of a teacher and a sailor who must cross the mountains together in one night"


def _fields_of_texts(path: Path) -> None:
    """No table of events: each text is about one, and its fields refer to the text."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, text TEXT);
        CREATE TABLE extracted_fields (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), field TEXT, value TEXT, confidence REAL
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        extracted_fields=[
            (10 * story.number + number, story.number, name, str(value), 0.9)
            for story in STORIES
            for number, (name, value) in enumerate(
                (
                    ("location", story.happenings[0].place),
                    ("killed", story.happenings[0].killed),
                    ("actor", story.happenings[0].actor),
                )
            )
            if value is not None
        ],
    )


def _places_in_json(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE docs (id TEXT PRIMARY KEY, body TEXT);
        CREATE TABLE mentions (id INTEGER PRIMARY KEY, doc_id TEXT, label TEXT, place TEXT, place_span TEXT);
        """,
        docs=[(f"a{story.number}", story.text) for story in STORIES],
        mentions=[
            (number, f"a{story.number}", item.type, item.place, json.dumps([at, at + len(item.place)]))
            for number, (story, item) in enumerate(EVENTS, 1)
            for at in (story.text.index(item.place),)
        ],
    )


def _latin_1(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, body BLOB);
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, event_type TEXT, location TEXT);
        """,
        articles=[(story.number, f"{story.text} Gr\xfc\xdfe aus K\xf6ln.".encode("latin-1")) for story in STORIES],
        events=[(number, story.number, item.type, item.place) for number, (story, item) in enumerate(EVENTS, 1)],
    )


def _lists_beside_texts(path: Path) -> None:
    """A row for each text that was read, in a table of its own, with the list of all events of the text."""
    with_sql(
        path,
        """
        CREATE TABLE documents (id INTEGER PRIMARY KEY, content TEXT);
        CREATE TABLE extraction_results (
          id INTEGER PRIMARY KEY, document_id INTEGER REFERENCES documents(id), model TEXT, events TEXT, created_at TEXT
        );
        """,
        documents=[(story.number, story.text) for story in STORIES],
        extraction_results=[
            (
                story.number,
                story.number,
                "small-2",
                json.dumps([{"type": item.type, "location": item.place} for item in story.happenings]),
                "2024-09-01",
            )
            for story in STORIES
        ],
    )


def _unknown_keys(path: Path) -> None:
    with_sql(
        path,
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, texto TEXT, salida TEXT)",
        articles=[
            (
                story.number,
                story.text,
                json.dumps(
                    {
                        "eventos_encontrados": [
                            {"tipo": item.type, "lugar": item.place, "muertos": item.killed}
                            for item in story.happenings
                        ],
                        "nota": "ok",
                    }
                ),
            )
            for story in STORIES
        ],
    )


def _crawled_pages(path: Path) -> None:
    """Pages of HTML as bytes, which the events name by their address."""
    with_sql(
        path,
        """
        CREATE TABLE scraped_pages (url TEXT PRIMARY KEY, status INTEGER, html BLOB, fetched_at TEXT);
        CREATE TABLE items (
          id INTEGER PRIMARY KEY, source_url TEXT, category TEXT, location TEXT, casualties INTEGER
        );
        """,
        scraped_pages=[
            (story.url, 200, f"<html><body><p>{story.text}</p></body></html>".encode(), "2024-09-01")
            for story in STORIES
        ],
        items=[
            (number, story.url, item.type, item.place, item.killed) for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _messenger(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE message (
          _id INTEGER PRIMARY KEY, chat_row_id INTEGER, from_me INTEGER, timestamp INTEGER, text_data TEXT
        );
        CREATE TABLE chat (_id INTEGER PRIMARY KEY, jid_row_id INTEGER, subject TEXT);
        """,
        message=[
            (
                number,
                1,
                number % 2,
                1725174000000 + number,
                "shall we meet at the station tomorrow and go to the market together?",
            )
            for number in range(20)
        ],
        chat=[(1, 1, "Friends")],
    )


def _films(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE film (
          film_id INTEGER PRIMARY KEY, title TEXT, description TEXT, release_year TEXT, rental_rate REAL, rating TEXT
        );
        CREATE TABLE actor (actor_id INTEGER PRIMARY KEY, first_name TEXT, last_name TEXT);
        CREATE TABLE film_actor (actor_id INTEGER, film_id INTEGER, PRIMARY KEY (actor_id, film_id));
        CREATE TABLE rental (
          rental_id INTEGER PRIMARY KEY, rental_date TEXT, film_id INTEGER, customer_id INTEGER, return_date TEXT
        );
        CREATE TABLE category (category_id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE film_category (film_id INTEGER, category_id INTEGER);
        """,
        film=[(number, f"SUMMER {number}", _PLOT, "2006", 0.99, "PG") for number in range(1, 9)],
        actor=[(1, "IDA", "FALK"), (2, "NILS", "BERG")],
        film_actor=[(1, 1), (2, 1), (1, 2)],
        rental=[(number, "2005-05-24", 1 + number % 8, number, "2005-05-26") for number in range(1, 9)],
        category=[(1, "Action"), (2, "Drama")],
        film_category=[(number, 1 + number % 2) for number in range(1, 9)],
    )


SAMPLES = (
    Sample(
        "fields_of_texts",
        _fields_of_texts,
        {"articles": 6},
        6,
        frozenset(("article",)),
        "1",
        {"location": "Varnholt", "killed": 14},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample("places_in_json", _places_in_json, {"mentions": 8}, 6, TYPES, "3", {"place": "Dornau"}, _ATTACKS),
    Sample("latin_1", _latin_1, {"events": 8}, 6, TYPES, "3", {"location": "Dornau"}, _ATTACKS),
    Sample(
        "lists_beside_texts",
        _lists_beside_texts,
        {"extraction_results": 8},
        6,
        TYPES,
        "2:2",
        {"location": "Dornau"},
        _ATTACKS,
    ),
    Sample("unknown_keys", _unknown_keys, {"articles": 8}, 6, TYPES, "2:2", {"lugar": "Dornau"}, _ATTACKS),
    Sample("crawled_pages", _crawled_pages, {"items": 8}, 6, TYPES, "3", {"location": "Dornau"}, _ATTACKS),
    Sample("messenger", _messenger, declined=("no events",)),
    Sample("films", _films, declined=("no events",)),
)
