"""The first look at a database or file: what was found, what keys change, and what enter imports by."""

import contextlib
import json
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from rich.cells import cell_len
from support.attacks_database import PLACES, write_attacks
from support.looks import TextFile, screen_as_text
from syrupy.assertion import SnapshotAssertion
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from db.formats.format import ReadOptions
from tui.config.settings import Settings
from tui.mapping import keys
from tui.mapping.app import MappingApp
from tui.mapping.plan_screen import PlanScreen
from tui.opening.offers import Opened, open_offer
from tui.widgets.key_prompt import KeyPrompt


class Looker:
    """A running plan screen."""

    def __init__(self, pilot: Pilot[None], app: MappingApp, screen: PlanScreen, opened: Opened) -> None:
        self.pilot, self.app, self.screen, self.opened = pilot, app, screen, opened

    async def press(self, *names: str) -> None:
        for name in names:
            key = (_character_to_key(name), name) if len(name) == 1 else (name, None)
            self.app.post_message(events.Key(*key))
        for _ in range(6):
            await self.pilot.pause(0)
        while not self.screen.checks.complete and self.app.is_running:
            await self.pilot.pause(0.01)
        await self.pilot.pause(0)

    def line(self, name: str) -> str:
        return str(self.screen.query_one(f"#{name}").render()).strip()

    @property
    def head(self) -> str:
        return "\n".join(self.line(f"head-{number}") for number in range(5))

    @property
    def preview(self) -> str:
        pane = self.screen.preview_pane
        return "\n".join(pane.render_line(y).text.rstrip() for y in range(pane.size.height))


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "my.db"
    write_attacks(path)
    return path


@contextlib.asynccontextmanager
async def looking_at(path: Path, size: tuple[int, int] = (80, 24), *, texts: bool = False) -> AsyncIterator[Looker]:
    is_database = path.suffix == ".db"
    with open_offer(str(path), Path("my.eventdesk.db"), None, is_database=is_database, texts=texts) as opened:
        screen = PlanScreen(opened.offer)
        app = MappingApp(screen, Settings())
        async with app.run_test(size=size) as pilot:
            looker = Looker(pilot, app, screen, opened)
            await looker.press()
            yield looker


@pytest.mark.parametrize("size", [(80, 24), (140, 40)])
async def test_a_database_is_shown_with_three_events_as_they_will_be_reviewed(
    database: Path, size: tuple[int, int], snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with looking_at(database, size) as looker:
        drawn = screen_as_text(looker.app)
    assert f"{size[0]}×{size[1]}, dark\n\n{drawn}" == snapshot(extension_class=TextFile)


async def test_the_head_says_what_was_found_and_what_is_not_read_and_why(database: Path) -> None:
    async with looking_at(database, (200, 24)) as looker:
        assert "my.db  SQLite database → my.eventdesk.db" in looker.head
        assert "6 rows of attacks" in looker.head
        assert "articles.body by attacks.article_id = articles.id" in looker.head
        assert "6 events, evidence for" in looker.head
        assert looker.line("status").startswith("enter  import and review: all 6 rows can be imported")


async def test_enter_accepts_and_q_writes_nothing(database: Path) -> None:
    async with looking_at(database) as looker:
        await looker.press("enter")
        assert looker.screen.accepted is not None
        assert looker.screen.accepted.plan == looker.opened.offer.plan
    async with looking_at(database) as looker:
        await looker.press("q")
        assert looker.screen.accepted is None
        assert looker.app.return_code == 0
    assert [path.name for path in database.parent.iterdir()] == ["my.db"]


async def test_a_changed_plan_is_not_lost_by_one_key(database: Path) -> None:
    async with looking_at(database) as looker:
        await looker.press("tab", "j", "j", "j", "-", "q")
        assert looker.screen.query_one(KeyPrompt).display
        await looker.press("escape", "u", "q")
        assert looker.app.return_code == 0


async def test_keys_choose_the_text_the_link_and_the_tables(database: Path) -> None:
    async with looking_at(database, (140, 40)) as looker:
        await looker.press("S")
        await looker.press("2")
        assert looker.screen.draft.mapping.document.text == ("articles.summary",)
        assert "A short summary" in looker.preview
        await looker.press("u")
        assert "On the morning of 3 May" in looker.preview
        await looker.press("L")
        await looker.press("2")
        assert looker.screen.draft.table.joined[0].link.columns == ("page",)
        names = [table.name for table in looker.screen.choices.tables(looker.screen.draft.plan)]  # type: ignore[union-attr]
        await looker.press("E")
        await looker.press(str(names.index("articles") + 1))
        assert [table.table for table in looker.screen.draft.plan.events][-1] == "articles"
        assert looker.screen.draft.table.table == "articles"
        await looker.press("a")
        assert looker.screen.draft.table.table == looker.screen.draft.plan.events[0].table
        assert len(looker.screen.draft.past) == 2


async def test_the_only_table_of_events_stays(database: Path) -> None:
    async with looking_at(database) as looker:
        for _ in looker.screen.draft.plan.events[1:]:
            await looker.press("E")
            await looker.press("2")
        await looker.press("E")
        await looker.press("1")
        assert "is the only table of events" in looker.line("detail")
        assert len(looker.screen.draft.plan.events) == 1


async def test_keys_about_a_column_first_show_the_columns(database: Path) -> None:
    async with looking_at(database) as looker:
        before = looker.screen.draft
        await looker.press("d")
        assert looker.screen.draft is before
        assert looker.screen.columns_pane.display
        assert "select a column with j and k" in looker.line("detail")
        await looker.press(*"jjj", "d")
        assert looker.screen.draft is not before


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, *commands: str) -> None:
    script = folder / "an editor.sh"
    script.write_text("#!/bin/sh\n" + "\n".join(commands), encoding="utf-8")
    script.chmod(0o755)
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.setenv("EDITOR", f"'{script}'")


