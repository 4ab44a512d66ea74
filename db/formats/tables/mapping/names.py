"""Names of fields made of the names of columns: as they are where a query can address them, else in plain letters."""

import re
from collections.abc import Iterable, Sequence

from db.query.names import KEYWORDS, PROPERTIES

_ADDRESSED = re.compile(r"[^\W\d][^\s()\":<>=!,@]*(?<!-)")  # what a query takes for a name
_TAKEN = frozenset((*PROPERTIES, *KEYWORDS, "or", "and", "not"))


def plain_names(columns: Sequence[str], taken: Iterable[str] = ()) -> list[str]:
    """A name for each column, no two the same, none that a query takes for something else.

    ``best`` stays; ``Event Date`` becomes ``event_date``; ``status``, which is the review's, ``status_column``.
    """
    used = {name.casefold() for name in taken}
    made = []
    for number, column in enumerate(columns, 1):
        name = column
        if not _ADDRESSED.fullmatch(column) or not column.isprintable():
            name = re.sub(r"\W+", "_", column.casefold()).strip("_")
            if not name or name[0].isdigit():
                name = f"column_{name or number}"
        if name.casefold() in _TAKEN:
            name = f"{name}_column"
        base, times = name, 1
        while name.casefold() in used:
            times += 1
            name = f"{base}_{times}"
        used.add(name.casefold())
        made.append(name)
    return made
