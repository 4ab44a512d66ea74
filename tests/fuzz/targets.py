"""The targets: each takes any bytes and raises if something is wrong.

Errors meant for users (InputError, QueryError, KindError) are fine; every other exception is a finding.
"""

import io
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterable
from functools import cache
from pathlib import Path
from typing import Any

from support.builders import ARTICLE, LATER, problems

from db.describe import value_text
from db.errors import InputError, KindError
from db.exporting import export_documents
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document
from db.io.json_lines import parse_object
from db.io.types_toml import event_types_to_toml, parse_event_types
from db.kinds import KINDS, fits, is_modifier, parse_typed
from db.model import Span
from db.native import NewDocument
from db.query import QueryError, check_query, compile_query, parse
from db.query.completing import complete
from db.query.known_values import known_names
from db.query.saved import parse_saved_queries, read_saved_queries, save_query
from db.store.connection import writing
from db.store.event_types import declare, read_event_types
from db.store.reading import find_event_ids, read_event
from db.store.schema import open_in_memory
from db.suggest.candidates import candidates
from db.suggest.similar import similar
from db.text.evidence import find_value
from tui.config.settings import read_settings
from tui.output.pages import csv_cell
from tui.output.tables import one_line
from tui.text.safe import measured, safe
from tui.text.wrapping import clip, wrap

_LANGUAGES = (None, "en", "uk", "ru", "ar", "zh", "es", "hi", "de", "fr", "ja", "el", "tr", "xx")
_PUBLISHED = (None, "2025-02-14", "2025-02", "0001-01-01", "9999-12-31")
_LOOKING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


def native_line(data: bytes) -> None:
    """Parse one line of the native format."""
    try:
        document = parse_document(parse_object(data))
    except InputError as error:
        _one_line(str(error))
        return
    _sound(document)


def stream(data: bytes) -> None:
    """Import a file, export it, and import the export."""
    connection = _new_file()
    report = ImportReport()
    try:
        import_source(connection, Source("fuzz.jsonl", io.BytesIO(data)), report)
    except InputError as error:
        _one_line(str(error))
        assert _count(connection, "documents") == 0
        return
    assert report.documents == _count(connection, "documents")
    assert report.documents <= report.lines - report.refused
    for refusal in report.refusals:
        _one_line(str(refusal))
        assert 1 <= refusal.line <= data.count(b"\n") + 1
    if not report.lines:
        return
    assert problems(connection) == []
    lines = [json.dumps(document) for document in export_documents(connection)]
    other = _new_file()
    again = ImportReport()
    text = "".join(f"{line}\n" for line in lines).encode()
    import_source(other, Source("again.jsonl", io.BytesIO(text)), again)
    assert again.refusals == []
    assert _sorted(json.dumps(document) for document in export_documents(other)) == _sorted(lines)
    assert problems(other) == []
    _shown(connection)


def query(data: bytes) -> None:
    """Run a query on a small file that allows nothing but reading."""
    text = data.decode("utf-8", "surrogateescape")
    connection = _small_file()
    complete(connection, text.encode("utf-8", "replace").decode("utf-8", "replace"), len(text), 10)
    connection.set_authorizer(_only_looking)
    try:
        parsed = parse(text)
        check_query(connection, parsed)
        search = compile_query(connection, parsed)
        found = [set(_ids(connection, legs)) for legs in (search.first, search.rest)]
        where, values = search.where
        found.append(set(_ids(connection, [(f"SELECT id FROM events WHERE live AND {where}", values)])))
    except QueryError as error:
        assert 1 <= error.column <= len(text) + 1  # noqa: PT017 (a fuzzer, not a test)
        return
    finally:
        connection.set_authorizer(None)
    assert found[0] == found[1] == found[2]


