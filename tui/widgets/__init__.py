"""Widgets of all screens: panes, the foot, prompts and help. They show what they are given and change nothing.

May import ``tui.runtime``, ``tui.config``, ``tui.text``, and reading modules of ``db``.
"""
