"""Front matter: what a text file says of itself before its text begins.

Between two lines ``---`` stand ``key: value`` lines, read as the plainest YAML: a value is text as it stands, without
quotation marks around it; ``[a, b]`` and lines of ``- a`` are lists; indented lines go on. Between two lines ``+++``
stands TOML. What has other lines is no front matter, but a text that begins with a rule.
"""

import json
import re
import tomllib
from datetime import date, time
from typing import Any

from db.errors import InputError
from db.native import digest

Json = dict[str, Any]

_YAML = re.compile(r"---[ \t]*\r?\n(.*?)^(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_TOML = re.compile(r"\+\+\+[ \t]*\r?\n(.*?)^\+\+\+[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
_LONGEST = 2**16  # characters
_KEY = re.compile(r"([^\s:#\-\[{\"'][^:\n]{0,99}?)[ \t]*:(?:[ \t]+(.*)|[ \t]*)")
_ITEM = re.compile(r"\s*-(?:[ \t]+(.*)|[ \t]*)")
_NAMES = {
    "title": ("title", "headline"),
    "publisher": ("publisher", "source", "site", "site_name", "sitename"),
    "url": ("url", "link", "permalink", "source_url"),
    "published": ("published", "date", "published_at", "publishdate", "pubdate"),
    "language": ("language", "lang", "locale"),
    "id": ("id",),
}
_OWN = ("text", "events")  # keys of a document that are no description of it


def text_document(text: str, title: str) -> Json:
    """A document without events, described by the front matter of its text, if it has some.

    Without an id there, its id is made from its text alone, so that a renamed file is the same document. Raises
    InputError where the front matter is TOML and can't be read.
    """
    said, body = split(text)
    document: Json = {"id": f"txt-{digest(body)}", "title": title, "text": body}
    described = dict(said)
    for key, names in _NAMES.items():
        for name in names:
            value = described.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                document[key] = str(value)
                del described[name]
                break
    kept = {f"{key}_" if key in document or key in _OWN else key: value for key, value in described.items()}
    return document | kept


def split(text: str) -> tuple[Json, str]:
    """What the front matter says, by keys in lower case, and the text after it. Raises InputError for broken TOML."""
    head = text[:_LONGEST]
    if match := _TOML.match(head):
        try:
            said = tomllib.loads(match[1].replace("\r\n", "\n"))
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            reason = "nested too deep" if isinstance(error, RecursionError) else str(error)
            raise InputError(f"its front matter between +++ is not TOML: {reason}; mend it, or take it out") from None
        return {key.lower(): _plain(value) for key, value in said.items()}, _body(text, match.end())
    if (match := _YAML.match(head)) and (said_ := _yaml(match[1])) is not None:
        return said_, _body(text, match.end())
    return {}, text


def _body(text: str, begin: int) -> str:
    return text[begin:].lstrip("\r\n")


def _yaml(lines: str) -> Json | None:
    """The keys of lines that are nothing but keys, lists and what goes on; else None."""
    said: Json = {}
    last = ""
    for line in lines.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.fullmatch(line)
        if last and item:
            said[last] = [*_listed(said[last]), _unquoted(item[1] or "")]
        elif last and line[0].isspace():
            before = said[last]
            said[last] = [*before, line.strip()] if isinstance(before, list) else f"{before} {line.strip()}".strip()
        elif match := _KEY.fullmatch(line):
            last = match[1].strip().lower()
            said[last] = _value((match[2] or "").strip())
        else:
            return None
    return said or None


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [_unquoted(part.strip()) for part in text[1:-1].split(",") if part.strip()]
    return "" if text in ("|", ">", "|-", ">-") else _unquoted(text)


def _unquoted(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
            return value if isinstance(value, str) and value.isprintable() else text[1:-1]
        except (ValueError, RecursionError):
            return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return re.sub(r"\s+#.*", "", text)


def _plain(value: Any) -> Any:
    """A value of TOML as JSON has it."""
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
