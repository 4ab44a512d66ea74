"""Text on the screen: made safe, wrapped, laid out, marked, and moved through.

Imports the vocabulary of ``db`` and rich's cell widths; no Textual widget.
"""
