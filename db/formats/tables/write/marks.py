"""The mark of a row in the wide table: a digest of its cells as exported, by which an import recognises edits."""

import re
from collections.abc import Mapping

from db.formats.tables.cells import exact_number
from db.native import digest
from db.notation.dates import read_plain_date

MARK = "eventdesk"
"""The last column of a wide table, which holds the mark."""

_LONGEST_NUMBER = 40  # characters
_NUMBER = re.compile(r"-?[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]{1,2})?")


def mark_of(cells: Mapping[str, str]) -> str:
    """Return the digest of a row: the same for any order of columns, and for numbers and dates in other notations."""
    plain = {name: plain_cell(cell) for name, cell in cells.items() if cell and name != MARK}
    return f"x{digest(plain)}-{_id_mark(cells)}"  # a spreadsheet would write digits alone as another number


def has_its_ids(cells: Mapping[str, str]) -> bool:
    """Return False if the ids of a row aren't those it was exported with: spreadsheets write 0042 as 42."""
    return not cells.get(MARK) or cells[MARK].rpartition("-")[2] == _id_mark(cells)


def _id_mark(cells: Mapping[str, str]) -> str:
    return digest([cells.get(name, "") for name in ("document", "event", "extractor")])[:6]


def plain_cell(cell: str) -> str:
    """Return a cell in the form that is the same however a spreadsheet writes it."""
    text = cell.strip().replace("\r\n", "\n")
    text = text.removeprefix("'") if len(text) > 1 else text
    if len(text) > _LONGEST_NUMBER:
        return text
    number = exact_number(text)
    if number is None and _NUMBER.fullmatch(text):
        number = float(text)
    if number is not None:
        return repr(int(number) if float(number).is_integer() and abs(number) < 2**53 else number)
    return read_plain_date(text).value or (text.lower() if text.lower() in ("true", "false") else text)
