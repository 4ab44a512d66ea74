"""Finds the text that a prompt is about, among the instructions and examples around it.

A text is between tags, fences or triple quotation marks, or follows a label such as ``Article:``. Of several, it is the
one that has the most values of the answer, and the last of those; without any, the whole prompt is the text.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from db.errors import InputError
from db.io.json_lines import decode_at

_TAGS = (
    r"article|doc|document|document_content|documents|text|source|source_text|passage|content|input|news|news_article"
    r"|story|report|transcript|user_input|context|page|body|message|post|tweet|email|excerpt|paragraph|sentence|data"
)
_TAGGED = re.compile(rf"<({_TAGS})(?:\s[^<>]*)?>", re.IGNORECASE)
_FENCED = re.compile(r"(```|~~~)[\w-]*[ \t]*\n(.*?)\n?[ \t]*\1", re.DOTALL)
_QUOTED = re.compile(r"(\"\"\"|''')(.*?)\1", re.DOTALL)
_NOUNS = (
    r"text|article|document|passage|story|report|content|input|message|tweet|post|news|transcript|paragraph|sentence"
    r"|context|source|abstract|email|dispatch|excerpt|body|artikel|texte|texto|testo|artículo|articolo|meldung|bericht"
    r"|текст|статья|новость|стаття|文本|文章|新闻|本文|記事|نص|المقال"
)
_BELOW = (
    r"(?:below|here|above|follows|begins|starts|to \w+|in \w+|\([^()\n]*\)|ci-dessous|suivant|siguiente|unten|ниже)"
)
_ASKS = (
    r"(?:extract|find|list|identify|read|analy[sz]e|given|from|consider|annotate|here|below|this|the following|return"
    r"|detect|please|use|process|task|answer|parse|your|you|what|which)"
)
_LABEL = re.compile(
    rf"^[ \t#*>\-]*(?:(?:[^\s:：]+[ \t]+){{0,2}}|{_ASKS}\b[^\n:：]{{0,300}}[ \t]"
    r"|[^\n:：]{0,300}[ \t](?=[^\n:：]{0,80}[:：][ \t*]*\n))"
    rf"(?:{_NOUNS})[sen]{{0,2}}[ \t*]*{_BELOW}?[ \t*]*[:：][ \t*]*",
    re.IGNORECASE | re.MULTILINE,
)
_CJK_LABEL = re.compile(
    r"^[ \t#*]*[^\n:：]{0,40}?(?:文本|文章|新闻|本文|記事)[^\n:：。]{0,10}[:：][ \t*]*", re.MULTILINE
)
_NEXT = re.compile(
    r"\n[ \t#*]*(?:output|outputs|answer|json|events?|response|extraction|result|assistant|return|now |respond|note"
    r"|ausgabe|antwort|réponse|respuesta|risposta|ответ|输出|回答)[^\n:：]{0,60}[:：]?[ \t*]*(?:\n|\Z|[\[{])",
    re.IGNORECASE,
)
_LEAST = 12  # characters of a text
_MOST_BLOCKS = 100
_MOST_VALUES = 200
_SHARE = 2 / 3  # of the values in the prompt that the text has


class Passage(NamedTuple):
    """A part of a prompt, and in words how it was found; an empty ``how`` if it is the whole prompt."""

    text: str
    how: str = ""


def passage_of(prompt: str, values: Iterable[str]) -> Passage:
    """Return the text that a prompt is about. ``values``: those of the answer, by which one of several is chosen."""
    found = [(start, Passage(prompt[start:end].strip(), how)) for start, end, how in _candidates(prompt)]
    found = [item for item in found if len(item[1].text) >= _LEAST and not _is_json(item[1].text)]
    if not found:
        return Passage(prompt)
    folded = prompt.casefold()
    present = [value for value in dict.fromkeys(values) if value in folded][:_MOST_VALUES]
    scored = []
    for start, passage in found:
        within = passage.text.casefold()
        scored.append((sum(value in within for value in present), start, passage))
    hits, _, best = max(scored, key=lambda item: item[:2])
    return best if hits >= _SHARE * len(present) else Passage(prompt)


def leaf_values(value: Any) -> Iterator[str]:
    """Yield the texts and numbers within a value, as ``passage_of`` compares them."""
    if isinstance(value, dict):
        for item in value.values():
            yield from leaf_values(item)
    elif isinstance(value, list):
        for item in value:
            yield from leaf_values(item)
    elif isinstance(value, str) and len(value) > 1:
        yield value.casefold()
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield str(value)


def most_likely(prompts: list[str], values: Iterable[str]) -> str:
    """Return the one of a user's messages that has the most values of the answer; the last of those."""
    if len(prompts) == 1:
        return prompts[0]
    known = list(dict.fromkeys(values))[:_MOST_VALUES]
    scores = [sum(value in prompt.casefold() for value in known) for prompt in prompts]
    if not any(scores):  # the last words may be a short question about a text before
        longest = max(map(len, prompts))
        return next(prompt for prompt in reversed(prompts) if 4 * len(prompt) >= longest)
    return next(
        prompt for prompt, score in zip(reversed(prompts), reversed(scores), strict=True) if score == max(scores)
    )


def _candidates(prompt: str) -> Iterator[tuple[int, int, str]]:
    for _, match in zip(range(_MOST_BLOCKS), _TAGGED.finditer(prompt), strict=False):
        end = prompt.find(f"</{match[1]}>", match.end())
        if end >= 0:
            yield match.end(), end, f"between <{match[1]}> and </{match[1]}>"
    for pattern, how in ((_FENCED, "within a fenced block"), (_QUOTED, "between triple quotation marks")):
        for _, match in zip(range(_MOST_BLOCKS), pattern.finditer(prompt), strict=False):
            yield *match.span(2), how
    labels = sorted(
        {match.span(): match for pattern in (_LABEL, _CJK_LABEL) for match in pattern.finditer(prompt)}.items()
    )[:_MOST_BLOCKS]
    for number, ((_, start), match) in enumerate(labels):
        end = len(prompt)
        if stop := _NEXT.search(prompt, start):
            end = stop.start()
        following = next((begin for (begin, _), _ in labels[number + 1 :] if begin >= start), end)
        how = f'after "{" ".join(match[0].split())[-40:]}"'
        yield start, end, how
        if following < end:
            yield start, following, how


def _is_json(text: str) -> bool:
    if not text.startswith(("{", "[")):
        return False
    try:
        return not text[decode_at(text, 0)[1] :].strip()
    except InputError:
        return False
