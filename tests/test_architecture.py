"""The structure that keeps the code readable: rooms, their sizes, no import circles, and one room that patches Textual.

Layers are contracts of import-linter, in pyproject.toml.
"""

import ast
import importlib
import inspect
import runpy
import textwrap
from collections import Counter
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MAY_USE_PRIVATE_MODULES = ("tui.runtime.", "tui.text.wrapping")
"""Where ``textual._*`` and ``rich._*`` may be imported. import-linter sees no modules inside other packages."""


def source_files() -> dict[str, Path]:
    """Every module of the product by its dotted name."""
    files = (path for package in ("db", "tui") for path in (ROOT / package).rglob("*.py"))
    return {".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path for path in files}


FILES = source_files()


@cache
def tree(module: str) -> ast.Module:
    return ast.parse(FILES[module].read_text(encoding="utf-8"))


def imported_names(module: str) -> set[str]:
    """Every dotted name that a module imports, lazily and for type checking too."""
    names = set()
    for node in ast.walk(tree(module)):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.module is not None, f"{module}: relative imports hide which room they reach into"
            names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_the_runtime_and_wrapping_import_private_names_of_textual_and_rich() -> None:
    private = [
        (module, name)
        for module in FILES
        if not module.startswith(MAY_USE_PRIVATE_MODULES)
        for name in imported_names(module)
        if name.startswith(("textual.", "rich.")) and "._" in name
    ]
    assert private == []


@cache
def private_names(cls: type) -> frozenset[str]:
    """The private attributes and methods that the source of a class names: ``self._x`` and ``def _x``."""
    if cls is object or cls.__module__ in ("builtins", "typing", "abc"):
        return frozenset()
    body = ast.parse(textwrap.dedent(inspect.getsource(cls)))
    names = {node.name for node in ast.walk(body) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)}
    names |= {
        node.attr
        for node in ast.walk(body)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "self"
    }
    return frozenset(name for name in names if name.startswith("_") and not name.endswith("__"))


@pytest.mark.parametrize("module", [name for name in FILES if name.startswith("tui.") and "__main__" not in name])
def test_only_the_runtime_shares_private_members_with_textual(module: str) -> None:
    """A widget that overrides or by accident reuses a private name of Textual breaks with its next release."""
    if module.startswith("tui.runtime"):
        return
    for cls in vars(importlib.import_module(module)).values():
        if isinstance(cls, type) and cls.__module__ == module:
            of_textual = [base for base in cls.__mro__ if base.__module__.startswith("textual.")]
            theirs = frozenset().union(*map(private_names, of_textual))
            assert not private_names(cls) & theirs, f"{cls.__name__}: move what patches Textual into tui.runtime"


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Lazy imports and those for type checking count too."""
    graph: dict[str, set[str]] = {}
    for module in FILES:
        names = imported_names(module)
        # ``from a import b`` imports the module a.b if there is one, and otherwise a name of the module a.
        graph[module] = {name if name in FILES else name.rpartition(".")[0] for name in names} & FILES.keys()
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' → '.join(error.args[1])}")


ROOMS = runpy.run_path(str(ROOT / "docs" / "rooms.py"))


@pytest.mark.parametrize("folder", sorted({path.parent.relative_to(ROOT).as_posix() for path in FILES.values()}))
def test_every_room_says_what_lives_there_and_what_it_may_import(folder: str) -> None:
    docstring = ROOMS["rooms"]().get(folder, "")
    assert docstring.count(". ") + docstring.endswith(".") >= 2, f"{folder}: two sentences"


def test_the_table_of_rooms_is_up_to_date() -> None:
    text = ROOMS["PAGE"].read_text(encoding="utf-8")
    assert text == ROOMS["page"](text), "run `uv run python docs/rooms.py`"


MAX_MODULES = Counter({"tui/widgets": 15, "tui/review": 13, "db/formats/shared": 13})
"""Rooms that may have more than twelve modules besides ``__init__``."""


def test_rooms_are_small() -> None:
    sizes = Counter(path.parent.relative_to(ROOT).as_posix() for path in FILES.values() if path.stem != "__init__")
    assert {room: size for room, size in sizes.items() if size > max(12, MAX_MODULES[room])} == {}


LONG_FILES = Counter({"tests/db/importing/test_reimport.py": 549})
"""Files that are still too long."""


def test_files_are_short() -> None:
    limits = {"db": 300, "tui": 300, "docs": 300, "tests": 450}
    lengths = {
        path.relative_to(ROOT).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for folder in limits
        for path in (ROOT / folder).rglob("*.py")
    }
    assert {
        name: length
        for name, length in lengths.items()
        if length > max(limits[name.partition("/")[0]], LONG_FILES[name])
    } == {}
