"""What the reviewer is asked: about events, about fields, and for values and where they stand."""
