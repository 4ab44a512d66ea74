"""Batches: results of models' interfaces, joined with the file of their requests in the same import."""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.builders import import_documents, in_memory

from db.exporting import export_documents
from db.formats.format import Export, ReadOptions
from db.formats.llm_json.write.chat import FORMAT as CHAT
from db.formats.registry import detect_format
from db.formats.sources import open_source
from db.importing.importing import import_source
from db.importing.report import ImportReport

TEXTS = ("Russia handed over 757 bodies.", "Ukraine gave 45 bodies in Kursk.", "Nothing else happened that day.")
ANSWER = '[{"type": "exchange", "count": 757}]'


def openai_request(id_: str, text: str) -> Any:
    messages = [{"role": "system", "content": "Extract."}, {"role": "user", "content": f"Article:\n{text}"}]
    return {"custom_id": id_, "method": "POST", "url": "/v1/chat/completions", "body": {"messages": messages}}


def openai_result(id_: str, message: dict[str, Any]) -> Any:
    body = {"id": "chatcmpl-1", "model": "gpt", "choices": [{"message": {"role": "assistant"} | message}]}
    return {"id": "batch_1", "custom_id": id_, "response": {"status_code": 200, "body": body}, "error": None}


BATCHES: dict[str, tuple[list[Any], list[Any]]] = {
    "openai": (
        [openai_request(f"r{number}", text) for number, text in enumerate(TEXTS)],
        [
            openai_result("r1", {"content": None, "refusal": "I can't help with that"}),
            openai_result("r0", {"content": ANSWER}),
            {"custom_id": "r2", "response": None, "error": {"code": "batch_expired", "message": "expired"}},
        ],
    ),
    "anthropic": (
        [
            {"custom_id": f"r{number}", "params": {
                "system": "Extract.", "messages": [{"role": "user", "content": f"<article>{text}</article>"}]}}
            for number, text in enumerate(TEXTS)
        ],
        [
            {"custom_id": "r0", "result": {"type": "succeeded", "message": {
                "type": "message", "role": "assistant", "model": "claude",
                "content": [{"type": "tool_use", "name": "save", "input": {"events": json.loads(ANSWER)}}]}}},
            {"custom_id": "r1", "result": {"type": "errored", "error": {"type": "x", "message": "too long"}}},
            {"custom_id": "r2", "result": {"type": "expired"}},
        ],
    ),
    "gemini": (
        [
            {"key": f"r{number}", "request": {"contents": [{"parts": [{"text": f"Text: {text}"}]}],
                                             "system_instruction": {"parts": [{"text": "Extract."}]}}}
            for number, text in enumerate(TEXTS)
        ],
        [
            {"key": "r0", "response": {"modelVersion": "gemini", "candidates": [
                {"content": {"role": "model", "parts": [{"text": f"```json\n{ANSWER}\n```"}]}}]}},
            {"key": "r1", "response": {"candidates": [{"finishReason": "SAFETY"}]}},
            {"key": "r2", "response": {"promptFeedback": {"blockReason": "OTHER"}, "candidates": []}},
        ],
    ),
}  # fmt: skip


def imported(tmp_path: Path, files: dict[str, list[Any]]) -> tuple[sqlite3.Connection, ImportReport]:
    connection, report = in_memory(), ImportReport()
    for name, rows in files.items():
        (tmp_path / name).write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    beside = tuple(tmp_path / name for name in files)
    for path in beside:
        with open_source(str(path)) as source:
            assert detect_format(source).name == "llm-json"
            import_source(connection, source, report, None, ReadOptions(beside=beside))
    return connection, report


@pytest.mark.parametrize("names", [("requests.jsonl", "results.jsonl"), ("b.jsonl", "a.jsonl")])
@pytest.mark.parametrize("kind", BATCHES)
def test_results_are_joined_with_their_requests(kind: str, names: tuple[str, str], tmp_path: Path) -> None:
    requests, results = BATCHES[kind]
    files = {names[0]: requests, names[1]: results}
    connection, report = imported(tmp_path, files if names[0] == "requests.jsonl" else dict(reversed(files.items())))
    assert (report.documents, report.events, report.refused) == (3, 1, 2)
    rows = connection.execute("SELECT text, extractor FROM events JOIN documents ON documents.id = document_id")
    assert rows.fetchall() == [(TEXTS[0], {"openai": "gpt", "anthropic": "claude", "gemini": "gemini"}[kind])]
    connection.execute("UPDATE events SET status = 'confirmed'")
    connection.execute("UPDATE fields SET state = 'confirmed'")
    assert CHAT.write
    (line,) = CHAT.write(Export(lambda: export_documents(connection, reviewed=True), reviewed=True))
    system, user, assistant = json.loads(line)["messages"]
    assert (system["content"], user["content"]) == ("Extract.", TEXTS[0])
    assert '"count": 757' in assistant["content"]


def test_results_alone_need_their_requests_or_documents_with_these_ids(tmp_path: Path) -> None:
    results = [openai_result("r0", {"content": ANSWER})]
    connection, report = imported(tmp_path, {"results.jsonl": results})
    assert report.refused == 1
    import_documents(connection, {"id": "r0", "text": TEXTS[0]})
    with open_source(str(tmp_path / "results.jsonl")) as source:
        import_source(connection, source, report)
    assert connection.execute(
        "SELECT 1 FROM documents AS d JOIN events ON document_id = d.id WHERE d.external_id = 'r0'"
    ).fetchall()
