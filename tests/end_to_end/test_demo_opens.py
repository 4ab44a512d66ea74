"""The first command on a fresh machine: the demo, on a throw-away copy."""

import sys
from pathlib import Path

import pytest
from support.terminal import Terminal


@pytest.mark.parametrize(("columns", "rows"), [(80, 24), (140, 40), (180, 50)])
def test_the_demo_opens_with_every_pane_and_leaves_nothing_behind(tmp_path: Path, columns: int, rows: int) -> None:
    with Terminal([sys.executable, "-m", "tui"], columns, rows, TMPDIR=str(tmp_path), USER="ana") as terminal:
        shown = ("82 left", "Events 1/82", "Source", "Fields", "Varenia", "date", "2025-10-10", "pending")
        terminal.wait_for(lambda screen: all(text in screen for text in shown))
        assert len(list(tmp_path.iterdir())) == 1
        terminal.press("a", "q")
        assert terminal.wait_exit() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_narrow_terminal_shows_a_pane_at_a_time_as_tabs(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-m", "tui"], 46, 18, TMPDIR=str(tmp_path), USER="ana") as terminal:
        shown = ("82 left", "Events 1/82", "source", "fields", "2025-10-10", "pending")
        terminal.wait_for(lambda screen: all(text in screen for text in shown))
        terminal.press("tab")
        terminal.wait_for("Varenia")
        terminal.press("tab")
        terminal.wait_for("recipient")
        terminal.press("q")
        assert terminal.wait_exit() == 0


def test_the_screen_follows_the_size_of_the_terminal(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-m", "tui"], 140, 40, TMPDIR=str(tmp_path), USER="ana") as terminal:
        terminal.wait_for("82 left")
        terminal.press("l", "e")
        terminal.resize(60, 20)
        screen = terminal.wait_for("cancel")
        assert all(len(line) <= 60 for line in screen.splitlines())
        terminal.press("escape", "h", "q")
        assert terminal.wait_exit() == 0


def test_status_evidence_and_selection_differ_without_colour(tmp_path: Path) -> None:
    with Terminal([sys.executable, "-m", "tui"], 100, 30, TMPDIR=str(tmp_path), NO_COLOR="1", USER="ana") as terminal:
        terminal.wait_for("82 left")
        terminal.press("a", "x", "d", "!", "l")
        terminal.wait_for("79 left")
        terminal.settle(quiet=0.5)
        screen = terminal.text().splitlines()
        assert [line[1] for line in screen[1:4]] == ["✓", "✗", "?"]
        assert screen[4].startswith("▸")
        assert any("▸" in line for line in screen[8:])
        looks = terminal.cells()
        assert any(cell.underscore and not cell.reverse for cell in looks), "evidence is underlined"
        assert any(cell.bold and cell.reverse for cell in looks), "the selected field's evidence is in bold reverse"
        assert "━Fields" in terminal.text(), "the pane with the focus has a heavy edge"
