"""Text on the screen: the safe translation, wrapping, layouts, motions, marks and hint letters.

Imports the vocabulary of ``db`` and rich's cell widths; no Textual widget.
"""
