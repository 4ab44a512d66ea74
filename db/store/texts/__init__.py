"""Earlier texts of documents, and the spans of decisions moved from them to the current text.

Imports the vocabulary, `db.text` and `db.store.valid`.
"""
