"""Reads JSON as language models write it: alone, in code blocks, an object a line, or with words around it."""

import re
from typing import Any, NamedTuple

from db.errors import InputError
from db.io.answers.json_places import Node
from db.io.answers.loose_json import CUT, parse_places
from db.io.json_lines import decode_at, shorten

# A fence of its own line ends at such a line, so that a text within may have one; a fence within a line at the next.
_FENCED = re.compile(
    r"(?:```|~~~)(?P<name>[\w-]*)[ \t]*(?:\n(?P<lines>.*?)(?:\n[ \t]*(?:```|~~~)|\Z)|(?P<words>.*?)(?:```|~~~|\Z))",
    re.DOTALL,
)
_JSON_START = re.compile(r"""[\[{]\s*(?:["'“{\[\]}]|\w+\s*[:(=])|[{\[]\s*\Z""")
_JSON_NAME = re.compile(r"(?:json\w*|ndjson|js|javascript|py\w*|te?xt|output)?", re.IGNORECASE)
_ALONE = re.compile(r"\s*[\[{]")
_BEFORE_PART = re.compile(r'(?:[\[{]|["}\]\d]\s*[,:])\s*\Z')
_THOUGHTS = re.compile(r"<(think|thinking|thought|reasoning|scratchpad|analysis|reflection)>.*?</\1>", re.DOTALL)
_OPEN_THOUGHT = re.compile(r"\s*<(?:think|thinking|reasoning)>")
_END_OF_THOUGHTS = re.compile(r".*(?:</think>|<\|message\|>)", re.DOTALL)
_REFUSAL = re.compile(
    r"\W*(?:i['’]?m (?:very |really |so )?sorry|sorry|i apologi[sz]e|my apologies|as an ai|unfortunately,? i"
    r"|i (?:can(?:no|['’])?t|cannot|am unable|won['’]t)|i['’]m (?:unable|not able)"
    r"|es tut mir leid|(?:je suis )?désolé|lo siento|mi dispiace|desculpe|к сожалению|извините|вибачте"
    r"|抱歉|对不起|申し訳)",
    re.IGNORECASE,
)
_LOOK_BACK = 100  # characters
_MAX_TRIED = 50  # code blocks of an answer, or places where JSON may start
_MAX_BLOCKS = 1000


class Block(NamedTuple):
    """A JSON value in a text, at ``[start, end)``. problems: what in it is not JSON."""

    value: Any
    start: int
    end: int
    problems: tuple[str, ...] = ()


def parse_answer(text: str, where: str) -> tuple[Any, tuple[str, ...]]:
    """Return the JSON in a text, and notes; of several values a list, in which equal objects are once.

    Errors and notes begin with ``where``. Raises InputError.
    """
    blocks, notes = blocks_of(text, where)
    if len(blocks) == 1:
        return blocks[0].value, notes
    items: list[Any] = []
    for block in blocks:
        values = block.value if isinstance(block.value, list) else [block.value]
        items += (value for value in values if value not in items)
    return items, notes


def blocks_of(text: str, where: str) -> tuple[list[Block], tuple[str, ...]]:
    """Return the objects and lists in a text, and notes. Raises InputError if there are none."""
    plain = _without_thoughts(text)
    if (encoded := _text_in_text(plain)) is not None:
        value, notes_within = parse_answer(encoded, where)
        start = len(plain) - len(plain.lstrip())
        twice = Block(value, start, len(plain.rstrip()), ("the encoding of a text",))
        return [twice], (f"{where}: the JSON is encoded twice", *notes_within)
    found, reason, tried = _values(plain, 0, len(plain))
    notes: list[str] = []
    fences = _fences(plain)
    if fences and not (len(found) == 1 and not plain[: found[0].start].strip() and not plain[found[0].end :].strip()):
        fenced: list[Block] = []
        for start, end in fences:
            inner, inner_reason, _ = _values(plain, start, end)
            fenced += inner
            reason = inner_reason or reason  # the last code block is the likeliest to be the answer
        found = fenced or ([] if reason else found)
    elif found and _has_words(plain, found):
        notes.append(f"{where}: ignored the words around the JSON")
    if not found:
        raise InputError(f"{where}: {_why_none(text, plain, reason if tried else None)}")
    for problem in dict.fromkeys(problem for block in found for problem in block.problems):
        if problem == CUT:
            notes.append(f"{where}: the JSON is cut off; what is complete is read, the rest is missing")
        else:
            notes.append(f"{where}: the JSON has {problem}")
    return found, tuple(notes)


