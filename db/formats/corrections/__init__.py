"""The format ``corrections``: the differences between extracted and reviewed events, as JSON Lines and as a diff.

Imports the vocabulary and ``db.formats.shared``; it only writes.
"""
