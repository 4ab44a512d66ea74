"""Finds the text that a task is about: plain text, HTML, or a dialogue."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any, Literal

from db.formats.format import Data
from db.formats.shared.objects import object_at
from db.formats.shared.spans.offsets import OffsetMap

_COMMON_KEYS = ("text", "body", "content", "article", "document", "html", "dialogue", "paragraphs", "conversation")
_UNDEFINED = "$undefined$"  # what Label Studio writes for a value that a task lacks
_MEDIA = (
    "png|jpe?g|jfif|gif|bmp|svg|webp|tiff?|ico|heic|avif|dcm|mp3|wav|flac|ogg|oga|opus|m4a|aac|wma|aiff?|mp4|m4v|webm|"
    "ogv|avi|mov|mkv|mpe?g|wmv|3gp"
)
_LINK = re.compile(
    r"(?:https?|s3|gs|azure-blob|ftp|file|blob):\S*|/data/\S*|<HOSTNAME>\S*"
    r"|data:[\w.+-]+/[\w.+-]+[;,].*|/data/(?:upload|local-files|media)/[^\n]*",
    re.IGNORECASE | re.DOTALL,
)
_FILE = re.compile(rf"\S+\.(?:{_MEDIA}|pdf|csv|tsv|txt|json|html?)(?:[?#]\S*)?", re.IGNORECASE)
_PATH_WITH_BLANKS = re.compile(rf"[^\n]{{1,1000}}\.(?:{_MEDIA}|pdf)(?:[?#][^\n]*)?", re.IGNORECASE)
_ROOT = re.compile(r"[a-z][a-z0-9+.-]*://|[a-z]:[\\/]|\.{0,2}[\\/]|~/", re.IGNORECASE)
_MEDIA_TYPES = re.compile(
    r"(?:rectangle|ellipse|polygon|keypoint|brush|bitmask|vector|magicwand|video|timeseries|timelineseries|timeline)\w*"
)
_MEDIA_KEYS = re.compile(r"(?:image|img|photo|picture|audio|sound|video|media|url|uri|path|file|src)\w*", re.IGNORECASE)
_VOID_TAGS = frozenset(
    ("area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr")
)
_INVISIBLE_TAGS = frozenset(("script", "style"))
_PAGE_TAGS = re.compile(r"/(?:html|body)\[1\]")  # which Label Studio leaves out of its XPaths


@dataclass(frozen=True, slots=True)
class TaskText:
    """The text of a task.

    key: its key in ``data``.
    nodes: start and end in ``text`` of each text node of HTML, by XPath, or of each turn of a dialogue, by number.
    """

    key: str
    text: str
    kind: Literal["plain", "html", "dialogue"] = "plain"
    nodes: dict[str, tuple[int, int]] = field(default_factory=dict)

    def node_at(self, position: int) -> tuple[str, int] | None:
        """Return the node that contains a character, and the start of the node; None between nodes."""
        return next(((path, start) for path, (start, end) in self.nodes.items() if start <= position < end), None)

    def position_in(self, node: object, offset: object) -> int | None:
        """Return the position in ``text`` of an offset in UTF-16 units within a node; None if it is invalid."""
        path = _PAGE_TAGS.sub("", node) if isinstance(node, str) else str(node)
        if path not in self.nodes or type(offset) is not int:
            return None
        start, end = self.nodes[path]
        if not 0 <= offset <= 2 * (end - start):
            return None
        position = start + OffsetMap(self.text[start : min(end, start + offset)], "utf16").nearest_point(offset)
        return position if position <= end else None


def text_of_task(data: Data, results: Iterable[Data]) -> TaskText | None:
    """Return the text that the results are about, or else the likeliest text in ``data``; None if there is none."""
    with_spans: Counter[str] = Counter()
    without_spans: Counter[str] = Counter()
    html_keys: set[str] = set()
    media: set[str] = set()  # keys of images, audio, video and time series
    any_html = False
    for result in results:
        any_html = any_html or _is_html(result)
        key = object_key(result, data)
        value = result.get("value")
        if key is not None and isinstance(kind := result.get("type"), str) and _MEDIA_TYPES.fullmatch(kind):
            media.add(key)
        if key is None or not isinstance(value, dict):
            continue
        if "start" in value:
            with_spans[key] += 1
            if _is_html(result):
                html_keys.add(key)
        else:
            without_spans[key] += 1
    counts = [*with_spans.most_common(), *without_spans.most_common()]
    likeliest = (*(key for key, _ in counts), *_COMMON_KEYS)
    key = next((key for key in likeliest if key not in media and is_text(data.get(key), key)), None)
    if key is None:
        texts = [key for key, value in data.items() if key not in media and is_text(value, key)]
        key = max(texts, key=lambda key: (_has_words(data[key]), len(data[key])), default=None)
    return _text(key, data[key], key in html_keys or (not with_spans and any_html)) if key is not None else None


def object_key(result: Data, data: Data) -> str | None:
    """Return the key of ``data`` that a result is about, None if its names don't tell."""
    for name in (result.get("source"), result.get("to_name")):
        if isinstance(name, str):
            for key in (name, name.removeprefix("$")):
                if key in data:
                    return key
    return None


