"""The commands find and queries: columns, pages, counts, groups, and output that is safe for a terminal."""

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.builders import ARTICLE, LATER, create, import_documents

from db.query.saved import save_query
from db.store.connection import open_file
from tui.cli import main
from tui.output.pages import in_pages, print_json_pages, print_pages

HOSTILE = "\x1b[31mred\x1b]0;title\x07\u202e\tend\n2"
TRAP: dict[str, Any] = {
    "id": "trap",
    "text": "text",
    "events": [{"id": "trap/1", "type": "protest", "fields": [{"name": "size", "value": HOSTILE}]}],
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "events.db"
    connection = create(path)
    import_documents(connection, ARTICLE, LATER)
    connection.close()
    return path


@pytest.fixture
def said(capsys: pytest.CaptureFixture[str]) -> Any:
    """A function that runs a command and returns its exit status and standard output."""

    def run(*arguments: object) -> tuple[int, str]:
        status = main([str(argument) for argument in arguments])
        return status, capsys.readouterr().out

    return run


@pytest.fixture
def on_terminal(said: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A function that runs a command on a terminal of 60 columns."""

    def run(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
        monkeypatch.setenv("COLUMNS", "60")
        found: tuple[int, str] = said(*arguments)
        return found

    return run


def test_fields_are_columns_and_a_repeated_field_is_joined(file: Path, said: Any) -> None:
    with open_file(file) as connection:
        fields = [{"name": "count", "value": 5}, {"name": "recipient", "value": "a"}, {"name": "count", "value": 7}]
        item = {"id": "more/1", "type": "exchange", "fields": fields}
        import_documents(connection, {"id": "more", "title": "t", "events": [item]})
    status, text = said("find", file, "count>=1", "--fields", "id,Count,recipient,publisher,status")
    assert status == 0
    assert text.splitlines() == [
        "id\tcount\trecipient\tpublisher\tstatus",
        "report-1/1\t40\tthe north\tThe Border Post\tpending",
        "more/1\t5; 7\ta\t\tpending",
    ]
    _, text = said("find", file, "count>=1", "--fields", "id,count,publisher", "--json")
    assert json.loads(text) == [
        {"id": "report-1/1", "count": 40, "publisher": "The Border Post"},
        {"id": "more/1", "count": [5, 7], "publisher": None},
    ]
    _, text = said("find", file, "count>=1", "--fields", "event, title", "--csv")
    assert [row["event"] for row in csv.DictReader(io.StringIO(text))] == ["report-1/1", "more/1"]


def test_a_query_may_follow_options_and_two_dashes(file: Path, said: Any) -> None:
    assert said("find", file, "--count", "type:protest") == (0, "1\n")
    assert said("find", file, "--count", "--", "-type:protest") == (0, "2\n")
    assert said("find", "--limit", "1", file, "--ndjson", "lesna", "--fields", "id")[1] == '{"id": "report-1/1"}\n'


def test_limit_shortens_a_list_and_ndjson_has_one_object_per_line(file: Path, said: Any) -> None:
    status, text = said("find", file, "--ndjson")
    assert status == 0
    assert [json.loads(line)["id"] for line in text.splitlines()] == ["report-1/1", "report-1/2", "report-2/1"]
    assert json.loads(text.splitlines()[0])["document"]["publisher"] == "The Border Post"
    assert len(said("find", file, "--limit", 2)[1].splitlines()) == 3
    assert said("find", file, "nowhere", "--ndjson") == (1, "")


def test_groups_have_totals_and_shares(file: Path, said: Any) -> None:
    status, text = said("find", file, "--group-by", "type,date:month", "--sum", "total")
    assert status == 0
    assert text.splitlines() == [
        "type\tdate:month\tevents\tsum:total\tshare",
        "prisoner_exchange\t2025-02\t1\t40\t33.3%",
        "prisoner_exchange\t2025-03\t1\t40\t33.3%",
        "protest\t(none)\t1\t0\t33.3%",
        "(all)\t\t3\t80\t",
    ]
    _, text = said("find", file, "--group-by", "date:year", "--json")
    assert json.loads(text) == [{"date:year": "2025", "events": 2}, {"date:year": None, "events": 1}]
    _, text = said("find", file, "--group-by", "type", "--ndjson", "--limit", 1)
    assert text == '{"type": "prisoner_exchange", "events": 2}\n'
    _, text = said("find", file, "--group-by", "location", "--csv")
    assert text == "location,events\nLesna,2\n(none),1\n"
    assert said("find", file, "nowhere", "--group-by", "type") == (1, "type\tevents\tshare\n(all)\t0\t\n")


def test_a_sum_is_a_bare_number_with_a_warning_for_values_that_are_not_numbers(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["find", str(file), "--sum", "total"]) == 0
    assert capsys.readouterr() == ("80\n", "")
    assert main(["find", str(file), "--sum", "size"]) == 0
    assert capsys.readouterr() == ("0\n", "eventdesk: 1 value of size can't be read as a number; left out of the sum\n")
    assert main(["find", str(file), "nowhere", "--sum", "size"]) == 1
    assert capsys.readouterr().out == "0\n"
    assert main(["find", str(file), "--sum", "total", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"events": 3, "sum:total": 80}


@pytest.mark.parametrize(
    ("options", "says"),
    [
        (["--fields", "id,locatoin"], "--fields: no field locatoin; did you mean location?"),
        (["--group-by", "tpye"], "--group-by: no field tpye; did you mean type?"),
        (["--sum", "totl"], "--sum: no field totl; did you mean total?"),
        (["--sum", "confidence"], "--sum: confidence is not a field"),
        (["--sum", "total,count"], "--sum: takes one field"),
        (["--count", "--group-by", "type"], "--count and --group-by can't be used together"),
        (["--count", "--limit", "3"], "--count and --limit can't be used together"),
        (["--fields", "id", "--group-by", "type"], "--fields and --group-by can't be used together"),
        (["--sum", "total", "--limit", "3"], "leave --limit out"),
        (["--json", "--ndjson"], "not allowed with argument --json"),
        (["--limit", "0"], "must be a whole number from 1, not 0"),
        (["--limit", "-3"], "must be a whole number from 1, not -3"),
        (["type:protest", "type:attack"], "unrecognized arguments: type:attack"),
    ],
)
def test_a_mistake_in_an_option_is_one_line(
    file: Path, options: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    try:
        status = main(["find", str(file), *options])
    except SystemExit as stopped:
        status = stopped.code  # type: ignore[assignment]
    out, err = capsys.readouterr()
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert says in err


def test_a_page_is_printed_before_the_next_is_read(capsys: pytest.CaptureFixture[str]) -> None:
    read: list[int] = []

    def ids() -> Iterator[int]:
        for number in range(1000):
            if number == 120:
                shown.append(capsys.readouterr().out)
            read.append(number)
            yield number

    shown: list[str] = []
    print_pages(["n"], ([[n] for n in page] for page in in_pages(ids())))
    assert shown[0].splitlines()[:3] == ["n", "0", "1"]
    assert len(capsys.readouterr().out.splitlines()) + len(shown[0].splitlines()) == 1001
    shown.clear()
    print_json_pages([n] for n in ids())
    assert shown[0].startswith("[\n  0,\n  1")
    assert json.loads(shown[0] + capsys.readouterr().out) == list(range(1000))


def test_a_closed_pipe_ends_the_command_silently(file: Path) -> None:
    with open_file(file) as connection:
        events = [{"id": f"m/{n}", "type": "march", "fields": [{"name": "a", "value": n}]} for n in range(3000)]
        import_documents(connection, {"id": "m", "title": "m", "events": events})
    command = [sys.executable, "-m", "tui", "find", str(file), "--ndjson"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert json.loads(process.stdout.readline())["id"] == "report-1/1"
        process.stdout.close()
        assert process.wait(30) == 1
        assert process.stderr.read() == b""


@pytest.mark.parametrize(
    "options", [[], ["--fields", "size,id"], ["--group-by", "size"], ["--csv"], ["--json"], ["--ndjson"]]
)
def test_a_terminal_gets_no_control_characters(file: Path, on_terminal: Any, options: list[str]) -> None:
    with open_file(file) as connection:
        import_documents(connection, TRAP)
    status, text = on_terminal("find", file, "type:protest", *options)
    assert status == 0
    assert "[31m" in text
    assert all(character == "\n" or character.isprintable() for character in text)


def test_a_pipe_gets_the_text_unchanged(file: Path, said: Any) -> None:
    with open_file(file) as connection:
        import_documents(connection, TRAP)
    _, text = said("find", file, "trap/1", "--fields", "size")
    assert text == "size\n" + HOSTILE.replace("\t", "\\t").replace("\n", "\\n") + "\n"
    _, text = said("find", file, "trap/1", "--fields", "size", "--ndjson")
    assert json.loads(text) == {"size": HOSTILE}


def test_a_table_fits_the_terminal_in_any_script(file: Path, on_terminal: Any) -> None:
    from rich.cells import cell_len

    with open_file(file) as connection:
        fields = [{"name": "place", "value": "北礁共和国" * 9}]
        events = [{"id": f"zh/{number}", "type": "exchange", "fields": fields} for number in range(9)]
        import_documents(connection, {"id": "zh", "title": "双方交换了阵亡士兵的遗体" * 4, "events": events})
    _, text = on_terminal("find", file, "--fields", "id,title,place,confidence")
    lines = text.splitlines()
    assert len(lines) == 2 + 12
    assert {cell_len(line) for line in lines} <= set(range(61))
    assert "…" in lines[-1]
    _, text = on_terminal("find", file, "--group-by", "type")
    assert "████████████" in text.splitlines()[2]


def test_queries_are_saved_listed_shown_used_and_deleted(
    file: Path, said: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    assert said("queries", file) == (1, "name\tquery\thelp\tevents\n")
    shown = "name\tquery\thelp\tevents\nbig\ttotal>=40\tlarge ones\t2\n"
    assert said("queries", file, "big", "total>=40", "--help-text", "large ones") == (0, shown)
    assert said("queries", file, "@big") == said("queries", file) == (0, shown)
    assert said("queries", file, "--help-text", "x", "@big")[1].endswith("\tx\t2\n")
    assert said("queries", file, "here", "@big lesna")[0] == 0
    assert json.loads(said("queries", file, "--json", "here")[1])["events"] == 2
    assert [item["name"] for item in json.loads(said("queries", file, "--json")[1])] == ["big", "here"]
    assert said("find", file, "--count", "@here date>=2025-03") == (0, "1\n")
    assert main(["queries", str(file), "--remove", "big"]) == 2
    assert capsys.readouterr().err == "eventdesk: @big is used by @here; change it first\n"
    assert said("queries", file, "--remove", "@here") == (0, "deleted @here\n")
    assert said("queries", file, "--remove", "big")[0] == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["a b", "lesna"], "is not a query name"),
        (["big", "((("], "column 4"),
        (["big", "@big"], "refers to itself"),
        (["bog"], "no saved query bog; did you mean big?"),
        (["big", "--remove", "big"], "--remove takes a name and nothing else"),
        (["--help-text", "x"], "--help-text describes one query"),
    ],
)
def test_a_mistake_about_saved_queries_is_one_line(
    file: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_file(file) as connection:
        save_query(connection, "big", "total>=40")
    assert main(["queries", str(file), *arguments]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert says in err


def test_a_saved_query_that_no_longer_works_is_a_warning_among_the_others(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with open_file(file) as connection:
        connection.execute("INSERT INTO saved_queries (name, query) VALUES ('old', 'gone:1'), ('sound', 'lesna')")
    assert main(["queries", str(file)]) == 0
    out, err = capsys.readouterr()
    assert out.splitlines()[1:] == ["old\tgone:1\t\t", "sound\tlesna\t\t3"]
    assert err.startswith("eventdesk: @old: column 1: no field gone")


def test_export_and_review_accept_saved_queries(
    file: Path, said: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_file(file) as connection:
        save_query(connection, "later", "date>=2025-03")
    status, text = said("export", file, "--query", "@later total>=40")
    assert status == 0
    assert [item["id"] for item in json.loads(text)["events"]] == ["report-2/1"]
    assert main(["review", str(file), "--query", "@latter"]) == 2
    assert "no saved query @latter; did you mean later?" in capsys.readouterr().err
    opened: list[str] = []

    class App:
        return_code = 0

        def __init__(self, review: object, query: str, settings: object, housekeeping: object) -> None:
            opened.append(query)

        def run(self, *, mouse: bool) -> None:
            pass

    monkeypatch.setattr("tui.review.app.EventdeskApp", App)
    monkeypatch.setenv("TEXTUAL_DRIVER", "none")
    assert main(["review", str(file), "--query", "@later", "--reviewer", "ana"]) == 0
    assert opened == ["@later"]
