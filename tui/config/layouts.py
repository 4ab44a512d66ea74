"""Keyboard layouts without Latin letters: which key of a US keyboard is at the place of each of their keys."""

import string
import unicodedata

_ROWS = ("qwertyuiop[]", "asdfghjkl;'", "zxcvbnm,./", "`")
_TABLES = {
    "russian": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю.", "ё"),
    "ukrainian": ("йцукенгшщзхї", "фівапролджє", "ячсмитьбю.", "'"),
    "bulgarian": (",уеишщксдзц;", "ьяаожгтнвмч", "юйъэфхпрлб", "("),
    "serbian": ("љњертзуиопшђ", "асдфгхјклчћ", "ѕџцвбнм,.-", "`"),
    "greek": (";ςερτυθιοπ[]", "ασδφγηξκλ΄'", "ζχψωβνμ,./", "`"),
    "arabic": ("ضصثقفغعهخحجد", "شسيبلاتنمكط", "ئءؤر ىةوزظ", "ذ"),
    "persian": ("ضصثقفغعهخحجچ", "شسیبلاتنمکگ", "ظطزرذدپو./", "ژ"),
    "hebrew": ("/'קראטוןםפ][", "שדגכעיחלךף,", "זסבהנמצתץ.", ";"),
}
_SHIFTED = str.maketrans(
    "`1234567890-=[]\\;',./" + string.ascii_lowercase, '~!@#$%^&*()_+{}|:"<>?' + string.ascii_uppercase
)
_ARABIC = {"؟": "?", "؛": ":", "،": ","}  # with shift

LAYOUTS = tuple(_TABLES)


def _table(name: str) -> dict[str, str]:
    keys: dict[str, str] = {}
    for ours, theirs in zip(_ROWS, _TABLES[name], strict=True):
        for us, character in zip(ours, theirs, strict=True):
            if not character.isascii():  # an ASCII character keeps its meaning wherever its key is
                keys[character] = us
                upper = character.upper()
                if upper not in (character, "Σ") and len(upper) == 1:
                    keys.setdefault(upper, shifted(us))
    more = {"greek": {"Σ": "S"}, "arabic": _ARABIC, "persian": _ARABIC}
    return {**more.get(name, {}), **keys}


def shifted(character: str) -> str:
    """Return what a key of a US keyboard types with shift."""
    return character.translate(_SHIFTED)


class Positions:
    """Reads the keys of one layout, or of none, by their position."""

    def __init__(self, layout: str = "") -> None:
        self._keys: dict[str, str] = {}
        self.choose(layout)

    def choose(self, layout: str) -> None:
        """Use this layout from now on; an empty name for none."""
        self.layout = layout
        self._keys = _table(layout) if layout else {}

    def at_position_of(self, character: str) -> str:
        """Return the character of a US keyboard at the position of another one; empty if that isn't known.

        Letters of full width, as input methods for Chinese and Japanese type them, are those of the same name.
        """
        plain = unicodedata.normalize("NFKC", character)
        return self._keys.get(character, plain if plain.isascii() and len(plain) == 1 else "")


def layout_of(character: str) -> str:
    """Return the first layout that has a character; empty if none has."""
    return next((name for name in LAYOUTS if character in _table(name)), "")
