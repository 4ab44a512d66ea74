"""The plan: how the tables of a source database become documents with events.

An event table, with everything that it is joined with, is read as one wide table: its own columns by their names,
columns of joined rows as ``articles.body``, and rows of a child table as one cell that holds a list. The mapping says
what these columns mean, as for any other table.
"""

from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field
from typing import Literal

from db.formats.tables.mapping.mapping import Mapping

ROWID = "rowid"  # the key of a table that declares none

TextForm = Literal["plain", "html", "file"]
"""What a text column holds: the text, a page of HTML, or the path of a file, relative to the database."""


@dataclass(frozen=True, slots=True)
class Link:
    """Leads from a row to rows of another table: those whose cells in ``to`` equal the row's cells in ``columns``.

    then: the link from those rows on, such as from a table between two others.
    """

    columns: tuple[str, ...]
    table: str
    to: tuple[str, ...]
    then: "Link | None" = None

    @property
    def end(self) -> str:
        """The table that the last link leads to."""
        return self.then.end if self.then else self.table


@dataclass(frozen=True, slots=True)
class Joined:
    """The row of another table, read as columns such as ``articles.body``; empty cells if there is none.

    several: True if the link leads to several rows, such as several texts about one event. Each is a document, and the
    event belongs to the one in which most of its values are found.
    """

    name: str
    link: Link
    columns: tuple[str, ...]
    several: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A column whose values are the labels of rows in a look-up table.

    column: the own column with the id, which the label replaces; for a link that leads to several rows, the name of a
    new column with the list of labels.
    """

    column: str
    link: Link
    label: str
    several: bool = False


@dataclass(frozen=True, slots=True)
class Children:
    """Rows of a child table, such as victims, read as one column: a list of objects, or of a single column's values."""

    name: str
    link: Link
    columns: tuple[str, ...]
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class FieldRows:
    """Rows of a fields table, each of them one field of an event; each name is read as a column of its own.

    name, value: columns of the fields table; an id in one of them is replaced by its label.
    """

    link: Link
    name: str
    value: str
    group: str | None = None
    start: str | None = None
    end: str | None = None
    quote: str | None = None
    confidence: str | None = None
    labels: tuple[Label, ...] = ()


@dataclass(frozen=True, slots=True)
class OneHot:
    """Columns of 0 and 1, read as one column: the list of the names of those that are 1."""

    name: str
    columns: tuple[str, ...]
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventTable:
    """A table or view whose rows are events.

    key: the columns that identify a row, or ``rowid``. each: the column of a JSON list whose objects are the events, or
    a path to it such as ``response.items``; their keys are columns too. json: columns whose texts are JSON; a mapping
    may name a path into one, such as ``raw.article.text``. mapping: what the columns of the wide table mean.
    event_prefix, document_prefix: come before the ids, where several tables have the same ones.
    reasons: why, by what was chosen: ``events``, ``text``, ``join``, or the name of a column.
    """

    table: str
    key: tuple[str, ...]
    mapping: Mapping
    each: str | None = None
    joined: tuple[Joined, ...] = ()
    labels: tuple[Label, ...] = ()
    children: tuple[Children, ...] = ()
    fields: FieldRows | None = None
    one_hot: tuple[OneHot, ...] = ()
    json: tuple[str, ...] = ()
    text_form: TextForm = "plain"
    event_prefix: str = ""
    document_prefix: str = ""
    reasons: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TextTable:
    """A table or view whose rows are documents, of which some or all have no event."""

    table: str
    key: tuple[str, ...]
    mapping: Mapping
    joined: tuple[Joined, ...] = ()
    json: tuple[str, ...] = ()
    text_form: TextForm = "plain"
    document_prefix: str = ""
    reasons: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a source database is read.

    texts: tables of documents to import also without events. ignored: why other tables are not read.
    publish_on_quit: publish at the end of each review session.
    """

    events: tuple[EventTable, ...]
    texts: tuple[TextTable, ...] = ()
    ignored: MappingOf[str, str] = field(default_factory=dict)
    publish_on_quit: bool = False
