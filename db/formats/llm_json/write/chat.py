"""The format ``chat``: each text with its reviewed answer as messages, for fine-tuning and as examples of a prompt."""

import json
from collections.abc import Iterator

from db.errors import InputError
from db.formats.format import Export, Format
from db.formats.llm_json.documents import instructions_of
from db.formats.llm_json.write.writing import Written, answer_json, records_of
from db.formats.shared.versions import source_text
from db.io.answers.loose_json import parse_places


def _write(export: Export) -> Iterator[bytes]:
    for document in export.documents():
        text = source_text(document)
        for written in records_of(document, final=True):
            messages = [{"role": "user", "content": text}, {"role": "assistant", "content": _answer(written)}]
            if system := _instructions(written, text):
                messages.insert(0, {"role": "system", "content": system})
            yield json.dumps({"messages": messages}, ensure_ascii=False).encode() + b"\n"


def _answer(written: Written) -> str:
    if written.shape is None:
        return json.dumps({"events": json.loads(written.raw)["events"]}, ensure_ascii=False)
    try:
        return answer_json(written)
    except InputError:  # all its objects were rejected
        return "[]"


def _instructions(written: Written, text: str) -> str:
    shape = written.shape
    if shape is None or shape.beside is not None or shape.system is not None:
        return (shape.system if shape else None) or ""
    data = parse_places(written.raw)[0].value
    return instructions_of(data, text) if isinstance(data, dict) else ""


FORMAT = Format(
    name="chat",
    about="messages for fine-tuning a language model, and examples for its prompt, as JSON Lines",
    writes="a line for each reviewed text: the instructions as system, the text as user, the corrected JSON in the"
    " model's own shape as assistant; only accepted events, with and without --reviewed",
    loses="evidence, confidences, modifiers and decisions",
    write=_write,
    reviewed_alone=True,
)
