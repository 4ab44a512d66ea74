"""Output of the command line: tables, pages of rows that stream, and progress.

Imports ``db`` and ``tui.text``; no Textual.
"""
