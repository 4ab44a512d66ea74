"""Texts that are not simply there: in files, as HTML, beside their twins, in prompts of a model."""

import json
from pathlib import Path

from support.databases.joined import QUAKE, TYPES
from support.databases.news import EVENTS, STORIES, Story
from support.databases.sample import Sample, connected, insert, with_sql


def _html(story: Story) -> str:
    paragraphs = "".join(f"<p>{sentence.strip()}.</p>\n" for sentence in story.text.split(". "))
    return (
        f"<!DOCTYPE html><html><head><title>{story.title}</title><style>p {{ color: red }}</style></head><body>"
        f"<nav><a href='/'>Home</a></nav><article><h1>{story.title}</h1>\n{paragraphs}</article>"
        "<script>track('14 people');</script></body></html>"
    )


def _rows() -> list[tuple[object, ...]]:
    return [
        (number, story.number, item.type, item.date, item.place, item.killed, item.injured)
        for number, (story, item) in enumerate(EVENTS, 1)
    ]


_EVENTS = (
    "CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), event_type TEXT,"
    " date TEXT, location TEXT, killed INTEGER, injured INTEGER);"
)


def _files(path: Path) -> None:
    folder = path.parent / f"{path.stem}-texts"
    folder.mkdir()
    for story in STORIES:
        (folder / f"{story.number}.txt").write_text(story.text, encoding="utf-8")
    with_sql(
        path,
        f"CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, text_path TEXT); {_EVENTS}",
        articles=[(story.number, story.title, f"{folder.name}/{story.number}.txt") for story in STORIES],
        events=_rows(),
    )


def _pages(path: Path) -> None:
    with_sql(
        path,
        f"CREATE TABLE articles (id INTEGER PRIMARY KEY, url TEXT, html TEXT); {_EVENTS}",
        articles=[(story.number, story.url, _html(story)) for story in STORIES],
        events=_rows(),
    )


def _twins(path: Path) -> None:
    """The values stand in ``content``; its HTML twin, a longer answer of the model and a summary compete with it."""
    with_sql(
        path,
        "CREATE TABLE articles (id INTEGER PRIMARY KEY, headline TEXT, summary TEXT, content TEXT, content_html TEXT,"
        f" raw_response TEXT); {_EVENTS}",
        articles=[
            (
                story.number,
                story.title,
                f"News from the region, read in a minute: {story.title}.",
                story.text,
                _html(story),
                json.dumps({"choices": [{"message": {"content": "I read the article with care. " * 20}}]}),
            )
            for story in STORIES
        ],
        events=_rows(),
    )


def _note_beside_article(path: Path) -> None:
    """Each event has a description in the model's own words; the article has the words themselves."""
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE incidents (
          id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), category TEXT, description TEXT,
          location TEXT, killed INTEGER, injured INTEGER, severity TEXT
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        incidents=[
            (
                number,
                story.number,
                item.type,
                f"This incident, which happened in the region, was of the kind {item.type} and had consequences.",
                item.place,
                item.killed,
                item.injured,
                "high",
            )
            for number, (story, item) in enumerate(EVENTS, 1)
        ],
    )


def _answers_logged(path: Path) -> None:
    """A log of the same answers, a full-text index, and what frameworks leave behind."""
    with connected(path) as connection:
        connection.executescript(
            f"""
            CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, text TEXT); {_EVENTS}
            CREATE TABLE extraction_log (
              id INTEGER PRIMARY KEY, event_id INTEGER, article_id INTEGER, event_type TEXT, location TEXT,
              raw_output TEXT, logged_at TEXT
            );
            CREATE VIRTUAL TABLE search USING fts5(title, text, content='articles', content_rowid='id');
            CREATE TABLE schema_migrations (version TEXT PRIMARY KEY, applied_at TEXT);
            CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL);
            CREATE TABLE users (id INTEGER PRIMARY KEY, username TEXT, password_hash TEXT);
            """
        )
        insert(connection, "articles", [(story.number, story.title, story.text) for story in STORIES])
        insert(connection, "events", _rows())
        insert(
            connection,
            "extraction_log",
            [
                (
                    10 * attempt + number,
                    number,
                    story.number,
                    item.type,
                    item.place,
                    json.dumps({"type": item.type, "location": item.place}),
                    f"2024-09-0{attempt}T00:00:00",
                )
                for attempt in (1, 2)
                for number, (story, item) in enumerate(EVENTS, 1)
            ],
        )
        connection.execute("INSERT INTO search(search) VALUES ('rebuild')")
        connection.execute("INSERT INTO users VALUES (1, 'ana', 'x')")
        connection.execute("INSERT INTO alembic_version VALUES ('abc')")


