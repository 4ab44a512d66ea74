"""Care of the file: check, compare, repair, back up, restore and salvage.

Imports every room of ``db`` but ``db.importing``, ``db.exporting`` and the formats.
"""
