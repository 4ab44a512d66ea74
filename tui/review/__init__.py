"""The reviewer: its app, its screens, and the questions that it asks.

Imports ``db``, ``tui.widgets``, ``tui.runtime``, ``tui.config`` and ``tui.text``.
"""
