"""A table in the layout of a paper as strings, for the formats that also print runs."""

from collections.abc import Mapping

from leaderboards.columns import DAGGER
from leaderboards.formats.layout import DASH, Head, Layout, Line, Marks, Panel, Shown, of_rank
from leaderboards.layouts.model import Entries, Entry, PaperTable
from leaderboards.numbers import printed, superscript, typeset
from leaderboards.published import PublishedColumn

_ARROWS: Mapping[str, str] = {"lower": "↓", "higher": "↑", "none": ""}
_GROUPS: Mapping[str | None, str] = {"self": "Self", "cross": "Cross", None: ""}


def page(table: PaperTable, intervals: bool = False) -> Layout:
    """Set a table.

    Args:
        table: What to print.
        intervals: Print half the width of the 95 % interval beside numbers that have one.
    """
    marks = Marks()
    heads = (Head("origin"), *(_head(table, column) for column in table.columns))
    lines = tuple(_line(table, row, marks, intervals) for row in table.rows)
    facts, cohort = table.published.facts, table.cohort
    return Layout(
        title=f"{table.published.cite}: {facts.title}",
        notice=cohort.notice if cohort else "",
        panels=(Panel("", heads, lines, first=facts.row),),
        marked=marks.footnotes(),
        notes=table.notes,
        ranked=any(cell.rank for row in table.rows for cell in row.cells),
    )


def _head(table: PaperTable, column: PublishedColumn) -> Head:
    metric = column.metric
    scale = f"×10{superscript(-metric.scale)}" if metric.scale and metric.unit != "%" else ""
    detail = " ".join(x for x in (_ARROWS[metric.direction], scale, metric.unit) if x)
    dagger = DAGGER if column.key in table.daggers else ""
    return Head(f"{metric.title}{dagger}", detail, group=_GROUPS[column.kind])


def _line(table: PaperTable, row: Entries, marks: Marks, intervals: bool) -> Line:
    label = Shown(row.label, mark=marks.of(row.note))
    cells = tuple(
        _shown(row, column, cell, marks, intervals)
        for column, cell in zip(table.columns, row.cells, strict=True)
    )
    return Line(label, row.role, (Shown(row.source), *cells), row.block)


def _shown(
    row: Entries, column: PublishedColumn, cell: Entry, marks: Marks, intervals: bool
) -> Shown:
    note = cell.note
    if column.note and row.source != "measured":
        note = " ".join(x for x in (note, f"{column.note[0].upper()}{column.note[1:]}.") if x)
    elif column.note and cell.printed:  # our number stands under a title that means another one
        note = " ".join(x for x in (f"This is {cell.protocol_id}.", note) if x)
    mark = marks.of(note)
    if not cell.printed:
        return Shown("" if row.role == "reference" else DASH, mark=mark)
    text = typeset(cell.printed)
    if intervals and cell.spread is not None:
        text += f" ±{typeset(printed(cell.spread, column.metric.scale, column.digits))}"
    return Shown(text, of_rank(cell.rank), mark)
