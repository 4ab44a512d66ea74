"""A screen as text that can be read in a diff: its rows, then the styles that differ from plain text."""

from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

from rich.cells import cell_len
from rich.color import Color
from rich.style import Style
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from textual._context import visible_screen_stack
from textual.app import App
from textual.strip import Strip

_ATTRIBUTES = ("bold", "dim", "italic", "underline", "reverse", "strike", "blink")
_SEEN_ON_BLANKS = {"underline", "reverse", "strike"}


class Look(NamedTuple):
    """The style of a cell."""

    attributes: tuple[str, ...]
    foreground: str
    background: str

    def beside(self, plain: "Look") -> str:
        """Describe the look, without what plain text has too."""
        colours = (("fg", self.foreground, plain.foreground), ("bg", self.background, plain.background))
        return " ".join([*self.attributes, *(f"{name} {own}" for name, own, usual in colours if own != usual)])


def screen_as_text(app: App[None]) -> str:
    """Return the rows of the screen, then lines of ``rows columns look``.

    Rows and columns are counted from 0, columns in cells, as by ``pilot.click``. A look in the same columns of
    adjacent rows is listed once.
    """
    # For screens that show the screens below them; rendering takes them off the list.
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    plain = _look(app.screen_stack[0].rich_style)
    lines_of_looks: list[list[int | str]] = []
    above: dict[tuple[str, str], list[int | str]] = {}
    for number, strip in enumerate(strips):
        here = {}
        for columns, words in _looks(strip, plain):
            line = above.get((columns, words))
            if line is None:
                line = [number, number, columns, words]
                lines_of_looks.append(line)
            line[1] = number
            here[columns, words] = line
        above = here
    lines = [f"{number:>2}│{strip.text}".rstrip() for number, strip in enumerate(strips)]
    lines += ["", f"plain: {plain.foreground} on {plain.background}", ""]
    lines += [f"{_range(first, last):<5} {columns:<7} {words}" for first, last, columns, words in lines_of_looks]
    return "\n".join(lines) + "\n"


def _looks(strip: Strip, plain: Look) -> Iterator[tuple[str, str]]:
    """Yield the columns of a row that differ from plain text, and their look."""
    end = 0
    for look, runs in groupby(_runs(strip, plain), lambda run: run[0]):
        text = "".join(run[1] for run in runs)
        start, end = end, end + cell_len(text)
        if look.background == plain.background and not _SEEN_ON_BLANKS & {*look.attributes}:
            start += len(text) - len(text.lstrip())
            text = text.strip()
        if text and look != plain:
            yield _range(start, start + cell_len(text) - 1), look.beside(plain)


def _runs(strip: Strip, plain: Look) -> Iterator[tuple[Look, str]]:
    """Yield runs of one style; of blanks, only what is visible counts."""
    for look, segments in groupby(strip, lambda segment: _look(segment.style or Style())):
        text = "".join(segment.text for segment in segments)
        blank = text.isspace() and not _SEEN_ON_BLANKS & {*look.attributes}
        yield (Look((), plain.foreground, look.background) if blank else look), text


def _look(style: Style) -> Look:
    attributes = tuple(name for name in _ATTRIBUTES if getattr(style, name))
    return Look(attributes, _colour(style.color), _colour(style.bgcolor))


def _colour(colour: Color | None) -> str:
    """Return #rrggbb, or the name of a colour of the terminal."""
    return "default" if colour is None else colour.triplet.hex if colour.triplet else colour.name


def _range(first: int | str, last: int | str) -> str:
    return f"{first}" if first == last else f"{first}-{last}"


class TextFile(SingleFileSnapshotExtension):
    """One text file for each snapshot."""

    file_extension = "txt"
    _write_mode = WriteMode.TEXT
