import sqlite3
from pathlib import Path

import pytest
from support.table_files import documents, exported, fields_of, imported, records, refusals, source_of

from db.errors import InputError
from db.formats.format import Confidence
from db.formats.registry import detect_format
from db.formats.tables.formats import CSV

_ROWS = "1,Shells hit Lesna.,3\n2,Shells hit Brod.,4\n"
_MAPPING = '[document]\nid = "id"\ntext = "text"\n[event]\nid = "id"\nconstant_type = "attack"\n'


def _read(content: str | bytes) -> list[tuple[str, object]]:
    """Return the text and the deaths of each event, after checking that nothing was refused."""
    assert not refusals(records(content))
    return [(document["text"], fields_of(document).get("killed")) for document in documents(content)]


@pytest.mark.parametrize(
    ("content", "unread"),
    [
        ("id,text,killed,,,\n1,Shells hit Lesna.,3,,,\n2,Shells hit Brod.,4,,,\n", ()),
        ("id,text,killed\n1,Shells hit Lesna.,3,,,\n2,Shells hit Brod.,4,,,\n", ()),
        (f"id,text,killed,,,\n{_ROWS}", ()),
        (f"id,text,killed\n{_ROWS},,\n\n", ("empty row",)),
        (f"# exported 2025-02-14\n# by tool, twice\nid,text,killed\n{_ROWS}", ("line above the header",) * 2),
        (f"Attacks in 2025\n\nid,text,killed\n{_ROWS}", ("line above the header",)),
        (f"Attacks in 2025,,\n,,\nid,text,killed\n{_ROWS}", ("line above the header",) * 2),
        (f'"Attacks, 2025"\nid,text,killed\n{_ROWS}', ("line above the header",)),
        (f"# one\n# two\n# three\n# four\nid,text,killed\n{_ROWS}".replace(",", "|"), ("line above the header",) * 4),
        (f"sep=,\nid,text,killed\n{_ROWS}", ()),
        (f'"sep=,"\nid,text,killed\n{_ROWS}', ()),
        (f"SEP=,\r\nid,text,killed\n{_ROWS}", ()),
        (f"id,text,killed\n{_ROWS}".replace(",", ";").replace("id;", '"sep=;"\nid;'), ()),
        (f'id, text, killed\n{_ROWS}'.replace("Shells hit Lesna.", ' "Shells hit Lesna."'), ()),
        (f"id,text,killed\n{_ROWS}id,text,killed\n", ("repeated header",)),
        (f"id,text,killed\n{_ROWS}Total,,7\n", ("total",)),
        (f"id,text,killed\n{_ROWS},TOTAL:,7\n", ("total",)),
        (f"id,text,killed\n{_ROWS}\nSource: the desk, 2025\n", ("footnote",)),
        (f"id,text,killed\n{_ROWS}# end\n", ("footnote",)),
        (f"id,text,killed\n{_ROWS}".replace("3\n", "3\r"), ()),
        (f"id,text,killed\n{_ROWS}".replace("\n", "\r"), ()),
        (f"id,text,killed\n{_ROWS}".replace("3\n", "3\r\n"), ()),
        (f"id,text,killed\n{_ROWS}".replace(",", "\t").replace("3\n", "3\r"), ()),
        (f"id,text,killed\n{_ROWS}".encode("utf-16"), ()),
    ],
)  # fmt: skip
def test_an_odd_table_is_read_and_what_is_no_row_is_counted(content: str | bytes, unread: tuple[str, ...]) -> None:
    assert [killed for _, killed in _read(content)] == [3, 4]
    assert [text for text, _ in _read(content)] == ["Shells hit Lesna.", "Shells hit Brod."]
    found = records(content)
    assert tuple(name for record in found for name in record.unread) == unread
    notes = [note for record in found for note in record.notes]
    assert sum("not read" in note for note in notes) == len(unread)
    assert detect_format(source_of(content)).name == "csv"


def test_a_table_whose_header_is_not_unique_or_complete_comes_back_unchanged(
    connection: sqlite3.Connection, tmp_path: Path
) -> None:
    content = f"id,text,killed,killed,,\n{_ROWS}".replace("3\n", "3,9,,\n").replace("4\n", "4,,,\n")
    path = tmp_path / "m.toml"
    path.write_text(_MAPPING)
    imported(connection, source_of(content), path)
    assert exported(connection, path).decode() == content
    notes = records(content)[0].notes
    assert "two columns are called killed; the later one is read as killed_2" in notes
    assert any("text from text; event from id; 2 fields" in note for note in notes)


def test_years_are_names_of_columns_where_the_rows_hold_other_numbers() -> None:
    found = documents("id,text,2023,2024\na,Shells hit Lesna.,3,4\nb,Shells hit Brod.,5,6\n")
    assert [fields_of(document) for document in found] == [
        {"column_2023": 3, "column_2024": 4},
        {"column_2023": 5, "column_2024": 6},
    ]
    assert len(documents("Kyiv,2023\nLviv,2024\nBrod,2021\n")) == 3  # no header, so each row is an event


