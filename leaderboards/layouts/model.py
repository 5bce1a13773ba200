"""A table in the layout of a paper as pure data: published and measured rows, block by block."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from leaderboards.model import Cell, Cohort, Role
from leaderboards.published import PublishedColumn, PublishedTable

Source = Literal["published", "self-reported", "measured"]
"""Who measured a row: a paper, its authors for their own method, or this suite."""
Pool = tuple[str, ...]
"""Numbers of one column are ranked with each other only if their pools are equal."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One number, or why there is none.

    Attributes:
        printed: As the paper prints or would print it, ASCII; empty if there is none.
        value: Raw, in the unit of the column; ``None`` if there is none.
        pool: With whom it is ranked; ``None`` if with nobody.
        rank: 1 is best; numbers that print alike share a rank; ``None`` when not ranked.
        note: A sentence on this number alone.
        protocol_id: Exact definition; empty for numbers of papers that state none.
        cell: What a measured number stands on.
        spread: Half the width of its 95 % interval, in the unit of the column.
    """

    printed: str = ""
    value: float | None = None
    pool: Pool | None = None
    rank: int | None = None
    note: str = ""
    protocol_id: str = ""
    cell: Cell | None = None
    spread: float | None = None

    @property
    def order(self) -> Decimal:
        """What ranks compare: the number as printed."""
        return Decimal(self.printed)


@dataclass(frozen=True, slots=True)
class Entries:
    """One row.

    Attributes:
        label: Name of the method.
        source: Who measured it.
        block: Name of the block it stands in.
        cells: One for each column.
        role: Controls and driving clips are no methods.
        method: Id of the method, or the name it was run under.
        run_id: The run; empty for published rows.
        note: What a reader must know of the row.
    """

    label: str
    source: Source
    block: str
    cells: tuple[Entry, ...]
    role: Role = "method"
    method: str = ""
    run_id: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class PaperTable:
    """A paper's table with what was measured here below it.

    Attributes:
        published: The paper's table: columns, order, scale, digits.
        rows: Published blocks, then measured ones.
        daggers: Keys of columns whose measured numbers stand on stand-ins.
        cohort: What was run; ``None`` without runs.
        notes: Sentences that hold for the whole table.
    """

    published: PublishedTable
    rows: tuple[Entries, ...]
    daggers: frozenset[str] = frozenset()
    cohort: Cohort | None = None
    notes: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[PublishedColumn, ...]:
        """The paper's columns."""
        return self.published.columns
