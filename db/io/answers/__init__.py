"""JSON as models and people write it: found within words, read with its mistakes, and edited without changing the rest.

Imports the vocabulary and the modules of ``db.io``.
"""
