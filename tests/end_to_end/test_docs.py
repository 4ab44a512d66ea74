"""Every command of the README and the guides works as it is written."""

import re
import runpy
import shlex
import shutil
import sqlite3
import sys
from contextlib import closing
from importlib.resources import files
from pathlib import Path

import pytest
from support.terminal import Terminal

from tui.cli import main

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md")))]
_FENCED = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
_INDENTED = re.compile(r"^    (eventdesk .*)$", re.MULTILINE)
_EVENTS = """id,date,kind,location,killed,report
e1,2025-03-05,attack,Brod,25,"Twenty-five soldiers were killed at Brod."
e2,2025-03-14,protest,Lesna,,"Crowds marched in Lesna."
"""


def commands(page: str) -> list[str]:
    """The commands of a page in their order, without comments."""
    text = (ROOT / page).read_text(encoding="utf-8")
    lines = _INDENTED.findall(text) if page == "README.md" else "".join(_FENCED.findall(text)).splitlines()
    return [line for line in lines if line.startswith("eventdesk ")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that the pages speak of."""
    monkeypatch.chdir(tmp_path)
    demo = (files("db") / "demo" / "demo.jsonl").read_text(encoding="utf-8")
    demo = demo.replace("demo-001-remains-at-kell-bridge", "demo-001")
    Path("candidates.jsonl").write_text(demo, encoding="utf-8")
    Path("corpus.jsonl").write_text('{"story": "Kyiv fell.", "places": [{"from": 0, "to": 4}]}\n', encoding="utf-8")
    Path("corpus.toml").write_text(
        '[document]\ntext = "story"\n[[spans]]\nlist = "places"\ntype = "=place"\nstart = "from"\nend = "to"\n',
        encoding="utf-8",
    )
    Path("dev.json").write_text('{"doc_key": "d", "sentences": [["Kyiv", "fell"]], "ner": [[[0, 0, "place"]]]}\n')
    Path("mixed.jsonl").write_text('{"id": "d1", "text": "Two were killed."}\n{"id": "d2"}\n', encoding="utf-8")
    Path("events.csv").write_text(_EVENTS, encoding="utf-8")
    answer = '[{"type": "attack", "killed": 2}]'
    Path("answers.jsonl").write_text(f'{{"text": "Two were killed at Kyiv.", "events": {answer}}}\n', encoding="utf-8")
    Path("answers").mkdir()
    Path("answers/a.txt").write_text("Two were killed at Lesna.", encoding="utf-8")
    Path("answers/a.json").write_text(answer, encoding="utf-8")
    Path("fixes.csv").write_text("event,field,value\ndemo-001/1,transfer:1.count,158\n", encoding="utf-8")
    Path("articles").mkdir()
    Path("articles/one.txt").write_text("Two were killed at Brod on Monday.", encoding="utf-8")
    with closing(sqlite3.connect("news.db")) as connection:
        connection.execute("CREATE TABLE events (id INTEGER PRIMARY KEY, type TEXT, killed INTEGER, report TEXT)")
        connection.execute("INSERT INTO events VALUES (1, 'attack', 2, 'Two were killed at Brod.')")
        connection.commit()
    return tmp_path


def run(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Run one command in this process, or in a terminal if it opens a screen; it must exit as the page says."""
    status = 1 if "# exit status 1" in line else 0
    words = shlex.split(line, comments=True)[1:]
    target = words[words.index(">") + 1] if ">" in words else None
    words = words[: words.index(">")] if target else words
    if words[0] == "serve":
        with pytest.raises(SystemExit, match="0"):  # it would serve until it is stopped
            main([words[0], "--help"])
        return
    if "war.rescued.db" in words:
        shutil.copy("war.db", "war.rescued.db")
    if words[0] == "review" or (words[0] == "map" and "--guess" not in words):
        with Terminal([sys.executable, "-m", "tui", *words], 100, 30, USER="ana") as terminal:
            terminal.wait_for("q quit")
            terminal.press(*("W" if words[0] == "map" else "aq"))
            assert terminal.wait_exit() == status, line
    else:
        capsys.readouterr()
        assert main(words) == status, f"{line}: {capsys.readouterr().err}"
        if target:
            Path(target).write_text(capsys.readouterr().out, encoding="utf-8")


@pytest.mark.parametrize("page", [page for page in PAGES if commands(page)])
def test_the_commands_of_a_page_work(page: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for line in commands(page):
        run(line, capsys)


def test_the_guides_have_commands() -> None:
    guides = ("review", "correct", "look-up", "import", "export", "work-together", "recover", "set-up")
    assert all(commands(f"docs/{name}.md") for name in guides)


def test_the_page_of_commands_is_made_from_the_parsers() -> None:
    script = runpy.run_path(str(ROOT / "docs" / "commands.py"))
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert page == script["page"](), "run `uv run python docs/commands.py`"


@pytest.mark.parametrize("page", PAGES)
def test_links_between_pages_lead_somewhere(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert ((ROOT / page).parent / target).exists(), f"{page} links to {target}"
