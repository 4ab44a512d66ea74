"""Refuses files that are no text: names their kind and what to do with them."""

from db.errors import InputError
from db.formats.format import Source
from db.io.file_kinds import is_wide, kind_of


def refuse_known_kind(source: Source) -> None:
    """Raise InputError if the source is of a known kind that no text format reads, such as a PDF or a photo."""
    kind = kind_of(source.head, source.suffix)
    if kind is not None:
        raise InputError(f"{source.name}: is {kind.what}; {kind.advice}")


def refuse_non_text(source: Source) -> None:
    """Raise InputError that names the kind of a file that is not UTF-8 text, and what to do with it."""
    refuse_known_kind(source)
    if is_wide(source.head):
        raise InputError(f"{source.name}: is UTF-16 or UTF-32; save it as UTF-8")
