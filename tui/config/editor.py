"""Edits a text in the person's own editor, which gets the terminal meanwhile."""

import os
import shlex
import subprocess
import tempfile
from pathlib import Path

from db.errors import InputError

_DEFAULT = "vi"


class EditorError(InputError):
    """The editor ended with an error. text: what was saved before, if that is another text."""

    def __init__(self, message: str, text: str) -> None:
        super().__init__(message)
        self.text = text


def edited(text: str, name: str) -> str:
    """Return the text as a person saved it in $VISUAL or $EDITOR, in a file of that name. Raises InputError."""
    words = _command()
    with tempfile.TemporaryDirectory(prefix="eventdesk-") as folder:
        path = Path(folder) / name
        try:
            path.write_text(text, encoding="utf-8")
            status = subprocess.run([*words, str(path)], check=False).returncode
            saved = path.read_text(encoding="utf-8")
            if status != 0:
                raise EditorError(f"{words[0]} ended with status {status}", saved if saved != text else "")
            return saved
        except FileNotFoundError:
            raise InputError(f"{words[0]}: no such editor; set EDITOR to one that is installed") from None
        except UnicodeError:
            raise InputError("the edited text is not UTF-8; nothing was changed") from None
        except OSError as error:
            raise InputError(f"{words[0]}: can't be run ({error.strerror}); set EDITOR to another one") from None


def _command() -> list[str]:
    name = os.environ.get("VISUAL") or os.environ.get("EDITOR") or _DEFAULT
    try:
        words = shlex.split(name)
    except ValueError as error:
        raise InputError(f"EDITOR is not a command ({error}): {name}") from None
    if not words:
        raise InputError("EDITOR is empty; set it to an editor, such as nano")
    return words
