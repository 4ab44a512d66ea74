"""Plans as TOML, for people to read and edit: written with their reasons, and read back.

Every reader of a key raises InputError that names the place and the key.
"""

import re
from collections.abc import Callable, Sequence
from dataclasses import MISSING, fields, replace
from functools import partial
from typing import Any, get_args

from db.errors import InputError
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.mapping.toml import (
    mapping_of,
    mapping_table,
    read_boolean,
    read_choice,
    read_strings,
)
from db.io.toml import parse_toml
from db.sources.plan import (
    Children,
    EventTable,
    FieldRows,
    Joined,
    Label,
    Link,
    OneHot,
    Plan,
    TextForm,
    TextTable,
)

_Table = dict[str, Any]
_Reader = Callable[[str, _Table, str], Any]
_NAMES = {"fields": "fields_table"}
"""Attributes that have another name in TOML, where ``fields`` are those of a mapping."""
_UNKNOWN = re.compile(r"unknown (?:key )?'?([\w-]+)'?|: (\w+) must (?:be|name)|has no (\w+);")


def to_toml(plan: Plan, *, comments: bool = False) -> str:
    """Return a plan as TOML that ``parse_plan`` reads back.

    comments: True to write the reasons as comments, for reading; otherwise they are part of the plan.
    """
    import tomli_w

    without = (
        replace(
            plan,
            events=tuple(replace(one, reasons={}) for one in plan.events),
            texts=tuple(replace(one, reasons={}) for one in plan.texts),
        )
        if comments
        else plan
    )
    table = {"publish": {"on_quit": True}} if plan.publish_on_quit else {}
    table |= {key: value for key, value in plan_json(without).items() if key != "publish" and value}
    toml = f"\n{tomli_w.dumps(table)}".replace("\x7f", "\\u007f")  # which tomli_w writes as it is
    for key, tables in (("events", plan.events), ("texts", plan.texts)) if comments else ():
        head, *rest = toml.split(f"\n[[{key}]]\n")
        reasons = ["".join(_comment(f"{what}: {why}") for what, why in one.reasons.items()) for one in tables]
        if len(rest) == len(tables):
            toml = head + "".join(f"\n{said}[[{key}]]\n{part}" for said, part in zip(reasons, rest, strict=True))
    return toml.lstrip("\n")


def parse_plan(toml: str, where: str) -> Plan:
    """Return the plan in a TOML text. Raises InputError that names ``where``, the line and the key."""
    table = parse_toml(toml, where)
    try:
        return _plan(where, table)
    except InputError as error:
        found = _UNKNOWN.search(str(error))
        line = _line_of(toml, next(filter(None, found.groups()), "")) if found else None
        raise InputError(str(error).replace(where, f"{where}:{line}", 1) if line else str(error)) from None


def plan_json(plan: Plan) -> _Table:
    """Return a plan as a JSON object with the keys of its TOML."""
    found: _Table = {
        key: [_table(one) for one in tables] for key, tables in (("events", plan.events), ("texts", plan.texts))
    }
    return {**found, "ignored": dict(plan.ignored), "publish": {"on_quit": plan.publish_on_quit}}


def _comment(text: str) -> str:
    shown = "".join(character if character.isprintable() else " " for character in text)
    return f"# {' '.join(shown.split())}\n"


def _line_of(toml: str, key: str) -> int | None:
    """Return the line of a key, if only one line has it."""
    pattern = re.compile(rf"""\s*["']?{re.escape(key)}["']?\s*=|\s*\[+[\w.]*\b{re.escape(key)}\]+""")
    found = [number for number, line in enumerate(toml.split("\n"), 1) if pattern.match(line)]
    return found[0] if len(found) == 1 else None


def _plan(where: str, table: _Table) -> Plan:
    known = ("events", "texts", "ignored", "publish")
    if unknown := [key for key in table if key not in known]:
        raise InputError(f"{where}: unknown key {unknown[0]!r}; choose one of {', '.join(known)}")
    publish = table.get("publish", {})
    if not isinstance(publish, dict) or set(publish) - {"on_quit"}:
        raise InputError(f"{where}: publish must be a table with on_quit = true or false: [publish]")
    plan = Plan(
        _list(EventTable, where, table, "events"),
        _list(TextTable, where, table, "texts"),
        _reasons(where, table, "ignored"),
        bool(read_boolean(f"{where}: [publish]", publish, "on_quit")),
    )
    if not plan.events and not plan.texts:
        raise InputError(f"{where}: has no events; add a table of events: [[events]]")
    names = [one.table for one in plan.events]
    if double := next((name for name in names if names.count(name) > 1), None):
        raise InputError(f"{where}: two [[events]] read the table {double}; remove one")
    return plan


