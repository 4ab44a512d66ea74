"""A person's settings, from the configuration file: theme, mouse and keys."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from db.errors import InputError
from db.io.private import write_private
from db.io.toml import parse_toml
from tui.config.keymap import KeyMap, line_of, read_keymap
from tui.config.layouts import LAYOUTS

THEME_NAMES = ("dark", "light", "contrast", "terminal")
_KEYS = ("theme", "mouse", "layout", "keys")


@dataclass(frozen=True, slots=True)
class Settings:
    """Theme, mouse and keys.

    layout: the keyboard layout whose keys are read by their position; empty for none.
    hint_seen: a file that exists once the first-run hint was shown. queries: the file of earlier queries.
    """

    theme: str = "dark"
    mouse: bool = True
    keymap: KeyMap = field(default_factory=KeyMap)
    hint_seen: Path | None = None
    queries: Path | None = None
    layout: str = ""

    def first_run(self) -> bool:
        """Return True if the hint for beginners was never shown; it counts as shown from now on."""
        if self.hint_seen is None:
            return False
        try:
            if self.hint_seen.exists():
                return False
            write_private(self.hint_seen, "")
        except OSError:
            return False  # better no hint than one at every start
        return True


def config_file() -> Path:
    """Return the path of the configuration file, which may not exist."""
    from platformdirs import user_config_path

    return user_config_path("eventdesk", appauthor=False) / "config.toml"


def read_settings(path: Path | None = None) -> Settings:
    """Return the settings of the configuration file, or the defaults. Raises InputError with file and line."""
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
            raise InputError(f"{path}:{line_of(text, key)}: unknown key {key}; use one of {', '.join(_KEYS)}")
    theme, mouse, keys = table.get("theme", "dark"), table.get("mouse", True), table.get("keys", {})
    if theme not in THEME_NAMES:
        raise InputError(f"{path}:{line_of(text, 'theme')}: no theme {theme!r}; choose one of {', '.join(THEME_NAMES)}")
    if not isinstance(mouse, bool):
        raise InputError(f"{path}:{line_of(text, 'mouse')}: mouse must be true or false")
    layout = table.get("layout", "")
    if layout not in ("", *LAYOUTS):
        raise InputError(f"{path}:{line_of(text, 'layout')}: no layout {layout!r}; choose one of {', '.join(LAYOUTS)}")
    if not isinstance(keys, dict):
        where = f"{path}:{line_of(text, 'keys')}"
        raise InputError(f'{where}: keys must be a table: [keys], then lines such as "event.accept" = "a"')
    return Settings(theme, mouse, read_keymap(keys, text, str(path)), seen, queries, layout)
