"""The clipboard: the terminal's by OSC 52, which works through ssh and tmux, and the platform's where it has one."""

import contextlib

from textual.app import App

from tui.text.safe import safe


def copy(app: App[None], text: str) -> None:
    """Copy a text; control characters, which a shell could run when it is pasted, are shown as characters instead."""
    harmless = safe(text, keep_newlines=True)
    app.copy_to_clipboard(harmless)
    if app.is_web:  # the browser has it; a program started here would be in nobody's clipboard and hold the page open
        return
    import pyperclip

    with contextlib.suppress(pyperclip.PyperclipException):
        pyperclip.copy(harmless)
