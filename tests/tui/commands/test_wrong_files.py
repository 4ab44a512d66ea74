"""Every wrong kind of file gets one line: what it is, and what to do; nothing is made or changed."""

import bz2
import gzip
import io
import os
import pickle
import sqlite3
import tarfile
import zipfile
from pathlib import Path

import pytest

from db.io.file_kinds import is_text, kind_of
from tui.cli import main

TABLE = b"id,type,killed\n1,attack,3\n"


def zipped(*names: str) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return stream.getvalue()


def tarred() -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("events.csv"), io.BytesIO())
    return stream.getvalue()


KINDS = {
    "notes.rtf": (rb"{\rtf1\ansi Three died.\par}", "an RTF document; save its text as .txt"),
    "data.pkl": (pickle.dumps({"a": [1, 2]}, protocol=4), "a Python pickle"),
    "older.pkl": (pickle.dumps({"a": [1, 2]}, protocol=2), "a Python pickle"),
    "text.pkl": (pickle.dumps({"a": [1, 2]}, protocol=0), "a Python pickle"),
    "frame.pickle": (pickle.dumps([b"x" * 300], protocol=5), "a Python pickle"),
    "a.docx": (zipped("[Content_Types].xml", "word/document.xml"), "a Word document; save its text as .txt"),
    "a.xlsx": (zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook; save each sheet as CSV"),
    "a.zip": (zipped("events.csv"), "a zip archive; unpack it"),
    "a.csv.gz": (gzip.compress(TABLE), "a gzip file; decompress it first: zcat"),
    "a.csv.bz2": (bz2.compress(TABLE), "a bzip2 file; decompress it first: bzcat"),
    "a.rds": (gzip.compress(b"X\n\0\0"), "an R data file"),
    "a.tar": (tarred(), "a tar archive; unpack it"),
    "a.pdf": (b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n", "a PDF; save its text as .txt"),
    "a.png": (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "an image; eventdesk reads text"),
    "a.jpg": (b"\xff\xd8\xff\xe0\0\x10JFIF\0", "an image"),
    "a.xls": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(99), "an old Office file"),
    "a.dta": (b"<stata_dta><header>" + bytes(99), "a Stata file; write its rows as CSV"),
    "a.sav": (b"$FL2@(#) SPSS DATA FILE" + bytes(9), "an SPSS file"),
    "a.feather": (b"ARROW1\0\0" + bytes(9), "an Arrow or Feather file"),
    "a.duckdb": (bytes(8) + b"DUCK@" + bytes(9), "a DuckDB database"),
    "a.mp4": (b"\0\0\0\x18ftypmp42" + bytes(9), "sound or video"),
    "a.exe": (b"MZ\x90\0" + bytes(99), "a program"),
    "strange.bin": (bytes(range(256)), "is no text, and of an unknown kind"),
}


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path


@pytest.fixture
def says(capsys: pytest.CaptureFixture[str], folder: Path) -> "Says":
    return Says(capsys, folder)


class Says:
    """Runs a command that must fail without making or changing a file, and returns its one line."""

    def __init__(self, capsys: pytest.CaptureFixture[str], folder: Path) -> None:
        self._capsys, self._folder = capsys, folder

    def __call__(self, *words: str, status: int = 2) -> str:
        before = sorted(os.listdir(self._folder))
        assert main(list(words)) == status
        output, error = self._capsys.readouterr()
        assert sorted(set(os.listdir(self._folder)) - {"state"}) == [name for name in before if name != "state"]
        assert len((error or output).splitlines()) == 1
        return error or output


@pytest.mark.parametrize("name", KINDS)
def test_a_file_of_another_kind_is_named(name: str, says: Says, folder: Path) -> None:
    content, what = KINDS[name]
    (folder / name).write_bytes(content)
    assert what in says("import", "new.db", name)
    if name != "strange.bin":
        assert what in says("import", "new.db", name, "--format", "native")
        assert what in says("import", "new.db", name, "--format", "csv")
        assert f"is {what.partition(';')[0]}" in says("find", name, "killed>1")


def test_a_text_in_place_of_the_database_is_imported_first(says: Says, folder: Path) -> None:
    (folder / "events.csv").write_bytes(TABLE)
    (folder / "war.db").write_bytes(TABLE)
    first = "import it first: `eventdesk import events.db events.csv`, then `eventdesk review events.db`"
    for words in (["find", "x"], ["stats"], ["check"], ["export"], ["log"], ["types"], ["backup"]):
        command, *rest = words
        assert first in says(command, "events.csv", *rest)
    assert "review it on a terminal, or use: eventdesk import events.eventdesk.db events.csv" in says(
        "review", "events.csv"
    )
    assert "is a text file, not an eventdesk file" in says("import", "events.csv", "war.db")
    assert "if it was one, `eventdesk restore war.db` lists its backups" in says("stats", "war.db")
    assert "events.csv has no backups, and is not an eventdesk file" in says("restore", "events.csv", status=1)
    assert "missing.db: no such file, and no backups of one" in says("restore", "missing.db")


def test_swapped_arguments_are_recognised(says: Says, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "events.csv").write_bytes(TABLE)
    assert main(["import", "war.db", "events.csv"]) == 0
    capsys.readouterr()
    assert "name the eventdesk file first: import war.db FILE" in says("import", "events.csv", "war.db")


def test_a_folder_and_a_pipe_are_no_database(says: Says, folder: Path) -> None:
    (folder / "texts").mkdir()
    os.mkfifo(folder / "pipe")
    assert "texts: is a folder, not an eventdesk file; review it on a terminal" in says("review", "texts")
    for words in (["review"], ["find", "x"], ["stats"], ["check"], ["backup"]):
        command, *rest = words
        assert command == "review" or "texts: is a folder, not a file" in says(command, "texts", *rest)
        assert "pipe: is a pipe or a device, not a file" in says(command, "pipe", *rest)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("sqlite:my.db", "name one of its tables: sqlite:my.db:events, sqlite:my.db:sources"),
        ("my.db", "my.db: its tables have no rows yet (events, sources); fill them first"),
        ("SQLite:my.db:event", "no table event; its tables: events, sources"),
        ("sqlite:gone.db:events", "no such file gone.db; write sqlite:FILE:TABLE"),
        ("sqlite:", "no such file; write sqlite:FILE:TABLE"),
        ("sqlite:texts:events", "texts is a folder; write sqlite:FILE:TABLE"),
        ("sqlite:events.csv:events", "events.csv is a text file, not a SQLite database; import it by its name alone"),
        ("sqlite:a.pdf", "a.pdf is a PDF, not a SQLite database"),
        ("https://example.org/events.csv", "eventdesk downloads nothing; save it as a file first"),
        ("dangling", "is a link to nowhere, which doesn't exist"),
        ("gone.csv", "gone.csv: no such file"),
    ],
)
def test_a_table_that_is_named_wrongly(name: str, what: str, says: Says, folder: Path) -> None:
    with sqlite3.connect(folder / "my.db") as connection:
        connection.executescript("CREATE TABLE events (id); CREATE TABLE sources (id)")
    connection.close()
    (folder / "events.csv").write_bytes(TABLE)
    (folder / "a.pdf").write_bytes(b"%PDF-1.7\n")
    (folder / "texts").mkdir()
    (folder / "dangling").symlink_to("nowhere")
    assert what in says("import", "new.db", name)
    if name.startswith(("my.db", "sqlite:my.db")):
        for format in ("llm-json", "native", "brat", "html"):
            assert "is a table of a database, which this format can't read" in says(
                "import", "new.db", "sqlite:my.db:events", "--format", format
            )
        assert "review it on a terminal, or use: eventdesk import my.eventdesk.db my.db" in says("review", "my.db")
        assert "review it with `eventdesk review my.db`" in says("stats", "my.db")


