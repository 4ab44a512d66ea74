"""Corrects an object of an answer: reviewed values in place, added ones in the shape of the others."""

from collections.abc import Sequence
from typing import Any

from db.formats.format import Data
from db.formats.llm_json.answers import Item
from db.formats.llm_json.dialogues import Path
from db.formats.llm_json.events import FIELDS, NAMES, QUOTES, VALUES, Candidate, ReadObject
from db.formats.shared.versions import FieldVersion, extracted_version, quote_of, reviewed_version
from db.io.answers.json_places import Edit, Key
from db.model import same_value

_MISSING: Any = object()


class Corrector:
    """Writes the reviewed version of one event into the edit of its object.

    siblings: the other objects of the answer, whose shape added values get. source: the text that evidence refers to.
    """

    def __init__(self, read: ReadObject, siblings: Sequence[ReadObject], source: str, edit: Edit) -> None:
        self._read = read
        self._object: Data = read.item.value
        self._siblings = siblings
        self._source = source
        self._edit = edit
        self._removed: list[Path] = []
        self._new_groups: dict[str, Data] = {}
        every = [value for sibling in siblings for value in sibling.item.value.values()]
        self._keeps_empty = None in every

    def correct(self, event: Data, *, final: bool) -> None:
        """Write an event. ``final``: it has its final values alone, so that what it lacks was removed."""
        if event["type"] != self._read.type:
            self._retype(event["type"])
        added: list[FieldVersion] = []
        for candidate, field in self._matched(event.get("fields") or (), added):
            version = reviewed_version(field) if field is not None else None
            if field is None and not final:
                continue
            if version is None or version.group != candidate.group:
                self._removed.append(candidate.at)
                if version is not None:
                    added.append(version)
            else:
                self._change(candidate, version)
        self._remove()
        for version in added:
            self._add(version)

    def _matched(self, fields: Sequence[Data], added: list[FieldVersion]) -> list[tuple[Candidate, Data | None]]:
        """Pair the fields of the object with the exported ones; the rest of those goes to ``added``."""
        machine = [extracted_version(field) for field in fields]
        pairs: dict[int, int] = {}  # places of fields by those of the object's
        for exactly in (True, False):
            for number, candidate in enumerate(self._read.fields):
                if number in pairs:
                    continue
                # The exported fields have the order of the object's, and added ones come last.
                later = [place for other, place in pairs.items() if other > number and self._is_like(other, candidate)]
                for place, version in enumerate(machine[: min(later, default=len(machine))]):
                    if version is None or (version.name, version.group) != (candidate.name, candidate.group):
                        continue
                    if place not in pairs.values() and (not exactly or same_value(version.value, candidate.value)):
                        pairs[number] = place
                        break
        left = [field for place, field in enumerate(fields) if place not in pairs.values()]
        added += (version for field in left if (version := reviewed_version(field)) is not None)
        return [
            (candidate, fields[pairs[number]] if number in pairs else None)
            for number, candidate in enumerate(self._read.fields)
        ]

    def _is_like(self, number: int, candidate: Candidate) -> bool:
        other = self._read.fields[number]
        return (other.name, other.group) == (candidate.name, candidate.group)

    def _retype(self, name: str) -> None:
        if self._read.type_key is not None:
            self._edit.at((self._read.type_key,)).set(name)
        else:
            keys = [sibling.type_key for sibling in self._siblings if sibling.type_key]
            self._edit.added.append((keys[0] if keys else "type", name))

    def _change(self, candidate: Candidate, version: FieldVersion) -> None:
        if version.name != candidate.name:
            self._rename(candidate, version.name)
        is_same = same_value(version.value, candidate.value)
        if not is_same:
            self._edit.at(candidate.at).set(_like(candidate.value, version.value))
        quote = quote_of(self._source, version.spans)
        if quote and candidate.quotes and not any(quote in given or given in quote for given in candidate.quotes):
            for length in range(len(candidate.at) - 1, 0, -1):
                holder = _value_at(self._object, candidate.at[:length])
                key = next((key for key in QUOTES if isinstance(holder, dict) and isinstance(holder.get(key), str)), "")
                if key:
                    self._edit.at((*candidate.at[:length], key)).set(quote)
                    break

    def _rename(self, candidate: Candidate, name: str) -> None:
        for place in range(len(candidate.at), 0, -1):
            if candidate.at[place - 1] == candidate.name:
                self._edit.at(candidate.at[:place]).name = name
                return
        holder = _value_at(self._object, candidate.at[:-1])
        if isinstance(holder, dict) and (
            key := next((key for key in NAMES if holder.get(key) == candidate.name), None)
        ):
            self._edit.at((*candidate.at[:-1], key)).set(name)

    def _remove(self) -> None:
        """Remove the values that were removed, and what has no other value than those."""
        for path in self._removed:
            for length in range(1, len(path) + 1):
                begin = path[:length]
                if all(item.at in self._removed for item in self._read.fields if item.at[:length] == begin):
                    edit = self._edit.at(begin)
                    if length == 1 and self._keeps_empty:
                        edit.set([] if isinstance(self._object.get(str(begin[0])), list) else None)
                    else:
                        edit.removed = True
                    break

    # What a person added

    def _add(self, version: FieldVersion) -> None:
        if version.group is None:
            self._put(self._holder(), version.name, version)
            return
        base, _, number = version.group.partition(":")
        at = self._place_of(version.group)
        if (
            at is None
            and "." in base
            and (outer := self._place_of(f"{base.rpartition('.')[0]}:{number.rpartition('.')[0]}"))
        ):
            self._new_group(version, (*outer, base.rpartition(".")[2]))
        elif at is None:
            self._new_group(version, (*self._holder(), base))
        else:
            *inner, name = version.name.split(".")
            while inner and isinstance(_value_at(self._object, (*at, inner[0])), dict):
                at = (*at, inner.pop(0))
            self._put(at, ".".join((*inner, name)), version)

    def _holder(self) -> Path:
        """Return the place in the object that has its fields."""
        for key in FIELDS:
            if any(item.at[0] == key for item in self._read.fields) or isinstance(self._object.get(key), dict):
                return (key,)
        return ()

    def _place_of(self, group: str) -> Path | None:
        """Return the object that holds a group; None if there is none."""
        if group in self._new_groups:
            return None
        for item in self._read.fields:
            if item.group == group and item.at not in self._removed:
                depth = item.name.count(".") + 1
                at = item.at
                while at and (isinstance(at[-1], int) or at[-1] != item.name.rpartition(".")[2]):
                    at = at[:-1]
                return at[:-depth] or None
        return None

    def _new_group(self, version: FieldVersion, at: Path) -> None:
        assert version.group is not None
        if version.group not in self._new_groups:
            self._new_groups[version.group] = {}
            self._append(at, self._new_groups[version.group], is_later=version.group.rpartition(":")[2] != "1")
        _nest(self._new_groups[version.group], version.name, self._shaped(version))

    def _put(self, at: Path, name: str, version: FieldVersion) -> None:
        """Add a value to an object of the answer under a name, or to the list of names and values there."""
        held = _value_at(self._object, at)
        if isinstance(held, list):
            example = next((item for item in held if isinstance(item, dict)), {})
            keys = (
                next((key for key in NAMES if key in example), "name"),
                next((key for key in VALUES if key in example), "value"),
            )
            self._edit.at(at).added.append((None, dict(zip(keys, (name, version.value), strict=True))))
        else:
            self._append((*at, name), self._shaped(version))

    def _append(self, at: Path, value: Any, *, is_later: bool = False) -> None:
        """Add a value at a place: to the list there, beside the value there, or as a new member."""
        existing = _value_at(self._object, at)
        edit = self._edit.at(at) if existing is not _MISSING else self._edit.at(at[:-1])
        key = at[-1]
        assert isinstance(key, str)
        if existing is _MISSING:
            member = next((item for item in edit.added if item[0] == key), None)
            if member is not None:
                edit.added.remove(member)
                whole = [*member[1], value] if isinstance(member[1], list) else [member[1], value]
                edit.added.append((key, whole))
                return
            is_list = self._is_list(at)
            is_list = is_later if is_list is None else is_list
            edit.added.append((key, [value] if is_list else value))
        elif edit.removed or (edit.is_set and edit.value in (None, [])):
            edit.removed = False
            edit.set([value] if isinstance(existing, list) else value)
        elif existing is None or existing in ("", {}):
            edit.set(value)
        elif isinstance(existing, list):
            edit.added.append((None, value))
        else:
            edit.following.append(value)

    def _is_list(self, at: Path) -> bool | None:
        """Return True if the other objects have a list at a place, None if they have nothing there."""
        found = (_value_at(sibling.item.value, at) for sibling in self._siblings)
        return next((isinstance(value, list) for value in found if value is not _MISSING and value is not None), None)

    def _shaped(self, version: FieldVersion) -> Any:
        """Return a value in the form of the values of its name elsewhere, or else as it is."""
        others = [item for sibling in self._siblings for item in sibling.fields]
        named = [item for item in others if item.name == version.name]
        value = _like(named[0].value, version.value) if named else version.value
        example = next((item for item in (*named, *self._read.fields) if item.quotes and "value" in item.at), None)
        quote = quote_of(self._source, version.spans)
        return {"value": value, "quote": quote} if example is not None and quote else value


