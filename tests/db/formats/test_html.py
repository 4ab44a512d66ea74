import contextlib
import io
import socket
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.formats.format import Confidence, ReadOptions, Record, Source
from db.formats.html.format import FORMAT
from db.formats.registry import detect_format
from db.formats.shared.pages import INSTALL, decode, document_of_page, is_page
from db.importing.importing import import_source
from db.importing.report import ImportReport
from db.io.documents import parse_document

STORY = (
    "The ferry to Lesna sank on Friday with forty people on board, the Red Cross said. Nobody was hurt,"
    " since a fishing boat was near and took them all to the pier of Orla."
)
PAGE = f"""\
<!DOCTYPE html>
<html lang="en-GB"><head><meta charset="utf-8"><title>Ferry sinks | The Border Post</title>
<link rel="canonical" href="https://border.example/2025/03/ferry">
<meta property="og:site_name" content="The Border Post"><meta name="author" content="Ana Orla">
<meta property="article:published_time" content="2025-03-07T10:00:00Z"></head>
<body><nav><a href="/">Home</a> <a href="/about">About us</a></nav>
<article><h1>Ferry sinks</h1><p>{STORY}</p><p>It is the third accident in these waters this year; the ministry wants
to look into the causes and to publish what it finds out before the end of summer.</p></article>
<script>track("x")</script><footer>All rights reserved</footer></body></html>
"""


@pytest.fixture(autouse=True)
def no_network(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any, **__: Any) -> None:
        raise AssertionError("the network must not be used")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)


def read(source: Source) -> list[Record]:
    assert FORMAT.read
    return list(FORMAT.read(source, ReadOptions()))


def folder(path: Path, files: dict[str, str | bytes]) -> Source:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return Source(str(path), None, path)


def page(story: str, head: str = "") -> str:
    return PAGE.replace(STORY, f"{STORY} {story}").replace("</head>", f"{head}</head>")


def test_a_page_becomes_its_main_text_and_metadata() -> None:
    (record,) = read(Source("ferry.html", io.BytesIO(PAGE.encode())))
    document = record.document
    assert isinstance(document, dict)
    parse_document(document)
    assert STORY in document["text"]
    assert "About us" not in document["text"]
    assert "track" not in document["text"]
    assert document["id"].startswith("html-")
    assert document["html"]["author"] == "Ana Orla"
    assert document["html"]["file"] == "ferry.html"
    described = {key: document[key] for key in ("title", "publisher", "url", "published", "language")}
    assert described == {
        "title": "Ferry sinks",
        "publisher": "The Border Post",
        "url": "https://border.example/2025/03/ferry",
        "published": "2025-03-07",
        "language": "en-GB",
    }


def test_an_article_saved_twice_is_one_document() -> None:
    again = PAGE.replace("All rights reserved", "Some rights reserved").replace('track("x")', 'track("y")')
    assert document_of_page(PAGE.encode(), "a.html")[0]["id"] == document_of_page(again.encode(), "b.html")[0]["id"]


@pytest.mark.parametrize(
    ("head", "encoding", "read_as"),
    [
        ('<meta charset="windows-1251">', "cp1251", "cp1251"),
        ('<meta http-equiv="Content-Type" content="text/html; charset=ISO-8859-2">', "iso8859-2", "iso8859-2"),
        ('<meta charset="iso-8859-1">', "cp1252", "cp1252"),
        ('<meta charset="utf-16">', "utf-8", "utf-8"),
        ("", "utf-8", "utf-8"),
        ("", "utf-8-sig", "utf-8"),
        ("", "utf-16", "utf-16-le"),
    ],
)
def test_a_page_is_read_in_its_declared_encoding(head: str, encoding: str, read_as: str) -> None:
    words = {"cp1251": "Паром затонул", "iso8859-2": "Łódź zatonęła", "cp1252": "“Größe”"}.get(encoding, "名前")
    markup = f"<html><head>{head}</head><body>{words}</body></html>"
    decoded = decode(markup.encode(encoding))
    assert (decoded.text, decoded.encoding, decoded.note) == (markup, read_as, "")


def test_a_wrong_declared_encoding_is_noted() -> None:
    wrong = decode('<meta charset="shift_jis">Größe – ñandú €'.encode())
    assert (wrong.encoding, "Größe" in wrong.text) == ("utf-8", True)
    assert wrong.note == "declares shift_jis, read as UTF-8"


def test_an_undeclared_encoding_is_guessed_and_noted() -> None:
    text = "Паром затонул в пятницу, сообщил Красный Крест. Никто не пострадал, все сорок человек спасены. " * 5
    decoded = decode(f"<html><body>{text}</body></html>".encode("cp1251"))
    assert "Красный Крест" in decoded.text
    assert decoded.note == f"declares no known encoding; read as {decoded.encoding}"


