"""Fuzzes one target for some time: ``run.py TARGET FOLDER SECONDS``. Needs atheris, see README.md.

Exceptions are saved in FOLDER/findings, one for each place that raises, and the run continues. FOLDER/totals gets a
file for each run.
"""

import atexit
import hashlib
import json
import os
import sys
import time
import traceback
from pathlib import Path
from random import Random

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["db", "tui"]):
    # Modules that are imported later aren't instrumented.
    from fuzz.targets import TARGETS

from fuzz.mutating import mutated_lines
from fuzz.seeds import SEEDS, WORDS

_INTERVAL = 10.0  # seconds between two writes of the totals
_SLOW = 5.0  # seconds for one input
_STRUCTURED = 0.6  # share of mutations of documents as data; the others mutate bytes


def main() -> None:
    """Run until the time is over or something ends the process."""
    name, folder, seconds = sys.argv[1], Path(sys.argv[2]), float(sys.argv[3])
    target = TARGETS[name]
    corpus, findings, totals = (folder / part for part in (f"corpus/{name}", "findings", "totals"))
    for path in (corpus, findings, totals):
        path.mkdir(parents=True, exist_ok=True)
    for seed in SEEDS[name]:
        (corpus / hashlib.sha1(seed).hexdigest()).write_bytes(seed)
    words = folder / f"{name}.words"
    words.write_text("".join(f'"{_escaped(word)}"\n' for word in WORDS[name]))
    started = written = time.monotonic()
    executions, slowest, kept = 0, 0.0, 0
    totals_path = totals / f"{name}-{time.strftime('%m%d-%H%M%S')}-{os.getpid()}.json"

    def write_totals() -> None:
        figures = {
            "target": name,
            "executions": executions,
            "seconds": round(time.monotonic() - started, 1),
            "slowest": round(slowest, 2),
            "findings": kept,
            "corpus": len(list(corpus.iterdir())),
        }
        totals_path.write_text(json.dumps(figures) + "\n")

    def run_once(data: bytes) -> None:
        nonlocal executions, written, slowest, kept
        executions += 1
        start = time.monotonic()
        try:
            target(data)
        except Exception as error:
            kept += _keep(findings, name, data, error)
        end = time.monotonic()
        if end - start > max(slowest, _SLOW):
            (findings / f"{name}-slow-{hashlib.sha1(data).hexdigest()[:12]}.input").write_bytes(data)
        slowest = max(slowest, end - start)
        if end - written > _INTERVAL:
            written = end
            write_totals()

    atexit.register(write_totals)
    atheris.Setup(
        [
            sys.argv[0], str(corpus), f"-max_total_time={seconds:.0f}", f"-dict={words}", "-max_len=65536",
            "-rss_limit_mb=3000", "-timeout=60", f"-artifact_prefix={findings}/{name}-", "-print_final_stats=1",
            "-verbosity=1", "-use_value_profile=1",
        ],
        run_once,
        **({"custom_mutator": _mutate} if name in ("native_line", "stream") else {}),
    )  # fmt: skip
    atheris.Fuzz()


def _mutate(data: bytes, longest: int, seed: int) -> bytes:
    random = Random(seed)
    changed = mutated_lines(data, random) if random.random() < _STRUCTURED else data
    return changed if changed != data and len(changed) <= longest else atheris.Mutate(data, longest)


def _keep(findings: Path, name: str, data: bytes, error: Exception) -> int:
    """Save a finding with the smallest input for it. Return 1 if it is new, else 0."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    where = "".join(f"{Path(frame.filename).name}:{frame.lineno};" for frame in frames)
    stem = f"{name}-{hashlib.sha1(f'{type(error).__name__}{where}'.encode()).hexdigest()[:10]}"
    path = findings / f"{stem}.input"
    new = not path.exists()
    if new or len(data) < path.stat().st_size:
        path.write_bytes(data)
        report = "".join(traceback.format_exception(error, limit=-8))
        (findings / f"{stem}.txt").write_text(report[-6000:], errors="backslashreplace")
    return int(new)


def _escaped(word: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in word.encode())


if __name__ == "__main__":
    main()
