"""Folders of files: which there are, in the order of their names, and what they hold."""

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from db.errors import InputError
from db.formats.shared.json_documents import LONGEST

# Of brat. Its shared tasks give known entities as .a1 and the events to be found as .a2.
ANNOTATION_SUFFIXES = (".ann", ".a1", ".a2")
_LOOKED_AT = 2000  # files by which a folder is told


def files_in(folder: Path) -> Iterator[Path]:
    """The files of a folder, then those of folders in it, each sorted; without hidden ones, and no links are followed.

    Raises InputError where the folder can't be listed.
    """

    def fail(error: OSError) -> None:
        raise InputError(f"{error.filename}: can't be listed ({error.strerror}); check its permissions")

    for path, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(path, name) for name in sorted(names) if not name.startswith("."))


def suffixes_in(folder: Path) -> Counter[str]:
    """How many files of each suffix, in lower case, are among the first of a folder; none where it can't be listed."""
    found: Counter[str] = Counter()
    try:
        for number, path in enumerate(files_in(folder)):
            if number == _LOOKED_AT:
                break
            found[path.suffix.lower()] += 1
    except (InputError, OSError, ValueError):
        pass
    return found


def content_of(path: Path) -> bytes:
    """The bytes of a file. Raises InputError where it can't be read or is too long."""
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # as a pipe, which would be waited for
            raise InputError(f"{path.name}: is no file that can be read; take it out of the folder")
        with path.open("rb") as stream:
            content = stream.read(LONGEST + 1)
    except OSError as error:
        raise InputError(f"{path.name}: can't be read ({error.strerror}); check its permissions") from None
    if len(content) > LONGEST:
        raise InputError(f"{path.name}: longer than {LONGEST:,} bytes; make several of it")
    return content


def text_of(path: Path) -> str:
    """The text of a file in UTF-8, its line ends as they stand. Raises InputError."""
    return decoded(content_of(path), path.name)


def decoded(content: bytes, name: str) -> str:
    """Bytes as UTF-8, without the mark some begin it with. Raises InputError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None
