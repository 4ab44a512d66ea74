"""Files of a folder: those to read, in the order of their names, with their content; and names for new ones.

One rule for all formats: what is read lies in the folder that a person named, or in that of the file they named. A
link out of it, or a path with ``..``, is refused with its name: whoever sends a folder must not choose which other
files of its reader are imported. Only what the person named may itself be a link to anywhere.
"""

import os
import re
import stat
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path, PurePosixPath

from db.errors import InputError
from db.formats.format import printable_name
from db.io.json_stream import MAX_DOCUMENT_BYTES
from db.native import digest

TEXT_SUFFIXES = (".txt", ".md", ".markdown")
PAGE_SUFFIXES = (".html", ".htm", ".xhtml")
# Of brat. Its shared tasks give known entities as .a1 and the events to be found as .a2.
ANNOTATION_SUFFIXES = (".ann", ".a1", ".a2")
_MOST_COUNTED = 2000
_MOST_NAMED = 10
_SAFE_NAME = re.compile(r"(?:[\w-][\w -]*/)*[\w-][\w. -]*")
_DEVICE = re.compile(
    r"(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])(\..*)?", re.IGNORECASE | re.DOTALL
)  # Windows
_MAX_NAME = 150  # bytes


def files_in(folder: Path) -> Iterator[Path | InputError]:
    """Yield the files of a folder, then those of its subfolders, sorted by name.

    Skips hidden files. A linked folder is not entered: inside the folder, its files are read under their own path;
    otherwise an error that names the link takes its place. Raises InputError if a folder can't be listed.
    """

    def fail(error: OSError) -> None:
        raise InputError(f"{error.filename}: can't be listed ({error.strerror}); check its permissions")

    for path, folders, names in os.walk(folder, onerror=fail):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        yield from (Path(path, name) for name in sorted(names) if not name.startswith("."))
        for link in (Path(path, name) for name in folders if _is_link(Path(path, name))):
            try:
                refuse_outside(link, folder)
            except InputError as error:
                yield error


def refuse_outside(path: Path, folder: Path) -> None:
    """Raise InputError if a path leads out of the folder, by a link in it or by ``..``."""
    real, root = Path(os.path.realpath(path)), Path(os.path.realpath(folder))
    if not real.is_relative_to(root):
        name = path.relative_to(folder) if path.is_relative_to(folder) else path
        raise InputError(f"{name.as_posix()}: is outside the folder, by a link or by ..; copy it into the folder")


def count_suffixes(folder: Path) -> Counter[str]:
    """Count the lower-case suffixes of a folder's first files; the count is empty if the folder can't be listed."""
    found: Counter[str] = Counter()
    try:
        for number, path in enumerate(files_in(folder)):
            if number == _MOST_COUNTED:
                break
            if isinstance(path, Path):
                found[path.suffix.lower()] += 1
    except (InputError, OSError, ValueError):
        pass
    return found


def unread_files(folder: Path, is_read: Callable[[Path], bool]) -> tuple[str, ...]:
    """Return a name for each file of a folder that a format doesn't read; if there are many, by their suffixes."""
    others = [path for path in files_in(folder) if isinstance(path, Path) and not is_read(path)]
    if len(others) <= _MOST_NAMED:
        return tuple(f"file {printable_name(path.relative_to(folder).as_posix())}" for path in others)
    return tuple(f"files *{path.suffix.lower()}" if path.suffix else "files without a suffix" for path in others)


def has_annotations(suffixes: Counter[str]) -> bool:
    """Return True if a folder with these suffixes belongs to brat, whose texts are in .txt files too."""
    return any(suffix in suffixes for suffix in ANNOTATION_SUFFIXES)


def content_of(path: Path, folder: Path | None) -> bytes:
    """Return the bytes of a file. Raises InputError if it can't be read, is too long, or is outside the folder.

    ``folder`` is the one that a person named, or the one of the file that they named; None for that file itself.
    """
    if folder is not None:
        refuse_outside(path, folder)
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


def text_of(path: Path, folder: Path | None) -> str:
    """Return the text of a UTF-8 file with its line ends unchanged. Raises InputError like ``content_of``."""
    return decoded(content_of(path, folder), path.name)


def decoded(content: bytes, name: str) -> str:
    """Decode UTF-8 and drop a byte order mark. Raises InputError."""
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 at byte {error.start + 1}; save it as UTF-8") from None


class NewNames:
    """Names for new files in a folder, one for each document id, without suffix.

    No two differ only in case or in how their accents are encoded, which many file systems ignore.
    """

    def __init__(self) -> None:
        self._used: set[str] = set()

    def name_for(self, id_: str) -> str:
        """Return the id if every system accepts it as a path and it is free, else a name made from it."""
        if _is_name(id_) and self._use(id_):
            return id_
        plain = re.sub(r"[^\w-]+", "-", PurePosixPath(id_).name, flags=re.ASCII)[:50].strip("-") or "document"
        base = f"{plain}-{digest(id_)[:8]}"
        return next(name for number in count(1) if self._use(name := base if number == 1 else f"{base}-{number}"))

    def _use(self, name: str) -> bool:
        """Use a name; return False if it is used already."""
        key = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())
        is_free = key not in self._used
        self._used.add(key)
        return is_free


def _is_name(id_: str) -> bool:
    """Return True if an id can be the path of a file without its suffix on every system."""
    if not _SAFE_NAME.fullmatch(id_) or len(id_.encode()) > _MAX_NAME or id_.endswith("."):
        return False
    return not any(part.endswith(" ") or _DEVICE.fullmatch(part.rstrip()) for part in id_.split("/"))


def _is_link(path: Path) -> bool:
    """Return True for a link, and for a junction of Windows."""
    return os.path.realpath(path) != os.path.join(os.path.realpath(path.parent), path.name)
