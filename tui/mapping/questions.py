"""The questions of the mapping screen: about a field, about the mapping, and where to save it."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from db.errors import InputError
from db.formats.tables.mapping.mapping import MappedField, Mapping
from db.kinds import Kind
from db.notation.dates import Order
from tui.mapping import edits
from tui.mapping.describe import kind_word
from tui.mapping.mapping_file import MappingFile
from tui.mapping.plans.draft import Draft
from tui.mapping.rows import Sample
from tui.text.safe import safe
from tui.widgets.dialogs import Dialogs
from tui.widgets.question import TextQuestion

_KINDS: dict[str, tuple[Kind | None, Order | None, str]] = {
    "t": ("text", None, "text"),
    "i": ("integer", None, "whole number"),
    "n": ("number", None, "number"),
    "d": ("date", None, "date"),
    "f": ("date", "dmy", "date, day first"),
    "m": ("date", "mdy", "date, month first"),
    "p": ("place", None, "place"),
    "a": ("actor", None, "actor"),
    "c": ("choice", None, "one of a list"),
    "o": (None, None, "detected per cell"),
}
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r"}
_VALUES_SHOWN = 3  # of a cell that is split


class MappingHost(Protocol):
    """What questions need of the screen that asks them."""

    sample: Sample
    draft: Draft
    file: MappingFile
    dialogs: Dialogs
    row: int

    @property
    def column(self) -> str:
        """The selected column."""
        ...

    def change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        """Change the mapping, or return why that isn't possible. ``words`` describe the change, for undo."""

    def say(self, text: str, style: str = "bold") -> None:
        """Show a message until the next key."""

    def close(self) -> None:
        """Close the app."""


class Questions:
    """The questions about the selected column of a screen, and about its mapping."""

    def __init__(self, host: MappingHost) -> None:
        self._host = host
        self._column = host.column

    def name(self) -> None:
        """Ask for a field's name."""
        if (field := self._field()) is None:
            return

        def remark(typed: str) -> str:
            if not typed.strip():
                return "a field needs a name"
            name = edits.query_name(typed)
            return "" if name == typed else f"will be {name}, which queries can use"

        def submit(typed: str, _: bool) -> str | None:
            return self._change(lambda mapping: edits.rename(mapping, self._column, typed), f"named {typed}")

        self._host.dialogs.text(TextQuestion(f"Name of the field {self._column}", submit, field.name, remark=remark))

    def kind(self) -> None:
        """Ask for the kind of a field's values."""
        if (field := self._field()) is None:
            return

        def submit(key: str) -> None:
            kind, dates, words = _KINDS[key]
            self._change(lambda mapping: edits.set_kind(mapping, self._column, kind, dates), f"as {words}")

        answers = {key: words for key, (_, _, words) in _KINDS.items()}
        self._host.dialogs.key(f"Kind of {field.name} (now {kind_word(field.kind)})", answers, submit)

    def group(self) -> None:
        """Ask for a field's group."""
        if (field := self._field()) is None:
            return
        known = tuple(dict.fromkeys(item.group for item in self._host.draft.mapping.fields if item.group))

        def submit(typed: str, _: bool) -> str | None:
            words = f"in group {typed}" if typed.strip() else "in no group"
            return self._change(lambda mapping: edits.regroup(mapping, self._column, typed), words)

        def remark(typed: str) -> str:
            return "" if typed.strip() else "fields in one group, such as transfer:1, belong together; empty for none"

        label = f"Group of {field.name}"
        self._host.dialogs.text(TextQuestion(label, submit, field.group or "", known, remark, typed=not field.group))

    def separator(self) -> None:
        """Ask for the separator of several values in a cell."""
        if (field := self._field()) is None:
            return

        def submit(typed: str, _: bool) -> str | None:
            words = f"split at {typed!r}" if typed else "one value per cell"
            separator = _unescaped(typed)
            return self._change(lambda mapping: edits.set_separator(mapping, self._column, separator), words)

        sample = self._host.sample
        cell = sample.cell(self._column, self._host.row) or sample.other_cell(self._column)

        def remark(typed: str) -> str:
            if not typed:
                return "for example ; , | or \\t for a tab; empty for one value per cell"
            values = [part.strip() for part in cell.split(_unescaped(typed)) if part.strip()]
            first = " · ".join(safe(value)[:30] for value in values[:_VALUES_SHOWN])
            return f"{len(values)} here: {first}{' …' if len(values) > _VALUES_SHOWN else ''}" if values else ""

        current = _escaped(field.separator or "")
        label = f"Separator of the values of {field.name}"
        self._host.dialogs.text(TextQuestion(label, submit, current, remark=remark, typed=not current))

    def constant_type(self) -> None:
        """Ask for the event type of rows that have none."""
        event = self._host.draft.mapping.event

        def submit(typed: str, _: bool) -> str | None:
            words = f"the event type is {typed}" if typed.strip() else "only the column gives the event type"
            return self._host.change(lambda mapping: edits.set_constant_type(mapping, typed), words)

        label = "Event type of rows without one" if event.type is not None else "Event type of every row"
        self._host.dialogs.text(TextQuestion(label, submit, event.constant_type or ""))

    def save(self, then: Callable[[], None] = lambda: None) -> None:
        """Save to the requested file, or ask for one. ``then`` is called once the mapping is saved."""
        host = self._host
        if (path := host.file.holding(host.draft.mapping)) is not None:
            host.say(f"already saved: {path}", "")
            then()
            return

        def save(name: str) -> str | None:
            if not name.strip():
                return "a file needs a name"
            try:
                host.file.save(host.draft.mapping, Path(name).expanduser())
            except InputError as error:
                return str(error)
            except ValueError:
                return f"{name}: not a valid file name"
            host.say(f"saved: {name}", "")
            then()
            return None

        problem = ""
        if (requested := host.file.requested) is not None and not (problem := save(str(requested)) or ""):
            return
        label, name = "Save the mapping as a new file", host.file.suggest()
        host.dialogs.text(TextQuestion(label, lambda typed, _: save(typed), name, remark=lambda _: problem))

    def quit(self) -> None:
        """Ask whether to save the mapping before quitting."""

        def submit(key: str) -> None:
            if key == "w":
                self.save(self._host.close)
            else:
                self._host.close()

        answers = {"w": "save and quit", "q": "quit without saving"}
        self._host.dialogs.key("The mapping isn't saved.", answers, submit)

    def _field(self) -> MappedField | None:
        """Return the column's field; say so and return None if it isn't one."""
        try:
            return edits.field_of(self._host.draft.mapping, self._column)
        except InputError as error:
            self._host.say(str(error))
            return None

    def _change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        return self._host.change(change, f"{self._column}: {words}")


def _unescaped(typed: str) -> str:
    for escaped, character in _ESCAPES.items():
        typed = typed.replace(escaped, character)
    return typed


def _escaped(separator: str) -> str:
    for escaped, character in _ESCAPES.items():
        separator = separator.replace(character, escaped)
    return separator
