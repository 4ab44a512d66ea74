"""Grounding: searches the texts of documents for the values of events that come without evidence, and says how it went.

Imports the vocabulary, ``db.text``, ``db.io`` and ``db.suggest.candidates``; a connection is given to it.
"""
