"""Common kinds of files that are not UTF-8 text, and what to do with them."""

from db.errors import InputError
from db.formats.format import Source

_UTF16_BOMS = (b"\xff\xfe", b"\xfe\xff")
_KINDS = {
    b"\x1f\x8b": "a gzip file; decompress it first: zcat FILE | eventdesk import DB -",
    b"\x28\xb5\x2f\xfd": "a zstd file; decompress it first: zstdcat FILE | eventdesk import DB -",
    b"\xfd7zXZ\0": "an xz file; decompress it first: xzcat FILE | eventdesk import DB -",
    b"BZh91AY&SY": "a bzip2 file; decompress it first: bzcat FILE | eventdesk import DB -",
    b"PK\x03\x04": "a zip archive (.docx and .xlsx are too); unpack it, or save its content as text",
    b"SQLite format 3\0": "a SQLite file; name one of its tables: eventdesk import DB sqlite:FILE:TABLE",
    b"%PDF-": "a PDF; save its text as .txt",
}


def refuse_non_text(source: Source) -> None:
    """Raise InputError that names the kind of a file that is not UTF-8 text, and what to do with it."""
    head = source.head
    for magic, description in _KINDS.items():
        if head.startswith(magic):
            raise InputError(f"{source.name}: is {description}")
    # ASCII in UTF-16 has a NUL in every other byte, in UTF-32 in three of four.
    if head.startswith(_UTF16_BOMS) or (b"\0" in head[:4] and head[:4].strip(b"\0")):
        raise InputError(f"{source.name}: is UTF-16 or UTF-32; save it as UTF-8")
