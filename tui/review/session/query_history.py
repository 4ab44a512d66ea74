"""The earlier queries of a person, kept in the state directory as lines of JSON, the newest last."""

import contextlib
import json
from pathlib import Path

from db.io.private import write_private

_KEPT = 200


def read_history(path: Path | None) -> list[str]:
    """Return the earlier queries, or none if the file can't be read."""
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
    """Add a query as the newest. A history that can't be written is no error: it is a convenience."""
    if path is None or not query:
        return
    queries = [*(item for item in read_history(path) if item != query), query][-_KEPT:]
    with contextlib.suppress(OSError):
        write_private(path, "".join(f"{json.dumps(item)}\n" for item in queries))
