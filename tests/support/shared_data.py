"""Paths of the shared data: real files that are not part of the repository."""

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[3] / "shared" / "data"


def shared(name: str) -> Path:
    """Return the path of a shared file; skip the test if it does not exist."""
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"needs the shared data: {name} does not exist")
    return path
