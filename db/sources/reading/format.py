"""A plan as a format, so that the import reads a source database like any other file."""

from collections.abc import Iterator
from contextlib import closing

from db.formats.format import Format, ReadOptions, Record, Source
from db.sources.plan import Plan
from db.sources.reading.connections import Opened
from db.sources.reading.records import read_plan
from db.store.sqlite import connect_alone

NAME = "database"


def format_of(plan: Plan) -> Format:
    """Return the format that reads a source database by a plan."""

    def read(source: Source, options: ReadOptions) -> Iterator[Record]:
        assert source.path is not None
        with closing(connect_alone(source.path)) as connection:
            yield from read_plan(Opened(connection, source.path), plan, options)

    return Format(
        name=NAME,
        about="a SQLite database, by a plan",
        reads="the rows of its event tables, joined with their documents",
        read=read,
        grounds=True,
        options=frozenset(("extractor",)),
        unnamed="",
    )
