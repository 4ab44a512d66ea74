"""Files for nobody else: what eventdesk keeps of a person, whatever the umask."""

import contextlib
import os
from pathlib import Path


def make_private_folder(path: Path) -> None:
    """Make a folder, and those above it that are missing, for the owner alone. Raises OSError."""
    if path.is_dir():
        return
    make_private_folder(path.parent)
    with contextlib.suppress(FileExistsError):
        path.mkdir(mode=0o700)
        path.chmod(0o700)  # a umask may have taken more


def write_private(path: Path, content: str | bytes) -> None:
    """Write a file whole, for the owner alone, in place of one that is there; its folder is made. Raises OSError."""
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
