"""Asks about events: a reason, a note, a type, groups to split off, a duplicate; and for a command."""

from collections.abc import Callable

from db.model import Change, Reason
from db.query.known_values import known_types
from db.store.reading import read_documents_without_events, read_event
from tui.config.bindings import commands as commands_of
from tui.review.host import Host
from tui.text.marks import REASON_KEYS, shown, words
from tui.text.safe import safe
from tui.widgets.question import NumberedQuestion, TextQuestion

_DOCUMENTS = 2000  # without events, from which one can be chosen


class EventQuestions:
    """Asks about the open event, and for others."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._dialogs = host.dialogs

    def reject(self) -> None:
        """Ask for the reason by one key, and reject; ``other`` asks for a reason in words."""
        host = self._host

        def submit(key: str) -> None:
            reason = REASON_KEYS[key]
            if reason == "other":
                question = TextQuestion("Reject: give a reason", lambda text, _: reject(reason, text), enter="reject")
                self._dialogs.text(question)
            else:
                reject(reason, None)

        def reject(reason: Reason, text: str | None) -> str | None:
            return host.decide_and_go_on(lambda event: host.session.review.reject(event, reason, text))

        self._dialogs.key("Reject as", {key: words(reason) for key, reason in REASON_KEYS.items()}, submit)

    def note(self) -> None:
        """Ask for a note on the event, or on the selected field if the fields have the focus."""
        host = self._host
        field = host.panes.fields.selected if host.panes.focused == "fields" else None
        if host.session.event is None:
            return
        before = (field.note if field else host.session.event.note) or ""

        def submit(text: str, _: bool) -> str | None:
            if text == safe(before, keep_newlines=True):
                return None
            return host.decide(lambda event: host.session.review.note(event, text, field))

        label = f"Note on {field.name}" if field else "Note on this event"
        self._dialogs.text(TextQuestion(label, submit, before, multiline=True))

    def command(self) -> None:
        """Ask for a command by words of its description, and run it."""
        host = self._host
        pane, keymap = host.panes.focused or "queue", host.settings.keymap
        commands = {f"{item.description}  ({keymap.shown(item)})": item for item in commands_of(pane)}

        def submit(text: str, _: bool) -> str | None:
            binding = commands.get(text)
            if binding is None:
                return f"no command matches {text}; esc cancels"
            if why := host.why_not(binding.id or ""):
                return f"not now: {why}"
            host.run(binding)
            return None

        def remark(text: str) -> str:
            why = host.why_not(commands[text].id or "") if text in commands else ""
            return f"not now: {why}" if why else ""

        lines = tuple(commands)
        self._dialogs.text(TextQuestion("Command", submit, suggestions=lines, remark=remark, pick=True, enter="run"))

    def open_document(self) -> None:
        """Ask for a document without events, the next one first, and show it."""
        host = self._host
        here = host.session.document.id if host.session.document else 0
        found = read_documents_without_events(host.session.connection, _DOCUMENTS)
        after = [item for item in found if item[0] > here]
        lines = {
            safe(f"{external_id}  {title}".rstrip()): id_ for id_, external_id, title in [*after, *found][: len(found)]
        }

        def submit(text: str, _: bool) -> str | None:
            if text not in lines:
                return "no document without events matches; esc cancels"
            host.show_document(lines[text])
            return None

        if lines:
            question = TextQuestion("Open document", submit, suggestions=tuple(lines), pick=True, enter="open")
            self._dialogs.text(question)
        else:
            host.say("every document has an event")

    # Making and reshaping events

    def new(self) -> None:
        """Ask for the type of an event that the machine missed, and add it."""
        host = self._host
        document = host.session.document
        if document is None:
            return

        def submit(name: str, confirmed: bool) -> str | None:
            refusal = self._refuse_type(name, confirmed)
            if refusal is None:
                refusal = host.add_event(lambda: host.session.review.add_event(document.id, name.strip()))
                if refusal is None:
                    host.say("event added; o adds a field, O a group, a accepts it", "")
            return refusal

        self._ask_type("Add event of type", submit, "add")

    def copy(self) -> None:
        """Copy the event and open the copy."""

        def copied(change: Change) -> None:
            self._host.show_event(change.event.id)
            self._host.say("this is the copy; u undoes", "")

        self._host.decide(self._host.session.review.copy, copied)

    def set_type(self) -> None:
        """Ask for another type."""
        host = self._host

        def submit(name: str, confirmed: bool) -> str | None:
            refusal = self._refuse_type(name, confirmed)
            current = host.session.event
            if refusal is None and current is not None and name.strip() != current.type:
                return host.decide(lambda event: host.session.review.set_type(event, name.strip()))
            return refusal

        self._ask_type("Change type to", submit, "save")

    def _ask_type(self, label: str, submit: Callable[[str, bool], str | None], enter: str) -> None:
        types, about = self._types(), self._about_type
        self._dialogs.text(TextQuestion(label, submit, suggestions=types, remark=about, pick=True, enter=enter))

    def _types(self) -> tuple[str, ...]:
        """Types by use, that of the open event first: what a machine misses is often like what it finds nearby."""
        here = [self._host.session.event.type] if self._host.session.event else []
        return tuple(dict.fromkeys([*here, *known_types(self._host.session.connection)]))

    def _about_type(self, name: str) -> str:
        known = self._host.session.types.get(name.strip())
        return known.help if known else "a new type in this file" if name.strip() else ""

    def _refuse_type(self, name: str, confirmed: bool) -> str | None:
        if not name.strip():
            return "type a name, or choose one with ↓"
        known = confirmed or name.strip() in self._types()
        return None if known else f"{name.strip()} is a new type in this file; enter again saves it"

    def split(self) -> None:
        """Ask by one key each which groups to split off into another event."""
        event = self._host.session.event
        groups = dict.fromkeys(field.group for field in event.live_fields if field.group) if event else ()
        self._ask_split(list(groups), [], 0)

    def _ask_split(self, groups: list[str], chosen: list[str], first: int) -> None:
        host = self._host

        def choose(number: int) -> None:
            group = groups[number]
            now = [item for item in [*chosen, group] if item != group or group not in chosen]
            self._ask_split(groups, now, number)

        def split(_: str) -> None:
            host.decide(lambda event: host.session.review.split(event, chosen), split_off)

        def split_off(change: Change) -> None:
            host.show_event(change.event.id)
            host.say("split off; fields without a group are in both events; u undoes", "")

        choices = [f"{'✓ ' if group in chosen else ''}{safe(group.replace(':', ' '))}" for group in groups]
        keys = {"enter": f"split off {len(chosen)}"} if chosen else {}
        self._dialogs.numbered(NumberedQuestion("Split off which groups?", choices, choose, keys, split, first=first))

    def merge(self) -> None:
        """Ask which event this one duplicates, the most similar first."""
        host = self._host
        if host.session.event is None:
            return
        from db.suggest.similar import similar

        found = similar(host.session.connection, host.session.event, host.session.types)
        lines = {}
        for item in found:
            row = item.row
            values = " · ".join(shown(value) for value in (row.date, *row.headline) if value is not None)
            place = "this text" if item.same_document else safe(item.document)
            lines[f"{values}  {safe(row.external_id)}  {place}  ({safe(item.why)})"] = row.id

        def submit(text: str, _: bool) -> str | None:
            if text not in lines:
                return "no similar event matches; esc cancels"
            self._ask_fill(lines[text])
            return None

        if lines:
            question = TextQuestion("Merge into", submit, suggestions=tuple(lines), pick=True, enter="choose")
            self._dialogs.text(question)
        else:
            host.say("no similar event: none of the same type and week shares a party, place or count")

    def _ask_fill(self, target_id: int) -> None:
        host = self._host
        into = read_event(host.session.connection, target_id)

        def submit(key: str) -> None:
            host.decide_and_go_on(lambda event: host.session.review.merge(event, into, fill=key == "f"))

        answers = {"enter": "link the two", "f": "link, and add missing fields"}
        self._dialogs.key(f"Merge into {safe(into.external_id)}:", answers, submit)
