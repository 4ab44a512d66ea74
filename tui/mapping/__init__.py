"""The mapping screen: says by keys what the columns of a table are, with a preview of the events that rows become.

May import ``tui.widgets`` and below, and of ``db`` the native form, ``db.io`` and the tables of ``db.formats``.
"""
