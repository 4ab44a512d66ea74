"""Mappings: which columns of a table are what in a document and its events; of TOML that people write, or shipped."""

import re
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as MappingOf
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast, get_args

from db.errors import InputError
from db.formats.tables.mapping.keys import (
    choice_of,
    delimiter_of,
    encoding_of,
    ground_of,
    patterns_of,
    positive_of,
    refuse_unknown,
    strings_of,
    table_of,
    text_of,
    texts_of,
    truth_of,
)
from db.formats.tables.mapping.names import plain_names
from db.io.toml import parse_toml
from db.kinds import KINDS, Kind

Order = Literal["dmy", "mdy"]
ORDERS: tuple[Order, ...] = get_args(Order)
_LARGEST = 2**20  # bytes of a mapping
_AFTER_VALUES = {".machine", ".machine.modifier", ".modifier"}


@dataclass(frozen=True, slots=True)
class DocumentColumns:
    """Which columns describe the document. Those of ``id``, ``title`` and ``text`` are joined where they are several.

    Without ``id`` each row is a document of its own.
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
    """Which columns are the event's own.

    type is a column, whose cells ``types`` translates; where it is None or a cell is empty, ``constant_type`` holds.
    So with ``extractor``. ``confidence_of`` is what stands for certain: 100 where the column counts in per cent.
    """

    id: tuple[str, ...] = ()
    type: str | None = None
    constant_type: str | None = None
    types: MappingOf[str, str] = field(default_factory=dict)
    extractor: str | None = None
    constant_extractor: str | None = None
    confidence: str | None = None
    confidence_of: float = 1.0


@dataclass(frozen=True, slots=True)
class ReviewColumns:
    """Which columns say what a person decided; written of each event, and taken over where they are read."""

    status: str | None = None
    reviewer: str | None = None
    decided_at: str | None = None
    reason: str | None = None
    reason_text: str | None = None
    note: str | None = None


@dataclass(frozen=True, slots=True)
class MappedField:
    """A column that is a field.

    kind: None takes a cell as it shows itself: a number where writing it again gives the same characters, else text.
    separator: what stands between the values of a list in one cell. modifier: the column of a number's modifier.
    dates: whether day or month comes first in 05/03/2024; None where the column itself should tell.
    ground: whether the value is looked for in the document's text; of an object, the keys whose values are.
    """

    name: str
    column: str
    kind: Kind | None = None
    group: str | None = None
    unit: str | None = None
    separator: str | None = None
    modifier: str | None = None
    dates: Order | None = None
    ground: bool | tuple[str, ...] = False


@dataclass(frozen=True, slots=True)
class Markup:
    """A column in which the text stands with marks, as ``(SRC: Tokyo)``; the column whose values each mark points to.

    The column may lie within objects: ``textInfo.markup``.
    """

    column: str
    marks: MappingOf[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Mapping:
    """What the columns of a table are.

    columns: their order, in which they are written; of a file without names in its first row (``header``) their names.
    ignored: columns that are no fields, but come back as they are. missing: cells that stand for no value.
    recognise: columns by which a table is surely told to be one of this mapping; others may then be absent. shapes:
    patterns of cells by which that is told of a file without names. protected: a ' stands before cells that a
    spreadsheet would run. guessed: nobody declared the kinds: what does not fit them is kept as text.
    """

    about: str = ""
    document: DocumentColumns = DocumentColumns()
    event: EventColumns = EventColumns()
    review: ReviewColumns = ReviewColumns()
    fields: tuple[MappedField, ...] = ()
    columns: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    recognise: tuple[str, ...] = ()
    shapes: MappingOf[str, str] = field(default_factory=dict)
    header: bool | None = None
    delimiter: str | None = None
    quoted: bool | None = None
    encoding: str | None = None
    protected: bool = False
    markup: Markup | None = None
    guessed: bool = False

    def named(self) -> dict[str, str]:
        """Every column that is spoken of, and where."""
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

    def extended(self, columns: Sequence[str]) -> "Mapping":
        """The same with every further column as a field that shows its own kind."""
        named = self.named()
        more = [column for column in columns if column not in named]
        if not more:
            return self
        names = plain_names(more, {mapped.name for mapped in self.fields})
        pairs = dict(zip(more, names, strict=True))
        ignored: list[str] = []
        made: list[MappedField] = []
        for column, name in pairs.items():
            if self.protected and any(column.endswith(end) for end in _AFTER_VALUES):  # a table of eventdesk's own
                base = column.removesuffix(".modifier")
                if base == column or base not in pairs or base.endswith(".machine"):
                    ignored.append(column)
                continue
            modifier = f"{column}.modifier"
            made.append(MappedField(name, column, modifier=modifier if self.protected and modifier in pairs else None))
        return replace(self, fields=(*self.fields, *made), ignored=(*self.ignored, *ignored))


def load(name: str) -> Mapping:
    """The mapping in a file of TOML, or the shipped one of that name. Raises InputError in a line."""
    path = Path(name)
    if name in preset_names() and not path.exists():
        return preset(name)
    try:
        with path.open("rb") as stream:
            content = stream.read(_LARGEST + 1)
    except (OSError, ValueError) as error:
        why = "no such mapping" if isinstance(error, FileNotFoundError) else f"can't be read ({error})"
        raise InputError(
            f"{name}: {why}; name a file of TOML or a shipped mapping: {', '.join(preset_names())}"
        ) from None
    if len(content) > _LARGEST:
        raise InputError(f"{name}: longer than {_LARGEST:,} bytes; that is no mapping")
    try:
        return parse_mapping(content.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


@cache
def preset_names() -> tuple[str, ...]:
    """The names of the shipped mappings, in order."""
    from importlib.resources import files

    found = (item.name for item in files(__package__).joinpath("presets").iterdir())
    return tuple(sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml")))


@cache
def preset(name: str) -> Mapping:
    """The shipped mapping of that name. Raises InputError."""
    from importlib.resources import files

    return parse_mapping(files(__package__).joinpath("presets", f"{name}.toml").read_text("utf-8"), name)


def preset_of(columns: Iterable[str]) -> str | None:
    """The name of the shipped mapping that surely fits a table with these column names; None where none does."""
    there = set(columns)
    fitting = [name for name in preset_names() if (needed := preset(name).recognise) and there.issuperset(needed)]
    return max(fitting, key=lambda name: len(preset(name).recognise), default=None)


def preset_of_cells(cells: Sequence[str]) -> str | None:
    """The name of the shipped mapping of files without names of which this is surely a row."""
    for name in preset_names():
        mapping = preset(name)
        if mapping.shapes and len(mapping.columns) == len(cells):
            row = dict(zip(mapping.columns, cells, strict=True))
            if all(re.fullmatch(pattern, row.get(column, "")) for column, pattern in mapping.shapes.items()):
                return name
    return None


def parse_mapping(toml: str, where: str) -> Mapping:
    """A mapping from TOML text. Raises InputError that names ``where`` and the key."""
    table = parse_toml(toml, where)
    refuse_unknown(where, table, [item.name for item in fields(Mapping) if item.name != "guessed"])
    document = table_of(where, table, "document")
    event = table_of(where, table, "event")
    review = table_of(where, table, "review")
    refuse_unknown(f"{where}: [document]", document, [item.name for item in fields(DocumentColumns)])
    refuse_unknown(f"{where}: [event]", event, [item.name for item in fields(EventColumns)])
    refuse_unknown(f"{where}: [review]", review, [item.name for item in fields(ReviewColumns)])
    joined = {key: strings_of(f"{where}: [document]", document, key) for key in ("id", "title", "text")}
    single = {
        key: text_of(f"{where}: [document]", document, key) for key in ("url", "publisher", "published", "language")
    }
    told = {
        key: text_of(f"{where}: [event]", event, key)
        for key in ("type", "constant_type", "extractor", "constant_extractor", "confidence")
    }
    mapping = Mapping(
        about=text_of(where, table, "about") or "",
        document=DocumentColumns(**joined, **single),  # type: ignore[arg-type]
        event=EventColumns(
            id=strings_of(f"{where}: [event]", event, "id"),
            types=texts_of(f"{where}: [event]", event, "types"),
            confidence_of=positive_of(f"{where}: [event]", event, "confidence_of"),
            **told,
        ),
        review=ReviewColumns(
            **{item.name: text_of(f"{where}: [review]", review, item.name) for item in fields(ReviewColumns)}
        ),
        fields=_fields(where, table.get("fields", [])),
        columns=strings_of(where, table, "columns"),
        ignored=strings_of(where, table, "ignored"),
        missing=strings_of(where, table, "missing"),
        recognise=strings_of(where, table, "recognise"),
        shapes=patterns_of(where, table),
        header=truth_of(where, table, "header"),
        delimiter=delimiter_of(where, table),
        quoted=truth_of(where, table, "quoted"),
        encoding=encoding_of(where, table),
        protected=bool(truth_of(where, table, "protected")),
        markup=_markup(where, table),
    )
    _refuse_contradictions(where, mapping)
    return mapping


def to_toml(mapping: Mapping) -> str:
    """A mapping as TOML that ``parse_mapping`` reads back."""
    import tomli_w

    def told(part: Any) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for item in fields(part):
            value = getattr(part, item.name)
            if item.name == "guessed" or (value in (None, (), "", {}, False) and item.name != "column"):
                continue
            if item.name == "confidence_of" and value == 1.0:
                continue
            if item.name in ("id", "title", "text") and len(value) == 1:
                value = value[0]
            made[item.name] = list(value) if isinstance(value, tuple) else dict(value) if item.name in _DICTS else value
        return made

    table = told(replace(mapping, fields=(), document=DocumentColumns(), event=EventColumns(), markup=None))
    for key in ("document", "event", "review"):
        table.pop(key, None)
        if part := told(getattr(mapping, key)):
            table[key] = part
    if mapping.header is False:
        table["header"] = False
    if mapping.quoted is False:
        table["quoted"] = False
    if mapping.markup:
        table["markup"] = {"column": mapping.markup.column, **mapping.markup.marks}
    if mapping.fields:
        table["fields"] = [told(item) for item in mapping.fields]
    return tomli_w.dumps(table)


_DICTS = ("types", "shapes")


def _fields(where: str, items: object) -> tuple[MappedField, ...]:
    if not isinstance(items, list):
        raise InputError(f"{where}: fields must be a list of tables, as in [[fields]]")
    made = []
    for number, item in enumerate(items, 1):
        here = f"{where}: field {number}"
        if not isinstance(item, dict):
            raise InputError(f"{here}: must be a table with a column")
        refuse_unknown(here, item, [part.name for part in fields(MappedField)])
        column = item.get("column")
        name = text_of(here, item, "name")
        if not isinstance(column, str):  # "" is a column without a name, as of an index
            raise InputError(f'{here}: names no column; add column = "…"')
        here = f"{where}: field {name or column}"
        made.append(
            MappedField(
                name or plain_names([column])[0],
                column,
                cast("Kind | None", choice_of(here, item, "kind", KINDS)),
                text_of(here, item, "group"),
                text_of(here, item, "unit"),
                text_of(here, item, "separator"),
                text_of(here, item, "modifier"),
                cast("Order | None", choice_of(here, item, "dates", ORDERS)),
                ground_of(here, item),
            )
        )
    return tuple(made)


def _refuse_contradictions(where: str, mapping: Mapping) -> None:
    seen: set[tuple[str, str | None]] = set()
    for item in mapping.fields:
        if (item.name, item.group) in seen:
            raise InputError(
                f"{where}: field {item.name}: two columns have this name and group; give one another name or group"
            )
        seen.add((item.name, item.group))
    for key, columns in (("columns", mapping.columns), ("ignored", mapping.ignored)):
        if len(set(columns)) != len(columns):
            double = next(column for column in columns if columns.count(column) > 1)
            raise InputError(f"{where}: {key} names {double} twice; take one out")
    if mapping.header is False and not mapping.columns:
        raise InputError(f'{where}: header = false needs columns = ["…"], the names that the file does not have')
    if mapping.columns:
        for column, what in mapping.named().items():
            if column not in mapping.columns:
                raise InputError(f"{where}: {what} names the column {column}, which is not in columns; add it there")


def _markup(where: str, table: dict[str, Any]) -> Markup | None:
    if "markup" not in table:
        return None
    marks = texts_of(where, table, "markup")
    if "column" not in marks:
        raise InputError(f'{where}: [markup] names no column; add column = "…"')
    return Markup(marks["column"], {mark: column for mark, column in marks.items() if mark != "column"})
