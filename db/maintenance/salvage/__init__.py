"""Salvage: saves what can be read of a damaged file, row by row from its pages, to a new file.

May import what ``db.maintenance`` may.

It parses pages itself because nothing that pip installs recovers a database: Python's sqlite3 and APSW 3.54.1 lack
``sqlite_dbpage``, the shell inside APSW has no ``.recover``, and that of Debian 12 (3.40.1) fails ("SQL logic error").
A shell of 3.53.4 built for it was compared over 300 damages of the kinds in tests/bench/flipped.py, 50 of each kind:

    rows restored exactly, of 163,500     .recover 140,777 (orphans included)   salvage 142,009
    new files that pass every check       .recover 141                          salvage 277
    new files that eventdesk can't open   .recover 22                           salvage refuses 23, without a document

To measure the salvage alone: ``PYTHONPATH=tests python tests/bench/flipped.py --damages 300 --seed 7``.
"""

from db.maintenance.salvage.salvaging import SalvageReport, TableReport, salvage

__all__ = ["SalvageReport", "TableReport", "salvage"]
