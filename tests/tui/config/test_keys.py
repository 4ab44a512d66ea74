"""The keys: every one does something, none is bound twice in a pane, and docs/keys.md lists them all."""

import runpy
from pathlib import Path

from textual.keys import _character_to_key

from tui.config import bindings as keys
from tui.config.keymap import KeyMap, key_name
from tui.review.foot import hints
from tui.review.lookup import LookupScreen
from tui.review.screen import ReviewScreen
from tui.widgets.select import SelectPrompt

ROOT = Path(__file__).parents[3]


def test_every_binding_has_an_id_of_its_own_and_an_action_that_is_there() -> None:
    bindings = [binding for section in keys.SECTIONS for binding in section.bindings]
    ids = [binding.id for binding in bindings]
    assert None not in ids
    assert len(set(ids)) == len(ids)
    for binding in bindings:
        name = binding.action.removeprefix("screen.").partition("(")[0]
        targets = (ReviewScreen, LookupScreen) if binding.action.startswith("screen.") else (SelectPrompt,)
        assert any(hasattr(target, f"action_{name}") for target in targets), binding.id


def test_no_key_means_two_things_in_one_pane() -> None:
    for scope in keys.SCOPES.values():
        pressed = [key for binding in scope for key in binding.key.split(",")]
        assert sorted(pressed) == sorted(set(pressed))


def test_keys_have_the_names_that_textual_gives_them() -> None:
    for character in map(chr, range(0x3000)):
        assert key_name(character) == _character_to_key(character)


def test_the_contracts_keys_are_bound() -> None:
    everywhere = {key for binding in keys.EVERYWHERE for key in binding.key.split(",")}
    assert {"a", "x", "exclamation_mark", "space", "o", "n", "u", "ctrl+r", "slash", "colon", "ctrl+p", "question_mark",
            "f", "v", "N", "full_stop", "d", "q", "tab", "shift+tab", "ctrl+d", "ctrl+u"} <= everywhere  # fmt: skip
    queue = {key for binding in keys.QUEUE for key in binding.key.split(",")}
    assert {"j", "k", "down", "up", "g", "G", "l", "enter"} <= queue
    fields = {key for binding in keys.FIELDS for key in binding.key.split(",")}
    assert {"enter", "h", "escape"} <= fields


def test_the_line_of_hints_names_keys_that_there_are() -> None:
    for pane, ids in keys.PANE_HINTS.items():
        assert all(keys.WORDS[id_] in hints(pane, KeyMap(), width=200).plain for id_ in ids)


def test_a_narrow_line_of_hints_keeps_help_and_leaves_out_whole_hints() -> None:
    for width in (80, 50, 20):
        told = hints("queue", KeyMap(), width).plain
        assert len(told) <= width
        assert told.endswith("? keys  q quit")


def test_the_page_of_keys_is_made_from_the_bindings() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "keys.py"))
    page = (ROOT / "docs" / "keys.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run `uv run python docs/keys.py`"
