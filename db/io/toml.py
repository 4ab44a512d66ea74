"""TOML that people write: read, or refused in a line that says where."""

from typing import Any

from db.errors import InputError


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """The tables of TOML text. Raises InputError that names ``where``."""
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{where}: not TOML that can be read: nested too deep; make it flatter") from None
    except ValueError as error:  # of a number with too many digits too
        raise InputError(f"{where}: not TOML: {error}") from None
