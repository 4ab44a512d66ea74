"""Writes answers again as they came, with the reviewed values in place; and as messages for fine-tuning.

Imports the modules of ``db.formats.llm_json`` and what they may import.
"""
