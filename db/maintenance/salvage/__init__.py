"""Salvage: saves what can be read of a damaged file, row by row from its pages, to a new file.

May import what ``db.maintenance`` may.
"""

from db.maintenance.salvage.salvaging import SalvageReport, TableReport, salvage

__all__ = ["SalvageReport", "TableReport", "salvage"]
