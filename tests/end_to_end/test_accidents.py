"""The open file is moved, replaced or deleted: nothing that was shown is lost without a word."""

import os
import random
import sys
from pathlib import Path

import pytest
from support.accidents import Accidents, run
from support.killing import preload

from db.demo import make_demo


@pytest.mark.skipif(sys.platform != "linux", reason="forks a process that has loaded all of eventdesk")
@pytest.mark.parametrize(
    ("accident", "state"),
    [
        ("replace", "writing"),
        ("rename the folder", "at rest"),
        ("move", "import"),
    ],
)
def test_nothing_is_lost_without_a_word(accident: str, state: str, tmp_path: Path) -> None:
    preload()
    base, result = tmp_path / "base.db", Accidents()
    make_demo(base).close()
    (tmp_path / "work").mkdir()
    hint = Path(os.environ["XDG_STATE_HOME"], "eventdesk", "hint-seen")
    hint.parent.mkdir(parents=True, exist_ok=True)
    hint.touch()
    run(accident, state, log=True, base=base, folder=tmp_path / "work", chance=random.Random(4), result=result)
    assert result.faults == []
    assert result.said == (0 if accident == "rename the folder" else 1) or state == "import"
