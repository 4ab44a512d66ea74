"""What is asked while a mapping is made: of a field, of the whole, and where it goes."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from db.errors import InputError
from db.formats.tables.mapping.mapping import MappedField, Mapping, Order
from db.kinds import Kind
from tui.mapping import model
from tui.mapping.words import kind_words
from tui.text.safe import safe
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from tui.mapping.screen import MappingScreen

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
    "o": (None, None, "as each cell shows"),
}
_ESCAPES = {"\\t": "\t", "\\n": "\n", "\\r": "\r"}
_SHOWN = 3  # values of a list


class Questions:
    """The questions of one screen."""

    def __init__(self, screen: "MappingScreen") -> None:
        self._screen = screen
        self._asking = screen.asking
        self._column = screen.column

    def name(self) -> None:
        """Ask for a field's name."""
        if (item := self._field()) is None:
            return

        def remark(typed: str) -> str:
            if not typed.strip():
                return "a field needs a name"
            name = model.addressable(typed)
            return "" if name == typed else f"as {name}, so that a query can name it"

        def take(typed: str, _: bool) -> str | None:
            return self._change(lambda mapping: model.rename(mapping, self._column, typed), f"named {typed}")

        self._asking.text(TextQuestion(f"Name of the field {self._column}", take, item.name, remark=remark))

    def kind(self) -> None:
        """Ask for the kind of a field's values."""
        if (item := self._field()) is None:
            return

        def take(key: str) -> None:
            kind, dates, words = _KINDS[key]
            self._change(lambda mapping: model.set_kind(mapping, self._column, kind, dates), f"as {words}")

        answers = {key: words for key, (_, _, words) in _KINDS.items()}
        self._asking.key(f"{item.name}, now as {kind_words(item.kind)}, is:", answers, take)

    def group(self) -> None:
        """Ask for a field's group."""
        if (item := self._field()) is None:
            return
        known = tuple(dict.fromkeys(one.group for one in self._screen.draft.mapping.fields if one.group))

        def take(typed: str, _: bool) -> str | None:
            words = f"of the group {typed}" if typed.strip() else "of no group"
            return self._change(lambda mapping: model.regroup(mapping, self._column, typed), words)

        def remark(typed: str) -> str:
            return "" if typed.strip() else "empty: of no group. Fields of one group, as transfer:1, belong together"

        question = TextQuestion(f"Group of {item.name}", take, item.group or "", known, remark, typed=not item.group)
        self._asking.text(question)

    def separator(self) -> None:
        """Ask for what stands between the values in a cell."""
        if (item := self._field()) is None:
            return

        def take(typed: str, _: bool) -> str | None:
            words = f"a list by {typed!r}" if typed else "one value a cell"
            change = _unescaped(typed)
            return self._change(lambda mapping: model.set_separator(mapping, self._column, change), words)

        cell = next((one for one in self._cells() if one), "")

        def remark(typed: str) -> str:
            if not typed:
                return "as ; or , or |, \\t for a tab; empty: a cell is one value"
            values = [part.strip() for part in cell.split(_unescaped(typed)) if part.strip()]
            told = " · ".join(safe(value)[:30] for value in values[:_SHOWN])
            return f"{len(values)} here: {told}{' …' if len(values) > _SHOWN else ''}" if values else ""

        now = _escaped(item.separator or "")
        label = f"What separates the values of {item.name}"
        self._asking.text(TextQuestion(label, take, now, remark=remark, typed=not now))

    def constant_type(self) -> None:
        """Ask for the event type of rows in which no column tells it."""
        event = self._screen.draft.mapping.event

        def take(typed: str, _: bool) -> str | None:
            words = f"the event type is {typed}" if typed.strip() else "no event type but the column's"
            return self._screen.change(lambda mapping: model.set_constant_type(mapping, typed), words)

        label = "Event type where its cell is empty" if event.type is not None else "Event type of every row"
        self._asking.text(TextQuestion(label, take, event.constant_type or ""))

    def write(self, then: Callable[[], None]) -> None:
        """Write to the file that was asked for, or ask for one; ``then`` is called when it is written."""
        screen = self._screen
        if (path := screen.writing.written_as(screen.draft.mapping)) is not None:
            screen.say(f"written already: {path}", "")
            then()
            return

        def write(name: str) -> str | None:
            if not name.strip():
                return "a file needs a name"
            try:
                screen.writing.write(screen.draft.mapping, Path(name).expanduser())
            except InputError as error:
                return str(error)
            except ValueError:  # a name that no file can have
                return f"{name}: can't be the name of a file"
            screen.say(f"written: {name}", "")
            then()
            return None

        given = screen.writing.given
        if given is not None and (refused := write(str(given))) is None:
            return
        said = refused if given is not None else ""
        question = TextQuestion(
            "Write the mapping to the new file",
            lambda typed, _: write(typed),
            screen.writing.proposal(),
            remark=lambda _: said or "",
        )
        self._asking.text(question)

    def quit(self) -> None:
        """Ask whether to leave without the mapping."""

        def take(key: str) -> None:
            if key == "w":
                self.write(self._screen.app.exit)
            else:
                self._screen.app.exit()

        answers = {"w": "write it and leave", "q": "leave without"}
        self._asking.key("The mapping is not written.", answers, take, leave="stay")

    def _field(self) -> MappedField | None:
        """The field that the column is; says so where it is none."""
        try:
            return model.field_of(self._screen.draft.mapping, self._column)
        except InputError as error:
            self._screen.say(str(error))
            return None

    def _change(self, change: Callable[[Mapping], Mapping], words: str) -> str | None:
        return self._screen.change(change, f"{self._column}: {words}")

    def _cells(self) -> list[str]:
        sample = self._screen.sample
        return [sample.cell(self._column, self._screen.row), sample.other_cell(self._column)]


def _unescaped(typed: str) -> str:
    for escaped, character in _ESCAPES.items():
        typed = typed.replace(escaped, character)
    return typed


def _escaped(separator: str) -> str:
    for escaped, character in _ESCAPES.items():
        separator = separator.replace(character, escaped)
    return separator
