import sqlite3
from pathlib import Path

import pytest
from support.table_files import documents, exported, imported, records, source_of


@pytest.mark.parametrize(
    ("content", "titles"),
    [
        ("event_id,date,source_name,story_id,publisher\n1,2024-03-01,A,9,Wire\n2,2024-03-01,B,9,Wire\n", ["Wire · 9"]),
        ("article_id,date,place,killed\n4,2025-02-14,Lesna,3\n4,2025-02-15,Brod,4\n5,2025-02-16,Dolna,5\n", ["4", "5"]),
        ("doc_id,headline,killed\n1,Bridge hit,3\n1,Bridge hit,4\n2,Mill hit,4\n", ["Bridge hit", "Mill hit"]),
        ("doc_id,headline,killed\n1,Bridge hit,3\n1,Bridge hit again,4\n2,Mill hit,4\n", ["1", "2"]),
        ("doc_id,topic,place\n1,war,A\n1,war,B\n2,floods,C\n", ["war", "floods"]),
        ("doc_id,date,place\n1,2024-03-01,A\n2,2024-03-02,B\n", ["2024-03-01 · A", "2024-03-02 · B"]),
    ],
)  # fmt: skip
def test_a_guessed_title_has_only_columns_of_the_document(content: str, titles: list[str]) -> None:
    assert [document["title"] for document in documents(content)] == titles
    rows = content.splitlines(keepends=True)
    shuffled = "".join([rows[0], rows[1], *rows[3:], rows[2]])  # rows of a document are not consecutive
    found = {document["id"]: document["title"] for document in documents(shuffled)}
    assert sorted(found.values()) == sorted(titles)


def test_the_first_title_of_a_document_stays_and_a_note_counts_the_others(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    content = "doc,head,kind\n1,A,x\n1,B,y\n1,B,z\n2,C,x\n"
    path = tmp_path / "m.toml"
    path.write_text('[document]\nid = "doc"\ntitle = "head"\n[event]\ntype = "kind"\n')
    (record, other) = records(content, path)
    assert (record.notes, other.notes) == (("2 rows have another title of the document; the first one stays",), ())
    imported(connection, source_of(content), path)
    assert exported(connection, path).decode() == content


def test_sentences_of_an_article_are_documents_of_their_own() -> None:
    content = "article_id,sentence,killed\n1,Shells hit Lesna.,3\n1,Shells hit Brod.,4\n"
    assert [document["text"] for document in documents(content)] == ["Shells hit Lesna.", "Shells hit Brod."]
