"""Import: documents of any format become rows, known events are updated, and decisions stay.

Imports every room of ``db`` but ``db.exporting`` and ``db.maintenance``.
"""
