"""Speed tables in long form, at full precision: one line for each point and column."""

from collections.abc import Iterator, Mapping, Sequence

from leaderboards.formats.csv import Value, write
from leaderboards.speed.columns import SpeedColumn
from leaderboards.speed.quality import Quality
from leaderboards.speed.rows import Rows, SpeedRow

FIELDS = (
    "cohort",
    "cohort_words",
    "method",
    "label",
    "valid",
    "flaws",
    "estimated",
    "kind",
    "column",
    "unit",
    "value",
)


def speed_csv(rows: Rows, columns: Sequence[SpeedColumn], quality: Quality) -> str:
    """Return the table as CSV; what is missing or invalid has an empty value."""
    return write(FIELDS, _records(rows, columns, quality))


def _records(
    rows: Rows, columns: Sequence[SpeedColumn], quality: Quality
) -> Iterator[Mapping[str, Value]]:
    for row in rows.rows:
        head = _head(row)
        for i, column in enumerate(quality.columns):
            cell = quality.cell(row.point.name, i)
            value = None if cell is None else cell.value
            yield {
                **head,
                "kind": column.kind,
                "column": column.card.id,
                "unit": column.card.unit,
                "value": value,
            }
        for speed in columns:
            value = None if row.figures is None else speed.value(row.figures, row.point)
            yield {
                **head,
                "kind": row.point.cohort.mode,
                "column": speed.title,
                "unit": speed.unit,
                "value": value,
            }


def _head(row: SpeedRow) -> dict[str, Value]:
    return {
        "cohort": row.point.cohort.id,
        "cohort_words": row.point.cohort.words,
        "method": row.point.name,
        "label": row.label,
        "valid": row.point.valid,
        "flaws": "; ".join(row.point.flaws),
        "estimated": row.figures is not None and row.figures.estimated,
    }
