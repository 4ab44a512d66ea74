"""Parses TOML files that people write."""

from typing import Any

from db.errors import InputError


def parse_toml(text: str, where: str) -> dict[str, Any]:
    """Return the tables of TOML text. Raises InputError that names ``where``."""
    import tomllib

    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{where}: invalid TOML: nested too deeply; flatten it") from None
    except ValueError as error:  # also raised for a number with too many digits
        raise InputError(f"{where}: invalid TOML: {error}") from None