def _table(part: Any) -> _Table:
    """Return the keys of a part of a plan that differ from their defaults."""
    table: _Table = {}
    for item in fields(part):
        value = getattr(part, item.name)
        default = item.default_factory() if item.default_factory is not MISSING else item.default
        if value != default:
            table[_NAMES.get(item.name, item.name)] = _written(value)
    return table


def _written(value: Any) -> Any:
    match value:
        case Mapping():
            return mapping_table(value)
        case Link():
            step = {"columns": _written(value.columns), "table": value.table, "to": _written(value.to)}
            return [step, *(_written(value.then) if value.then else ())]
        case tuple() if all(isinstance(one, str) for one in value):
            return value[0] if len(value) == 1 else list(value)
        case tuple():
            return [_table(one) for one in value]
        case str() | bool() | None:
            return value
        case dict():
            return dict(value)
        case _:
            return _table(value)


def _parse(cls: type[Any], where: str, table: object) -> Any:
    """Return a part of a plan from a table whose keys are the fields of its class."""
    if not isinstance(table, dict):
        raise InputError(f"{where}: must be a table")
    items = {_NAMES.get(item.name, item.name): item for item in fields(cls)}
    if unknown := [key for key in table if key not in items]:
        raise InputError(f"{where}: unknown key {unknown[0]!r}; choose one of {', '.join(sorted(items))}")
    values = {}
    for key, item in items.items():
        if key in table:
            values[item.name] = _READERS.get(key, _text)(where, table, key)
        elif item.default is MISSING and item.default_factory is MISSING:
            raise InputError(f"{where}: has no {key}; add it")
    return cls(**values)


def _list(cls: type[Any], where: str, table: _Table, key: str) -> tuple[Any, ...]:
    items = table.get(key, [])
    if not isinstance(items, list):
        raise InputError(f"{where}: {key} must be a list of tables: [[{key}]]")
    return tuple(_parse(cls, f"{where}: [[{key}]] {number}", item) for number, item in enumerate(items, 1))


def _link(where: str, table: _Table, key: str) -> Link:
    steps = table[key] if isinstance(table[key], list) else [table[key]]
    if not steps:
        raise InputError(f"{where}: link must have at least one step: columns, table, to")
    link: Link | None = None
    for number, step in reversed(list(enumerate(steps, 1))):
        here = f"{where}: link {number}"
        if isinstance(step, dict) and "then" in step:
            raise InputError(f"{here}: unknown key 'then'; write the next step after it, in the list")
        own: Link = _parse(Link, here, step)
        if not own.columns or len(own.columns) != len(own.to):
            raise InputError(f"{here}: columns and to must name equally many columns, at least one")
        link = replace(own, then=link)
    assert link is not None
    return link


def _text(where: str, table: _Table, key: str) -> str:
    if not isinstance(table[key], str):
        raise InputError(f"{where}: {key} must be text")
    return str(table[key])


def _reasons(where: str, table: _Table, key: str) -> dict[str, str]:
    value = table.get(key, {})
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise InputError(f"{where}: {key} must be a table of texts: [{key}]")
    return value


def _names(where: str, table: _Table, key: str) -> tuple[str, ...]:
    if not (names := read_strings(where, table, key)):
        raise InputError(f"{where}: {key} must name at least one column")
    return names


def _mapping(where: str, table: _Table, key: str) -> Mapping:
    if not isinstance(table[key], dict):
        raise InputError(f"{where}: mapping must be a table")
    # A cell that does not fit the kind of its column stays text: one odd cell must not keep an event out.
    return replace(mapping_of(table[key], f"{where}: [mapping]"), guessed=True)


def _one_of(known: Sequence[str]) -> _Reader:
    return partial(read_choice, known=known)


_READERS: dict[str, _Reader] = {
    "key": _names,
    **dict.fromkeys(("columns", "to", "names", "json"), read_strings),
    "link": _link,
    "mapping": _mapping,
    "several": lambda where, table, key: bool(read_boolean(where, table, key)),
    "text_form": _one_of(get_args(TextForm)),
    "reasons": _reasons,
    **{
        name: partial(_list, cls)
        for name, cls in (("joined", Joined), ("labels", Label), ("children", Children), ("one_hot", OneHot))
    },
    "fields_table": lambda where, table, key: _parse(FieldRows, f"{where}: [{key}]", table[key]),
}
"""The readers of all keys that are not plain text."""
