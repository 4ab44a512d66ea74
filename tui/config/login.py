"""The name of whoever is logged in."""

import getpass

from db.errors import InputError


def login_name() -> str:
    """Return the login name, the default reviewer. Raises InputError if the system knows none."""
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        raise InputError("the system knows no login name; give your name with --reviewer NAME") from None
