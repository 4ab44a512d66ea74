"""Parses strict JSON, one object per line; accepts only what every other parser accepts too."""

import json
import re
from math import isfinite
from typing import Any, NoReturn

from db.errors import InputError

MAX_QUOTE = 60  # characters of input that an error message quotes
_STRING = rb'"(?:[^"\\]|\\.)*"'
_COMMENTS = re.compile(_STRING + rb"|//[^\n]*|/\*.*?\*/", re.DOTALL)
_LOOSE = re.compile(_STRING + rb"|,(?=\s*[}\]])|-?\b(?:NaN|Infinity)\b", re.DOTALL)
_TOO_DEEP = "nested too deeply; a document is an object of events and fields"


def parse_object(line: bytes) -> dict[str, Any]:
    """Return the object of one line. Raises InputError."""
    data = parse_json(line)
    if not isinstance(data, dict):
        raise InputError(f"must be an object, is {json_type(data)}; write one document per line, in braces")
    return data


def parse_json(line: bytes) -> Any:
    """Return the value of one line. Raises InputError."""
    try:
        data = _DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(error)) from None
    except json.JSONDecodeError as error:
        raise InputError(_not_json(error)) from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None
    except ValueError:  # Python limits the digits of an integer
        raise InputError("contains a number of more than 4,300 digits; write it as text") from None
    if b"\\u" in line:
        reject_surrogates(data)
    return data


def decode_at(text: str, start: int) -> tuple[Any, int]:
    """Return the strict JSON value that begins at a place of a text, and where it ends. Raises InputError."""
    try:
        value, end = _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        raise InputError(f"invalid JSON at column {error.colno}: {error.msg}") from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None
    except ValueError:
        raise InputError("contains a number of more than 4,300 digits; write it as text") from None
    if "\\u" in text[start:end]:
        reject_surrogates(value)
    return value, end


def parse_loosely(text: bytes) -> tuple[Any, tuple[str, ...]]:
    """Return a JSON value that may have trailing commas, comments or NaN, and notes. Raises InputError.

    NaN and infinite numbers, which no JSON has, become null.
    """
    try:
        return parse_json(text), ()
    except InputError as error:
        found: set[str] = set()

        def replacement(match: re.Match[bytes]) -> bytes:
            token = match[0]
            if token.startswith(b'"'):
                return token
            what = "comments" if token[:1] in b"/" else "commas" if token == b"," else "numbers"
            found.add(what)
            return b"null" if what == "numbers" else b" "

        for pattern in (_COMMENTS, _LOOSE):
            text = pattern.sub(replacement, text)
        if not found:
            raise
        try:
            value = parse_json(text)
        except InputError:
            raise error from None
        words = {"comments": "comments are skipped", "commas": "trailing commas are skipped"}
        return value, tuple(words.get(what, "NaN and infinite numbers are read as null") for what in sorted(found))


def reject_surrogates(data: object) -> None:
    """Raise InputError if a string contains half of a surrogate pair, which UTF-8 can't encode."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise InputError(
            f"contains half of a surrogate pair (\\u{code:04x}), which is not a character; fix the escape"
        ) from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None


def json_type(value: object) -> str:
    """Return the JSON type of a value, in words for an error message."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def shorten(text: str) -> str:
    """Return the text, cut to the length that an error message quotes."""
    return text if len(text) <= MAX_QUOTE else f"{text[:MAX_QUOTE]}…"


def _not_utf8(error: UnicodeDecodeError) -> str:
    if error.reason == "unexpected end of data":
        return "the file ends in the middle of a character of this line; it is incomplete, get it again"
    return f"not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8"


def _not_json(error: json.JSONDecodeError) -> str:
    where, text = f"invalid JSON at column {error.colno}: {error.msg}", error.doc
    if _is_cut_short(error):
        return f"{where}; the file ends in the middle of this line; it is incomplete, get it again"
    if "\0" in text:
        return f"{where}; the line contains NUL characters, so the file was probably not written completely"
    if error.msg == "Extra data" and "\r" in text.rstrip():
        return f"{where}; the lines end in CR only; save the file with LF line ends"
    if text.strip() == "{":
        return f"{where}; a document must be on one line; `jq -c .` converts it"
    return where


def _is_cut_short(error: json.JSONDecodeError) -> bool:
    """Return True if the text ends too early, which only the last line of a file can."""
    if error.doc.endswith("\n") or error.msg == "Extra data":
        return False
    rest = error.doc[error.pos :].rstrip()
    return error.msg.startswith("Unterminated string") or (
        len(rest) <= len("\\u000") and "}" not in rest and "]" not in rest
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    data = dict(pairs)
    if len(data) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InputError(f"the key {shorten(key)} occurs twice in one object; remove one")
            seen.add(key)
    return data


def _reject_constant(name: str) -> NoReturn:
    raise InputError(f"{shorten(name)} is not a JSON number; remove the key")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _reject_constant(digits)


_DECODER = json.JSONDecoder(parse_constant=_reject_constant, parse_float=_finite, object_pairs_hook=_object)
