"""Reads front matter, which describes a text file before its text.

YAML front matter stands between two lines ``---``. Only simple YAML is read: ``key: value`` lines, whose values are
text with optional quotation marks; lists as ``[a, b]`` or as lines of ``- a``; and indented continuation lines. TOML
front matter stands between two lines ``+++``. Anything else is not front matter, but a text that begins with a rule.
"""

import json
import re
import tomllib
from datetime import date, time
from typing import Any

from db.errors import InputError
from db.native import digest

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
_DOCUMENT_KEYS = ("text", "events")  # which front matter can't set


def text_document(text: str, title: str) -> dict[str, Any]:
    """Return the document of a text, described by its front matter, if it has any.

    Unless the front matter gives an id, the id is derived from the text alone, so that a renamed file is the same
    document. Raises InputError if TOML front matter is invalid.
    """
    described, body = split(text)
    document: dict[str, Any] = {"id": f"txt-{digest(body)}", "title": title, "text": body}
    described = dict(described)
    for key, names in _NAMES.items():
        for name in names:
            value = described.get(name)
            if isinstance(value, str | int) and not isinstance(value, bool) and str(value).strip():
                document[key] = str(value)
                del described[name]
                break
    return document | {
        f"{key}_" if key in document or key in _DOCUMENT_KEYS else key: value for key, value in described.items()
    }


def split(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter, with lower-case keys, and the text after it. Raises InputError for invalid TOML."""
    head = text[:_LONGEST]
    if match := _TOML.match(head):
        try:
            table = tomllib.loads(match[1].replace("\r\n", "\n"))
        except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
            reason = "nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise InputError(f"the front matter between +++ is invalid TOML: {reason}; correct or remove it") from None
        return {key.lower(): _json_value(value) for key, value in table.items()}, _body(text, match.end())
    if (match := _YAML.match(head)) and (described := _parse_yaml(match[1])) is not None:
        return described, _body(text, match.end())
    return {}, text


def _body(text: str, begin: int) -> str:
    return text[begin:].lstrip("\r\n")


def _parse_yaml(lines: str) -> dict[str, Any] | None:
    """Return the keys of simple YAML; None if there are other lines than keys, lists and continuations."""
    described: dict[str, Any] = {}
    last = ""
    for line in lines.splitlines():
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        item = _ITEM.fullmatch(line)
        if last and item:
            described[last] = [*_as_list(described[last]), _unquote(item[1] or "")]
        elif last and line[0].isspace():
            value = described[last]
            described[last] = [*value, line.strip()] if isinstance(value, list) else f"{value} {line.strip()}".strip()
        elif match := _KEY.fullmatch(line):
            last = match[1].strip().lower()
            described[last] = _value((match[2] or "").strip())
        else:
            return None
    return described or None


def _as_list(value: object) -> list[Any]:
    return value if isinstance(value, list) else [value] if value else []


def _value(text: str) -> Any:
    if text.startswith("[") and text.endswith("]"):
        return [_unquote(part.strip()) for part in text[1:-1].split(",") if part.strip()]
    return "" if text in ("|", ">", "|-", ">-") else _unquote(text)


def _unquote(text: str) -> str:
    if len(text) > 1 and text[0] == text[-1] == '"':
        try:
            value = json.loads(text)
            return value if isinstance(value, str) and value.isprintable() else text[1:-1]
        except (ValueError, RecursionError):
            return text[1:-1]
    if len(text) > 1 and text[0] == text[-1] == "'":
        return text[1:-1].replace("''", "'")
    return re.sub(r"\s+#.*", "", text)


def _json_value(value: Any) -> Any:
    """Return a TOML value as a JSON value."""
    if isinstance(value, dict):
        return {key: _json_value(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [_json_value(inner) for inner in value]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, float) and (value != value or value in (float("inf"), float("-inf"))):
        return str(value)
    return value
