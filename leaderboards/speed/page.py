"""A speed table as a page that the house's formats print."""

from collections.abc import Sequence
from decimal import Decimal

from leaderboards.formats.layout import DASH, Head, Layout, Line, Marks, Panel, Shown, of_rank
from leaderboards.numbers import printed, typeset
from leaderboards.ranks import places
from leaderboards.speed.columns import SpeedColumn
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import Rows, SpeedRow
from leaderboards.text import clean

_SEVERAL = (
    "The rows are of different cohorts: they are shown beside each other and not ranked. A "
    "difference between cohorts says nothing about the methods."
)
_ESTIMATED = "estimated by a fit over two lengths, not measured"


def page(title: str, rows: Rows, columns: Sequence[SpeedColumn], quality: Quality) -> Layout:
    """Set a table: cohort and quality where there are some, then the columns of speed."""
    marks = Marks()
    labels = [Shown(row.label, mark=marks.of(row.flaw or _estimated(row))) for row in rows.rows]
    heads: list[Head] = [] if rows.comparable else [Head("cohort")]
    heads += quality.heads()
    group = "speed" if quality.columns else ""
    heads += [Head(column.title, column.detail, group=group) for column in columns]
    ranks = [_ranks(rows, column) for column in columns]
    lines = []
    for i, row in enumerate(rows.rows):
        cells = [] if rows.comparable else [Shown(row.letter)]
        cells += [_quality(row, quality, j, marks) for j in range(len(quality.columns))]
        cells += [_cell(row, c, ranks[j][i], marks) for j, c in enumerate(columns)]
        lines.append(Line(labels[i], "method", tuple(cells)))
    return Layout(
        title=title,
        notice="",
        panels=(Panel("", tuple(heads), tuple(lines)),),
        marked=marks.footnotes(),
        notes=_notes(rows, quality),
        ranked=any(rank for column in ranks for rank in column),
    )


def _ranks(rows: Rows, column: SpeedColumn) -> list[int | None]:
    """Return ranks by what is printed; invalid, missing and estimated numbers take no part."""
    ranks: list[int | None] = [None] * len(rows.rows)
    if not (rows.comparable and column.better):
        return ranks
    order = {
        i: Decimal(printed(value, 0, column.digits))
        for i, row in enumerate(rows.rows)
        if (value := _value(row, column)) is not None and not _estimated(row)
    }
    sign = -1 if column.better == "↑" else 1
    for i, rank in zip(order, places([sign * value for value in order.values()]), strict=True):
        ranks[i] = rank
    return ranks


def _value(row: SpeedRow, column: SpeedColumn) -> float | None:
    return None if row.figures is None else column.value(row.figures, row.point)


def _cell(row: SpeedRow, column: SpeedColumn, rank: int | None, marks: Marks) -> Shown:
    value = _value(row, column)
    if value is None:
        return Shown(DASH, mark=marks.of(column.why if row.figures is not None else ""))
    return Shown(typeset(printed(value, 0, column.digits)), of_rank(rank))


def _quality(row: SpeedRow, quality: Quality, index: int, marks: Marks) -> Shown:
    text, why = quality.text(row.point.name, index)
    return Shown(text) if text else Shown(DASH, mark=marks.of(clean(why)))


def _estimated(row: SpeedRow) -> str:
    return _ESTIMATED if row.figures is not None and row.figures.estimated else ""


def _notes(rows: Rows, quality: Quality) -> tuple[str, ...]:
    cohorts = [
        f"{f'Cohort {letter}' if letter else 'Measured on'}: {clean(cohort.words, 600)}."
        for letter, cohort in rows.cohorts.items()
    ]
    several = () if rows.comparable else (_SEVERAL,)
    return (*several, *cohorts, *_scored(quality), *quality.notes)


def _scored(quality: Quality) -> tuple[str, ...]:
    if not quality.columns:
        return ()
    return (
        f"Quality from runs on {clean(quality.title)}; its columns are not ranked here. |Δ| is the "
        "distance to the driving clips' own value, where that is what counts.",
    )
