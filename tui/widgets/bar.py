"""A line at the foot of the screen."""

from rich.style import Style as RichStyle
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

from tui.text.safe import measured


class PlainLinks:
    """What is mixed into a widget with clickable content that looks like the rest of it."""

    link_style = RichStyle.null()
    link_style_hover = RichStyle(underline=True)


def clickable(content: Content, action: str) -> Content:
    """Content that runs an action when it is clicked. Never of text from outside: an action is a name of ours."""
    return content.stylize(Style.from_meta({"@click": action}))


def fitted(content: Content) -> Content:
    """Content of safe text, which Textual measures as the terminal does."""
    text = measured(content.plain)
    return content if text == content.plain else Content(text, list(content.spans))


class Hint(Widget):
    """A few lines for beginners."""

    DEFAULT_CSS = """
    Hint { height: auto; display: none; border-top: solid $foreground 40%; }
    """

    def __init__(self, id: str, content: Content) -> None:
        super().__init__(id=id)
        self._content = content

    def render(self) -> Content:
        """The lines."""
        return self._content


class Bar(PlainLinks, Widget):
    """One line of content. Showing another never re-lays-out the screen, as a Static does."""

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
        """Show this from the next paint on."""
        content = fitted(content)
        if content != self._content:
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """The line."""
        return self._content
