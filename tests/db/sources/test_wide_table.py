"""The wide table of an event table: joined rows, labels, children, fields tables, one-hot columns and JSON."""

import sqlite3
from pathlib import Path

import pytest
from support.source_tables import ARTICLES, database, documents, event_table, events_of, mapped, records, values_of

from db.errors import InputError
from db.formats.format import Source
from db.formats.tables.mapping.mapping import DocumentColumns, MappedField, Mapping
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.sources.plan import Children, EventTable, FieldRows, Joined, Label, Link, OneHot, Plan, TextTable
from db.sources.reading.format import format_of
from db.sources.reading.records import Rows, read_plan
from db.sources.reading.wide import open_table

TEXT = "Five people died in Kyiv on Monday, 3 March 2025."
ARTICLE_ROWS = f"""
    CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
    INSERT INTO articles VALUES (1, 'First', '{TEXT}'), (2, 'Second', 'Nothing happened in Lviv.'),
        (3, 'Third', 'Alone.');
"""
EVENT_ROWS = """
    CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, kind TEXT, killed INTEGER, location TEXT);
    INSERT INTO events VALUES (1, 2, 'attack', NULL, 'Lviv'), (2, 1, 'attack', 5, 'Kyiv'), (3, 1, NULL, 5, 'Kyiv');
"""
SCRIPT = ARTICLE_ROWS + EVENT_ROWS
KILLED = MappedField("killed", "killed", "integer")


def test_events_of_one_document_form_one_record_wherever_their_rows_are() -> None:
    table = event_table(mapping=mapped(KILLED, type="kind"))
    found = documents(SCRIPT + "INSERT INTO events VALUES (4, 2, 'protest', 1, 'Lviv')", table)
    assert {key: [event["id"] for event in document["events"]] for key, document in found.items()} == {
        "1": ["2", "3"],
        "2": ["1", "4"],
    }
    assert (found["1"]["text"], found["1"]["title"]) == (TEXT, "First")
    assert [event["type"] for event in found["1"]["events"]] == ["attack", "events"]
    assert values_of(found["1"]["events"][0]) == {"killed": [5], "location": ["Kyiv"]}
    assert all("table" not in event for event in found["1"]["events"])


@pytest.mark.parametrize(("foreign", "key"), [("INTEGER", "TEXT"), ("TEXT", "INTEGER"), ("REAL", "TEXT"), ("", "")])
@pytest.mark.parametrize("index", ["PRIMARY KEY", ""])
def test_keys_of_different_types_are_joined_with_and_without_an_index(foreign: str, key: str, index: str) -> None:
    script = f"""
        CREATE TABLE articles (id {key} {index}, title TEXT, body TEXT);
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id {foreign}, killed INTEGER);
        INSERT INTO articles VALUES (7, 'First', 'Text'), (8, 'Second', 'Text');
        INSERT INTO events VALUES (1, 7, 1), (2, 8, 2), (3, 9, 3), (4, NULL, 4);
    """
    found = records(script, event_table(KILLED))
    titles = [record.document["title"] for record in found if isinstance(record.document, dict)]
    assert sorted(titles)[-2:] == ["First", "Second"]


def test_documents_without_events_come_from_tables_of_texts() -> None:
    texts = TextTable("articles", ("id",), Mapping(document=DocumentColumns(title=("title",), text=("body",))))
    found = documents(SCRIPT, event_table(KILLED), texts=(texts,))
    assert {key: len(document["events"]) for key, document in found.items()} == {"1": 2, "2": 1, "3": 0}
    assert found["3"]["text"] == "Alone."


def test_events_of_several_tables_over_one_document_form_one_record() -> None:
    script = (
        SCRIPT
        + """
        CREATE TABLE protests (id INTEGER PRIMARY KEY, article_id INTEGER, people INTEGER);
        INSERT INTO protests VALUES (1, 2, 100), (2, 3, 50), (3, 1, 2);
    """
    )
    attacks = event_table(KILLED, event_prefix="events/")
    protests = event_table(event_prefix="protests/")
    protests = protests.__class__("protests", ("id",), mapped(), joined=(ARTICLES,), event_prefix="protests/")
    found = documents(script, attacks, protests)
    assert {key: [event["id"] for event in document["events"]] for key, document in found.items()} == {
        "1": ["events/2", "events/3", "protests/3"],
        "2": ["events/1", "protests/1"],
        "3": ["protests/2"],
    }


