"""Reads the document that an answer is about: its text, from a key, a prompt or a dialogue, and its metadata."""

import re
from collections.abc import Iterator
from hashlib import sha256
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data, KnownText
from db.formats.llm_json.answers import CONTAINERS, Answer
from db.formats.llm_json.dialogues import REQUESTS, Turn, system_of, turns_of
from db.formats.llm_json.prompts import Passage, leaf_values, most_likely, passage_of
from db.formats.shared.objects import list_at, object_at, objects_in, without
from db.io.json_lines import json_type
from db.native import digest

PLAIN_TEXTS = (
    "text", "document", "article", "content", "source_text", "passage", "context", "body", "full_text", "article_text",
    "document_text", "input_text",
)  # fmt: skip
_PROMPTS = ("input", "inputs", "prompt", "user_prompt", "query", "question", "instruction")
TEXTS = (*PLAIN_TEXTS, *_PROMPTS)
"""Keys of a text, or of a prompt that holds it, the likelier ones first."""

LOG_KEYS = frozenset(("conversation_id", "datetime_utc", "duration_ms", "prompt_json", "options_json", "schema_json"))
_IDS = ("document_id", "doc_id", "id")
CALL_IDS = ("custom_id", "key", "recordId")
"""Keys under which a line of a batch has the id of its request."""

_DESCRIBED = {
    "title": ("title", "headline"),
    "publisher": ("publisher",),
    "url": ("url", "link"),
    "published": ("published", "published_at", "date"),
    "language": ("language", "lang"),
}
_MODELS = ("model", "extractor", "model_name", "annotator", "coder", "modelVersion", "model_id", "modelId")
_SYSTEMS = ("system", "system_prompt", "instruction", "instructions")
_DIALOGUE = frozenset(("messages", "contents", "choices", "candidates", "conversations", "tools", "functions"))
_EXPAND = "write the logs with `llm logs --json --expand`"
_MAX_DEPTH = 5
_MARK = r"(?:</?[^<>\n]+>|```\w*|~~~|\"\"\"|''')"
# A label of few words, and the mark where the text begins or ends, say nothing without it.
_BEFORE_TEXT = re.compile(rf"(?:(?:\A|\n)[ \t#*]*(?:[^\s:：]+[ \t]+){{0,2}}[^\s:：]+[:：][ \t*]*)?\s*{_MARK}?\s*\Z")
_AFTER_TEXT = re.compile(rf"\A\s*{_MARK}?\s*(?:\S{{1,20}}[:：]\s*\Z)?")


class Found(NamedTuple):
    """A text, the keys of the record that it uses, the object around it, and how it was found, in words."""

    text: str | None
    used: frozenset[str] = frozenset()
    about: Data = {}  # noqa: RUF012 (never changed)
    how: str = ""


def is_log(data: Data) -> bool:
    """Return True if an object is a row of the logs of simonw/llm."""
    return {"prompt", "response"} <= data.keys() and bool(LOG_KEYS & data.keys())


def text_of(data: Data, answer: Answer | None) -> Found:
    """Return the text that a record is about. Raises InputError if it is under a key, but no text."""
    values = [value for item in answer.items for value in leaf_values(item.value)] if answer else []
    if is_log(data):
        fragments = list(_fragments(data))
        prompt = data["prompt"] if isinstance(data["prompt"], str) else ""
        passage = passage_of(prompt, values)
        text = passage.text if not fragments else "\n".join(part for part in (*fragments, prompt) if part)
        return Found(text or None, frozenset(("prompt",)), how="" if fragments else passage.how)
    answered = {str(part.places[0][0]) for part in answer.parts if part.places[0]} if answer else set()
    wrong: InputError | None = None
    for key in TEXTS:
        held = data.get(key)
        if held is None or key in answered:
            continue
        if isinstance(held, str):
            if held.strip():
                within = passage_of(held, values) if key in _PROMPTS else Passage(held)
                return Found(within.text, frozenset((key,)), how=within.how)
        elif isinstance(held, dict):
            inner = text_within(held)
            if inner is not None:
                within = passage_of(inner, values) if key in _PROMPTS else Passage(inner)
                return Found(within.text, frozenset((key,)), held, within.how)
        elif not isinstance(held, list):
            wrong = wrong or InputError(f"{key}: must be text, is {json_type(held)}")
    if turns := turns_of(data):
        prompts = [turn.text for turn in turns if turn.role == "user" and turn.text]
        if prompts:
            passage = passage_of(most_likely(prompts, values), values)
            return Found(passage.text, frozenset(), how=passage.how)
    if wrong:
        raise wrong
    return Found(None)


def text_within(held: Data) -> str | None:
    """Return the text in an object that holds it with its description; None if there is none."""
    for name in TEXTS:
        if isinstance(value := held.get(name), str) and value.strip():
            return value
    if turns_of({"input": held}):
        return None
    long = [value for value in held.values() if isinstance(value, str) and len(value.split()) > 2]
    return max(long, key=len, default=None)


