"""Errors whose message is one line for the user: what is wrong, where, and what to do."""

import sqlite3


class EventdeskError(Exception):
    """The base of all errors that are shown to the user."""


class FileWarning(UserWarning):
    """A warning about the file, in one line; the work goes on."""


class FileError(EventdeskError):
    """The file can't be opened, or is not a valid eventdesk file."""


class DamagedRowError(EventdeskError, sqlite3.DatabaseError):
    """A row of the file can't be read: a bit has flipped, or another program wrote it.

    One of SQLite's errors too, so that whatever handles a damaged page handles a damaged row.
    """

    def __init__(self, table: str, row: object, why: str) -> None:
        super().__init__(f"{table} row {row}: {why}")


class GoneError(FileError):
    """The file that is open was moved, replaced, emptied or deleted. Nothing was written."""


class InputError(EventdeskError):
    """Invalid input: a line to import, an argument, a types file."""


class ConfidenceError(InputError):
    """A confidence that is no number from 0 to 1."""


class KindError(EventdeskError):
    """A value that does not fit the kind of its field."""


class ConflictError(EventdeskError):
    """Somebody else decided about the event after it was shown here.

    ``theirs`` and ``mine`` describe both decisions, so that the reviewer can choose; ``mine`` is empty if
    there is no choice.
    """

    def __init__(self, why: str, theirs: str = "", mine: str = "") -> None:
        super().__init__(why)
        self.theirs = theirs
        self.mine = mine


class NotWrittenError(EventdeskError):
    """The file could not be written, for example because the disk is full. Nothing was changed; a retry may work."""


class BusyError(NotWrittenError):
    """Another process is writing to the file. Nothing was changed; retry soon."""
