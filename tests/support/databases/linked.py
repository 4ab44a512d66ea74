"""Look-up tables, link tables, child tables and views around a table of events."""

from pathlib import Path

from support.databases.joined import QUAKE, TYPES, foreign_key
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, connected, with_sql


def _many_to_many(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE sources (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
        CREATE TABLE articles (
          id INTEGER PRIMARY KEY, source_id INTEGER REFERENCES sources(id), title TEXT, full_text TEXT,
          published_at TEXT
        );
        CREATE TABLE conflict_events (
          id TEXT PRIMARY KEY, event_type TEXT, event_date TEXT, location TEXT, fatalities INTEGER, actor1 TEXT
        );
        CREATE TABLE event_articles (
          event_id TEXT REFERENCES conflict_events(id), article_id INTEGER REFERENCES articles(id), similarity REAL,
          PRIMARY KEY (event_id, article_id)
        );
        """,
        sources=[(number, name) for number, name in enumerate(sorted({story.publisher for story in STORIES}), 1)],
        articles=[
            (
                story.number,
                1 + sorted({other.publisher for other in STORIES}).index(story.publisher),
                story.title,
                story.text,
                f"{story.published}T06:00:00+00:00",
            )
            for story in STORIES
        ],
        conflict_events=[
            (f"CE{number}", item.type, item.date, item.place, item.killed, item.actor)
            for number, (_, item) in enumerate(EVENTS, 1)
        ],
        event_articles=[
            ("CE1", 6, 0.31),
            *((f"CE{number}", story.number, 0.9) for number, (story, _) in enumerate(EVENTS, 1)),
        ],
    )


def _look_ups(path: Path) -> None:
    """Types and places behind foreign keys, actors behind a link table; a place is no document."""
    kinds = sorted({item.type for _, item in EVENTS})
    places = [item.place for _, item in EVENTS]
    actors = [item.actor for _, item in EVENTS]
    with_sql(
        path,
        """
        CREATE TABLE event_types (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
        CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT, country TEXT, lat REAL, lon REAL, note TEXT);
        CREATE TABLE actors (id INTEGER PRIMARY KEY, name TEXT, side TEXT);
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, text TEXT);
        CREATE TABLE events (
          id INTEGER PRIMARY KEY, article_id INTEGER NOT NULL REFERENCES articles(id),
          event_type_id INTEGER REFERENCES event_types(id), place_id INTEGER REFERENCES places(id), date TEXT,
          killed INTEGER, merged_into INTEGER REFERENCES events(id)
        );
        CREATE TABLE event_actors (
          event_id INTEGER REFERENCES events(id), actor_id INTEGER REFERENCES actors(id),
          PRIMARY KEY (event_id, actor_id)
        );
        """,
        event_types=list(enumerate(kinds, 1)),
        places=[
            (
                number,
                place,
                "Norland",
                50.0 + number,
                10.0,
                "A town on the river, with a market and a bridge that was built long ago by the old dukes.",
            )
            for number, place in enumerate(places, 1)
        ],
        actors=[(number, actor, "unknown") for number, actor in enumerate(actors, 1)],
        articles=[(story.number, story.title, story.text) for story in STORIES],
        events=[
            (
                number,
                story.number,
                1 + kinds.index(item.type),
                number,
                item.date,
                item.killed,
                3 if number == 2 else None,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
        event_actors=[(number, number) for number in range(1, len(EVENTS) + 1)] + [(3, 2)],
    )


VICTIMS = {1: [("Ana Holt", 34, "killed"), ("Jon Berg", 8, "injured")], 4: [("Eva Lind", 61, "killed")]}


def _children(path: Path) -> None:
    """Victims of an event are rows of their own; their names are in the text."""
    with_sql(
        path,
        """
        CREATE TABLE articles (article_id INTEGER PRIMARY KEY, headline TEXT, body TEXT, url TEXT);
        CREATE TABLE shootings (
          shooting_id INTEGER PRIMARY KEY, article_id INTEGER, date TEXT, city TEXT, killed INTEGER,
          FOREIGN KEY(article_id) REFERENCES articles(article_id)
        );
        CREATE TABLE victims (
          victim_id INTEGER PRIMARY KEY, shooting_id INTEGER REFERENCES shootings(shooting_id) ON DELETE CASCADE,
          name TEXT, age INTEGER, outcome TEXT
        );
        CREATE TABLE weapons (shooting_id INTEGER REFERENCES shootings(shooting_id), weapon TEXT);
        """,
        articles=[
            (
                story.number,
                story.title,
                story.text
                + "".join(
                    f" {name}, {age}, was among the {outcome}." for name, age, outcome in VICTIMS.get(story.number, [])
                ),
                story.url,
            )
            for story in STORIES
        ],
        shootings=[
            (number, story.number, item.date, item.place, item.killed) for number, (story, item) in enumerate(EVENTS, 1)
        ],
        victims=[
            (10 * event + number, event, *victim)
            for event, victims in {1: VICTIMS[1], 5: VICTIMS[4]}.items()
            for number, victim in enumerate(victims)
        ],
        weapons=[(2, "rifle"), (2, "grenade"), (3, "bomb")],
    )


def _views(path: Path) -> None:
    """A view repeats the table of events with the texts beside them, another counts them."""
    foreign_key(path)
    with connected(path) as connection:
        connection.executescript(
            """
            CREATE VIEW events_with_text AS
              SELECT events.*, articles.title, articles.body FROM events JOIN articles ON articles.id = article_id;
            CREATE VIEW events_by_type AS SELECT event_type, count(*) AS n FROM events GROUP BY event_type;
            """
        )


def _only_a_view_joins(path: Path) -> None:
    """Two tables with keys that nothing connects by name: the view says how."""
    with_sql(
        path,
        """
        CREATE TABLE t_raw (k TEXT PRIMARY KEY, payload TEXT, head TEXT);
        CREATE TABLE t_out (n INTEGER PRIMARY KEY, raw_k TEXT, what TEXT, dt TEXT, loc TEXT, dead INTEGER);
        CREATE VIEW events AS
          SELECT o.n AS event_id, o.what AS event_type, o.dt AS date, o.loc AS location, o.dead AS killed,
                 r.k AS article_id, r.head AS title, r.payload AS text
          FROM t_out o JOIN t_raw r ON r.k = o.raw_k;
        """,
        t_raw=[(f"x{story.number}", story.text, story.title) for story in STORIES],
        t_out=[
            (number, f"x{story.number}", item.type, item.date, item.place, item.killed)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


SAMPLES = (
    Sample(
        "many_to_many",
        _many_to_many,
        {"conflict_events": 8},
        6,
        TYPES,
        "CE1",
        {"location": "Varnholt", "fatalities": 14},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "look_ups",
        _look_ups,
        {"events": 8},
        6,
        TYPES,
        "3",
        {"place": "Dornau", "actors": ["River Front", "Black Lantern"]},
        "Gunmen of the River Front",
        title="Two attacks in one night",
    ),
    Sample(
        "children",
        _children,
        {"shootings": 8},
        6,
        frozenset(("shooting",)),
        "1",
        {"city": "Varnholt", "killed": 14, "victims.name": ["Ana Holt", "Jon Berg"], "victims.age": [34, 8]},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "views",
        _views,
        {"events": 8},
        6,
        TYPES,
        "100",
        QUAKE,
        "A strong earthquake shook",
        ignored={"events_with_text": "repeats", "events_by_type": ""},
    ),
    Sample(
        "only_a_view_joins",
        _only_a_view_joins,
        {"events": 8},
        6,
        TYPES,
        "1",
        {"location": "Varnholt", "killed": 14},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
        ignored={"t_out": "events"},
    ),
)
