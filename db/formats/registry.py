"""The formats that are installed, and which one a file is in."""

import warnings
from importlib.metadata import entry_points

from db.errors import FileWarning, InputError
from db.formats.format import GROUP, Format, Source, Sure
from db.formats.shared.file_kinds import refuse_what_is_no_text


def all_formats() -> dict[str, Format]:
    """Every installed format by name, in the order of names. One that can't be loaded is left out with a warning."""
    found = {}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        try:
            format = point.load()
        except Exception as error:  # of somebody else's package: whatever it may raise
            warnings.warn(f"the format {point.name} can't be loaded ({error})", FileWarning, stacklevel=1)
            continue
        if isinstance(format, Format):
            found[format.name] = format
        else:
            warnings.warn(f"the format {point.name} is none: {point.value} is no Format", FileWarning, stacklevel=1)
    return found


def format_named(name: str) -> Format:
    """The format of that name. Raises InputError that lists those there are."""
    formats = all_formats()
    if name in formats:
        return formats[name]
    raise InputError(f"no format {name}; there are {', '.join(formats)}")


def recognised(source: Source) -> Format:
    """The format that is surest to be that of ``source``. Raises InputError where none is, or two are."""
    readers = [item for item in all_formats().values() if item.read]
    sure = {item.name: item.recognise(source) for item in readers}
    most = max(sure.values(), default=Sure.NO)
    best = [item for item in readers if sure[item.name] == most]
    if most != Sure.NO and len(best) == 1:
        return best[0]
    refuse_what_is_no_text(source)
    if most == Sure.NO:
        raise InputError(
            f"{source.name}: in no format that is known here; `eventdesk formats` lists them,"
            " --format NAME says which one it is"
        )
    names = " or ".join(item.name for item in best)
    raise InputError(f"{source.name}: could be {names}; say which with --format")