def document_of(data: Data, found: Found, known_text: KnownText, *, of_call: bool) -> tuple[Data, str | None]:
    """Return the document without its events, and the name of the model. Other keys are kept under ``llm_json``.

    ``of_call``: the record is one of an interface, whose ids are no document's. Raises InputError if there is no text.
    """
    log, about, text = is_log(data), found.about, found.text
    used = set(found.used)
    document: Data = {}
    is_call = of_call or any(isinstance(data.get(key), str) for key in CALL_IDS)
    own_keys = [] if log or (is_call and not found.used) else [data]
    described = [about, *own_keys, *(object_at(data, key) for key in ("metadata", "meta"))]
    for name, keys in _DESCRIBED.items():
        for holder, alias in ((holder, alias) for holder in described for alias in keys):
            value = holder.get(alias)
            if isinstance(value, str) and value.strip():
                document[name] = value
                used |= {alias} if holder is data else set()
                break
    own = None if log or is_call else _id(about, data, used)
    call = next((data[key] for key in CALL_IDS if isinstance(data.get(key), str)), None)
    for known in (own, call):
        if known is not None and own is None and (kept := known_text(known)) is not None:
            if text is None or kept in text or text in kept:
                own, text = known, kept
        elif known is not None and text is None and "title" not in document:
            text = known_text(known)
    if text is not None:
        document["text"] = text
    if text is None and "title" not in document:
        if call is not None:
            raise InputError(f"no text for {call}; import the file of the requests in the same command")
        raise InputError(f"no text; add it under one of the keys {', '.join(TEXTS[:5])} or prompt")
    # As the native form derives it, so that answers of several models about a text share a document.
    document["id"] = own or f"doc-{digest([document.get(name) for name in ('title', 'text', 'url', 'published')])}"
    extractor = model_of(data)
    used |= {name for name in _MODELS if data.get(name) == extractor}
    others = without(data, *used, *CONTAINERS, *_DIALOGUE, *(REQUESTS if is_call else ()))
    rest = {name: value for name, value in others.items() if value not in (None, "", [], {})}
    if unused := without(about, *TEXTS, *_IDS, *used, *(alias for keys in _DESCRIBED.values() for alias in keys)):
        rest["document"] = unused
    return document | ({"llm_json": rest} if rest else {}), extractor


def model_of(data: Data, depth: int = 0) -> str | None:
    """Return the name of the model that a record, or the request or response in it, gives."""
    for name in _MODELS:
        if isinstance(data.get(name), str) and data[name].strip():
            return str(data[name])
    if depth < _MAX_DEPTH:
        for value in data.values():
            inner = value[0] if isinstance(value, list) and len(value) == 1 else value
            if isinstance(inner, dict) and (found := model_of(inner, depth + 1)):
                return found
    return None


def instructions_of(data: Data, text: str, turns: list[Turn] | None = None) -> str:
    """Return the system prompt of a record, and what its prompt has beside the text."""
    turns = turns_of(data) if turns is None else turns
    parts = [turn.text for turn in turns if turn.role == "system"] or [system_of(data)]
    prompts = [turn.text for turn in turns if turn.role == "user"]
    prompts += [data[key] for key in (*_PROMPTS, *_SYSTEMS) if isinstance(data.get(key), str)]
    for prompt in dict.fromkeys(prompt for prompt in prompts if prompt and prompt != text):
        before, found, after = prompt.rpartition(text)
        if found:
            parts += [_BEFORE_TEXT.sub("", before), _AFTER_TEXT.sub("", after)]
        elif any(data.get(key) == prompt for key in _SYSTEMS):
            parts.append(prompt)
    return "\n\n".join(dict.fromkeys(part.strip() for part in parts if part and part.strip()))


def _id(about: Data, data: Data, used: set[str]) -> str | None:
    for holder in (about, data):
        for name in _IDS:
            value = holder.get(name)
            if type(value) is int or (isinstance(value, str) and value):
                if holder is data:
                    used.add(name)
                return str(value)
    return None


def _fragments(data: Data) -> Iterator[str]:
    """Yield the texts that were passed to llm with ``-f``. Raises InputError if they are truncated."""
    items: list[Any] = list_at(data, "prompt_fragments")
    if len(objects_in(items)) != len(items) or not all(isinstance(item.get("content"), str) for item in items):
        raise InputError(f"prompt_fragments: must be objects with a content; {_EXPAND}")
    for item in items:
        text = item["content"]
        if isinstance(item.get("hash"), str) and sha256(text.encode()).hexdigest() != item["hash"]:
            raise InputError(f"prompt_fragments: truncated; {_EXPAND}")
        yield text
