"""The keys of bindings: as shipped, or as a TOML table by binding id sets them."""

import re
import string
import tomllib
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

from textual.binding import Binding
from textual.keys import ASCII_KEY_NAMES, KEY_NAME_REPLACEMENTS, Keys

from db.errors import InputError
from db.text.matching import best_matches
from tui.config.bindings import BINDINGS, SCOPES

PRESETS = ("vim", "arrows")
_NAMED = {key.value for key in Keys}
_SHOWN = {"up": "↑", "down": "↓", "left": "←", "right": "→", "enter": "↵", "escape": "esc", "space": "␣",
          "pagedown": "pgdn", "pageup": "pgup"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class KeyMap:
    """Changed keys, by binding id."""

    changed: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def keys(self, binding: Binding) -> tuple[str, ...]:
        """Return the keys of a binding, as Textual names them."""
        return self.changed.get(binding.id or "", tuple(binding.key.split(",")))

    def shown(self, binding: Binding) -> str:
        """Return the keys of a binding, as people read them."""
        changed = self.changed.get(binding.id or "")
        return " ".join(map(_shown, changed)) if changed else binding.key_display or binding.key

    def textual(self) -> dict[str, str]:
        """Return the argument of ``App.set_keymap``."""
        return {id_: ",".join(keys) for id_, keys in self.changed.items()}


def preset(name: str) -> KeyMap:
    """Return a shipped set of keys. Raises InputError."""
    if name not in PRESETS:
        raise InputError(f"no preset {name}; choose one of {', '.join(PRESETS)}")
    text = (files("tui.config") / "keymaps" / f"{name}.toml").read_text(encoding="utf-8")
    return KeyMap(_checked(tomllib.loads(text), text, f"{name}.toml"))


def read_keymap(table: Mapping[str, object], text: str, where: str) -> KeyMap:
    """Return a person's keys over a shipped set. Raises InputError with the line.

    table: binding ids with a key or a list of keys, and perhaps ``preset``. text: the TOML file.
    """
    rest = dict(table)
    base = rest.pop("preset", PRESETS[0])
    if base not in PRESETS:
        raise InputError(f"{where}:{line_of(text, 'preset')}: no preset {base!r}; choose one of {', '.join(PRESETS)}")
    changed = {**preset(str(base)).changed, **_checked(rest, text, where)}
    _refuse_clashes(changed, rest, text, where)
    return KeyMap(changed)


def _checked(table: Mapping[str, object], text: str, where: str) -> dict[str, tuple[str, ...]]:
    checked = {}
    for id_, value in table.items():
        at = f"{where}:{line_of(text, id_)}"
        if isinstance(value, dict):
            inner = next(iter(value), "")
            at = f"{where}:{line_of(text, f'{id_}.{inner}')}"
            raise InputError(f'{at}: put the id in quotes: "{id_}.{inner}" = "a"')
        if id_ not in BINDINGS:
            near = best_matches(list(BINDINGS), id_.rpartition(".")[2], 1)
            hint = f"; did you mean {near[0]}?" if near else "; `eventdesk keys` lists them"
            raise InputError(f"{at}: no binding {id_}{hint}")
        keys = [value] if isinstance(value, str) else value
        if not isinstance(keys, list) or not keys or not all(isinstance(key, str) for key in keys):
            raise InputError(f'{at}: {id_} must be a key or a list of keys, for example "{id_}" = "a"')
        checked[id_] = tuple(_key(key, at) for key in keys)
    return checked


def _key(name: str, at: str) -> str:
    """Return Textual's name for a key, which may be given as a character."""
    if len(name) == 1:
        return key_name(name)
    plain = name.lower()
    *modifiers, last = plain.split("+")
    if "alt" in modifiers:
        raise InputError(f"{at}: {name}: terminals send alt keys as escape and a letter; choose another")
    if plain == "return":
        raise InputError(f"{at}: no terminal sends {name}; write enter")
    if modifiers == ["shift"] and len(last) == 1:
        raise InputError(f"{at}: no terminal sends {name}; write the character: {last.upper()}")
    known = plain in _NAMED or last in _NAMED or (modifiers and len(last) == 1)
    if not known or not set(modifiers) <= {"ctrl", "shift"}:
        raise InputError(f"{at}: no key {name}; write a character or a name such as ctrl+e, f5, pagedown or space")
    return plain


def key_name(character: str) -> str:
    """Return Textual's name for the key of a character: ``full_stop`` for a full stop, ``a`` for an a."""
    if character.isalnum():
        return character
    name = unicodedata.name(character, "").lower().replace("-", "_").replace(" ", "_")
    return KEY_NAME_REPLACEMENTS.get(name, name) or ASCII_KEY_NAMES.get(character, character)


def _refuse_clashes(changed: Mapping[str, tuple[str, ...]], mine: Iterable[str], text: str, where: str) -> None:
    """Raise InputError if a key is bound twice in a pane."""
    keymap = KeyMap(changed)
    own = set(mine)
    for scope in SCOPES.values():
        holders: dict[str, Binding] = {}
        for binding in scope:
            for key in keymap.keys(binding):
                other = holders.setdefault(key, binding)
                if other is not binding:
                    culprit = next(item.id for item in (binding, other) if item.id in own or item is other)
                    clash = binding.id if culprit == other.id else other.id
                    line = line_of(text, culprit or "")
                    raise InputError(f"{where}:{line}: {_shown(key)} is bound to {culprit} and {clash}; change one")


def line_of(text: str, key: str) -> int:
    """Return the line of a TOML text that sets a key; 1 if there is none."""
    pattern = re.compile(rf"""^\s*["']?{re.escape(key)}["']?\s*=""")
    return next((number for number, line in enumerate(text.split("\n"), 1) if pattern.match(line)), 1)


def written(key: str) -> str:
    """Return a key as the configuration file has it: the character itself, if it is one."""
    return next((item for item in string.punctuation if key == key_name(item)), key)


def _shown(key: str) -> str:
    if key in _SHOWN:
        return _SHOWN[key]
    return key.upper() if re.fullmatch(r"f\d+", key) else written(key)
