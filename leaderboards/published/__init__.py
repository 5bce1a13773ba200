"""Numbers that papers print, as data: one CSV a table, ``sources.toml`` for what they are.

Nothing here was measured by this suite. Every number is kept exactly as printed (a `Decimal`, so
``4.10`` stays ``4.10``), with who says so and by which rules, as far as the paper says them.

Read them so::

    from leaderboards.published import load

    library = load()                            # the tables of this package, read once
    table = library.table("fantasyportrait-1")  # UsageProblem with a guess if there is none
    table.paper.arxiv, table.facts.protocol     # where it is from, by which rules it was made
    for column in table.columns:                # column.key is "self.lmd"
        column.kind, column.metric.title, column.metric.unit, column.metric.direction
        column.metric.scale                     # printed = raw * 10**scale
        column.metric.ours                      # nearest definition here, "lmd.mediapipe478"
        column.metric.differs                   # why it is not the same number
    for row in table.rows:
        row.group, row.method, row.printed, row.origin, row.values
        table.raw(row, column)                  # float in the metric's unit, or None
    library.method("FollowYE")                  # "followyouremoji": one id for all its names

``load(folder)`` reads another folder of the same form; such a folder is hostile input. Methods
have the names of ``bench methods list`` where the suite knows them. docs/published.md describes the
files.
"""

from leaderboards.published.load import load
from leaderboards.published.model import (
    Library,
    Method,
    Metric,
    Origin,
    Paper,
    PublishedColumn,
    PublishedRow,
    PublishedTable,
    TableFacts,
)

__all__ = [
    "Library",
    "Method",
    "Metric",
    "Origin",
    "Paper",
    "PublishedColumn",
    "PublishedRow",
    "PublishedTable",
    "TableFacts",
    "load",
]
