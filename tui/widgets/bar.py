"""Lines at the foot of the screen."""

from rich.style import Style as RichStyle
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.text.safe import measured

_LONGEST = 4_000  # characters of one line: more than any terminal shows, and Textual measures each of them


class PlainLinks:
    """Mixin for widgets whose clickable content looks like the rest until the mouse is over it."""

    link_style = RichStyle.null()
    link_style_hover = RichStyle(underline=True)


def clickable(content: Content, action: str) -> Content:
    """Return content that runs an action on a click. The action must never come from outside text."""
    return content.stylize(Style.from_meta({"@click": action}))


def fitted(content: Content) -> Content:
    """Return content of safe text in the form that Textual measures as terminals do."""
    text = measured(content.plain)
    return content if text == content.plain else Content(text, list(content.spans))


class Hint(Widget):
    """A few lines for beginners, hidden until shown."""

    DEFAULT_CSS = """
    Hint { height: auto; display: none; border-top: solid $foreground 40%; }
    """

    def __init__(self, id: str, content: Content) -> None:
        super().__init__(id=id)
        self._content = content

    def render(self) -> Content:
        """Return the lines."""
        return self._content


class Bar(PlainLinks, Widget):
    """One line of content. Unlike a Static, showing another never lays the screen out again."""

    DEFAULT_CSS = """
    Bar {
        height: 1;
        text-wrap: nowrap;
        text-overflow: ellipsis;
    }
    """

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._content = Content("")

    def show(self, content: Content) -> None:
        """Show this content at the next paint."""
        content = fitted(content[:_LONGEST])
        if content != self._content:
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """Return the line."""
        return self._content
