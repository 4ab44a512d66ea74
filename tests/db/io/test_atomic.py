"""What a killed process left half made is swept by the next; what a running one makes is left alone."""

import os
import subprocess
import sys
from pathlib import Path

from db.io.atomic import partial_path, sweep
from db.store.new_file import new_file


def dead() -> int:
    """The number of a process that is gone."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_what_a_dead_process_left_of_a_new_file_goes_with_the_next_import(tmp_path: Path) -> None:
    gone = dead()
    for suffix in ("", "-wal", "-shm", "-journal"):
        (tmp_path / f".new.db.{gone}-0123abcd.partial{suffix}").touch()
    (tmp_path / f".other.db.{gone}-0123abcd.partial").touch()
    with new_file(tmp_path / "new.db"):
        pass
    assert sorted(path.name for path in tmp_path.iterdir()) == [f".other.db.{gone}-0123abcd.partial", "new.db"]


def test_what_is_being_made_and_what_only_looks_like_it_is_left(tmp_path: Path) -> None:
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


def test_a_process_with_the_number_of_a_dead_one_is_told_apart(tmp_path: Path) -> None:
    """In a container every run may have the same number."""
    left = tmp_path / f".new.db.{os.getpid()}-0123abcd.partial"
    left.touch()
    sweep(tmp_path / "new.db")
    assert not left.exists()


def test_each_process_has_a_name_of_its_own_also_when_it_was_forked(tmp_path: Path) -> None:
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


def test_a_folder_that_is_not_there_is_no_error(tmp_path: Path) -> None:
    sweep(tmp_path / "no" / "new.db")
