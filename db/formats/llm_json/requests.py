"""Finds the requests of a batch in the other files of an import, by the id that the results give."""

from pathlib import Path

from db.errors import InputError
from db.formats.format import HEAD_BYTES, Data
from db.formats.llm_json.dialogues import turns_of
from db.formats.llm_json.documents import CALL_IDS
from db.formats.shared.objects import without
from db.io.json_lines import parse_object
from db.io.json_stream import BOM, JsonForm, form_of


class Requests:
    """The requests in some files of JSON Lines. Only their places are kept in memory."""

    def __init__(self, files: tuple[Path, ...], results: Path | None) -> None:
        """``results``: the file of the results, which is not searched."""
        self._files = [path for path in files if results is None or not _is_same(path, results)]
        self._places: dict[str, tuple[Path, int]] | None = None

    def request_of(self, data: Data) -> Data | None:
        """Return the request that a line of results answers; None if it names none, or no file has it."""
        id_ = call_id(data)
        if id_ is None or not self._files or turns_of(data):
            return None
        if self._places is None:
            self._places = {}
            for path in self._files:
                self._search(path, self._places)
        place = self._places.get(id_)
        if place is None:
            return None
        with place[0].open("rb") as stream:
            stream.seek(place[1])
            return without(parse_object(stream.readline().removeprefix(BOM)), *CALL_IDS)

    def _search(self, path: Path, places: dict[str, tuple[Path, int]]) -> None:
        try:
            with path.open("rb") as stream:
                if form_of(stream.read(HEAD_BYTES)) is not JsonForm.LINES:
                    return
                stream.seek(0)
                at = 0
                for line in stream:
                    if any(b'"%s"' % key.encode() in line for key in CALL_IDS):
                        self._add(line, path, at, places)
                    at += len(line)
        except OSError:  # the import names what can't be read
            return

    def _add(self, line: bytes, path: Path, at: int, places: dict[str, tuple[Path, int]]) -> None:
        try:
            data = parse_object(line.removeprefix(BOM))
        except InputError:
            return
        id_ = call_id(data)
        if id_ is not None and turns_of(data):
            places.setdefault(id_, (path, at))


def call_id(data: Data) -> str | None:
    """Return the id of a request or of its result; None if a record has none."""
    return next((data[key] for key in CALL_IDS if isinstance(data.get(key), str)), None)


def _is_same(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
