"""Kills at random moments: everything shown is on disk, and nothing is half done.

tests/bench/kills.py and power.py kill a few thousand times.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.kill_stories import STORIES, kills_of, seed_of
from support.killing import Toll, preload

KILLS = 80
POWER = 4  # losses of power
SEED = 1


@pytest.fixture(scope="module", autouse=True)
def preloaded() -> None:
    preload()


@pytest.mark.parametrize(("name", "kills"), [(name, kills) for name, _, kills in kills_of(KILLS)])
def test_nothing_shown_is_lost_and_nothing_is_half_done(tmp_path: Path, name: str, kills: int) -> None:
    toll = Toll()
    STORIES[name](tmp_path, kills, seed_of(name, SEED), toll)
    assert toll.faults == []
    assert toll.kills == kills
    assert toll.finished < kills, "no kill came before the end"
    if name in ("review", "undo and redo"):
        assert toll.shown >= kills


@pytest.mark.skipif(sys.platform != "linux" or not shutil.which("cc"), reason="needs Linux and a C compiler")
def test_nothing_shown_is_lost_with_the_power() -> None:
    """Unlike a kill, a loss of power also loses data that was not synced."""
    tests = Path(__file__).parents[1]
    ended = subprocess.run(
        [sys.executable, str(tests / "bench" / "power.py"), "--times", str(POWER)],
        env=os.environ | {"PYTHONPATH": os.pathsep.join(map(str, (tests.parent, tests)))},
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert " 0 lost, 0 unsound" in ended.stdout


def test_a_shown_state_that_the_file_never_had_is_found(tmp_path: Path) -> None:
    """Tests the test: a screen that shows more than the file holds is noticed."""
    from support.killing import missing

    from db.demo import make_demo

    make_demo(tmp_path / "demo.db").close()
    assert missing(tmp_path / "demo.db", [(82, "")]) == []
    assert missing(tmp_path / "demo.db", [(82, ""), (81, "accept")]) == [(81, "accept")]
