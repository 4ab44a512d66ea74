"""Releases of a table with a known list of what was done to each: ``releases.py [--rows 5000] [--seed 1]``; Markdown.

Each release is imported into the file that has the earlier ones, and into a new file for comparison. The report must
name everything that was done, by field, and nothing else. The exit status is 1 if it doesn't.
"""

import argparse
import contextlib
import csv
import io
import random
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path

from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.store.connection import open_file

Row = dict[str, str]
Release = Callable[["Releases"], None]

_PLACES = ("Kyiv", "Lviv", "Odesa", "Sumy", "Kharkiv", "Poltava", "Izmail", "Bakhmut")
_TYPES = ("Battle", "Shelling", "Protest", "Raid")
_ACTORS = ("Army", "Police", "Militia", "Rebels", "Unknown group")
_DAILIES = ("Daily Post", "Morning Star", "Evening Herald")


@dataclass(slots=True)
class Done:
    """What was done to the rows of a release, or what its report says was done.

    fields: how many values, by the name of the field and the kind of change. vanished: the ids of rows that are not in
    the release although an earlier one had them.
    """

    fields: Counter[tuple[str, str]] = field(default_factory=Counter)
    added: int = 0
    vanished: list[str] = field(default_factory=list)
    headlines: int = 0
    reordered: bool = False

    def words(self) -> str:
        """Return it for a cell of a table."""
        parts = [f"{name}: {number:,} {kind}" for (name, kind), number in sorted(self.fields.items())]
        parts += [f"{self.added:,} added"] * (self.added > 0)
        parts += [f"{len(self.vanished):,} vanished"] * bool(self.vanished)
        parts += [f"{self.headlines:,} headlines"] * (self.headlines > 0)
        return "; ".join(parts + ["reordered"] * self.reordered) or "nothing"


