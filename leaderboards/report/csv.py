"""The worst cases as CSV."""

from collections.abc import Sequence

from leaderboards.formats.csv import write
from leaderboards.report.worst import Bad

FIELDS = ("label", "case", "protocol", "metric", "title", "unit", "place", "value", "reason")
"""Columns of the file; ``value`` is raw, or the distance to the driving clip's own."""


def worst_csv(found: Sequence[Bad]) -> str:
    """Return the worst cases, a line each, see `leaderboards.formats.csv`."""
    return write(
        FIELDS,
        (
            {
                "label": bad.label,
                "case": bad.case,
                "protocol": bad.column.kind,
                "metric": bad.column.card.id,
                "title": bad.column.title,
                "unit": bad.column.card.unit,
                "place": bad.rank,
                "value": bad.value,
                "reason": bad.reason,
            }
            for bad in found
        ),
    )
