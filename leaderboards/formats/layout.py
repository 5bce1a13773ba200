"""A table as strings in panels, marks assigned; formats only escape and set them.

All text is plain Unicode without markup. Arrows, the true minus, superscript digits and the dash
are characters that every format knows how to set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum

from leaderboards.formats import remarks
from leaderboards.model import KINDS, Cell, Cohort, Column, Kind, Role, Row, Table
from leaderboards.numbers import percent, printed, superscript, typeset
from metrics.card import Direction

DASH = "–"
_LETTERS = "abcdefghijklmnoprstuvwxyz"  # no q: it has no superscript form
_NAMES: dict[Kind, str] = {"self": "Self-reenactment", "cross": "Cross-reenactment"}
_ARROWS = {Direction.LOWER: "↓", Direction.HIGHER: "↑", Direction.DRIVER: "→ drv"}


class Style(Enum):
    """How a number is set off."""

    PLAIN = 0
    BEST = 1
    SECOND = 2


@dataclass(frozen=True, slots=True)
class Head:
    """Header of a column: its title, and arrow, scale and unit.

    ``joined`` columns stay beside the one before them when a panel is split.
    """

    title: str
    detail: str = ""
    joined: bool = False


@dataclass(frozen=True, slots=True)
class Shown:
    """One printed cell; ``mark`` is the letter of its footnote."""

    text: str
    style: Style = Style.PLAIN
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row."""

    label: Shown
    role: Role
    cells: tuple[Shown, ...]

    @property
    def empty(self) -> bool:
        """Whether nothing is printed beside the label (the reference row, mostly)."""
        return not any(shown.text for shown in self.cells)


@dataclass(frozen=True, slots=True)
class Panel:
    """The columns of one kind of reenactment; every panel has a line for every row."""

    name: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]

    def split(self, widths: Sequence[int], room: int) -> Iterator["Panel"]:
        """Yield parts whose columns fit ``room`` together, joined columns in one part.

        Args:
            widths: Width of each column with the gap before it.
            room: Width there is for columns; a part has at least one, even if it is wider.
        """
        start, used = 0, 0
        for first, stop in self.blocks():
            own = sum(widths[first:stop])
            if first > start and used + own > room:
                yield self._part(start, first)
                start, used = first, 0
            used += own
        yield self._part(start, len(self.heads))

    def blocks(self) -> list[tuple[int, int]]:
        """Return the half-open ranges of columns that may not be split."""
        starts = [i for i, head in enumerate(self.heads) if not head.joined]
        return list(zip(starts, [*starts[1:], len(self.heads)], strict=True))

    def _part(self, start: int, stop: int) -> "Panel":
        lines = tuple(Line(x.label, x.role, x.cells[start:stop]) for x in self.lines)
        name = f"{self.name} (continued)" if start else self.name
        return Panel(name, self.heads[start:stop], lines)

    def filled(self) -> "Panel":
        """Return the panel without the lines that are empty in it."""
        return Panel(self.name, self.heads, tuple(x for x in self.lines if not x.empty))


@dataclass(frozen=True, slots=True)
class Layout:
    """Everything a format prints.

    Attributes:
        title: What was run.
        notice: A warning about the split; empty for ordinary data.
        panels: One for each kind that has columns.
        marked: Footnotes with their letter.
        notes: Footnotes of the whole table.
        ranked: Whether any number is set off as best or second.
    """

    title: str
    notice: str
    panels: tuple[Panel, ...]
    marked: tuple[tuple[str, str], ...]
    notes: tuple[str, ...]
    ranked: bool

    def legend(self, best: str = "bold", second: str = "underlined") -> tuple[str, ...]:
        """Return the sentence on how ranks look, if there are any, and the notes."""
        how = (f"Best is {best}, second {second}.",) if self.ranked else ()
        return (*how, *self.notes)


@dataclass(slots=True)
class _Marks:
    letters: dict[str, str] = field(default_factory=dict)

    def of(self, sentence: str) -> str:
        """Return the letter of a footnote; the same sentence keeps its letter."""
        if not sentence:
            return ""
        return self.letters.setdefault(sentence, _letter(len(self.letters)))


