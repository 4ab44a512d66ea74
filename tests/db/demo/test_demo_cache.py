"""The imported demo is cached: a start copies it instead of importing, and never depends on the cache."""

import contextlib
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.builders import exported, problems

from db import demo
from db.decisions.review import Review
from db.store.reading import read_event


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The file in a cache folder of its own, which is not there yet."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "eventdesk" / "demo"


@pytest.fixture
def imports(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The paths at which the demo was imported."""
    paths: list[Path] = []
    make = demo.make_demo

    def counted(path: Path) -> sqlite3.Connection:
        paths.append(path)
        return make(path)

    monkeypatch.setattr(demo, "make_demo", counted)
    return paths


def events_in(path: Path) -> int:
    """The number of events in a copy of the demo that opens without a problem."""
    path.unlink(missing_ok=True)
    with contextlib.closing(demo.open_demo(path)) as connection:
        assert problems(connection) == []
        (count,) = connection.execute("SELECT count(*) FROM events").fetchone()
    return int(count)


def test_the_second_start_copies_what_the_first_imported(cache: Path, imports: list[Path], tmp_path: Path) -> None:
    with (
        contextlib.closing(demo.open_demo(tmp_path / "one.db")) as one,
        contextlib.closing(demo.open_demo(tmp_path / "two.db")) as two,
    ):
        assert exported(two) == exported(one)
        queries = "SELECT name, query, help FROM saved_queries"
        assert two.execute(queries).fetchall() == one.execute(queries).fetchall()
    assert len(imports) == 1


def test_decisions_in_one_copy_are_not_in_the_next(cache: Path, tmp_path: Path) -> None:
    for name in ("one.db", "two.db"):
        with contextlib.closing(demo.open_demo(tmp_path / name)) as connection:
            first = read_event(connection, 1)
            assert first.status == "pending"
            Review(connection, "ana").accept(first)


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[:20],
        lambda data: data[:-1],
        lambda data: data[:5000] + bytes([data[5000] ^ 1]) + data[5001:],
        lambda data: bytes([data[0] ^ 1]) + data[1:],
    ],
)
def test_a_damaged_cache_is_replaced(
    cache: Path, imports: list[Path], tmp_path: Path, damage: Callable[[bytes], bytes]
) -> None:
    complete = events_in(tmp_path / "demo.db")
    cache.write_bytes(damage(cache.read_bytes()))
    assert events_in(tmp_path / "demo.db") == complete
    assert len(imports) == 2
    assert events_in(tmp_path / "demo.db") == complete
    assert len(imports) == 2


def test_a_cache_of_another_schema_is_replaced(
    cache: Path, imports: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as older:
        older.setattr(demo, "SCHEMA_VERSION", 1)
        events_in(tmp_path / "demo.db")
    events_in(tmp_path / "demo.db")
    assert len(imports) == 2


def test_a_cached_file_that_does_not_open_is_replaced(cache: Path, imports: list[Path], tmp_path: Path) -> None:
    demo._write_cache(demo._key(), b"not a database")
    assert events_in(tmp_path / "demo.db") == events_in(tmp_path / "demo.db")
    assert len(imports) == 1


@pytest.mark.parametrize("obstacle", [lambda path: path.mkdir(parents=True), lambda path: _file_above(path)])
def test_without_a_usable_cache_folder_each_start_imports(
    cache: Path, imports: list[Path], tmp_path: Path, obstacle: Callable[[Path], None]
) -> None:
    obstacle(cache)
    assert events_in(tmp_path / "demo.db") == events_in(tmp_path / "demo.db")
    assert len(imports) == 2


def _file_above(path: Path) -> None:
    path.parents[1].write_text("", encoding="utf-8")


def test_the_cache_is_private(cache: Path, tmp_path: Path) -> None:
    events_in(tmp_path / "demo.db")
    assert cache.stat().st_mode & 0o777 == 0o600
    assert cache.parent.stat().st_mode & 0o777 == 0o700
    assert [item.name for item in cache.parent.iterdir()] == ["demo"]


def test_several_first_starts_at_once_all_get_the_whole_demo(cache: Path, tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from db.demo import open_demo\n"
        "print(open_demo(Path(sys.argv[1])).execute('SELECT count(*) FROM events').fetchone()[0])"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path / f"{number}.db")], stdout=subprocess.PIPE)
        for number in range(3)
    ]
    counts = {process.communicate(timeout=60)[0].strip() for process in processes}
    assert counts == {str(events_in(tmp_path / "demo.db")).encode()}
