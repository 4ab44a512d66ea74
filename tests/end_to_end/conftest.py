"""Settings of every process that these tests start."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def settings_of_nobody(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Use default settings, with the first hint seen; return the folder of settings and state."""
    home = tmp_path_factory.mktemp("home")
    for name in ("CONFIG", "STATE"):
        (home / name.lower() / "eventdesk").mkdir(parents=True)
        monkeypatch.setenv(f"XDG_{name}_HOME", str(home / name.lower()))
    (home / "state" / "eventdesk" / "hint-seen").touch()
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home
