"""Standard input, output and error as eventdesk needs them: open, and able to print any character."""

import codecs
import contextlib
import os
import sys
from typing import TextIO

_ESCAPES = "eventdesk.escapes"


def prepare() -> None:
    """Open what the caller closed, except standard input, and escape characters that an output can't hold.

    A file that the program opens must not get the number of a closed stream: what is printed would go into it.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with contextlib.suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number, which is this one
    codecs.register_error(_ESCAPES, _escaped)
    sys.stdout = _writable(sys.stdout, 1)
    sys.stderr = _writable(sys.stderr, 2)


def on_terminal() -> bool:
    """Return True if a person sees the output and types the input."""
    return sys.stdin is not None and sys.stdin.isatty() and sys.stdout.isatty()


def needs_ascii() -> bool:
    """Return True if JSON must be ASCII: on a terminal, or because the output is not UTF-8."""
    return sys.stdout.isatty() or codecs.lookup(sys.stdout.encoding or "ascii").name != "utf-8"


def _writable(stream: TextIO | None, number: int) -> TextIO:
    if stream is None:
        return open(number, "w", encoding="utf-8", errors=_ESCAPES, closefd=False)
    reconfigure = getattr(stream, "reconfigure", None)
    if reconfigure is not None:  # a test's stream may be another kind
        reconfigure(errors=_ESCAPES)
    return stream


def _escaped(error: UnicodeError) -> tuple[str, int]:
    """Return the characters that can't be encoded as JSON escapes them."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    units = error.object[error.start : error.end].encode("utf-16-be", "surrogatepass").hex()
    return "".join(f"\\u{units[at : at + 4]}" for at in range(0, len(units), 4)), error.end
