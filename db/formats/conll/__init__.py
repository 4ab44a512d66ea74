"""The format ``conll``: training data for taggers in the columns of CoNLL-2003.

Imports ``db.formats.shared``; it only writes.
"""
