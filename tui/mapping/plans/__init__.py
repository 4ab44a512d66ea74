"""Plans on the mapping screen: the draft of one, what is offered for review, and choices of tables, texts and links.

May import ``tui.config``, ``tui.text``, and of ``db`` the tables of ``db.formats`` and ``db.sources``; no widget.
"""
