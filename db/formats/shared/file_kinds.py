"""Files that are known to be no text: what they are, and what to do instead."""

from db.errors import InputError
from db.formats.format import Source

_BOMS_OF_OTHERS = (b"\xff\xfe", b"\xfe\xff")
_NO_TEXTS = {
    b"\x1f\x8b": "packed by gzip; unpack it first, as `zcat FILE | eventdesk import DB -` does",
    b"\x28\xb5\x2f\xfd": "packed by zstd; unpack it first, as `zstdcat FILE | eventdesk import DB -` does",
    b"\xfd7zXZ\0": "packed by xz; unpack it first, as `xzcat FILE | eventdesk import DB -` does",
    b"BZh91AY&SY": "packed by bzip2; unpack it first, as `bzcat FILE | eventdesk import DB -` does",
    b"PK\x03\x04": "a zip archive, as .docx and .xlsx are too; unpack it, or save what it holds as text",
    b"SQLite format 3\0": "a SQLite file; name a table of it, as in `eventdesk import DB sqlite:FILE:TABLE`",
    b"%PDF-": "a PDF; save its text as .txt",
}


def refuse_what_is_no_text(source: Source) -> None:
    """Raise InputError that says what a file of another kind is."""
    for beginning, what in _NO_TEXTS.items():
        if source.head.startswith(beginning):
            raise InputError(f"{source.name}: is {what}")
    head = source.head
    # What is ASCII in UTF-16 and UTF-32 is every second byte, or three of four, NUL.
    if head.startswith(_BOMS_OF_OTHERS) or (b"\0" in head[:4] and head[:4].strip(b"\0")):
        raise InputError(f"{source.name}: is in UTF-16 or UTF-32; save it as UTF-8")
