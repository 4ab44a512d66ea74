"""Extracts the main text and the metadata of a saved page."""

import codecs
import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from db.errors import InputError
from db.native import digest

INSTALL = "reading HTML needs trafilatura; install it with `pip install 'eventdesk[html]'`"

_HEAD = 4096  # bytes, or characters, that are searched for the encoding, the language and the URL
_DECLARED = re.compile(
    rb"<meta[^>]{0,500}?charset\s*=\s*[\"']?\s*([\w.:-]{2,40})|<\?xml[^>]{0,200}?encoding\s*=\s*[\"']([\w.:-]{2,40})",
    re.IGNORECASE,
)
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_XML = re.compile(r"\s*<\?xml[^>]*\?>")
_LANGUAGE = re.compile(r"<html[^>]{0,500}?\slang\s*=\s*[\"']?([A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8})*)", re.IGNORECASE)
_SAVED_FROM = re.compile(
    r"saved from url=\(\d+\)(https?://[^\s\"'<>]+)|^\s*url:\s*(https?://[^\s\"'<>]+)", re.MULTILINE
)
_BEGINS = re.compile(
    r"(?:\s|<\?xml[^>]*\?>|<!--.*?-->)*<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_KEPT = ("author", "description", "hostname", "categories", "tags")


class Decoded(NamedTuple):
    """A decoded page, its encoding, and a note if the encoding was guessed or doesn't fit."""

    text: str
    encoding: str
    note: str = ""


def is_page(head: bytes) -> bool:
    """Return True if a file begins like HTML."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return bool(_BEGINS.match(head[len(bom) : _HEAD].decode(encoding, errors="replace")))
    return bool(_BEGINS.match(head[:_HEAD].decode(errors="replace")))


def decode(content: bytes) -> Decoded:
    """Decode a page by its byte order mark, its declaration, as UTF-8, or by the most likely encoding."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _decode_as(content[len(bom) :], encoding, f"begins like {encoding}")
    match = _DECLARED.search(content[:_HEAD])
    declared = (match[1] or match[2]).decode() if match else ""
    encoding = _codec(declared)
    if encoding:
        try:
            return Decoded(content.decode(encoding), encoding)
        except UnicodeDecodeError:
            pass
    try:
        return Decoded(content.decode(), "utf-8", f"declares {declared}, read as UTF-8" if declared else "")
    except UnicodeDecodeError:
        pass
    if encoding:
        return _decode_as(content, encoding, f"declares {declared}")
    guessed = _guess_codec(content)
    return _decode_as(content, guessed, f"declares no known encoding; read as {guessed}", guessed=True)


def document_of_page(content: bytes, name: str, url: str | None = None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the document of a page, and notes. ``url`` is where the page was, if known.

    The id is derived from the main text alone, so that an article saved twice is one document. Raises InputError if
    there is no main text, or if trafilatura is not installed.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise InputError(INSTALL) from None
    decoded = decode(content)
    markup = _XML.sub("", decoded.text, count=1).replace("\0", "")
    try:
        found = bare_extraction(markup, url=url, with_metadata=True, include_comments=False)
    except Exception as error:  # the parsers may raise anything
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(f"{name}: can't be read as HTML ({reason}); save its text as .txt") from None
    extracted = found if isinstance(found, dict) else found.as_dict() if found else {}
    text = _text(extracted.get("text")) or ""
    if not text.strip():
        raise InputError(f"{name}: no main text found; save its text as .txt")
    language = _LANGUAGE.search(markup[:_HEAD])
    described = {
        "publisher": _text(extracted.get("sitename")) or _text(extracted.get("hostname")),
        "url": url or _text(extracted.get("url")) or _saved_from(markup),
        "published": _text(extracted.get("date")),
        "language": _text(extracted.get("language")) or (language[1] if language else None),
    }
    kept = {"file": name} | {key: extracted[key] for key in _KEPT if extracted.get(key)}
    title = _text(extracted.get("title")) or PurePosixPath(name).stem
    document = {"id": f"html-{digest(text)}", "title": title, "text": text, "html": kept}
    document |= {key: value for key, value in described.items() if value}
    return document, (f"{name}: {decoded.note}",) if decoded.note else ()


def _saved_from(markup: str) -> str | None:
    match = _SAVED_FROM.search(markup[:_HEAD])
    return match[1] or match[2] if match else None


def _codec(declared: str) -> str:
    """Return Python's codec for a declared encoding, as browsers read it; empty if it is unknown."""
    try:
        encoding = codecs.lookup(declared).name if declared else ""
        "".encode(encoding or "utf-8")  # raises for codecs that don't encode text, such as base64
    except (LookupError, ValueError, TypeError):
        return ""
    if encoding.startswith(("utf-16", "utf-32")):  # otherwise the declaration would be unreadable
        return "utf-8"
    return "cp1252" if encoding in ("iso8859-1", "ascii") else encoding


def _guess_codec(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content).best()
    return _codec(best.encoding) or "cp1252" if best else "cp1252"


def _decode_as(content: bytes, encoding: str, note: str, guessed: bool = False) -> Decoded:
    text = content.decode(encoding, errors="replace")
    if broken := text.count("\ufffd"):
        return Decoded(text, encoding, f"{note}; {broken:,} invalid characters")
    return Decoded(text, encoding, note if guessed else "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
