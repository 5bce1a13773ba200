"""Long form: one line for each row and column of a layout, with what stands behind the number."""

from collections.abc import Iterator

from leaderboards.formats.csv import Value, write
from leaderboards.layouts.model import Entries, Entry, PaperTable
from leaderboards.published import PublishedColumn

FIELDS = (
    "layout",
    "arxiv",
    "block",
    "origin",
    "method",
    "label",
    "role",
    "run_id",
    "column",
    "title",
    "unit",
    "direction",
    "value",
    "printed",
    "spread",
    "rank",
    "metric",
    "coverage",
    "measured",
    "judgeable",
    "note",
    "row_note",
    "split_sha256",
)
"""Columns of the file; ``value`` and ``spread`` are in ``unit``, unscaled (of % the share)."""


def csv(table: PaperTable) -> str:
    """Return a table in the layout of a paper as CSV, see `leaderboards.formats.csv`."""
    return write(FIELDS, _records(table))


def _records(table: PaperTable) -> Iterator[dict[str, Value]]:
    for row in table.rows:
        for column, cell in zip(table.columns, row.cells, strict=True):
            yield {**_row(table, row), **_cell(column, cell)}


def _row(table: PaperTable, row: Entries) -> dict[str, Value]:
    measured = row.source == "measured"
    return {
        "layout": table.published.id,
        "arxiv": None if measured else table.published.paper.arxiv,
        "block": row.block,
        "origin": row.source,
        "method": row.method,
        "label": row.label,
        "role": row.role,
        "run_id": row.run_id,
        "row_note": row.note,
        "split_sha256": table.cohort.sha256 if measured and table.cohort else None,
    }


def _cell(column: PublishedColumn, cell: Entry) -> dict[str, Value]:
    behind = cell.cell
    return {
        "column": column.key,
        "title": column.metric.title,
        "unit": column.metric.unit,
        "direction": column.metric.direction,
        "value": cell.value,
        "printed": cell.order if cell.printed else None,
        "spread": cell.spread,
        "rank": cell.rank,
        "metric": cell.protocol_id,
        "coverage": behind.coverage if behind else None,
        "measured": behind.measured if behind else None,
        "judgeable": behind.judgeable if behind else None,
        "note": cell.note,
    }
