"""A second process that decides about events and imports into a file until its standard input closes.

    PYTHONPATH=tests python tests/bench/other_writer.py FILE [SECONDS]

At the end it prints how often it decided, imported, and was refused.
"""

import copy
import random
import select
import sqlite3
import sys
from contextlib import closing

from support.builders import ARTICLE, import_documents

from db.decisions.review import Review
from db.errors import EventdeskError
from db.model import REASONS
from db.store.connection import open_file
from db.store.reading import read_event

_EVENTS = 3  # of a document that is imported


def write(connection: sqlite3.Connection, chance: random.Random) -> str:
    """Decide about any event, or import a document, new or known; what was done. Raises EventdeskError."""
    if chance.random() < 0.3:
        document = copy.deepcopy(ARTICLE)
        document["id"] = f"other-{chance.randint(1, 500)}"
        document["events"] = [
            document["events"][0] | {"id": f"{document['id']}/{number}", "confidence": chance.random()}
            for number in range(_EVENTS)
        ]
        import_documents(connection, document)
        return "imported"
    review = Review(connection, "bo")
    ids = [row[0] for row in connection.execute("SELECT id FROM events WHERE live")]
    event = read_event(connection, chance.choice(ids))
    if chance.random() < 0.7:
        review.accept(event)
    else:
        review.reject(event, chance.choice(REASONS), None)
    return "decided"


def main() -> None:
    """Write until told to stop."""
    pause = float(sys.argv[2]) if len(sys.argv) > 2 else 1.0
    chance = random.Random(3)
    done = {"decided": 0, "imported": 0, "refused": 0}
    with closing(open_file(sys.argv[1])) as connection:
        while not select.select([sys.stdin], [], [], pause * chance.random() * 2)[0]:
            try:
                done[write(connection, chance)] += 1
            except EventdeskError:
                done["refused"] += 1
    print(", ".join(f"{count} {what}" for what, count in done.items()))


if __name__ == "__main__":
    main()