def test_labels_replace_ids_and_link_tables_give_lists_of_labels() -> None:
    script = (
        SCRIPT
        + """
        ALTER TABLE events ADD COLUMN place_id INTEGER;
        CREATE TABLE places (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE tags (id INTEGER PRIMARY KEY, tag TEXT);
        CREATE TABLE event_tags (event_id INTEGER, tag_id INTEGER);
        INSERT INTO places VALUES (10, 'Kyiv'), (11, 'Lviv');
        INSERT INTO tags VALUES (1, 'bomb'), (2, 'night');
        INSERT INTO event_tags VALUES (2, 1), (2, 2), (1, 2), (2, 1);
        UPDATE events SET place_id = CASE id WHEN 1 THEN 11 WHEN 2 THEN 10 ELSE 99 END;
    """
    )
    place = Label("place_id", Link(("place_id",), "places", ("id",)), "name")
    tags = Label("tags", Link(("id",), "event_tags", ("event_id",), Link(("tag_id",), "tags", ("id",))), "tag", True)
    table = event_table(mapping=mapped(KILLED, type="kind"), labels=(place, tags))
    events = events_of(documents(script, table))
    assert values_of(events["2"]) == {
        "killed": [5],
        "location": ["Kyiv"],
        "place_id": ["Kyiv"],
        "tags": ["bomb", "night"],
    }
    assert values_of(events["1"])["tags"] == ["night"]
    assert values_of(events["3"])["place_id"] == [99]
    notes = [note for record in records(script, table) for note in record.notes]
    assert [note for note in notes if "ids without a row in places" in note]


def test_children_are_groups_or_a_list_of_values() -> None:
    script = (
        SCRIPT
        + """
        CREATE TABLE victims (event_id INTEGER, name TEXT, age INTEGER, role_id INTEGER);
        CREATE TABLE roles (id INTEGER PRIMARY KEY, role TEXT);
        INSERT INTO roles VALUES (1, 'driver');
        INSERT INTO victims VALUES (2, 'Ann', 30, 1), (2, 'Bob', NULL, NULL), (1, 'Cid', 5, NULL);
    """
    )
    role = Label("role_id", Link(("role_id",), "roles", ("id",)), "role")
    link = Link(("id",), "victims", ("event_id",))
    victims = Children("victims", link, ("name", "age", "role_id"), labels=(role,))
    children = (victims, Children("names", link, ("name",)))
    events = events_of(documents(script, event_table(mapping=mapped(KILLED, type="kind"), children=children)))
    assert values_of(events["2"]) == {
        "killed": [5], "location": ["Kyiv"], "names": ["Ann", "Bob"],
        "victims:1.name": ["Ann"], "victims:1.age": [30], "victims:1.role_id": ["driver"], "victims:2.name": ["Bob"],
    }  # fmt: skip


def test_a_fields_table_has_a_column_for_each_name_with_place_and_confidence_for_each_value() -> None:
    script = (
        ARTICLE_ROWS
        + """
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER);
        CREATE TABLE names (id INTEGER PRIMARY KEY, name TEXT);
        CREATE TABLE facts (event_id INTEGER, name_id INTEGER, value TEXT, "from" INTEGER, "to" INTEGER, p REAL, grp);
        INSERT INTO events VALUES (1, 1), (2, 2);
        INSERT INTO names VALUES (1, 'killed'), (2, 'location'), (3, 'unused');
        INSERT INTO facts VALUES (1, 1, '5', 0, 4, 0.9, NULL), (1, 1, '50', NULL, NULL, NULL, NULL),
            (1, 2, 'Kyiv', 20, 24, 0.5, 2), (2, 2, 'Lviv', NULL, NULL, NULL, NULL),
            (2, NULL, 'lost', NULL, NULL, NULL, NULL);
    """
    )
    label = Label("name_id", Link(("name_id",), "names", ("id",)), "name")
    fields = FieldRows(
        Link(("id",), "facts", ("event_id",)), "name_id", "value", "grp", "from", "to", None, "p", labels=(label,)
    )
    table = event_table(KILLED, fields=fields)
    events = events_of(documents(script, table))
    assert events["1"]["fields"] == [
        {"name": "killed", "value": 5, "confidence": 0.9, "spans": [[0, 4]]},
        {"name": "killed", "value": 50},
        {"name": "location", "value": "Kyiv", "group": "grp:2", "confidence": 0.5, "spans": [[20, 24]]},
    ]
    assert values_of(events["2"]) == {"location": ["Lviv"]}
    assert [n for record in records(script, table) for n in record.notes if "values without a name" in n]


