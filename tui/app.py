"""The reviewer's app: one screen over one file."""

from textual import events
from textual.app import App

from db.review import Review
from tui.screens.review import ReviewScreen
from tui.widgets.prompt import LineInput


class EventdeskApp(App[None]):
    """Opens the review screen on a file that is open already."""

    TITLE = "eventdesk"
    ENABLE_COMMAND_PALETTE = False  # Textual's takes keys that are typed ahead out of order; Asking.command does not
    CSS_PATH = "screens/review.tcss"  # of the app, since Textual reads no style file of an app's first screen

    def __init__(self, review: Review, query: str = "") -> None:
        super().__init__()
        self.review_screen = ReviewScreen(review, query)

    def get_default_screen(self) -> ReviewScreen:
        """The reviewer, at once: a screen pushed over Textual's empty one would be laid out second."""
        return self.review_screen

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
            focused = self.focused
            if isinstance(focused, LineInput) and event.is_printable and event.character:
                focused.insert_typed(event.character)
                return
        await super().on_event(event)
