"""What eventdesk keeps for its user: private files, and a state folder for each eventdesk file."""

import contextlib
import hashlib
import os
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """Create a folder and its missing parents, for the owner only. Raises OSError."""
    if path.is_dir():
        return
    make_private_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        path.chmod(0o700)  # the umask may have removed some of these permissions


def write_private(path: Path, content: str | bytes) -> None:
    """Write or replace a file for the owner only, whole or not at all, and create its folder. Raises OSError."""
    make_private_folder(path.parent)
    partial = path.with_name(f"{path.name}.{os.getpid()}.partial")
    partial.unlink(missing_ok=True)
    try:
        with open(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as stream:
            partial.chmod(0o600)
            stream.write(content.encode() if isinstance(content, str) else content)
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def folder_of(path: Path) -> Path:
    """Return the folder for a file, by the file's path; neither needs to exist."""
    from platformdirs import user_state_path

    full = path.resolve()
    digest = hashlib.sha256(os.fsencode(full)).hexdigest()[:8]
    return user_state_path("eventdesk", appauthor=False) / "backups" / f"{full.stem[:40]}-{digest}"
