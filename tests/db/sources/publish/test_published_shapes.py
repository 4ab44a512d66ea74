"""publish to a database: each shape of table is written back in its own shape, with its keys, types and order."""

from pathlib import Path

from support.publishing import Desk, database_desk, events
from support.source_tables import event_table, mapped

from db.decisions.review import Review
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.sources.plan import Children, EventTable, FieldRows, Label, Link, OneHot

ARTICLES = """
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    INSERT INTO articles VALUES (1, 'First', 'Five people died in Kyiv on Monday.'), (2, 'Second', 'Calm in Lviv.');
"""
EVENTS = """
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER REFERENCES articles, kind TEXT NOT NULL,
        killed INTEGER CHECK (killed < 100), location TEXT);
    INSERT INTO events VALUES (1, 2, 'attack', NULL, 'Lviv'), (2, 1, 'attack', 5, 'Kyiv'), (3, 1, 'strike', 7, 'Kyiv');
"""


def published(desk: Desk, *queries: str) -> list[list[tuple[object, ...]]]:
    """Publish, check that only our tables changed, that a second time writes nothing, and that undoing comes back."""
    before = desk.dump()
    desk.publish()
    found = [desk.rows(query) for query in queries]
    assert not desk.publish().has_changes
    review = Review(desk.connection, "ana")
    while review.undo() is not None:
        pass
    desk.publish()
    for table in [*(table.table for table in desk.plan.events)]:
        names = ", ".join(f'"{name}"' for (name,) in desk.rows(f"SELECT name FROM pragma_table_info('{table}')"))
        as_before = f"SELECT {names}, typeof(id) FROM {table} EXCEPT SELECT {names}, typeof(id) FROM {table}_reviewed"
        assert desk.rows(as_before) == []
        assert desk.rows(f"SELECT * FROM {table}_corrections") == []
    assert desk.dump() == before
    return found


def without_times(rows: list[tuple[object, ...]]) -> list[tuple[object, ...]]:
    assert all(isinstance(row[-1], str) and row[-2] == "ana" for row in rows)
    return [row[:-2] for row in rows]


def test_columns_of_the_event_table(tmp_path: Path) -> None:
    desk = database_desk(tmp_path / "my.db", ARTICLES + EVENTS, event_table(mapping=mapped(type="kind")))
    desk.correct("2", "killed", 600)  # more than the CHECK of the user's table allows
    desk.remove("3", "killed")
    Review(desk.connection, "ana").accept(desk.event("2"))
    Review(desk.connection, "ana").reject(desk.event("1"), "generic", "no event")
    Review(desk.connection, "ana").set_type(desk.event("3"), "protest")
    rows, corrections, ddl = published(
        desk,
        "SELECT * FROM events_reviewed",
        "SELECT * FROM events_corrections ORDER BY id, 2",
        "SELECT type, name FROM pragma_table_info('events_reviewed')",
    )
    assert [row[:6] for row in rows] == [
        (1, 2, "attack", None, "Lviv", "rejected"),
        (2, 1, "attack", 600, "Kyiv", "corrected"),
        (3, 1, "protest", None, "Kyiv", "pending"),
    ]
    assert [(row[6], row[8]) for row in rows] == [("ana", "generic: no event"), ("ana", None), (None, None)]
    assert without_times(corrections) == [
        (2, "killed", 5, 600),
        (3, "killed", 7, None),
        (3, "kind", "strike", "protest"),
    ]
    assert ddl[:5] == [("INTEGER", "id"), ("INTEGER", "article_id"), ("TEXT", "kind"), ("INTEGER", "killed"),
                       ("TEXT", "location")]  # fmt: skip
    assert [name for _, name in ddl[5:]] == ["review_status", "reviewer", "decided_at", "reason", "note"]


def test_rows_of_a_fields_table(tmp_path: Path) -> None:
    script = """
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, kind TEXT);
        INSERT INTO events VALUES (1, 2, 'attack'), (2, 1, 'attack');
        CREATE TABLE fields (id INTEGER PRIMARY KEY, event_id INTEGER, name TEXT, value, start INTEGER, end INTEGER,
            quote TEXT);
        INSERT INTO fields VALUES (1, 2, 'killed', '5', 0, 4, 'Five'), (2, 2, 'location', 'Kyiv', 20, 24, 'Kyiv'),
            (3, 1, 'location', 'Lviv', NULL, NULL, NULL), (4, 2, 'actor', 'A', NULL, NULL, NULL),
            (5, 2, 'actor', 'B', NULL, NULL, NULL);
    """
    fields = FieldRows(Link(("id",), "fields", ("event_id",)), "name", "value", start="start", end="end", quote="quote")
    desk = database_desk(tmp_path / "my.db", ARTICLES + script, event_table(mapping=mapped(type="kind"), fields=fields))
    desk.correct("2", "killed", 6)
    desk.remove("2", "actor", 1)
    desk.add("2", "weapon", "gun")
    event = desk.event("2")
    place = next(field for field in event.fields if field.name == "location")
    Review(desk.connection, "ana").correct(event, place, "Monday", [(28, 34)])
    rows, corrections = published(desk, "SELECT * FROM fields_reviewed", "SELECT * FROM events_corrections")
    assert [row[:7] for row in rows] == [
        (1, 2, "killed", "6", None, None, None),
        (2, 2, "location", "Monday", 28, 34, "Monday"),
        (3, 1, "location", "Lviv", None, None, None),
        (4, 2, "actor", "A", None, None, None),
        (None, 2, "weapon", "gun", None, None, None),
    ]
    assert without_times(corrections) == [
        (2, "killed", 5, 6), (2, "location", "Kyiv", "Monday"), (2, "actor", "B", None), (2, "weapon", None, "gun"),
    ]  # fmt: skip


