"""The eventdesk file: schema, decisions, queries, import, export and checks, without any terminal code.

The modules beside this one are the vocabulary of every other room: they import the standard library and each other.
"""
