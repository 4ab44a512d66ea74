"""Files that eventdesk writes and that hold no events to import: recognised by their content, and refused with advice.

Otherwise they would come back as an extraction, since most of them are tables or JSON objects.
"""

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Source
from db.formats.shared.versions import TEXTS_COMMENT
from db.model import APPLICATION_ID

_NATIVE = "export the events as native instead, which can be imported completely"

# Each kind by keys that every object of it has.
_OBJECTS = (
    ("document event type status action", "the corrections that `export --format corrections` writes"),
    ("document_id start tokens ner_tags offsets spans", "training data in the format hf-bio"),
    ("document event extractor what removed settled", "the report of `import --changes`"),
    ("id event action what reviewer decided_at before after", "the output of `eventdesk log`"),
    ("documents events decisions progress reviewers", "the output of `eventdesk stats`"),
    ("name query help events", "the output of `eventdesk queries`"),
    ("name about reads writes loses", "the output of `eventdesk formats`"),
    ("title databases", "metadata for Datasette"),
)
_EVENT_KEYS = {"id", "type", "fields", "status", "document"}
_EVENTS = "the output of `eventdesk find` or `show`, without the texts"

# Each kind by its columns.
_TABLES = (
    ("column field about kind unit choices types events other_kind example", "a codebook, which describes a table"),
    ("column field about kind unit group", "a codebook, which describes a table"),
    ("event status date type headline confidence extractor", "the output of `eventdesk find`"),
    ("decision when reviewer event action what", "the output of `eventdesk log`"),
    ("type field kind group  unit_or_choices help source", "the output of `eventdesk types`"),
    ("type field kind group  unit_or_choices help source in_the_texts", "the output of `eventdesk types`"),
)
_LONG_TABLE = frozenset("event field group value spans grounding".split())
_DELIMITERS = ",\t;|"
_BEGINNINGS = (
    (rb"-DOCSTART- -X- O O\r?\n", "training data in the format conll"),
    (rb"--- machine\r?\n\+\+\+ people\r?\n", "the differences that `export --format corrections` writes"),
    (rb"<View[ >]", "a labelling configuration of Label Studio"),
    (re.escape(TEXTS_COMMENT.encode()), "the texts of MUC templates; import the file of the templates, or"),
    (rb'\{\s*"title": "Extracted events, reviewed"', "metadata for Datasette"),
    (rb"event\t[^\n]*\ntype\t[^\n]*\nstatus\t", "the output of `eventdesk show`"),
    (rb"[\d,]+ documents?, [\d,]+ events?, [\d,]+ decided, [\d,]+ decisions?\n", "the output of `eventdesk stats`"),
)
_DOCUMENT_IDS = ".ids.txt"
_SQLITE = b"SQLite format 3\0"
_LINE_END = re.compile(r"\r?\n")


def refuse_own_output(source: Source) -> None:
    """Raise InputError, which says what to import instead, if eventdesk wrote the file and it can't be imported."""
    for what, advice in _recognised(source):
        raise InputError(f"{source.name}: is {what}; {advice}".replace(" or; ", " or "))


def _recognised(source: Source) -> Iterator[tuple[str, str]]:
    head = _sqlite_head(source) if source.table is not None else source.head.removeprefix(b"\xef\xbb\xbf")
    if head.startswith(_SQLITE) and head[68:72] == APPLICATION_ID.to_bytes(4, "big"):
        yield "an eventdesk file", "import all of it, without sqlite: and a table, or export it as native"
    yield from ((what, _NATIVE) for beginning, what in _BEGINNINGS if re.match(beginning, head))
    if source.name.lower().endswith(_DOCUMENT_IDS):
        yield "the list of documents beside training data in the format conll", _NATIVE
    if head[:1] in (b"{", b"["):
        yield from _recognised_objects(source)
    elif source.stream is not None:
        columns = {name.replace(" ", "_") for name in _columns(head)}
        yield from ((what, _NATIVE) for names, what in _TABLES if columns == set(names.split(" ")))
        if columns >= _LONG_TABLE:
            yield "a table with one row per field, as `export --layout long` writes", _NATIVE


def _recognised_objects(source: Source) -> Iterator[tuple[str, str]]:
    objects = source.objects
    if not objects:
        return
    yield from ((what, _NATIVE) for keys, what in _OBJECTS if all(item.keys() >= set(keys.split()) for item in objects))
    if all(item.keys() >= _EVENT_KEYS and _is_without_text(item["document"]) for item in objects):
        yield _EVENTS, _NATIVE


def _is_without_text(document: object) -> bool:
    return isinstance(document, dict) and "id" in document and "text" not in document


def _columns(head: bytes) -> list[str]:
    """Return the cells of the first row of a table; none for other files."""
    encoding = "utf-16" if head.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8"
    lines = _LINE_END.split(head[: 2**14].decode(encoding, "replace"), 2)
    first = lines[1] if len(lines) > 1 and lines[0].startswith("sep=") else lines[0]
    delimiter = max(_DELIMITERS, key=first.count)
    try:
        return next(csv.reader(io.StringIO(first), delimiter=delimiter), [])
    except csv.Error:
        return []


def _sqlite_head(source: Source) -> bytes:
    try:
        with (source.path or Path(source.name)).open("rb") as stream:
            return stream.read(100)
    except OSError:  # reported when the table is read
        return b""