def test_rows_of_a_child_table(tmp_path: Path) -> None:
    script = """
        CREATE TABLE victims (id INTEGER PRIMARY KEY, event_id INTEGER, name TEXT, age TEXT, sex_id INTEGER);
        INSERT INTO victims VALUES (1, 2, 'Ann', '30', 1), (2, 2, 'Bob', '40', 2), (3, 3, 'Cy', '50', 1);
        CREATE TABLE sexes (id INTEGER PRIMARY KEY, label TEXT);
        INSERT INTO sexes VALUES (1, 'f'), (2, 'm');
    """
    sex = Label("sex_id", Link(("sex_id",), "sexes", ("id",)), "label")
    victims = Children("victims", Link(("id",), "victims", ("event_id",)), ("name", "age", "sex_id"), labels=(sex,))
    table = event_table(mapping=mapped(type="kind"), children=(victims,))
    desk = database_desk(tmp_path / "my.db", ARTICLES + EVENTS + script, table)
    desk.correct("2", "age", 31, group="victims:1")
    desk.correct("2", "sex_id", "f", group="victims:2")
    desk.add("2", "name", "Dee", group="victims:3")
    event = desk.event("3")
    members = [field for field in event.fields if field.group]
    Review(desk.connection, "ana").remove(event, *members)
    rows, corrections = published(desk, "SELECT * FROM victims_reviewed", "SELECT * FROM events_corrections")
    assert [row[:5] for row in rows] == [(1, 2, "Ann", "31", 1), (2, 2, "Bob", "40", 1), (None, 2, "Dee", None, None)]
    assert ("victims:2.sex_id", "m", "f") in [row[1:4] for row in corrections]


def test_ids_of_labels_link_tables_and_one_hot_columns(tmp_path: Path) -> None:
    script = """
        CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT);
        INSERT INTO places VALUES (10, 'Kyiv'), (11, 'Lviv');
        CREATE TABLE tags (id INTEGER PRIMARY KEY, tag TEXT);
        INSERT INTO tags VALUES (1, 'war'), (2, 'aid'), (3, 'trade');
        CREATE TABLE event_tags (event_id INTEGER, tag_id INTEGER, PRIMARY KEY (event_id, tag_id)) WITHOUT ROWID;
        INSERT INTO event_tags VALUES (1, 1), (1, 2), (2, 3);
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, kind TEXT, place_id INTEGER, at_war INTEGER,
            at_civilians INTEGER) STRICT;
        INSERT INTO events VALUES (1, 2, 'attack', 11, 1, 0), (2, 1, 'attack', 10, 0, 1);
    """
    place = Label("place_id", Link(("place_id",), "places", ("id",)), "name")
    tag = Link(("tag_id",), "tags", ("id",))
    tags = Label("tags", Link(("id",), "event_tags", ("event_id",), then=tag), "tag", several=True)
    targets = OneHot("targets", ("at_war", "at_civilians"), ("war", "civilians"))
    table = event_table(mapping=mapped(type="kind"), labels=(place, tags), one_hot=(targets,))
    desk = database_desk(tmp_path / "my.db", ARTICLES + script, table)
    desk.correct("1", "place_id", "Kyiv")
    desk.correct("2", "place_id", "Odesa")
    desk.remove("1", "tags", 1)
    desk.add("1", "tags", "trade")
    desk.correct("1", "targets", "civilians")
    problems = desk.publish(rehearsal=True).problems
    assert problems == [
        "events 2: no row of places has the name 'Odesa'; it is in events_corrections, and place_id is empty"
    ]
    rows, links, corrections = published(
        desk,
        "SELECT * FROM events_reviewed",
        "SELECT event_id, tag_id FROM event_tags_reviewed ORDER BY 1, 2",
        "SELECT * FROM events_corrections",
    )
    assert [row[:6] for row in rows] == [(1, 2, "attack", 10, 0, 1), (2, 1, "attack", None, 0, 1)]
    assert links == [(1, 1), (1, 3), (2, 3)]
    assert (2, "place_id", "Kyiv", "Odesa") in without_times(corrections)


