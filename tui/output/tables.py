"""Tables for people on a terminal, tab-separated text in a pipe, CSV and JSON for programs."""

import csv
import json
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Literal

from db.describe import value_text
from db.io.csv import defused
from db.model import Value
from tui.text.safe import measured, safe

if TYPE_CHECKING:
    from rich.console import Console

BAR = "share"
"""The column that holds bars."""

_BAR_CELLS = 12

Form = Literal["json", "ndjson", "csv", "count"] | None


def print_json(data: object) -> None:
    """JSON that a terminal can show: everything outside ASCII is escaped, control characters too."""
    json.dump(data, sys.stdout, ensure_ascii=sys.stdout.isatty(), indent=2)
    sys.stdout.write("\n")


def print_csv(columns: Sequence[str], rows: Iterable[Sequence[Value]]) -> None:
    """CSV with a line of names. A cell that a spreadsheet would run as a formula gets a ' before it."""
    writer = csv.writer(CsvLines())
    writer.writerow([harmless(column) for column in columns])
    writer.writerows([[harmless(cell) for cell in row] for row in rows])


class CsvLines:
    """What a CSV writer of its default line ends writes to: it quotes cells that hold either end, and not otherwise."""

    def write(self, line: str) -> None:
        """Write a line to standard output, with the line end of everything else here."""
        sys.stdout.write(line.removesuffix("\r\n") + "\n")


def harmless(cell: Value) -> str:
    """A cell of CSV that no spreadsheet runs, and no terminal acts on where it is written to one."""
    if not isinstance(cell, str):
        return "" if cell is None else value_text(cell)
    return defused(safe(cell) if sys.stdout.isatty() else cell)


def print_rows(
    columns: Sequence[str], rows: Iterable[Sequence[Value]], right: Iterable[str] = (), title: str = ""
) -> None:
    """A table on a terminal; in a pipe a line of tab-separated names and one for each row."""
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
        # Text, since a str would be read as markup.
        table.add_row(*(Text(measured(safe("" if cell is None else value_text(cell)))) for cell in row))
    console().print(table)


def bar(part: int, whole: int, longest: int | None = None) -> str:
    """A share as a bar on a terminal, as a percentage in a pipe. ``longest``: the part whose bar is full, the whole's
    unless given: where there are many parts, a bar for each shows which are larger.
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
    """A cell of tab-separated text: exact but for tab, line ends and backslash, which are escaped."""
    text = "" if cell is None else value_text(cell)
    for character, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(character, escaped)
    return text


def console(stderr: bool = False) -> "Console":
    """A rich console that takes no text for markup."""
    from rich.console import Console

    return Console(stderr=stderr, markup=False, emoji=False, highlight=False)
