"""A release in which everything happens at once: its report counts each kind of change, and nothing else."""

from dataclasses import replace

from bench.releases import Done, Releases, differing, everything, import_table, read_report, values, writing
from support.builders import in_memory


def test_a_report_says_everything_that_was_done() -> None:
    table = Releases(rows=60, seed=1)
    with in_memory() as connection:
        assert differing(Done(added=60), read_report(import_table(connection, table.csv()))) == []
        for release in (everything, writing):
            table.begin()
            release(table)
            found = read_report(import_table(connection, table.csv()))
            assert differing(table.done, found) == []
        again = read_report(import_table(connection, table.csv()))
        assert differing(Done(vanished=table.done.vanished), again) == []


def test_the_comparison_finds_what_a_report_lacks() -> None:
    table = Releases(rows=200, seed=2)
    values(table)
    table.remove(1)
    done = table.done
    assert differing(done, done) == []
    lies = [
        replace(done, fields=done.fields - type(done.fields)({("deaths", "changed"): 1})),
        replace(done, fields=done.fields + type(done.fields)({("injured", "details"): 1})),
        replace(done, added=done.added + 1),
        replace(done, headlines=1),
        replace(done, vanished=[]),
        replace(done, vanished=[*done.vanished, "E1"]),
    ]
    assert [len(differing(done, found)) for found in lies] == [1] * len(lies)