def test_invalid_bytes_are_counted() -> None:
    decoded = decode(b'<meta charset="cp1252">\x81 and \x8d')
    assert decoded.note == "declares cp1252; 2 invalid characters"


def test_the_url_comes_from_the_page_or_from_a_list(tmp_path: Path) -> None:
    bare = PAGE.replace('<link rel="canonical" href="https://border.example/2025/03/ferry">', "")
    saved = "<!-- saved from url=(0035)https://border.example/saved -->\n" + bare.replace(STORY, STORY + " One.")
    source = folder(
        tmp_path,
        {
            "a.html": saved,
            "b.htm": bare.replace(STORY, STORY + " Two."),
            "c/d.html": page("Three."),
            "urls.tsv": "file\turl\nb.htm\thttps://border.example/b\nc/d.html\thttps://border.example/d\n",
        },
    )
    assert detect_format(source).name == "html"
    urls = [record.document["url"] for record in read(source)]
    assert urls == ["https://border.example/saved", "https://border.example/b", "https://border.example/d"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("urls.csv", 'file,url\n"a, b.html",https://border.example/1\n'),
        ("pages.tsv", "https://border.example/1\ta, b.html\n"),
        ("pages.list", "a, b.html https://border.example/1\n"),
    ],
)
def test_a_list_of_files_and_urls_imports_its_pages(tmp_path: Path, name: str, content: str) -> None:
    folder(tmp_path, {"a, b.html": PAGE, name: content})
    source = Source(name, io.BytesIO(content.encode()), tmp_path / name)
    assert FORMAT.recognise(source) is Confidence.CERTAIN
    assert [record.document["url"] for record in read(source)] == ["https://border.example/1"]


def test_a_list_of_urls_is_rejected_because_nothing_is_downloaded() -> None:
    source = Source("urls", io.BytesIO(b"https://border.example/1\nhttps://border.example/2\n"))
    assert FORMAT.recognise(source) is Confidence.LIKELY
    with pytest.raises(InputError, match="eventdesk downloads nothing: save the pages in a folder"):
        read(source)


def test_an_unusable_page_is_rejected_alone(tmp_path: Path, connection: sqlite3.Connection) -> None:
    source = folder(
        tmp_path,
        {
            "empty.html": "<html><body><script>x</script></body></html>",
            "good.html": PAGE,
            "good_files/frame.html": page("A frame."),
            "urls.txt": "gone.html https://border.example/gone\n../x.html https://border.example/x\n",
        },
    )
    report = ImportReport()
    import_source(connection, source, report)
    assert (report.documents, report.refused) == (1, 3)
    reasons = [refusal.reason for refusal in report.refusals]
    assert reasons[0] == "empty.html: no main text found; save its text as .txt"
    assert reasons[1].startswith("gone.html: can't be read")
    assert reasons[2] == "../x.html: is outside the folder, by a link or by ..; copy it into the folder"


def test_a_folder_with_more_texts_than_pages_is_a_text_folder(tmp_path: Path) -> None:
    source = folder(tmp_path, {"a.txt": "a", "b.txt": "b", "c.html": PAGE})
    assert detect_format(source).name == "text-folder"


def test_without_trafilatura_the_error_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "trafilatura", None)
    with pytest.raises(InputError, match="pip install") as raised:
        read(Source("ferry.html", io.BytesIO(PAGE.encode())))
    assert str(raised.value) == INSTALL


def test_trafilatura_is_loaded_only_for_pages() -> None:
    code = "import sys; from db.formats.registry import all_formats; all_formats(); print('trafilatura' in sys.modules)"
    assert (
        subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True).stdout == "False\n"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"<html>",
        b"<html>" + b"<div>" * 20_000,
        b"<html><body>" + b"<p>a</p>" * 3000,
        b"<html>\0\0\xff\xfe",
        b'<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html><body>x',
        b'<html><meta charset="base64">x',
        "\ufeff<!doctype HTML><b>".encode("utf-16-be"),
    ],
)
def test_any_page_is_imported_or_rejected(content: bytes) -> None:
    assert is_page(content)
    with contextlib.suppress(InputError):
        parse_document(document_of_page(content, "x.html")[0])


@given(st.binary(max_size=100) | st.text("<>!-htmlHTML doctype\n?x").map(str.encode))
def test_recognising_never_raises(head: bytes) -> None:
    for name in ("x", "x.csv"):
        assert isinstance(FORMAT.recognise(Source(name, io.BytesIO(head), Path(name))), Confidence)


def test_other_markup_and_json_with_html_are_not_pages() -> None:
    for head in (b'<?xml version="1.0"?><rss>', b'{"html": "<html>"}', b"<htmlx>", b"Title\n<html>"):
        assert FORMAT.recognise(Source("x", io.BytesIO(head))) is Confidence.NO