def test_a_header_of_two_lines_is_joined() -> None:
    content = "id,text,Deaths,,place\n,,army,others,\n1,Shells hit Lesna.,3,4,Lesna\n2,Shells hit Brod.,5,6,Brod\n"
    (first, second) = documents(content)
    assert fields_of(first) == {"deaths_army": 3, "deaths_others": 4, "place": "Lesna"}
    assert fields_of(second) == {"deaths_army": 5, "deaths_others": 6, "place": "Brod"}
    notes = records(content)[0].notes
    assert "the header has two lines, read as id, text, Deaths army, Deaths others, place" in notes


def test_a_carriage_return_within_a_cell_stays_there() -> None:
    content = 'id,text,killed\n1,"Shells\rhit Lesna.",3\n2,Shells\rhit Brod.,4\n'
    assert _read(content) == [("Shells\rhit Lesna.", 3), ("Shells\rhit Brod.", 4)]
    ragged = "id,text,killed\n1,Shells hit Lesna.,3\n2,Shells\rhit Brod.,4,5\n"
    assert refusals(records(ragged)) == [
        (3, "4 cells in a table of 3 columns; remove the cells after column killed, or quote cells that contain the"
         " delimiter; the line holds a carriage return (CR) alone, which may be meant as a line end")
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("3,Shells", "2 cells in a table of 3 columns; column killed is the first without a cell; add the missing"),
        ("3", "1 cell in a table of 3 columns; column text is the first without a cell; add the missing cells"),
        ("3,Shells hit Dam, twice,5", "4 cells in a table of 3 columns; remove the cells after column killed, or"),
        ('3,"Shells hit Dam,5', "a quote at the start of the cell is never closed; close it, or double it"),
        ("3,Shells\0hit,5", "column text: contains NUL characters; remove them"),
        ("Total,Lesna,5,6", "4 cells in a table of 3 columns"),
    ],
)
def test_a_row_that_cannot_be_read_is_refused_alone_for_the_true_reason(row: str, problem: str) -> None:
    found = records(f"id,text,killed\n{_ROWS}{row}\n")
    ((line, reason),) = refusals(found)
    assert (line, problem in reason) == (4, True), reason
    assert len(found) == 3
    assert all(not record.unread for record in found)


def test_an_event_with_a_word_for_a_total_or_only_a_text_is_an_event() -> None:
    content = "id,text,killed,actor\n1,Shells hit Lesna.,3,Total\n2,Total war was declared.,,\n,Shells hit Brod.,,\n"
    assert [document["text"] for document in documents(content)] == [
        "Shells hit Lesna.", "Total war was declared.", "Shells hit Brod."
    ]  # fmt: skip


def test_a_single_column_may_contain_any_delimiter() -> None:
    content = (
        "text\nShells hit Lesna, and Brod.\nShells hit the dam, the mill; the port\nNobody was hurt, a medic said\n"
    )
    assert [document["text"] for document in documents(content)] == content.splitlines()[1:]


_CONLL_U = "# sent_id = 1\n" + "".join(f"{n}\tw{n}\tw\tNOUN\tNN\t_\t0\troot\t_\t_\n" for n in range(1, 6)) + "\n"


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("Forty\tB-COUNT\nmen\tO\ncrossed\tO\n\nThree\tB-COUNT\nmen\tO\n", "a token and its tag per line"),
        ("-DOCSTART- -X- -X- O\n\nEU NNP B-NP B-ORG\nrejects VBZ B-VP O\ncalls NNS I-NP O\n", "a token and its tag"),
        (
            "Sentence #,Word,POS,Tag\nSentence: 1,Forty,CD,B-qty\n,men,NNS,O\n,came,VBD,O\n" + ",x,NN,O\n" * 30,
            "a token",
        ),
        ("Forty B-COUNT\nmen O\ncrossed O\n", "a token and its tag per line"),
        (_CONLL_U, "words with their grammar (CoNLL-U)"),
        ("#FORMAT=WebAnno TSV 3.3\n#T_SP=x|y\n\n#Text=Forty men\n1-1\t0-5\tForty\tCOUNT\t\n", "a WebAnno TSV file"),
    ],
)
@pytest.mark.parametrize("name", ["table.tsv", "train.txt", "standard input"])
def test_a_file_of_tokens_with_tags_is_named_as_what_it_is(content: str, what: str, name: str) -> None:
    assert CSV.recognise(source_of(content, name)) is Confidence.CERTAIN
    with pytest.raises(InputError, match=what.replace("(", r"\(").replace(")", r"\)")):
        records(content)


@pytest.mark.parametrize("rows", [1, 2, 9])
def test_articles_of_many_lines_with_commas_are_cells(rows: int) -> None:
    article = "Shells, fired at dawn, hit Lesna.\n\nThe army, police said, left.\nNobody, so far, claimed it.\n" * 5
    articles = [f"Report {number}\n{article}" for number in range(rows)]
    content = "id,text,killed\n" + "".join(f'{number},"{text}",3\n' for number, text in enumerate(articles))
    assert _read(content) == [(text, 3) for text in articles]
