"""Output of the command line: tables, pages of rows, progress, and changes after an import.

Imports ``db`` and ``tui.text``; no Textual.
"""
