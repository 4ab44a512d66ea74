"""Text as eventdesk compares it: folding, matching, and finding a value in a source text.

Imports the vocabulary only.
"""