def test_a_format_without_a_writer_and_a_missing_folder(
    says: Says, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "events.csv").write_bytes(TABLE)
    assert main(["import", "war.db", "events.csv"]) == 0
    capsys.readouterr()
    for name in ("parquet", "sqlite", "text-folder", "html"):
        assert f"{name} can only be imported" in says("export", "war.db", "--format", name)
    assert "brat is a folder of files; name a new folder" in says("export", "war.db", "--format", "brat")
    assert "the folder gone does not exist; create it first" in says("export", "war.db", "--output", "gone/new.jsonl")
    (folder / "texts").mkdir()
    assert "texts: is a folder; name a file" in says("import", "war.db", "events.csv", "--mapping", "texts")
    assert "texts: is a folder; name a file" in says("types", "war.db", "texts")
    assert "war.db: not UTF-8 at byte" in says("types", "war.db", "war.db")


@pytest.mark.parametrize(
    "text",
    [
        "MZ is a code",
        "ID3 killed",
        "Objections",
        "ORC,n\n",
        "BM,3\n",
        "the ftyp",
        "At noon DUCK hid",
        "FEA1,2\n",
        "PK,3\n",
    ],
)
def test_a_text_is_no_other_kind(text: str) -> None:
    for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "cp1251"):
        content = text.encode(encoding)
        assert kind_of(content, ".csv") is None
        assert is_text(content)
