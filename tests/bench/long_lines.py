"""Imports lines that need a lot of memory, and one of a gigabyte: ``long_lines.py FOLDER``; prints Markdown.

Each case runs in a process of its own, whose peak memory is measured: a batch of lines, then the longest line that is
accepted, made only of brackets, spans, reviewed fields or text.
"""

import subprocess
import sys
from pathlib import Path

from db.importing.importing import BATCH_BYTES
from db.io.json_stream import MAX_DOCUMENT_BYTES

_DOCUMENT = '{"id":"@ID","text":"some text","events":[@EVENTS]}'
_EVENT = '{"id":"@ID","type":"t","fields":[@FIELDS]}'
_SHORT = 400_000  # bytes of the lines before the longest

# What is repeated, and where it stands.
_CASES = {
    "objects": ('{"":0}', '{"name":"a","value":[@]}'),
    "lists in lists": ("[" * 90 + "]" * 90, '{"name":"a","value":[@]}'),
    "numbers": ("1.5", '{"name":"a","value":[@]}'),
    "spans": ("[0,1]", '{"name":"a","value":1,"spans":[@]}'),
    "fields": ('{"name":"a","value":1}', "@"),
    "reviewed fields": ('{"name":"a","value":1,"state":"added"}', "@"),
}
_IMPORT = """
import resource, sys, time
from pathlib import Path
from db.store.new_file import new_file
from db.formats.format import Source
from db.importing.importing import import_source
from db.importing.report import ImportReport
report, begun = ImportReport(), time.monotonic()
with new_file(Path(sys.argv[2])) as connection, open(sys.argv[1], "rb") as stream:
    import_source(connection, Source("lines.jsonl", stream), report)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
print(f"{report.documents:,} | {report.refused} | {time.monotonic() - begun:.1f} | {peak:,}")
"""


def main() -> None:
    """Measure each case."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    print("| lines of | documents | refused | seconds | peak MB |\n|---|---|---|---|---|")
    source, target = folder / "lines.jsonl", folder / "lines.db"
    for name, (piece, around) in _CASES.items():
        with source.open("w") as stream:
            for number in range((BATCH_BYTES - 1) // _SHORT):
                stream.write(_line(str(number), piece, around, _SHORT) + "\n")
            stream.write(_line("last", piece, around, MAX_DOCUMENT_BYTES - 2) + "\n")
        _measure(name, source, target)
    with source.open("w") as stream:
        stream.write('{"id": "a", "text": "' + "\U0001f468" + "word " * ((MAX_DOCUMENT_BYTES - 100) // 5) + '"}\n')
    _measure("text, four bytes a character", source, target)
    with source.open("w") as stream:
        stream.write('{"id": "a", "text": "first"}\n{"id": "b", "text": "')
        for _ in range(1024):
            stream.write("x" * 2**20)
        stream.write('"}\n{"id": "c", "text": "last"}\n')
    _measure("a gigabyte, between two good ones", source, target)
    source.unlink()


def _line(id_: str, piece: str, around: str, size: int) -> str:
    """A line of one event, or of as many as hold the fields that it is made of."""
    each = min(size, _SHORT) if around == "@" else size
    pieces = ",".join([piece] * ((each - len(_DOCUMENT) - len(_EVENT) - len(around)) // (len(piece) + 1)))
    fields = around.replace("@", pieces)
    events = (_EVENT.replace("@ID", str(number)).replace("@FIELDS", fields) for number in range(size // each))
    return _DOCUMENT.replace("@ID", id_).replace("@EVENTS", ",".join(events))


def _measure(name: str, source: Path, target: Path) -> None:
    command = [sys.executable, "-c", _IMPORT, str(source), str(target)]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    print(f"| {name} | {told} |", flush=True)
    for path in target.parent.glob(f"{target.name}*"):
        path.unlink()


if __name__ == "__main__":
    main()