def new_object(event: Data, siblings: Sequence[ReadObject], source: str) -> tuple[Data, Edit]:
    """Return an empty object, and the edit that makes it an event in the shape of its siblings."""
    same = [item for item in siblings if item.type == event["type"]] or list(siblings)
    edit = Edit()
    keys = [item.type_key for item in same if item.type_key]
    kinds = {item.item.kind for item in siblings}
    if event["type"] not in kinds:
        edit.added.append((keys[0] if keys else "type", event["type"]))
    read = ReadObject(Item({}, ()), "", event["type"], None, None, [], {}, [])
    Corrector(read, same, source, edit).correct(event, final=False)
    return {}, edit


def _nest(content: Data, name: str, value: Any) -> None:
    first, dot, rest = name.partition(".")
    if dot and rest:
        inner = content.setdefault(first, {})
        if isinstance(inner, dict):
            _nest(inner, rest, value)
            return
    if name in content:
        held = content[name]
        content[name] = [*held, value] if isinstance(held, list) else [held, value]
    else:
        content[name] = value


def _value_at(value: Any, path: Sequence[Key]) -> Any:
    for key in path:
        is_there = isinstance(value, dict) and key in value
        if not is_there and not (isinstance(value, list) and isinstance(key, int) and 0 <= key < len(value)):
            return _MISSING
        value = value[key]
    return value


def _like(example: Any, value: Any) -> Any:
    """Return a value with the JSON type of another: 5 as "5" where numbers are texts, and the other way round."""
    if isinstance(example, str) and isinstance(value, int | float) and not isinstance(value, bool):
        return str(value)
    if isinstance(example, int | float) and not isinstance(example, bool) and isinstance(value, str):
        try:
            return int(value)
        except ValueError:
            return value
    return value
