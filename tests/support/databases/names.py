"""Names in other languages and spellings, keys of every kind, and tables with odd names."""

import uuid
from pathlib import Path

from support.databases.joined import TYPES
from support.databases.news import EVENTS, STORIES
from support.databases.sample import Sample, connected, insert, with_sql

_TEXT = "Gunmen of the River Front"


def _spanish(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE noticias (id INTEGER PRIMARY KEY, titular TEXT, cuerpo TEXT, fuente TEXT, fecha_publicacion TEXT);
        CREATE TABLE eventos (
          id INTEGER PRIMARY KEY, noticia_id INTEGER, tipo_evento TEXT, fecha TEXT, lugar TEXT, muertos INTEGER,
          heridos INTEGER, autor TEXT, confianza REAL
        );
        """,
        noticias=[(story.number, story.title, story.text, story.publisher, story.published) for story in STORIES],
        eventos=[
            (
                number,
                story.number,
                item.type,
                item.date,
                item.place,
                item.killed,
                item.injured,
                item.actor,
                item.confidence,
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _german(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE "Artikel" ("ArtikelNr" INTEGER PRIMARY KEY, "Überschrift" TEXT, "Text" TEXT, "Erschienen am" TEXT);
        CREATE TABLE "Ereignisse" (
          "EreignisNr" INTEGER PRIMARY KEY, "ArtikelNr" INTEGER, "Art" TEXT, "Datum" TEXT, "Ort" TEXT, "Tote" INTEGER,
          "Verletzte" INTEGER, "Täter" TEXT, FOREIGN KEY ("ArtikelNr") REFERENCES "Artikel" ("ArtikelNr")
        );
        """,
        Artikel=[(story.number, story.title, story.text, story.published) for story in STORIES],
        Ereignisse=[
            (number, story.number, item.type, item.date, item.place, item.killed, item.injured, item.actor)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _russian(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE статьи (id INTEGER PRIMARY KEY, заголовок TEXT, текст TEXT, дата TEXT);
        CREATE TABLE события (
          id INTEGER PRIMARY KEY, статья_id INTEGER REFERENCES статьи(id), тип TEXT, дата TEXT, место TEXT,
          погибшие INTEGER, раненые INTEGER
        );
        """,
        статьи=[(story.number, story.title, story.text, story.published) for story in STORIES],
        события=[
            (number, story.number, item.type, item.date, item.place, item.killed, item.injured)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _camel_case(path: Path) -> None:
    """As Prisma writes them: names in camel case, days in milliseconds or as text."""
    with_sql(
        path,
        """
        CREATE TABLE "NewsArticle" (
          "id" TEXT NOT NULL PRIMARY KEY, "headline" TEXT NOT NULL, "articleText" TEXT NOT NULL, "sourceUrl" TEXT,
          "publishedAt" DATETIME NOT NULL, "createdAt" DATETIME NOT NULL DEFAULT CURRENT_TIMESTAMP
        );
        CREATE TABLE "ExtractedEvent" (
          "id" TEXT NOT NULL PRIMARY KEY, "newsArticleId" TEXT NOT NULL, "eventType" TEXT NOT NULL,
          "eventDate" DATETIME, "locationName" TEXT, "deathToll" INTEGER, "isVerified" BOOLEAN NOT NULL DEFAULT false,
          CONSTRAINT "ExtractedEvent_newsArticleId_fkey" FOREIGN KEY ("newsArticleId")
            REFERENCES "NewsArticle" ("id") ON DELETE RESTRICT ON UPDATE CASCADE
        );
        CREATE TABLE "_prisma_migrations" ("id" TEXT NOT NULL PRIMARY KEY, "checksum" TEXT, "logs" TEXT);
        """,
        NewsArticle=[
            (f"clx{story.number}", story.title, story.text, story.url, 1725174000000, 1725174000000)
            for story in STORIES
        ],
        ExtractedEvent=[
            (f"evt{number}", f"clx{story.number}", item.type, f"{item.date}T00:00:00.000Z", item.place, item.killed, 0)
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _blanks(path: Path) -> None:
    """A sheet that a person imported: blanks, brackets and question marks in the names."""
    with_sql(
        path,
        """
        CREATE TABLE "Sheet 1" (
          "Event ID" TEXT, "Event Type" TEXT, "Date of event" TEXT, "Place (city)" TEXT, "Killed?" INTEGER,
          "# injured" INTEGER, "Full text of article" TEXT, "Link to article" TEXT
        );
        """,
        **{
            "Sheet 1": [
                (f"E-{number}", item.type, item.date, item.place, item.killed, item.injured, story.text, story.url)
                for number, (story, item) in enumerate(EVENTS, 1)
            ]
        },
    )


def _composite(path: Path) -> None:
    """Keys of two columns, in tables without a rowid."""
    with_sql(
        path,
        """
        CREATE TABLE article (paper TEXT, nr INTEGER, title TEXT, text TEXT, PRIMARY KEY (paper, nr)) WITHOUT ROWID;
        CREATE TABLE event (
          paper TEXT, nr INTEGER, seq INTEGER, event_type TEXT, date TEXT, place TEXT, killed INTEGER,
          PRIMARY KEY (paper, nr, seq), FOREIGN KEY (paper, nr) REFERENCES article (paper, nr)
        ) WITHOUT ROWID;
        """,
        article=[(story.publisher, story.number, story.title, story.text) for story in STORIES],
        event=[
            (story.publisher, story.number, seq, item.type, item.date, item.place, item.killed)
            for story in STORIES
            for seq, item in enumerate(story.happenings, 1)
        ],
    )


def _key(name: str) -> bytes:
    return uuid.uuid5(uuid.NAMESPACE_URL, name).bytes


def _uuids(path: Path) -> None:
    """Keys of sixteen bytes, in strict tables, with generated columns."""
    with_sql(
        path,
        """
        CREATE TABLE documents (
          id BLOB PRIMARY KEY, body TEXT NOT NULL, length INTEGER AS (length(body)) STORED
        ) STRICT;
        CREATE TABLE events (
          id BLOB PRIMARY KEY, document_id BLOB NOT NULL REFERENCES documents(id), data TEXT NOT NULL,
          event_type TEXT GENERATED ALWAYS AS (json_extract(data, '$.type')) VIRTUAL,
          location TEXT GENERATED ALWAYS AS (json_extract(data, '$.location')) VIRTUAL
        ) STRICT;
        """,
    )
    with connected(path) as connection:
        connection.executemany(
            "INSERT INTO documents (id, body) VALUES (?, ?)", [(_key(story.url), story.text) for story in STORIES]
        )
        connection.executemany(
            "INSERT INTO events (id, document_id, data) VALUES (?, ?, json_object('type', ?, 'location', ?))",
            [(_key(f"{story.url}#{item.type}"), _key(story.url), item.type, item.place) for story, item in EVENTS],
        )


def _odd_names(path: Path) -> None:
    with connected(path) as connection:
        connection.executescript(
            """
            CREATE TABLE "raw.articles" ("select" INTEGER PRIMARY KEY, "the ""text"" itself" TEXT);
            CREATE TABLE "order" (
              "group" INTEGER PRIMARY KEY, "from" INTEGER REFERENCES "raw.articles"("select"), "type" TEXT,
              "it's where" TEXT, "deaths.total" INTEGER
            );
            """
        )
        insert(connection, "raw.articles", [(story.number, story.text) for story in STORIES])
        insert(
            connection,
            "order",
            [
                (number, story.number, item.type, item.place, item.killed)
                for number, (story, item) in enumerate(EVENTS, 1)
            ],
        )


def _django(path: Path) -> None:
    """Tables with the name of their app before them, beside those of Django itself."""
    with connected(path) as connection:
        connection.executescript(
            DJANGO
            + """
            CREATE TABLE "monitor_article" (
              "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "title" varchar(300) NOT NULL, "content" text NOT NULL,
              "url" varchar(200) NOT NULL UNIQUE, "published_at" datetime NULL
            );
            CREATE TABLE "monitor_category" ("id" integer NOT NULL PRIMARY KEY, "name" varchar(50) NOT NULL);
            CREATE TABLE "monitor_event" (
              "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "date" date NULL, "place" varchar(100) NOT NULL,
              "killed" integer unsigned NULL CHECK ("killed" >= 0),
              "article_id" bigint NOT NULL REFERENCES "monitor_article" ("id") DEFERRABLE INITIALLY DEFERRED,
              "category_id" bigint NOT NULL REFERENCES "monitor_category" ("id") DEFERRABLE INITIALLY DEFERRED
            );
            CREATE TABLE "monitor_event_tags" (
              "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT,
              "event_id" bigint NOT NULL REFERENCES "monitor_event" ("id") DEFERRABLE INITIALLY DEFERRED,
              "tag_id" bigint NOT NULL REFERENCES "monitor_tag" ("id") DEFERRABLE INITIALLY DEFERRED
            );
            CREATE TABLE "monitor_tag" ("id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "name" varchar(50) NOT NULL);
            """
        )
        kinds = sorted({item.type for _, item in EVENTS})
        insert(connection, "django_migrations", [(1, "monitor", "0001_initial", "2024-09-01 10:00:00")])
        insert(connection, "django_content_type", [(1, "monitor", "event"), (2, "monitor", "article")])
        insert(connection, "auth_user", [(1, "pbkdf2_sha256$1", "ana", "ana@paper.example", "2024-09-01")])
        insert(
            connection,
            "django_admin_log",
            [(1, "1", "Varnholt", 1, '[{"added": {}}]', 1, 1, "2024-09-01 11:00:00")],
        )
        insert(
            connection,
            "monitor_article",
            [(story.number, story.title, story.text, story.url, f"{story.published} 06:00:00") for story in STORIES],
        )
        insert(connection, "monitor_category", list(enumerate(kinds, 1)))
        insert(
            connection,
            "monitor_event",
            [
                (number, item.date, item.place, item.killed, story.number, 1 + kinds.index(item.type))
                for number, (story, item) in enumerate(EVENTS, 1)
            ],
        )
        insert(connection, "monitor_tag", [(1, "north"), (2, "river")])
        insert(connection, "monitor_event_tags", [(1, 3, 1), (2, 3, 2), (3, 1, 1)])


DJANGO = """
CREATE TABLE "django_migrations" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app" varchar(255) NOT NULL, "name" varchar(255) NOT NULL,
  "applied" datetime NOT NULL
);
CREATE TABLE "django_content_type" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "app_label" varchar(100) NOT NULL, "model" varchar(100) NOT NULL
);
CREATE TABLE "auth_user" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "password" varchar(128) NOT NULL, "username" varchar(150) NOT NULL,
  "email" varchar(254) NOT NULL, "date_joined" datetime NOT NULL
);
CREATE TABLE "django_admin_log" (
  "id" integer NOT NULL PRIMARY KEY AUTOINCREMENT, "object_id" text NULL, "object_repr" varchar(200) NOT NULL,
  "action_flag" smallint unsigned NOT NULL, "change_message" text NOT NULL,
  "content_type_id" integer NULL REFERENCES "django_content_type" ("id") DEFERRABLE INITIALLY DEFERRED,
  "user_id" integer NOT NULL REFERENCES "auth_user" ("id") DEFERRABLE INITIALLY DEFERRED,
  "action_time" datetime NOT NULL
);
CREATE TABLE "django_session" (
  "session_key" varchar(40) NOT NULL PRIMARY KEY, "session_data" text NOT NULL, "expire_date" datetime NOT NULL
);
"""

SAMPLES = (
    Sample(
        "spanish",
        _spanish,
        {"eventos": 8},
        6,
        TYPES,
        "3",
        {"lugar": "Dornau", "heridos": 27, "autor": "Black Lantern", "fecha": "2024-04-12"},
        _TEXT,
        title="Two attacks in one night",
    ),
    Sample(
        "german",
        _german,
        {"Ereignisse": 8},
        6,
        TYPES,
        "3",
        {"Ort": "Dornau", "Verletzte": 27, "Täter": "Black Lantern", "Datum": "2024-04-12"},
        _TEXT,
        title="Two attacks in one night",
    ),
    Sample(
        "russian",
        _russian,
        {"события": 8},
        6,
        TYPES,
        "3",
        {"место": "Dornau", "раненые": 27, "дата": "2024-04-12"},
        _TEXT,
        title="Two attacks in one night",
    ),
    Sample(
        "camel_case",
        _camel_case,
        {"ExtractedEvent": 8},
        6,
        TYPES,
        "evt1",
        {"locationName": "Varnholt", "deathToll": 14, "eventDate": "2024-03-05"},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
        evidence=0.7,
        ignored={"_prisma_migrations": ""},
    ),
    Sample(
        "blanks",
        _blanks,
        {"Sheet 1": 8},
        6,
        TYPES,
        "1",
        {"place_city": "Varnholt", "Killed?": 14, "injured": 62, "date_of_event": "2024-03-05"},
        "A strong earthquake shook",
    ),
    Sample(
        "composite_keys",
        _composite,
        {"event": 8},
        6,
        TYPES,
        "The Border Post:2:2",
        {"place": "Dornau", "date": "2024-04-12"},
        _TEXT,
        title="Two attacks in one night",
    ),
    Sample(
        "uuids",
        _uuids,
        {"events": 8},
        6,
        TYPES,
        _key("https://border-post.example/2#bombing").hex(),
        {"location": "Dornau"},
        _TEXT,
    ),
    Sample(
        "odd_names",
        _odd_names,
        {"order": 8},
        6,
        TYPES,
        "1",
        {"it_s_where": "Varnholt", "deaths.total": 14},
        "A strong earthquake shook",
    ),
    Sample(
        "django",
        _django,
        {"monitor_event": 8},
        6,
        TYPES,
        "3",
        {"place": "Dornau", "tag": ["north", "river"]},
        _TEXT,
        title="Two attacks in one night",
        evidence=0.4,
        ignored={"auth_user": "", "django_migrations": ""},
    ),
)
