"""HTML as readable text: the main text of a page, or its text without tags, with the place of each character."""

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from db.errors import InputError

_PIECE = re.compile(r"(&(?:\#[0-9]{1,7}|\#[xX][0-9a-fA-F]{1,6}|[a-zA-Z][a-zA-Z0-9]{1,31});?)|(\s+)|([^<&\s]+|&)|(<)")
_TAG = re.compile(r"<(/?)([a-zA-Z][\w:-]*)")
_TAG_END = re.compile(r"(?:\"[^\"]*\"|'[^']*'|[^>\"'])*>")
_LONGEST_TAG = 1000  # characters in which a > within quotes does not end a tag
_SKIPPED = re.compile(r"script|style|noscript|template|head|svg|iframe|title")
_PARAGRAPHS = frozenset(
    "p div pre article section h1 h2 h3 h4 h5 h6 table ul ol blockquote figure main header footer".split()
)
_LINES = frozenset("br li tr dt dd hr option figcaption".split())


@dataclass(frozen=True, slots=True)
class Readable:
    """A readable text. begins, ends: where each of its characters is in the HTML; empty if that is unknown.

    tags: where tags, comments and scripts are.
    """

    text: str
    begins: tuple[int, ...] = ()
    ends: tuple[int, ...] = ()
    tags: tuple[tuple[int, int], ...] = ()

    def span(self, start: int, end: int) -> tuple[int, int] | None:
        """Return the span of the readable text that a span of the HTML is; None if it begins or ends inside a tag.

        Tags and white space around the text that it holds are left out.
        """
        if not 0 <= start < end or not self.begins or self._is_in_tag(start) or self._is_in_tag(end):
            return None
        first = bisect_right(self.ends, start)  # the first character that ends after the start
        last = bisect_right(self.begins, end - 1) - 1  # the last one that begins before the end
        while first <= last and self.text[first].isspace():
            first += 1
        while first <= last and self.text[last].isspace():
            last -= 1
        return (first, last + 1) if first <= last else None

    def _is_in_tag(self, offset: int) -> bool:
        at = bisect_right(self.tags, (offset,)) - 1
        return at >= 0 and self.tags[at][0] < offset < self.tags[at][1]


def main_text(markup: str) -> Readable:
    """Return the main text of a page, if the extra ``html`` is installed and finds one; else its text without tags."""
    from db.formats.shared.pages import document_of_page

    try:
        document, _ = document_of_page(markup.encode(errors="replace"), "")
    except InputError:
        return without_tags(markup)
    return Readable(document["text"])


def without_tags(markup: str) -> Readable:
    """Return the text of HTML without its tags, scripts and styles; entities are characters, blocks paragraphs."""
    characters: list[str] = []
    begins: list[int] = []
    ends: list[int] = []
    tags: list[tuple[int, int]] = []
    waiting, at, kept = "", 0, 0  # the white space before the next character, and where it begins; in <pre> if kept

    def add(text: str, start: int, end: int, each: bool) -> None:
        nonlocal waiting
        if waiting and characters:
            for sign in waiting:
                characters.append(sign)
                begins.append(at)
                ends.append(start)
        waiting = ""
        for number, sign in enumerate(text):
            characters.append(sign)
            begins.append(start + number if each else start)
            ends.append(start + number + 1 if each else end)

    for start, end, what, text in _pieces(markup):
        if what == "text":
            add(text, start, end, each=True)
        elif what == "entity":
            add(html.unescape(text), start, end, each=False)
        elif what == "space":
            if kept:
                add(text, start, end, each=True)
            elif not waiting:
                waiting, at = " ", start
        else:
            tags.append((start, end))
            closing, name = text.startswith("/"), text.removeprefix("/")
            if name == "pre":
                kept = max(0, kept + (-1 if closing else 1))
            if name in _PARAGRAPHS:
                waiting, at = "\n\n", at if waiting else start
            elif name in _LINES and waiting != "\n\n" and not (closing and name != "br"):
                waiting, at = "\n", at if waiting else start
            elif name in ("td", "th") and not waiting:
                waiting, at = " ", start
    return Readable("".join(characters), tuple(begins), tuple(ends), tuple(tags))


def _pieces(markup: str) -> Iterator[tuple[int, int, Literal["text", "entity", "space", "tag"], str]]:
    """Yield the pieces of HTML with their places: texts, entities, white space, and tags by their lower-case names.

    Comments, and elements whose content no one reads, such as scripts, are one tag. The time is linear.
    """
    at, bracket = 0, -1
    while at < len(markup):
        match = _PIECE.match(markup, at)
        assert match is not None
        entity, space, _, opening = match.groups()
        if opening is None:
            yield at, match.end(), "entity" if entity else "space" if space else "text", match[0]
            at = match.end()
            continue
        bracket = markup.find(">", at) if bracket < at and bracket != len(markup) else bracket
        bracket = len(markup) if bracket < 0 else bracket
        tag = _TAG.match(markup, at)
        if markup.startswith("<!--", at):
            found = markup.find("-->", at)
            end, name = (found + 3 if found >= 0 else len(markup)), ""
        elif bracket < len(markup) and (tag or markup[at + 1 : at + 2] in ("!", "?", "/")):
            closed = _TAG_END.match(markup, at + 1, at + _LONGEST_TAG) if tag else None
            end = closed.end() if closed else bracket + 1
            name = tag[1] + tag[2].lower() if tag else ""
            if _SKIPPED.fullmatch(name) and not markup.endswith("/>", at, end):
                closing = re.compile(rf"</{name}\b[^>]*>?", re.IGNORECASE).search(markup, end)
                end = closing.end() if closing else len(markup)
        else:
            yield at, at + 1, "text", "<"
            at += 1
            continue
        yield at, end, "tag", name
        at = end
