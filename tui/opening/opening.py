"""Finds or makes the eventdesk file in which something is reviewed."""

import contextlib
import os
import shlex
from datetime import datetime
from pathlib import Path

from db.errors import InputError
from db.io.file_kinds import SQLITE, kind_of_file
from db.sources.desks import desk_path
from db.store.connection import is_eventdesk_file
from db.store.sqlite import SQLITE_ERRORS, connect
from tui.output.progress import warn

_TABLE = "sqlite:"  # begins the name of a table


def desk_of(
    name: Path, desk: Path | None, format: str | None, *, has_screen: bool, texts: bool = False, plan: bool = False
) -> Path | None:
    """Return the eventdesk file in which something is reviewed, imported first if that is new.

    desk: the file that the person wants, if not the one beside the source. texts: import also texts without events.
    plan: show the plan of a database also if its desk exists. Returns None if they don't want to import. Raises
    EventdeskError.
    """
    kind = _kind(name)
    if kind is None:
        if desk is not None:
            raise InputError(f"{name}: is opened as it is; --desk names the new file for a database or file of yours")
        return name
    path = _file_of(name)
    desk = desk or desk_path(path if path.name not in ("", "..") else path.resolve())
    if os.path.lexists(desk):
        if not is_eventdesk_file(desk):
            raise InputError(f"{desk}: exists and is not an eventdesk file; name another one with --desk FILE")
        if kind == "file" and _is_newer(path, desk):
            warn(f"{name}: changed since it was imported; import it again with: {_import_command(desk, name)}")
        if not (plan or texts) or kind != "database":
            return desk
    if not has_screen:
        what = "a folder" if name.is_dir() else SQLITE.what if kind == "database" else "a file to import"
        command = _import_command(desk, name)
        raise InputError(f"{name}: is {what}, not an eventdesk file; review it on a terminal, or use: {command}")
    _refuse_folder(desk)
    from tui.opening.first import Wanted, import_first  # slow to import, and rarely needed

    return desk if import_first(Wanted(str(name), desk, kind == "database", format, texts)) else None


def _import_command(desk: Path, name: Path) -> str:
    return f"eventdesk import {shlex.quote(str(desk))} {shlex.quote(str(name))}"


def _is_newer(path: Path, desk: Path) -> bool:
    """Return True if a file was written after anything was last imported into a desk."""
    try:
        with contextlib.closing(connect(desk, "ro")) as connection:
            (last,) = connection.execute("SELECT max(finished_at) FROM imports").fetchone()
        return path.is_file() and path.stat().st_mtime > datetime.fromisoformat(last).timestamp()
    except (*SQLITE_ERRORS, OSError, TypeError, ValueError):  # opening the desk says what is wrong with it
        return False


def _kind(name: Path) -> str | None:
    """Return ``database`` or ``file`` for what has to be imported first, and None for anything else."""
    if str(name).lower().startswith(_TABLE) and not name.exists():
        return "file"
    if name.is_dir():
        return "file"
    if is_eventdesk_file(name):
        return None
    kind, is_text = kind_of_file(name)
    if kind is SQLITE:
        return "database"
    if is_text:
        return "file"
    if kind is not None or not name.is_file() or not name.stat().st_size:
        return None
    from db.formats.registry import detect_format
    from db.formats.sources import open_source

    with contextlib.suppress(InputError), open_source(str(name)) as source:
        return "file" if detect_format(source) else None
    return None


def _file_of(name: Path) -> Path:
    if str(name).lower().startswith(_TABLE) and not name.exists():
        from db.formats.sources import table_source

        source = table_source(str(name))
        if source is not None and source.path is not None:
            return source.path
    return name


def _refuse_folder(desk: Path) -> None:
    folder = desk.absolute().parent
    if not folder.is_dir():
        raise InputError(f"{desk}: no folder {folder}; create it, or name another file with --desk FILE")
    if not os.access(folder, os.W_OK):
        raise InputError(f"{desk}: no permission to write in {folder}; name a file elsewhere with --desk FILE")
