"""What a start does not wait for: modules that are not needed for the first screen."""

import subprocess
import sys
from pathlib import Path

import pytest
from support.builders import ARTICLE, import_documents

from db.store.connection import open_file

# What each would cost before the first screen, on the machine where it was measured: dateparser and unicode_rbnf 60 ms
# and more, sqlite_utils 80, Markdown 40, a table of rich 10; a module of standard library some milliseconds.
LATER = (
    "aiohttp", "csv", "dateparser", "db.exporting", "db.importing.importing", "db.io.network",
    "db.maintenance.backups", "db.maintenance.check", "db.maintenance.compare", "db.maintenance.copying",
    "db.maintenance.repair", "db.maintenance.restore", "db.maintenance.salvage", "db.native", "db.query.completing",
    "db.query.related", "db.store.migrations", "db.suggest.candidates", "db.suggest.similar", "db.text.evidence",
    "email", "http", "importlib.metadata", "markdown_it", "unicode_rbnf", "pygments", "pyperclip", "regex",
    "rich.markdown", "rich.progress", "sqlite_utils", "textual.widgets._data_table", "textual.widgets._markdown",
    "textual.widgets._text_area", "textual_serve", "tomli_w", "tree_sitter", "tui.commands.maintenance",
    "tui.commands.lookup", "tui.commands.transfer", "tui.review.lookup", "tui.review.questions.events",
    "tui.review.questions.fields", "tui.review.questions.picking", "tui.review.questions.selecting",
    "tui.serve.site", "tui.text.hints", "tui.text.motions", "tui.widgets.help", "tui.widgets.note", "unittest",
    "xml",
)  # fmt: skip

_FIRST_SCREEN = """
import asyncio, sys
import tui.cli
from tui.commands import review as command
from tui.review import screen as reviewing

reviewing._WARM_UP_AFTER = reviewing._QUESTIONS_AFTER = 3600

async def show(app):
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.review_screen.session.event is not None
        print("\\n".join(sys.modules))

connection = command.open_with_backup(sys.argv[1])
from tui.review.app import EventdeskApp
asyncio.run(show(EventdeskApp(command.Review(connection, "ana"), "", command.read_settings())))
"""


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """The modules that are loaded when the first screen is there."""
    path = tmp_path_factory.mktemp("start") / "events.db"
    connection = open_file(path, create=True)
    import_documents(connection, ARTICLE)
    connection.close()
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", _FIRST_SCREEN, str(path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


@pytest.mark.parametrize("module", LATER)
def test_the_first_screen_does_not_wait_for(loaded: set[str], module: str) -> None:
    assert module not in loaded
    assert "tui.review.screen" in loaded
