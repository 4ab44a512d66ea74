"""The base of eventdesk's apps: keys in order, a mouse that can be switched off, suspending, and crashes without texts.

Each override names the upstream issue that it answers. Written for Textual 8.2; check them on upgrade.
"""

import asyncio
from collections import deque
from collections.abc import Mapping
from time import monotonic
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from textual import events
from textual._styles_cache import StylesCache
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.css.scalar import Scalar
from textual.driver import Driver
from textual.filter import Monochrome, NoColor
from textual.geometry import Offset, Region
from textual.message import Message

from db.errors import EventdeskError
from tui.config.bindings import BINDINGS
from tui.config.settings import Settings
from tui.config.themes import THEMES
from tui.runtime import crash
from tui.runtime.reading_keys import KeyReader

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

_MAX_UNPAINTED = 0.04  # seconds without a repaint, however fast keys arrive
_PAINT_ROUNDS = 8  # rounds of the event loop in which the effect of a key is painted: widgets, screen, timer
_ACTIONS_KEPT = 20  # for a crash report


@runtime_checkable
class TextTarget(Protocol):
    """A widget or screen that gets typed characters directly from the app."""

    def insert_typed(self, character: str) -> None:
        """Insert a character."""


@runtime_checkable
class _Terminal(Protocol):
    """The part of ``tui.runtime.driver`` that is used here; that module can't be imported on every platform."""

    def suspend(self) -> bool:
        """Stop until the shell continues the process; return False if there is no shell."""
        ...

    def set_mouse(self, on: bool) -> None:
        """Turn mouse reporting on or off."""


@runtime_checkable
class _MessageScreen(Protocol):
    def say(self, text: str, style: str = "bold") -> None: ...
    def say_about_keys(self, text: str) -> None: ...


