"""Every patch of Textual and its drivers, each with the upstream issue that it answers; written for Textual 8.2.

May import ``tui.config``, ``tui.text``, and the errors and private files of ``db``.
"""
