"""The plan by which a database is imported: the proposed one, or one in a TOML file that a person has edited."""

from pathlib import Path

from db.errors import InputError
from db.io.file_kinds import SQLITE, kind_of_file, unreadable
from db.sources.database.database import open_database
from db.sources.plan import Plan
from db.sources.plan_toml import parse_plan
from db.sources.proposing.propose import propose, propose_texts
from db.store.connection import is_eventdesk_file

_MOST_BYTES = 2**22


def is_source_database(path: Path) -> bool:
    """Return True for a SQLite database of another program."""
    return path.is_file() and kind_of_file(path)[0] is SQLITE and not is_eventdesk_file(path)


def plan_for(path: Path, file: str | None = None, *, texts: bool = False) -> Plan:
    """Return the plan in a TOML file, or the proposed one. Raises InputError.

    texts: True to import also documents that have no event.
    """
    if file is not None:
        return load_plan(file, path)
    with open_database(path) as database:
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
