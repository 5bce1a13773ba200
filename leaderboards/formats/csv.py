"""Long form: one line for each method, kind and metric, with raw values at full precision."""

import csv as writer
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal

from leaderboards.model import Cell, Column, Row, Table

FIELDS = (
    "dataset",
    "split",
    "split_version",
    "split_sha256",
    "max_frames",
    "limit",
    "person",
    "run_id",
    "method",
    "label",
    "control",
    "complete",
    "protocol",
    "metric",
    "title",
    "unit",
    "direction",
    "value",
    "driver",
    "distance",
    "spread",
    "coverage",
    "measured",
    "judgeable",
    "unjudged_frames",
    "clips",
    "items",
    "stderr",
    "half",
    "floor",
    "rank",
    "unranked",
    "reason",
    "fingerprint",
    "hardware",
    "notice",
    "note",
)
"""Columns of the file; ``value``, ``driver``, ``distance`` and ``spread`` (half the width of the
95 % interval of what is ranked) are in ``unit``, unscaled."""

Value = str | int | float | bool | Decimal | None


def csv(*tables: Table, coverage: bool = False) -> str:
    """Return tables as CSV. Coverage is always a column, so ``coverage`` changes nothing.

    Numbers are the shortest decimals that give the same float64 back; what does not exist is an
    empty field. Text that a spreadsheet would take for a formula is preceded by an apostrophe.
    """
    del coverage
    return write(FIELDS, (record for table in tables for record in _records(table)))


def write(fields: Sequence[str], records: Iterable[Mapping[str, Value]]) -> str:
    """Return records as CSV with a header; a record has every field."""
    out = io.StringIO()
    lines = writer.DictWriter(out, fields, lineterminator="\n")
    lines.writeheader()
    for record in records:
        lines.writerow({name: _text(value) for name, value in record.items()})
    return out.getvalue()


def _records(table: Table) -> Iterator[dict[str, Value]]:
    for row in table.rows:
        if row.role == "reference":
            continue
        for column, cell in zip(table.columns, row.cells, strict=True):
            if cell is not None:
                yield {**_row(table, row), **_cell(column, cell)}


def _row(table: Table, row: Row) -> dict[str, Value]:
    cohort = table.cohort
    return {
        "dataset": cohort.dataset,
        "split": cohort.split,
        "split_version": cohort.version,
        "split_sha256": cohort.sha256,
        "max_frames": cohort.max_frames,
        "limit": cohort.limit,
        "person": cohort.person,
        "run_id": row.run_id,
        "method": row.name,
        "label": row.label,
        "control": row.role == "control",
        "complete": row.complete,
        "hardware": row.hardware,
        "notice": cohort.notice,
        "note": row.note,
    }


def _cell(column: Column, cell: Cell) -> dict[str, Value]:
    card, over = column.card, cell.over
    return {
        "protocol": column.kind,
        "metric": card.id,
        "title": column.title,
        "unit": card.unit,
        "direction": card.direction.value,
        "value": cell.value,
        "driver": cell.driver,
        "distance": cell.distance,
        "spread": cell.spread,
        "coverage": cell.coverage,
        "measured": cell.measured,
        "judgeable": cell.judgeable,
        "unjudged_frames": cell.unjudged,
        "clips": over.clips if over else None,
        "items": over.items if over else None,
        "stderr": over.stderr if over else None,
        "half": over.half if over else None,
        "floor": over.floor if over else None,
        "rank": cell.rank,
        "unranked": cell.unranked,
        "reason": cell.reason,
        "fingerprint": cell.fingerprint,
    }


def _text(value: Value) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case str():
            return f"'{value}" if value.startswith(("=", "+", "-", "@")) else value
        case Decimal():
            return str(value)
        case _:
            return repr(value)
