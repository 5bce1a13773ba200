"""Ranks in groups: methods that cannot be told apart beyond chance share one."""

from collections.abc import Sequence
from dataclasses import replace

from leaderboards.cells import ranked_by_case
from leaderboards.facts import Run
from leaderboards.model import Cell, Column, Grouping, Row
from metrics.card import Direction

NOTE = (
    "Ranks in groups: 1 + the number of methods that are better beyond chance, by paired "
    "differences over cases, clustered by person, Holm's correction over all pairs of a column "
    "(5 %). Methods that share a rank are not told apart."
)
_SET = "a score over all cases at once has no differences by case"
_FEW = "methods cannot be told apart: the cases have fewer than ten people, or nobody says whom"


def grouped(
    runs: Sequence[Run], columns: Sequence[Column], rows: Sequence[Row], grouping: Grouping
) -> tuple[Row, ...]:
    """Return rows in which the ranks of `leaderboards.ranks.ranked` are those of groups.

    Who takes part stays as it is. Where groups cannot be found nobody is ranked, and it is said.

    Args:
        runs: The runs.
        columns: The columns.
        rows: The rows, each of the run at its place, ranked.
        grouping: Finds the groups.
    """
    by_column = [
        _column(runs, column, [row.cells[i] for row in rows], grouping)
        for i, column in enumerate(columns)
    ]
    return tuple(
        replace(row, cells=tuple(cells[r] for cells in by_column)) for r, row in enumerate(rows)
    )


def _column(
    runs: Sequence[Run], column: Column, cells: Sequence[Cell | None], grouping: Grouping
) -> list[Cell | None]:
    members = [i for i, cell in enumerate(cells) if cell and cell.rank is not None]
    found = _ranks([runs[i] for i in members], column, grouping) if members else _FEW
    done = list(cells)
    for place, i in enumerate(members):
        cell = cells[i]
        assert cell is not None  # it is a member
        if isinstance(found, str):
            done[i] = replace(cell, rank=None, unranked=found)
        else:
            done[i] = replace(cell, rank=found[place])
    return done


def _ranks(runs: Sequence[Run], column: Column, grouping: Grouping) -> list[int] | str:
    """Return the ranks of runs, or why there are none."""
    if column.card.over == "set":
        return _SET
    values = [ranked_by_case(run, column) for run in runs]
    if any(one.keys() != values[0].keys() for one in values):
        return "the methods were not judged in the same cases"
    sign = -1.0 if column.card.direction is Direction.HIGHER else 1.0
    losses = [{case: sign * value for case, value in one.items()} for one in values]
    return grouping([run.record for run in runs], losses) or _FEW
