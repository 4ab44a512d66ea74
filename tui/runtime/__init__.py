"""Every patch of Textual and of its drivers, and nothing else: each names what it answers to upstream.

Imports ``tui.config``, ``tui.text`` and the vocabulary of ``db``.
"""