class Releases:
    """A made-up table, and what a release does to it. Each row is changed at most once in a release."""

    def __init__(self, rows: int, seed: int) -> None:
        self._random = random.Random(seed)
        self._made = 0
        self._gone: list[str] = []
        self.rows = [self._row() for _ in range(rows)]
        self.begin()

    def begin(self) -> None:
        """Begin the next release. Rows that are gone stay gone."""
        self.done = Done(vanished=list(self._gone))
        self._untouched = list(self.rows)
        self._random.shuffle(self._untouched)

    def change(self, column: str, number: int, name: str | None = None) -> None:
        """Give some rows another value of a column, which becomes the field ``name``."""
        for row in self._some(number):
            row[column] = self._other(column, row)
        self.done.fields[name or column, "changed"] += number

    def empty(self, column: str, number: int) -> None:
        """Empty the cells of some rows."""
        for row in self._some(number):
            row[column] = ""
        self.done.fields[column, "gone"] += number

    def retype(self, column: str, number: int | None, write: Callable[[str], str]) -> None:
        """Write the values of some rows, or of all, in another way."""
        rows = self.rows if number is None else self._some(number)
        for row in rows:
            row[column] = write(row[column])
        self.done.fields[column, "written"] += len(rows)

    def add(self, number: int) -> None:
        """Add rows, in places all over the table."""
        for _ in range(number):
            self.rows.insert(self._random.randrange(len(self.rows)), self._row())
        self.done.added += number

    def remove(self, number: int) -> None:
        """Remove rows."""
        gone = {row["event_id"] for row in self._some(number)}
        self.rows = [row for row in self.rows if row["event_id"] not in gone]
        self._gone += gone
        self.done.vanished += gone

    def reword(self, number: int) -> None:
        """Change the headlines of some rows, with the words that are evidence."""
        for row in self._some(number):
            row["headline"] = f"Update: {row['headline']}, officials say"
        self.done.headlines += number

    def reorder(self) -> None:
        """Shuffle the rows."""
        self._random.shuffle(self.rows)
        self.done.reordered = True

    def csv(self) -> bytes:
        """Return the table."""
        text = io.StringIO()
        writer = csv.DictWriter(text, list(self.rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(self.rows)
        return text.getvalue().encode()

    def _some(self, number: int) -> list[Row]:
        taken, self._untouched = self._untouched[:number], self._untouched[number:]
        assert len(taken) == number, "too few rows for so many changes"
        return taken

    def _row(self) -> Row:
        self._made += 1
        choice, below = self._random.choice, self._random.randrange
        place, kind, actor, deaths = choice(_PLACES), choice(_TYPES), choice(_ACTORS), below(1, 90)
        return {
            "event_id": f"E{self._made:06}",
            "headline": f"{kind} in {place}: {actor} report {deaths} dead (story {self._made})",
            "event_date": (date(2024, 1, 13) + timedelta(below(700))).isoformat(),
            "event_type": kind,
            "place": place,
            "actor": actor,
            "deaths": str(deaths),
            "injured": str(below(1, 400)),
            "latitude": f"{44 + below(80_000) / 10_000:.4f}",
            "precision": choice("123"),
            "civilians": choice(("true", "false")),
            "publisher": choice(_DAILIES),
        }

    def _other(self, column: str, row: Row) -> str:
        return next(value for value in iter(lambda: self._row()[column], None) if value != row[column])


def values(table: Releases) -> None:
    """Change values, and add rows."""
    share = len(table.rows) // 100
    for column, times in (("deaths", 3), ("place", 2), ("latitude", 6), ("actor", 1), ("publisher", 1)):
        table.change(column, share * times)
    table.change("event_type", share, "type")
    table.add(share * 2)


def rows_and_headlines(table: Releases) -> None:
    """Remove rows, change headlines and the order."""
    share = len(table.rows) // 100
    table.remove(share)
    table.reword(share * 5)
    table.reorder()


def everything(table: Releases) -> None:
    """Do some of each."""
    some = max(1, len(table.rows) // 50)
    for column in ("deaths", "place", "latitude", "event_date", "publisher"):
        table.change(column, some)
    table.change("event_type", some, "type")
    table.retype("civilians", some, _as_number)
    table.retype("injured", some, lambda value: f"{value}.0")
    table.retype("event_date", some, lambda value: date.fromisoformat(value).strftime("%d %B %Y"))
    table.empty("actor", some)
    table.reword(some)
    table.remove(some)
    table.add(some)
    table.reorder()


def writing(table: Releases) -> None:
    """Write whole columns in another way."""
    table.retype("civilians", None, lambda value: value.upper() if value.isalpha() else f"{value}.0")
    table.retype("deaths", None, lambda value: f"{value}.0")
    table.retype("event_date", None, _with_slashes)


def _as_number(value: str) -> str:
    return {"true": "1", "false": "0"}[value]


def _with_slashes(value: str) -> str:
    day = datetime.strptime(value, "%d %B %Y") if " " in value else datetime.fromisoformat(value)
    return day.strftime("%d/%m/%Y")


RELEASES: dict[str, Release] = {
    "values": values,
    "rows and headlines": rows_and_headlines,
    "everything": everything,
    "writing": writing,
}


def read_report(report: ImportReport, reordered: bool = False) -> Done:
    """Return what a report says was done. It can't say that rows are in another order, which changes nothing."""
    fields: Counter[tuple[str, str]] = Counter(
        {(name, kind): n for name, kinds in report.by_field.items() for kind, n in kinds.items()}
    )
    gone = [event for _, event in report.vanished]
    return Done(fields, report.events, gone, report.new_titles + report.new_texts, reordered)


def import_table(connection: sqlite3.Connection, content: bytes) -> ImportReport:
    """Import a release."""
    report = ImportReport()
    import_source(connection, Source("events.csv", io.BytesIO(content), Path("events.csv")), report)
    assert not report.refusals, report.refusals[0]
    return report


def differing(done: Done, found: Done) -> list[str]:
    """Return what a report lacks, has too much of, or counts wrongly."""
    faults = [
        f"{name} {kind}: {found.fields[name, kind]:,} instead of {done.fields[name, kind]:,}"
        for name, kind in sorted(done.fields.keys() | found.fields.keys())
        if found.fields[name, kind] != done.fields[name, kind]
    ]
    for what, expected, number in (
        ("added", done.added, found.added),
        ("headlines", done.headlines, found.headlines),
    ):
        if expected != number:
            faults.append(f"{what}: {number:,} instead of {expected:,}")
    for what, ids in (
        ("vanished, not named", set(done.vanished) - set(found.vanished)),
        ("named, but not vanished", set(found.vanished) - set(done.vanished)),
    ):
        if ids:
            faults.append(f"{what}: {', '.join(sorted(ids)[:5])} ({len(ids):,})")
    return faults


def main() -> int:
    """Make the releases, import them one after the other, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=5000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    table, failed = Releases(options.rows, options.seed), False
    print("| release | what was done | what the report says | seconds | into a new file |")
    print("|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:

        def timed(connection: sqlite3.Connection) -> tuple[ImportReport, float]:
            began = time.perf_counter()
            report = import_table(connection, table.csv())
            return report, time.perf_counter() - began

        def opened(name: str) -> sqlite3.Connection:
            return stack.enter_context(contextlib.closing(open_file(Path(folder, f"{name}.db"), create=True)))

        file = opened("all")
        _, took = timed(file)
        print(f"| the first | {options.rows:,} rows | {options.rows:,} rows | {took:.1f} | {took:.1f} |", flush=True)
        for name, release in RELEASES.items():
            table.begin()
            release(table)
            report, took = timed(file)
            _, alone = timed(opened(name))
            found = read_report(report, table.done.reordered)
            faults = differing(table.done, found)
            failed = failed or bool(faults)
            says = f"**{'; '.join(faults)}**" if faults else "all of it, and nothing else"
            print(f"| {name} | {table.done.words()} | {says} | {took:.1f} | {alone:.1f} |", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
