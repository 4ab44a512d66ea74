"""How LangExtract's extractions become events: a small TOML file, or the name of a way that needs no more.

events = "attribute"            # one of: extraction (each is an event), attribute, group_index
attribute = "medication_group"  # extractions that have the same value of it are one event
type = "medication"             # the type of such events
type_attribute = "kind"         # or the attribute that says it
text = "quote"                  # the field of an extraction's text, where each is an event
confidence = "score"            # the attribute that is a confidence, of 0 to 1
[types]                         # of classes, and of what the type attribute says
Medication = "medication"
[fields]                        # of attributes, and of classes that become fields
dose = "dosage"
"""

from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, cast, get_args

from db.errors import InputError
from db.io.toml import parse_toml

Ways = Literal["extraction", "attribute", "group_index"]
_WAYS: tuple[Ways, ...] = get_args(Ways)
_WITHOUT_MORE = ("extraction", "group_index")
_LONGEST = 2**20  # bytes


@dataclass(frozen=True, slots=True)
class Mapping:
    """What becomes of extractions; see above. An extraction without the attribute is an event of its own."""

    events: Ways = "extraction"
    attribute: str | None = None
    type: str | None = None
    type_attribute: str | None = None
    text: str = "text"
    confidence: str = "confidence"
    types: dict[str, str] = field(default_factory=dict)
    fields: dict[str, str] = field(default_factory=dict)


def load_mapping(name: str | None) -> Mapping:
    """The mapping of a TOML file, or ``extraction`` or ``group_index``. Raises InputError that says what is wrong."""
    if name is None:
        return Mapping()
    if name in _WITHOUT_MORE:
        return Mapping(cast("Ways", name))
    try:
        with Path(name).open("rb") as stream:
            data = stream.read(_LONGEST + 1)
        if len(data) > _LONGEST:
            raise InputError(f"{name}: longer than {_LONGEST:,} bytes; a mapping is a few lines of TOML")
        text = data.decode()
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise InputError(f"{name}: {why}; a mapping is a TOML file, or one of {', '.join(_WITHOUT_MORE)}") from None
    except ValueError:  # no UTF-8, or a NUL in the name
        raise InputError(f"{name}: no text in UTF-8; a mapping is a TOML file") from None
    return mapping_of(parse_toml(text, name), name)


def mapping_of(data: dict[str, Any], where: str) -> Mapping:
    """The mapping of TOML tables. Raises InputError that names ``where`` and the key."""
    known = [item.name for item in fields(Mapping)]
    for key, value in data.items():
        if key not in known:
            raise InputError(f"{where}: unknown key {key!r}; one of {', '.join(known)}")
        items = list(value.values()) if key in ("types", "fields") and isinstance(value, dict) else [value]
        if (key in ("types", "fields")) is not isinstance(value, dict):
            raise InputError(f"{where}: {key} must be {'a table' if key in ('types', 'fields') else 'text'}")
        if not all(isinstance(item, str) and item.strip() for item in items):
            raise InputError(f"{where}: {key} must hold texts that are not empty")
    mapping = Mapping(**data)
    if mapping.events not in _WAYS:
        raise InputError(f"{where}: unknown events {mapping.events!r}; one of {', '.join(_WAYS)}")
    if (mapping.events == "attribute") is (mapping.attribute is None):
        raise InputError(f'{where}: events = "attribute" and attribute = "NAME" need each other')
    return mapping
