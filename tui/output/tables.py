"""Tables for a terminal, tab-separated text for a pipe, and JSON."""

import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from db.describe import value_text
from db.model import Value
from tui.output.streams import needs_ascii
from tui.text.safe import measured, safe

if TYPE_CHECKING:
    from rich.console import Console

BAR = "share"
"""The name of the column of bars."""

_BAR_CELLS = 12

Form = Literal["json", "ndjson", "csv", "count"] | None


def print_json(data: object) -> None:
    """Print JSON. On a terminal, everything outside ASCII is escaped, as control characters are."""
    json.dump(data, sys.stdout, ensure_ascii=needs_ascii(), indent=2)
    sys.stdout.write("\n")


def print_rows(
    columns: Sequence[str], rows: Iterable[Sequence[Value]], right: Iterable[str] = (), title: str = ""
) -> None:
    """Print a table on a terminal; in a pipe, tab-separated lines of the names and the rows."""
    if not sys.stdout.isatty():
        for row in [columns, *rows]:
            print("\t".join(one_line(cell) for cell in row))
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, title=title or None, title_justify="left", pad_edge=False)
    for column in columns:
        number = column in right
        table.add_column(
            column, justify="right" if number else "left", overflow="fold", no_wrap=number or column == BAR
        )
    for row in rows:
        # rich reads a str as markup, but not a Text.
        table.add_row(*(Text(measured(safe("" if cell is None else value_text(cell)))) for cell in row))
    console().print(table)


def bar(part: int, whole: int, longest: int | None = None) -> str:
    """Return a share as a bar for a terminal, as a percentage for a pipe.

    ``longest`` is the part with a full bar; without it, only the whole has one.
    """
    share = part / whole if whole else 0.0
    if not sys.stdout.isatty():
        return f"{share:.1%}"
    if longest is None:
        full = round(share * _BAR_CELLS)
        return f"{'█' * full}{'░' * (_BAR_CELLS - full)} {share:4.0%}"
    full = round(part / longest * _BAR_CELLS) if longest else 0
    return f"{'█' * full}{'░' * (_BAR_CELLS - full)} {share:6.1%}"


def count(number: int, noun: str) -> str:
    """Return ``1 event`` or ``1,200 events``."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def one_line(cell: Value) -> str:
    """Return a cell of tab-separated text, with tabs, line ends and backslashes escaped."""
    text = "" if cell is None else value_text(cell)
    for character, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, escaped)
    return text


def console(stderr: bool = False) -> "Console":
    """Return a rich console that reads no text as markup."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
