"""Imports a database by a plan: the stored one, one in a TOML file that a person has edited, or the proposed one."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

from db.errors import InputError
from db.importing.report import ImportReport
from db.io.file_kinds import SQLITE, kind_of_file, unreadable
from db.sources.database.database import Database, open_database
from db.sources.desks import StoredSource, sources_of
from db.sources.plan import ROWID, EventTable, Plan
from db.sources.plan_toml import parse_plan
from db.sources.proposing.propose import propose, propose_texts
from db.sources.sync.syncing import add_source, sync_source
from db.store.connection import is_eventdesk_file, writing

_MOST_BYTES = 2**22


def is_source_database(path: Path) -> bool:
    """Return True for a SQLite database of another program."""
    return path.is_file() and kind_of_file(path)[0] is SQLITE and not is_eventdesk_file(path)


def plan_for(path: Path, file: str | None = None, *, texts: bool = False) -> Plan:
    """Return the plan in a TOML file, or the proposed one. Raises InputError.

    texts: True to import also documents that have no event.
    """
    plan = None if file is None else load_plan(file, path)
    with open_database(path) as database:
        if plan is not None:
            for table in plan.events:
                _refuse_unknown_columns(database, table, str(file))
            return plan
        return propose_texts(database) if texts else propose(database)


def load_plan(file: str, database: Path) -> Plan:
    """Return the plan in a TOML file. Raises InputError."""
    try:
        with open(file, "rb") as stream:
            content = stream.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise InputError(f"{file}: no such file; write a plan with: eventdesk import DB {database} --plan") from None
    except (OSError, ValueError) as error:
        raise InputError(f"{file}: {unreadable(error)}") from None
    if len(content) > _MOST_BYTES:
        raise InputError(f"{file}: larger than {_MOST_BYTES:,} bytes; a plan is a short TOML file")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{file}: {unreadable(error)}") from None
    return parse_plan(text, file)


def _refuse_unknown_columns(database: Database, table: EventTable, where: str) -> None:
    """Raise InputError if a plan's table is missing, or lacks a column that the mapping names.

    Keys of JSON and names in a fields table are known only once all rows are read.
    """
    found = database.catalogue.named(table.table)
    if found is None:
        names = ", ".join(one.name for one in database.catalogue.tables)
        raise InputError(f"{where}: {database.path} has no table {table.table}; its tables: {names}")
    if table.each or table.json or table.fields:
        return
    known = [*found.names, *(f"{item.name}.{column}" for item in table.joined for column in item.columns)]
    known += [item.column for item in table.labels]
    known += [*(item.name for item in table.children), *(item.name for item in table.one_hot)]
    folded = {column.lower() for column in (*known, ROWID)}
    for column, use in table.mapping.uses().items():
        if column.lower() not in folded:
            raise InputError(f"{where}: {table.table} has no column {column} ({use}); its columns: {', '.join(known)}")


def import_database(
    connection: sqlite3.Connection,
    desk: Path,
    database: Path,
    plan: Plan | None,
    report: ImportReport,
    progress: Callable[[int], None],
) -> None:
    """Make a database a source of a desk and import its rows, or those that are new. Raises InputError.

    plan: None for the one that the desk has. If the rows can't be read by the plan, the desk keeps what it had.
    """
    known = source_at(connection, desk, database)
    if plan is None:
        assert known is not None
        sync_source(connection, desk, known, report, progress=progress)
        return
    source = add_source(connection, desk, database, plan)
    try:
        sync_source(connection, desk, source, report, progress=progress)
    except BaseException:
        with writing(connection):
            connection.execute(
                "DELETE FROM sources WHERE id = ? AND id NOT IN (SELECT source_id FROM source_events)", (source.id,)
            )
            if known is not None:
                restored = (known.plan, known.schema_digest, known.state, known.id)
                connection.execute("UPDATE sources SET plan = ?, schema_digest = ?, state = ? WHERE id = ?", restored)
        raise


def source_at(connection: sqlite3.Connection, desk: Path, database: Path) -> StoredSource | None:
    """Return the source of a desk that is this database."""
    path = database.resolve()
    return next((source for source in sources_of(connection) if source.find(desk).resolve() == path), None)
