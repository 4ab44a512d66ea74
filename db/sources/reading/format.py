"""A plan as a format, so that the import reads a source database like any other file."""

from collections.abc import Iterator

from db.formats.format import Format, ReadOptions, Record, Source
from db.sources.database.database import open_database
from db.sources.plan import Plan
from db.sources.reading.records import EVERY_ROW, Rows, read_plan

NAME = "database"


def format_of(plan: Plan, rows: Rows = EVERY_ROW) -> Format:
    """Return the format that reads a source database by a plan; ``rows``: which ones to read."""

    def read(source: Source, options: ReadOptions) -> Iterator[Record]:
        assert source.path is not None
        with open_database(source.path) as database:
            yield from read_plan(database, plan, options, rows)

    return Format(
        name=NAME,
        about="a SQLite database, by a plan",
        reads="the rows of its event tables, joined with their documents",
        read=read,
        grounds=True,
        options=frozenset(("extractor",)),
    )
