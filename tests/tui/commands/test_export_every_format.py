"""Export in every writable format, with and without a query, to a file and to standard output; names of files."""

import contextlib
import io
import sys
from pathlib import Path

import pytest
from support.builders import ARTICLE, LATER, create, event, import_documents

from db.decisions.review import Review
from db.formats.registry import all_formats
from tui.cli import main

WRITABLE = {name: item for name, item in all_formats().items() if item.write or item.write_folder}
EVERY = "-status:pending"
_INSTALLED = {"spacy": "spacy"}
_MAPPED = {"json-table": "eventdesk_wide"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file with two documents whose three events are corrected, rejected and confirmed."""
    path = tmp_path / "war.db"
    with contextlib.closing(create(path)) as connection:
        import_documents(connection, ARTICLE, LATER)
        review = Review(connection, "ana")
        review.correct(event(connection), event(connection).fields[3], 25, [(42, 44)])
        review.accept(event(connection))
        review.reject(event(connection, "report-1/2"), "generic")
        later = event(connection, "report-2/1")
        review.correct(later, later.fields[2], "Lesna", [(0, 8)])
        review.accept(event(connection, "report-2/1"))
    return path


def written(file: Path, name: str, target: Path, *options: str) -> dict[str, bytes]:
    """Return the files of an export by the ends of their names."""
    mapping = ["--mapping", _MAPPED[name]] if name in _MAPPED else []
    assert main(["export", str(file), "--format", name, "--output", str(target), *mapping, *options]) == 0
    if target.is_dir():
        return {path.name: path.read_bytes() for path in sorted(target.iterdir())}
    files = sorted(target.parent.glob(f"{target.stem}*"))
    return {path.name.removeprefix(target.stem): path.read_bytes() for path in files}


def printed(file: Path, name: str, monkeypatch: pytest.MonkeyPatch, *options: str) -> bytes:
    """Return what an export prints."""
    mapping = ["--mapping", _MAPPED[name]] if name in _MAPPED else []
    stream = io.BytesIO()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "stdout", io.TextIOWrapper(stream, "utf-8", write_through=True))
        assert main(["export", str(file), "--format", name, *mapping, *options]) == 0
        sys.stdout.detach()
    return stream.getvalue()


@pytest.mark.parametrize("name", WRITABLE)
def test_a_query_that_every_event_matches_changes_nothing(
    name: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if name in _INSTALLED:
        pytest.importorskip(_INSTALLED[name])
    out = tmp_path / "out"
    out.mkdir()
    everything = written(file, name, out / "all.x")
    assert all(everything.values()) or name == "brat"  # whose .ann may be empty
    assert written(file, name, out / "query.x", f"--query={EVERY}") == everything
    if WRITABLE[name].write:
        assert printed(file, name, monkeypatch) == everything[".x"]
        assert printed(file, name, monkeypatch, f"--query={EVERY}") == everything[".x"]


@pytest.mark.parametrize("layout", ["wide", "long"])
@pytest.mark.parametrize("name", [name for name in WRITABLE if name != "datasette"])
def test_a_query_for_one_event_exports_its_document_and_no_other(
    name: str, layout: str, file: Path, tmp_path: Path
) -> None:
    if name in _INSTALLED:
        pytest.importorskip(_INSTALLED[name])
    if layout == "long" and "layout" not in WRITABLE[name].writing_options:
        pytest.skip("has no layouts")
    out = tmp_path / "out"
    out.mkdir()
    files = written(file, name, out / "later.x", "--query", "mediator:*", "--layout", layout)
    content = b"".join(f"{key}\n".encode() + data for key, data in files.items())
    assert b"report-2" in content or b"people" in content
    assert b"report-1" not in content
    assert b"prisoners" not in content


def test_a_query_that_nothing_matches_exports_nothing(file: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    assert written(file, "native", tmp_path / "out" / "none.x", "--query", "total>9999") == {".x": b""}


@pytest.mark.parametrize("target", ["", ".", "..", "/", "out.diff", "out.DIFF"])
def test_an_impossible_output_is_refused_in_a_line(
    target: str, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.iterdir())
    assert main(["export", str(file), "--format", "corrections", "--output", target]) == 2
    assert "choose another name" in capsys.readouterr().err.replace("a name that doesn't end in .diff", "another name")
    assert sorted(tmp_path.iterdir()) == before
