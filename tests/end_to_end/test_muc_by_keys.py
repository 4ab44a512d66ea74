"""A real system's events of eight reports are turned into the gold events by keys alone."""

import json
import sys
from pathlib import Path
from typing import Any

from support.builders import problems
from support.likeness import comparable
from support.scripted import ScriptedReviewer
from support.terminal import Terminal

from db.exporting import export_documents
from db.store.connection import open_file
from tui.cli import main

DOCUMENTS = 8


def test_a_scripted_reviewer_turns_real_extractions_into_the_gold(tmp_path: Path, muc: list[Path]) -> None:
    gold = [json.loads(line) for line in muc[0].read_text(encoding="utf-8").splitlines()[:DOCUMENTS]]
    file = tmp_path / "muc.db"
    assert main(["import", str(file), str(muc[-1])]) == 0
    connection = open_file(file)
    command = [sys.executable, "-m", "tui", "review", str(file), "--reviewer", "ana"]
    with Terminal(command, 100, 110, quiet=0.03) as terminal:
        terminal.wait_for(" left")
        reviewer = ScriptedReviewer(terminal, connection)
        extracted = {row[0] for row in connection.execute("SELECT document_id FROM events")}
        empty = []
        for document in gold:
            (id_,) = connection.execute("SELECT id FROM documents WHERE external_id = ?", (document["id"],)).fetchone()
            if id_ in extracted:
                reviewer.review(document)
            elif document["events"]:
                empty.append(document)
        for document in empty:
            reviewer.open(document["id"])
            reviewer.review(document)
        keys = terminal.keys_pressed
        terminal.press("q")
        assert terminal.wait_exit() == 0
    exported = {line["id"]: line for line in export_documents(connection, reviewed=True)}
    for document in gold:
        assert _events(exported.get(document["id"], {"events": []})) == _events(document), document["id"]
    assert problems(connection) == []
    connection.close()
    effort = reviewer.effort
    print(
        f"\n{keys} keys for {effort.accepted} events accepted ({effort.made} of them made), {effort.rejected} rejected;"
        f" {effort.corrected} fields corrected, {effort.added} added, {effort.removed} removed:"
        f" {keys / effort.fields:.1f} keys a field, {effort.typed / effort.fields:.1f} of them characters of values"
    )


def _events(document: dict[str, Any]) -> list[str]:
    return sorted(map(comparable, document["events"]))
