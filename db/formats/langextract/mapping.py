"""How extractions become events: a small TOML file, or just ``extraction`` or ``group_index``.

events = "attribute"            # one of: extraction (each is an event), attribute, group_index
attribute = "medication_group"  # extractions with the same value of it form one event
type = "medication"             # the type of such events
type_attribute = "kind"         # or the attribute that holds the type
text = "quote"                  # the field for the text of an extraction that is an event
confidence = "score"            # the attribute that holds a confidence from 0 to 1
[types]                         # event types by class, or by value of the type attribute
Medication = "medication"
[fields]                        # field names by attribute, or by class of an extraction that is a field
dose = "dosage"
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Literal, cast, get_args

from db.errors import InputError
from db.formats.format import Data
from db.io.toml import parse_toml

Grouping = Literal["extraction", "attribute", "group_index"]
_GROUPINGS: tuple[Grouping, ...] = get_args(Grouping)
_SHIPPED = ("extraction", "group_index")
_MAX_BYTES = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Mapping:
    """The keys above. An extraction without the attribute becomes an event of its own."""

    events: Grouping = "extraction"
    attribute: str | None = None
    type: str | None = None
    type_attribute: str | None = None
    text: str = "text"
    confidence: str = "confidence"
    types: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def load_mapping(name: str | None) -> Mapping:
    """Return the mapping in a TOML file, or the shipped one of that name. Raises InputError if it is invalid."""
    if name is None:
        return Mapping()
    if name in _SHIPPED:
        return Mapping(cast("Grouping", name))
    try:
        with Path(name).open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
        if len(data) > _MAX_BYTES:
            raise InputError(f"{name}: longer than {_MAX_BYTES:,} bytes; a mapping is a short TOML file")
        text = data.decode()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise InputError(f"{name}: {reason}; a mapping is a TOML file, or one of {', '.join(_SHIPPED)}") from None
    except ValueError:  # not UTF-8, or a NUL in the name
        raise InputError(f"{name}: not UTF-8; a mapping is a TOML file") from None
    return _mapping_of(parse_toml(text, name), name)


def _mapping_of(data: Data, where: str) -> Mapping:
    known = [item.name for item in fields(Mapping)]
    for key, value in data.items():
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; use one of {', '.join(known)}")
        items = list(value.values()) if key in ("types", "fields") and isinstance(value, dict) else [value]
        if (key in ("types", "fields")) is not isinstance(value, dict):
            raise InputError(f"{where}: {key} must be {'a table' if key in ('types', 'fields') else 'text'}")
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise InputError(f"{where}: {key} must not be empty or anything but text")
    mapping = Mapping(**data)
    if mapping.events not in _GROUPINGS:
        raise InputError(f"{where}: unknown value {mapping.events!r} of events; use one of {', '.join(_GROUPINGS)}")
    if (mapping.events == "attribute") is (mapping.attribute is None):
        raise InputError(f'{where}: use events = "attribute" and attribute = "NAME" together')
    return mapping
