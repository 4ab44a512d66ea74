"""The installed formats, and the detection of a file's format."""

import warnings
from functools import cache
from importlib.metadata import entry_points

from db.errors import FileWarning, InputError
from db.formats.format import ENTRY_POINT_GROUP, Confidence, Format, Source
from db.formats.plug_ins import guarded, is_plug_in, problem_of
from db.formats.shared.file_kinds import refuse_known_kind, refuse_non_text
from db.formats.shared.folders import count_suffixes
from db.formats.shared.text_keys import TEXT_KEYS, listed_keys
from db.io.file_kinds import SQLITE, is_text, kind_of

_OWN = "db.formats."


@cache
def all_formats() -> dict[str, Format]:
    """Return every installed format by name, sorted. Warns about plug-ins that can't be loaded and skips them.

    The result is kept: to find the entry points reads the metadata of every installed package.
    """
    found: dict[str, Format] = {}
    points = entry_points(group=ENTRY_POINT_GROUP)
    for point in sorted(points, key=lambda point: (not point.value.startswith(_OWN), point.name)):  # ours first
        try:
            format = point.load()
        except (Exception, SystemExit) as error:  # a plug-in may raise anything
            warnings.warn(f"the format plug-in {point.name} can't be loaded ({error})", FileWarning, stacklevel=1)
            continue
        if point.value.startswith(_OWN):
            found[format.name] = format
            continue
        if not isinstance(format, Format):
            problem = f"{point.value} is not a Format"
        elif not (problem := problem_of(format)) and format.name in found:
            problem = f"another format has the name {format.name}"
        if problem:
            message = f"{point.name} is not a valid format plug-in: {problem}"
            warnings.warn(message, FileWarning, stacklevel=1)
        else:
            found[format.name] = guarded(format)
    return dict(sorted(found.items()))


def format_named(name: str) -> Format:
    """Return the format of that name. Raises InputError that lists the installed ones."""
    formats = all_formats()
    if name in formats:
        return formats[name]
    raise InputError(f"unknown format {name}; choose one of {', '.join(formats)}")


def detect_format(source: Source) -> Format:
    """Return the most confident format. Raises InputError if no format recognises the source, or several do."""
    readers = [item for item in all_formats().values() if item.read]
    confidence = {item.name: item.recognise(source) for item in readers}
    highest = max(confidence.values(), default=Confidence.NO)
    best = [item for item in readers if confidence[item.name] == highest]
    if not (highest and any(map(is_plug_in, best))):
        _refuse_known_kind(source)
    if highest != Confidence.NO and len(best) == 1:
        return best[0]
    refuse_non_text(source)
    if highest == Confidence.NO:
        if source.stream is None and source.path is not None and source.path.is_dir():
            found = count_suffixes(source.path).most_common(5)
            held = ", ".join(f"{number:,} {suffix or 'without suffix'}" for suffix, number in found)
            raise InputError(
                f"{source.name}: a folder of {held or 'no files'}, which no format reads as a whole; name its files:"
                f" {source.name.rstrip('/')}/*"
            )
        if source.objects:
            raise InputError(
                f"{source.name}: unknown format; its objects have the keys {listed_keys(source.objects[0])}, and no"
                f" text under {', '.join(TEXT_KEYS[:3])} or the like; name it with --format: json-table reads rows,"
                " and annotations texts under any key, by a mapping"
            )
        raise InputError(f"{source.name}: {_what_to_do(source)}")
    names = " or ".join(item.name for item in best)
    raise InputError(f"{source.name}: could be {names}; choose one with --format")


def refuse_unreadable(source: Source, format: Format) -> None:
    """Raise InputError if the source is a table or of a known kind that the format can't read, such as a PDF.

    A plug-in may read any kind, and DocBin and Parquet are not among the known kinds.
    """
    if is_plug_in(format):
        return
    if format.recognise(source) is Confidence.NO:
        source.refuse_table()
    _refuse_known_kind(source)


def _refuse_known_kind(source: Source) -> None:
    if source.path is not None and kind_of(source.head) is SQLITE:
        from db.formats.tables.files.sqlite_file import naming_tables

        raise InputError(f"{source.name}: is {SQLITE.what}; {naming_tables(source.path, source.name)}")
    refuse_known_kind(source)


def _what_to_do(source: Source) -> str:
    if source.stream is None:
        return "no format reads what is in this folder; name a file of it, or see `eventdesk formats`"
    if not is_text(source.head):
        return "is no text, and of an unknown kind; save its content as CSV, JSON Lines or .txt and import that"
    if source.head.lstrip().startswith(b"<"):
        return "is XML or HTML of an unknown kind; convert it to CSV or JSON Lines, or import it with --format html"
    return "unknown format; import it as one text with --format text, or see `eventdesk formats`"
