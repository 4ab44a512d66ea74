"""Pairs of a text and its JSON in a folder: ``NAME.txt`` and ``NAME.json``.

The JSON may also be ``NAME.events.json``, ``NAME_output.jsonl`` or ``NAME.txt.json``, in the same folder or in another,
and a folder may have one text with a JSON file whose name says that it is an answer, such as ``output.json``.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from db.errors import InputError
from db.formats.shared.folders import PAGE_SUFFIXES, TEXT_SUFFIXES, count_suffixes, files_in

JSON_SUFFIXES = (".json", ".jsonl", ".ndjson")
_SEPARATORS = "._-+ "
_NO_MODEL = re.compile(
    r"(?:txt|text|md|html?|(?:llm|model|raw|final|gold|extracted|structured)?[._\- ]?(?:events?|extractions?|extracted"
    r"|outputs?|out|results?|responses?|answers?|annotations?|labels?|json|predictions?|preds?|llm|completion|parsed|data)"
    r"|raw|final|gold|\d*)",
    re.IGNORECASE,
)


class Beside(NamedTuple):
    """A JSON file beside a text, and what its name has more than the text's."""

    path: Path
    rest: str

    @property
    def model(self) -> str | None:
        """The rest of the name, unless it says no more than what the file is."""
        return None if _NO_MODEL.fullmatch(self.rest) else self.rest


class Pairs(NamedTuple):
    """The texts of a folder with their JSON, the files of no pair, and links that lead out of the folder."""

    texts: dict[Path, list[Beside]]
    others: list[Path]
    errors: list[InputError]


def pairs_in(folder: Path) -> Pairs:
    """Return the pairs of a folder, in the order of the texts. Raises InputError if it can't be listed."""
    texts: dict[Path, list[Beside]] = {}
    json_files: list[Path] = []
    others: list[Path] = []
    errors: list[InputError] = []
    for path in files_in(folder):
        if isinstance(path, InputError):
            errors.append(path)
        elif path.suffix.lower() in (*TEXT_SUFFIXES, *PAGE_SUFFIXES):
            texts[path] = []
        else:
            (json_files if path.suffix.lower() in JSON_SUFFIXES else others).append(path)
    by_stem: dict[Path, Path] = {}
    by_name: dict[str, list[Path]] = defaultdict(list)
    in_folder: dict[Path, list[Path]] = defaultdict(list)
    for text in texts:
        by_stem.setdefault(text.with_suffix(""), text)
        by_name[text.stem].append(text)
        in_folder[text.parent].append(text)
    for path in json_files:
        found = _match(path, by_stem, by_name)
        if found is None and len(in_folder[path.parent]) == 1 and _NO_MODEL.fullmatch(path.stem):
            found = in_folder[path.parent][0], path.stem
        if found is None:
            others.append(path)
        else:
            text, rest = found
            texts[text].append(Beside(path, rest.strip(_SEPARATORS)))
    others += (text for text, beside in texts.items() if not beside)
    return Pairs({text: beside for text, beside in texts.items() if beside}, sorted(others), errors)


def _match(path: Path, by_stem: dict[Path, Path], by_name: dict[str, list[Path]]) -> tuple[Path, str] | None:
    """Return the text that a JSON file belongs to, and the rest of the file's name."""
    for name in _beginnings(path.stem):
        if (text := by_stem.get(path.with_name(name))) is not None:
            return text, path.stem[len(name) :]
    for name in _beginnings(path.stem):
        if len(named := by_name.get(name, [])) == 1:
            return named[0], path.stem[len(name) :]
    return None


def _beginnings(stem: str) -> Iterator[str]:
    """Yield a name, and what it begins with up to each separator, the longest first."""
    yield stem
    for at in range(len(stem) - 1, 0, -1):
        if stem[at] in _SEPARATORS:
            yield stem[:at]


def has_pairs(folder: Path) -> bool:
    """Return True if a folder has JSON beside a text or a page."""
    return bool(count_suffixes(folder).keys() & set(JSON_SUFFIXES)) and bool(pairs_in(folder).texts)
