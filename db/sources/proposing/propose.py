"""Proposes the plan by which a source database is read."""

from collections.abc import Callable

from db.sources.database.database import Database
from db.sources.plan import Plan
from db.sources.proposing.findings import Findings, NoEvents

Step = Callable[[Database, Findings], None]

STEPS: tuple[Step, ...] = ()
"""The steps in order: each adds to the findings."""


def propose(database: Database) -> Plan:
    """Return the plan for a database. Raises NoEvents, an InputError, which says what was looked for."""
    findings = Findings()
    for step in STEPS:
        step(database, findings)
    raise NoEvents(f"{database.path}: no table looks like events")