LLM = """
CREATE TABLE [conversations] ([id] TEXT PRIMARY KEY, [name] TEXT, [model] TEXT);
CREATE TABLE [schemas] ([id] TEXT PRIMARY KEY, [content] TEXT);
CREATE TABLE "responses" (
  [id] TEXT PRIMARY KEY, [model] TEXT, [prompt] TEXT, [system] TEXT, [prompt_json] TEXT, [options_json] TEXT,
  [response] TEXT, [response_json] TEXT, [conversation_id] TEXT REFERENCES [conversations]([id]),
  [duration_ms] INTEGER, [datetime_utc] TEXT, [input_tokens] INTEGER, [output_tokens] INTEGER, [token_details] TEXT,
  [schema_id] TEXT REFERENCES [schemas]([id]), [resolved_model] TEXT
);
CREATE VIRTUAL TABLE [responses_fts] USING FTS5 ([prompt], [response], content=[responses]);
CREATE TABLE [attachments] ([id] TEXT PRIMARY KEY, [type] TEXT, [path] TEXT, [url] TEXT, [content] BLOB);
CREATE TABLE "prompt_attachments" (
  [response_id] TEXT REFERENCES [responses]([id]), [attachment_id] TEXT REFERENCES [attachments]([id]),
  [order] INTEGER, PRIMARY KEY ([response_id], [attachment_id])
);
CREATE TABLE [fragments] (
  [id] INTEGER PRIMARY KEY, [hash] TEXT, [content] TEXT, [datetime_utc] TEXT, [source] TEXT
);
CREATE TABLE "prompt_fragments" (
  [response_id] TEXT REFERENCES [responses]([id]), [fragment_id] INTEGER REFERENCES [fragments]([id]),
  [order] INTEGER, PRIMARY KEY ([response_id], [fragment_id], [order])
);
CREATE TABLE [_llm_migrations] ([name] TEXT PRIMARY KEY, [applied_at] TEXT);
"""


def _responses(prompted: bool) -> list[tuple[object, ...]]:
    """The rows of responses with a schema; one more answered a question without a schema."""
    schema = "9a8ed2c9b17203f6d8905147234475b5"
    rows: list[tuple[object, ...]] = [
        (
            f"01jv7st{story.number}",
            "gpt-4o-mini",
            story.text if prompted else "",
            "Extract all events",
            None,
            "{}",
            json.dumps(
                {
                    "items": [
                        {"type": item.type, "location": item.place, "killed": item.killed, "injured": item.injured}
                        for item in story.happenings
                    ]
                }
            ),
            json.dumps({"id": "chatcmpl", "object": "chat.completion"}),
            f"c{story.number}",
            1200,
            f"2025-05-14T16:25:0{story.number}+00:00",
            200,
            80,
            None,
            schema,
            None,
        )
        for story in STORIES
    ]
    talk = "Ten names for a pelican", None, None, "{}", "Pelly, Beaky, Gulpy and seven more.", None, "c9", 300
    return [*rows, ("01jv7st9", "gpt-4o-mini", *talk, "2025-05-14T17:00:00+00:00", 9, 30, None, None, None)]


