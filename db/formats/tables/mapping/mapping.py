"""The mapping: which columns of a table make up a document and its events. Its fields are the keys of the TOML file."""

from collections.abc import Mapping as MappingOf
from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace

from db.formats.tables.mapping.field_names import field_names
from db.kinds import Kind
from db.notation.dates import Base, Order
from db.notation.numbers import Sign

MODIFIER_SUFFIX = ".modifier"  # of the column beside a number's that has its modifier, if no mapping names another
_DERIVED_SUFFIXES = (".machine", ".machine.modifier", MODIFIER_SUFFIX)  # of columns beside a value in the wide table


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """The columns that describe the document. Several columns of ``id``, ``title`` or ``text`` are joined.

    Without ``id``, each row is a document of its own.
    """

    id: tuple[str, ...] = ()
    title: tuple[str, ...] = ()
    text: tuple[str, ...] = ()
    url: str | None = None
    publisher: str | None = None
    published: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class EventColumns:
    """The columns that describe the event.

    type: a column whose cells ``types`` translates. constant_type: the type if there is no such column or its cell is
    empty; likewise constant_extractor. run: the run or version of the extractor, which may differ from one import to
    the next without making other events. confidence_of: the highest confidence, 100 for a column of percentages.
    start, end, quote: the columns of the event's place in the text, and of the text there.
    """

    id: tuple[str, ...] = ()
    type: str | None = None
    constant_type: str | None = None
    types: MappingOf[str, str] = field(default_factory=dict)
    extractor: str | None = None
    run: str | None = None
    constant_extractor: str | None = None
    confidence: str | None = None
    confidence_of: float = 1.0
    start: str | None = None
    end: str | None = None
    quote: str | None = None


@dataclass(frozen=True, slots=True)
class ReviewColumns:
    """The columns that hold a person's decision: imported as a decision, and written for each event."""

    status: str | None = None
    reviewer: str | None = None
    decided_at: str | None = None
    reason: str | None = None
    reason_text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MappedField:
    """A column that is a field.

    kind: None reads a cell as a number if writing that number gives the same characters, else as text.
    separator: the text between the values of a list in one cell. modifier: the column of a number's modifier.
    dates: if day or month comes first in 05/03/2024; None finds out from the column. serials: from which year numbers
    such as 45702 count days. decimal: the sign before decimals; the other one groups thousands. missing: cells that
    mean no value. For each, None decides by the table's own, or else by all cells of the column.
    ground: False not to search for the value in the text; for an object, the only keys whose values are searched.
    boolean: true and yes are 1, false and no are 0. start, end, quote: the columns of the value's place in the text,
    and of the text there.
    """

    name: str
    column: str
    kind: Kind | None = None
    group: str | None = None
    unit: str | None = None
    separator: str | None = None
    modifier: str | None = None
    dates: Order | None = None
    serials: Base | None = None
    decimal: Sign | None = None
    missing: tuple[str, ...] | None = None
    ground: bool | tuple[str, ...] = True
    boolean: bool = False
    start: str | None = None
    end: str | None = None
    quote: str | None = None

    @property
    def place_columns(self) -> tuple[str, ...]:
        """The columns that say where the value is in the text."""
        return tuple(column for column in (self.start, self.end, self.quote) if column)


@dataclass(frozen=True, slots=True)
class Markup:
    """A column that holds the text with marks, as in ``(SRC: Tokyo)``, and the column whose values each mark locates.

    The column may be a path into an object, as in ``textInfo.markup``.
    """

    column: str
    marks: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a table mean.

    columns: all columns in the order in which they are written; for a file without a header row, their names.
    aliases: other names of columns, each with the name in this mapping. ignored: columns that are not fields, but are
    kept and written again. missing, dates, decimal: as in a field, for all columns. recognise: columns that identify a
    table of this mapping. shapes: patterns of cells that identify such a file without a header row. rows: the key of a
    JSON file under which the rows are, such as results.bindings. protected: True if cells that a spreadsheet would run
    as formulas begin with '. guessed: True if nobody declared the kinds, so that cells of another kind stay text.
    muted: columns whose changes a newer import stores without reporting them.
    """

    about: str = ""
    document: DocumentColumns = DocumentColumns()
    event: EventColumns = EventColumns()
    review: ReviewColumns = ReviewColumns()
    fields: tuple[MappedField, ...] = ()
    columns: tuple[str, ...] = ()
    aliases: MappingOf[str, str] = field(default_factory=dict)
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None
    dates: Order | None = None
    decimal: Sign | None = None
    muted: tuple[str, ...] = ()
    recognise: tuple[str, ...] = ()
    shapes: MappingOf[str, str] = field(default_factory=dict)
    rows: str | None = None
    header: bool | None = None
    delimiter: str | None = None
    quoted: bool | None = None
    encoding: str | None = None
    protected: bool = False
    markup: Markup | None = None
    guessed: bool = False

    def uses(self) -> dict[str, str]:
        """Return every column that the mapping names, with the first key that names it, such as ``event.type``."""
        found: dict[str, str] = {}
        for where, part in (("document", self.document), ("event", self.event), ("review", self.review)):
            for item in fields(part):
                if item.name.startswith(("constant_", "types", "confidence_of")):
                    continue
                value = getattr(part, item.name)
                for column in (value,) if isinstance(value, str) else value or ():
                    found.setdefault(column, f"{where}.{item.name}")
        for mapped in self.fields:
            found.setdefault(mapped.column, f"field {mapped.name}")
            if mapped.modifier:
                found.setdefault(mapped.modifier, f"the modifier of field {mapped.name}")
        return found | dict.fromkeys(self.ignored, "ignored")

    def with_columns(self, columns: Sequence[str]) -> "Mapping":
        """Return the same mapping, with every column that it does not name as a field without a declared kind.

        ``dead.modifier`` has the modifiers of the field in ``dead``, unless that field has another such column.
        """
        used = self.uses()
        new = dict.fromkeys(column for column in columns if column not in used)
        if not new:
            return self
        ignored: list[str] = []
        modifiers: dict[str, str] = {}
        values = {item.column for item in self.fields if item.modifier is None and item.separator is None}
        for column in sorted(new, key=len):  # a column before that of its modifiers
            base = column.removesuffix(MODIFIER_SUFFIX)
            if base != column and base in values:
                modifiers[base] = column
            elif self.protected and column.endswith(_DERIVED_SUFFIXES):  # a wide table that eventdesk wrote
                ignored.append(column)
            else:
                values.add(column)
        own = [column for column in new if column in values]
        names = field_names(own, {item.name for item in self.fields})
        added = [MappedField(name, column) for name, column in zip(names, own, strict=True)]
        mapped = (
            replace(item, modifier=modifiers[item.column]) if item.column in modifiers else item
            for item in (*self.fields, *added)
        )
        return replace(self, fields=tuple(mapped), ignored=(*self.ignored, *ignored))
