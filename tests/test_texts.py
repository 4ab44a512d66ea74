"""The list of texts that people read, which docs/texts.py makes."""

import re
import runpy
from pathlib import Path

import pytest

from tui.commands import COMMANDS

SCRIPT = Path(__file__).parents[1] / "docs" / "texts.py"
TEXTS = runpy.run_path(str(SCRIPT))
NOT_PLAIN = re.compile(
    r"\bstands?\b|\btold\b|\btells?\b|\bbe had\b|\b(is|are) none:|\bno good\b|\blook(s|ed|ing)? (again|for|through)\b"
    r"|\bsomebody\b|\btaken? (over|in|back|without)\b|\bWhether\b|\bby itself\b|\bwhat there is\b|\bmend(s|ed)?\b"
    r"|\boverwrites no\b|\bin the place of\b"
)
"""Words that a reader stumbles over; say save, match, search, reject, again later, someone, by default …"""


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


def test_no_text_uses_words_that_are_not_plain_english(texts: dict[str, list[str]]) -> None:
    every = [(file, text) for file, found in texts.items() for text in found]
    every += [(text.file, text.text) for text in TEXTS["help_texts"]()]
    # What is in braces is code, filled in when the text is shown.
    found = [f"{file}: {text}" for file, text in every if NOT_PLAIN.search(re.sub(r"\{[^{}]*\}", "", text))]
    assert found == []
