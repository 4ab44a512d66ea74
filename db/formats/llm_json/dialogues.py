"""Finds what was asked and what was answered in the messages of any model's interface, with their places.

Read are the requests, responses, batch lines and logs of OpenAI (chat, completions and responses), Anthropic, Gemini,
Bedrock and Ollama, LangChain's messages, runs and generations, and data sets of messages or conversations.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

from db.errors import InputError
from db.formats.format import Data
from db.io.answers.json_places import Key
from db.io.json_lines import shorten

Path = tuple[Key, ...]

_LISTS = ("messages", "contents", "conversations", "conversation", "dialogue", "dialog", "chat", "turns", "history")
_ROLES = ("role", "from", "type", "speaker", "author")
_CONTENTS = ("content", "value", "parts", "text", "message")
_USER = frozenset(("user", "human", "humanmessage", "prompter"))
_MODEL = frozenset(("assistant", "gpt", "model", "ai", "bot", "chatbot", "aimessage", "aimessagechunk", "chatgpt"))
_SYSTEM = frozenset(("system", "developer", "systemmessage"))
REQUESTS = ("request", "body", "params", "kwargs", "input", "inputs", "modelInput", "prompt", "data", "raw_request")
"""Keys under which a record keeps a request."""

_WRAPPERS = (
    "response", "body", "result", "results", "output", "outputs", "modelOutput", "raw_response", "_raw_response",
    "completion", "data", "kwargs", "raw",
)  # fmt: skip
_SYSTEM_KEYS = ("system", "systemInstruction", "system_instruction", "instructions", "system_prompt")
_MAX_DEPTH = 8
_THOUGHTS = frozenset(("thinking", "reasoning", "redacted_thinking", "tool_result", "reasoning_content"))


class Part(NamedTuple):
    """A part of an answer: its value (words with JSON, or JSON), the places that hold it, and the tool it calls.

    Words may be divided over several places.
    """

    value: Any
    places: tuple[Path, ...]
    tool: str | None = None


class Turn(NamedTuple):
    """A message: who speaks (user, model, system or another role), and its parts."""

    role: str
    parts: tuple[Part, ...]

    @property
    def text(self) -> str | None:
        """The words of the message; None if it has none."""
        return next((part.value for part in self.parts if isinstance(part.value, str) and part.tool is None), None)


class Refused(InputError):
    """An answer without content, with the reason that the interface gives."""


def turns_of(data: Data) -> list[Turn]:
    """Return the messages of a request, of a dialogue, or of a record that holds either; none if there are none."""
    found = next(_dialogues(data, (), 0), [])
    if not found and isinstance(prompt := data.get("prompt"), list) and all(isinstance(item, str) for item in prompt):
        return [Turn("user", (Part(prompt[0], (("prompt", 0),)),))] if len(prompt) == 1 else []
    return found


def system_of(data: Data, depth: int = 0) -> str | None:
    """Return the system prompt that a request, or a record that holds one, gives beside its messages."""
    for key in _SYSTEM_KEYS:
        if (parts := _parts(data.get(key), ())) and isinstance(parts[0].value, str):
            return parts[0].value
    holders = (data[key] for key in REQUESTS if isinstance(data.get(key), dict)) if depth < _MAX_DEPTH else ()
    return next((found for holder in holders if (found := system_of(holder, depth + 1))), None)


def _dialogues(value: Data, path: Path, depth: int) -> Iterator[list[Turn]]:
    for key in (*_LISTS, "input", "prompt", "inputs"):
        if turns := _turns(value.get(key), (*path, key)):
            yield turns
    if depth < _MAX_DEPTH:
        for key in REQUESTS:
            if isinstance(held := value.get(key), dict):
                yield from _dialogues(held, (*path, key), depth + 1)


def _turns(value: Any, path: Path) -> list[Turn]:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        return _turns(value[0], (*path, 0))  # LangChain's batches
    if not isinstance(value, list) or not value:
        return []
    turns = []
    for number, item in enumerate(value):
        turn = _turn(item, (*path, number)) if isinstance(item, dict) else None
        if turn is None:
            return []
        turns.append(turn)
    return turns


def _turn(item: Data, path: Path) -> Turn | None:
    """Return a message in any interface's form; None if an object is none."""
    if isinstance(item.get("kwargs"), dict) and isinstance(item.get("id"), list) and item["id"]:  # LangChain's dumpd
        role = str(item["id"][-1]).lower()
        item, path = item["kwargs"], (*path, "kwargs")
    else:
        found = next((item[key] for key in _ROLES if isinstance(item.get(key), str)), None)
        if found is None:
            if isinstance(item.get("parts"), list):  # Gemini's single request
                return Turn("user", _parts(item["parts"], (*path, "parts")))
            return None
        role = found.lower()
        if isinstance(item.get("data"), dict) and "content" in item["data"]:  # LangChain's messages_to_dict
            item, path = item["data"], (*path, "data")
    parts = _message(item, path)
    if not parts and not any(key in item for key in _CONTENTS):
        return None
    spoken = "user" if role in _USER else "model" if role in _MODEL else "system" if role in _SYSTEM else role
    return Turn(spoken, parts)


