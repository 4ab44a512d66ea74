"""What can go wrong, as one line that a person can act on."""


class EventdeskError(Exception):
    """What was wrong, where, and what to do: one line, ready to show."""


class FileWarning(UserWarning):
    """Something about the file that a person should know, and that ends nothing: one line."""


class FileError(EventdeskError):
    """The file can't be opened, or is not what it should be."""


class InputError(EventdeskError):
    """Input that can't be used: a line to import, an argument, a types file."""


class KindError(EventdeskError):
    """A value that does not fit its field's kind."""


class ConflictError(EventdeskError):
    """Somebody else decided about this event after it was shown here.

    ``theirs`` and ``mine`` say in words what they did and what was to be done; ``mine`` is empty where there is nothing
    to choose.
    """

    def __init__(self, why: str, theirs: str = "", mine: str = "") -> None:
        super().__init__(why)
        self.theirs = theirs
        self.mine = mine


class NotWrittenError(EventdeskError):
    """The file could not be written, as on a disk that is full: nothing was changed, and the same again may do."""


class BusyError(NotWrittenError):
    """Another process writes to the file just now: nothing was changed, and the same again soon will do."""
