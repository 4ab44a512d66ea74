"""Finds the text that a task of Label Studio is about: plain, of HTML, or of a dialogue."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Literal

from db.formats.shared.offsets import OffsetMap

Json = dict[str, Any]

_USUAL = ("text", "body", "content", "article", "document", "html", "dialogue", "paragraphs", "conversation")
_LINK = re.compile(r"(?:https?|s3|gs|azure-blob|ftp|file|blob):\S*|data:\w+/\S*|/data/\S*|<HOSTNAME>\S*", re.IGNORECASE)
_FILE = re.compile(
    r"\S+\.(?:png|jpe?g|gif|bmp|svg|webp|tiff?|mp3|wav|flac|ogg|m4a|aac|mp4|webm|avi|mov|mkv|pdf|csv|tsv|txt|json|html?)",
    re.IGNORECASE,
)
_VOID = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_UNSEEN = frozenset(("script", "style"))
_AROUND = re.compile(r"/(?:html|body)\[1\]")


@dataclass(frozen=True, slots=True)
class TaskText:
    """The text of a task.

    key: where it stands in ``data``. nodes: of HTML and of dialogues, where each text node, by its XPath, or each
    paragraph, by its number, begins and ends in ``text``.
    """

    key: str
    text: str
    kind: Literal["plain", "html", "dialogue"] = "plain"
    nodes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def node_at(self, at: int) -> tuple[str, int] | None:
        """The node that the character at ``at`` stands in, and where that begins; None between nodes."""
        return next(((path, start) for path, (start, end) in self.nodes.items() if start <= at < end), None)

    def within(self, node: object, offset: object) -> int | None:
        """The character of ``text`` at an offset, of UTF-16 units, within a node; None where there is none."""
        path = _AROUND.sub("", node) if isinstance(node, str) else str(node)
        if path not in self.nodes or type(offset) is not int:
            return None
        start, end = self.nodes[path]
        if not 0 <= offset <= 2 * (end - start):
            return None
        at = start + OffsetMap(self.text[start : min(end, start + offset)], "utf16").nearest_point(offset)
        return at if at <= end else None


def text_of_task(data: Json, results: Iterable[Json]) -> TaskText | None:
    """The text that the results are about, else what looks most like one; None where a task has none."""
    spans: Counter[str] = Counter()
    others: Counter[str] = Counter()
    html: set[str] = set()
    for result in results:
        key = object_key(result, data)
        value = result.get("value")
        if key is None or not isinstance(value, dict):
            continue
        if "start" in value:
            spans[key] += 1
            if "globalOffsets" in value or result.get("type") == "hypertextlabels" or _is_path(value["start"]):
                html.add(key)
        else:
            others[key] += 1
    key = next((key for key in (*_most(spans), *_most(others), *_USUAL) if is_text(data.get(key))), None)
    if key is None:
        key = max(
            (key for key, value in data.items() if is_text(value)),
            key=lambda key: (_has_words(data[key]), len(data[key])),
            default=None,
        )
    if key is None:
        return None
    # Where names are not those of keys, spans that are paths say that the text is HTML.
    is_html = key in html or (not spans and any(_is_of_html(result) for result in results))
    return _text(key, data[key], is_html)


def object_key(result: Json, data: Json) -> str | None:
    """The key of ``data`` that a result is about, as far as its names tell."""
    for name in (result.get("source"), result.get("to_name")):
        if isinstance(name, str):
            for key in (name, name.removeprefix("$")):
                if key in data:
                    return key
    return None


def is_text(value: object) -> bool:
    """Whether a value of ``data`` is text, or a dialogue, and no link to a file."""
    if isinstance(value, str):
        stripped = value.strip()
        return bool(stripped) and not _LINK.fullmatch(stripped) and not _FILE.fullmatch(stripped)
    return is_dialogue(value)


def is_dialogue(value: object) -> bool:
    """Whether a value is a list of paragraphs with their text, as the tag Paragraphs takes it."""
    return (
        isinstance(value, list)
        and bool(value)
        and all(isinstance(turn, dict) and isinstance(turn.get("text"), str) for turn in value)
    )


def dialogue_text(key: str, turns: list[Json]) -> TaskText:
    """The turns of a dialogue, a line each: who, and what was said."""
    pieces: list[str] = []
    nodes = {}
    at = 0
    for number, turn in enumerate(turns):
        who = turn.get("author")
        before = f"{who.strip().removesuffix(':')}: " if isinstance(who, str) and who.strip() else ""
        start = at + len(before)
        nodes[str(number)] = (start, start + len(turn["text"]))
        pieces.append(f"{before}{turn['text']}\n")
        at += len(pieces[-1])
    return TaskText(key, "".join(pieces).removesuffix("\n"), "dialogue", nodes)


def _text(key: str, value: Any, is_html: bool) -> TaskText:
    if isinstance(value, list):
        return dialogue_text(key, value)
    if is_html:
        page = _Page(convert_charrefs=True)
        try:
            page.feed(value)
            page.close()
        except AssertionError:  # of a broken declaration
            return TaskText(key, value)
        if "".join(page.pieces).strip():
            return TaskText(key, "".join(page.pieces), "html", page.nodes)
    return TaskText(key, value)


def _is_of_html(result: Json) -> bool:
    value = result.get("value")
    return isinstance(value, dict) and (
        "globalOffsets" in value or result.get("type") == "hypertextlabels" or _is_path(value.get("start"))
    )


def _is_path(start: object) -> bool:
    return isinstance(start, str) and start.startswith("/")


def _has_words(value: Any) -> bool:
    return not isinstance(value, str) or " " in value.strip()


def _most(counter: "Counter[str]") -> list[str]:
    return [key for key, _ in counter.most_common()]


class _Page(HTMLParser):
    """The text of HTML, as a browser counts in it, with the XPath of each text node."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.pieces: list[str] = []
        self.nodes: dict[str, tuple[int, int]] = {}
        self._length = 0
        self._open: list[tuple[str, str, Counter[str]]] = [("", "", Counter())]
        self._continued = ""  # the path of the text node that what comes next belongs to

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Begin an element."""
        self._continued = ""
        _, path, children = self._open[-1]
        children[tag] += 1
        if tag not in _VOID:
            self._open.append((tag, f"{path}/{tag}[{children[tag]}]", Counter()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """``<br/>`` is ``<br>``, and to a browser ``<p/>`` is ``<p>``."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End the innermost such element, with all that is open in it."""
        self._continued = ""
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        """Take in text."""
        tag, path, children = self._open[-1]
        if tag in _UNSEEN:
            return
        if not self._continued:
            children["text()"] += 1
            self._continued = _AROUND.sub("", f"{path}/text()[{children['text()']}]")
        start, _ = self.nodes.get(self._continued, (self._length, 0))
        self._length += len(data)
        self.nodes[self._continued] = (start, self._length)
        self.pieces.append(data)
