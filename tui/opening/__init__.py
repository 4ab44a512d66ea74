"""Opening what a person names: the eventdesk file itself, or the desk of any other file, made after a preview.

May import ``tui.mapping``, ``tui.output`` and below, and every room of ``db``; no command.
"""
