"""Reads the document that an answer is about: its text, under one of several keys, and its metadata."""

from hashlib import sha256

from db.errors import InputError
from db.formats.format import Data
from db.formats.llm_json.answers import CONTAINERS
from db.formats.shared.objects import list_at, objects_in, without
from db.io.json_lines import json_type
from db.native import digest

TEXTS = ("text", "document", "article", "content", "source_text", "input", "prompt")
LOG_KEYS = frozenset(("conversation_id", "datetime_utc", "duration_ms", "prompt_json", "options_json", "schema_json"))
_IDS = ("document_id", "doc_id", "id")
_DESCRIBED = {
    "title": ("title", "headline"),
    "publisher": ("publisher",),
    "url": ("url", "link"),
    "published": ("published", "published_at", "date"),
    "language": ("language", "lang"),
}
_MODELS = ("model", "extractor", "model_name", "annotator", "coder")
_EXPAND = "write the logs with `llm logs --json --expand`"


def is_log(data: Data) -> bool:
    """Return True if an object is a row of the logs of simonw/llm."""
    return {"prompt", "response"} <= data.keys() and bool(LOG_KEYS & data.keys())


def unpacked(data: Data) -> Data:
    """Return a dialogue as an object with the last prompt and its response; other objects as they are."""
    for key, role, said in (("messages", "role", "content"), ("conversations", "from", "value")):
        turns = objects_in(data.get(key))
        texts = {turn[role]: turn[said] for turn in turns if isinstance(turn.get(role), str) and said in turn}
        asked = next((texts[name] for name in ("user", "human") if isinstance(texts.get(name), str)), None)
        answered = next((texts[name] for name in ("assistant", "gpt", "model") if name in texts), None)
        if asked is not None and answered is not None:
            others = [turn for turn in turns if turn.get(said) not in (asked, answered)]
            return without(data, key) | {"prompt": asked, "response": answered} | ({key: others} if others else {})
    return data


def document_of_object(data: Data) -> tuple[Data, str | None]:
    """Return the document without its events, and the name of the model. Other keys are kept under ``llm_json``.

    Raises InputError if there is no text.
    """
    log = is_log(data)
    key = "prompt" if log else next((key for key in TEXTS if data.get(key) is not None), None)
    text = data.get(key) if key else None
    about: Data = {}
    if isinstance(text, dict):  # an object with the text and metadata
        about = text
        text = next((about[name] for name in TEXTS if isinstance(about.get(name), str)), None)
    if key is not None and not isinstance(text, str):
        raise InputError(f"{key}: must be text, is {json_type(data[key])}")
    if log:
        text = "\n".join(part for part in (*_fragments(data), text) if part) or None
    used = {key} if key else set()
    document: Data = {}
    for name, keys in _DESCRIBED.items():
        for alias in keys:
            value = about.get(alias, None if log else data.get(alias))
            if isinstance(value, str) and value.strip():
                document[name] = value
                used.add(alias)
                break
    if text is not None:
        document["text"] = text
    if text is None and "title" not in document:
        raise InputError(f"no text; add it under one of the keys {', '.join(TEXTS)}")
    document["id"] = None if log else _id(about, data, used)
    if document["id"] is None:
        # As the native form derives it, so that answers of several models about a text share a document.
        document["id"] = f"doc-{digest([document.get(name) for name in ('title', 'text', 'url', 'published')])}"
    extractor = next((data[name] for name in _MODELS if isinstance(data.get(name), str) and data[name].strip()), None)
    used |= {name for name in _MODELS if data.get(name) == extractor}
    others = without(data, *used, *CONTAINERS)
    rest = {name: value for name, value in others.items() if value not in (None, "", [], {})}
    if unused := without(about, *TEXTS, *_IDS, *used):
        rest["document"] = unused
    return document | ({"llm_json": rest} if rest else {}), extractor


def _id(about: Data, data: Data, used: set[str]) -> str | None:
    for holder in (about, data):
        for name in _IDS:
            value = holder.get(name)
            if type(value) is int or (isinstance(value, str) and value):
                if holder is data:
                    used.add(name)
                return str(value)
    return None


def _fragments(data: Data) -> list[str]:
    """Return the texts that were passed to llm with ``-f``. Raises InputError if they are truncated."""
    texts = []
    for item in list_at(data, "prompt_fragments"):
        if not isinstance(item, dict) or not isinstance(item.get("content"), str):
            raise InputError(f"prompt_fragments: must be objects with a content; {_EXPAND}")
        text = item["content"]
        if isinstance(item.get("hash"), str) and sha256(text.encode()).hexdigest() != item["hash"]:
            raise InputError(f"prompt_fragments: truncated; {_EXPAND}")
        texts.append(text)
    return texts
