"""Import: documents of any format become rows, known documents are updated, and decisions stay.

Imports every room of ``db`` but ``exporting`` and ``maintenance``.
"""
