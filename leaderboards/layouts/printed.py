"""Rows that papers print."""

import re
from collections.abc import Mapping
from decimal import Decimal

from leaderboards.layouts.model import Entries, Entry, Pool, Source
from leaderboards.published import (
    Method,
    Origin,
    PublishedColumn,
    PublishedRow,
    PublishedTable,
)

_SOURCES: Mapping[Origin, Source] = {
    "self-reported": "self-reported",
    "measured-by-paper": "published",
}


def published_rows(table: PublishedTable, methods: Mapping[str, Method]) -> list[Entries]:
    """Return the rows of a paper's table, block by block, not yet ranked.

    Args:
        table: The table.
        methods: Names by method id.
    """
    return [
        Entries(
            label=label(table, row, methods[row.method]),
            source=_SOURCES[row.origin],
            block=" · ".join(part for part in ("published", row.group) if part),
            cells=tuple(
                _entry(table, row, column, printed)
                for column, printed in zip(table.columns, row.values, strict=True)
            ),
            method=row.method,
            note=methods[row.method].note,
        )
        for row in table.rows
    ]


def label(table: PublishedTable, row: PublishedRow, method: Method) -> str:
    """Return the method's name with the variant, if the row is one: ``FantasyPortrait (Light)``."""
    if table.facts.row == "stage":
        return row.printed
    if row.printed in method.printed or row.printed.lower() == "ours":
        variant = re.search(r"\((.+)\)$", row.printed)
        return f"{method.label} ({variant[1]})" if variant else method.label
    ours = re.fullmatch(r"ours ?\((.+)\)", row.printed, re.IGNORECASE)
    return f"{method.label} ({ours[1] if ours else row.printed})"


def _entry(
    table: PublishedTable, row: PublishedRow, column: PublishedColumn, printed: Decimal | None
) -> Entry:
    if printed is None:
        return Entry()
    return Entry(
        printed=str(printed),
        value=table.raw(row, column),
        pool=None if table.facts.unranked or column.unranked else _pool(table, row, column),
        protocol_id=column.metric.protocol_id,
    )


def _pool(table: PublishedTable, row: PublishedRow, column: PublishedColumn) -> Pool:
    """Return whom a published number is compared with: its own table, or who measured alike."""
    metric, split = column.metric, table.facts.split_sha256
    if metric.protocol_id and split:
        return same(metric.protocol_id, metric.extractors, split, column.kind or "")
    return ("published", table.id, row.group)


def same(protocol_id: str, extractors: str, split: str, kind: str) -> Pool:
    """Return the pool of numbers of one definition on all cases of one kind of one split."""
    return ("same protocol", protocol_id, extractors, split, kind)
