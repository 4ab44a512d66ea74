"""Saves what is open to a new file if another program moved, replaced, emptied or deleted the file meanwhile."""

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import gettempdir

from db.errors import FileError
from db.io.private import folder_of, make_private_folder
from db.maintenance.copying import copy_file
from db.store.connection import place_of, what_happened
from db.store.place import Lost, Place
from db.store.sqlite import SQLITE_ERRORS, connect_alone


def rescue(connection: sqlite3.Connection) -> Lost | None:
    """Return what happened to the file of a connection, after saving its content once; None if it is still there."""
    place = place_of(connection)
    if place is None or place.lost is not None:
        return None if place is None else place.lost
    try:
        why = what_happened(connection)
    except SQLITE_ERRORS:
        why = "was cut off by another program"
    if why is None:
        return None
    place.lost = _saved(connection, place, why)
    if place.lost.copy is not None and place.path.exists():
        place.remove_log()
    return place.lost


def _saved(connection: sqlite3.Connection, place: Place, why: str) -> Lost:
    failure = ""
    for folder in (place.current().parent, folder_of(place.real), Path(gettempdir())):
        try:
            if folder == folder_of(place.real):
                make_private_folder(folder)
            copy = _new_name(folder / place.real.name)
            copy_file(connection, copy)
        except (FileError, OSError, *SQLITE_ERRORS) as error:
            failure = failure or str(error)
        else:
            return Lost(place.path, why, copy, sound="another program" not in why or _is_sound(copy))
    return Lost(place.path, why, None, failure)


def _is_sound(copy: Path) -> bool:
    try:
        with closing(connect_alone(copy)) as connection:
            return bool(connection.execute("PRAGMA quick_check(1)").fetchone() == ("ok",))
    except SQLITE_ERRORS:
        return False


def _new_name(path: Path) -> Path:
    number = 1
    while (copy := path.with_name(f"{path.stem}.rescued{'' if number == 1 else f'-{number}'}{path.suffix}")).exists():
        number += 1
    return copy
