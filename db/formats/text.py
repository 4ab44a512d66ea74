"""Plain text: a file is a document without events."""

from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.format import Format, ReadOptions, Record, Source, Sure
from db.formats.json_documents import LONGEST
from db.formats.unreadable import refuse_what_is_no_text
from db.native import digest


def _recognise(source: Source) -> Sure:
    return Sure.CERTAIN if source.suffix == ".txt" and source.stream else Sure.NO


def _read(source: Source, _: ReadOptions) -> Iterator[Record]:
    refuse_what_is_no_text(source)
    content = source.opened.read(LONGEST + 1)
    if len(content) > LONGEST:
        raise InputError(f"{source.name}: longer than {LONGEST:,} bytes; make several texts of it")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{source.name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
    if not text.strip():
        raise InputError(f"{source.name}: is empty; there is nothing to import")
    yield Record(1, text_document(text, Path(source.name).stem), taken=len(content))


def text_document(text: str, title: str) -> dict[str, object]:
    """A document without events; its id is made from its text alone, so that a renamed file is the same document."""
    return {"id": f"txt-{digest(text)}", "title": title, "text": text}


FORMAT = Format(
    name="text",
    about="plain text, UTF-8: one document without events",
    reads="the text; its title is the file's name",
    recognise=_recognise,
    read=_read,
)
