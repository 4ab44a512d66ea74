"""Formats of other packages. What goes wrong in one costs that format, with a line, and nothing else."""

import warnings
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, BinaryIO, cast

from db.errors import EventdeskError, FileWarning, InputError
from db.formats.format import Companion, Confidence, Export, Format, ReadOptions, Record, Source

_TEXTS = ("name", "about", "loses")
_TEXTS_OR_NONE = ("reads", "writes")
_FUNCTIONS = ("read", "write", "write_folder")


def problem_of(format: Format) -> str:
    """Return what is wrong with the attributes of a format, or an empty text."""
    wrong = [name for name in _TEXTS if not isinstance(getattr(format, name), str)]
    wrong += [name for name in _TEXTS_OR_NONE if not isinstance(getattr(format, name), str | None)]
    wrong += [name for name in _FUNCTIONS if (given := getattr(format, name)) is not None and not callable(given)]
    wrong += [] if callable(format.recognise) else ["recognise"]
    wrong += [] if isinstance(format.name, str) and format.name.isprintable() and format.name.strip() else ["name"]
    if not all(isinstance(item, Companion) for item in format.companions):
        wrong.append("companions")
    wrong += [name for name in ("options", "writing_options") if not isinstance(getattr(format, name), frozenset | set)]
    return f"its {wrong[0]} has a wrong type or value" if wrong else ""


def is_plug_in(format: Format) -> bool:
    """Return True if another package provides the format."""
    return format.recognise.__module__ == __name__


def guarded(format: Format) -> Format:
    """Return the format with functions that raise InputError alone."""
    read, write, write_folder = format.read, format.write, format.write_folder

    def recognise(source: Source) -> Confidence:
        stream = source.stream
        lent = source if stream is None else replace(source, stream=cast(BinaryIO, _Lent(stream)))
        try:
            return Confidence(format.recognise(lent))
        except (Exception, SystemExit) as error:
            message = f"the format plug-in {format.name} failed ({_words(error)}), so it reads nothing here"
            warnings.warn(message, FileWarning, stacklevel=1)
            return Confidence.NO
        finally:
            if stream is not None:
                stream.seek(0)

    def records(source: Source, options: ReadOptions) -> Iterator[Record]:
        assert read is not None
        yield from _checked(format.name, lambda: read(source, options), _is_record)

    def pieces(content: Export) -> Iterator[bytes]:
        assert write is not None
        yield from _checked(format.name, lambda: write(content), lambda item: isinstance(item, bytes))

    def files(content: Export) -> Iterator[tuple[str, bytes]]:
        assert write_folder is not None
        yield from _checked(format.name, lambda: write_folder(content), _is_file)

    return replace(
        format,
        recognise=recognise,
        read=records if read else None,
        write=pieces if write else None,
        write_folder=files if write_folder else None,
    )


def _checked(name: str, begin: Callable[[], Iterator[Any]], valid: Callable[[Any], bool]) -> Iterator[Any]:
    """Yield what a plug-in yields. Raises InputError for anything else that it does."""
    try:
        for item in begin():
            if not valid(item):
                raise TypeError(f"yields a {type(item).__name__} with wrong content")
            yield item
    except EventdeskError:
        raise
    except (Exception, SystemExit) as error:
        raise InputError(f"the format plug-in {name} failed ({_words(error)}); choose another with --format") from None


def _is_record(item: object) -> bool:
    return (
        isinstance(item, Record)
        and isinstance(item.position, int)
        and isinstance(item.document, dict | InputError)
        and isinstance(item.raw, bytes)
        and isinstance(item.notes, tuple)
        and isinstance(item.unread, tuple)
        and all(isinstance(text, str) for text in (*item.notes, *item.unread))
        and isinstance(item.bytes_read, int)
    )


def _is_file(item: object) -> bool:
    return isinstance(item, tuple) and len(item) == 2 and isinstance(item[0], str) and isinstance(item[1], bytes)


def _words(error: BaseException) -> str:
    return f"{type(error).__name__}: {error}".removesuffix(": ")


class _Lent:
    """A stream that its borrower can read and move, but not close."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)

    def __enter__(self) -> "_Lent":
        return self

    def __exit__(self, *_: object) -> None: ...

    def close(self) -> None: ...
