"""Kinds of files that people mistake for text, recognised by their first bytes, with what to do about them."""

import re
from dataclasses import dataclass
from pathlib import Path

HEAD = 65_536  # bytes that are enough to recognise a file
_TEXT_CONTROLS = frozenset(b"\t\n\v\f\r\x1b")


@dataclass(frozen=True, slots=True)
class FileKind:
    """``what`` a file is, such as "a PDF", and what to do with it, as an imperative."""

    what: str
    advice: str


_SHEET = "save each sheet as CSV and import that"
_TEXT = "save its text as .txt and import that"
_TABLE = "write its rows as CSV, JSON Lines or Parquet and import that"
_NOT_TEXT = "eventdesk reads text; import the article's text instead"
SQLITE = FileKind("a SQLite database", "name one of its tables: eventdesk import DB sqlite:FILE:TABLE")
_PIPE = "decompress it first: {} FILE | eventdesk import DB -"

_BEGINNINGS = (
    (rb"\x1f\x8b", FileKind("a gzip file", _PIPE.format("zcat"))),
    (rb"\x28\xb5\x2f\xfd", FileKind("a zstd file", _PIPE.format("zstdcat"))),
    (rb"\xfd7zXZ\0", FileKind("an xz file", _PIPE.format("xzcat"))),
    (rb"BZh[1-9]1AY&SY", FileKind("a bzip2 file", _PIPE.format("bzcat"))),
    (rb"SQLite format 3\0", SQLITE),
    (rb"%PDF-", FileKind("a PDF", _TEXT)),
    (rb"\{\\rtf", FileKind("an RTF document", _TEXT)),
    (rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", FileKind("an old Office file (.xls, .doc)", "save it as CSV or .txt")),
    (rb"7z\xbc\xaf|Rar!\x1a\x07", FileKind("an archive", "unpack it and import what is in it")),
    (rb"(?s).{257}ustar[\0 ]", FileKind("a tar archive", "unpack it and import what is in it")),
    (rb"\x80[\x02-\x05][\x80\x95}\](c]", FileKind("a Python pickle, which could run code", _TABLE)),
    (rb"\x89PNG\r\n|\xff\xd8\xff|GIF8[79]a|II\*\0|MM\0\*", FileKind("an image", _NOT_TEXT)),
    (rb"(?s)RIFF....WEBP|\0\0..ftyp(?:heic|avif|mif1)", FileKind("an image", _NOT_TEXT)),
    (rb"(?s)RIFF....(?:WAVE|AVI )|ID3[\x02-\x04]|OggS\0|fLaC\0|\0\0..ftyp|\x1aE\xdf\xa3",
     FileKind("sound or video", _NOT_TEXT)),
    (rb"\x7fELF|MZ[^\n]{0,60}\0|[\xce\xcf]\xfa\xed\xfe|\xca\xfe\xba\xbe", FileKind("a program", "name another file")),
    (rb"<stata_dta>|[\x71-\x73][\x01\x02]\x01\0", FileKind("a Stata file", _TABLE)),
    (rb"\$FL[23]@", FileKind("an SPSS file", _TABLE)),
    (rb"\x89HDF\r\n", FileKind("an HDF5 file", _TABLE)),
    (rb"\x93NUMPY", FileKind("a NumPy array", _TABLE)),
    (rb"ARROW1\0|FEA1\0", FileKind("an Arrow or Feather file", _TABLE)),
    (rb"Obj\x01", FileKind("an Avro file", _TABLE)),
    (rb"(?s).{8}DUCK.\0\0\0", FileKind("a DuckDB database", _TABLE)),
    (rb"\0\x01\0\0Standard (?:Jet|ACE) DB", FileKind("an Access database", _TABLE)),
)  # fmt: skip
_RECOGNISERS = tuple((re.compile(pattern), kind) for pattern, kind in _BEGINNINGS)
_ZIPPED = (
    (b"word/", FileKind("a Word document", _TEXT)),
    (b"xl/", FileKind("an Excel workbook", _SHEET)),
    (b"ppt/", FileKind("a PowerPoint file", _TEXT)),
    (b"opendocument.spreadsheet", FileKind("an OpenDocument spreadsheet", _SHEET)),
    (b"opendocument.text", FileKind("an OpenDocument text", _TEXT)),
    (b"application/epub", FileKind("an e-book", _TEXT)),
)
_ZIP = FileKind("a zip archive", "unpack it and import what is in it")
_DATABASE_SUFFIXES = (".db", ".sqlite", ".sqlite3")
_PICKLE_SUFFIXES = (".pkl", ".pickle")
_R_SUFFIXES = (".rds", ".rda", ".rdata")
_PICKLE_TEXT = re.compile(rb"\(?[cdlp(]")
_BY_SUFFIX = {
    ".xlsx": FileKind("an Excel workbook", _SHEET),
    ".docx": FileKind("a Word document", _TEXT),
    ".ods": FileKind("an OpenDocument spreadsheet", _SHEET),
    ".odt": FileKind("an OpenDocument text", _TEXT),
}


def kind_of(head: bytes, suffix: str = "") -> FileKind | None:
    """Return the kind of a file that no text format can read; None for text, and for what isn't known.

    suffix: of its name, such as ``.xlsx``: tells files apart that begin alike.
    """
    suffix = suffix.lower()
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        by_content = next((kind for name, kind in _ZIPPED if name in head), None)
        return by_content or _BY_SUFFIX.get(suffix, _ZIP)
    if head.startswith(b"\x1f\x8b") and suffix in _R_SUFFIXES:
        return FileKind("an R data file", "write its rows as CSV with write.csv and import that")
    for pattern, kind in _RECOGNISERS:
        if pattern.match(head):
            return kind
    if suffix in _PICKLE_SUFFIXES and _PICKLE_TEXT.match(head):
        return FileKind("a Python pickle, which could run code", _TABLE)
    return None


def kind_of_file(path: Path) -> tuple[FileKind | None, bool]:
    """Return the kind of a file as ``kind_of`` does, and True if it is text. ``(None, False)`` if it can't be read."""
    try:
        if not path.is_file():
            return None, False
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except (OSError, ValueError):
        return None, False
    kind = kind_of(head, path.suffix)
    return kind, kind is None and is_text(head)


def is_text(head: bytes) -> bool:
    """Return True if the first bytes of a file can be those of a text in UTF-8, UTF-16 or a code page."""
    return bool(head) and (is_wide(head) or not any(byte < 32 and byte not in _TEXT_CONTROLS for byte in head))


def is_wide(head: bytes) -> bool:
    """Return True if the first bytes are those of a text in UTF-16 or UTF-32, which has NULs at regular places."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff", b"\0\0\xfe\xff")):
        return True
    start = head[:64]
    return len(start) >= 4 and any(not any(start[at::2]) and all(start[1 - at :: 2]) for at in (0, 1))


def unreadable(error: Exception) -> str:
    """Say why a small text file could not be read: ``is a folder``, ``not UTF-8; save it as UTF-8``."""
    if isinstance(error, IsADirectoryError):
        return "is a folder; name a file"
    if isinstance(error, FileNotFoundError):
        return "no such file"
    if isinstance(error, UnicodeDecodeError):
        return f"not UTF-8 at byte {error.start + 1}; save it as UTF-8"
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"can't be read ({reason}); check its name and permissions"


def what_it_is(path: Path, error: Exception) -> str:
    """Say what a file is that was named in place of an eventdesk file, and that SQLite can't read."""
    kind, is_text = kind_of_file(path)
    restore = f"`eventdesk restore {path}` lists its backups"
    was_ours = f"; if it was one, {restore}" if path.suffix.lower() in _DATABASE_SUFFIXES else ""
    if is_text:
        new = path.with_suffix(".db").name if path.suffix.lower() != ".db" else "NEW.db"
        return (
            f"is a text file, not an eventdesk file; import it first: `eventdesk import {new} {path}`,"
            f" then `eventdesk review {new}`{was_ours}"
        )
    if kind is not None and kind is not SQLITE:
        return f"is {kind.what}, not an eventdesk file; {kind.advice}{was_ours}"
    return f"not an eventdesk file, or damaged ({error}); {restore}"


def how_to_review(path: Path) -> str:
    """Say how to review another program's database."""
    desk = path.with_name(f"{path.stem}.eventdesk.db")
    advice = f"name {desk}, in which it is reviewed" if desk.exists() else f"review it with `eventdesk review {path}`"
    return f"a SQLite database, but not an eventdesk file; {advice}"
