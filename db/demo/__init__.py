"""The demo that ships with eventdesk: its documents, event types and saved queries, and how to open a copy of it.

Imports every room of ``db`` but ``db.exporting`` and ``db.maintenance``.
"""

import contextlib
import hashlib
import sqlite3
from importlib.resources import as_file, files
from pathlib import Path

from db.errors import FileError
from db.store.connection import open_file
from db.store.schema import SCHEMA_VERSION

_FOLDER = files("db.demo")
_SOURCES = ("demo.jsonl", "types.toml", "queries.toml")
_DIGEST_BYTES = 32


def open_demo(path: Path) -> sqlite3.Connection:
    """Create a copy of the demo at ``path`` and open it.

    The import takes longer than the rest of the start, so the imported file is kept in the cache folder. It is used
    if it is whole and of the same sources and schema. If there is no usable cache folder, each start imports.
    """
    key = _key()
    if content := _read_cache(key):
        with contextlib.suppress(FileError, OSError):
            path.write_bytes(content)
            return open_file(path)
        path.unlink(missing_ok=True)
    make_demo(path).close()
    _write_cache(key, path.read_bytes())
    return open_file(path)


def make_demo(path: Path) -> sqlite3.Connection:
    """Create a file with the demo's event types, documents and saved queries, and return its connection."""
    from db.formats.format import Source
    from db.importing.importing import import_source
    from db.importing.report import ImportReport
    from db.io.types_toml import parse_event_types
    from db.query.saved import parse_saved_queries, save_query
    from db.store.connection import writing
    from db.store.event_types import declare

    connection = open_file(path, create=True)
    with writing(connection):
        declare(connection, parse_event_types((_FOLDER / "types.toml").read_text(encoding="utf-8"), "types.toml"))
    with as_file(_FOLDER / "demo.jsonl") as source, source.open("rb") as stream:
        import_source(connection, Source("demo.jsonl", stream), ImportReport())
    for item in parse_saved_queries((_FOLDER / "queries.toml").read_text(encoding="utf-8"), "queries.toml"):
        save_query(connection, item.name, item.query, item.help)
    return connection


def _key() -> bytes:
    """Return what the imported demo depends on. The package's version would take longer to look up than to import."""
    sources = b"".join((_FOLDER / name).read_bytes() for name in _SOURCES)
    return hashlib.sha256(b"%d %b" % (SCHEMA_VERSION, sources)).digest()


def _cache_file() -> Path:
    from platformdirs import user_cache_path

    return user_cache_path("eventdesk", appauthor=False) / "demo"


def _read_cache(key: bytes) -> bytes | None:
    """Return the cached file; None if there is none, if it has another key, or if a byte of it has changed."""
    try:
        data = _cache_file().read_bytes()
    except OSError:
        return None
    digest, content = data[:_DIGEST_BYTES], data[_DIGEST_BYTES:]
    return content if digest == _digest(key, content) else None


def _write_cache(key: bytes, content: bytes) -> None:
    from db.io.private import write_private

    with contextlib.suppress(OSError):
        write_private(_cache_file(), _digest(key, content) + content)


def _digest(key: bytes, content: bytes) -> bytes:
    return hashlib.sha256(key + content).digest()
