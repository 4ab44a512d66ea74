"""The queries that a person asked before, in the state directory: a line of JSON each, the newest last."""

import contextlib
import json
from pathlib import Path

from db.io.private import write_private

_KEPT = 200


def read_history(path: Path | None) -> list[str]:
    """The queries of before; none where the file can't be read."""
    if path is None:
        return []
    queries = []
    with contextlib.suppress(OSError, UnicodeDecodeError):
        for line in path.read_text(encoding="utf-8").splitlines():
            with contextlib.suppress(json.JSONDecodeError):
                query = json.loads(line)
                if isinstance(query, str):
                    queries.append(query)
    return queries[-_KEPT:]


def remember(path: Path | None, query: str) -> None:
    """Keep a query as the newest, once; where nothing can be kept, nothing is said: it is a convenience."""
    if path is None or not query:
        return
    queries = [*(item for item in read_history(path) if item != query), query][-_KEPT:]
    with contextlib.suppress(OSError):
        write_private(path, "".join(f"{json.dumps(item)}\n" for item in queries))
