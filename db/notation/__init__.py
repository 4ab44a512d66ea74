"""Notations: dates, numbers and words for no value as people write them, and what the cells of a column prove.

Imports the vocabulary; dateparser's words are imported only when a text has a word that may be a month.
"""
