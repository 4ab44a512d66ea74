"""Every key of the mapping screen. Its help and the line of keys at its foot are made from these.

All have priority, for the reason given in ``tui.config.bindings``.
"""

from collections.abc import Mapping, Sequence

from textual.binding import Binding
from textual.content import Content

from tui.config.keymap import KeyMap
from tui.mapping import edits
from tui.mapping.edits import Role
from tui.widgets.foot import key_hint, key_hints
from tui.widgets.help import HelpSection, key_section

Sections = Sequence[tuple[str, Sequence[Binding]]]
FIELD_MARK, IGNORED_MARK, MODIFIER_MARK, REVIEW_MARK = "f", "-", "~", "r"

ROLE_KEYS: dict[str, Role] = {
    "d": edits.TEXT, "h": edits.TITLE, "I": edits.DOCUMENT_ID, "U": edits.URL, "p": edits.PUBLISHER,
    "D": edits.PUBLISHED, "l": edits.LANGUAGE, "i": edits.EVENT_ID, "y": edits.TYPE, "c": edits.CONFIDENCE,
    "x": edits.EXTRACTOR,
}  # fmt: skip
"""The keys that give the selected column a role; they are also the marks before columns."""

_ABOUT = {
    edits.TEXT: "document text; several columns are joined",
    edits.TITLE: "document title; several columns are joined",
    edits.DOCUMENT_ID: "document id: rows with the same id are one document", edits.URL: "document URL",
    edits.PUBLISHED: "publication date of the document", edits.LANGUAGE: "document language",
    edits.EVENT_ID: "event id; several columns are joined", edits.EXTRACTOR: "extractor: who or what found the event",
}  # fmt: skip


def _key(id_: str, keys: str, action: str, description: str, display: str | None = None) -> Binding:
    return Binding(
        keys, f"screen.{action}", description, id=f"map.{id_}", key_display=display, priority=True, show=False
    )


MOVING = [
    _key("next", "j,down", "move(1)", "next column", "j ↓"),
    _key("previous", "k,up", "move(-1)", "previous column", "k ↑"),
    _key("first", "home", "end(-1)", "first column", "home"),
    _key("last", "end", "end(1)", "last column", "end"),
    _key("page_down", "pagedown", "page(1)", "a page of columns down", "pgdn"),
    _key("page_up", "pageup", "page(-1)", "a page of columns up", "pgup"),
    _key("next_row", "J,right_square_bracket", "row(1)", "next row in the preview", "J ]"),
    _key("previous_row", "K,left_square_bracket", "row(-1)", "previous row in the preview", "K ["),
    _key("next_trouble", "exclamation_mark", "trouble", "next row that is invalid or has notes", "!"),
    _key("preview_down", "ctrl+d", "scroll(1)", "half a page down in the preview", "ctrl+d"),
    _key("preview_up", "ctrl+u", "scroll(-1)", "half a page up in the preview", "ctrl+u"),
    _key("view", "tab", "view", "show three events, or the columns beside one", "tab"),
]

ROLES = [
    *(
        _key(f"{role.part}_{role.key}", key, f"assign('{key}')", _ABOUT.get(role, role.words))
        for key, role in ROLE_KEYS.items()
    ),
    _key("field", FIELD_MARK, "make_field", "a field of the event"),
    _key("ignore", "minus", "ignore", "ignored: not a field, but kept for export", IGNORED_MARK),
    _key("review", REVIEW_MARK, "review", "part of an earlier review: status, reviewer, time, reason or note"),
]

FIELD = [
    _key("name", "n", "ask('name')", "rename the field"),
    _key("kind", "e", "ask('kind')", "set the kind of its values: text, number, date …"),
    _key("group", "g", "ask('group')", "set its group: fields in one group, such as transfer:1, belong together"),
    _key("separator", "s", "ask('separator')", "set the separator of several values in a cell"),
    _key("ground", "slash", "ground", "don't search the text for its values as evidence, or do", "/"),
]

SAVING = [
    _key("write", "w", "write", "save the mapping as a new file"),
    _key("finish", "W", "finish", "save, quit and print the command that imports with the mapping"),
]