def node_of(text: str, blocks: list[Block]) -> Node:
    """Return the values of a text with the places of everything in them; several are like the items of a list."""
    nodes = [parse_places(text, block.start, alone=False)[0] for block in blocks]
    if len(nodes) == 1:
        return nodes[0]
    return Node([node.value for node in nodes], nodes[0].start, nodes[-1].end, nodes)


def _text_in_text(text: str) -> str | None:
    """Return the text that a text is the JSON of; None if it isn't."""
    if not text.lstrip().startswith('"[') and not text.lstrip().startswith('"{'):
        return None
    try:
        value, end = decode_at(text.strip(), 0)
    except InputError:
        return None
    return value if isinstance(value, str) and end == len(text.strip()) else None


def _fences(text: str) -> list[tuple[int, int]]:
    """Return where the contents of code blocks are, without those of other languages if there are any left."""
    found = [match for _, match in zip(range(_MAX_TRIED), _FENCED.finditer(text), strict=False)]
    likely = [match for match in found if _JSON_NAME.fullmatch(match["name"])]
    return [match.span("lines" if match["lines"] is not None else "words") for match in likely or found]


def _values(text: str, start: int, end: int) -> tuple[list[Block], InputError | None, bool]:
    """Return the values in a part of a text, why another is none, and True if one may begin there."""
    found: list[Block] = []
    reason: InputError | None = None
    tried = 0
    at = start
    within = text if end == len(text) else text[:end]
    while tried < _MAX_TRIED and len(found) < _MAX_BLOCKS:
        match = (at == start and _ALONE.match(within, at)) or _JSON_START.search(within, at)
        if not match:
            break
        begin = match.end() - 1 if match.re is _ALONE else match.start()
        at = begin + 1
        if _BEFORE_PART.search(within[max(start, begin - _LOOK_BACK) : begin]) and not (
            found and not within[found[-1].end : begin].strip(" \t\r\n,")
        ):
            continue  # a part of invalid JSON isn't the answer
        try:
            block = _value_at(within, begin)
        except InputError as error:
            reason = reason or error
            tried += 1 if "nested" not in str(error) else _MAX_TRIED
            continue
        if block.value in ([], {}) and CUT in block.problems:
            reason = reason or InputError("it is cut off before its first object is complete")
            tried += 1
            continue
        found.append(block)
        at = block.end
    return found, reason, tried > 0


def _value_at(text: str, start: int) -> Block:
    try:
        value, end = decode_at(text, start)
        return Block(value, start, end)
    except InputError as error:
        strict = error
    try:
        node, problems = parse_places(text, start, alone=False)
    except InputError:
        raise strict from None
    if isinstance(node.value, dict) and not node.is_whole and not _holds_list(node):
        return Block({}, start, node.end, problems)  # the object itself is not complete
    return Block(node.value, start, node.end, problems)


def _holds_list(node: Node) -> bool:
    return isinstance(node.members, dict) and any(
        isinstance(item.members, list) or _holds_list(item) for item in node.members.values()
    )


def _has_words(text: str, found: list[Block]) -> bool:
    at = 0
    for block in found:
        if text[at : block.start].strip(" \t\r\n,"):
            return True
        at = block.end
    return bool(text[at:].strip())


def _without_thoughts(text: str) -> str:
    """Return a text of the same length with blanks in place of what the model thought."""
    if "<" not in text:
        return text
    text = _THOUGHTS.sub(lambda match: " " * len(match[0]), text)
    if _OPEN_THOUGHT.match(text):
        return " " * len(text)
    if (end := _END_OF_THOUGHTS.match(text)) and _JSON_START.search(text, end.end()):
        text = " " * end.end() + text[end.end() :]
    return text


def _why_none(text: str, plain: str, reason: InputError | None) -> str:
    if reason is not None:
        return f"invalid JSON ({reason}); correct it and import it again"
    words = " ".join(plain.split())
    if _OPEN_THOUGHT.match(text):
        return "the answer ends within the model's thoughts; raise its limit of tokens and ask again"
    if words.lower() in ("null", "none", "undefined"):
        return "is null: the model gave no answer; ask it again"
    if _REFUSAL.match(words):
        return f'the model refused: "{shorten(words)}"; ask it again'
    said = f': "{shorten(words)}"' if words else ""
    return f"words without JSON{said}; ask the model for a JSON list of objects"
