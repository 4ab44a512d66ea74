"""Events and texts in tables of their own, joined in every way that people join them."""

from pathlib import Path

from sqlite_utils import Database

from support.databases.news import EVENTS, STORIES, Happening, Story
from support.databases.sample import Sample, connected, insert, with_sql, with_utils

QUAKE = {"location": "Varnholt", "killed": 14, "injured": 62}
TYPES = frozenset("earthquake armed_attack bombing protest shipwreck fire landslide".split())


def _event(happening: Happening) -> dict[str, object]:
    return {
        "event_type": happening.type,
        "event_date": happening.date,
        "location": happening.place,
        "killed": happening.killed,
        "injured": happening.injured,
        "perpetrator": happening.actor,
    }


def _article(story: Story) -> dict[str, object]:
    return {
        "id": story.number,
        "title": story.title,
        "url": story.url,
        "source": story.publisher,
        "published": story.published,
        "body": story.text,
    }


def foreign_key(path: Path) -> None:
    def write(db: Database) -> None:
        db.table("articles").insert_all(map(_article, STORIES), pk="id")
        db.table("events").insert_all(
            (
                {
                    "id": 100 + number,
                    "article_id": story.number,
                    **_event(happening),
                    "confidence": happening.confidence,
                    "model": "small-2",
                }
                for number, (story, happening) in enumerate(EVENTS)
            ),
            pk="id",
            foreign_keys=[("article_id", "articles", "id")],
        )
        db.table("articles").enable_fts(["title", "body"])

    with_utils(path, write)


