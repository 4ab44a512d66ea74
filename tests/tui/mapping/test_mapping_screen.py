"""The mapping screen: what keys do, what it says, and that no table breaks it."""

import contextlib
import csv
import json
import tomllib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from support.looks import TextFile, screen_as_text
from syrupy.assertion import SnapshotAssertion
from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from db.formats.format import Source
from db.formats.tables.files.opening import open_table
from db.formats.tables.mapping.mapping import MappedField
from db.formats.tables.mapping.toml import parse_mapping
from tui.cli import main
from tui.config.settings import Settings
from tui.mapping import keys
from tui.mapping.app import MappingApp
from tui.mapping.mapping_file import MappingFile
from tui.mapping.rows import Sample, initial_mapping
from tui.mapping.screen import MappingScreen
from tui.widgets.key_prompt import KeyPrompt
from tui.widgets.prompt import TextPrompt

EVENTS = """Headline;Report;Day;Kind of event;Killed;Actors;Link
Clash at Brod;Twenty-five soldiers were killed at Brod on 3 May.;03/05/2024;clash;25;Army;https://example.org/1
Shelling of Lesna;Shells fell on Lesna. Dozens died.;14/05/2024;shelling;dozens;Army, Border Guard;https://example.org/2
Exchange at Lesna;Both sides exchanged 40 prisoners.;21/05/2024;;~5;;https://example.org/4
"""

HOSTILE = ["\x1b[31mred\x1b[0m", "اسم\u202eعكس", "line\nbreak", "", "👩‍👩‍👧 🇺🇦", "[b]x[/b][@click=app.quit]y[/]",
           "被俘军人" * 20, "z" + "\u0336" * 30, "tab\there"]  # fmt: skip


class Mapper:
    """A running mapping screen."""

    def __init__(self, pilot: Pilot[None], app: MappingApp) -> None:
        self.pilot, self.app, self.screen = pilot, app, app.mapping_screen

    async def press(self, *names: str) -> None:
        """Press keys without waiting between them; a single character is its own key."""
        for name in names:
            key = (_character_to_key(name), name) if len(name) == 1 else (name, None)
            self.app.post_message(events.Key(*key))
        await self.idle()

    async def idle(self) -> None:
        """Wait until everything is drawn and every row is checked."""
        for _ in range(6):
            await self.pilot.pause(0)
        while not self.screen.checks.complete and self.app.is_running:
            await self.pilot.pause(0.01)
        await self.pilot.pause(0)

    def bar(self, name: str) -> str:
        return str(self.screen.query_one(f"#{name}").render()).strip()

    def lines(self, pane: str) -> list[str]:
        widget = self.screen.query_one(f"#{pane}")
        return [widget.render_line(y).text.rstrip() for y in range(widget.size.height)]

    def preview(self) -> str:
        return "\n".join(line for line in self.lines("preview") if line)

    @property
    def mapping(self) -> Any:
        return self.screen.draft.mapping


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS, encoding="utf-8")
    return path


@contextlib.asynccontextmanager
async def mapper_of(path: Path, size: tuple[int, int] = (100, 30), output: Path | None = None) -> AsyncIterator[Mapper]:
    with path.open("rb") as stream:
        table = open_table(Source(str(path), stream, path))
        mapping, known = initial_mapping(table)
        origin = f"the shipped mapping {known}" if known else "a guess"
        app = MappingApp(MappingScreen(Sample(table), mapping, origin, MappingFile(str(path), output)), Settings())
        async with app.run_test(size=size) as pilot:
            mapper = Mapper(pilot, app)
            await mapper.idle()
            yield mapper