def values(data: bytes) -> None:
    """Parse a typed value, offer candidates from a text, and find evidence in it."""
    first, second, third, *_ = (*data[:3], 0, 0, 0)
    kind = KINDS[first % len(KINDS)]
    typed, _, text = data[3:].decode("utf-8", "replace").partition("\x00")
    try:
        item = parse_typed(kind, typed, ("bodies", "urns"))
    except KindError:
        pass
    else:
        assert fits(kind, item.value, ("bodies", "urns"))
        assert item.modifier is None or is_modifier(item.modifier)
    published, language = _PUBLISHED[second % len(_PUBLISHED)], _LANGUAGES[third % len(_LANGUAGES)]
    text = text or typed
    found = candidates(kind, text, published, language, (typed[:40], "May"), (typed[:40], "last"), len(text) // 2)
    starts = [item.span.start for item in found]
    assert starts == sorted(set(starts))
    for one in found:
        assert 0 <= one.span.start < one.span.end <= len(text)
        assert fits(kind, one.value, (typed[:40], "last"))
        assert one.modifier is None or is_modifier(one.modifier)
    for span in find_value(typed, text):
        assert 0 <= span.start < span.end <= len(text)


def shown(data: bytes) -> None:
    """Make a text safe, cut it, and wrap it."""
    width = 1 + (data[0] if data else 0) % 100
    text = data[1:].decode("utf-8", "surrogateescape")
    plain = safe(text, keep_newlines=True)
    assert len(plain) == len(text)
    assert safe(plain, keep_newlines=True) == plain
    end = 0
    for first, last in wrap(measured(plain), width):
        assert end <= first <= last <= len(plain)
        assert not plain[end:first].strip()
        end = last
    assert not plain[end:].strip()
    clip(safe(text), width)
    assert "\n" not in one_line(text)
    assert not csv_cell(text).startswith(("=", "+", "-", "@", "\t", "\r", "\n"))


def types_toml(data: bytes) -> None:
    """Read event types, store them, and read them again."""
    try:
        types = parse_event_types(data.decode("utf-8", "replace"), "types.toml")
    except InputError:
        return
    connection = _new_file()
    with writing(connection):
        declare(connection, types)
    stored = read_event_types(connection)
    assert stored == {item.name: item for item in types}
    assert parse_event_types(event_types_to_toml(stored.values()), "again") == list(stored.values())


def queries_toml(data: bytes) -> None:
    """Read saved queries."""
    connection = _small_file()
    try:
        for item in parse_saved_queries(data.decode("utf-8", "replace"), "queries.toml"):
            save_query(connection, item.name, item.query, item.help)
        for item in read_saved_queries(connection):
            compile_query(connection, parse(f"@{item.name}"))
    except (InputError, QueryError):
        return
    finally:
        connection.execute("DELETE FROM saved_queries WHERE name <> 'saved'")


def settings_toml(data: bytes) -> None:
    """Read settings."""
    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(data)
        file.flush()
        try:
            settings = read_settings(Path(file.name))
        except InputError:
            return
    settings.keymap.textual()


TARGETS: dict[str, Callable[[bytes], None]] = {
    target.__name__: target
    for target in (native_line, stream, query, values, shown, types_toml, queries_toml, settings_toml)
}


def _sound(document: NewDocument) -> None:
    """Check that a document can be stored and shown."""
    length = len(document.source)
    texts = [document.external_id, document.title, document.text, document.publisher, json.dumps(document.extra)]
    for event in document.events:
        texts += [event.external_id, event.type, event.extractor, json.dumps(event.extra)]
        for field in event.fields:
            texts += [field.name, field.group, value_text(field.value), json.dumps(field.extra)]
            sides: Iterable[Span] = (*field.spans, *(field.review.spans if field.review else ()))
            assert all(0 <= start < end <= length for start, end in sides)
    for text in texts:
        (text or "").encode()


def _shown(connection: sqlite3.Connection) -> None:
    """Check that everything the panes ask about each event can be answered."""
    types = read_event_types(connection)
    known_names(connection)
    for (external_id,) in connection.execute("SELECT DISTINCT external_id FROM events LIMIT 5").fetchall():
        for event_id in find_event_ids(connection, external_id):
            event = read_event(connection, event_id)
            similar(connection, event, types)
            for field in event.fields:
                safe(value_text(field.value))


def _only_looking(action: int, first: str | None, *_: str | None) -> int:
    # The full-text index checks for writes on its own.
    looks = action in _LOOKING or (action == sqlite3.SQLITE_PRAGMA and first == "data_version")
    return sqlite3.SQLITE_OK if looks else sqlite3.SQLITE_DENY


def _ids(connection: sqlite3.Connection, statements: Iterable[tuple[str, list[Any]]]) -> list[int]:
    return [row[0] for sql, values in statements for row in connection.execute(sql, values)]


def _sorted(lines: Iterable[str]) -> list[str]:
    """Return lines with their keys in order, since unknown keys follow the known ones."""
    return [json.dumps(json.loads(line), sort_keys=True) for line in lines]


def _count(connection: sqlite3.Connection, table: str) -> int:
    count: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    return count


def _one_line(message: str) -> None:
    assert message
    assert len(message) < 2000, f"a message of {len(message)} characters"


@cache
def _empty_file() -> bytes:
    return open_in_memory().serialize()


def _new_file() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:", isolation_level=None)
    connection.deserialize(_empty_file())  # ten times as fast as creating the schema
    connection.execute("PRAGMA foreign_keys = ON")
    return connection


_file: sqlite3.Connection | None = None


def _small_file() -> sqlite3.Connection:
    global _file
    if _file is None:
        _file = _new_file()
        lines = "".join(json.dumps(document) + "\n" for document in (ARTICLE, LATER))
        import_source(_file, Source("small.jsonl", io.BytesIO(lines.encode())), ImportReport())
        save_query(_file, "saved", "type:protest or total>=40 sort:-date")
    return _file