def layout(table: Table, coverage: bool = False) -> Layout:
    """Set a table.

    Args:
        table: What to print.
        coverage: Print the coverage of each number beside it, not only the lowest of a row.
    """
    marks = _Marks()
    panels = tuple(
        _panel(table, kind, marks, coverage)
        for kind in KINDS
        if any(column.kind == kind for column in table.columns)
    )
    return Layout(
        title=_title(table.cohort),
        notice=table.cohort.notice,
        panels=panels,
        marked=tuple((mark, sentence) for sentence, mark in marks.letters.items()),
        notes=table.notes,
        ranked=any(cell and cell.rank for row in table.rows for cell in row.cells),
    )


def _panel(table: Table, kind: Kind, marks: _Marks, coverage: bool) -> Panel:
    chosen = [i for i, column in enumerate(table.columns) if column.kind == kind]
    columns = [table.columns[i] for i in chosen]
    heads = [Head("cases"), Head("cov.")]
    for column in columns:
        heads += _heads(column)
    lines = []
    for row in table.rows:
        cells = [row.cells[i] for i in chosen]
        label = Shown(row.label, mark=marks.of(row.note))
        shown = [_cases(row, kind, marks), _lowest(columns, cells)]
        for column, cell in zip(columns, cells, strict=True):
            shown += _cells(column, row, cell, marks, coverage)
        lines.append(Line(label, row.role, tuple(shown)))
    return Panel(_NAMES[kind], tuple(heads), tuple(lines))


def _heads(column: Column) -> list[Head]:
    card = column.card
    scale = f"×10{superscript(-card.scale_exponent)}" if card.scale_exponent else ""
    unit = "" if card.unit in column.title else card.unit
    detail = " ".join(x for x in (_ARROWS[card.direction], scale, unit) if x)
    if not column.by_distance:
        return [Head(column.title, detail)]
    distance = " ".join(x for x in ("|Δ| ↓", scale, unit) if x)
    return [Head(column.title, detail), Head(column.title, distance, joined=True)]


def _cells(
    column: Column, row: Row, cell: Cell | None, marks: _Marks, coverage: bool
) -> list[Shown]:
    blanks = [Shown("")] if column.by_distance else []
    if cell is None:
        return [Shown(""), *blanks]
    mark = marks.of(remarks.of_cell(row, cell))
    if cell.value is None:
        return [Shown(DASH, mark=mark), *blanks]
    share = f" ({percent(cell.coverage)})" if coverage and cell.coverage is not None else ""
    value = _number(column, cell.value) + share
    style = {1: Style.BEST, 2: Style.SECOND}.get(cell.rank or 0, Style.PLAIN)
    if not column.by_distance:
        return [Shown(value, style, mark)]
    if row.role == "reference":
        return [Shown(value, mark=mark), Shown("")]
    distance = DASH if cell.distance is None else _number(column, cell.distance)
    return [Shown(value), Shown(distance, style, mark)]


def _number(column: Column, value: float) -> str:
    return typeset(printed(value, column.card.scale_exponent, column.card.digits))


def _cases(row: Row, kind: Kind, marks: _Marks) -> Shown:
    count = row.counts.get(kind)
    if count is None:
        return Shown("")
    mark = marks.of(remarks.of_cases(row, count))
    if row.complete:
        return Shown(f"{count.delivered}/{count.judgeable}", mark=mark)
    return Shown(f"{count.finished}/{count.total} so far", mark=mark)


def _lowest(columns: Sequence[Column], cells: Sequence[Cell | None]) -> Shown:
    shares = [
        cell.coverage
        for column, cell in zip(columns, cells, strict=True)
        if cell and cell.coverage is not None and not column.card.timing
    ]
    return Shown(percent(min(shares)) if shares else "")


def _title(cohort: Cohort) -> str:
    cases = f"{cohort.n_cases} case{'s' if cohort.n_cases != 1 else ''}"
    parts = [f"{cohort.dataset}/{cohort.split} version {cohort.version}", cases]
    if cohort.limit is not None:
        parts.append(f"the first {cohort.limit} of the split")
    if cohort.max_frames is not None:
        parts.append(f"at most {cohort.max_frames} frames each")
    title = ", ".join([*parts, f"sha256 {cohort.sha256[:12]}"])
    return title if cohort.person is None else f"Person {cohort.person} from the left: {title}"


def _letter(index: int) -> str:
    base = len(_LETTERS)
    return _LETTERS[index] if index < base else _letter(index // base - 1) + _LETTERS[index % base]
