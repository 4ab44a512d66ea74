"""Reads a folder of texts with the answers about them beside them: ``NAME.txt`` and ``NAME.json`` are one document.

``NAME.gpt-5.json`` and ``NAME.claude.json`` are the answers of two models.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from db.errors import InputError
from db.formats.format import Data, ReadOptions, Record, Source, printable_name
from db.formats.llm_json.answers import Answer, beside_answer
from db.formats.llm_json.documents import Found, document_of
from db.formats.llm_json.reading import rewritten, with_events
from db.formats.llm_json.shapes import Shape
from db.formats.shared.folders import PAGE_SUFFIXES, content_of, count_suffixes, text_of
from db.formats.shared.front_matter import text_document
from db.formats.shared.pages import document_of_page
from db.formats.shared.pairs import JSON_SUFFIXES, pairs_in
from db.formats.shared.text_keys import describe_a_text
from db.io.answers.json_answers import blocks_of

_MOST_NAMED = 10
_CHECKED = 5  # answers by which a folder is recognised


def is_folder_of_pairs(folder: Path) -> bool:
    """Return True if a folder has texts with answers beside them."""
    try:
        if not count_suffixes(folder).keys() & set(JSON_SUFFIXES):
            return False
        pairs = pairs_in(folder)
        files = [answer.path for found in pairs.texts.values() for answer in found][:_CHECKED]
        return any(_is_answer(path) for path in files)
    except (InputError, OSError, ValueError):
        return False


def _is_answer(path: Path) -> bool:
    with path.open("rb") as stream:
        words = stream.read(2**16).decode(errors="replace")
    try:
        values = [block.value for block in blocks_of(words, path.name)[0]]
    except InputError:
        return False
    return any(value == [] or _objects(value) for value in values)


def _objects(value: Any) -> bool:
    items = value if isinstance(value, list) else [value]
    return any(isinstance(item, dict) and not describe_a_text(item) for item in items)


def read_folder(source: Source, options: ReadOptions, unnamed: str) -> Iterator[Record]:
    """Yield a record for each answer of a folder, with its text."""
    folder = source.path or Path(source.name)
    pairs = pairs_in(folder)
    if not pairs.texts:
        raise InputError(f"{source.name}: has no NAME.txt with a NAME.json beside it; name the folder that does")
    others = _named(pairs.others, folder)
    position = 0
    for text, answers in pairs.texts.items():
        used: set[str | None] = set()
        for answered in answers:
            position += 1
            name = printable_name(answered.path.relative_to(folder).as_posix())
            model = printable_name(answered.model) if answered.model else None
            if model is None and None in used:
                model = printable_name(answered.rest) or answered.path.suffix[1:]
            used.add(model)
            try:
                document, notes = _read_pair(text, answered.path, name, folder, options, model, unnamed)
                yield Record(position, document, notes=notes, unread=others, rewrite=rewritten)
                others = ()
            except InputError as error:
                yield Record(position, InputError(f"{name}: {error}"))
    yield from (Record(number, problem) for number, problem in enumerate(pairs.errors, position + 1))


def _named(paths: list[Path], folder: Path) -> tuple[str, ...]:
    if len(paths) <= _MOST_NAMED:
        return tuple(f"file {printable_name(path.relative_to(folder).as_posix())}" for path in paths)
    return tuple(f"files *{path.suffix.lower()}" if path.suffix else "files without a suffix" for path in paths)


def _read_pair(
    text: Path, path: Path, name: str, folder: Path, options: ReadOptions, model: str | None, unnamed: str
) -> tuple[Data, tuple[str, ...]]:
    document, notes = _document_of_file(text, folder)
    raw = text_of(path, folder)
    answer = beside_answer(raw)
    source = document["text"]
    described, extractor = _description(answer, raw, source, options)
    document = {key: value for key, value in described.items() if key != "id"} | document
    document |= {key: described[key] for key in ("title",) if key in described}
    shape = Shape(raw, name, printable_name(text.relative_to(folder).with_suffix("").as_posix()))
    named = options.extractor or extractor or model or options.unnamed or unnamed
    return with_events(document, answer, source, named, shape, notes)


def _document_of_file(path: Path, folder: Path) -> tuple[Data, tuple[str, ...]]:
    if path.suffix.lower() in PAGE_SUFFIXES:
        return document_of_page(content_of(path, folder), printable_name(path.relative_to(folder).as_posix()))
    text = text_of(path, folder)
    if not text.strip():
        raise InputError(f"the text {printable_name(path.name)} is empty")
    return text_document(text, printable_name(path.stem)), ()


def _description(answer: Answer, raw: str, text: str, options: ReadOptions) -> tuple[Data, str | None]:
    """Return what the object around the list of events says about the document, and the model."""
    values = [block.value for block in blocks_of(raw, "answer")[0]]
    if len(values) != 1 or not isinstance(values[0], dict) or answer.list_at is None:
        return {}, None
    found = Found(text, frozenset(("text",)))
    return document_of(values[0], found, options.known_text, of_call=True)