class KeyedApp(App[None]):
    """An app with a person's theme, mouse setting and common keys, in which every key is handled before the next."""

    TITLE = "eventdesk"
    ENABLE_COMMAND_PALETTE = False  # Textual's handles keys that are typed ahead out of order

    retrying = False  # while a key is handled again and again, until another process has finished writing
    cancelled_at = 0.0  # when escape cancelled such a key; keys typed before are dropped

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = settings.theme
        if self.no_color:
            # Greys are colours too, and with a theme of the terminal's own colours (Textualize/textual#6513) they
            # become black on black. No upstream issue known.
            self._filters = [NoColor() if isinstance(item, Monochrome) else item for item in self._filters]
        self.set_keymap(settings.keymap.textual())
        self.keys = KeyReader(settings.keymap, settings.layout)
        self._layout_keys = settings.keymap.keys(BINDINGS["app.layout"])
        self._suspend_keys = settings.keymap.keys(BINDINGS["app.suspend"])
        self._mouse_on = settings.mouse
        self._painted_at = 0.0
        self._actions: deque[str] = deque(maxlen=_ACTIONS_KEPT)
        self._keys = 0
        self._started = monotonic()

    # Keys

    async def on_event(self, event: events.Event) -> None:
        """Handle a key completely before the next one.

        Textual posts a key to the focused widget's own queue and continues with the next key. Text typed ahead of enter
        would be inserted after enter was handled, and keys typed ahead of a question would go to the widget that had
        the focus before it. Bindings with priority are handled here, in order; this does the same for characters.
        Textualize/textual#6605; #6631 proposes a part of it. Stays until all keys keep their order upstream.
        """
        if not isinstance(event, events.Key) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._exception is not None:  # nothing more is decided on a screen that may be wrong
            return
        self._keys, event = self._keys + 1, event if event.is_printable else self.keys.read(event)
        if event.key in self._suspend_keys and not event.is_printable:  # even while a question is open
            if (problem := self.suspend_to_shell()) and isinstance(self.screen, _MessageScreen):
                self.screen.say(problem)
            return
        if event.key in self._layout_keys and not event.is_printable and isinstance(self.screen, _MessageScreen):
            self.screen.say_about_keys(self.keys.next_layout())
            return
        if event.key.startswith("alt+") and event.character:
            # A terminal sends escape and a key within a tenth of a second as one key with alt. No binding has alt,
            # so it was these two.
            await self.on_event(events.Key("escape", "\x1b"))
            event = events.Key(event.key.removeprefix("alt+"), event.character)
        await self.handle_key(event)
        if (hint := self.keys.take_hint()) and isinstance(self.screen, _MessageScreen):
            self.screen.say_about_keys(hint)
        await self._allow_paint()

    async def handle_key(self, event: events.Key) -> None:
        """Handle one key: a typed character goes directly to the widget that takes text."""
        if (target := self.text_target(event)) is not None:
            target.insert_typed(event.character or "")
            return
        await super().on_event(self.keys.read(event))

    def text_target(self, event: events.Key) -> TextTarget | None:
        """Return the screen or focused widget in which a key types a character; None if it doesn't."""
        if not event.is_printable or not event.character:
            return None
        target = self.screen if isinstance(self.screen, TextTarget) else self.focused
        return target if isinstance(target, TextTarget) else None

    def post_message(self, message: Message) -> bool:
        """Let escape overtake the keys before it while one of them is retried. Textual's queue has no priorities."""
        if self.retrying and isinstance(message, events.Key) and message.key == "escape":
            self.cancelled_at = message.time
            return True
        return super().post_message(message)

    async def _allow_paint(self) -> None:
        """Let the effect of keys be painted now and then.

        Textual handles the next event as long as there is one, and would paint only after a burst of keys. No upstream
        issue known.
        """
        painted_at = self._painted_at
        if monotonic() - painted_at > _MAX_UNPAINTED:
            for _ in range(_PAINT_ROUNDS):
                await asyncio.sleep(0)
                if self._painted_at != painted_at:
                    break

    def post_display_hook(self) -> None:
        """Note when the screen was painted."""
        self._painted_at = monotonic()

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: "DOMNode | None" = None,
        namespaces: "Mapping[str, DOMNode] | None" = None,
    ) -> bool:
        """Run an action, and note its name for a crash report."""
        self._actions.append(action.partition("(")[0] if isinstance(action, str) else action[1])
        return await super().run_action(action, default_namespace, namespaces)

    # The terminal

    @property
    def cursor_position(self) -> Offset:
        """Where the terminal's invisible cursor goes, for magnifiers and screen readers: the selected line or text."""
        return getattr(self.focused if self._running else None, "cursor_screen_offset", None) or Offset(0, 0)

    @cursor_position.setter
    def cursor_position(self, _: Offset) -> None:
        pass  # Textual's inputs set it, and are asked for it

    def get_driver_class(self) -> type[Driver]:
        """Return our driver for a POSIX terminal or a web page, or Textual's for any other platform."""
        driver = super().get_driver_class()
        if driver.__name__ == "LinuxDriver":
            from tui.runtime.driver import TerminalDriver

            return TerminalDriver
        if driver.__name__ == "WebDriver":
            from tui.runtime.web_driver import PageDriver

            return PageDriver
        return driver

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Keep the focus while the window is in the background.

        Textual removes it, by design (Textualize/textual#4265). A window that starts in the background, such as a
        browser tab, would never get it, and all keys belong to the focused pane.
        """
        event.prevent_default()

    def on_mount(self) -> None:
        """Handle failures in tasks, and switch the mouse off in a browser: Textual's web driver ignores the setting.

        Textualize/textual#6713. The second half can go once that is fixed.
        """
        asyncio.get_running_loop().set_exception_handler(self._failed_in_loop)
        if self.is_web and not self._mouse_on:
            self._mouse_on = True
            self.toggle_mouse()

    def toggle_mouse(self) -> bool:
        """Switch mouse reporting off, so that the terminal selects text itself, or on again; return True for on.

        Textual can't switch it at run time (Textualize/textual#3898, closed).
        """
        self._mouse_on = not self._mouse_on
        if isinstance(self._driver, _Terminal):
            self._driver.set_mouse(self._mouse_on)
        elif self._driver is not None:
            # The modes of Textual's drivers: clicks, drags, all moves, and coordinates beyond 223.
            self._driver.write(
                "".join(f"\x1b[?{mode}{'h' if self._mouse_on else 'l'}" for mode in (1000, 1003, 1015, 1006))
            )
            self._driver.flush()
        return self._mouse_on

    def suspend_to_shell(self) -> str:
        """Give the terminal back to the shell until it continues the process; return why not, if there is none."""
        self._actions.append("suspend")
        if not isinstance(self._driver, _Terminal):
            return "can't suspend: a browser page has no shell; press q to quit"
        self.before_suspending()
        return "" if self._driver.suspend() else "can't suspend: no shell started this window; press q to quit"

    def before_suspending(self) -> None:
        """Do what must be done before the process stops."""

    def on_resize(self) -> None:
        """Forget geometry of the old size, which Textual would keep for ever. No upstream issue known."""
        for function in (*vars(Region).values(), Scalar.resolve):
            if hasattr(function, "cache_clear"):
                function.cache_clear()

    def pop_screen(self) -> AwaitComplete:
        """Close a screen, and release its drawn lines, which a cache holds (Textualize/textual#6665)."""
        StylesCache.get_inner_outer.cache_clear()
        return super().pop_screen()

    # Crashes

    def run(self, **options: Any) -> None:
        """Run until the app ends, and restore the terminal.

        Raises crash.Crash, caused by what went wrong. Raises EventdeskError, and sqlite3.Error for a file that could
        not be used, unchanged.
        """
        with crash.watch_threads(self._failed_in_thread):
            try:
                super().run(**options)
            except Exception as closing:  # an earlier exception is the one that ended the app
                self._exception = self._exception or closing
        error = self._exception
        if isinstance(error, EventdeskError) or (error is not None and crash.is_file_error(error)):
            raise error
        if error is not None:
            raise crash.Crash(self.crash_details()) from error

    def crash_details(self) -> dict[str, object]:
        """Return what a crash report says of the session: numbers and names of actions, never a text."""
        return {
            "size": f"{self.size.width}×{self.size.height}",
            "seconds": int(monotonic() - self._started),
            "keys": self._keys,
            "last actions": " ".join(self._actions),
        }

    def _handle_exception(self, error: Exception) -> None:
        """End the app and leave the rest to ``run``.

        Textual would print the local variables of every function, which hold texts. No upstream issue known.
        """
        self._return_code = crash.EXIT_STATUS
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _failed_in_thread(self, error: BaseException) -> None:
        failure = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._handle_exception, failure)

    def _failed_in_loop(self, _: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Handle an exception of a task or callback that nobody awaits."""
        if isinstance(error := context.get("exception"), Exception):
            self._handle_exception(error)