def _message(item: Data, path: Path) -> tuple[Part, ...]:
    """Return the parts of a message: the tools it calls, or else its words."""
    calls: list[Part] = []
    for number, call in enumerate(_listed(item.get("tool_calls"))):
        calls += _call(call, (*path, "tool_calls", number))
    if isinstance(item.get("function_call"), dict):
        calls += _call(item["function_call"], (*path, "function_call"))
    if calls:
        return tuple(calls)
    if item.get("parsed") is not None and isinstance(item["parsed"], dict | list):
        return (Part(item["parsed"], ((*path, "parsed"),)),)
    for key in _CONTENTS:
        if parts := _parts(item.get(key), (*path, key)):
            return parts
    return ()


def _call(call: Any, path: Path) -> Iterator[Part]:
    if not isinstance(call, dict):
        return
    if isinstance(call.get("function"), dict):
        call, path = call["function"], (*path, "function")
    name = call.get("name") if isinstance(call.get("name"), str) else ""
    for key in ("arguments", "args", "input", "parameters"):
        if isinstance(call.get(key), str | dict | list):
            yield Part(call[key], ((*path, key),), name or "")
            return


def _parts(value: Any, path: Path) -> tuple[Part, ...]:
    """Return the parts of a message's content: a text, or a list of blocks, of which thoughts are left out."""
    if isinstance(value, str):
        return (Part(value, (path,)),) if value.strip() else ()
    if isinstance(value, dict) and isinstance(value.get("parts"), list):
        return _parts(value["parts"], (*path, "parts"))
    words: list[tuple[str, Path]] = []
    calls: list[Part] = []
    for number, block in enumerate(_listed(value)):
        at = (*path, number)
        if isinstance(block, str):
            words.append((block, at))
        if not isinstance(block, dict) or block.get("type") in _THOUGHTS or block.get("thought") is True:
            continue
        if isinstance(block.get("text"), str):
            words.append((block["text"], (*at, "text")))
        for key in ("functionCall", "function_call", "toolUse"):
            if isinstance(block.get(key), dict):
                calls += _call(block[key], (*at, key))
        if block.get("type") in ("tool_use", "tool_call", "function_call"):
            calls += _call(block, at)
        if isinstance(block.get("json"), dict | list):
            calls.append(Part(block["json"], ((*at, "json"),)))
    if calls:
        return tuple(calls)
    joined = "".join(text for text, _ in words)
    return (Part(joined, tuple(at for _, at in words)),) if joined.strip() else ()


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def answer_in(value: Any, path: Path, depth: int = 0) -> tuple[Part, ...]:
    """Return the parts of an answer within a response of any interface; none if it is not one.

    Raises Refused if it is one without an answer.
    """
    if isinstance(value, list) and value and depth < _MAX_DEPTH:
        first = value[0]
        may_hold = isinstance(first, list) or (isinstance(first, dict) and ("message" in first or "text" in first))
        if may_hold and (parts := answer_in(value[0], (*path, 0), depth + 1)):  # LangChain's generations
            return parts
        if isinstance(value[0], dict) and str(value[0].get("text"))[:1] in ("[", "{", "`"):
            return _parts(value[0]["text"], (*path, 0, "text"))
        return _output_items(value, path)
    if not isinstance(value, dict) or depth >= _MAX_DEPTH:
        return ()
    for key in ("choices", "candidates", "generations"):
        if isinstance(value.get(key), list) and (value[key] or "promptFeedback" in value or "usage" in value):
            return _choice(value, key, (*path, key), depth)
    if value.get("object") == "response" and isinstance(value.get("output"), list):
        return _output_items(value["output"], (*path, "output"), must=True)
    if "promptFeedback" in value:
        raise Refused(f"no answer: {_reason(value['promptFeedback'], 'blockReason', 'block_reason')}")
    _refuse_error(value)
    if isinstance(value.get("message"), dict) and (parts := answer_in(value["message"], (*path, "message"), depth + 1)):
        return parts
    turn = _turn(value, path) if value.get("role") or isinstance(value.get("kwargs"), dict) else None
    if turn is not None and turn.role in ("model", "message"):
        return _said(value, turn.parts)
    for key in _WRAPPERS:
        if isinstance(held := value.get(key), dict | list) and (parts := answer_in(held, (*path, key), depth + 1)):
            return parts
    return ()


