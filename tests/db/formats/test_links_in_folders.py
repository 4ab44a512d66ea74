"""Links and companion names that lead out of the imported folder: refused by name, in every format that reads files."""

import json
from pathlib import Path
from typing import Any

import pytest

from db.errors import InputError
from db.formats.format import Export, ReadOptions, Record
from db.formats.registry import all_formats
from db.formats.shared.folders import NewNames
from db.formats.sources import open_source
from tui.cli import main

SECRET = "the secret key of somebody else"
_TEMPLATE = "0. MESSAGE: ID  {}\n1. MESSAGE: TEMPLATE  1\n4. INCIDENT: TYPE  ATTACK\n\n"


def records(name: str, path: Path) -> list[Record]:
    read = all_formats()[name].read
    assert read
    with open_source(str(path)) as source:
        return list(read(source, ReadOptions()))


def outcome(name: str, path: Path) -> tuple[list[str], str]:
    """Return the errors of an import, and everything else that it reads, as JSON."""
    try:
        found = records(name, path)
    except InputError as error:
        return [str(error)], ""
    errors = [str(record.document) for record in found if isinstance(record.document, InputError)]
    rest = [record.document for record in found if not isinstance(record.document, InputError)]
    return errors, json.dumps([rest, [record.notes for record in found]])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """An empty folder; beside it are a secret file and a folder with more of them."""
    page = f"<html><body><p>{SECRET}, in a page that is long enough to have a main text of its own.</p></body></html>"
    (tmp_path / "elsewhere").mkdir()
    for place in (tmp_path, tmp_path / "elsewhere"):
        (place / "secret.txt").write_text(SECRET)
        (place / "secret.ann").write_text("T1\tSecret 0 3\tthe\n")
        (place / "secret.html").write_text(page)
        (place / "secret.json").write_text(json.dumps({"eventdesk": 1, "events": [], "document": {"id": SECRET}}))
        (place / "urls.tsv").write_text(f"{SECRET}.html\thttps://secret.example/\n")
    (tmp_path / "sent").mkdir()
    return tmp_path / "sent"


CASES: list[tuple[str, str, dict[str, str], dict[str, str], str]] = [
    # format, what the user names, files, links, what the line names
    ("text-folder", ".", {"a.txt": "A"}, {"notes.txt": "../secret.txt"}, "notes.txt"),
    ("text-folder", ".", {"a.txt": "A"}, {"sub/notes.md": "../../secret.txt"}, "sub/notes.md"),
    ("text-folder", ".", {"a.txt": "A"}, {"more": "../elsewhere"}, "more"),
    ("text-folder", ".", {"a.txt": "A"}, {"b.txt": "more/secret.txt", "more": "../elsewhere"}, "b.txt"),
    ("brat", ".", {"a.ann": ""}, {"a.txt": "../secret.txt"}, "a.txt"),
    ("brat", ".", {"a.txt": "the"}, {"a.ann": "../secret.ann"}, "a.ann"),
    ("brat", ".", {"a.txt": "the"}, {"a.a1": "../secret.ann"}, "a.a1"),
    ("brat", ".", {"a.txt": "the", "a.ann": ""}, {"a.eventdesk.json": "../secret.json"}, "a.eventdesk.json"),
    ("brat", ".", {"a.txt": "the", "a.ann": ""}, {"more": "../elsewhere"}, "more"),
    ("brat", "a.ann", {"a.ann": ""}, {"a.txt": "../secret.txt"}, "a.txt"),
    ("brat", "a.txt", {"a.txt": "the"}, {"a.ann": "../secret.ann"}, "a.ann"),
    ("muc", "a.muc", {"a.muc": _TEMPLATE.format("T-1")}, {"a.txt": "../secret.txt"}, "a.txt"),
    ("muc", "a.muc", {"a.muc": _TEMPLATE.format("T-1")}, {"T-1.txt": "../secret.txt"}, "T-1.txt"),
    ("html", ".", {"a.html": "<html>"}, {"b.html": "../secret.html"}, "b.html"),
    ("html", ".", {"a.html": "<html>"}, {"more": "../elsewhere"}, "more"),
    ("html", ".", {"a.html": "<html>"}, {"urls.tsv": "../urls.tsv"}, "urls.tsv"),
    ("html", ".", {"a.html": "<html>", "urls.tsv": "../secret.html\thttps://a.example/\n"}, {}, "../secret.html"),
    ("html", "list.tsv", {"list.tsv": "../secret.html\thttps://a.example/\n"}, {}, "../secret.html"),
    ("html", "list.tsv", {"list.tsv": "b.html\thttps://a.example/\n"}, {"b.html": "../secret.html"}, "b.html"),
]


