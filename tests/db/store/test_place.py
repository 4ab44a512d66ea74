"""A file that is moved, replaced, emptied or deleted while it is open: nothing more is written, and a copy is saved."""

import contextlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, event, import_documents, problems

from db.decisions.review import Review
from db.errors import FileError, GoneError
from db.maintenance.rescue import rescue
from db.maintenance.restore import restore
from db.query.queue import Queue
from db.store.connection import can_write, open_file, place_of, reopener, writing


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "data").mkdir()
    path = tmp_path / "data" / "war.db"
    open_file(path, create=True).close()
    return path


@pytest.fixture
def open_(path: Path) -> Iterator[sqlite3.Connection]:
    with contextlib.closing(open_file(path)) as connection:
        import_documents(connection, ARTICLE, LATER)
        connection.execute("PRAGMA wal_checkpoint")
        Review(connection, "ana").accept(event(connection))
        yield connection


def _replace_file(path: Path) -> None:
    shutil.copyfile(path, path.with_name("copy"))
    path.with_name("copy").replace(path)


def _replace_all(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        shutil.copyfile(f"{path}{suffix}", path.with_name(f"copy{suffix}"))
    for suffix in ("", "-wal", "-shm"):
        path.with_name(f"copy{suffix}").replace(f"{path}{suffix}")


def _replace_folder(path: Path) -> None:
    shutil.copytree(path.parent, path.parent.with_name("copy"))
    path.parent.rename(path.parent.with_name("old"))
    path.parent.with_name("copy").rename(path.parent)


def _remove_all(path: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()


ACCIDENTS: dict[str, tuple[Callable[[Path], object], str]] = {
    "moved": (lambda path: path.rename(path.with_name("other.db")), "was moved or deleted"),
    "deleted": (lambda path: path.unlink(), "was moved or deleted"),
    "deleted with its log": (_remove_all, "was moved or deleted"),
    "folder deleted": (lambda path: shutil.rmtree(path.parent), "was moved or deleted"),
    "replaced": (_replace_file, "was replaced"),
    "replaced with its log": (_replace_all, "was replaced"),
    "folder replaced": (_replace_folder, "was replaced"),
    "emptied": (lambda path: path.write_bytes(b""), "was emptied"),
    "cut off": (lambda path: os.truncate(path, path.stat().st_size // 2), "was cut off"),
    "log deleted": (lambda path: Path(f"{path}-wal").unlink(), "lost war.db-wal"),
}
_UNREADABLE = ("emptied", "cut off")  # the copy is what is left


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_nothing_is_written_to_a_file_that_nobody_sees(open_: sqlite3.Connection, path: Path, accident: str) -> None:
    happen, what = ACCIDENTS[accident]
    shown = event(open_, "report-1/2")
    happen(path)
    with pytest.raises(GoneError, match=what):
        Review(open_, "ana").reject(shown, "generic")
    lost = rescue(open_)
    assert lost is not None
    assert what in lost.why
    assert rescue(open_) is lost
    assert lost.copy is not None
    with pytest.raises(GoneError, match=what), writing(open_):
        pass
    with pytest.raises(GoneError, match=what):
        reopener(open_)()
    if accident not in _UNREADABLE:
        with contextlib.closing(open_file(lost.copy)) as copy:
            assert (event(copy).status, event(copy, "report-1/2").status) == ("confirmed", "pending")
            assert problems(copy) == []
    open_.close()
    if what == "was replaced":
        with contextlib.closing(open_file(path)) as replaced:
            assert problems(replaced) == []
            assert event(replaced).status == ("pending" if accident == "replaced" else "confirmed")


def test_a_file_that_goes_during_a_write_takes_nothing_with_it(open_: sqlite3.Connection, path: Path) -> None:
    def write() -> None:
        with writing(open_):
            open_.execute("INSERT INTO imports (file, format, started_at) VALUES ('a', '', '')")
            _replace_file(path)

    with pytest.raises(GoneError, match="was replaced"):
        write()
    assert open_.execute("SELECT count(*) FROM imports WHERE file = 'a'").fetchone() == (0,)


def test_closing_removes_nothing_of_the_file_that_has_the_name_now(open_: sqlite3.Connection, path: Path) -> None:
    other = path.with_name("other.db")
    open_file(other, create=True).close()
    path.rename(path.with_name("moved.db"))
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink()
    other.rename(path)
    with contextlib.closing(open_file(path)) as now:
        import_documents(now, ARTICLE)
        open_.close()
        assert Path(f"{path}-wal").stat().st_size
        Review(now, "ben").accept(event(now))
    with contextlib.closing(open_file(path)) as now:
        assert event(now).reviewer == "ben"
        assert problems(now) == []


def test_a_renamed_folder_goes_on_holding_the_file(open_: sqlite3.Connection, path: Path) -> None:
    path.parent.rename(path.parent.with_name("renamed"))
    Review(open_, "ana").reject(event(open_, "report-1/2"), "generic")
    assert rescue(open_) is None
    queue = Queue(open_, "status:rejected", in_background=True)
    assert queue.wait_for_page(10)
    assert len(queue) == 1
    open_.close()
    with contextlib.closing(open_file(path.parent.with_name("renamed") / "war.db")) as found:
        assert event(found, "report-1/2").status == "rejected"
        assert problems(found) == []


def test_a_restored_or_compacted_file_that_is_shorter_is_still_there(open_: sqlite3.Connection, path: Path) -> None:
    small = path.with_name("small.db")
    with contextlib.closing(open_file(small, create=True)) as connection:
        import_documents(connection, ARTICLE)
    with writing(open_):
        open_.execute("INSERT INTO imports (file, format, started_at) VALUES (hex(zeroblob(500000)), '', '')")
    open_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert rescue(open_) is None
    restore(path, small)
    open_.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert path.stat().st_size < 1_000_000
    assert rescue(open_) is None
    Review(open_, "ana").accept(event(open_))


def _overwrite(path: Path, content: bytes) -> None:
    """Do as `cp` does: the file stays the same, and its content becomes another's."""
    with path.open("r+b") as stream:
        stream.truncate(0)
        stream.write(content)


def test_a_file_that_another_program_writes_into_is_noticed(open_: sqlite3.Connection, path: Path) -> None:
    large = path.with_name("large.db")
    with contextlib.closing(open_file(large, create=True)) as connection:
        import_documents(connection, *(ARTICLE | {"id": f"a{number}"} for number in range(200)))
    place = place_of(open_)
    assert place is not None
    place.watch_pages()
    _overwrite(path, large.read_bytes())
    with pytest.raises(GoneError, match="was overwritten by another program"):
        Review(open_, "ana").reject(event(open_, "report-1/2"), "generic")
    assert (lost := rescue(open_)) is not None
    assert lost.why == "was overwritten by another program"


def test_checkpoints_and_a_touch_are_no_writes_of_another_program(open_: sqlite3.Connection, path: Path) -> None:
    place = place_of(open_)
    assert place is not None
    place.watch_pages()
    with contextlib.closing(open_file(path)) as other:
        for mode in ("PASSIVE", "FULL", "RESTART", "TRUNCATE", "PASSIVE"):
            Review(other, "ben").note(event(other), mode)
            (other if mode == "FULL" else open_).execute(f"PRAGMA wal_checkpoint({mode})")
            assert rescue(open_) is None
    path.touch()
    assert rescue(open_) is None
    Review(open_, "ana").reject(event(open_, "report-1/2"), "generic")


def test_a_link_that_points_to_another_file_by_now_is_noticed(tmp_path: Path, path: Path) -> None:
    link, other = tmp_path / "link.db", tmp_path / "other.db"
    open_file(other, create=True).close()
    link.symlink_to(path)
    with contextlib.closing(open_file(link)) as connection:
        assert rescue(connection) is None
        link.unlink()
        link.symlink_to(other)
        assert (lost := rescue(connection)) is not None
        assert "replaced" in lost.why


def test_a_file_with_a_hard_link_is_only_read(open_: sqlite3.Connection, path: Path, tmp_path: Path) -> None:
    link, other = tmp_path / "link.db", tmp_path / "other.db"
    open_file(other, create=True).close()
    os.link(path, link)
    Review(open_, "ana").reject(event(open_, "report-1/2"), "generic")  # the name that was open goes on
    before = sorted(tmp_path.iterdir())
    with contextlib.closing(open_file(link)) as connection:
        assert not can_write(connection)
        assert event(connection).document_id == 1
        with pytest.raises(FileError, match="hard link"):
            Review(connection, "ben").accept(event(connection))
    assert sorted(tmp_path.iterdir()) == before
    with pytest.raises(FileError, match="hard link"):
        restore(link, other)
    link.unlink()
    with contextlib.closing(open_file(path)) as connection:
        assert can_write(connection)


def test_a_name_that_a_killed_process_left_is_no_hard_link(path: Path) -> None:
    os.link(path, path.with_name(f".{path.name}.99999999-abcdef01.partial"))
    with contextlib.closing(open_file(path)) as connection:
        assert can_write(connection)
    assert path.stat().st_nlink == 1


def test_an_empty_file_is_refused_and_its_log_stays(open_: sqlite3.Connection, path: Path) -> None:
    log = Path(f"{path}-wal").read_bytes()
    copy = path.with_name("copy.db")
    copy.write_bytes(b"")
    Path(f"{copy}-wal").write_bytes(log)
    with pytest.raises(FileError, match=r"is empty; `eventdesk restore .*copy\.db` lists its backups"):
        open_file(copy)
    assert Path(f"{copy}-wal").read_bytes() == log
    empty = path.with_name("empty.db")
    with contextlib.closing(sqlite3.connect(empty)) as made:
        made.execute("VACUUM")
    with pytest.raises(FileError, match="is empty"):
        open_file(empty)


def test_a_copy_is_saved_elsewhere_if_the_folder_is_gone(open_: sqlite3.Connection, path: Path) -> None:
    shutil.rmtree(path.parent)
    lost = rescue(open_)
    assert lost is not None
    assert lost.copy is not None
    assert "war.rescued.db" in lost.copy.name
