"""Guesses the languages of a text, and reads their words from ``words/*.toml``.

Each file has three tables: ``numbers``, ``dates`` and ``names``. A list is one string, its items separated by commas;
``word=12`` gives a word a value.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

_UKRAINIAN = re.compile("[іїєґІЇЄҐ]|[а-я]['’ʼ][а-я]")
_CODE = re.compile("[a-z]{2,3}")
_PERSIAN = re.compile("[پچژگکی]")
_SCRIPTS = (
    (re.compile("[а-яА-Я]"), "ru"),
    (re.compile("[\u0620-\u064a]"), "ar"),
    (re.compile("[\u3040-\u30ff]"), "ja"),
    (re.compile("[\u3400-\u9fff]"), "zh"),
    (re.compile("[\uac00-\ud7a3]"), "ko"),
    (re.compile("[\u05d0-\u05ea]"), "he"),
    (re.compile("[\u0900-\u097f]"), "hi"),
    (re.compile("[\u0e01-\u0e5b]"), "th"),
    (re.compile("[α-ωά-ώ]"), "el"),
)
_SAMPLE = 4000  # characters
_SAME = {"no": "nb", "nn": "nb", "iw": "he", "in": "id", "cmn": "zh", "yue": "zh", "ms": "id", "dari": "fa"}
_WORDS = Path(__file__).with_name("words")


def languages(source: str, declared: str | None) -> tuple[str, ...]:
    """Return language codes of two or three letters, the declared one first and English always among them."""
    start = source[:_SAMPLE]
    found = []
    if (code := declared_language(declared)) is not None:
        found.append(code)
    for script, language in _SCRIPTS:
        if script.search(start):
            found.append(_of_script(language, start, found))
    return tuple(dict.fromkeys([*found, "en"]))


def declared_language(declared: str | None) -> str | None:
    """Return the code of a declared language (BCP 47), or None if it is not a code."""
    if declared and _CODE.fullmatch(code := declared.replace("_", "-").partition("-")[0].lower()):
        return _SAME.get(code, code)
    return None


def _of_script(language: str, start: str, found: Sequence[str]) -> str:
    if language == "ru" and _UKRAINIAN.search(start):
        return "uk"
    if language == "ar" and _PERSIAN.search(start):
        return "fa"
    return "ja" if language == "zh" and "ja" in found else language


@cache
def words_of(language: str, table: str) -> Mapping[str, Any]:
    """Return a table of a language's words, empty for a language without a file."""
    return _read(language).get(table, MappingProxyType({}))


@cache
def _read(language: str) -> Mapping[str, Mapping[str, Any]]:
    try:
        with (_WORDS / f"{language}.toml").open("rb") as stream:
            return tomllib.load(stream)
    except FileNotFoundError:
        return {}


def listed(text: str | None) -> list[str]:
    """Return the items of a list."""
    return [item for part in (text or "").split(",") if (item := part.strip())]


def valued(text: str | None) -> dict[str, str]:
    """Return the values of words, in their order; a word without a value has an empty one."""
    pairs = (item.rpartition("=") if "=" in item else (item, "", "") for item in listed(text))
    return {word.strip(): value.strip() for word, _, value in pairs}
