"""File permissions: a user's state is private whatever the umask; data files, unfinished ones too, follow the umask."""

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.builders import ARTICLE

from db.io.atomic import new_output
from db.maintenance import copying as backup
from db.store.connection import open_file
from db.store.new_file import new_file
from tui.cli import main
from tui.config.settings import Settings
from tui.review.session.query_history import read_history, remember
from tui.runtime import crash

UMASKS = {0o022: 0o644, 0o077: 0o600, 0o027: 0o640}


@pytest.fixture(params=UMASKS, ids=oct)
def umask_mode(request: pytest.FixtureRequest) -> Iterator[int]:
    """Set a umask, and return the mode of files that follow it."""
    before = os.umask(request.param)
    yield UMASKS[request.param]
    os.umask(before)


@pytest.fixture(params=[0o000, 0o077, 0o777], ids=oct)
def any_umask(request: pytest.FixtureRequest) -> Iterator[None]:
    before = os.umask(request.param)
    yield
    os.umask(before)


def modes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mode & 0o777 for path in folder.rglob("*")}


def test_the_file_and_its_companions_follow_the_umask(tmp_path: Path, umask_mode: int) -> None:
    lines = tmp_path / "lines.jsonl"
    lines.write_text(json.dumps(ARTICLE))
    folder = tmp_path / "data"
    folder.mkdir()
    while_built: dict[str, int] = {}
    with new_file(folder / "built.db") as connection:
        connection.execute("CREATE TABLE temporary (a)")
        while_built |= modes(folder)
        connection.execute("DROP TABLE temporary")
    assert [name for name in while_built if name.endswith(".partial")]
    assert set(while_built.values()) == {umask_mode}

    file = folder / "events.db"
    assert main(["import", str(file), str(lines)]) == 0
    connection = open_file(file)
    connection.execute("SELECT count(*) FROM events").fetchone()
    assert {"events.db", "events.db-wal", "events.db-shm"} <= set(modes(folder))
    assert set(modes(folder).values()) == {umask_mode}
    connection.close()


def test_output_follows_the_umask_while_it_grows_too(tmp_path: Path, umask_mode: int) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    growing: list[dict[str, int]] = []

    with new_output(folder / "gold.jsonl") as stream:
        for line in (b"a", b"b"):
            growing.append(modes(folder))
            stream.write(line)
    connection = open_file(tmp_path / "events.db", create=True)
    backup.copy_file(connection, folder / "copy.db", lambda *_: growing.append(modes(folder)))
    connection.close()
    assert {name.rpartition(".")[2] for one in growing for name in one} >= {"partial"}
    assert {mode for one in [*growing, modes(folder)] for mode in one.values()} == {umask_mode}
    assert {"gold.jsonl", "copy.db"} == set(modes(folder))


def test_the_state_of_a_user_is_private(tmp_path: Path, any_umask: None, monkeypatch: pytest.MonkeyPatch) -> None:
    state = tmp_path / "home" / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    own = state / "eventdesk"
    assert Settings(hint_seen=own / "hint-seen").first_run()
    remember(own / "queries.jsonl", "type:attack")
    remember(own / "queries.jsonl", "type:protest")
    crash.save_report(KeyError("x"), "find")
    kept = modes(tmp_path / "home")
    (report,) = (name for name in kept if name.endswith(".txt"))
    assert kept == {
        "state": 0o700, "eventdesk": 0o700, "crashes": 0o700, "hint-seen": 0o600, "queries.jsonl": 0o600,
        report: 0o600,
    }  # fmt: skip
    assert read_history(own / "queries.jsonl") == ["type:attack", "type:protest"]
    assert not Settings(hint_seen=own / "hint-seen").first_run()


def test_a_link_instead_of_a_state_file_is_replaced_not_followed(tmp_path: Path) -> None:
    mine = tmp_path / "mine"
    mine.write_text("mine")
    (tmp_path / "queries.jsonl").symlink_to(mine)
    remember(tmp_path / "queries.jsonl", "type:attack")
    assert mine.read_text() == "mine"
    assert not (tmp_path / "queries.jsonl").is_symlink()


def test_an_existing_file_keeps_its_mode(tmp_path: Path) -> None:
    file = tmp_path / "events.db"
    open_file(file, create=True).close()
    file.chmod(0o640)
    connection = open_file(file)
    connection.execute("SELECT count(*) FROM events").fetchone()
    assert modes(tmp_path) == dict.fromkeys(("events.db", "events.db-wal", "events.db-shm"), 0o640)
    connection.close()
