"""Saves what can be read of a damaged file, row by row from its pages, into a new file."""

from db.maintenance.salvage.saving import Saved, SavedTable, salvage

__all__ = ["Saved", "SavedTable", "salvage"]
