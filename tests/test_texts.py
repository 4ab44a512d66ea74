"""The list of texts that people read, which docs/texts.py makes."""

import runpy
from pathlib import Path

import pytest

from tui.commands import COMMANDS

SCRIPT = Path(__file__).parents[1] / "docs" / "texts.py"
TEXTS = runpy.run_path(str(SCRIPT))


@pytest.fixture(scope="module")
def texts() -> dict[str, list[str]]:
    """The texts of each file."""
    found: dict[str, list[str]] = {}
    for text in TEXTS["texts"]():
        found.setdefault(text.file, []).append(text.text)
    return found


def test_messages_prompts_keys_and_help_are_in_the_list(texts: dict[str, list[str]]) -> None:
    assert "{path}: already exists; choose another name" in texts["db/io/atomic.py"]
    assert any("this bracket" in text for text in texts["db/query/grammar.py"])
    assert "previous event, from any pane" in texts["tui/config/bindings.py"]
    assert any("field" in text for text in texts["tui/review/questions/fields.py"])
    assert COMMANDS["find"].summary in texts["tui/commands/__init__.py"]
    assert len(texts["db/demo/types.toml"]) > 20


def test_code_is_not_in_the_list(texts: dict[str, list[str]]) -> None:
    for found in texts.values():
        for text in found:
            assert not text.startswith(("SELECT ", "INSERT ", "UPDATE ", "CREATE ")), text


def test_the_help_of_every_command_is_in_the_list() -> None:
    files = {text.file for text in TEXTS["help_texts"]()}
    assert files == {"eventdesk --help", *(f"eventdesk {name} --help" for name in COMMANDS)}
