"""What the steps of a proposal have found so far."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from db.errors import InputError
from db.formats.tables.mapping.mapping import MappedField
from db.sources.database.catalogue import TableInfo
from db.sources.plan import Children, FieldRows, Joined, Label, Link, OneHot, TextForm


class NoEvents(InputError):
    """A database in which no table looks like events. texts: tables of documents, which ``--texts`` imports."""

    def __init__(self, message: str, texts: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.texts = texts


@dataclass(frozen=True, slots=True)
class FoundLink:
    """A way from the rows of one table to rows of another, by a foreign key or by names and values.

    one: True if it leads to at most one row. reason: why, such as "58 of 60 values match articles.url".
    """

    table: str
    link: Link
    one: bool
    reason: str
    declared: bool = False


@dataclass(slots=True)
class TextDraft:
    """A column that holds texts, such as ``body``, or a path into JSON; ``form`` says what its cells are."""

    table: TableInfo
    column: str
    form: TextForm = "plain"
    reason: str = ""
    json: tuple[str, ...] = ()


@dataclass(slots=True)
class EventDraft:
    """What is known about a table of events.

    text: the columns of the wide table that hold the text, such as ``articles.body``. document_id: those that identify
    the document. used: own columns that are no fields, with the reason. mapped: fields that a step has decided on;
    other columns are guessed at the end. roles: columns that a step has found, by what they are, such as
    ``event.type``. The rest is as in ``EventTable``.
    """

    table: TableInfo
    key: tuple[str, ...]
    text: tuple[str, ...] = ()
    document_id: tuple[str, ...] = ()
    document_table: str | None = None
    each: str | None = None
    joined: list[Joined] = field(default_factory=list)
    labels: list[Label] = field(default_factory=list)
    children: list[Children] = field(default_factory=list)
    fields: FieldRows | None = None
    one_hot: list[OneHot] = field(default_factory=list)
    json: list[str] = field(default_factory=list)
    text_form: TextForm = "plain"
    used: dict[str, str] = field(default_factory=dict)
    mapped: list[MappedField] = field(default_factory=list)
    roles: dict[str, str] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Findings:
    """What was found so far, by the name of the table.

    ignored: tables that are not read, with the reason. links: between tables. texts: the column with the text of each
    table that has one. prose: all its columns that may be the text, the most likely first. part_of: tables whose rows
    belong to those of another, such as look-ups, children and fields tables, with the reason; they hold no events of
    their own. events: the drafts. with_fields: tables whose fields are rows of another table, with its name.
    """

    ignored: dict[str, str] = field(default_factory=dict)
    links: list[FoundLink] = field(default_factory=list)
    texts: dict[str, TextDraft] = field(default_factory=dict)
    prose: dict[str, list[TextDraft]] = field(default_factory=dict)
    part_of: dict[str, str] = field(default_factory=dict)
    events: dict[str, EventDraft] = field(default_factory=dict)
    looked_for: list[str] = field(default_factory=list)
    with_fields: dict[str, str] = field(default_factory=dict)

    def from_table(self, table: str) -> Iterator[FoundLink]:
        """Yield the links that start at a table."""
        return (link for link in self.links if link.table == table)

    def to_table(self, table: str) -> Iterator[FoundLink]:
        """Yield the links that lead to a table."""
        return (link for link in self.links if link.link.end == table)