def test_the_kinds_of_a_fields_table_are_decided_over_all_its_values() -> None:
    script = (
        ARTICLE_ROWS
        + """
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER);
        CREATE TABLE facts (event_id INTEGER, name TEXT, value TEXT, score INTEGER, quote TEXT);
        INSERT INTO events VALUES (1, 1), (2, 2);
        INSERT INTO facts VALUES (1, 'killed', '5', 90, 'Five people died'), (2, 'killed', '12', 100, NULL),
            (1, 'date', '3 March 2025', NULL, 'on Monday, 3 March 2025'), (2, 'date', '2025-03-04', 1, NULL),
            (1, 'code', '007', NULL, NULL), (2, 'code', 'x', NULL, NULL), (2, 'rate', '0.5', NULL, NULL);
    """
    )
    link = Link(("id",), "facts", ("event_id",))
    fields = FieldRows(link, "name", "value", quote="quote", confidence="score")
    events = events_of(documents(script, event_table(fields=fields)))
    assert values_of(events["1"]) == {"killed": [5], "date": ["2025-03-03"], "code": ["007"]}
    assert values_of(events["2"]) == {"killed": [12], "date": ["2025-03-04"], "code": ["x"], "rate": [0.5]}
    by_name = {field["name"]: field for field in events["1"]["fields"]}
    assert by_name["killed"]["confidence"] == 0.9
    assert by_name["killed"]["spans"] == [[0, 16]]
    assert by_name["date"]["spans"] == [[25, 48]]  # the quote: the date is written otherwise


def test_one_hot_columns_are_one_list() -> None:
    script = (
        SCRIPT
        + """
        ALTER TABLE events ADD COLUMN is_bomb INTEGER; ALTER TABLE events ADD COLUMN is_gun TEXT;
        UPDATE events SET is_bomb = 1, is_gun = 'true' WHERE id = 2;
        UPDATE events SET is_bomb = 0, is_gun = '0' WHERE id = 1;
    """
    )
    weapons = OneHot("weapon", ("is_bomb", "is_gun"), ("bomb", "gun"))
    events = events_of(documents(script, event_table(mapping=mapped(KILLED, type="kind"), one_hot=(weapons,))))
    assert values_of(events["2"]) == {"killed": [5], "location": ["Kyiv"], "weapon": ["bomb", "gun"]}
    assert values_of(events["1"]) == {"location": ["Lviv"]}


def test_json_objects_are_fields_their_lists_groups_and_paths_columns() -> None:
    script = (
        ARTICLE_ROWS
        + """
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, data TEXT);
        INSERT INTO events VALUES
            (1, 1, '{"killed": 5, "meta": {"score": 0.5, "by": "m"}, "victims": [{"name": "Ann"}, {"name": "Bob"}]}'),
            (2, 1, '```json
{"killed": 6, "tags": ["a", "b"],}
```'), (3, 1, 'no JSON'), (4, 1, NULL);
    """
    )
    mapping = mapped(MappedField("killed", "data.killed", "integer"), confidence="data.meta.score")
    table = event_table(mapping=mapping, json=("data",))
    events = events_of(documents(script, table))
    assert values_of(events["1"]) == {
        "killed": [5], "meta.by": ["m"], "victims:1.name": ["Ann"], "victims:2.name": ["Bob"]
    }  # fmt: skip
    assert events["1"]["confidence"] == 0.5
    assert values_of(events["2"]) == {"killed": [6], "tags": ["a", "b"]}
    assert values_of(events["3"]) == {"data": ["no JSON"]}
    assert values_of(events["4"]) == {}
    with database(script) as opened:
        assert set(open_table(opened, Plan((table,)), table).columns) >= {"data.killed", "victims", "tags"}


