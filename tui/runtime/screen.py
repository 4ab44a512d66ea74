"""Screens and containers that do no more work for a key than they must, and the actions that all screens have."""

from contextlib import AbstractContextManager, nullcontext
from typing import Protocol, runtime_checkable

from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget

from db.errors import InputError
from tui.config.settings import THEME_NAMES
from tui.runtime.reading_keys import KeyReader


class SingleLayout:
    """Mixin that lays a widget out once when its size changes. Name it before the widget classes.

    Textual requests another layout after each change of ``virtual_size``, for parents that fit their size to their
    content. eventdesk has no such parents, and would paint every question three times. It is not a widget itself,
    because Textual takes the style rules of the first base that is one. No upstream issue known; check on upgrade.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))


@runtime_checkable
class _App(Protocol):
    def toggle_mouse(self) -> bool: ...
    def suspend_to_shell(self) -> str: ...

    @property
    def keys(self) -> KeyReader: ...


@runtime_checkable
class _Lender(Protocol):
    """The part of ``tui.runtime.driver`` that is used here; that module can't be imported on every platform."""

    def lent(self) -> AbstractContextManager[None]: ...


class BaseScreen(Screen[None]):
    """A screen with messages at its foot, and with the actions that all screens have.

    It isn't repainted when the focus moves: the two widgets concerned repaint themselves. Textual repaints all of it.
    No upstream issue known; check on upgrade.
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message in the line above the status until the next key."""
        raise NotImplementedError

    def say_about_keys(self, text: str) -> None:
        """Say something about the keyboard, also while a question is open."""
        self.say(text, "")

    def clear_message(self) -> None:
        """Remove the message when the foot is shown next."""
        raise NotImplementedError

    def edit_text(self, text: str, name: str) -> str:
        """Return a text as the person saved it in an editor, in a file of that name. Raises InputError."""
        if self.app.is_web:
            raise InputError("a browser page can't open an editor; use a terminal")
        from tui.config.editor import edited

        driver = self.app._driver
        with driver.lent() if isinstance(driver, _Lender) else nullcontext():
            return edited(text, name)

    def action_next_theme(self) -> None:
        """Switch to the next theme, until the app ends."""
        names = list(THEME_NAMES)
        name = names[(names.index(self.app.theme) + 1) % len(names)]
        self.app.theme = name
        self.say(f'theme: {name}; to keep it, set theme = "{name}" in the configuration file', "")

    def action_next_layout(self) -> None:
        """Read keys by their position on a keyboard without Latin letters, or as they are typed."""
        assert isinstance(self.app, _App)
        self.say(self.app.keys.next_layout(), "")

    def action_toggle_mouse(self) -> None:
        """Switch the mouse off, so that the terminal selects text itself, or on again."""
        assert isinstance(self.app, _App)
        on = self.app.toggle_mouse()
        self.say("mouse on" if on else "mouse off: select and copy with the terminal; F3 turns it back on", "")

    def action_suspend(self) -> None:
        """Suspend to the shell."""
        assert isinstance(self.app, _App)
        self.clear_message()
        if problem := self.app.suspend_to_shell():
            self.say(problem)
