"""The reviewer in a browser of the same machine.

Imports ``tui.runtime`` and ``tui.config``, and starts the reviewer as a process of its own.
"""
