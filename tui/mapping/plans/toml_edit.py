"""Editing a mapping or a plan as TOML: a text with a mistake is kept, and opened again with the reason above it."""

from collections.abc import Callable
from dataclasses import dataclass

from db.errors import InputError
from tui.config.editor import EditorError

_MARK = "#! "  # begins the lines with the reason, which are no part of the text


@dataclass(slots=True)
class TomlEdit:
    """unfinished: the text that could not be read, if there is one, with the reason above it."""

    unfinished: str = ""

    def run(self, current: str, edit: Callable[[str], str], read: Callable[[str], None]) -> str | None:
        """Edit the current text, or the unfinished one, and read what was saved. Return what to say, if anything.

        edit: returns a text as it was saved; read: uses it. Both raise InputError.
        """
        before = self.unfinished or current
        try:
            saved = edit(before)
        except EditorError as error:
            self.unfinished = error.text or self.unfinished
            return f"{error}; {'t opens your text again, u drops it' if error.text else 'nothing was changed'}"
        except InputError as error:
            return str(error)
        text = "".join(line for line in saved.splitlines(keepends=True) if not line.startswith(_MARK))
        if text == current:
            self.unfinished = ""
            return "nothing was changed"
        try:
            read(text)
        except InputError as error:
            reason = " ".join(str(error).split())
            self.unfinished = f"{_MARK}{reason}\n{text}"
            return f"not used: {reason}; t opens your text again, u drops it"
        self.unfinished = ""
        return None
