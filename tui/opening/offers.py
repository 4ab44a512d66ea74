"""What a file, a folder or a database offers for review: a plan, and its first events."""

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from db.errors import InputError
from db.formats.format import Format, ReadOptions, Record, Source
from db.formats.registry import detect_format, format_named
from db.formats.sources import open_source
from db.formats.tables.mapping.loading import WIDE
from db.formats.tables.mapping.mapping import Mapping
from db.formats.tables.table import Table
from db.sources.database.database import Database, open_database
from db.sources.plan import EventTable, Plan
from db.sources.proposing.propose import propose, propose_texts
from db.sources.reading.format import format_of
from db.sources.reading.mappings import completed
from db.sources.reading.wide import open_beginning
from db.sources.sync.changes import refuse_absent
from tui.mapping.plans.draft import Draft
from tui.mapping.plans.offer import Offer
from tui.mapping.rows import Sample, initial_mapping
from tui.opening.records import Records

_TABLES = ("csv", "json-table", "parquet", "sqlite")
_WORDS = {"csv": "CSV table", "json-table": "table of JSON objects", "parquet": "Parquet table", "sqlite": "table"}


@dataclass(frozen=True, slots=True)
class Opened:
    """An offer, and how to import it: by the format for a draft, or a database by its plan.

    plan: that of a database without events, which the screen doesn't change; None: the draft's.
    """

    offer: Offer
    source: Source
    format: Callable[[Draft], Format]
    plan: Plan | None = None


@contextlib.contextmanager
def open_offer(
    name: str, desk: Path, format: str | None, *, is_database: bool, texts: bool = False, plan: Plan | None = None
) -> Iterator[Opened]:
    """Open what a person names; ``plan``: the one that its desk has. Raises InputError if nothing can be imported."""
    if is_database:
        with open_database(Path(name)) as database:
            yield _of_database(database, desk, plan, texts=texts)
        return
    with open_source(name) as source:
        found = detect_format(source) if format is None else format_named(format)
        if found.read is None:
            raise InputError(f"{found.name} is an export-only format; list the import formats with: eventdesk formats")
        yield _of_table(source, found, desk) or _of_documents(source, found, desk)


def _of_database(database: Database, desk: Path, stored: Plan | None, *, texts: bool) -> Opened:
    notes: tuple[str, ...] = ()
    if stored is not None and (problem := _problem(database, stored)):
        notes, stored = (f"the desk's plan can't be used, so this is a new one: {problem}",), None
    plan = stored or (propose_texts(database) if texts else propose(database))
    source = Source(str(database.path), None, database.path)
    if not plan.events:
        return replace(_of_documents(source, format_of(plan), desk, "SQLite database"), plan=plan)
    samples: list[tuple[EventTable, Sample]] = []

    def sample(table: EventTable) -> Sample:
        structure = _structure(table)
        for known, found in samples:
            if known == structure:
                return found
        made = DatabaseSample(open_beginning(database, plan, table), table)
        samples.append((structure, made))
        return made

    def rows(table: EventTable) -> int | None:
        found = database.catalogue.named(table.table)
        return None if found is None or table.each else found.size

    offer = Offer(database.path.name, "SQLite database", desk, plan, sample, rows, database, notes=notes)
    return Opened(offer, source, lambda draft: format_of(draft.plan))


def _problem(database: Database, plan: Plan) -> str:
    """Return why a plan can't be used for a database; empty if it can."""
    try:
        refuse_absent(database, plan)
    except InputError as error:
        return str(error)
    return ""


def _structure(table: EventTable) -> EventTable:
    """Return a table without what changes no cell of it: the mapping of all columns but the texts, and reasons."""
    document = replace(Mapping().document, text=table.mapping.document.text)
    return replace(table, mapping=Mapping(document=document), reasons={})


class DatabaseSample(Sample):
    """The first rows of a table of a database."""

    def __init__(self, table: Table, event_table: EventTable) -> None:
        self._event_table = event_table
        super().__init__(table)

    def as_read(self, mapping: Mapping) -> Mapping:
        """Return the mapping as it is read: with the ids of the plan."""
        return completed(replace(self._event_table, mapping=mapping), self.table.columns)


def _of_table(source: Source, format: Format, desk: Path) -> Opened | None:
    """Return the offer of a table; None if it is none, or one that eventdesk exported."""
    if format.name not in _TABLES:
        return None
    from db.formats.tables.files.opening import open_table

    table = open_table(source)
    if table.preset == WIDE:
        return None
    mapping, known = initial_mapping(table)
    sample = Sample(table)
    what = f"{_WORDS[format.name]} as in {known}" if known else _WORDS[format.name]
    plan = Plan((EventTable("", (), mapping),))
    offer = Offer(Path(source.name).name, what, desk, plan, lambda _: sample)

    def format_by(draft: Draft) -> Format:
        return format if draft.mapping == mapping else replace(format, read=partial(_read_by, draft.mapping))

    return Opened(offer, source, format_by)


def _read_by(mapping: Mapping, source: Source, options: ReadOptions) -> Iterator[Record]:
    from db.formats.tables.files.opening import open_table
    from db.formats.tables.read.documents import read_table

    table = open_table(source, mapping)
    return read_table(table, mapping, options, table.notes)


def _of_documents(source: Source, format: Format, desk: Path, what: str = "") -> Opened:
    """Return the offer of a format that says what is in it."""
    records = Records(source, format, ReadOptions())
    if source.stream is not None:
        source.stream.seek(0)
    if not records.documents and not records.found:
        raise InputError(f"{source.name}: is empty: it holds nothing that can be imported")
    events = sum(bool(outcome.document is None or outcome.document.events) for outcome in records.found)
    more = "" if records.whole else " or more"
    documents = f"{records.documents:,}{more} document{'' if records.documents == 1 else 's'}"
    if records.documents == records.without_events:
        words = f"none: {documents} without events"
    else:
        words = f"{events:,}{more} event{'' if events == 1 else 's'} in {documents}"
    what = what or f"{'folder' if source.stream is None else 'file'} of format {format.name}"
    plan = Plan((EventTable("", (), Mapping()),))
    offer = Offer(Path(source.name).resolve().name, what, desk, plan, lambda _: records, documents=words)
    return Opened(offer, source, lambda _: format)