def _llm(path: Path, prompted: bool = True) -> None:
    schema = {"type": "object", "properties": {"items": {"type": "array", "items": {"type": "object"}}}}
    with_sql(
        path,
        LLM,
        conversations=[(f"c{number}", "Extract", "gpt-4o-mini") for number in (1, 2, 3, 4, 5, 6, 9)],
        schemas=[("9a8ed2c9b17203f6d8905147234475b5", json.dumps(schema))],
        responses=_responses(prompted),
        _llm_migrations=[("m001_initial", "2025-01-01")],
    )


def _llm_fragments(path: Path) -> None:
    """The articles were given with -f."""
    _llm(path, prompted=False)
    with connected(path) as connection:
        insert(
            connection,
            "fragments",
            [
                (story.number, f"h{story.number}", story.text, "2025-05-14", f"/a/{story.number}.txt")
                for story in STORIES
            ],
        )
        insert(connection, "prompt_fragments", [(f"01jv7st{story.number}", story.number, 0) for story in STORIES])


def _llm_attachments(path: Path) -> None:
    """The articles were given with -a: their bytes are in the log."""
    _llm(path, prompted=False)
    with connected(path) as connection:
        connection.execute("UPDATE responses SET prompt = 'Extract the events' WHERE schema_id IS NOT NULL")
        insert(
            connection,
            "attachments",
            [(f"a{story.number}", "text/plain", None, None, story.text.encode()) for story in STORIES],
        )
        insert(
            connection, "prompt_attachments", [(f"01jv7st{story.number}", f"a{story.number}", 0) for story in STORIES]
        )


def _prompts(path: Path) -> None:
    """A log of calls that a script wrote: the prompt holds instructions and the article, the response the events."""
    with_sql(
        path,
        "CREATE TABLE llm_calls (call_id INTEGER PRIMARY KEY AUTOINCREMENT, created REAL, model TEXT, prompt TEXT,"
        " completion TEXT, tokens INTEGER)",
        llm_calls=[
            (
                story.number,
                1725174000.25 + story.number,
                "local-7b",
                f"Return JSON with the events of this article.\n\n{story.text}",
                "```json\n"
                + json.dumps(
                    [{"type": item.type, "place": item.place, "dead": item.killed} for item in story.happenings]
                )
                + "\n```",
                512,
            )
            for story in STORIES
        ],
    )


SAMPLES = (
    Sample(
        "text_files",
        _files,
        {"events": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample("html_column", _pages, {"events": 8}, 6, TYPES, "1", QUAKE, "A strong earthquake shook"),
    Sample(
        "competing_prose",
        _twins,
        {"events": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "description_beside_article",
        _note_beside_article,
        {"incidents": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
        evidence=0.6,
    ),
    Sample(
        "answers_logged",
        _answers_logged,
        {"events": 8},
        6,
        TYPES,
        "1",
        QUAKE,
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
        ignored={"extraction_log": "repeats", "search": "search", "alembic_version": "", "users": ""},
    ),
    Sample(
        "llm_prompts",
        _llm,
        {"responses": 8},
        6,
        TYPES,
        "01jv7st2:2",
        {"location": "Dornau", "injured": 27},
        "Gunmen of the River Front",
    ),
    Sample(
        "llm_fragments",
        _llm_fragments,
        {"responses": 8},
        6,
        TYPES,
        "01jv7st2:2",
        {"location": "Dornau", "injured": 27},
        "Gunmen of the River Front",
    ),
    Sample(
        "llm_attachments",
        _llm_attachments,
        {"responses": 8},
        6,
        TYPES,
        "01jv7st2:2",
        {"location": "Dornau", "injured": 27},
        "Gunmen of the River Front",
    ),
    Sample(
        "prompts_of_a_script",
        _prompts,
        {"llm_calls": 8},
        6,
        TYPES,
        "2:2",
        {"place": "Dornau"},
        "Gunmen of the River Front",
    ),
)
