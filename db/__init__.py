"""The eventdesk file: schema, decisions, queries, import, export and checks, without any terminal code.

The modules directly in this folder are the vocabulary of the others; they import the standard library and each other.
"""
