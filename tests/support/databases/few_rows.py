"""Databases with two or three rows a table, in which names and values are clear all the same."""

import json
import uuid
from pathlib import Path

from support.databases.sample import Sample, with_sql

_TEXTS = (
    "On 14 February 2025 rebels attacked Lesna and killed 12 soldiers, the ministry said. Two officers were wounded.",
    "Protesters gathered in Brod on Friday. About 300 people marched to the city hall, organisers said.",
    "A flood in Novi Grad displaced 4,500 people, the Red Cross reported on 3 March 2025. Many homes were destroyed.",
)
_KINDS, _PLACES, _DEAD = ("attack", "protest", "flood"), ("Lesna", "Brod", "Novi Grad"), (12, None, None)
_TYPES = frozenset(_KINDS)


def _same_answer_for_each_text(path: Path) -> None:
    """A JSON list of events beside each text, whose values are mostly in another text."""
    answer = [{"type": "attack", "actors": ["rebels"], "place": {"name": "Lesna", "country": "Norland"}, "killed": 12}]
    with_sql(
        path,
        "CREATE TABLE stories (slug TEXT PRIMARY KEY, content TEXT, extracted TEXT)",
        stories=[(f"s{number}", text, json.dumps(answer)) for number, text in enumerate(_TEXTS)],
    )


def _six_arguments(path: Path) -> None:
    """A fields table without any declared key, whose few names do not repeat much."""
    words = [
        (1, 0, "Attacker", "rebels"), (1, 0, "Place", "Lesna"), (1, 0, "Victim", "soldiers"),
        (1, 0, "Victim", "officers"), (2, 1, "Place", "Brod"), (2, 1, "Entity", "people"),
    ]  # fmt: skip
    with_sql(
        path,
        """
        CREATE TABLE doc (docid TEXT PRIMARY KEY, fulltext TEXT);
        CREATE TABLE evt (evtid INTEGER PRIMARY KEY, docid TEXT, cls TEXT);
        CREATE TABLE arg (evtid INTEGER, role TEXT, filler TEXT, begin_off INTEGER, end_off INTEGER, score REAL);
        """,
        doc=[(f"D{number}", text) for number, text in enumerate(_TEXTS)],
        evt=[(1, "D0", "Conflict.Attack"), (2, "D1", "Conflict.Demonstrate")],
        arg=[
            (event, role, word, (start := _TEXTS[text].index(word)), start + len(word), 0.7)
            for event, text, role, word in words
        ],
    )


def _keys_of_bytes(path: Path) -> None:
    """Keys of bytes, which by chance are readable as text."""
    keys = [uuid.UUID(int=number).bytes for number in range(1, 7)]
    with_sql(
        path,
        """
        CREATE TABLE article (id BLOB PRIMARY KEY, body TEXT, lang TEXT) WITHOUT ROWID;
        CREATE TABLE occurrence (
          id BLOB PRIMARY KEY, article BLOB NOT NULL REFERENCES article(id), kind TEXT, happened TEXT, place TEXT,
          dead INTEGER
        ) STRICT;
        """,
        article=[(key, text, "en") for key, text in zip(keys, _TEXTS, strict=False)],
        occurrence=[
            (keys[3 + at], keys[at], _KINDS[at], "2025-02-14", _PLACES[at], _DEAD[at]) for at in range(len(_TEXTS))
        ],
    )


def _is_columns(path: Path) -> None:
    """The type of the event is the name of the column that is 1."""
    with_sql(
        path,
        """
        CREATE TABLE reports (
          report_id INTEGER PRIMARY KEY, narrative TEXT, is_verified INT, is_attack INT, is_protest INT, is_flood INT,
          region TEXT, casualties INT
        )
        """,
        reports=[
            (at, text, 1, int(at == 0), int(at == 1), int(at == 2), _PLACES[at], _DEAD[at])
            for at, text in enumerate(_TEXTS)
        ],
    )


