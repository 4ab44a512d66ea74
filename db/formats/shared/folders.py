"""Files of a folder, in the order of their names, and their content."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.io.json_stream import MAX_DOCUMENT_BYTES

TEXT_SUFFIXES = (".txt", ".md", ".markdown")
# Of brat. Its shared tasks give known entities as .a1 and the events to be found as .a2.
ANNOTATION_SUFFIXES = (".ann", ".a1", ".a2")
_MOST_COUNTED = 2000


def files_in(folder: Path) -> Iterator[Path]:
    """Yield the files of a folder, then those of its subfolders, sorted by name.

    Skips hidden files and does not follow links. Raises InputError if a folder can't be listed.
    """

    def fail(error: OSError) -> None:
        raise InputError(f"{error.filename}: can't be listed ({error.strerror}); check its permissions")

    for path, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(path, name) for name in sorted(names) if not name.startswith("."))


def count_suffixes(folder: Path) -> Counter[str]:
    """Count the lower-case suffixes of a folder's first files; the count is empty if the folder can't be listed."""
    found: Counter[str] = Counter()
    try:
        for number, path in enumerate(files_in(folder)):
            if number == _MOST_COUNTED:
                break
            found[path.suffix.lower()] += 1
    except (InputError, OSError, ValueError):
        pass
    return found


def has_annotations(suffixes: Counter[str]) -> bool:
    """Return True if a folder with these suffixes belongs to brat, whose texts are in .txt files too."""
    return any(suffix in suffixes for suffix in ANNOTATION_SUFFIXES)


def content_of(path: Path) -> bytes:
    """Return the bytes of a file. Raises InputError if it can't be read or is too long."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # reading a pipe would block
            raise InputError(f"{path.name}: not a regular file; remove it from the folder")
        with path.open("rb") as stream:
            content = stream.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise InputError(f"{path.name}: can't be read ({error.strerror}); check its permissions") from None
    if len(content) > MAX_DOCUMENT_BYTES:
        raise InputError(f"{path.name}: longer than {MAX_DOCUMENT_BYTES:,} bytes; split it into several files")
    return content


def text_of(path: Path) -> str:
    """Return the text of a UTF-8 file with its line ends unchanged. Raises InputError."""
    return decoded(content_of(path), path.name)


def decoded(content: bytes, name: str) -> str:
    """Decode UTF-8 and drop a byte order mark. Raises InputError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
