"""The reviewer: its app and its two screens, each composed of a session and one object for each job.

Imports ``db``, ``tui.widgets``, ``tui.runtime``, ``tui.config`` and ``tui.text``.
"""
