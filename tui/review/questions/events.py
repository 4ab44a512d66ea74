"""Asks about events: a reason, a note, a command, a type, groups to split off, what it is a duplicate of."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from textual import actions

from db.decisions.review import Change
from db.model import Reason
from db.query.known_values import known_types
from db.store.reading import read_documents_without_events, read_event
from tui.text.looks import shown, words
from tui.text.safe import safe
from tui.widgets.question import TextQuestion

if TYPE_CHECKING:
    from tui.review.screen import ReviewScreen

_GROUPS_SHOWN = 9
_DOCUMENTS = 2000  # without events, among which one can be chosen


class EventQuestions:
    """Asks about the event shown, and about what is shown."""

    def __init__(self, screen: "ReviewScreen") -> None:
        self._asking = screen.asking
        self._screen = screen

    def reject(self, reasons: Mapping[str, Reason]) -> None:
        """Ask for the reason with one key; ``other`` asks for words as well."""
        screen = self._screen

        def take(key: str) -> None:
            reason = reasons[key]
            if reason == "other":
                self._asking.text(TextQuestion("Reject, because", lambda text, _: done(reason, text)))
            else:
                done(reason, None)

        def done(reason: Reason, text: str | None) -> str | None:
            change = screen.decide(lambda event: screen.review.reject(event, reason, text), lambda _: screen.go_on())
            return None if change else screen.refusal

        self._asking.key("Reject as", {key: words(reason) for key, reason in reasons.items()}, take)

    def note(self, on_field: bool) -> None:
        """Ask for the note on the event, or on the selected field."""
        screen = self._screen
        field = screen.fields_view.selected if on_field else None
        if screen.event is None:
            return
        before = (field.note if field else screen.event.note) or ""

        def take(text: str, _: bool) -> str | None:
            if text == safe(before, keep_newlines=True):
                return None
            return None if screen.decide(lambda event: screen.review.note(event, text, field)) else screen.refusal

        about = f"Note on {field.name}" if field else "Note on this event"
        self._asking.text(TextQuestion(about, take, before, multiline=True))

    def command(self, pane: str) -> None:
        """Ask for a command by some of its words, and run the first that has them."""
        screen = self._screen
        commands = {
            f"{item.description}  ({screen.settings.keymap.shown(item)})": item for item in screen.commands(pane)
        }

        def take(text: str, _: bool) -> str | None:
            binding = commands.get(text)
            if binding is None:
                return f"no command has {text} in its name; esc cancels"
            if why := screen.why_not(binding.id or ""):
                return f"not now: {why}"
            _namespace, name, arguments = actions.parse(binding.action)
            getattr(screen, f"action_{name}")(*arguments)
            return None

        def remark(text: str) -> str:
            why = screen.why_not(commands[text].id or "") if text in commands else ""
            return f"not now: {why}" if why else ""

        self._asking.text(
            TextQuestion("Command", take, suggestions=tuple(commands), remark=remark, pick=True, enter="run")
        )

    def open_document(self) -> None:
        """Ask for a document without events, the next one first, and show it."""
        screen = self._screen
        here = screen.document.id if screen.document else 0
        found = read_documents_without_events(screen.connection, _DOCUMENTS)
        after = [item for item in found if item[0] > here]
        lines = {
            safe(f"{external_id}  {title}".rstrip()): id_ for id_, external_id, title in [*after, *found][: len(found)]
        }

        def take(text: str, _: bool) -> str | None:
            if text not in lines:
                return "no document without events has that; esc cancels"
            screen.show_document(lines[text])
            return None

        if lines:
            self._asking.text(
                TextQuestion("Open the document", take, suggestions=tuple(lines), pick=True, enter="open")
            )
        else:
            screen.say("every document has an event")

    # Making and reshaping events

    def new(self) -> None:
        """Ask for the type of an event that the machine missed, and show it."""
        screen = self._screen
        document = screen.document
        if document is None:
            return

        def take(name: str, again: bool) -> str | None:
            refusal = self._refuse_type(name, again)
            if refusal is None:
                made = screen.take_in(lambda: screen.review.add_event(document.id, name.strip()))
                if made is None:
                    return screen.refusal
                screen.show_event(made.event.id)
                screen.say("a new event; o adds a field, O a group, a accepts it", "")
            return refusal

        self._asking.text(
            TextQuestion("New event of type", take, suggestions=self._types(), remark=self._about_type, pick=True)
        )

    def set_type(self) -> None:
        """Ask for another type."""
        screen = self._screen

        def take(name: str, again: bool) -> str | None:
            refusal = self._refuse_type(name, again)
            if refusal is None and screen.event is not None and name.strip() != screen.event.type:
                typed = screen.decide(lambda event: screen.review.set_type(event, name.strip()))
                refusal = None if typed else screen.refusal
            return refusal

        self._asking.text(
            TextQuestion("Change the type to", take, suggestions=self._types(), remark=self._about_type, pick=True)
        )

    def _types(self) -> tuple[str, ...]:
        """Types by use, that of the event shown first: a machine that missed one event has seen the like."""
        here = [self._screen.event.type] if self._screen.event else []
        return tuple(dict.fromkeys([*here, *known_types(self._screen.connection)]))

    def _about_type(self, name: str) -> str:
        known = self._screen.types.get(name.strip())
        return known.help if known else "a type that this file does not have yet" if name.strip() else ""

    def _refuse_type(self, name: str, again: bool) -> str | None:
        if not name.strip():
            return "type a name, or go to one with ↓"
        known = again or name.strip() in self._types()
        return None if known else f"{name.strip()} is a new type in this file; enter again takes it"

    def split(self) -> None:
        """Ask which groups go into an event of their own, one key each; enter splits."""
        live = self._screen.event.live_fields if self._screen.event else ()
        groups = list(dict.fromkeys(field.group for field in live if field.group))[:_GROUPS_SHOWN]
        self._ask_split(groups, [])

    def _ask_split(self, groups: list[str], going: list[str]) -> None:
        screen = self._screen

        def answered(key: str) -> None:
            if key != "enter":
                group = groups[int(key) - 1]
                self._ask_split(groups, [item for item in [*going, group] if item != group or group not in going])
                return
            screen.decide(lambda event: screen.review.split(event, going), split_off)

        def split_off(change: Change) -> None:
            screen.show_event(change.event.id)
            screen.say("split off: fields of no group stand in both; u takes it back", "")

        marks = {group: "✓ " if group in going else "" for group in groups}
        answers = {str(n): f"{marks[group]}{safe(group.replace(':', ' '))}" for n, group in enumerate(groups, 1)}
        if going:
            answers["enter"] = f"split off {len(going)}"
        self._asking.key("Which groups go into an event of their own?", answers, answered)

    def merge(self) -> None:
        """Ask of which event this is a duplicate: those that are like it first."""
        screen = self._screen
        if screen.event is None:
            return
        from db.suggest.similar import similar

        found = similar(screen.connection, screen.event, screen.types)
        lines = {}
        for item in found:
            row = item.row
            values = " · ".join(shown(value) for value in (row.date, *row.headline) if value is not None)
            place = "this text" if item.same_document else safe(item.document)
            lines[f"{values}  {safe(row.external_id)}  {place}  ({safe(item.why)})"] = row.id

        def take(text: str, _: bool) -> str | None:
            if text not in lines:
                return "no event like this one has that; esc cancels"
            self._ask_fill(lines[text])
            return None

        if lines:
            self._asking.text(TextQuestion("A duplicate of", take, suggestions=tuple(lines), pick=True))
        else:
            screen.say("no other event of its type and week shares a party, place or count")

    def _ask_fill(self, target_id: int) -> None:
        screen = self._screen
        into = read_event(screen.connection, target_id)

        def answered(key: str) -> None:
            screen.decide(lambda event: screen.review.merge(event, into, fill=key == "f"), lambda _: screen.go_on())

        answers = {"enter": "only link the two", "f": "and add the fields that it lacks"}
        self._asking.key(f"Merge into {safe(into.external_id)}:", answers, answered)
