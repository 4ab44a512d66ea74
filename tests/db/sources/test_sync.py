"""Sync: new, changed and deleted rows of any table that a plan reads come to the desk, and decisions stay."""

from pathlib import Path

import pytest
from support.builders import event, problems
from support.source_tables import event_table
from support.synced import Desk, desk

from db.decisions.review import Review
from db.formats.tables.mapping.mapping import MappedField
from db.sources.plan import Plan
from db.store.reading import read_document


def test_the_first_sync_imports_every_row_and_the_next_one_nothing(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        assert made.values(1) == {"killed": 5, "place": "Kyiv", "victims": ["Ann", "Bob"], "weapon": "drone"}
        keys = made.connection.execute("SELECT table_name, row_key FROM source_events ORDER BY event_id").fetchall()
        assert sorted(keys) == [("events", f"[{number}]") for number in range(1, 6)]
        assert not made.sync()
        assert not made.sync("CREATE TABLE unrelated (id)")
        assert problems(made.connection) == []


@pytest.mark.parametrize(
    ("script", "number", "values"),
    [
        ("UPDATE events SET killed = 6 WHERE id = 1", 1, {"killed": 6}),
        ("UPDATE events SET place = 2 WHERE id = 1", 1, {"place": "Lviv"}),
        ("UPDATE places SET name = 'Kiev' WHERE id = 1", 2, {"place": "Kiev"}),
        ("UPDATE victims SET name = 'Ada' WHERE name = 'Ann'", 1, {"victims": ["Ada", "Bob"]}),
        ("DELETE FROM victims WHERE name = 'Ann'", 1, {"victims": "Bob"}),
        ("INSERT INTO victims VALUES (2, 'Zoe')", 2, {"victims": "Zoe"}),
        ("UPDATE victims SET event_id = 2 WHERE name = 'Bob'", 2, {"victims": "Bob"}),
        ("UPDATE victims SET event_id = 2 WHERE name = 'Bob'", 1, {"victims": "Ann"}),
        ("UPDATE facts SET value = 'mine' WHERE event_id = 1", 1, {"weapon": "mine"}),
        ("INSERT INTO facts VALUES (2, 'source', 'police')", 2, {"source": "police"}),
        ("INSERT INTO events VALUES (9, 2, 3, 2, 'm1')", 9, {"killed": 3, "place": "Lviv"}),
        ("UPDATE events SET model = 'm2', killed = 9 WHERE id = 1", 1, {"killed": 9}),
        ("REPLACE INTO events VALUES (1, 1, 6, 1, 'm1')", 1, {"killed": 6}),
    ],
)
def test_a_change_in_any_table_reaches_its_events_and_only_these(
    tmp_path: Path, script: str, number: int, values: dict[str, object]
) -> None:
    with desk(tmp_path) as made:
        others = {other: made.values(other) for other in (3, 4, 5)}
        events = made.connection.execute("SELECT count(*) FROM events").fetchone()[0]
        done = made.sync(script)
        assert made.values(number).items() >= values.items()
        assert {other: made.values(other) for other in (3, 4, 5)} == others
        assert made.connection.execute("SELECT count(*) FROM events").fetchone()[0] == events + done.new
        assert (done.new + done.changed, done.gone, made.gone()) == (done.new or done.changed, 0, [])
        assert 0 < made.report.lines <= 2
        assert not made.sync()
        assert problems(made.connection) == []


def _accept(made: Desk, number: int) -> None:
    Review(made.connection, "ana").accept(event(made.connection, str(number)))


def test_a_deleted_row_is_marked_and_keeps_its_decisions_until_it_returns(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        _accept(made, 4)
        done = made.sync("DELETE FROM events WHERE id IN (2, 4)")
        assert (done.gone, made.gone(), made.report.not_extracted) == (2, ["2", "4"], 2)
        assert event(made.connection, "4").status == "confirmed"
        assert [change.event for change in made.report.changes] == ["4"]
        assert not made.sync("UPDATE events SET killed = 0 WHERE id = 99")
        done = made.sync("INSERT INTO events VALUES (4, 3, 7, 3, 'm1')")
        assert (done.returned, done.new, made.gone()) == (1, 0, ["2"])
        assert event(made.connection, "4").status == "confirmed"
        assert problems(made.connection) == []


def test_a_changed_text_is_the_next_version_of_the_document(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        first = event(made.connection, "1")
        Review(made.connection, "ana").correct(first, first.fields[0], 4, [])
        _accept(made, 1)
        done = made.sync("UPDATE articles SET body = 'Update: five people died in Kyiv on Monday.' WHERE id = 1")
        assert done.new_texts == 1
        assert read_document(made.connection, 1).text == "Update: five people died in Kyiv on Monday."
        assert made.connection.execute("SELECT text FROM earlier_texts").fetchall() == [
            ("Five people died in Kyiv on Monday.",)
        ]
        assert (made.values(1)["killed"], event(made.connection, "1").status) == (4, "corrected")
        assert problems(made.connection) == []


def test_another_model_is_another_run_of_the_same_event(tmp_path: Path) -> None:
    with desk(tmp_path) as made:
        _accept(made, 1)
        done = made.sync("UPDATE events SET model = 'm2', killed = 6 WHERE id = 1")
        stored = event(made.connection, "1")
        assert (done.new, done.gone, stored.extractor, stored.status) == (0, 0, "m2", "confirmed")
        assert made.values(1)["killed"] == 5
        assert stored.changed
        assert made.report.by_field["extractor"].total() == 1
        assert problems(made.connection) == []


@pytest.mark.parametrize("target", ["3", "10"])
def test_an_event_that_moves_to_another_document_keeps_its_decisions(tmp_path: Path, target: str) -> None:
    with desk(tmp_path) as made:
        made.write("INSERT INTO articles VALUES (10, 'New', 'On Monday, it was said: Five people died in Kyiv.')")
        made.sync()
        ana = Review(made.connection, "ana")
        stored = event(made.connection, "1")
        place = next(item for item in stored.fields if item.name == "place")
        ana.correct(stored, place, "Kyiv on Monday", [place.spans[0]])
        ana.accept(event(made.connection, "1"))
        ana.accept(event(made.connection, "2"))
        done = made.sync(f"UPDATE events SET article_id = {target} WHERE id = 1")
        stored = event(made.connection, "1")
        assert (done.moved, done.new, done.gone, stored.status) == (1, 0, 0, "corrected")
        document = read_document(made.connection, stored.document_id)
        assert document.external_id == target
        assert made.values(1)["place"] == "Kyiv on Monday"
        place = next(item for item in stored.fields if item.name == "place")
        found = [document.source[span.start : span.end] for span in place.spans]
        assert found == (["Kyiv"] if target == "10" else [])
        assert event(made.connection, "2").status == "confirmed"
        assert problems(made.connection) == []
        ana.undo()
        made.sync("UPDATE events SET article_id = 1 WHERE id = 1")
        assert made.connection.execute("SELECT count(*) FROM earlier_texts WHERE only_event").fetchone() == (2,)
        assert problems(made.connection) == []


def test_a_changed_row_is_read_as_the_others_show(tmp_path: Path) -> None:
    table = event_table(MappedField("day", "day", "date"))
    rows = """
        CREATE TABLE articles (id INTEGER PRIMARY KEY, title TEXT, body TEXT);
        INSERT INTO articles VALUES (1, 'First', 'Nothing.');
        CREATE TABLE events (id INTEGER PRIMARY KEY, article_id INTEGER, day TEXT);
        INSERT INTO events VALUES (1, 1, '03/04/2025'), (2, 1, '25/04/2025');
    """
    with desk(tmp_path, rows, Plan((table,))) as made:
        assert made.values(1) == {"day": "2025-04-03"}
        made.sync("UPDATE events SET day = '05/04/2025' WHERE id = 1")
        assert made.values(1) == {"day": "2025-04-05"}
