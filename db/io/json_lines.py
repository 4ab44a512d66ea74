"""Strict JSON, an object a line: says what is wrong and where, and takes nothing that another reader would not."""

import json
from math import isfinite
from typing import Any, NoReturn

from db.errors import InputError

QUOTED = 60  # characters of a line that a refusal holds: a thousand of them are kept
_TOO_DEEP = "nested too deep; a document is an object of events and fields"


def parse_object(line: bytes) -> dict[str, Any]:
    """The object of one line. Raises InputError."""
    data = parse_json(line)
    if not isinstance(data, dict):
        raise InputError(f"not an object but {kind_of(data)}; a line is one document in braces")
    return data


def parse_json(line: bytes) -> Any:
    """The value of one line. Raises InputError."""
    try:
        data = _DECODER.decode(line.decode())
    except UnicodeDecodeError as error:
        raise InputError(_not_utf8(error)) from None
    except json.JSONDecodeError as error:
        raise InputError(_not_json(error)) from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None
    except ValueError:  # Python's own limit, which keeps reading such a number from taking minutes
        raise InputError("holds a number of more than 4,300 digits; write it as text") from None
    if b"\\u" in line:
        refuse_surrogates(data)
    return data


def refuse_surrogates(data: object) -> None:
    """Raise InputError where a text holds half of a surrogate pair, which no file can hold."""
    try:
        json.dumps(data, ensure_ascii=False).encode()
    except UnicodeEncodeError as error:
        code = ord(error.object[error.start])
        raise InputError(
            f"holds half of a surrogate pair (\\u{code:04x}), which is no character; mend the escape"
        ) from None
    except RecursionError:
        raise InputError(_TOO_DEEP) from None


def kind_of(value: object) -> str:
    """What a value is, in words for a refusal."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def quoted(text: str) -> str:
    """As much of a text of the line as a refusal may hold."""
    return text if len(text) <= QUOTED else f"{text[:QUOTED]}…"


def _not_utf8(error: UnicodeDecodeError) -> str:
    if error.reason == "unexpected end of data":
        return "the file ends within a character of this line: it was cut short; get it whole"
    return f"not UTF-8 at byte {error.start + 1} of the line; save the file as UTF-8"


def _not_json(error: json.JSONDecodeError) -> str:
    where, text = f"not JSON at column {error.colno}: {error.msg}", error.doc
    if _is_cut_short(error):
        return f"{where}; the file ends within this line: it was cut short, get it whole"
    if "\0" in text:
        return f"{where}; it holds NUL characters, as a file does that was not written to its end"
    if error.msg == "Extra data" and "\r" in text.rstrip():
        return f"{where}; its lines end in CR alone: save the file with LF"
    if text.strip() == "{":
        return f"{where}; a document is one line, `jq -c .` makes it one"
    return where


def _is_cut_short(error: json.JSONDecodeError) -> bool:
    """Whether what is wrong is that the text ends. Only the last line of a file may have no line end."""
    if error.doc.endswith("\n") or error.msg == "Extra data":
        return False
    rest = error.doc[error.pos :].rstrip()
    return error.msg.startswith("Unterminated string") or (
        len(rest) <= len("\\u000") and "}" not in rest and "]" not in rest
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InputError(f"{quoted(key)} stands twice in one object; leave one of the two")
            seen.add(key)
    return made


def _refuse_constant(name: str) -> NoReturn:
    raise InputError(f"{quoted(name)} is no number that JSON can hold; leave the key out")


def _finite(digits: str) -> float:
    number = float(digits)
    return number if isfinite(number) else _refuse_constant(digits)


_DECODER = json.JSONDecoder(parse_constant=_refuse_constant, parse_float=_finite, object_pairs_hook=_object)
