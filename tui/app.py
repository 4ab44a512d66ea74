"""The reviewer's app: one screen over one file."""

import asyncio
from time import monotonic

from textual import events
from textual.app import App
from textual.filter import Monochrome, NoColor

from db.review import Review
from tui.screens.desk import Desk
from tui.screens.review import ReviewScreen
from tui.settings import Settings
from tui.themes import THEMES
from tui.widgets.line import TypedInto

_UNPAINTED_AT_MOST = 0.04  # seconds, however fast keys come
_ROUNDS = 8  # of the event loop, within which what a key changed is painted: widgets, screen, timer


class EventdeskApp(App[None]):
    """Opens the review screen on a file that is open already."""

    TITLE = "eventdesk"
    ENABLE_COMMAND_PALETTE = False  # Textual's takes keys that are typed ahead out of order; Asking.command does not
    CSS_PATH = "screens/review.tcss"  # of the app, since Textual reads no style file of an app's first screen

    def __init__(self, review: Review, query: str = "", settings: Settings | None = None) -> None:
        super().__init__()
        self._settings = settings or Settings()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = self._settings.theme
        if self.no_color:
            # Textual's greys are colours too, and of a terminal's own sixteen they make black on black.
            self._filters = [NoColor() if isinstance(item, Monochrome) else item for item in self._filters]
        self.set_keymap(self._settings.keymap.textual())
        self._mouse_on = self._settings.mouse
        self._painted = 0.0
        self.review_screen = ReviewScreen(review, query, self._settings)

    def get_default_screen(self) -> ReviewScreen:
        """The reviewer, at once: a screen pushed over Textual's empty one would be laid out second."""
        return self.review_screen

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Keep the focus where it is while the window is not in front.

        Textual would take it from the pane and give it back later; a window that is not in front at the start, as a
        browser's page, would never have it, and all keys are a pane's.
        """
        event.prevent_default()

    def on_mount(self) -> None:
        """Leave the mouse alone in a browser too, where that is set: the driver there takes it whatever it is told."""
        if self.is_web and not self._mouse_on:
            self._mouse_on = True
            self.toggle_mouse()

    def toggle_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it again; whether it is taken now."""
        self._mouse_on = not self._mouse_on
        if self._driver is not None:
            # As Textual's driver does it at start and end: clicks, moves, any move, and coordinates beyond 223.
            self._driver.write(
                "".join(f"\x1b[?{mode}{'h' if self._mouse_on else 'l'}" for mode in (1000, 1003, 1015, 1006))
            )
            self._driver.flush()
        return self._mouse_on

    async def on_event(self, event: events.Event) -> None:
        """Act on a typed character at once.

        Textual hands a key to the focused widget's own queue and goes on to the next key. Characters typed ahead of
        enter would then be inserted after enter was acted on, and keys typed ahead of a question go to what had the
        focus before it. Bindings with priority are acted on here, in order; this does the same for characters.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            if event.key.startswith("alt+") and event.character:
                # Escape and a key within a tenth of a second reach a terminal's program as one alt key. No key of
                # ours has alt, so it was these two.
                await self.on_event(events.Key("escape", "\x1b"))
                event = events.Key(event.key.removeprefix("alt+"), event.character)
            taker = self.focused if isinstance(self.screen, Desk) else self.screen
            if isinstance(taker, TypedInto) and event.is_printable and event.character:
                taker.insert_typed(event.character)
            else:
                await super().on_event(event)
            await self._let_paint()
            return
        await super().on_event(event)

    async def _let_paint(self) -> None:
        """Let what keys changed be painted from time to time.

        Textual goes on to the next event as long as there is one, and would paint once a burst of keys is over.
        """
        painted = self._painted
        if monotonic() - painted > _UNPAINTED_AT_MOST:
            for _ in range(_ROUNDS):
                await asyncio.sleep(0)
                if self._painted != painted:
                    break

    def post_display_hook(self) -> None:
        """Note when the screen was painted."""
        self._painted = monotonic()
