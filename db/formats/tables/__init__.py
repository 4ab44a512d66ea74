"""Tables: CSV and its kin, in and out."""
