"""The content of the reviewer's help screen."""

from tui.config.bindings import SECTIONS
from tui.config.keymap import KeyMap
from tui.text.marks import REASON_KEYS, STATE_MARKS, STATUS_MARKS, words
from tui.widgets.help import HelpSection, key_section


def help_sections(keymap: KeyMap) -> list[HelpSection]:
    """Return the keys of every pane, the marks, and the reasons to reject an event."""
    marks = [(mark, words(status)) for status, mark in STATUS_MARKS.items()]
    marks += [(STATE_MARKS[state], f"field {state}") for state in ("added", "removed")]
    return [
        *(key_section(section.title, section.bindings, keymap) for section in SECTIONS),
        ("Marks of events and fields", marks),
        ("Reasons to reject", [(key, words(reason)) for key, reason in REASON_KEYS.items()]),
    ]