def test_each_object_of_a_json_list_is_an_event_and_a_row_without_any_a_document() -> None:
    script = """
        CREATE TABLE responses (id INTEGER PRIMARY KEY, prompt TEXT, response TEXT);
        INSERT INTO responses VALUES
            (1, 'Five died.', '{"events": [{"killed": 5, "kind": "attack"},
                {"killed": 6, "kind": "fire", "place": {"city": "K"}}]}'),
            (2, 'Nothing.', '[]');
    """
    mapping = mapped(KILLED, title=(), text=("prompt",), type="kind")
    table = event_table(mapping=mapping, joined=(), each="response")
    table = table.__class__("responses", ("id",), mapping, each="response")
    found = documents(script, table)
    assert [(event["id"], event["type"]) for event in found["1"]["events"]] == [("1:1", "attack"), ("1:2", "fire")]
    assert values_of(found["1"]["events"][1]) == {"killed": [6], "place.city": ["K"]}
    assert (found["2"]["text"], found["2"]["events"]) == ("Nothing.", [])


def test_a_plan_that_does_not_fit_the_database_is_named() -> None:
    with pytest.raises(InputError, match="table events of the plan can't be read"):
        documents(ARTICLE_ROWS, event_table(KILLED))
    joined = Joined("articles", Link(("gone",), "articles", ("id",)), ("title", "body"))
    with pytest.raises(InputError, match="has no column gone, which the plan needs"):
        documents(SCRIPT, event_table(KILLED, joined=(joined,)))