def _several_is_columns(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE cases (
          case_no TEXT PRIMARY KEY, story TEXT, is_verified INT, is_shooting INT, is_arson INT, is_kidnapping INT,
          town TEXT, dead INT
        )
        """,
        cases=[
            (f"C{at}", text, 1, int(at != 1), int(at != 2), 0, _PLACES[at], _DEAD[at]) for at, text in enumerate(_TEXTS)
        ],
    )


def _pages(path: Path) -> None:
    """The text is a page of HTML, beside a summary in which none of the values are."""
    page = "<html><body><nav>Home</nav><article><h1>News</h1><p>{}</p></article></body></html>"
    summary = "Summary: something happened somewhere, an automatic summary says so in few words."
    with_sql(
        path,
        """
        CREATE TABLE story (id INTEGER PRIMARY KEY, url TEXT, html TEXT, summary TEXT);
        CREATE TABLE incident (
          id INTEGER PRIMARY KEY, story_id INT REFERENCES story(id), kind TEXT, "where" TEXT, dead INT
        );
        """,
        story=[(at, f"https://h.example/{at}", page.format(text), summary) for at, text in enumerate(_TEXTS)],
        incident=[(at, at, _KINDS[at], _PLACES[at], _DEAD[at]) for at in range(len(_TEXTS))],
    )


def _without_texts(path: Path) -> None:
    with_sql(
        path,
        """
        CREATE TABLE incidents (
          incident_id INTEGER PRIMARY KEY, incident_date TEXT, city TEXT, n_killed INT, n_injured INT, category TEXT
        )
        """,
        incidents=[(number, f"2020-01-0{number}", "Chicago", number % 3, 1, "shooting") for number in range(1, 5)],
    )


def _codebook(path: Path) -> None:
    """Two columns of codes of one look-up table, without a declared key."""
    with_sql(
        path,
        """
        CREATE TABLE cb_actors (code TEXT PRIMARY KEY, label TEXT);
        CREATE TABLE events (id INTEGER PRIMARY KEY, story TEXT, kind TEXT, src_actor TEXT, tgt_actor TEXT);
        CREATE TABLE stories (sid TEXT, lead TEXT);
        """,
        cb_actors=[("REB", "rebels"), ("MIL", "soldiers"), ("CVL", "people")],
        stories=[(f"AFP-{at:04}", text) for at, text in enumerate(_TEXTS)],
        events=[(1, "AFP-0000", "attack", "REB", "MIL"), (2, "AFP-0001", "protest", "CVL", "CVL")],
    )


def _answers_of_models(path: Path) -> None:
    """An object of JSON for each text and model, in a table whose name says nothing of events."""
    with_sql(
        path,
        """
        CREATE TABLE items (item_id TEXT PRIMARY KEY, passage TEXT);
        CREATE TABLE answers (item_id TEXT, model TEXT, answer_json TEXT, PRIMARY KEY (item_id, model));
        """,
        items=[(f"q{at}", text) for at, text in enumerate(_TEXTS)],
        answers=[
            (f"q{at}", model, json.dumps({"event_type": _KINDS[at], "location": _PLACES[at], "killed": _DEAD[at]}))
            for at in range(len(_TEXTS))
            for model in ("large-1", "small-2")
        ],
    )


SAMPLES = (
    Sample(
        "codebook",
        _codebook,
        {"events": 2},
        2,
        frozenset(("attack", "protest")),
        "1",
        {"src_actor": "rebels", "tgt_actor": "soldiers"},
        "rebels attacked",
    ),
    Sample(
        "answers_of_models",
        _answers_of_models,
        {"answers": 6},
        3,
        _TYPES,
        "q0:large-1",
        {"location": "Lesna", "killed": 12},
        "rebels attacked",
    ),
    Sample(
        "same_answer_for_each_text",
        _same_answer_for_each_text,
        {"stories": 3},
        3,
        frozenset(("attack",)),
        "s0:1",
        {"actors": "rebels", "place.name": "Lesna", "killed": 12},
        "rebels attacked",
        evidence=0.7,
    ),
    Sample(
        "six_arguments",
        _six_arguments,
        {"evt": 2},
        2,
        frozenset(("Conflict.Attack", "Conflict.Demonstrate")),
        "1",
        {"Attacker": "rebels", "Victim": ["soldiers", "officers"]},
        "rebels attacked",
    ),
    Sample(
        "keys_of_bytes",
        _keys_of_bytes,
        {"occurrence": 3},
        3,
        _TYPES,
        uuid.UUID(int=4).hex,
        {"place": "Lesna", "dead": 12},
        "rebels attacked",
    ),
    Sample("is_columns", _is_columns, {"reports": 3}, 3, _TYPES, "1", {"region": "Brod"}, "Protesters", evidence=0.5),
    Sample(
        "several_is_columns",
        _several_is_columns,
        {"cases": 3},
        3,
        frozenset(("case",)),
        "C0",
        {"types": ["shooting", "arson"], "town": "Lesna"},
        "rebels attacked",
        evidence=0.4,
    ),
    Sample("pages", _pages, {"incident": 3}, 3, _TYPES, "0", {"where": "Lesna", "dead": 12}, "News"),
    Sample(
        "without_texts",
        _without_texts,
        {"incidents": 4},
        4,
        frozenset(("shooting",)),
        "1",
        {"city": "Chicago", "n_killed": 1},
        title="2020-01-01 · Chicago · shooting",
        evidence=0.0,
    ),
)