def is_text(value: object, key: str = "") -> bool:
    """Return True if a value of ``data`` is a text or a dialogue, and not a link or the name of a file."""
    if not isinstance(value, str):
        return is_dialogue(value)
    stripped = value.strip()
    if not stripped or stripped == _UNDEFINED or _LINK.fullmatch(stripped) or _FILE.fullmatch(stripped):
        return False
    if not _PATH_WITH_BLANKS.fullmatch(stripped):
        return True
    is_path = _ROOT.match(stripped) or _MEDIA_KEYS.fullmatch(key) or (key not in _COMMON_KEYS and "/" in stripped)
    return not is_path


def is_dialogue(value: object) -> bool:
    """Return True for a list of turns with text, which the tag Paragraphs shows."""
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(turn, dict) and isinstance(turn.get("text"), str) for turn in value)


def dialogue_text(key: str, turns: list[Data]) -> TaskText:
    """Return a dialogue as text with a line for each turn, which starts with the author."""
    pieces: list[str] = []
    nodes = {}
    length = 0
    for number, turn in enumerate(turns):
        author = turn.get("author")
        prefix = f"{author.strip().removesuffix(':')}: " if isinstance(author, str) and author.strip() else ""
        start = length + len(prefix)
        nodes[str(number)] = (start, start + len(turn["text"]))
        pieces.append(f"{prefix}{turn['text']}\n")
        length += len(pieces[-1])
    return TaskText(key, "".join(pieces).removesuffix("\n"), "dialogue", nodes)


def _text(key: str, value: Any, is_html: bool) -> TaskText:
    if isinstance(value, list):
        return dialogue_text(key, value)
    if is_html:
        page = _Page(convert_charrefs=True)
        try:
            page.feed(value)
            page.close()
        except AssertionError:  # HTMLParser raises it on a broken declaration
            return TaskText(key, value)
        if "".join(page.pieces).strip():
            return TaskText(key, "".join(page.pieces), "html", page.nodes)
    return TaskText(key, value)


def _is_html(result: Data) -> bool:
    """Return True if a result gives its place by XPath, or is a label of HTML."""
    value = object_at(result, "value")
    start = value.get("start")
    is_path = isinstance(start, str) and start.startswith("/")
    return bool(value) and ("globalOffsets" in value or result.get("type") == "hypertextlabels" or is_path)


def _has_words(value: Any) -> bool:
    return not isinstance(value, str) or " " in value.strip()


class _Page(HTMLParser):
    """The text of a page as a browser counts it, and the XPath of each text node."""

    def __init__(self, *, convert_charrefs: bool) -> None:
        super().__init__(convert_charrefs=convert_charrefs)
        self.pieces: list[str] = []
        self.nodes: dict[str, tuple[int, int]] = {}
        self._length = 0
        self._open: list[tuple[str, str, Counter[str]]] = [("", "", Counter())]
        self._node = ""  # the path of the text node that more data belongs to

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:  # noqa: ARG002
        """Start an element."""
        self._node = ""
        _, path, children = self._open[-1]
        children[tag] += 1
        if tag not in _VOID_TAGS:
            self._open.append((tag, f"{path}/{tag}[{children[tag]}]", Counter()))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Start an element, since browsers read ``<p/>`` as ``<p>``."""
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        """End the innermost element of that tag, and everything that is open in it."""
        self._node = ""
        for depth in range(len(self._open) - 1, 0, -1):
            if self._open[depth][0] == tag:
                del self._open[depth:]
                return

    def handle_data(self, data: str) -> None:
        """Add text to the current node."""
        tag, path, children = self._open[-1]
        if tag in _INVISIBLE_TAGS:
            return
        if not self._node:
            children["text()"] += 1
            self._node = _PAGE_TAGS.sub("", f"{path}/text()[{children['text()']}]")
        start, _ = self.nodes.get(self._node, (self._length, 0))
        self._length += len(data)
        self.nodes[self._node] = (start, self._length)
        self.pieces.append(data)
