"""The state directory, with a folder for each eventdesk file: its backups, and notes about it."""

import hashlib
import os
from pathlib import Path


def folder_of(path: Path) -> Path:
    """Return the folder for a file, by the file's path; neither needs to exist."""
    from platformdirs import user_state_path

    full = path.resolve()
    digest = hashlib.sha256(os.fsencode(full)).hexdigest()[:8]
    return user_state_path("eventdesk", appauthor=False) / "backups" / f"{full.stem[:40]}-{digest}"
