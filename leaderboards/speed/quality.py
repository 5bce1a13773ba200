"""Quality beside speed: means of finished runs by the name of the method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from leaderboards.formats.layout import Head
from leaderboards.model import Cell, Column, Row, Table
from leaderboards.numbers import printed, superscript, typeset
from metrics.card import Direction

_ARROWS = {Direction.LOWER: "↓", Direction.HIGHER: "↑", Direction.DRIVER: "→ drv"}
_KINDS = {"self": "self-reenactment", "cross": "cross-reenactment"}


@dataclass(frozen=True, slots=True)
class Quality:
    """What runs say about quality.

    Attributes:
        columns: Metrics by kind of reenactment.
        cells: Of each method, one for each column.
        title: What was run.
        notes: What holds for the numbers.
    """

    columns: tuple[Column, ...] = ()
    cells: Mapping[str, tuple[Cell | None, ...]] = field(default_factory=dict)
    title: str = ""
    notes: tuple[str, ...] = ()

    @classmethod
    def of(cls, table: Table) -> "Quality":
        """Return the quality in a table of runs; of runs of one method the first is taken."""
        cells: dict[str, tuple[Cell | None, ...]] = {}
        for row in table.rows:
            if _counts(row):
                cells.setdefault(row.name, row.cells)
        cohort = table.cohort
        title = f"{cohort.dataset}/{cohort.split} version {cohort.version}"
        return cls(table.columns, cells, title, table.notes)

    def heads(self) -> tuple[Head, ...]:
        """Return the headers."""
        return tuple(_head(column) for column in self.columns)

    def text(self, name: str, index: int) -> tuple[str, str]:
        """Return the number of a method in a column, or an empty text, and why there is none."""
        cell = self.cell(name, index)
        if cell is None:
            return "", f"no finished run of {name} is among --runs"
        if cell.value is None:
            return "", cell.reason or "not measured"
        column = self.columns[index]
        shown = _number(column, cell.value)
        if column.by_distance and cell.distance is not None:
            shown += f" (|Δ| {_number(column, cell.distance)})"
        return shown, ""

    def cell(self, name: str, index: int) -> Cell | None:
        """Return the cell of a method in a column."""
        cells = self.cells.get(name, ())
        return cells[index] if index < len(cells) else None


def _number(column: Column, value: float) -> str:
    return typeset(printed(value, column.card.scale_exponent, column.card.digits))


def _counts(row: Row) -> bool:
    return row.role != "reference" and row.complete and bool(row.name)


def _head(column: Column) -> Head:
    card = column.card
    scale = f"×10{superscript(-card.scale_exponent)}" if card.scale_exponent else ""
    parts: Sequence[str] = (_ARROWS[card.direction], scale, card.unit)
    return Head(column.title, " ".join(p for p in parts if p), group=_KINDS[column.kind])
