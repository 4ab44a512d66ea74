"""Genuine files, which are no part of the repository."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """A file of the shared data, or a skip that says so."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs the shared data: {name} is not there")
    return path
