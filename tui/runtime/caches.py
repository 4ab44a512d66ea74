"""Emptying caches that Textual would fill without end."""

from textual._styles_cache import StylesCache
from textual.css.scalar import Scalar
from textual.geometry import Region


def clear_geometry() -> None:
    """Forget geometry that was computed for another screen size.

    Textual keeps tens of thousands of regions of sizes that never come back. No upstream issue known; check on upgrade.
    """
    for function in (*vars(Region).values(), Scalar.resolve):
        if hasattr(function, "cache_clear"):
            function.cache_clear()


def clear_drawn_lines() -> None:
    """Release the drawn lines of closed screens, which this method's cache holds through ``self``.

    Textualize/textual#6665. Can go once that is fixed.
    """
    StylesCache.get_inner_outer.cache_clear()
