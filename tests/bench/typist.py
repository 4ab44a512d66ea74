"""Draws keys at random as a reviewer presses them: mostly moving through events and deciding."""

import random
from collections.abc import Callable, Iterator

Act = list[str]
"""Keys, each a character or a name of ``terminal.KEYS``."""

_VALUES = ("757", "2025-02-14", "about 40", "Kell Bridge", "遗体", "Łódź", "50 to 60", "the north", "é", "обмін")
_QUERIES = (
    "", "status:pending", "type:attack", "killed>=3", "date>=2024-10 status:pending", "sort:-date", "prisoners", "遗体",
    "recipient:*a", "has:note", "is:unsure", "nothing-has-this", "type:(",
)  # fmt: skip
_NAMES = ("day", "country", "nois", "k")
_FINDS = ("the", "on", "in 20")
_REASONS = "hdbgno"
_ESCAPES: Act = ["escape"] * 3


def acts(chance: random.Random) -> Iterator[Act]:
    """Acts without end; what asks something is answered or left, and a lookup is left."""
    drawn = list(_WEIGHTS)
    weights = list(_WEIGHTS.values())
    while True:
        (act,) = chance.choices(drawn, weights)
        yield act(chance)


def _keys(*keys: str) -> Callable[[random.Random], Act]:
    return lambda _: list(keys)


def _often(*keys: str) -> Callable[[random.Random], Act]:
    return lambda chance: [chance.choice(keys)] * chance.randint(1, 8)


def _reject(chance: random.Random) -> Act:
    return ["x", chance.choice(_REASONS)]


def _letters(chance: random.Random) -> Act:
    return [chance.choice("abcdefghijklmnoprstuvwxyz") for _ in range(chance.randint(1, 3))]


def _asked(key: str, texts: tuple[str, ...] = (), labels: bool = True) -> Callable[[random.Random], Act]:
    """A question: perhaps answered by letters, by a text or both, and left if it is still open."""

    def act(chance: random.Random) -> Act:
        keys = [key, *(_letters(chance) if labels and chance.random() < 0.7 else [])]
        if texts and chance.random() < 0.7:
            keys += [*chance.choice(texts), *(["tab"] if chance.random() < 0.1 else []), "enter"]
        return [*keys, *_ESCAPES]

    return act


def _query(chance: random.Random) -> Act:
    return ["/", "ctrl+u", *chance.choice(_QUERIES), "enter" if chance.random() < 0.8 else "escape", "escape"]


def _look_up(chance: random.Random) -> Act:
    asked = ["ctrl+f", *chance.choice(_QUERIES), "enter"] if chance.random() < 0.5 else [chance.choice("*%")]
    return [*asked, *"jjk"[: chance.randint(0, 3)], *_ESCAPES]


def _in_fields(chance: random.Random) -> Act:
    return ["l", *"j" * chance.randint(0, 4), chance.choice(".de."), *_letters(chance), *_ESCAPES, "escape"]


def _select(chance: random.Random) -> Act:
    moves = [chance.choice("wbejkhlvo") for _ in range(chance.randint(1, 12))]
    return ["v", *moves, *([chance.choice(["enter", "s"]), *_letters(chance)] if chance.random() < 0.5 else []),
            *_ESCAPES]  # fmt: skip


def _go_to(chance: random.Random) -> Act:
    return ["ctrl+g", *chance.choice([str(chance.randint(0, 9999)), f"{chance.randint(0, 100)}%", "nowhere"]), "enter",
            *_ESCAPES]  # fmt: skip


_WEIGHTS: dict[Callable[[random.Random], Act], float] = {
    _often("j"): 30,
    _often("k", "J", "K"): 8,
    _keys("a"): 24,
    _reject: 8,
    _often("!", "space"): 5,
    _in_fields: 6,
    _asked("e", _VALUES): 6,
    _asked("f", _VALUES): 6,
    _asked("o", _VALUES): 2,
    _asked("n", ("later", "see the other report", "")): 2,
    _often("u", "ctrl+r"): 6,
    _query: 1,
    _look_up: 1.5,
    _select: 1.5,
    _go_to: 1,
    _asked("m", _NAMES): 1,
    _asked("s"): 1,
    _asked("d"): 1,
    _asked("O", _VALUES): 0.5,
    _asked("D"): 0.5,
    _asked("S"): 0.3,
    _asked("C"): 0.3,
    _asked("N", _NAMES): 0.3,
    _asked("M"): 0.3,
    _asked("t", _NAMES): 0.5,
    _asked("b", _NAMES, labels=False): 0.3,
    _asked("y"): 0.3,
    _asked(":", _NAMES, labels=False): 0.7,
    _asked("/", _FINDS, labels=False): 0.3,
    _keys("?", *"undo", "backspace", "escape"): 0.3,
    _often("ctrl+d", "ctrl+u", "pagedown", "pageup"): 3,
    _often("tab", "shift+tab", "left", "right", "up", "down", "home", "end", "g", "G"): 2,
    _keys("f2"): 0.1,
    _keys("f3", "f3"): 0.1,
}
