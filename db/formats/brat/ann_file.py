"""An .ann file that is being written: its ids, names and lines."""

import re

from db.formats.brat.ann import Annotation, Attribute, Normalization, Note, split_id, target_of
from db.formats.brat.conf import UsedTypes
from db.formats.brat.fragments import LINE_ENDS, on_one_line
from db.formats.format import Data
from db.formats.shared.objects import list_at, object_at, objects_in

ATTRIBUTE_ID = re.compile(r"[AM]\d+")
_NORMALIZATION_ID, _NOTE_ID = re.compile(r"N\d+"), re.compile(r"#\d+")


class AnnFile:
    """The annotations by id, in the order in which they were added.

    Ids that a document was read with are used again where they fit; new ones get the next free number.
    """

    def __init__(self, document: Data, used: UsedTypes) -> None:
        self.used = used
        self.lines: dict[str, Annotation] = {}
        self.reserved: set[str] = set()  # ids that new annotations don't get
        brat = object_at(document, "brat")
        self._invalid_lines = list_at(brat, "other")
        self._original_ids = [id_ for id_ in list_at(brat, "order") if isinstance(id_, str)]
        self._numbers: dict[str, int] = {}  # the highest one so far, by letters
        for id_ in [*self._original_ids, *(str(event.get("id")) for event in document.get("events") or ())]:
            letters, number = split_id(id_)
            self._numbers[letters] = max(self._numbers.get(letters, 0), number)

    def text(self) -> str:
        """Return the content of the file: the original annotations in their order, then new ones, then other lines."""
        ids = dict.fromkeys([*self._original_ids, *self.lines])
        annotations = [str(self.lines[id_]) for id_ in ids if id_ in self.lines]
        return "".join(f"{line}\n" for line in [*annotations, *filter(self._is_kept, self._invalid_lines)])

    def name(self, text: object) -> str:
        """Return text as a type or role. A document that was read from brat may use all that its files can hold."""
        if self._original_ids:
            return one_word(text).replace(":", "_")
        return re.sub(r"[^a-zA-Z0-9_-]+", "_", str(text)) or "_"

    def label(self, item: Data) -> str:
        """Return the label of a field's text-bound annotation."""
        label = object_at(item, "brat").get("label")
        return one_word(label) if isinstance(label, str) else self.name(item["name"])

    def id_for(self, letters: str, original: object, pattern: re.Pattern[str]) -> str:
        """Return the original id if it matches the pattern and is free, else a new one."""
        if isinstance(original, str) and pattern.fullmatch(original) and original not in self.lines:
            return original
        return self.new_id(letters)

    def new_id(self, letters: str) -> str:
        """Return the next free id with these letters."""
        while True:
            self._numbers[letters] = self._numbers.get(letters, 0) + 1
            if (id_ := f"{letters}{self._numbers[letters]}") not in self.lines and id_ not in self.reserved:
                return id_

    def add_attribute(self, target: str, type_: object, value: object, original: object) -> None:
        """Add an attribute of the annotation ``target``. The value True makes it a binary one."""
        plain = None if value is True else on_one_line(value)
        letter = "M" if isinstance(original, str) and original.startswith("M") else "A"
        id_ = self.id_for(letter, original, ATTRIBUTE_ID)
        attribute = Attribute(id_, one_word(type_), target, plain)
        self.lines[id_] = attribute
        self.used.add_attribute(attribute.type, plain)

    def add_normalizations(self, target: str, brat: Data) -> None:
        """Add the normalizations that ``brat`` keeps of the annotation ``target``."""
        for item in objects_in(brat.get("normalizations")):
            id_ = self.id_for("N", item.get("id"), _NORMALIZATION_ID)
            line = (on_one_line(item.get("reference")), on_one_line(item.get("text")))
            self.lines[id_] = Normalization(id_, one_word(item.get("type")), target, *line)

    def add_note(self, target: str, type_: object, text: object, original: object) -> None:
        """Add a note on the annotation ``target``."""
        id_ = self.id_for("#", original, _NOTE_ID)
        self.lines[id_] = Note(id_, one_word(type_), target, on_one_line(text))

    def _is_kept(self, line: object) -> bool:
        if not isinstance(line, str) or LINE_ENDS.search(line):
            return False
        target = target_of(line)
        return target is None or target in self.lines or target not in self._original_ids


def one_word(text: object) -> str:
    """Return text without white space."""
    return re.sub(r"\s+", "_", str(text)) or "_"
