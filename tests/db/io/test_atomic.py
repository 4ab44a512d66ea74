"""Partial files: those of dead processes are removed, those of running ones are kept."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.errors import InputError
from db.io.atomic import new_output, partial_path, sweep
from db.store.new_file import new_file


def dead() -> int:
    """Return the id of a process that has ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_the_next_import_removes_the_partial_files_of_dead_processes(tmp_path: Path) -> None:
    gone = dead()
    for suffix in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f".new.db.{gone}-0123abcd.partial{suffix}").touch()
    (tmp_path / f".other.db.{gone}-0123abcd.partial").touch()
    with new_file(tmp_path / "new.db"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".other.db.{gone}-0123abcd.partial", "new.db"]


def test_partial_files_of_running_processes_and_similar_names_are_kept(tmp_path: Path) -> None:
    target = tmp_path / "new.db"
    mine = partial_path(target)
    names = [
        mine.name,
        f".new.db.{os.getppid()}-0123abcd.partial",
        ".new.db.backup.partial",
        f"new.db.{dead()}-00.partial",
        f".new.db.{dead()}-00.partial.txt",
    ]
    for name in names:
        (tmp_path / name).touch()
    sweep(target)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)


def test_a_dead_process_is_recognised_if_this_one_has_its_id(tmp_path: Path) -> None:
    """In a container, every run can have the same process id."""
    left = tmp_path / f".new.db.{os.getpid()}-0123abcd.partial"
    left.touch()
    sweep(tmp_path / "new.db")
    assert not left.exists()


def test_a_forked_process_uses_another_name(tmp_path: Path) -> None:
    mine = partial_path(tmp_path / "new.db")
    read, write = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.write(write, partial_path(tmp_path / "new.db").name.encode())
        os._exit(0)
    os.waitpid(pid, 0)
    theirs = os.read(read, 200).decode()
    os.close(read)
    os.close(write)
    assert theirs != mine.name
    assert f".{pid}-" in theirs


def test_sweeping_a_missing_folder_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "no" / "new.db")


@pytest.mark.parametrize("number", [errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS])
@pytest.mark.parametrize("call", ["link", "fsync"])
def test_a_file_system_without_links_or_fsync_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, number: int
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, call, unsupported)
    with new_output(tmp_path / "new.txt") as stream:
        stream.write(b"whole")
    assert (tmp_path / "new.txt").read_bytes() == b"whole"
    assert len(list(tmp_path.iterdir())) == 1
    with pytest.raises(InputError, match="already exists"), new_output(tmp_path / "new.txt"):
        pass


def test_a_disk_that_fails_is_still_reported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: int) -> None:
        raise OSError(errno.EIO, "Input/output error")

    monkeypatch.setattr(os, "fsync", fails)
    with pytest.raises(InputError, match="can't be written"), new_output(tmp_path / "new.txt"):
        pass
    assert list(tmp_path.iterdir()) == []
