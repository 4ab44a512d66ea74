"""A plug-in that fails costs its own format, with a line, and nothing else."""

import io
import sqlite3
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest
from support.builders import import_documents

from db.errors import FileWarning, InputError
from db.formats import registry
from db.formats.format import Confidence, Export, Format, ReadOptions, Record, Source
from db.formats.plug_ins import guarded
from db.importing.importing import import_source
from db.importing.report import ImportReport

LINE = b'{"id": "d1", "text": "On Friday.", "events": []}\n'


@dataclass(frozen=True)
class Point:
    """An entry point of a package."""

    name: str
    given: Any
    value: str = "package.module:FORMAT"

    def load(self) -> Any:
        return self.given() if callable(self.given) else self.given


def exits(*_: object) -> Any:
    sys.exit(3)


def fails(*_: object) -> Any:
    raise RuntimeError("no reason")


def consumes(source: Source) -> Confidence:
    assert source.stream is not None
    with source.stream as stream:
        stream.read()
    source.stream.close()
    return Confidence.NO


def says(answer: object) -> Callable[[Source], Any]:
    return lambda _: answer


GOOD = Format("mine", "a plug-in", reads="anything", read=lambda *_: iter(()))


@pytest.fixture
def install(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[Any], None]]:
    """Install a plug-in beside the formats of eventdesk."""
    ours = list(registry.entry_points(group="eventdesk.formats"))

    def add(given: Any) -> None:
        monkeypatch.setattr(registry, "entry_points", lambda **_: [Point("mine", given), *ours])
        registry.all_formats.cache_clear()

    yield add
    monkeypatch.undo()
    registry.all_formats.cache_clear()


@pytest.mark.parametrize(
    "given",
    [exits, fails, 5, replace(GOOD, name=5), replace(GOOD, name=""), replace(GOOD, about=None), replace(GOOD, read=1),
     replace(GOOD, name="native"), replace(GOOD, companions=(1,)), replace(GOOD, recognise=None)],
    ids=["exits", "fails", "no format", "number", "empty", "about", "read", "our name", "companions", "recognise"],
)  # fmt: skip
def test_an_unusable_plug_in_is_named_and_skipped(install: Callable[[Any], None], given: Any) -> None:
    install(given)
    with pytest.warns(FileWarning, match="mine"):
        formats = registry.all_formats()
    assert formats["native"].about != GOOD.about
    assert "mine" not in formats
    assert len(formats) > 15


@pytest.mark.parametrize("recognise", [exits, fails, consumes, says("no"), says(None), says(9), says(True)])
def test_what_recognise_does_changes_nothing_for_other_formats(
    install: Callable[[Any], None], connection: sqlite3.Connection, recognise: Callable[[Source], Any]
) -> None:
    install(replace(GOOD, recognise=recognise))
    report = ImportReport()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("warnings.warn", lambda *_, **__: None)
        import_source(connection, Source("d.jsonl", io.BytesIO(LINE)), report)
    assert report.documents == 1


def records(*items: object) -> Callable[[Source, ReadOptions], Any]:
    return lambda *_: iter(items)


@pytest.mark.parametrize(
    "read",
    [exits, fails, records(5), records(Record("one", {})), records(Record(1, 5)), records(Record(1, {}, notes=(1,))),  # type: ignore[arg-type]
     records(Record(1, {}, unread=(1,))),  # type: ignore[arg-type]
     lambda *_: 5],
)  # fmt: skip
def test_a_reader_that_fails_leaves_the_file_as_it_was(connection: sqlite3.Connection, read: Any) -> None:
    import_documents(connection, {"id": "d0", "text": "before"})
    with pytest.raises(InputError, match="the format plug-in mine failed"):
        import_source(connection, Source("d.x", io.BytesIO(LINE)), ImportReport(), guarded(replace(GOOD, read=read)))
    assert connection.execute("SELECT count(*) FROM documents").fetchone() == (1,)


@pytest.mark.parametrize("write", [exits, fails, lambda _: iter(["text"]), lambda _: None])
def test_a_writer_that_fails_is_an_error_of_one_line(write: Any) -> None:
    content = Export(lambda: iter(()))
    format = guarded(replace(GOOD, write=write, write_folder=write))
    assert format.write is not None
    assert format.write_folder is not None
    for begin in (format.write, format.write_folder):
        with pytest.raises(InputError, match="mine failed"):
            list(begin(content))