def test_odd_cells_get_a_note_and_never_stop_the_import(connection: sqlite3.Connection, tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    with database(SCRIPT) as opened:
        opened.connection.executescript("""
            UPDATE events SET killed = 9e999 WHERE id = 1;
            UPDATE events SET location = CAST(x'4be9' AS TEXT), killed = 'many' WHERE id = 2;
            UPDATE events SET location = x'00ff', kind = 'a' || char(0) || 'b' WHERE id = 3;
        """)
        opened.connection.execute("VACUUM INTO ?", (str(path),))
    report = ImportReport()
    plan = Plan((event_table(mapping=mapped(KILLED, type="kind")),))
    import_source(connection, Source(str(path), None, path), report, format_of(plan))
    assert (report.documents, report.events, report.refused) == (2, 3, 0), report.refusals
    notes = "\n".join(str(note) for note in report.notes)
    assert "column killed: an infinite number; not imported" in notes
    assert "column location: is not valid UTF-8" in notes
    assert "column location: holds bytes, not text" in notes
    assert 'column killed: "many" is not a whole number; kept as text' in notes
    import_source(connection, Source(str(path), None, path), again := ImportReport(), format_of(plan))
    assert (again.unchanged, again.updated, again.not_extracted) == (3, 0, 0)


@pytest.mark.parametrize("index", ["CREATE INDEX by_article ON events (article_id);", ""])
def test_some_rows_are_read_with_their_keys(index: str) -> None:
    script = (
        SCRIPT
        + index
        + """
        CREATE TABLE protests (key TEXT PRIMARY KEY, article_id INTEGER);
        INSERT INTO protests VALUES ('a', 1), ('b', 2), ('c', NULL);
        CREATE TABLE victims (event_id INTEGER, name TEXT);
        INSERT INTO victims VALUES (3, 'Ann'), (1, 'Bob');
    """
    )
    victims = Children("victims", Link(("id",), "victims", ("event_id",)), ("name",))
    attacks = event_table(KILLED, children=(victims,))
    protests = EventTable("protests", ("key",), mapped(), joined=(ARTICLES,))
    plan = Plan((attacks, protests))
    with database(script) as opened:

        def read(**keys: set[tuple[object, ...]]) -> dict[str, list[tuple[str, tuple[str, str]]]]:
            found = read_plan(opened, plan, rows=Rows(keys))
            return {
                record.document["id"]: [
                    (event["id"], row) for event, row in zip(record.document["events"], record.row_keys, strict=True)
                ]
                for record in found
                if isinstance(record.document, dict)
            }

        assert read(events={(2,)}, protests={("a",)}) == {"1": [("2", ("events", "[2]")), ("a", ("protests", '["a"]'))]}
        assert read(protests={("c",), ("b",)}) == {
            "c": [("c", ("protests", '["c"]'))],
            "2": [("b", ("protests", '["b"]'))],
        }
        assert read(protests={("gone",)}) == {}


SEVERAL = """
    CREATE TABLE events (id INTEGER PRIMARY KEY, killed INTEGER, location TEXT);
    INSERT INTO events VALUES (1, 5, 'Kyiv'), (2, 7, 'Lviv'), (3, 9, 'Odesa'), (4, 5, 'Kyiv');
"""


def test_an_event_with_several_texts_belongs_to_the_one_that_has_most_of_its_values() -> None:
    script = (
        SEVERAL
        + """
        CREATE TABLE reports (code TEXT PRIMARY KEY, event_id INTEGER, body TEXT);
        INSERT INTO reports VALUES ('b', 1, 'Nothing here.'), ('a', 1, 'Five died in Kyiv.'),
            ('c', 1, 'Kyiv is a city.'), ('d', 2, '<p>Seven died in <b>Lviv</b>.</p>'), ('e', 4, 'Other.');
    """
    )
    reports = Joined("reports", Link(("id",), "reports", ("event_id",)), ("body",), several=True)
    table = EventTable(
        "events", ("id",), mapped(KILLED, title=(), text=("reports.body",)), joined=(reports,), text_form="html"
    )
    found = documents(script, table)
    assert {key: [event["id"] for event in one["events"]] for key, one in found.items()} == {
        "3": ["3"], "a": ["1"], "b": [], "c": [], "d": ["2"], "e": ["4"]
    }  # fmt: skip
    assert found["d"]["text"] == "Seven died in Lviv."
    assert values_of(found["a"]["events"][0]) == {"killed": [5], "location": ["Kyiv"]}


@pytest.mark.parametrize("several", [True, False])
def test_documents_over_a_table_between_hold_all_their_events(several: bool) -> None:
    script = (
        SEVERAL
        + """
        CREATE TABLE texts (id INTEGER PRIMARY KEY, body TEXT);
        CREATE TABLE mentions (event INTEGER, text INTEGER);
        INSERT INTO texts VALUES (10, 'Five died in Kyiv, nine in Odesa.'), (2, 'Seven died in Lviv.'), (3, 'Kyiv.');
        INSERT INTO mentions VALUES (1, 3), (1, 10), (2, 2), (3, 10), (4, 10), (4, 10);
    """
    )
    link = Link(("id",), "mentions", ("event",), Link(("text",), "texts", ("id",)))
    texts = Joined("texts", link, ("body",), several=several)
    table = EventTable("events", ("id",), mapped(KILLED, title=(), text=("texts.body",)), joined=(texts,))
    found = records(script, table)
    read = [(one["id"], [event["id"] for event in one["events"]]) for r in found if isinstance(one := r.document, dict)]
    if several:
        assert read == [("2", ["2"]), ("3", []), ("10", ["1", "3", "4"])]
    else:
        assert read == [("2", ["2"]), ("3", ["1"]), ("10", ["3", "4"])]


def test_links_to_rowids_are_followed_in_both_directions() -> None:
    script = """
        CREATE TABLE articles (title TEXT, body TEXT); CREATE TABLE events (code TEXT, article INTEGER);
        CREATE TABLE victims (event INTEGER, name TEXT);
        INSERT INTO articles VALUES ('First', 'Five died.'), ('Second', 'Ann died.');
        INSERT INTO events VALUES ('x', 2), ('y', 1); INSERT INTO victims VALUES (1, 'Ann'), (2, 'Bob');
    """
    articles = Joined("articles", Link(("article",), "articles", ("rowid",)), ("title", "body"))
    victims = Children("victims", Link(("rowid",), "victims", ("event",)), ("name",))
    table = EventTable("events", ("code",), mapped(), joined=(articles,), children=(victims,))
    found = documents(script, table)
    assert {one["title"]: values_of(one["events"][0]) for one in found.values()} == {
        "First": {"victims": ["Bob"]}, "Second": {"victims": ["Ann"]}
    }  # fmt: skip


def test_rows_without_event_and_text_are_counted() -> None:
    script = """
        CREATE TABLE answers (id INTEGER PRIMARY KEY, prompt TEXT, answer TEXT);
        INSERT INTO answers VALUES (1, NULL, NULL), (2, 'Five died.', '[{"killed": 5}]'), (3, '', '[]');
    """
    table = EventTable("answers", ("id",), mapped(KILLED, title=(), text=("prompt",)), each="answer")
    [record] = records(script, table)
    assert record.unread == ("row of answers without event and text",) * 2
