"""Where what eventdesk keeps about a file is: in the state directory, a folder for each file."""

import hashlib
import os
from pathlib import Path


def folder_of(path: Path) -> Path:
    """The folder of a file, which need not be there. It goes by where the file is."""
    from platformdirs import user_state_path

    whole = path.resolve()
    digest = hashlib.sha256(os.fsencode(whole)).hexdigest()[:8]
    return user_state_path("eventdesk", appauthor=False) / "backups" / f"{whole.stem[:40]}-{digest}"
