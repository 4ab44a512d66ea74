"""Every key of the reviewer, by pane. The help screen and the README's table are made from these.

All keys of the panes have priority: the app then acts on a key before it reads the next one, so that keys typed ahead
meet the screen that the keys before them made. A pane's keys count only while that pane has the focus, so they never
take a letter from a text that is being typed.
"""

from dataclasses import dataclass

from textual.binding import Binding


def _key(id_: str, keys: str, action: str, description: str, display: str | None = None) -> Binding:
    return Binding(keys, f"screen.{action}", description, id=id_, key_display=display, priority=True, show=False)


EVERYWHERE = [
    _key("event.accept", "a", "accept", "accept the event and go on"),
    _key("event.reject", "x", "reject", "reject it: asks for the reason"),
    _key("event.unsure", "exclamation_mark", "flag", "mark it unsure and go on", "!"),
    _key("event.skip", "space", "skip", "skip to the next pending event", "␣"),
    _key("event.note", "n", "note", "write a note on the event, or on the selected field"),
    _key("field.add", "o", "add_field", "add a field that the machine missed"),
    _key("history.undo", "u", "undo", "undo your last decision, of any session"),
    _key("history.redo", "ctrl+r", "redo", "redo what you undid", "ctrl+r"),
    _key("query.edit", "slash", "query", "change the query", "/"),
    _key("event.next", "J", "next_event", "next event, from any pane"),
    _key("event.previous", "K", "previous_event", "previous event, from any pane"),
    _key("source.page_down", "ctrl+d", "source_page(1)", "half a page down in the source", "ctrl+d"),
    _key("source.page_up", "ctrl+u", "source_page(-1)", "half a page up in the source", "ctrl+u"),
    _key("pane.next", "tab", "next_pane(1)", "next pane", "tab"),
    _key("pane.previous", "shift+tab", "next_pane(-1)", "previous pane", "shift+tab"),
    _key("app.commands", "colon,ctrl+p", "commands", "find a command by name", ": ctrl+p"),
    _key("app.help", "question_mark", "help", "these keys", "?"),
    _key("app.quit", "q", "quit", "quit; everything decided is saved already"),
]

QUEUE = [
    _key("queue.next", "j,down", "next_event", "next event", "j ↓"),
    _key("queue.previous", "k,up", "previous_event", "previous event", "k ↑"),
    _key("queue.first", "g,home", "first_event", "first event", "g"),
    _key("queue.last", "G,end", "last_event", "last event", "G"),
    _key("queue.page_down", "pagedown,ctrl+f", "queue_page(1)", "a page of events down", "pgdn"),
    _key("queue.page_up", "pageup,ctrl+b", "queue_page(-1)", "a page of events up", "pgup"),
    _key("queue.fields", "l,enter,right", "go_to('fields')", "go to the fields", "l ↵"),
]

SOURCE = [
    _key("source.down", "j,down", "source_lines(1)", "a line down", "j ↓"),
    _key("source.up", "k,up", "source_lines(-1)", "a line up", "k ↑"),
    _key("source.top", "g,home", "source_end(-1)", "to the top", "g"),
    _key("source.bottom", "G,end", "source_end(1)", "to the bottom", "G"),
    _key("source.fields", "l,enter,right", "go_to('fields')", "go to the fields", "l ↵"),
    _key("source.back", "h,escape,left", "go_to('queue')", "back to the events", "h esc"),
]

FIELDS = [
    _key("fields.next", "j,down", "next_field(1)", "next field", "j ↓"),
    _key("fields.previous", "k,up", "next_field(-1)", "previous field", "k ↑"),
    _key("fields.first", "g,home", "end_field(-1)", "first field", "g"),
    _key("fields.last", "G,end", "end_field(1)", "last field", "G"),
    _key("field.edit", "enter,e", "edit_field", "edit the value; enter takes it", "↵ e"),
    _key("field.confirm", "full_stop", "confirm_field", "confirm this field and go to the next", "."),
    _key("field.remove", "d", "remove_field", "remove this field"),
    _key("field.move", "m", "move_field", "move it to another name"),
    _key("fields.back", "h,escape,left", "go_to('queue')", "back to the events", "h esc"),
]


@dataclass(frozen=True, slots=True)
class Section:
    """The keys of one pane, for people to read."""

    title: str
    bindings: tuple[Binding, ...]

    def rows(self) -> list[tuple[str, str]]:
        """Key and what it does."""
        return [(binding.key_display or binding.key, binding.description) for binding in self.bindings]


SECTIONS = (
    Section("In every pane", tuple(EVERYWHERE)),
    Section("Events", tuple(QUEUE)),
    Section("Fields", tuple(FIELDS)),
    Section("Source", tuple(SOURCE)),
)


PANE_KEYS = {"queue": QUEUE, "source": SOURCE, "fields": FIELDS}


def commands(pane: str) -> dict[str, Binding]:
    """What can be done in a pane, by its description with the key behind it."""
    bindings = [*EVERYWHERE, *PANE_KEYS[pane]]
    return {
        f"{binding.description}  ({binding.key_display or binding.key})": binding
        for binding in bindings
        if binding.id != "app.commands"
    }


def hints(*ids: str) -> list[tuple[str, str]]:
    """The first key and a word for each binding id, for the line of hints at the foot of the screen."""
    by_id = {binding.id: binding for section in SECTIONS for binding in section.bindings}
    return [((by_id[id_].key_display or by_id[id_].key).split()[0], _WORDS[id_]) for id_ in ids]


_WORDS = {
    "event.accept": "accept",
    "event.reject": "reject",
    "event.unsure": "unsure",
    "event.skip": "skip",
    "history.undo": "undo",
    "queue.fields": "fields",
    "query.edit": "query",
    "app.help": "keys",
    "app.quit": "quit",
    "field.edit": "edit",
    "field.confirm": "confirm",
    "field.remove": "remove",
    "field.move": "move",
    "field.add": "add",
    "fields.back": "back",
    "source.down": "scroll",
    "source.back": "back",
}

PANE_HINTS = {
    "queue": ("event.accept", "event.reject", "event.unsure", "event.skip", "queue.fields", "history.undo",
              "query.edit", "app.help", "app.quit"),
    "fields": ("field.edit", "field.confirm", "field.remove", "field.add", "field.move", "event.accept",
               "fields.back", "history.undo", "app.help"),
    "source": ("source.down", "event.accept", "event.reject", "source.back", "history.undo", "app.help", "app.quit"),
}  # fmt: skip