OFFERED = [
    _key("accept", "enter", "accept", "accept: import the events and review them", "enter"),
    _key("table", "a", "next_table", "show the next table of events"),
    _key("tables", "E", "choose_tables", "choose which tables hold events"),
    _key("text", "S", "choose_text", "choose the source text: the column that holds it"),
    _key("link", "L", "choose_link", "choose the link: the columns that join events with texts"),
]

WHOLE = [
    _key("type", "T", "ask('constant_type')", "set the event type of rows that have none"),
    _key("toml", "t", "edit_toml", "edit all of it as TOML, in $VISUAL or $EDITOR"),
    _key("undo", "u", "undo", "undo the last change"),
    _key("redo", "ctrl+r", "redo", "redo the last undone change", "ctrl+r"),
    _key("help", "question_mark", "help", "show all keys", "?"),
    _key("theme", "f2", "next_theme", "next theme: dark, light, contrast, terminal", "F2"),
    _key("mouse", "f3", "toggle_mouse", "mouse off, to select text with the terminal, or on", "F3"),
    _key("suspend", "ctrl+z", "suspend", "suspend to the shell; `fg` returns", "ctrl+z"),
    _key("quit", "q", "quit", "quit; asks first if changes aren't saved"),
]

OF_A_TABLE = (
    ("The selected column is", ROLES),
    ("The selected field", FIELD),
    ("The mapping", [*SAVING, *WHOLE]),
    ("Moving", MOVING),
)
OF_AN_OFFER = (
    ("What is imported", [*OFFERED, *WHOLE]),
    ("Moving", MOVING),
    ("The selected column is", ROLES),
    ("The selected field", FIELD),
)
ALL = [*ROLES, *FIELD, *SAVING, *OFFERED, *WHOLE, *MOVING]
BINDINGS = {binding.id or "": binding for binding in ALL}

HINTS = {
    "map.next": "column", "map.next_row": "row", "map.document_text": "text", "map.document_title": "title",
    "map.event_type": "type", "map.field": "field", "map.ignore": "ignore", "map.kind": "kind", "map.name": "name",
    "map.group": "group", "map.undo": "undo", "map.write": "save", "map.help": "keys", "map.quit": "quit",
}  # fmt: skip
"""The keys at the foot and a word for each."""
HINTS_OF_EVENTS = {
    "map.accept": "import and review", "map.view": "columns", "map.next": "event", "map.text": "text",
    "map.link": "link", "map.tables": "tables", "map.toml": "TOML", "map.help": "keys", "map.quit": "quit",
}  # fmt: skip
HINTS_OF_COLUMNS = {
    "map.accept": "review", "map.view": "events", "map.next": "column", "map.document_text": "text",
    "map.event_type": "type", "map.field": "field", "map.ignore": "ignore", "map.kind": "kind",
    "map.name": "name", "map.text": "source", "map.link": "link", "map.tables": "tables",
    "map.table": "next table", "map.toml": "TOML", "map.undo": "undo", "map.help": "keys", "map.quit": "quit",
}  # fmt: skip

OF_A_DATABASE = ("map.text", "map.link", "map.tables", "map.table")
"""The keys that only a database has."""

_MARKS: HelpSection = (
    "Marks before columns",
    [
        ("d h i …", "the key that makes a column what it is"),
        (FIELD_MARK, "a field of the event"),
        (IGNORED_MARK, "ignored"),
        (MODIFIER_MARK, "the modifier of a field's number, such as about or at least"),
        ("( )", "a cell of another row, because the one shown has none"),
    ],
)


def help_sections(sections: Sections) -> list[HelpSection]:
    """Return the content of the help screen."""
    return [*(key_section(title, bindings, KeyMap()) for title, bindings in sections), _MARKS]


def hints(width: int, words: Mapping[str, str]) -> Content:
    """Return the line of keys at the foot: as many as fit, and always the last three."""
    items = [key_hint(KeyMap(), BINDINGS[id_], word, BINDINGS[id_].action) for id_, word in words.items()]
    return key_hints(items, width, keep=3)