async def test_the_plan_is_edited_as_toml_and_a_mistake_loses_nothing(
    database: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path_factory.mktemp("editors")
    async with looking_at(database, (140, 40)) as looker:
        editor(
            folder, monkeypatch, 'sed -i "s/\\"killed\\"/\\"gone\\"/g" "$1"', 'cp "$1" ' + str(folder / "saved.toml")
        )
        before = looker.screen.draft
        await looker.press("t")
        assert "not used:" in looker.line("detail")
        assert looker.screen.draft is before
        editor(
            folder, monkeypatch, 'cp "$1" ' + str(folder / "again.toml"), 'sed -i "s/\\"gone\\"/\\"killed\\"/g" "$1"'
        )
        await looker.press("t")
        again = (folder / "again.toml").read_text(encoding="utf-8")
        assert again.startswith("#! ")
        assert again.partition("\n")[2] == (folder / "saved.toml").read_text(encoding="utf-8")
        assert looker.line("detail") == "nothing was changed"
        editor(folder, monkeypatch, 'sed -i "s/constant_type = .*/constant_type = \\"raid\\"/" "$1"')
        await looker.press("t")
        assert looker.screen.draft.mapping.event.constant_type == "raid"
        assert looker.screen.draft.table.reasons == before.table.reasons
        monkeypatch.setenv("EDITOR", "no-such-editor --wait")
        await looker.press("t")
        assert "no-such-editor: no such editor" in looker.line("detail")
        editor(folder, monkeypatch, "exit 3")
        await looker.press("t")
        assert "ended with status 3; nothing was changed" in looker.line("detail")
        editor(folder, monkeypatch, 'sed -i "s/\\"raid\\"/\\"siege\\"/" "$1"', "exit 1")
        await looker.press("t")
        assert "ended with status 1; t opens your text again, u drops it" in looker.line("detail")
        editor(folder, monkeypatch, "true")
        await looker.press("t")
        assert looker.screen.draft.mapping.event.constant_type == "siege"


async def test_a_table_of_a_file_goes_the_same_way(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text("title,text,killed\nOne,Five people died.,5\nTwo,Six died.,6\n", encoding="utf-8")
    async with looking_at(path) as looker:
        assert "2 rows of events.csv" in looker.head
        assert "Five people died." in looker.preview
        assert "S text" not in looker.line("hints")
        await looker.press("S")
        assert "only a database has other tables" in looker.line("detail")
        assert looker.opened.format(looker.screen.draft).name == "csv"
        await looker.press("tab", "j", "j", "n", *"dead", "enter", "enter")
        assert looker.screen.accepted is not None
        read = looker.opened.format(looker.screen.accepted).read
        assert read is not None
        looker.opened.source.required_stream.seek(0)
        [first, _] = read(looker.opened.source, ReadOptions())
        assert [item["name"] for item in first.document["events"][0]["fields"]] == ["dead"]  # type: ignore[index]


async def test_a_format_that_is_no_table_shows_its_events(tmp_path: Path) -> None:
    path = tmp_path / "articles.jsonl"
    fields = [{"name": "killed", "value": 5, "spans": [[0, 4]]}]
    article = {"id": "d1", "text": "Five people died.", "events": [{"type": "attack", "fields": fields}]}
    lines = [json.dumps(article), json.dumps({"text": 5}), json.dumps({"id": "d2", "text": "Nothing."})]
    path.write_text("\n".join(lines), encoding="utf-8")
    async with looking_at(path) as looker:
        assert "articles.jsonl  file of format native" in looker.head
        assert "events in 2 documents" in looker.head
        assert "1 row skipped: text: must be text" in looker.head
        assert "Five people died." in looker.preview
        assert "invalid" in looker.preview
        await looker.press("tab", "d", "e", "-", "j", "!")
        assert looker.screen.draft is not None
        await looker.press("enter")
        assert looker.screen.accepted is not None


async def test_texts_without_events_are_shown_and_imported(tmp_path: Path) -> None:
    path = tmp_path / "my.db"
    write_attacks(path)
    import sqlite3

    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.executescript("DROP TABLE attacks; DROP TABLE visits")
    async with looking_at(path, texts=True) as looker:
        assert f"none: {len(PLACES)} documents without events" in looker.head
        assert f"{len(PLACES)} texts" in looker.head
        assert "On the morning of 3 May" in looker.preview
        assert "a text without events" in looker.preview
        await looker.press("enter")
        assert looker.screen.accepted is not None
        assert looker.opened.plan is not None


@pytest.mark.parametrize("size", [(140, 40), (50, 16)])
async def test_hostile_texts_do_not_change_the_width_of_a_line(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "my.db"
    write_attacks(path, title="\x1b[31m被俘军人{place} 👩‍👩‍👧[b]x\u202e\n")
    async with looking_at(path, size) as looker:
        await looker.press("j", "tab", "j", "S", "escape")
        drawn = screen_as_text(looker.app)
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn
        pane = looker.screen.preview_pane
        assert {cell_len(pane.render_line(y).text) for y in range(pane.size.height)} == {pane.size.width - 1}


def test_no_key_of_the_screen_is_bound_twice() -> None:
    pressed = [key for binding in keys.ALL for key in binding.key.split(",")]
    assert len(pressed) == len(set(pressed))
