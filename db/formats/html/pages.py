"""Saved pages: their encoding, where they were, and their main text."""

import codecs
import re
from pathlib import PurePosixPath
from typing import Any, NamedTuple

from db.errors import InputError
from db.native import digest

Json = dict[str, Any]

INSTALL = "reading HTML needs trafilatura; install it with `pip install 'eventdesk[html]'`"

_HEAD = 4096  # bytes in which a page says its encoding; characters in which it says where it was
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
    """A page as text, the encoding it was read in, and a note where that was guessed or does not fit."""

    text: str
    encoding: str
    note: str = ""


def is_page(head: bytes) -> bool:
    """Whether a file begins as HTML does."""
    for bom, encoding in _BOMS:
        if head.startswith(bom):
            return bool(_BEGINS.match(head[len(bom) : _HEAD].decode(encoding, errors="replace")))
    return bool(_BEGINS.match(head[:_HEAD].decode(errors="replace")))


def decode(content: bytes) -> Decoded:
    """A page as text: by its byte order mark, by what it declares, as UTF-8, or as its characters are most like."""
    for bom, encoding in _BOMS:
        if content.startswith(bom):
            return _in(content[len(bom) :], encoding, f"begins as {encoding} does")
    match = _DECLARED.search(content[:_HEAD])
    declared = (match[1] or match[2]).decode() if match else ""
    encoding = _encoding(declared)
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
        return _in(content, encoding, f"declares {declared}")
    guessed = _guessed(content)
    return _in(content, guessed, f"declares no encoding that is known; read as {guessed}", guessed=True)


def document_of_page(content: bytes, name: str, url: str | None = None) -> tuple[Json, tuple[str, ...]]:
    """The document of a page, with notes. ``url`` is where it was, if that is known.

    Its id is made from its main text alone, so that the same article saved twice is the same document. Nothing is
    fetched. Raises InputError where there is no main text, or nothing installed that finds it.
    """
    try:
        from trafilatura import bare_extraction
    except ImportError:
        raise InputError(INSTALL) from None
    decoded = decode(content)
    markup = _XML.sub("", decoded.text, count=1).replace("\0", "")
    try:
        found = bare_extraction(markup, url=url, with_metadata=True, include_comments=False)
    except Exception as error:  # whatever a page makes its parsers raise
        reason = str(error).split("\n")[0] or type(error).__name__
        raise InputError(f"{name}: can't be read as HTML ({reason}); save its text as .txt") from None
    said = found if isinstance(found, dict) else found.as_dict() if found else {}
    text = _text(said.get("text")) or ""
    if not text.strip():
        raise InputError(f"{name}: no main text was found in it; save its text as .txt")
    language = _LANGUAGE.search(markup[:_HEAD])
    described = {
        "publisher": _text(said.get("sitename")) or _text(said.get("hostname")),
        "url": url or _text(said.get("url")) or _saved_from(markup),
        "published": _text(said.get("date")),
        "language": _text(said.get("language")) or (language[1] if language else None),
    }
    kept = {"file": name} | {key: said[key] for key in _KEPT if said.get(key)}
    title = _text(said.get("title")) or PurePosixPath(name).stem
    document = {"id": f"html-{digest(text)}", "title": title, "text": text, "html": kept}
    document |= {key: value for key, value in described.items() if value}
    return document, (f"{name}: {decoded.note}",) if decoded.note else ()


def _saved_from(markup: str) -> str | None:
    match = _SAVED_FROM.search(markup[:_HEAD])
    return match[1] or match[2] if match else None


def _encoding(declared: str) -> str:
    """What Python calls a declared encoding, as browsers take it; empty where it knows none."""
    try:
        encoding = codecs.lookup(declared).name if declared else ""
        "".encode(encoding or "utf-8")  # what is no encoding of text, as base64, raises
    except (LookupError, ValueError, TypeError):
        return ""
    if encoding.startswith(("utf-16", "utf-32")):  # else the declaration could not have been read
        return "utf-8"
    return "cp1252" if encoding in ("iso8859-1", "ascii") else encoding


def _guessed(content: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(content).best()
    return _encoding(best.encoding) or "cp1252" if best else "cp1252"


def _in(content: bytes, encoding: str, why: str, guessed: bool = False) -> Decoded:
    text = content.decode(encoding, errors="replace")
    broken = text.count("\ufffd")
    if broken:
        return Decoded(text, encoding, f"{why}; {broken:,} places are no characters in it")
    return Decoded(text, encoding, why if guessed else "")


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value.strip() else None
