"""What a person set in the configuration file: theme, mouse, keys."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from db.errors import InputError
from db.io.private import write_private
from db.io.toml import parse_toml
from tui.config.keymap import KeyMap, line_of, read_keymap

THEME_NAMES = ("dark", "light", "contrast", "terminal")
_KEYS = ("theme", "mouse", "keys")


@dataclass(frozen=True, slots=True)
class Settings:
    """How the reviewer looks and which keys it has.

    ``hint_seen`` is the file that tells that this is no first run, ``queries`` the one that keeps queries of before.
    """

    theme: str = "dark"
    mouse: bool = True
    keymap: KeyMap = field(default_factory=KeyMap)
    hint_seen: Path | None = None
    queries: Path | None = None

    def first_run(self) -> bool:
        """Whether the hint for beginners was never shown; it counts as shown from now on."""
        if self.hint_seen is None:
            return False
        try:
            if self.hint_seen.exists():
                return False
            write_private(self.hint_seen, "")
        except OSError:
            return False  # where nothing can be kept, a hint at every start would be worse than none
        return True


def config_file() -> Path:
    """Where the settings are, which need not be there."""
    from platformdirs import user_config_path

    return user_config_path("eventdesk", appauthor=False) / "config.toml"


def read_settings(path: Path | None = None) -> Settings:
    """The settings of the configuration file, or those shipped. Raises InputError that names file and line."""
    from platformdirs import user_state_path

    path = path or config_file()
    state = user_state_path("eventdesk", appauthor=False)
    seen, queries = state / "hint-seen", state / "queries.jsonl"
    try:
        text = path.read_bytes().decode()
    except FileNotFoundError:
        return Settings(hint_seen=seen, queries=queries)
    except OSError as error:
        raise InputError(f"{path}: can't be read ({os.strerror(error.errno or 0)}); check its permissions") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: not UTF-8; save it as UTF-8") from None
    table = parse_toml(text, str(path))
    for key in table:
        if key not in _KEYS:
            raise InputError(f"{path}:{line_of(text, key)}: unknown key {key}; one of {', '.join(_KEYS)}")
    theme, mouse, keys = table.get("theme", "dark"), table.get("mouse", True), table.get("keys", {})
    if theme not in THEME_NAMES:
        raise InputError(f"{path}:{line_of(text, 'theme')}: no theme {theme!r}; one of {', '.join(THEME_NAMES)}")
    if not isinstance(mouse, bool):
        raise InputError(f"{path}:{line_of(text, 'mouse')}: mouse must be true or false")
    if not isinstance(keys, dict):
        where = f"{path}:{line_of(text, 'keys')}"
        raise InputError(f'{where}: keys must be a table: [keys], then lines as in "event.accept" = "a"')
    return Settings(theme, mouse, read_keymap(keys, text, str(path)), seen, queries)