@pytest.mark.parametrize(("name", "argument", "files", "links", "named"), CASES)
def test_a_way_out_of_the_folder_is_refused_by_name(
    name: str, argument: str, files: dict[str, str], links: dict[str, str], named: str, folder: Path
) -> None:
    make(folder, files, links)
    errors, rest = outcome(name, folder / argument)
    assert [error for error in errors if error.startswith(f"{named}: is outside the folder, by a link or by ..;")]
    assert SECRET not in rest
    assert "Secret" not in rest


@pytest.mark.parametrize(
    ("name", "argument", "files", "links"),
    [
        ("text-folder", ".", {"texts/a.txt": "Words"}, {"b.txt": "texts/a.txt"}),
        ("text-folder", ".", {"a.txt": "Words", "sub/c.txt": "More"}, {"sub/up": "..", "again": "sub"}),
        ("brat", ".", {"texts/a.txt": "Words", "a.ann": ""}, {"a.txt": "texts/a.txt"}),
        ("brat", "a.ann", {"texts/a.txt": "Words", "a.ann": ""}, {"a.txt": "texts/a.txt"}),
        ("brat", "a.ann", {"a.txt": "Words"}, {"a.ann": "../secret.ann"}),
        ("muc", "a.muc", {"a.muc": _TEMPLATE.format("T-1"), "texts/1": "Words"}, {"T-1.txt": "texts/1"}),
        ("text", "a.txt", {}, {"a.txt": "../secret.txt"}),
    ],
)
def test_a_link_inside_the_folder_or_named_by_a_person_is_followed(
    name: str, argument: str, files: dict[str, str], links: dict[str, str], folder: Path
) -> None:
    make(folder, files, links)
    errors, rest = outcome(name, folder / argument)
    assert errors == []
    assert "Words" in rest or SECRET in rest


def test_a_folder_that_is_a_link_can_be_named(folder: Path, tmp_path: Path) -> None:
    make(folder, {"a.txt": "Words"}, {})
    (tmp_path / "link").symlink_to(folder)
    assert outcome("text-folder", tmp_path / "link")[0] == []


def test_a_link_to_itself_is_refused(folder: Path) -> None:
    make(folder, {"a.txt": "Words"}, {"b.txt": "b.txt", "c.txt": "gone.txt"})
    errors, rest = outcome("text-folder", folder)
    assert [error.partition(":")[0] for error in errors] == ["b.txt", "c.txt"]
    assert "Words" in rest


def test_the_command_names_the_link_and_skips_it(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    make(folder, {"a.txt": "Words"}, {"notes.txt": "../secret.txt"})
    assert main(["import", str(tmp_path / "w.db"), str(folder)]) == 1
    assert "notes.txt: is outside the folder" in capsys.readouterr().err


def make(folder: Path, files: dict[str, str], links: dict[str, str]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    for name, target in links.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).symlink_to(target)


IDS = [
    ["x-23ccd7ce", "x!"],
    ["x!", "x-23ccd7ce", "x?"],
    ["a", "A", "á", "a\u0301", "Á"],
    ["straße", "STRASSE", "ﬁle", "file"],
    ["a/b", "A/B", "a/b.", "a/b "],
    ["con", "aux.1", "sub/nul", "sub/lpt1.x", "sub /a", "sub/a"],
    ["", ".", "..", "/", "../x", "a//b", "\n", "…"],
    ["x" * 200, "x" * 200 + "y"],
    ["a.txt", "a.txt/b", "a", "annotation.conf", "annotation.conf/x", "annotation", "a.eventdesk.json", "a.eventdesk"],
]


@pytest.mark.parametrize("ids", IDS)
def test_no_two_documents_get_one_file(ids: list[str]) -> None:
    names = NewNames()
    given = [names.name_for(id_) for id_ in ids]
    assert len({name.casefold() for name in given}) == len(ids)
    for name in given:
        assert not Path(name).is_absolute()
        assert all(part not in ("", ".", "..", "con", "nul") and part == part.strip() for part in name.split("/"))
        assert len(name.encode()) < 200
    assert [NewNames().name_for(id_) for id_ in ids[:1]] == given[:1]


@pytest.mark.parametrize("ids", IDS)
def test_documents_whose_ids_collide_as_file_names_come_back(ids: list[str], tmp_path: Path) -> None:
    documents: list[Any] = [{"id": id_, "text": f"Text {n}", "events": []} for n, id_ in enumerate(ids) if id_]
    out = tmp_path / "out"
    write = all_formats()["brat"].write_folder
    assert write
    for name, content in write(Export(lambda: iter(documents))):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        with (out / name).open("xb") as stream:
            stream.write(content)
    back = {record.document["id"]: record.document["text"] for record in records("brat", out)}  # type: ignore[index]
    assert back == {document["id"]: document["text"] for document in documents}
