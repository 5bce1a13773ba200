"""Ranks in the layout of a paper: within a pool, and never across."""

from collections.abc import Sequence
from dataclasses import replace

from leaderboards.layouts.model import Entries, Entry, Pool
from leaderboards.published import PublishedColumn
from leaderboards.ranks import places


def ranked(columns: Sequence[PublishedColumn], rows: Sequence[Entries]) -> tuple[Entries, ...]:
    """Return the rows with `Entry.rank` filled in, column by column."""
    by_column = [_column(c, [row.cells[i] for row in rows]) for i, c in enumerate(columns)]
    return tuple(
        replace(row, cells=tuple(cells[r] for cells in by_column)) for r, row in enumerate(rows)
    )


def _column(column: PublishedColumn, cells: Sequence[Entry]) -> list[Entry]:
    done = list(cells)
    if column.metric.direction == "none":
        return done
    pools: dict[Pool, list[int]] = {}
    for i, cell in enumerate(cells):
        if cell.pool is not None and cell.printed:
            pools.setdefault(cell.pool, []).append(i)
    higher = column.metric.direction == "higher"
    for members in pools.values():
        order = [cells[i].order.copy_negate() if higher else cells[i].order for i in members]
        for i, rank in zip(members, places(order), strict=True):
            done[i] = replace(cells[i], rank=rank)
    return done