def test_json_keeps_its_keys_order_and_notation(tmp_path: Path) -> None:
    whole = '{"killed": 5,  "where": {"city":"Lviv","cc":"UA"}, "actors": ["A","B"], "deep":{"a":{"n":1.50,"m":2}}}'
    script = f"""
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, kind TEXT, data TEXT);
        INSERT INTO events VALUES (1, 2, 'attack', '{whole}'), (2, 1, 'attack', '{{"killed":null}}');
    """
    table = event_table(mapping=mapped(MappedField("n", "data.deep.a.n"), type="kind"), json=("data",))
    desk = database_desk(tmp_path / "my.db", ARTICLES + script, table)
    desk.correct("1", "killed", 6)
    desk.correct("1", "city", "Lutsk")
    desk.correct("1", "actors", "C", 1)
    desk.correct("1", "n", 7)
    desk.add("2", "killed", 1)
    ((first, second),) = published(desk, "SELECT data FROM events_reviewed")
    new = '{"killed": 6,  "where": {"city":"Lutsk","cc":"UA"}, "actors": ["A","C"], "deep":{"a":{"n":7,"m":2}}}'
    assert (first, second) == ((new,), ('{"killed":1}',))


def test_events_in_a_json_list(tmp_path: Path) -> None:
    items = '[{"type":"attack","killed":5,"city":"Kyiv"},{"type":"protest","city":"Lviv"}]'
    script = f"""
        CREATE TABLE responses (id TEXT PRIMARY KEY, prompt TEXT, response TEXT);
        INSERT INTO responses VALUES ('r1', 'Five died in Kyiv.', '{{"items": {items}, "n":2}}'),
            ('r2', 'None', '{{"items": []}}');
    """
    mapping = Mapping(document=DocumentColumns(id=("id",), text=("prompt",)), event=EventColumns(type="type"))
    table = EventTable("responses", ("id",), mapping, each="response.items", json=("response",))
    desk = database_desk(tmp_path / "my.db", script, table)
    desk.correct("r1:2", "city", "Lutsk")
    desk.add("r1:2", "killed", 3)
    Review(desk.connection, "ana").reject(desk.event("r1:1"), "generic")
    rows, corrections = published(
        desk, "SELECT response, review_status FROM responses_reviewed", "SELECT * FROM responses_corrections"
    )
    marked = '{"type":"attack","killed":5,"city":"Kyiv","review_status": "rejected"}'
    assert rows[0] == (f'{{"items": [{marked},{{"type":"protest","city":"Lutsk","killed": 3}}], "n":2}}', "pending")
    assert without_times(corrections) == [
        ("r1", "response.items[2].city", "Lviv", "Lutsk"),
        ("r1", "response.items[2].killed", None, 3),
    ]


def test_rows_without_a_key_are_known_by_their_rowid_and_dates_keep_their_notation(tmp_path: Path) -> None:
    script = """
        CREATE TABLE log (day INTEGER, deaths TEXT, note TEXT);
        INSERT INTO log VALUES (1739491200, '1,200', 'A report'), (1739577600, '900', 'Another');
    """
    fields = (MappedField("day", "day", "date"), MappedField("deaths", "deaths", "integer"))
    mapping = Mapping(document=DocumentColumns(text=("note",)), event=EventColumns(constant_type="e"), fields=fields)
    desk = database_desk(tmp_path / "my.db", script, EventTable("log", ("rowid",), mapping))
    desk.correct("1", "day", "2025-02-16")
    desk.correct("1", "deaths", 1300)
    desk.publish()
    assert [row[:4] for row in desk.rows("SELECT * FROM log_reviewed")] == [
        (1, 1739664000, "1,300", "A report"),
        (2, 1739577600, "900", "Another"),
    ]
    assert desk.rows("SELECT name FROM pragma_table_info('log_reviewed')")[-2:] == [("reason",), ("review_note",)]
    assert not desk.publish().has_changes


def test_added_events_have_no_key_and_merged_ones_are_marked(tmp_path: Path) -> None:
    desk = database_desk(tmp_path / "my.db", ARTICLES + EVENTS, event_table(mapping=mapped(type="kind")))
    review = Review(desk.connection, "ana")
    document = desk.event("2").document_id
    review.add_event(document, "strike")
    added = next(event for event in events(desk.connection) if event.extracted_type is None)
    review.add(added, "location", None, "Kyiv", [])
    review.merge(desk.event("3"), desk.event("2"))
    desk.publish()
    found = desk.rows("SELECT id, article_id, kind, location, review_status FROM events_reviewed ORDER BY id")
    assert found == [
        (None, 1, "strike", "Kyiv", "pending"),
        (1, 2, "attack", "Lviv", "pending"),
        (2, 1, "attack", "Kyiv", "pending"),
        (3, 1, "strike", "Kyiv", "merged"),
    ]
    assert not desk.publish().has_changes
