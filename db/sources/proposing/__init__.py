"""Proposes a plan for a source database, by names and by values, with a reason for each choice.

`propose.STEPS` is the pipeline: each step gets the database and the findings so far, and adds to them. To add a shape,
write a module with such a function and list it there: before `find_events` if it says what a table is (`part_of`, so
that its rows are no events themselves), after it if it adds to the drafts of event tables. Imports the vocabulary,
`db.formats.tables`, `db.sources.plan` and `db.sources.database`.
"""
