"""Reads a date in any notation: of programs, of people, or as a number of days or seconds."""

from db.notation.dates import LONGEST, NO_DATE, Base, Order, ReadDate, read_plain_date
from db.notation.day_numbers import day_of_number
from db.notation.written_dates import read_written_date


def read_date(cell: str, order: Order | None = None, base: Base | None = None, language: str | None = None) -> ReadDate:
    """Return the date of a cell.

    order: if day or month comes first in the column, if known. base: from which year a spreadsheet counts days; None
    if numbers are no dates. language: of month names that mean different months (``listopad``).
    """
    read = read_plain_date(cell, order)
    if read.value is not None or read.ambiguous or read.problem != NO_DATE.problem or len(cell) > LONGEST:
        return read
    if base is not None and (day := day_of_number(cell, base)) is not None:
        return ReadDate(day, note=True)
    return read_written_date(cell, order, language, base is not None)
