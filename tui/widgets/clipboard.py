"""Copying to the terminal's clipboard by OSC 52, which works through ssh and tmux, and to the platform's."""

import contextlib

from textual.app import App

from tui.text.safe import safe


def copy(app: App[None], text: str) -> None:
    """Copy a text. Control characters, which could run commands when pasted into a shell, become visible symbols."""
    harmless = safe(text, keep_newlines=True)
    app.copy_to_clipboard(harmless)
    if app.is_web:  # the browser has the text; a clipboard program started here would keep the page open
        return
    import pyperclip

    with contextlib.suppress(pyperclip.PyperclipException):
        pyperclip.copy(harmless)
