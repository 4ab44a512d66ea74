"""The eventdesk file: schema, review, queries, import and export. Knows no terminal."""
