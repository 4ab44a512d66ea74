"""Documents as the source pane shows them: made safe, wrapped to a width, and cached."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from textual.strip import Strip

from db.model import Document
from tui.text.safe import safe
from tui.text.wrapping import wrap, wrap_in_pieces

_LAYOUTS_KEPT = 24
_DRAWN_KEPT = 6  # with drawn lines, which take far more memory than the text
_CHARACTERS_KEPT = 6_000_000  # in all layouts; about 60 MB with their lines


@dataclass(slots=True)
class Layout:
    """A document in lines. ``strips`` holds drawn lines by what they show."""

    document: Document | None
    width: int
    text: str = ""
    head: list[tuple[str, str]] = field(default_factory=list)
    lines: list[tuple[int, int]] = field(default_factory=list)
    strips: dict[object, Strip] = field(default_factory=dict)


class Layouts:
    """The layouts of the documents shown last and of those that may be next."""

    def __init__(self) -> None:
        self._kept: dict[tuple[int, int], Layout] = {}  # by document and width, the last used at the end

    def of(self, document: Document | None, width: int) -> Layout:
        """Return the layout of a document, made now if necessary."""
        if document is None or width <= 0:
            return Layout(document, width, safe(document.source, keep_newlines=True) if document else "")
        kept = self._known(document, width)
        if kept is None:
            for _ in self.prepare(document, width):
                pass
            kept = self._kept[document.id, width]
        self._kept[document.id, width] = self._kept.pop((document.id, width))
        for layout in list(self._kept.values())[:-_DRAWN_KEPT]:
            layout.strips.clear()
        return kept

    def prepare(self, document: Document, width: int) -> Iterator[None]:
        """Make a layout in small steps, between which the caller can stop."""
        if width <= 0 or self._known(document, width) is not None:
            return
        layout = Layout(document, width, safe(document.source, keep_newlines=True), _head(document, width))
        yield
        for piece in wrap_in_pieces(layout.text, width):
            layout.lines += piece
            yield
        self._kept[document.id, width] = layout
        self._forget()

    def forget_strips(self) -> None:
        """Discard all drawn lines, for another theme."""
        for layout in self._kept.values():
            layout.strips.clear()

    def _known(self, document: Document, width: int) -> Layout | None:
        kept = self._kept.get((document.id, width))
        return kept if kept is not None and kept.document == document else None

    def _forget(self) -> None:
        while len(self._kept) > 3 and (
            len(self._kept) > _LAYOUTS_KEPT
            or sum(len(layout.text) for layout in self._kept.values()) > _CHARACTERS_KEPT
        ):
            del self._kept[next(iter(self._kept))]


def _head(document: Document, width: int) -> list[tuple[str, str]]:
    lines = []
    if document.text is not None and document.title:
        title = safe(document.title)
        lines += [(title[start:end], "source--title") for start, end in wrap(title, width)]
    about = (document.publisher, document.published, document.language, document.external_id)
    described = safe(" · ".join(part for part in about if part))
    lines += [(described[start:end], "source--dim") for start, end in wrap(described, width)]
    return [*lines, ("", "source--dim")]
