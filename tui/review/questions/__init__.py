"""What the reviewer asks: about events and fields, for values and their evidence, and for queries.

Imports ``db``, ``tui.widgets``, ``tui.text``, the session and the panes, and of a screen only ``tui.review.host``.
"""
