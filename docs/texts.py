"""Print every text that people read, with file and line: `uv run python docs/texts.py`.

These are the strings of db/ and tui/ that hold at least two words or go to a function that shows them, the help texts
of shipped TOML files, and the output of every --help. Docstrings and comments are for programmers and not among them.
"""

import ast
import os
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]

_WORDS = re.compile(r"[^\W\d_]{2,}[,;:.…]?[ \n]+(?:[^\W\d_]+|\{)|\}[,;:]? [^\W\d_]{2,}")
_SQL = re.compile(
    r"\b(SELECT|INSERT|UPDATE|DELETE FROM|CREATE|DROP|PRAGMA|ORDER BY|GROUP BY|FROM|WHERE|AND|OR|NOT|IS|IN|LIKE|ON|AS"
    r"|SET|BEGIN|REFERENCES|JOIN|VALUES|LIMIT|UNION|NULL|EXISTS|TABLE|INDEX|TRIGGER|VIEW|DESC|ASC)\b"
)
_CODE_CALLS = {"compile", "execute", "executemany", "executescript", "fullmatch", "search", "sub", "split", "encode"}
_SHOWING_CALLS = {"say", "notify", "warn"}
_STYLE_NAMES = re.compile(r".*CSS|_?STYLE.*")


class Text(NamedTuple):
    """A text and where it is; in f-strings, braces hold the expression."""

    file: str
    line: int
    text: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {' '.join(self.text.split())}"


def texts() -> Iterator[Text]:
    """Yield the texts of the source, in the order of files and lines."""
    for path in _files("*.py"):
        yield from _texts_in(path)
    for path in _files("*.toml"):
        for value in _help_values(tomllib.loads(path.read_text(encoding="utf-8"))):
            yield Text(_name(path), 1, value)


def help_texts() -> Iterator[Text]:
    """Yield the output of every --help."""
    from tui.arguments import all_parsers

    root, commands = all_parsers()
    for parser in (root, *commands.values()):
        for number, line in enumerate(parser.format_help().splitlines(), 1):
            if line.strip():
                yield Text(f"{parser.prog} --help", number, line)


def docstrings() -> Iterator[Text]:
    """Yield the docstrings of the source and of the tests, which programmers read."""
    for path in _files("*.py", "db", "tui", "tests", "docs"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if _is_documented(node) and (text := ast.get_docstring(node)):
                yield Text(_name(path), node.body[0].lineno, text)


def _files(pattern: str, *folders: str) -> list[Path]:
    return sorted(path for folder in folders or ("db", "tui") for path in (ROOT / folder).rglob(pattern))


def _name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _is_documented(node: ast.AST) -> bool:
    return isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)


def _texts_in(path: Path) -> Iterator[Text]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    skipped = set(_code_strings(tree))
    shown = {id(node) for call in ast.walk(tree) if _is_call_of(call, _SHOWING_CALLS) for node in ast.walk(call)}
    found = []
    for node in ast.walk(tree):
        if id(node) in skipped or not isinstance(node, ast.Constant | ast.JoinedStr):
            continue
        text = _rendered(node)
        if isinstance(node, ast.JoinedStr):
            skipped |= {id(part) for part in ast.walk(node)}
        if text and not _is_sql(text) and (_WORDS.search(text) or id(node) in shown):
            found.append(Text(_name(path), node.lineno, text))
    yield from sorted(found, key=lambda text: text.line)


def _rendered(node: ast.Constant | ast.JoinedStr) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    return "".join(
        _rendered(part) if isinstance(part, ast.Constant) else f"{{{ast.unparse(part.value)}}}"
        for part in node.values
        if isinstance(part, ast.Constant | ast.FormattedValue)
    )


def _is_sql(text: str) -> bool:
    return len(_SQL.findall(text)) > len(re.findall(r"\b[a-z]{2,} [a-z]{2,} [a-z]{2,}\b", text))


def _code_strings(tree: ast.AST) -> Iterator[int]:
    """Yield the ids of strings that are no texts: docstrings, annotations, SQL, regular expressions and styles."""
    for node in ast.walk(tree):
        parts: list[ast.AST] = []
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            parts = [node]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if any(isinstance(target, ast.Name) and _STYLE_NAMES.fullmatch(target.id) for target in targets):
                parts = [node]
            elif isinstance(node, ast.AnnAssign):
                parts = [node.annotation]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
            parts = [item for item in (node.returns, *(argument.annotation for argument in every)) if item]
        elif _is_call_of(node, _CODE_CALLS):
            parts = [node]
        for part in parts:
            yield from (id(inner) for inner in ast.walk(part))


def _is_call_of(node: ast.AST, names: set[str]) -> bool:
    if not isinstance(node, ast.Call):
        return False
    called = node.func
    return (isinstance(called, ast.Name) and called.id in names) or (
        isinstance(called, ast.Attribute) and called.attr in names
    )


def _help_values(table: object) -> Iterator[str]:
    for key, value in table.items() if isinstance(table, dict) else ():
        if key in ("help", "description", "about") and isinstance(value, str):
            yield value
        yield from _help_values(value)


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT))
    os.environ["COLUMNS"] = "100"
    for text in (*texts(), *help_texts()):
        print(text)
