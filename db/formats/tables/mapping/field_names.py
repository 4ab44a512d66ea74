"""Derives field names that queries can address from column names."""

import re
from collections.abc import Iterable, Sequence

from db.query.names import KEYWORDS, PROPERTIES

_ADDRESSABLE = re.compile(r"[^\W\d][^\s()\":<>=!,@]*(?<!-)")  # what a query reads as a name
_RESERVED = frozenset((*PROPERTIES, *KEYWORDS, "or", "and", "not"))


def field_names(columns: Sequence[str], used: Iterable[str] = ()) -> list[str]:
    """Return a unique field name for each column, none of them ``used`` or reserved by the query language.

    ``best`` stays; ``Event Date`` becomes ``event_date``; ``status`` is reserved and becomes ``status_column``.
    """
    taken = {name.casefold() for name in used}
    names = []
    for number, column in enumerate(columns, 1):
        name = column
        if not _ADDRESSABLE.fullmatch(column) or not column.isprintable():
            name = re.sub(r"\W+", "_", column.casefold()).strip("_")
            if not name or name[0].isdigit():
                name = f"column_{name or number}"
        if name.casefold() in _RESERVED:
            name = f"{name}_column"
        base, suffix = name, 1
        while name.casefold() in taken:
            suffix += 1
            name = f"{base}_{suffix}"
        taken.add(name.casefold())
        names.append(name)
    return names
