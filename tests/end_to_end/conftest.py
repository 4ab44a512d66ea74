"""What holds for every real process."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def settings_of_nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Settings are those shipped, whoever runs the tests, and the first hint was seen. Gives their folder."""
    home = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "STATE"):
        (home / name.lower() / "eventdesk").mkdir(parents=True)
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    (home / "state" / "eventdesk" / "hint-seen").touch()
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home
