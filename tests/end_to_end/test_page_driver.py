"""A reviewer in a browser ends when its server ends, whatever ended it."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from db.demo import make_demo


@pytest.mark.parametrize("gone", [("stdin",), ("stdin", "stdout")])
def test_it_ends_with_the_server_and_keeps_the_decisions(tmp_path: Path, gone: tuple[str, ...]) -> None:
    make_demo(tmp_path / "demo.db").close()
    reviewer = subprocess.Popen(
        [sys.executable, "-m", "tui", "review", str(tmp_path / "demo.db"), "--reviewer", "ana"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=os.environ | {"TEXTUAL_DRIVER": "textual.drivers.web_driver:WebDriver", "COLUMNS": "80", "ROWS": "24"},
    )
    assert reviewer.stdin is not None
    assert reviewer.stdout is not None
    assert reviewer.stderr is not None
    with reviewer:
        _read_until(reviewer, b"82 left")
        reviewer.stdin.write(b"D" + (1).to_bytes(4, "big") + b"a")
        reviewer.stdin.flush()
        _read_until(reviewer, b"81 left")
        for name in gone:
            getattr(reviewer, name).close()
        assert reviewer.wait(20) == 129
        assert reviewer.stderr.read() == b""


def _read_until(reviewer: "subprocess.Popen[bytes]", text: bytes) -> None:
    assert reviewer.stdout is not None
    seen = b""
    while text not in seen:
        data = os.read(reviewer.stdout.fileno(), 65536)
        assert data, seen[-2000:]
        seen += data
