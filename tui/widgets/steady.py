"""Widgets whose size does not lay the screen out a second time."""

from textual.geometry import Size
from textual.reactive import Reactive
from textual.scrollbar import ScrollBar


class Steady:
    """What is mixed into a widget that is laid out once when it gets another size.

    Textual's own asks for another layout then, which is for parents that fit themselves to what they hold. Here none
    does, and every question would be painted three times. Named first among the bases; no widget itself, since Textual
    takes the style rules of the first base that is one.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))


class SteadyBar(Steady, ScrollBar):
    """A scroll bar likewise."""
