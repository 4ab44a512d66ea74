"""Saying what the columns of a table are, by keys, with a preview of what would come of it."""
