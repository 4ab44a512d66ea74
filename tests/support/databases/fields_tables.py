"""Events whose fields are rows of a table of their own."""

from collections.abc import Iterator
from pathlib import Path

from support.databases.joined import TYPES
from support.databases.news import EVENTS, STORIES, Happening, Story
from support.databases.sample import Sample, with_sql


def _values(story: Story, item: Happening) -> Iterator[tuple[str, str, int | None, int | None, str | None, float]]:
    """Yield name, value, start, end, quote and confidence of each field."""
    given = (("location", item.place), ("killed", item.killed), ("injured", item.injured), ("perpetrator", item.actor))
    for name, value in given:
        if value is not None:
            at = story.text.find(str(value))
            found = at >= 0
            yield (
                name,
                str(value),
                at if found else None,
                at + len(str(value)) if found else None,
                item.quote if str(value) in item.quote else None,
                item.confidence,
            )


def _with_spans(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles(id), event_type TEXT);
        CREATE TABLE event_fields (
          id INTEGER PRIMARY KEY, event_id INTEGER NOT NULL REFERENCES events(id), name TEXT NOT NULL, value TEXT,
          start INTEGER, end INTEGER, quote TEXT, confidence REAL
        );
        """,
        articles=[(story.number, story.title, story.text) for story in STORIES],
        events=[(number, story.number, item.type) for number, (story, item) in enumerate(EVENTS, 1)],
        event_fields=[
            (100 * number + at, number, *values)
            for number, (story, item) in enumerate(EVENTS, 1)
            for at, values in enumerate(_values(story, item))
        ],
    )


def _names_behind_an_id(path: Path) -> None:
    """No keys are declared, and the names of fields are in a table of slots."""
    names = ["location", "killed", "injured", "perpetrator"]
    with_sql(
        path,
        """
        CREATE TABLE slot (slot_id INTEGER PRIMARY KEY, slot_name TEXT);
        CREATE TABLE doc (doc_id INTEGER PRIMARY KEY, doc_text TEXT);
        CREATE TABLE template (template_id INTEGER PRIMARY KEY, doc_id INTEGER, incident_type TEXT);
        CREATE TABLE filler (template_id INTEGER, slot_id INTEGER, filler TEXT);
        """,
        slot=list(enumerate(names, 1)),
        doc=[(story.number, story.text) for story in STORIES],
        template=[(number, story.number, item.type) for number, (story, item) in enumerate(EVENTS, 1)],
        filler=[
            (number, 1 + names.index(name), value)
            for number, (story, item) in enumerate(EVENTS, 1)
            for name, value, *_ in _values(story, item)
        ],
    )


def _with_quotes(path: Path) -> None:
    """Arguments of triggers, as a pipeline of event extraction writes them; each argument has a role and a sentence."""
    with_sql(
        path,
        """
        CREATE TABLE news (news_id TEXT PRIMARY KEY, title TEXT, content TEXT, pubtime TEXT);
        CREATE TABLE event_mention (
          mention_id TEXT PRIMARY KEY, news_id TEXT REFERENCES news(news_id), event_type TEXT, trigger_word TEXT,
          trigger_start INTEGER, trigger_end INTEGER
        );
        CREATE TABLE event_argument (
          mention_id TEXT REFERENCES event_mention(mention_id), role TEXT, argument_text TEXT, evidence TEXT, prob REAL
        );
        """,
        news=[(f"n{story.number}", story.title, story.text, f"{story.published} 08:00:00") for story in STORIES],
        event_mention=[
            (f"m{number}", f"n{story.number}", item.type, item.place, at, at + len(item.place))
            for number, (story, item) in enumerate(EVENTS, 1)
            for at in (story.text.index(item.place),)
        ],
        event_argument=[
            (f"m{number}", name, value, quote, confidence)
            for number, (story, item) in enumerate(EVENTS, 1)
            for name, value, _, _, quote, confidence in _values(story, item)
        ],
    )


def _labels_in_the_text(path: Path) -> None:
    """What tools for annotation keep: a label a span of a document, and no events beside it."""
    labels = ["place", "actor"]
    with_sql(
        path,
        """
        CREATE TABLE document (id INTEGER PRIMARY KEY, content TEXT UNIQUE NOT NULL, extra_data TEXT);
        CREATE TABLE label (id INTEGER PRIMARY KEY, string_form TEXT UNIQUE NOT NULL, color TEXT DEFAULT 'yellow');
        CREATE TABLE annotation (
          doc_id NOT NULL REFERENCES document(id) ON DELETE CASCADE,
          label_id NOT NULL REFERENCES label(id) ON DELETE CASCADE, start_char INTEGER NOT NULL,
          end_char INTEGER NOT NULL
        );
        """,
        document=[(story.number, story.text, None) for story in STORIES],
        label=[(number, label, "yellow") for number, label in enumerate(labels, 1)],
        annotation=[
            (story.number, label, at, at + len(value))
            for story, item in EVENTS
            for label, value in ((1, item.place), (2, item.actor))
            for at in (story.text.index(value),)
        ],
    )


SAMPLES = (
    Sample(
        "fields_with_spans",
        _with_spans,
        {"events": 8},
        6,
        TYPES,
        "1",
        {"location": "Varnholt", "killed": 14, "injured": 62, "perpetrator": "civil defence office"},
        "A strong earthquake shook",
        title="Quake shakes Varnholt",
    ),
    Sample(
        "names_of_fields_behind_an_id",
        _names_behind_an_id,
        {"template": 8},
        6,
        TYPES,
        "3",
        {"location": "Dornau", "injured": 27, "perpetrator": "Black Lantern"},
        "Gunmen of the River Front",
    ),
    Sample(
        "fields_with_quotes",
        _with_quotes,
        {"event_mention": 8},
        6,
        TYPES,
        "m3",
        {"location": "Dornau", "injured": 27, "perpetrator": "Black Lantern"},
        "Gunmen of the River Front",
        title="Two attacks in one night",
    ),
    Sample(
        "labels_in_the_text",
        _labels_in_the_text,
        {"annotation": 16},
        6,
        frozenset(("place", "actor")),
        "1",
        {},
        "A strong earthquake shook",
    ),
)
