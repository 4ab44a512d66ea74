"""What enter imports: a database by its plan, which the desk remembers, and a file by its format."""

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from support.attacks_database import PLACES, write_attacks

from db.errors import InputError
from db.maintenance.check import check
from db.sources.desks import sources_of
from db.sources.plan_toml import parse_plan
from db.sources.reading import slices
from db.sources.sync.watching import Watcher
from db.store.connection import open_file
from tui.mapping.plan_screen import PlanScreen
from tui.mapping.plans.draft import Draft
from tui.opening import first
from tui.opening.opening import desk_of

Accept = Callable[[Draft], Draft | None]


@pytest.fixture
def accepting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[Accept], None]:
    """Press enter on every plan screen, after a change of the draft."""
    monkeypatch.chdir(tmp_path)

    def by(accept: Accept) -> None:
        class Pressed:
            def __init__(self, screen: PlanScreen, _: object) -> None:
                self.screen = screen

            def run(self, **_: object) -> None:
                self.screen.accepted = accept(self.screen.draft)

        monkeypatch.setattr(first, "MappingApp", Pressed)

    return by


def events_of(desk: Path) -> list[tuple[str, str]]:
    with contextlib.closing(open_file(desk)) as connection:
        return connection.execute("SELECT external_id, type FROM events ORDER BY id").fetchall()


def test_a_database_is_imported_by_its_plan_which_the_desk_remembers_and_which_can_be_changed(
    tmp_path: Path, accepting: Callable[[Accept], None], capsys: pytest.CaptureFixture[str]
) -> None:
    write_attacks(Path("my.db"))
    accepting(lambda _: None)
    assert desk_of(Path("my.db"), None, None, has_screen=True) is None
    assert [path.name for path in tmp_path.iterdir()] == ["my.db"]
    accepting(lambda draft: draft)
    desk = desk_of(Path("my.db"), None, None, has_screen=True)
    assert desk == Path("my.eventdesk.db")
    assert "6 new documents, 6 new events; nothing skipped" in capsys.readouterr().out
    assert events_of(desk) == [(str(number), "attack") for number in range(1, len(PLACES) + 1)]
    with contextlib.closing(open_file(desk)) as connection:
        (source,) = sources_of(connection)
        assert parse_plan(source.plan, "plan").events[0].table == "attacks"

    def renamed(draft: Draft) -> Draft:
        mapping = draft.mapping
        return draft.changed(replace(mapping, event=replace(mapping.event, constant_type="raid")), "the type is raid")

    accepting(renamed)
    assert desk_of(Path("my.db"), None, None, has_screen=True, plan=True) == desk
    assert {kind for _, kind in events_of(desk)} == {"raid"}
    assert len(events_of(desk)) == len(PLACES)
    offered = []
    accepting(lambda draft: offered.append(draft.mapping.event.constant_type))  # type: ignore[func-returns-value]
    assert desk_of(Path("my.db"), None, None, has_screen=True, plan=True) is None
    assert offered == ["raid"]


def test_a_plan_that_no_longer_fits_is_proposed_anew(accepting: Callable[[Accept], None]) -> None:
    write_attacks(Path("my.db"))
    accepting(lambda draft: draft)
    desk_of(Path("my.db"), None, None, has_screen=True)
    with contextlib.closing(sqlite3.connect("my.db")) as connection:
        connection.execute("ALTER TABLE articles RENAME COLUMN body TO article_text")
    offered = []
    accepting(lambda draft: offered.append(draft.mapping.document.text))  # type: ignore[func-returns-value]
    desk_of(Path("my.db"), None, None, has_screen=True, plan=True)
    assert offered == [("articles.article_text",)]


def test_texts_alone_are_imported(accepting: Callable[[Accept], None], capsys: pytest.CaptureFixture[str]) -> None:
    write_attacks(Path("my.db"))
    with contextlib.closing(sqlite3.connect("my.db")) as connection:
        connection.executescript("DROP TABLE attacks; DROP TABLE visits")
    accepting(lambda draft: draft)
    assert desk_of(Path("my.db"), None, None, has_screen=True, texts=True)
    assert f"{len(PLACES)} new documents, 0 new events" in capsys.readouterr().out


def test_a_file_whose_rows_are_all_invalid_makes_no_desk(tmp_path: Path, accepting: Callable[[Accept], None]) -> None:
    Path("events.jsonl").write_text('{"text": 5}\n' * 2, encoding="utf-8")
    accepting(lambda draft: draft)
    with pytest.raises(InputError, match=r"nothing could be imported: .*text: must be text"):
        desk_of(Path("events.jsonl"), None, "native", has_screen=True)
    assert [path.name for path in tmp_path.iterdir()] == ["events.jsonl"]


def test_a_large_database_opens_after_its_first_events_and_the_reviewer_imports_the_rest(
    accepting: Callable[[Accept], None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write_attacks(Path("my.db"))
    accepting(lambda draft: draft)
    monkeypatch.setattr(first, "_SECONDS", 0)
    monkeypatch.setattr(slices, "_FIRST", 2)
    desk = desk_of(Path("my.db"), None, None, has_screen=True)
    assert desk is not None
    assert events_of(desk) == [("1", "attack"), ("2", "attack")]
    assert "2 events so far; the others are imported while you review" in capsys.readouterr().err
    with contextlib.closing(open_file(desk)) as connection:
        assert Watcher(connection, desk).look() == [f"{len(PLACES) - 2} new events"]
        assert [problem for finding in check(connection) for problem in finding.problems] == []
    assert len(events_of(desk)) == len(PLACES)
