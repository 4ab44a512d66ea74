"""A review session without a terminal: the queue, the open event, deciding, and what is read ahead.

Imports ``db`` alone, and never Textual.
"""
