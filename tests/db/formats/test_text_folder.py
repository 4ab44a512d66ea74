import contextlib
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import InputError
from db.formats.format import Confidence, Format, ReadOptions, Record, Source
from db.formats.registry import detect_format
from db.formats.shared.front_matter import split, text_document
from db.formats.text.formats import TEXT, TEXT_FOLDER
from db.io.documents import parse_document

BODY = "The ferry to Lesna sank.\n\nNobody was hurt.\n"
YAML = """\
---
title: "Ferry sinks: nobody hurt"
Source: The Border Post   # as on the page
url: https://border.example/ferry?id=7
date: 2025-03-07
lang: en
tags: [ferry, 'Lesna']
people:
  - Ana
  - "Bo"
summary: >
  A ferry sank
  off Lesna.
---

"""


def read(format: Format, source: Source) -> list[Record]:
    assert format.read
    return list(format.read(source, ReadOptions()))


def folder(path: Path, files: dict[str, str]) -> list[Any]:
    for name, content in files.items():
        (path / name).parent.mkdir(parents=True, exist_ok=True)
        (path / name).write_bytes(content.encode())
    return [record.document for record in read(TEXT_FOLDER, Source(str(path), None, path))]


def single(content: str, name: str = "ferry.md") -> dict[str, Any]:
    (record,) = read(TEXT, Source(name, io.BytesIO(content.encode())))
    assert isinstance(record.document, dict), record.document
    parse_document(record.document)
    return record.document


def test_front_matter_describes_a_document_and_is_not_part_of_its_text() -> None:
    document = single(YAML + BODY)
    assert document.pop("id") == single(BODY, "other name.txt")["id"]
    assert document == {
        "title": "Ferry sinks: nobody hurt",
        "publisher": "The Border Post",
        "url": "https://border.example/ferry?id=7",
        "published": "2025-03-07",
        "language": "en",
        "text": BODY,
        "tags": ["ferry", "Lesna"],
        "people": ["Ana", "Bo"],
        "summary": "A ferry sank off Lesna.",
    }


def test_front_matter_can_be_toml() -> None:
    document = single(
        '+++\nid = 7\ntitle = "Ferry"\ndate = 2025-03-07\nweight = nan\n[extra]\nat = 10:30:00\n+++\n' + BODY
    )
    assert document == {
        "id": "7", "title": "Ferry", "published": "2025-03-07", "weight": "nan",
        "extra": {"at": "10:30:00"}, "text": BODY,
    }  # fmt: skip


def test_invalid_toml_is_rejected_with_its_line() -> None:
    with pytest.raises(
        InputError, match=r"^ferry.md: the front matter between \+\+\+ is invalid TOML: .*line 1.*; correct"
    ):
        single("+++\ntitle = \n+++\nx")


def test_reserved_keys_of_front_matter_are_renamed() -> None:
    document = single("---\nevents: none\ntext: short\ntitle: [a, b]\n---\n" + BODY)
    assert document["text"] == BODY
    assert (document["events_"], document["text_"], document["title_"]) == ("none", "short", ["a", "b"])
    assert document["title"] == "ferry"


@pytest.mark.parametrize(
    "text", ["---\nA rule, and words.\n---\nmore\n", "---\n---\nx\n", "--- \n", "+++\nno end\n", BODY]
)
def test_a_text_that_begins_with_a_rule_is_complete(text: str) -> None:
    assert split(text) == ({}, text)


def test_front_matter_can_have_windows_line_ends() -> None:
    assert split("---\r\ntitle: x\r\n---\r\n\r\nText\r\nmore") == ({"title": "x"}, "Text\r\nmore")


def test_each_text_in_a_folder_and_its_subfolders_is_a_document(tmp_path: Path) -> None:
    documents = folder(tmp_path, {"b.txt": BODY, "a/one.md": YAML + "One.", "notes.csv": "x", ".hidden.txt": "x"})
    assert [document["title"] for document in documents] == ["b", "Ferry sinks: nobody hurt"]


def test_an_unusable_text_is_rejected_alone(tmp_path: Path) -> None:
    (tmp_path / "latin.txt").write_bytes(b"Gr\xfc\xdfe")
    first, second, third = folder(tmp_path, {"empty.md": "---\ntitle: x\n---\n", "ok.txt": BODY})
    assert str(first) == "empty.md: is empty; there is nothing to import"
    assert str(second) == "latin.txt: not UTF-8 at byte 3; save it as UTF-8"
    assert third["text"] == BODY


def test_a_folder_without_texts_is_rejected(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no \.txt or \.md"):
        folder(tmp_path, {"a.csv": ""})


def test_a_text_folder_has_texts_and_no_annotations(tmp_path: Path) -> None:
    source = Source(str(tmp_path), None, tmp_path)
    assert TEXT_FOLDER.recognise(source) is Confidence.NO
    folder(tmp_path, {"a.md": BODY})
    assert detect_format(source).name == "text-folder"
    folder(tmp_path, {"a.txt": BODY, "a.ann": ""})
    assert TEXT_FOLDER.recognise(source) is Confidence.NO
    assert TEXT_FOLDER.recognise(Source("gone", None, tmp_path / "gone")) is Confidence.NO


@given(
    st.sampled_from(["---\n", "+++\n", ""]),
    st.text("ab:-[]+='\"\n #>|{}0.", max_size=60),
    st.sampled_from(["---\n", "+++\n"]),
)
def test_any_front_matter_is_read_or_rejected(begin: str, inner: str, end: str) -> None:
    with contextlib.suppress(InputError):
        parse_document(text_document(f"{begin}{inner}\n{end}{BODY}", "t"))
