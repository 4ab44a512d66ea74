"""Guesses the languages of a text, from what is declared and from its script."""

import re

_UKRAINIAN = re.compile("[іїєґІЇЄҐ]|[а-я]['’ʼ][а-я]")
_CODE = re.compile("[a-z]{2,3}")
_SCRIPTS = (
    (re.compile("[а-яА-Я]"), "ru"),
    (re.compile("[\u0620-\u064a]"), "ar"),
    (re.compile("[\u3400-\u9fff]"), "zh"),
)
_SAMPLE = 4000  # characters


def languages(source: str, declared: str | None) -> tuple[str, ...]:
    """Return language codes of two or three letters, the declared one first and English always among them."""
    start = source[:_SAMPLE]
    found = []
    if declared and _CODE.fullmatch(code := declared.replace("_", "-").partition("-")[0].lower()):
        found.append(code)
    for script, language in _SCRIPTS:
        if script.search(start):
            found.append("uk" if language == "ru" and _UKRAINIAN.search(start) else language)
    return tuple(dict.fromkeys([*found, "en"]))