def _named_like_a_key(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE docs (doc_id TEXT, headline TEXT, content TEXT, pub_date TEXT);
        CREATE TABLE extracted_events (
          event_id INTEGER PRIMARY KEY, doc TEXT, kind TEXT, happened_on TEXT, place TEXT, deaths INTEGER, actor TEXT
        );
        """,
        docs=[(f"d-{story.number:03}", story.title, story.text, story.published) for story in STORIES],
        extracted_events=[
            (number, f"d-{story.number:03}", item.type, item.date, item.place, item.killed, item.actor)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _text_in_the_row(path: Path) -> None:
    with_sql(
        path,
        "CREATE TABLE incidents (id INTEGER PRIMARY KEY, incident_type TEXT, incident_date TEXT, city TEXT,"
        " deaths INT, injuries INT, source_url TEXT, source_text TEXT, created_at TIMESTAMP)",
        incidents=[
            (
                number,
                item.type,
                item.date,
                item.place,
                item.killed,
                item.injured,
                story.url,
                story.text,
                "2024-09-01 10:00:00",
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _several_tables(path: Path) -> None:
    """One table a type, as a pipeline with one schema a type writes them."""
    by_type = {"protest": "protests", "fire": "fires", "landslide": "landslides"}
    with connected(path) as connection:
        connection.execute("CREATE TABLE stories (id INTEGER PRIMARY KEY, title TEXT, story TEXT, published TEXT)")
        insert(connection, "stories", [(story.number, story.title, story.text, story.published) for story in STORIES])
        for kind, table in by_type.items():
            connection.execute(
                f"CREATE TABLE {table} (id INTEGER PRIMARY KEY, story_id INTEGER REFERENCES stories(id), date TEXT,"
                " place TEXT, injured INTEGER, organizer TEXT)"
            )
            found = [(story, item) for story, item in EVENTS if item.type == kind]
            insert(
                connection,
                table,
                [
                    (number, story.number, item.date, item.place, item.injured, item.actor)
                    for number, (story, item) in enumerate(found, 1)
                ],
            )


def _texts_that_name_their_event(path: Path) -> None:
    """The stories about a record, as a tracker of accidents keeps them: several stories about one record."""
    second = "Officials confirmed the number of 14 dead in Varnholt, and said that schools stay closed until Friday."
    with_sql(
        path,
        """
        CREATE TABLE records (
          id TEXT NOT NULL PRIMARY KEY, date TEXT, city TEXT, deaths INT, injuries INT, suspect TEXT, ai_summary TEXT
        );
        CREATE TABLE news_stories (
          id TEXT NOT NULL PRIMARY KEY, record_id TEXT NOT NULL, url TEXT, body_text TEXT, ai_summary TEXT,
          FOREIGN KEY (record_id) REFERENCES records (id)
        );
        CREATE INDEX idx_news_stories_record_id ON news_stories(record_id);
        """,
        records=[
            (f"r{number}", item.date, item.place, item.killed, item.injured, item.actor, f"Something in {item.place}.")
            for number, (_, item) in enumerate(EVENTS, 1)
        ],
        news_stories=[
            ("s0", "r1", "https://second.example/0", second, "Schools closed."),
            *(
                (f"s{number}", f"r{number}", f"{story.url}?{number}", story.text, f"Something in {item.place}.")
                for number, (story, item) in enumerate(EVENTS, 1)
            ),
        ],
    )


def _by_value(path: Path) -> None:
    """No key at all: the events repeat the address of their article."""
    with_sql(
        path,
        """
        CREATE TABLE pages (url TEXT, headline TEXT, text TEXT, crawled TEXT);
        CREATE TABLE findings (category TEXT, day TEXT, place TEXT, dead INTEGER, hurt INTEGER, link TEXT);
        """,
        pages=[(story.url, story.title, story.text, "2024-09-01T08:00:00Z") for story in STORIES],
        findings=[(item.type, item.date, item.place, item.killed, item.injured, story.url) for story, item in EVENTS],
    )


def _no_text(path: Path) -> None:
    with_sql(
        path,
        "CREATE TABLE attacks (id INTEGER PRIMARY KEY, date TEXT, country TEXT, city TEXT, attack_type TEXT,"
        " perpetrator TEXT, killed INTEGER, wounded INTEGER)",
        attacks=[
            (number, item.date, "Norland", item.place, item.type, item.actor, item.killed, item.injured)
            for number, (_, item) in enumerate(EVENTS, 1)
        ],
    )


SAMPLES = (
    Sample(
        "foreign_key",
        foreign_key,
        {"events": 8},
        6,
        TYPES,
        "100",
        QUAKE | {"event_date": "2024-03-05", "perpetrator": "civil defence office"},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
        ignored={"articles_fts": "search"},
    ),
    Sample(
        "named_like_a_key",
        _named_like_a_key,
        {"extracted_events": 8},
        6,
        TYPES,
        "1",
        {"place": "Varnholt", "deaths": 14, "happened_on": "2024-03-05"},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "text_in_the_row",
        _text_in_the_row,
        {"incidents": 8},
        6,
        TYPES,
        "1",
        {"city": "Varnholt", "deaths": 14, "injuries": 62},
        "A strong earthquake shook",
    ),
    Sample(
        "several_tables",
        _several_tables,
        {"protests": 2, "fires": 1, "landslides": 1},
        3,
        frozenset(("protest", "fire", "landslide")),
        "landslides:1",
        {"place": "Holm", "injured": 17},
        "A landslide buried",
        title="Landslide buries a road",
    ),
    Sample(
        "texts_that_name_their_event",
        _texts_that_name_their_event,
        {"records": 8},
        8,
        frozenset(("record",)),
        "r1",
        {"city": "Varnholt", "deaths": 14, "injuries": 62},
        "A strong earthquake shook",
        evidence=0.8,
    ),
    Sample(
        "by_value",
        _by_value,
        {"findings": 8},
        6,
        TYPES,
        "1",
        {"place": "Varnholt", "dead": 14, "hurt": 62},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "no_text",
        _no_text,
        {"attacks": 8},
        8,
        TYPES,
        "1",
        {"city": "Varnholt", "killed": 14, "wounded": 62, "country": "Norland"},
        evidence=0.0,
    ),
)