@pytest.mark.parametrize(
    ("size", "pressed"),
    [
        pytest.param((80, 24), [*"jdjjyj"], id="usual"),
        pytest.param((140, 40), [*"jdjjyj", "n", *"dead"], id="roomy-asked"),
        pytest.param((80, 24), [*"jjjjei!"], id="invalid"),
    ],
)
async def test_the_screen_shows_columns_and_what_a_row_becomes(
    table: Path, size: tuple[int, int], pressed: list[str], snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("NO_COLOR", raising=False)
    async with mapper_of(table, size) as mapper:
        await mapper.press(*pressed)
        drawn = screen_as_text(mapper.app)
    assert f"{size[0]}×{size[1]}, dark\n\n{drawn}" == snapshot(extension_class=TextFile)


async def test_it_starts_from_a_guess_and_says_so(table: Path) -> None:
    async with mapper_of(table) as mapper:
        assert "started from a guess" in mapper.bar("detail")
        assert "a guess: all 3 rows can be imported" in mapper.bar("status")
        assert [line[1:3] for line in mapper.lines("columns")[:7]] == ["h ", "f ", "f ", "f ", "f ", "f ", "U "]
        assert "Clash at Brod" in mapper.preview()


async def test_keys_assign_roles_and_the_preview_follows(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press(*"jdjjyjj")
        assert mapper.mapping.document.text == ("Report",)
        assert mapper.mapping.event.type == "Kind of event"
        assert mapper.screen.column == "Actors"
        assert " type   clash" in mapper.preview()
        assert "Twenty-five soldiers" in mapper.preview()
        await mapper.press("J")
        assert " type   shelling" in mapper.preview()
        await mapper.press("]")
        assert " type   event" in mapper.preview()
        await mapper.press("[", "K", "K")
        assert "1 of 3" in str(mapper.screen.preview_pane.border_title)


async def test_a_field_gets_a_name_a_kind_a_group_a_separator_and_evidence(table: Path) -> None:
    async with mapper_of(table, (128, 40)) as mapper:
        await mapper.press(*"jdjjjjn", *"Who fought", "enter", *"gside:1", "enter", *"s,", "enter", "e", "a", "J")
        (field,) = [item for item in mapper.mapping.fields if item.column == "Actors"]
        assert field == MappedField("who_fought", "Actors", "actor", "side:1", separator=",")
        assert "── side 1" in mapper.preview()
        assert " who_fought    Army  not found in the text" in mapper.preview()
        assert " who_fought    Border Guard  not found in the text" in mapper.preview()
        await mapper.press("/")
        assert " who_fought    Border Guard  not found in the text" not in mapper.preview()
        assert "split at ','" in mapper.bar("detail")


async def test_an_invalid_row_is_counted_found_and_explained(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press(*"jjjjei")
        assert "✗ 1 of 3 rows invalid; press ! to see it" in mapper.bar("status")
        await mapper.press("!")
        assert '✗ invalid: column Killed: "dozens" is not a whole number' in " ".join(mapper.preview().split())
        assert "✗ invalid" in str(mapper.screen.preview_pane.border_title)
        await mapper.press("e", "t", "!")
        assert "all 3 rows import cleanly" in mapper.bar("detail")


async def test_undo_and_redo_say_which_change_they_take_back(table: Path) -> None:
    async with mapper_of(table) as mapper:
        first = mapper.mapping
        await mapper.press(*"jd-")
        assert mapper.bar("status").endswith("u undo: Report is ignored")
        await mapper.press("u")
        assert mapper.mapping.document.text == ("Report",)
        assert mapper.bar("detail") == "undone: Report is ignored"
        await mapper.press("u", "u")
        assert mapper.mapping == first
        assert mapper.bar("detail") == "nothing to undo"
        await mapper.press("ctrl+r")
        assert mapper.bar("detail") == "redone: Report is the document text"


async def test_an_invalid_answer_keeps_the_question_open_with_the_reason(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press(*"jjjjn", *"Day", "enter")
        assert mapper.screen.query_one(TextPrompt).display
        assert "Day is already column Day" in mapper.bar("prompt-remark")
        await mapper.press("escape")
        assert not mapper.screen.query_one(TextPrompt).display
        await mapper.press("home", "n")
        assert mapper.bar("detail") == "this column isn't a field; press f to make it one"


async def test_percentages_become_confidences(tmp_path: Path) -> None:
    path = tmp_path / "sure.csv"
    path.write_text("title,sure,surer\nOne,85,0.5\nTwo,7.5,\n", encoding="utf-8")
    async with mapper_of(path) as mapper:
        await mapper.press(*"jc")
        assert " confidence 0.85" in mapper.preview()
        await mapper.press(*"jc")
        assert " confidence 0.5" in mapper.preview()
        assert mapper.bar("status").startswith("not saved  all 2 rows can be imported")


async def test_a_type_for_all_rows_can_be_set(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press("T", *"attack", "enter")
        assert mapper.mapping.event.constant_type == "attack"
        assert " type          attack" in mapper.preview()


async def test_a_second_key_says_which_part_of_a_review_a_column_is(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press(*"jjjrn")
        assert mapper.mapping.review.note == "Kind of event"
        assert "r Kind of event note" in mapper.lines("columns")[3]


async def test_saving_never_overwrites_a_file(table: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(table.parent)
    Path("mapping.toml").write_text("mine", encoding="utf-8")
    async with mapper_of(table) as mapper:
        await mapper.press(*"jdw")
        assert mapper.screen.query_one(TextPrompt).line.value == "mapping-2.toml"
        await mapper.press(*"mapping.toml", "enter")
        assert "already exists" in mapper.bar("prompt-remark")
        assert Path("mapping.toml").read_text(encoding="utf-8") == "mine"
        await mapper.press("ctrl+u", *"other.toml", "enter")
        assert parse_mapping(Path("other.toml").read_text(encoding="utf-8"), "other") == mapper.mapping


async def test_the_requested_file_is_saved_without_a_question(table: Path) -> None:
    output = table.parent / "made.toml"
    async with mapper_of(table, output=output) as mapper:
        await mapper.press(*"jdw")
        assert mapper.bar("status").startswith("saved")
        assert parse_mapping(output.read_text(encoding="utf-8"), "made") == mapper.mapping
        await mapper.press("w")
        assert mapper.bar("detail").startswith("already saved")
        await mapper.press("y")
        assert mapper.bar("status").startswith("not saved")
        await mapper.press("W", "enter")
        assert mapper.app.return_code == 0
        assert parse_mapping((table.parent / "made-2.toml").read_text(encoding="utf-8"), "made") == mapper.mapping


async def test_quitting_asks_first_if_the_mapping_is_not_saved(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.press("q")
        assert mapper.screen.query_one(KeyPrompt).display
        await mapper.press("escape", "j")
        assert mapper.screen.column == "Report"
        assert mapper.app.return_code is None
        await mapper.press("q", "q")
        assert mapper.app.return_code == 0


async def test_the_help_lists_every_key_and_no_key_is_bound_twice(table: Path) -> None:
    pressed = [key for binding in keys.ALL for key in binding.key.split(",")]
    assert len(pressed) == len(set(pressed))
    async with mapper_of(table, size=(100, 60)) as mapper:
        await mapper.press("?")
        await mapper.pilot.pause()
        shown = str(mapper.app.screen.query_one("#help-keys").render())
        expected = [binding for _, bindings in keys.OF_A_TABLE for binding in bindings]
        assert all(binding.description in " ".join(shown.split()) for binding in expected)
        await mapper.press(*"group")
        assert "document text" not in str(mapper.app.screen.query_one("#help-keys").render())
        await mapper.press("escape", "j")
        assert mapper.screen.column == "Report"


async def test_columns_and_keys_can_be_clicked(table: Path) -> None:
    async with mapper_of(table) as mapper:
        await mapper.pilot.click("#columns", offset=(5, 3))
        assert mapper.screen.column == "Day"
        await mapper.pilot.click("#hints", offset=(mapper.bar("hints").index("- ignore") + 3, 0))
        await mapper.idle()
        assert mapper.mapping.ignored == ("Day",)


@pytest.mark.parametrize("size", [(80, 24), (50, 20), (140, 40)])
async def test_hostile_names_and_cells_do_not_change_the_width_of_a_line(tmp_path: Path, size: tuple[int, int]) -> None:
    path = tmp_path / "hostile\x1b[31m.csv"
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream)
        writer.writerow(HOSTILE)
        writer.writerow(["x" * 1_000_000, *HOSTILE[:7], "\n" * 1000])
        writer.writerow(["\x1b]0;title\x07", "", *HOSTILE[2:]])
    async with mapper_of(path, size) as mapper:
        for place in range(len(HOSTILE)):
            await mapper.press("d", "h", "J", "U", "K", "f", "i", "f", *(["j"] if place + 1 < len(HOSTILE) else []))
        await mapper.press("!", "home")
        drawn = screen_as_text(mapper.app)
        assert "\x1b" not in drawn
        assert "\u202e" not in drawn
        for pane in ("columns", "preview"):
            widget = mapper.screen.query_one(f"#{pane}")
            assert {cell_len(widget.render_line(y).text) for y in range(widget.size.height)} == {widget.size.width - 1}
        assert mapper.app.return_code is None


async def test_any_json_objects_can_be_mapped(tmp_path: Path) -> None:
    path = tmp_path / "rows.json"
    deep: Any = "x"
    for _ in range(300):
        deep = [deep]
    path.write_text(
        json.dumps([{"a": {"b": [1, {"c": None}]}, "n": 1.5, "deep": deep, "t": "One"}, {"a": [], "t": "Two"}])
    )
    async with mapper_of(path) as mapper:
        assert [line[3:].split()[0] for line in mapper.lines("columns")[:4]] == ["a", "n", "deep", "t"]
        await mapper.press("end", "h", "home", "f", "J", "!")
        assert "nested more than 100 levels deep" in mapper.preview()


async def test_a_table_without_rows_can_be_mapped(tmp_path: Path) -> None:
    path = tmp_path / "empty.csv"
    path.write_text("title,text,killed\n", encoding="utf-8")
    async with mapper_of(path) as mapper:
        await mapper.press(*"jdJ!jj")
        assert "The table has no rows." in mapper.preview()
        assert "no rows" in mapper.bar("status")


def test_without_a_terminal_the_guess_is_printed(table: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["map", str(table)]) == 0
    out = capfdbinary.readouterr().out.decode()
    assert parse_mapping(out, "out").document.title == ("Headline",)
    assert tomllib.loads(out)["delimiter"] == ";"
    assert main(["map", str(table), "--guess"]) == 0
    assert capfdbinary.readouterr().out.decode() == out


def test_the_guess_is_saved_to_a_new_file_and_the_import_command_printed(
    table: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    output = table.parent / "a mapping.toml"
    assert main(["map", str(table), "--guess", "--output", str(output)]) == 0
    assert capfdbinary.readouterr().out.decode() == f"eventdesk import DB {table} --mapping '{output}'\n"
    assert main(["map", str(table), "--guess", "--output", str(output)]) == 2
    assert capfdbinary.readouterr().err.decode().endswith("already exists; choose another name\n")


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("-", "a mapping can't be made from standard input"),
        ("nowhere.csv", "no such file"),
        (".", "is a folder"),
        ("sqlite:nowhere.db:t", "no such file nowhere.db; write sqlite:FILE:TABLE"),
        ("\0", "can't be read"),
    ],
)
def test_an_error_is_one_line(
    name: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["map", name]) == 2
    told = capsys.readouterr().err
    assert said in told
    assert told.count("\n") == 1
