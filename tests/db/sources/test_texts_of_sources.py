"""Texts as HTML, files and bytes, and offsets into them in any unit."""

import gzip
import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from support.source_tables import database

from db.formats.format import Record
from db.formats.tables.mapping.mapping import DocumentColumns, EventColumns, MappedField, Mapping
from db.sources.plan import EventTable, FieldRows, Link, Plan, TextForm
from db.sources.reading.records import read_plan
from db.sources.reading.texts.encodings import text_of_bytes
from db.sources.reading.texts.html import without_tags

PLACE = MappedField("place", "place", "place", start="a", end="b")
TEXTS = ("Five died in Kyiv.", "In Łódź, “Kyiv” 🙂 said Kyiv.", "Nobody went to Kyiv or Lviv today.")


def table(form: TextForm = "plain", *fields: MappedField, **changes: Any) -> EventTable:
    mapping = Mapping(
        document=DocumentColumns(id=("id",), text=("body",)),
        event=EventColumns(id=("id",), constant_type="attack"),
        fields=fields or (PLACE,),
    )
    return EventTable("events", ("id",), mapping, text_form=form, **changes)


def read(rows: list[tuple[Any, ...]], plan_table: EventTable, folder: Path = Path(), more: str = "") -> list[Record]:
    columns = "id INTEGER PRIMARY KEY, body, place TEXT, a, b, base INTEGER"
    with database(f"CREATE TABLE events ({columns});{more}", folder / "my.db") as opened:
        for number, row in enumerate(rows, 1):
            cells = [number, *row, *[None] * (5 - len(row))]
            opened.connection.execute("INSERT INTO events VALUES (?, ?, ?, ?, ?, ?)", cells)
        return list(read_plan(opened, Plan((plan_table,))))


def document(record: Record) -> dict[str, Any]:
    assert isinstance(record.document, dict), record.document
    return record.document


def evidence(records: list[Record]) -> list[str | None]:
    """The text at the evidence of the first field of each document."""
    found = []
    for record in records:
        one = document(record)
        spans = one["events"][0]["fields"][0].get("spans")
        found.append(one["text"][slice(*spans[0])] if spans else None)
    return found


def test_html_becomes_text_and_its_offsets_follow() -> None:
    page = (
        "<html><head><title>T</title></head><body><p>Five <b>died</b> &amp; more in <i>Ky</i>iv.</p><p>End</p></body>"
    )
    start = page.index("<i>Ky</i>iv")
    inside = page.index("i>Ky")
    rows = [(page, "Kyiv", start, start + len("<i>Ky</i>iv")), (page + " ", "Kyiv", inside, inside + 4)]
    found = read(rows, table("html"))
    assert document(found[0])["text"] == "Five died & more in Kyiv.\n\nEnd"
    assert evidence(found) == ["Kyiv", None]
    assert any("inside a tag" in note for note in found[1].notes)


def test_html_without_offsets_becomes_its_main_text() -> None:
    page = (
        "<html><body><nav><a href='/'>Home</a></nav><article><h1>News</h1>"
        + "<p>Five people died in Kyiv today.</p>" * 9
    )
    [record] = read([(page, "Kyiv")], table("html", MappedField("place", "place", "place")))
    assert "Five people died in Kyiv today." in document(record)["text"]
    assert "<" not in document(record)["text"]


@pytest.mark.parametrize(
    ("start", "end"),
    [
        (lambda text, at: at, lambda text, at: at + 4),
        (lambda text, at: len(text[:at].encode()), lambda text, at: len(text[: at + 4].encode())),
        (
            lambda text, at: len(text[:at].encode("utf-16-le")) // 2,
            lambda text, at: len(text[: at + 4].encode("utf-16-le")) // 2,
        ),
        (lambda text, at: len(text[:at].split()), lambda text, at: len(text[:at].split()) + 1),
        (lambda text, at: at + 1, lambda text, at: at + 4),
        (lambda text, at: at, lambda text, at: at + 3),
        (lambda text, at: at, lambda text, at: 4),
    ],
    ids=["characters", "bytes", "utf16", "words", "from 1, inclusive", "inclusive", "length"],
)
def test_offsets_in_any_unit_are_found_out_from_the_whole_table(start: Any, end: Any) -> None:
    texts = [text for text in TEXTS if start is not None for _ in range(3)]
    if start(TEXTS[0], 13) == 3:  # words: those that are Kyiv alone
        texts = ["Five died in Kyiv today", "A man from Kyiv said 🙂", "Lviv and Kyiv were hit"] * 2
    at = [text.rindex("Kyiv") for text in texts]
    rows = [(text, "Kyiv", start(text, here), end(text, here)) for text, here in zip(texts, at, strict=True)]
    found = read(rows, table())
    assert evidence(found) == ["Kyiv"] * len(rows)
    spans = [document(record)["events"][0]["fields"][0]["spans"] for record in found]
    assert spans == [[[here, here + 4]] for here in at]