def _choice(value: Data, key: str, path: Path, depth: int) -> tuple[Part, ...]:
    if not value[key]:
        raise Refused(f"no answer: {_reason(value.get('promptFeedback'), 'blockReason', 'block_reason')}")
    choice = value[key][0]
    if isinstance(choice, list):
        return answer_in(choice, (*path, 0), depth + 1)
    if not isinstance(choice, dict):
        return (Part(choice, ((*path, 0),)),) if isinstance(choice, str) else ()
    for name in ("message", "content", "delta"):
        if isinstance(choice.get(name), dict):
            inner, at = choice[name], (*path, 0, name)
            if isinstance(inner.get("kwargs"), dict):
                inner, at = inner["kwargs"], (*at, "kwargs")
            return _said(inner | {"finish_reason": _finish(choice)}, _message(inner, at))
    if isinstance(choice.get("text"), str):
        return _said(choice, _parts(choice["text"], (*path, 0, "text")))
    raise Refused(f"no answer: {_finish(choice) or 'empty'}")


def _output_items(value: list[Any], path: Path, *, must: bool = False) -> tuple[Part, ...]:
    """Return the answer in the output items of OpenAI's responses."""
    found: list[Part] = []
    words: tuple[Part, ...] = ()
    for number, item in enumerate(value):
        if not isinstance(item, dict) or not isinstance(item.get("type"), str):
            return ()
        if item["type"] in ("function_call", "tool_call"):
            found += _call(item, (*path, number))
        elif item["type"] == "message" and (item.get("role") == "assistant" or must):
            _refuse_words(item)
            words = words or _message(item, (*path, number))
    if not found and not words and must:
        raise Refused("no answer: it is empty")
    return tuple(found) or words


def _said(value: Data, parts: tuple[Part, ...]) -> tuple[Part, ...]:
    """Return the parts of a model's message. Raises Refused if it has none, with the reason."""
    _refuse_words(value)
    if not parts:
        raise Refused(f"no answer: {_finish(value) or 'it is empty'}")
    return parts


def _finish(value: Data) -> str:
    keys = ("finish_reason", "finishReason", "stop_reason", "stopReason", "done_reason")
    reason = next((value[key] for key in keys if isinstance(value.get(key), str)), "")
    return f"it ended with {reason}" if reason else ""


def _refuse_words(value: Data) -> None:
    refusals = [
        value.get("refusal"),
        *(item.get("refusal") for item in _listed(value.get("content")) if isinstance(item, dict)),
    ]
    refusal = next((item for item in refusals if isinstance(item, str) and item.strip()), None)
    if refusal is not None:
        raise Refused(f'the model refused: "{shorten(refusal)}"')


def _refuse_error(value: Data) -> None:
    error = value.get("error")
    kind = value.get("type")
    if kind in ("errored", "expired", "canceled", "cancelled") or (isinstance(error, dict) and error):
        inner = error if isinstance(error, dict) else {}
        inner = inner["error"] if isinstance(inner.get("error"), dict) else inner
        message = inner.get("message") or inner.get("code") or kind
        raise Refused(f"no answer, but an error: {shorten(str(message))}")
    if isinstance(error, str) and error.strip() and not any(value.get(key) for key in ("response", "output", "result")):
        raise Refused(f"no answer, but an error: {shorten(error)}")


def _reason(value: Any, *keys: str) -> str:
    found = next((str(value[key]) for key in keys if value.get(key)), None) if isinstance(value, dict) else None
    return f"the prompt was blocked ({found})" if found else "it is empty"
