"""A file without write permission opens read-only, and nothing in or beside it changes."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.builders import ARTICLE, event, import_documents, problems

from db.decisions.review import Review
from db.errors import FileError
from db.exporting import export_documents
from db.query import parse
from db.query.queue import Queue
from db.store.connection import can_write, open_file, writing

Seal = Callable[[], None]


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that every user can enter."""
    path = Path(tempfile.mkdtemp())
    path.chmod(0o755)
    yield path
    path.chmod(0o755)
    shutil.rmtree(path)


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """Run as a user who is bound by permissions."""
    if os.getuid() != 0:
        yield
        return
    os.setresuid(65534, 65534, 0)
    try:
        yield
    finally:
        os.setresuid(0, 0, 0)


def make(path: Path) -> None:
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, ARTICLE)
        Review(connection, "ana").accept(event(connection))


@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o444, 0o555), (0o644, 0o555)])
def test_a_read_only_file_can_be_read_and_stays_unchanged(folder: Path, file_mode: int, folder_mode: int) -> None:
    path = folder / "events.db"
    make(path)
    path.chmod(file_mode)
    folder.chmod(folder_mode)
    before = path.read_bytes()
    with as_nobody(), contextlib.closing(open_file(path)) as connection:
        assert not can_write(connection)
        assert len(Queue(connection, "type:protest")) == 1
        assert parse("count>=40")
        assert problems(connection) == []
        with pytest.raises(FileError, match="read-only: no write permission"):
            Review(connection, "bo").accept(event(connection, "report-1/2"))
        with pytest.raises(FileError, match="read-only: no write permission"), writing(connection):
            pass
    assert path.read_bytes() == before


def test_the_write_ahead_log_is_never_ignored(folder: Path) -> None:
    """Decisions that are only in the -wal file are read, too."""
    make(folder / "live.db")
    with contextlib.closing(open_file(folder / "live.db")) as writer:
        Review(writer, "ana").accept(event(writer, "report-1/2"))
        for suffix in ("", "-wal"):
            shutil.copyfile(folder / f"live.db{suffix}", folder / f"copy.db{suffix}")
    folder.chmod(0o555)
    with as_nobody(), contextlib.closing(open_file(folder / "copy.db")) as connection:
        assert event(connection, "report-1/2").status == "confirmed"
        queue = Queue(connection, "status:confirmed", in_background=True)
        assert queue.wait_for_page(10)
        assert queue.wait_for_all(10) is not None
        assert len(queue) == 2
    folder.chmod(0o755)
    with contextlib.closing(open_file(folder / "copy.db")) as connection:
        assert event(connection, "report-1/2").status == "confirmed"


_WRITER = """
import contextlib, sys
from pathlib import Path
from db.store.connection import open_file, writing
print("started", flush=True)
number = 0
while True:
    with contextlib.closing(open_file(Path(sys.argv[1]))) as connection:
        for _ in range(int(sys.argv[2])):
            number += 1
            with writing(connection):
                connection.execute("UPDATE events SET note = ? || hex(zeroblob(3000))", (number,))
"""


@pytest.mark.parametrize("writes", [1, 400])
@pytest.mark.parametrize(("file_mode", "folder_mode"), [(0o444, 0o777), (0o644, 0o555)])
def test_what_is_read_while_the_owner_writes_is_one_state(
    folder: Path, writes: int, file_mode: int, folder_mode: int
) -> None:
    """``writes``: how many before the owner closes the file, which moves them into it."""
    path = folder / "events.db"
    with contextlib.closing(open_file(path, create=True)) as connection:
        import_documents(connection, *(ARTICLE | {"id": f"a{number}"} for number in range(20)))
    path.chmod(file_mode)
    folder.chmod(folder_mode)
    command = [sys.executable, "-c", _WRITER, str(path), str(writes)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=Path(__file__).parents[3]) as writer:
        assert writer.stdout is not None
        writer.stdout.readline()
        try:
            with as_nobody():
                states = [_notes(path) for _ in range(12)]
        finally:
            writer.kill()
    assert [len(state) for state in states] == [1] * len(states)
    assert len({note for state in states for note in state}) > 1


def _notes(path: Path) -> set[object]:
    with contextlib.closing(open_file(path)) as connection:
        connection.execute("BEGIN")
        return {event.get("note") for document in export_documents(connection) for event in document["events"]}


def test_an_error_names_a_file_without_read_permission(folder: Path) -> None:
    make(folder / "events.db")
    (folder / "events.db").chmod(0o000)
    with as_nobody(), pytest.raises(FileError, match=r"events\.db: can't be opened .*check its permissions"):
        open_file(folder / "events.db")
