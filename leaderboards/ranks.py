"""Ranks: who may be compared with whom, and who is best.

A cell takes part only if its run is finished, it is no control, every judgeable case was measured,
its coverage reaches `MIN_COVERAGE` and its value is finite: nobody wins by failing hard cases or
losing the face. No definition of this suite has an infinite value (PSNR of identical frames is 100
by definition), so an infinity in a journal says that something is broken; it is shown, not ranked.
Within a column only cells with the same extractors, the same judged cases and, for speed, the
same hardware are compared. If a column holds several such groups, the one with the most rows is
ranked and the others are marked; if two are equally large, none is.
"""

import math
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from leaderboards.model import MIN_COVERAGE, Cell, Column, Row
from leaderboards.numbers import percent, printed
from metrics.card import Direction

Group = tuple[str, tuple[str, ...], str]


def ranked(columns: Sequence[Column], rows: Sequence[Row]) -> tuple[Row, ...]:
    """Return the rows with `Cell.rank` and `Cell.unranked` filled in, column by column."""
    by_column = [
        _column(column, [(row, row.cells[i]) for row in rows]) for i, column in enumerate(columns)
    ]
    return tuple(
        replace(row, cells=tuple(cells[r] for cells in by_column)) for r, row in enumerate(rows)
    )


def _column(column: Column, entries: Sequence[tuple[Row, Cell | None]]) -> list[Cell | None]:
    cells = [cell and replace(cell, unranked=_obstacle(column, row, cell)) for row, cell in entries]
    groups: dict[Group, list[int]] = {}
    for i, ((row, _), cell) in enumerate(zip(entries, cells, strict=True)):
        if cell and not cell.unranked:
            groups.setdefault(_group(column, row, cell), []).append(i)
    chosen = _largest(groups)
    for group, members in groups.items():
        if group == chosen:
            ranks = places([_order(column, cells[i]) for i in members])
            for i, rank in zip(members, ranks, strict=True):
                cells[i] = replace(_cell(cells[i]), rank=rank)
        else:
            for i in members:
                cells[i] = replace(_cell(cells[i]), unranked=_difference(group, groups, chosen))
    return cells


def _obstacle(column: Column, row: Row, cell: Cell) -> str:
    quantity = cell.distance if column.by_distance else cell.value
    if row.role != "method":
        return f"a {row.role} is not ranked"
    if not row.complete:
        return "the run is not finished"
    if cell.value is None or cell.coverage is None:
        return "there is no value"
    if cell.measured < cell.judgeable:
        return "not every judgeable case was measured"
    if quantity is None:
        return "the driving clip's own value is missing"
    if not math.isfinite(quantity):
        return "the value is infinite"
    if cell.coverage < MIN_COVERAGE:
        return f"coverage is below {percent(MIN_COVERAGE)}"
    return ""


def _group(column: Column, row: Row, cell: Cell) -> Group:
    return (
        cell.fingerprint,
        row.judged.get(column.kind, ()),
        row.hardware if column.card.timing else "",
    )


def _largest(groups: dict[Group, list[int]]) -> Group | None:
    sizes = sorted((len(members) for members in groups.values()), reverse=True)
    if not sizes or (len(sizes) > 1 and sizes[0] == sizes[1]):
        return None
    return next(group for group, members in groups.items() if len(members) == sizes[0])


def _difference(group: Group, groups: dict[Group, list[int]], chosen: Group | None) -> str:
    other = chosen or next(g for g in groups if g != group)
    words = ("other extractors", "other judgeable cases", "other hardware")
    differing = [w for w, a, b in zip(words, group, other, strict=True) if a != b]
    return f"{' and '.join(differing)} than the rest of the column"


def _order(column: Column, cell: Cell | None) -> Decimal:
    """Return a number that is smaller the better the cell, at the precision that is printed."""
    cell = _cell(cell)
    quantity = cell.distance if column.by_distance else cell.value
    assert quantity is not None  # `_obstacle` let it pass
    card = column.card
    shown = Decimal(printed(quantity, card.scale_exponent, card.digits))
    return shown.copy_negate() if card.direction is Direction.HIGHER else shown


def places(order: Sequence[Decimal]) -> list[int | None]:
    """Return 1, 2 … with ties sharing a rank (1, 1, 3); a lone cell has nobody to beat."""
    if len(order) < 2:
        return [None] * len(order)
    return [1 + sum(other < own for other in order) for own in order]


def _cell(cell: Cell | None) -> Cell:
    assert cell is not None
    return cell
