"""TOML that Python can't parse gives an error message, not a crash."""

from collections.abc import Callable
from pathlib import Path

import pytest

from db.errors import InputError
from db.io.types_toml import parse_event_types
from db.query.saved import parse_saved_queries
from tui.config.settings import read_settings


def _settings(text: str, path: Path) -> object:
    path.write_text(text)
    return read_settings(path)


@pytest.mark.parametrize(
    "read",
    [
        lambda text, path: parse_event_types(text, str(path)),
        lambda text, path: parse_saved_queries(text, str(path)),
        _settings,
    ],
    ids=["types", "queries", "settings"],
)
@pytest.mark.parametrize(
    "value", ["[" * 100_000, "{a=" * 5_000, "9" * 5_000, "0x" + "f" * 100_000, "1e999", "nan", "\x00"]
)
def test_excessive_toml_is_an_error_in_one_line(
    tmp_path: Path, read: Callable[[str, Path], object], value: str
) -> None:
    with pytest.raises(InputError, match=r"file\.toml") as told:
        read(f"a = {value}\n", tmp_path / "file.toml")
    assert "\n" not in str(told.value)
