"""What apps of eventdesk share: keys acted on in their order, the terminal put back, defects told without texts."""

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
from textual.geometry import Region

from db.errors import EventdeskError
from tui.config.bindings import BINDINGS
from tui.config.settings import Settings
from tui.config.themes import THEMES
from tui.runtime import crash
from tui.widgets.line import TypedInto

if TYPE_CHECKING:
    from textual.actions import ActionParseResult
    from textual.dom import DOMNode

_UNPAINTED_AT_MOST = 0.04  # seconds, however fast keys come
_ROUNDS = 8  # of the event loop, within which what a key changed is painted: widgets, screen, timer
_ACTIONS = 20  # that a report of a defect tells


@runtime_checkable
class _Terminal(Protocol):
    """What ``tui.runtime.driver`` has, which not every platform can load."""

    def suspend(self) -> bool:
        """Stop until the shell continues; whether there was one to."""
        ...

    def take_mouse(self, on: bool) -> None:
        """Take the mouse, or leave it to the terminal."""


@runtime_checkable
class Says(Protocol):
    """A screen that can say a line."""

    def say(self, text: str, style: str = "bold") -> None:
        """Say something until the next key."""


class KeyedApp(App[None]):
    """An app with the looks, the mouse and the common keys that a person has set."""

    TITLE = "eventdesk"
    ENABLE_COMMAND_PALETTE = False  # Textual's takes keys that are typed ahead out of order

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        for theme in THEMES.values():
            self.register_theme(theme)
        self.theme = settings.theme
        if self.no_color:
            # Textual's greys are colours too, and of a terminal's own sixteen they make black on black.
            self._filters = [NoColor() if isinstance(item, Monochrome) else item for item in self._filters]
        self.set_keymap(settings.keymap.textual())
        self._suspend_keys = settings.keymap.keys(BINDINGS["app.suspend"])
        self._mouse_on = settings.mouse
        self._painted = 0.0
        self._actions: deque[str] = deque(maxlen=_ACTIONS)
        self._keys = 0
        self._began = monotonic()

    def _told(self) -> dict[str, object]:
        """What a report of a defect tells of the session: numbers, and names of actions; never a text."""
        return {
            "size": f"{self.size.width}×{self.size.height}",
            "seconds": int(monotonic() - self._began),
            "keys": self._keys,
            "last actions": " ".join(self._actions),
        }

    async def act_on(self, event: events.Key) -> None:
        """Act on one key: a typed character goes to what takes text, at once."""
        taker = self.screen if isinstance(self.screen, TypedInto) else self.focused
        if isinstance(taker, TypedInto) and event.is_printable and event.character:
            taker.insert_typed(event.character)
            return
        await super().on_event(event)

    def before_suspending(self) -> None:
        """Do what has to be done before the process stops."""

    def on_app_blur(self, event: events.AppBlur) -> None:
        """Keep the focus where it is while the window is not in front.

        Textual would take it from the pane and give it back later; a window that is not in front at the start, as a
        browser's page, would never have it, and all keys are a pane's.
        """
        event.prevent_default()

    def get_driver_class(self) -> type[Driver]:
        """Ours in place of Textual's for a terminal of POSIX and for a page; else Textual's for this platform."""
        found = super().get_driver_class()
        if found.__name__ == "LinuxDriver":
            from tui.runtime.driver import TerminalDriver

            return TerminalDriver
        if found.__name__ == "WebDriver":
            from tui.runtime.web_driver import PageDriver

            return PageDriver
        return found

    def run(self, **options: Any) -> None:
        """Run until the end, and put the terminal back.

        Raises crash.Defect where something unexpected ended it, caused by that; EventdeskError, and sqlite3.Error for a
        file that could not be used, as they are.
        """
        with crash.told_of_threads(self._failed_elsewhere):
            try:
                super().run(**options)
            except Exception as closing:  # what came before is what ended it
                self._exception = self._exception or closing
        error = self._exception
        if isinstance(error, EventdeskError) or (error is not None and crash.is_of_file(error)):
            raise error
        if error is not None:
            raise crash.Defect(self._told()) from error

    def _handle_exception(self, error: Exception) -> None:
        """End, and leave the rest to ``run``. Textual would print the locals of every function, which hold texts."""
        self._return_code = crash.SOFTWARE
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        self._close_messages_no_wait()

    def _failed_elsewhere(self, error: BaseException) -> None:
        """Something failed in a thread."""
        failure = error if isinstance(error, Exception) else RuntimeError(type(error).__name__)
        if self._loop is not None:
            self._loop.call_soon_threadsafe(self._handle_exception, failure)

    def _failed_in_loop(self, _: asyncio.AbstractEventLoop, context: Mapping[str, Any]) -> None:
        """Something failed in a task or a callback whose end nobody waits for."""
        if isinstance(error := context.get("exception"), Exception):
            self._handle_exception(error)

    def on_mount(self) -> None:
        """Leave the mouse alone in a browser too, where that is set: the driver there takes it whatever it is told."""
        asyncio.get_running_loop().set_exception_handler(self._failed_in_loop)
        if self.is_web and not self._mouse_on:
            self._mouse_on = True
            self.toggle_mouse()

    def toggle_mouse(self) -> bool:
        """Leave the mouse to the terminal, or take it again; whether it is taken now."""
        self._mouse_on = not self._mouse_on
        if isinstance(self._driver, _Terminal):
            self._driver.take_mouse(self._mouse_on)
        elif self._driver is not None:
            # As Textual's driver does it at start and end: clicks, moves, any move, and coordinates beyond 223.
            self._driver.write(
                "".join(f"\x1b[?{mode}{'h' if self._mouse_on else 'l'}" for mode in (1000, 1003, 1015, 1006))
            )
            self._driver.flush()
        return self._mouse_on

    def on_resize(self) -> None:
        """Forget what Textual has worked out of places in another size, and would keep: ten thousands of them."""
        for function in (*vars(Region).values(), Scalar.resolve):
            if hasattr(function, "cache_clear"):
                function.cache_clear()

    def pop_screen(self) -> AwaitComplete:
        """Leave a screen, and what was drawn of it: Textual remembers colours by an object that holds every line."""
        StylesCache.get_inner_outer.cache_clear()
        return super().pop_screen()

    def suspend_to_shell(self) -> str:
        """Give the terminal back to the shell until it continues; why not, where there is none."""
        self._actions.append("suspend")
        if not isinstance(self._driver, _Terminal):
            return "a page in a browser has no shell to go back to; q quits"
        self.before_suspending()
        return "" if self._driver.suspend() else "no shell waits for this window; q quits"

    async def run_action(
        self,
        action: "str | ActionParseResult",
        default_namespace: "DOMNode | None" = None,
        namespaces: "Mapping[str, DOMNode] | None" = None,
    ) -> bool:
        """Act, and note the action's name for a report."""
        self._actions.append(action.partition("(")[0] if isinstance(action, str) else action[1])
        return await super().run_action(action, default_namespace, namespaces)

    async def on_event(self, event: events.Event) -> None:
        """Act on a typed character at once.

        Textual hands a key to the focused widget's own queue and goes on to the next key. Characters typed ahead of
        enter would then be inserted after enter was acted on, and keys typed ahead of a question go to what had the
        focus before it. Bindings with priority are acted on here, in order; this does the same for characters.
        """
        if isinstance(event, events.Key) and not event.is_forwarded:
            if self._exception is not None:  # nothing is decided any more on a screen that may be wrong
                return
            self._keys += 1
            if event.key in self._suspend_keys and not event.is_printable:  # whatever is asked
                if (why := self.suspend_to_shell()) and isinstance(self.screen, Says):
                    self.screen.say(why)
                return
            if event.key.startswith("alt+") and event.character:
                # Escape and a key within a tenth of a second reach a terminal's program as one alt key. No key of
                # ours has alt, so it was these two.
                await self.on_event(events.Key("escape", "\x1b"))
                event = events.Key(event.key.removeprefix("alt+"), event.character)
            await self.act_on(event)
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
