"""What the cells of a column prove about its dates, its numbers and its confidences."""

import re

from db.notation.any_date import read_date
from db.notation.dates import Base, Order, order_of
from db.notation.day_numbers import day_of_number, is_spreadsheet_day
from db.notation.numbers import Sign, read_number

_COUNTS = frozenset(
    "killed dead death deaths wounded injured casualties fatalities victims people persons count number total arrested"
    " displaced detained missing population civilians soldiers participants kills tote verletzte morts muertos".split()
)
_MEASURES = frozenset(
    "lat lon lng long latitude longitude coord coordinate coordinates x y share ratio rate score scale tone mean"
    " average index weight probability confidence percent".split()
)
_THOUSAND = 1000
_SURELY_PERCENT = 10
_MOST_SEEN = 4096  # different cells of a column that are remembered, so that equal ones are read once


class DateEvidence:
    """What the dates of a column prove: the order of day and month, and from which year a spreadsheet counts days."""

    def __init__(self) -> None:
        self.orders: set[Order] = set()
        self._first, self._last = "", ""
        self._serials: list[int] = []
        self._seen: set[str] = set()

    def add(self, cell: str | float) -> None:
        """Take one cell into account."""
        if is_spreadsheet_day(cell):
            number = int(float(cell))
            self._serials = [min([*self._serials, number]), max([*self._serials, number])]
            return
        if not isinstance(cell, str) or cell in self._seen:
            return
        if len(self._seen) < _MOST_SEEN:
            self._seen.add(cell)
        if order := order_of(cell):
            self.orders.add(order)
        elif (day := read_date(cell).value) and len(day) >= len("2025-02-14"):
            self._first = min(self._first or day, day)
            self._last = max(self._last, day)

    @property
    def order(self) -> Order | None:
        """The order that cells with a day above 12 prove, if they agree."""
        return next(iter(self.orders)) if len(self.orders) == 1 else None

    @property
    def base(self) -> Base:
        """The year from which day numbers count: 1904 if only that agrees with the other dates of the column."""
        if not self._serials or not self._first:
            return 1900
        for base in (1900, 1904):
            ends = [day_of_number(number, base) or "" for number in self._serials]
            if self._first[:4] <= ends[1][:4] and ends[0][:4] <= self._last[:4]:
                return 1900 if base == 1900 else 1904
        return 1900


class NumberEvidence:
    """What the numbers of a column prove about its decimal sign."""

    def __init__(self, column: str, is_whole: bool = False) -> None:
        words = set(re.findall(r"[^\W\d_]+", column.casefold()))
        self._counts = is_whole or bool(words & _COUNTS)
        self._measures = bool(words & _MEASURES) and not is_whole
        self.proven: set[Sign] = set()
        self._ambiguous: set[str] = set()
        self._rounded = False  # 2.500: decimals would lack the zeros
        self._small = self._large = 0
        self._seen: set[str] = set()

    def add(self, cell: str, unit: str | None = None) -> None:
        """Take one cell into account."""
        if cell in self._seen:
            return
        if len(self._seen) < _MOST_SEEN:
            self._seen.add(cell)
        read = read_number(cell, None, unit)
        if read.sign:
            self.proven.add(read.sign)
        elif read.ambiguous:
            self._ambiguous.add("," if "," in cell else ".")
            self._rounded |= cell.rstrip().endswith("0")
        elif read.value is not None:
            self._small += abs(read.value) < _THOUSAND
            self._large += abs(read.value) >= _THOUSAND and cell.strip("+- ").isdecimal()

    @property
    def certain(self) -> Sign | None:
        """The decimal sign that a cell proves, if all that prove one agree."""
        return next(iter(self.proven)) if len(self.proven) == 1 else None

    @property
    def sign(self) -> Sign | None:
        """The decimal sign, also if only the whole column shows it: thousands are grouped, smaller numbers are not."""
        if self.proven or len(self._ambiguous) != 1:
            return self.certain
        has_points = "." in self._ambiguous
        if self._measures:
            return "." if has_points else ","
        grouped = not self._large and (self._small > 1 or (self._small and self._rounded))
        if not grouped and not self._counts:
            return None
        return "," if has_points else "."


class ShareEvidence:
    """What the confidences of a column or a file prove: that they are shares, or percentages."""

    def __init__(self) -> None:
        self.least, self.most = 0.0, 0.0
        self._has_shares = False
        self.numbers = NumberEvidence("confidence")

    def add(self, value: object) -> None:
        """Take one confidence into account; texts that are no numbers don't count."""
        if isinstance(value, str):
            self.numbers.add(value, "%")
            read = read_number(value, ".", "%")
            value = read.value if "%" not in value and read.value is not None else None
        if isinstance(value, bool) or not isinstance(value, int | float):
            return
        self.least, self.most = min(self.least, value), max(self.most, value)
        self._has_shares |= 0 < value < 1

    @property
    def is_percent(self) -> bool:
        """True if all numbers are from 0 to 100, none is a share, and one is too high for a score of another kind."""
        return self.least >= 0 and _SURELY_PERCENT < self.most <= 100 and not self._has_shares
