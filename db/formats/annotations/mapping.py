"""Mappings of annotated JSON: which keys hold the text, and which lists hold spans, events and labels.

Written as TOML. Every value is a path (``paths``) into the document, or into an item of the list around it:

    [document]
    id = "doc_id"
    text = "content"               # or a list of paths, whose texts are joined
    tokens = "tokens"              # the tokens, or the sentences of tokens, that offsets of unit = "tokens" count
    [[events]]                     # each item is an event
    list = "event_mentions"
    type = "event_type"
    start = "trigger.start"
    end = "trigger.end"
    quote = "trigger.text"
    unit = "tokens"                # characters (default), utf16, bytes or tokens
    ends = "inclusive"             # exclusive (default) or inclusive
    [[events.arguments]]
    list = "arguments"
    type = "role"
    of = "entity_id"               # the id of a span: the argument has its place and text
    [[spans]]                      # each item is a field of one event
    list = "entity_mentions"
    type = "entity_type"
    [[labels]]                     # each item is the type of an event of the whole text
    list = "cats.*"
    type = "@key"
    confidence = "."
"""

import re
from dataclasses import dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import Data
from db.io.toml import parse_toml

_LISTS = ("text", "recognise", "tags")  # keys whose value may be a list of texts
_MOST_BYTES = 2**20
UNITS = ("characters", "utf16", "bytes", "tokens")
ENDS = ("exclusive", "inclusive")


@dataclass(frozen=True, slots=True)
class DocumentPaths:
    """Where the document's text and description are. Without ``text``, the tokens are joined."""

    id: str | None = None
    title: str | None = None
    text: tuple[str, ...] = ()
    tokens: str | None = None
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class Items:
    """One kind of items: where they are, and where each has its parts.

    list: the lists of the items; empty for the item around, as for the head and tail of a relation. type: the event
    type, the label or the role. drop: a regular expression that is removed from it. length: instead of ``end``.
    sentence: the number of the sentence in which tokens are counted. of: the id, or else the position, of a span.
    """

    list: str = ""
    id: str | None = None
    type: str | None = None
    drop: str | None = None
    start: str | None = None
    end: str | None = None
    length: str | None = None
    quote: str | None = None
    sentence: str | None = None
    confidence: str | None = None
    of: str | None = None
    unit: str = UNITS[0]
    ends: str = ENDS[0]
    arguments: "tuple[Items, ...]" = ()

    def paths(self) -> tuple[str | None, ...]:
        """Return every path into an item, those of its arguments included."""
        own = (self.id, self.type, self.start, self.end, self.length, self.quote, self.sentence, self.confidence)
        inner = (path for item in self.arguments for path in ((item.list,) if item.list else item.paths()))
        return (*own, self.of, *inner)


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the keys of a document mean. ``recognise``: paths that every document of this kind has.

    documents: the list of documents in an object that holds several. tags: paths of lists with a tag like ``B-PER``,
    ``I-PER`` or ``O`` for each token.
    """

    about: str = ""
    recognise: tuple[str, ...] = ()
    document: DocumentPaths = DocumentPaths()
    events: tuple[Items, ...] = ()
    spans: tuple[Items, ...] = ()
    labels: tuple[Items, ...] = ()
    tags: tuple[str, ...] = ()
    documents: str | None = None


def load_mapping(name: str) -> Mapping:
    """Return the mapping in a TOML file, or the shipped one of that name. Raises InputError."""
    if name in shipped_names() and not Path(name).exists():
        return shipped()[name]
    try:
        with Path(name).open("rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
        if len(content) > _MOST_BYTES:
            raise InputError(f"{name}: larger than {_MOST_BYTES:,} bytes; a mapping is a short TOML file")
        return parse_mapping(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
    except (OSError, ValueError) as error:
        why = "no such mapping" if isinstance(error, FileNotFoundError) else f"can't be read ({error})"
        raise InputError(f"{name}: {why}; give a TOML file or one of {', '.join(shipped_names())}") from None


@cache
def shipped_names() -> tuple[str, ...]:
    """Return the names of the mappings that ship with eventdesk, sorted."""
    from importlib.resources import files

    found = (item.name for item in files(__package__).joinpath("mappings").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def shipped() -> dict[str, Mapping]:
    """Return the mappings that ship with eventdesk, by name."""
    from importlib.resources import files

    folder = files(__package__).joinpath("mappings")
    return {name: parse_mapping(folder.joinpath(f"{name}.toml").read_text("utf-8"), name) for name in shipped_names()}


def parse_mapping(toml: str, where: str) -> Mapping:
    """Return the mapping in a TOML text. Raises InputError that names ``where`` and the key."""
    data = parse_toml(toml, where)
    values = _checked(Mapping, data, where)
    if not (values.get("events") or values.get("spans") or values.get("labels") or values.get("tags")):
        raise InputError(f"{where}: has neither [[events]] nor [[spans]] nor [[labels]]; add one with its list")
    return Mapping(**values)


def _checked(cls: type[Any], data: Data, where: str) -> dict[str, Any]:
    names = [item.name for item in fields(cls)]
    values: dict[str, Any] = {}
    for key, value in data.items():
        if key not in names:
            raise InputError(f"{where}: unknown key {key!r}; choose one of {', '.join(names)}")
        values[key] = _value(key, value, where)
    return values


def _value(key: str, value: Any, where: str) -> Any:
    if key == "document":
        if not isinstance(value, dict):
            raise InputError(f"{where}: document must be a table: [document]")
        return DocumentPaths(**_checked(DocumentPaths, value, f"{where}: [document]"))
    if key in ("events", "spans", "labels", "arguments"):
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            raise InputError(f"{where}: {key} must be a list of tables: [[{key}]]")
        return tuple(_items(item, key, f"{where}: [[{key}]]") for item in value)
    if key in _LISTS and isinstance(value, list) and all(isinstance(item, str) for item in value):
        return tuple(value)
    if not isinstance(value, str):
        raise InputError(f"{where}: {key} must be text")
    for name, known in (("unit", UNITS), ("ends", ENDS)):
        if key == name and value not in known:
            raise InputError(f"{where}: unknown {key} {value!r}; choose one of {', '.join(known)}")
    if key == "drop":
        try:
            re.compile(value)
        except (re.error, RecursionError, OverflowError):
            raise InputError(f"{where}: drop: {value!r} is not a regular expression") from None
    return (value,) if key in _LISTS else value


def _items(data: Data, key: str, where: str) -> Items:
    items = Items(**_checked(Items, data, where))
    if not items.list and key != "arguments":
        raise InputError(f'{where}: has no list; add list = "KEY"')
    if items.type is None:
        raise InputError(f'{where}: has no type; add type = "KEY", or type = "=NAME" for a constant')
    if key == "spans" and (items.start is None and items.quote is None):
        raise InputError(f"{where}: has neither start nor quote; add the keys that say where a span is")
    return items