def test_offsets_within_chunks_count_from_the_column_with_the_begin_of_the_chunk() -> None:
    text = "x" * 50 + " Five died in Kyiv, and six more in Kyiv."
    rows = []
    for base in (5, 9, 14, 30, 51):
        at = text.rindex("Kyiv")
        rows.append((text + str(base), "Kyiv", at - base, at - base + 4, base))
    assert evidence(read(rows, table())) == ["Kyiv"] * 5


def test_offsets_of_a_fields_table_are_converted_too() -> None:
    more = """CREATE TABLE facts (event_id, name, value, s, e);"""
    for number, text in enumerate(TEXTS * 2, 1):
        begin = len(text[: text.rindex("Kyiv")].encode())
        more += f"INSERT INTO facts VALUES ({number}, 'city', 'Kyiv', {begin}, {begin + 4});"
    fields = FieldRows(Link(("id",), "facts", ("event_id",)), "name", "value", start="s", end="e")
    plan_table = table("plain", MappedField("city", "city", "place"), fields=fields)
    found = read([(text,) for text in TEXTS * 2], plan_table, more=more)
    assert evidence(found) == ["Kyiv"] * 6
    assert [document(record)["events"][0]["fields"][0]["spans"] for record in found[:2]] == [[[13, 17]], [[23, 27]]]


def test_texts_in_files_are_read_beside_the_database_and_missing_ones_named(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    (folder / "texts").mkdir(parents=True)
    (folder / "texts/a.txt").write_text("Five died in Kyiv.", encoding="utf-8")
    (folder / "texts/b.html").write_text("<p>Six in <b>Lviv</b></p>", encoding="utf-8")
    (folder / "texts/c.txt").write_bytes("Sieben in Köln".encode("utf-16"))
    (tmp_path / "secret.txt").write_text("secret", encoding="utf-8")
    os.symlink(tmp_path / "secret.txt", folder / "texts/link.txt")
    names = [
        "texts/a.txt",
        "texts\\b.html",
        str(folder / "texts/c.txt"),
        "texts/gone.txt",
        "../secret.txt",
        "texts/link.txt",
    ]
    found = read([(name,) for name in names], table("file"), folder)
    assert [document(record).get("text") for record in found] == [
        "Five died in Kyiv.", "Six in Lviv", "Sieben in Köln", None, None, None
    ]  # fmt: skip
    assert "gone.txt: can't be read (No such file or directory)" in "".join(found[3].notes)
    assert all("is outside the folder" in "".join(record.notes) for record in found[4:])


def test_bytes_are_read_as_the_text_that_they_are() -> None:
    text = "Five died in Łódź."
    unicode = [text.encode(encoding) for encoding in ("utf-8", "utf-16", "utf-16-le", "utf-16-be", "utf-32")]
    for content in (*unicode, gzip.compress(unicode[0]), zlib.compress(unicode[1])):
        found = read([(content,)], table())
        assert document(found[0])["text"] == text
    assert text_of_bytes("Köln".encode("cp1252")) == ("Köln", "read as cp1252")
    assert text_of_bytes(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\xff") is None
    assert text_of_bytes(zlib.compress(b"x" * (9 * 2**20))) is None  # more than a text may have


@given(
    st.lists(
        st.sampled_from(
            [
                "<p>",
                "</p>",
                "<b>",
                "</b>",
                "<br/>",
                "a",
                "Kyiv",
                " ",
                "\n",
                "&amp;",
                "&x",
                "<",
                "<!-- c -->",
                "<pre>",
                "é",
            ]
        )
    )
)
@example(["<script>", "a", "</script>", "b"])
def test_characters_of_html_lie_where_they_are_in_its_text(parts: list[str]) -> None:
    markup = "".join(parts)
    found = without_tags(markup)
    assert len(found.begins) == len(found.ends) == len(found.text)
    assert list(found.begins) == sorted(found.begins)
    for sign, start, end in zip(found.text, found.begins, found.ends, strict=True):
        if not sign.isspace() and "&" not in markup[start:end]:
            assert markup[start:end] == sign
            span = found.span(start, end)
            assert span is not None
            assert found.text[slice(*span)] == sign


def test_deep_or_broken_html_takes_no_time() -> None:
    assert without_tags("<" * 50_000 + "a").text.endswith("a")
    assert without_tags("<div " * 20_000).text is not None
    assert without_tags("<p title='" * 5_000).text is not None
    assert json.dumps(without_tags("&" * 50_000).text)


def test_one_emoji_before_the_only_value_shows_that_offsets_count_utf16() -> None:
    found = read([("\N{PILE OF POO}This is an annotation.", "annotation", 13, 23)], table())
    assert evidence(found) == ["annotation"]


def test_offsets_into_the_text_of_html_are_recognised() -> None:
    page = "<!DOCTYPE html><html><head><title>x</title></head><body><h1>Kyiv!</h1><p>Hit in {}.</p></body></html>"
    rows = [(page.format(place), place, 14, 14 + len(place)) for place in ("Lviv", "Odesa", "Dnipro")]
    assert evidence(read(rows, table("html"))) == ["Lviv", "Odesa", "Dnipro"]
