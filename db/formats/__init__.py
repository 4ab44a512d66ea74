"""Formats: each a file that translates between what other programs write and the native form of a document.

``format`` says what a format is, ``registry`` finds those that are installed and which one a file is in.
"""
