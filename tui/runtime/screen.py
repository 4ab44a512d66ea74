"""Screens and containers that do no more work for a key than they must."""

from textual.geometry import Size
from textual.reactive import Reactive
from textual.screen import Screen
from textual.widget import Widget


class SingleLayout:
    """Mixin that lays a widget out once when its size changes. Name it before the widget classes.

    Textual requests another layout after each change of ``virtual_size``, for parents that fit their size to their
    content. eventdesk has no such parents, and would paint every question three times. It is not a widget itself,
    because Textual takes the style rules of the first base that is one. No upstream issue known; check on upgrade.
    """

    virtual_size: Reactive[Size] = Reactive(Size(0, 0))


class BaseScreen(Screen[None]):
    """A screen that isn't repainted when the focus moves: the two widgets concerned repaint themselves.

    Textual repaints all of it. No upstream issue known; check on upgrade.
    """

    focused: Reactive[Widget | None] = Reactive(None, repaint=False)
