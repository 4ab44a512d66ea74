"""Compares the stored blocks of a table with its pages, and reads only the rows on pages that changed."""

from collections.abc import Iterator
from zlib import crc32

from db.sources.sync.blocks import Block, Comparison, Difference, TrackedRows, entries_of, new_block
from db.sources.sync.pages import FilePages, Leaf, packed, unpacked

_ROWS = 32  # of a block, at least: a change means that they are read again
_LEAVES = 64  # of a block, at most


class TablePages:
    """The pages of one table."""

    def __init__(self, pages: FilePages, rows: TrackedRows, root: int, sql: str) -> None:
        """``root``, ``sql``: of the table, as in the schema. Raises PagesError."""
        self._pages = pages
        self._rows = rows
        self._seed = crc32(sql.encode())
        self._leaves = pages.leaves(root)

    def compare(self, stored: list[Block]) -> Difference:
        """Compare the table with its stored blocks. Raises PagesError."""
        difference, comparison = Difference(), Comparison()
        known = {leaf.page for leaf in self._leaves}
        unpacked_blocks = [unpacked(block.pages or b"") for block in stored]
        self._pages.load(number for every, _ in unpacked_blocks for number in every)
        same: set[int] = set()
        for block, (every, leaves) in zip(stored, unpacked_blocks, strict=True):
            if leaves and known.issuperset(leaves) and self._pages.hash(every, self._seed) == block.hash:
                same.update(leaves)
            else:
                difference.replaced.append(block.id)
                comparison.add(entries_of(block), -1)
        for block in self.blocks(same):
            difference.new.append(block)
            comparison.add(entries_of(block), 1)
        comparison.finish(difference)
        return difference

    def blocks(self, same: set[int] | frozenset[int] = frozenset()) -> Iterator[Block]:
        """Yield new blocks of all rows but those on the ``same`` leaves. Raises PagesError."""
        run: list[Leaf] = []
        for leaf in self._leaves:
            if leaf.page in same:
                yield from self._blocks_of(run)
                run = []
            else:
                run.append(leaf)
        yield from self._blocks_of(run)

    def _blocks_of(self, run: list[Leaf]) -> Iterator[Block]:
        """Yield new blocks of leaves that follow each other."""
        if not run:
            return
        cursor = self._rows.between(run[0].after, run[-1].last)
        waiting = self._rows.fetch(cursor, _ROWS * 8)
        leaves: list[int] = []
        overflow: list[int] = []
        count = at = 0
        for leaf in run:
            leaves.append(leaf.page)
            overflow += self._pages.overflow(leaf.page)
            while True:
                while at < len(waiting) and (leaf.last is None or waiting[at][0] <= leaf.last):
                    at += 1
                if at < len(waiting) or not (more := self._rows.fetch(cursor, _ROWS * 8)):
                    break
                waiting += more
            count = at
            if (count >= _ROWS or len(leaves) >= _LEAVES or leaf is run[-1]) and count:
                numbers = [*leaves, *overflow]
                self._pages.load(numbers)
                held = (packed(leaves, overflow), self._pages.hash(numbers, self._seed))
                yield new_block(self._rows, waiting[:count], waiting[0][0], held)
                waiting, at = waiting[count:], 0
                leaves, overflow = [], []
