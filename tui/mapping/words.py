"""What columns are, in a mark and in words."""

from collections.abc import Mapping as MappingOf

from rich.cells import cell_len

from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.kinds import Kind
from tui.mapping.keys import FIELD_MARK, IGNORED_MARK, MODIFIER_MARK, REVIEW_MARK, ROLE_KEYS
from tui.mapping.model import Role, Uses
from tui.text.safe import measured, safe
from tui.text.wrapping import clip

_KEYS = {role: key for key, role in ROLE_KEYS.items()}
_ORDERS = {"dmy": ", day first", "mdy": ", month first"}


def mark(used: Uses) -> str:
    """One character that tells what a column is: the key that makes it so."""
    if used.roles:
        return _KEYS.get(used.roles[0], REVIEW_MARK)
    if used.fields:
        return FIELD_MARK
    return MODIFIER_MARK if used.modifies else IGNORED_MARK


def kind_words(kind: Kind | None) -> str:
    """A kind, in the word that the mapping has for it."""
    return kind or "it shows"


def in_words(column: str, used: Uses, orders: MappingOf[Role, tuple[str, ...]]) -> list[str]:
    """What a column is, from the longest way to say it to the shortest. ``orders``: the columns of each role."""
    told = []
    for role in used.roles:
        columns = orders[role]
        told.append(f"{role.words} {columns.index(column) + 1}/{len(columns)}" if len(columns) > 1 else role.words)
    if used.modifies:
        told.append(f"modifier of {used.modifies}")
    if used.ignored:
        told.append("ignored")
    ways = [_field_in_words(column, item) for item in used.fields]
    if not ways:
        return [" and ".join(told) or "ignored"]
    longest = " and ".join([*told, *(way[0] for way in ways)])
    return [longest, *ways[0][1:]] if len(ways) == 1 and not told else [longest, " + ".join([*told, "field"])]


def columns_of(mapping: Mapping, used: MappingOf[str, Uses]) -> dict[Role, tuple[str, ...]]:
    """The columns of each role, in the order in which they are put together."""
    found: dict[Role, tuple[str, ...]] = {}
    for uses in used.values():
        for role in uses.roles:
            value = getattr(getattr(mapping, role.part), role.key)
            found[role] = value if isinstance(value, tuple) else (value,)
    return found


def _field_in_words(column: str, item: MappedField) -> list[str]:
    kind = f"as {kind_words(item.kind)}"
    named = f"field {item.name} {kind}" if item.name != column else f"field {kind}"
    more = _ORDERS.get(item.dates or "", "")
    if item.group:
        more += f", of {item.group}"
    if item.separator:
        more += f", a list by {item.separator!r}"
    if item.ground:
        more += ", looked for in the text"
    short = f"{item.name}: {kind_words(item.kind)}" if item.name != column else kind
    ways = [named + more] if more else []
    return [*ways, named, named.removeprefix("field "), short, short.removeprefix("as "), item.name]


def shown(text: str) -> str:
    """A text as it is drawn and measured."""
    return measured(safe(text))


def shortened(name: str, width: int) -> str:
    """A drawn name that fits a width: what is too long loses its middle, since the end of a name often tells most."""
    if cell_len(name) <= width:
        return name
    end = max(0, (width - 1) // 2)
    if len(name) != cell_len(name) or end < 2:
        return clip(name, width)
    return f"{name[: width - 1 - end]}…{name[-end:]}"
