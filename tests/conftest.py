"""Files to test on."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

pytest.register_assert_rewrite("support")  # before anything imports it

# In memory, where there is such a folder: a commit is on disk only when the disk says so, a few thousand times.
if os.access("/dev/shm", os.W_OK):
    os.environ.setdefault("PYTEST_DEBUG_TEMPROOT", "/dev/shm")

# The reviewer paints at most once a frame. Tests wait for each painting, so their frames are short.
os.environ.setdefault("TEXTUAL_FPS", "240")

from support.builders import create  # noqa: E402
from support.shared_data import shared  # noqa: E402

# How long an example takes says more of the machine than of the code. Before a release, run
# `uv run pytest --hypothesis-profile=thorough`.
settings.register_profile("any machine", deadline=None, max_examples=50)
settings.register_profile("thorough", deadline=None, max_examples=1000)
settings.load_profile("any machine")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """Use one process a core for folders of tests; a single file starts faster without any."""
    folders = all(Path(argument.partition("::")[0]).is_dir() for argument in config.args)
    if not folders or config.option.collectonly or config.option.keyword:
        return 0
    config.option.dist = "loadgroup"
    return os.cpu_count() or 1


def pytest_configure(config: pytest.Config) -> None:
    """Let `--collect-only` succeed: it runs no test, so every snapshot looks unused."""
    if config.option.collectonly:
        config.option.warn_unused_snapshots = True


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the tests of one end-to-end file in one process, since many share what was started for the file."""
    for item in items:
        if "end_to_end" in item.path.parts:
            item.add_marker(pytest.mark.xdist_group(item.path.name))


@pytest.fixture(scope="session", autouse=True)
def folders_of_nobody(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """State and settings of whoever runs the tests stay out of it, in processes that tests start too."""
    with pytest.MonkeyPatch.context() as patch:
        for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
            patch.setenv(name, str(tmp_path_factory.mktemp(name.lower())))
        yield


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    """A new, empty file."""
    connection = create(tmp_path / "events.db")
    yield connection
    connection.close()


@pytest.fixture
def seed() -> Path:
    """The seed article's candidate events."""
    return shared("seed/candidates.jsonl")


@pytest.fixture
def muc() -> list[Path]:
    """Four systems' candidates for a hundred reports, and the gold."""
    names = ("gold", "candidates.ge", "candidates.mitre", "candidates.nyu", "candidates.umass")
    return [shared(f"muc4-tst3/{name}.jsonl") for name in names]
