"""A table as strings in panels, marks assigned; formats only escape and set them.

All text is plain Unicode without markup. Arrows, the true minus, superscript digits and the dash
are characters that every format knows how to set.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum
from itertools import groupby

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

    ``joined`` columns stay beside the one before them when a panel is split; neighbours of the same
    ``group`` share a header above theirs.
    """

    title: str
    detail: str = ""
    joined: bool = False
    group: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """One printed cell; ``mark`` is the letter of its footnote."""

    text: str
    style: Style = Style.PLAIN
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One printed row; a new ``block`` begins with its name."""

    label: Shown
    role: Role
    cells: tuple[Shown, ...]
    block: str = ""

    @property
    def empty(self) -> bool:
        """Whether nothing is printed beside the label (the reference row, mostly)."""
        return not any(shown.text for shown in self.cells)


@dataclass(frozen=True, slots=True)
class Panel:
    """Columns beside each other; every panel of a table has a line for every row.

    Attributes:
        name: The kind of reenactment; empty where heads have groups.
        heads: Headers.
        lines: Rows.
        first: Header of the labels.
    """

    name: str
    heads: tuple[Head, ...]
    lines: tuple[Line, ...]
    first: str = "method"

    @property
    def grouped(self) -> bool:
        """Whether there are headers above headers."""
        return any(head.group for head in self.heads)

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
        lines = tuple(replace(x, cells=x.cells[start:stop]) for x in self.lines)
        name = f"{self.name} (continued)".strip() if start else self.name
        return replace(self, name=name, heads=self.heads[start:stop], lines=lines)

    def filled(self) -> "Panel":
        """Return the panel without the lines that are empty in it."""
        return replace(self, lines=tuple(x for x in self.lines if not x.empty))

    def spans(self) -> list[tuple[str, int]]:
        """Return headers above headers with the number of columns below each."""
        runs = groupby(head.group for head in self.heads)
        return [(group, len(list(heads))) for group, heads in runs]

    def sections(self) -> list[tuple[str, list[Line]]]:
        """Return lines that stand between two rules, with the name of a block that begins there.

        Within a block methods and the rest (controls, the driving clip) are apart.
        """
        found: list[tuple[str, list[Line]]] = []
        before = ""
        for (block, _), lines in groupby(self.lines, lambda x: (x.block, x.role == "method")):
            found.append((block if block != before else "", list(lines)))
            before = block
        return found


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
class Marks:
    """Letters of footnotes, in the order in which they are first asked for."""

    letters: dict[str, str] = field(default_factory=dict)

    def of(self, sentence: str) -> str:
        """Return the letter of a footnote; the same sentence keeps its letter."""
        if not sentence:
            return ""
        return self.letters.setdefault(sentence, _letter(len(self.letters)))

    def footnotes(self) -> tuple[tuple[str, str], ...]:
        """Return every letter with its sentence."""
        return tuple((mark, sentence) for sentence, mark in self.letters.items())


def layout(table: Table, coverage: bool = False) -> Layout:
    """Set a table.

    Args:
        table: What to print.
        coverage: Print the coverage of each number beside it, not only the lowest of a row.
    """
    marks = Marks()
    panels = tuple(
        _panel(table, kind, marks, coverage)
        for kind in KINDS
        if any(column.kind == kind for column in table.columns)
    )
    return Layout(
        title=_title(table.cohort),
        notice=table.cohort.notice,
        panels=panels,
        marked=marks.footnotes(),
        notes=table.notes,
        ranked=any(cell and cell.rank for row in table.rows for cell in row.cells),
    )


def _panel(table: Table, kind: Kind, marks: Marks, coverage: bool) -> Panel:
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
    column: Column, row: Row, cell: Cell | None, marks: Marks, coverage: bool
) -> list[Shown]:
    blanks = [Shown("")] if column.by_distance else []
    if cell is None:
        return [Shown(""), *blanks]
    mark = marks.of(remarks.of_cell(row, cell))
    if cell.value is None:
        return [Shown(DASH, mark=mark), *blanks]
    share = f" ({percent(cell.coverage)})" if coverage and cell.coverage is not None else ""
    spread = "" if cell.spread is None else f" ±{_number(column, cell.spread)}"
    value = _number(column, cell.value) + ("" if column.by_distance else spread) + share
    style = of_rank(cell.rank)
    if not column.by_distance:
        return [Shown(value, style, mark)]
    if row.role == "reference":
        return [Shown(value, mark=mark), Shown("")]
    distance = DASH if cell.distance is None else _number(column, cell.distance) + spread
    return [Shown(value), Shown(distance, style, mark)]


def of_rank(rank: int | None) -> Style:
    """Return how a number of this rank is set off."""
    return {1: Style.BEST, 2: Style.SECOND}.get(rank or 0, Style.PLAIN)


def _number(column: Column, value: float) -> str:
    return typeset(printed(value, column.card.scale_exponent, column.card.digits))


def _cases(row: Row, kind: Kind, marks: Marks) -> Shown:
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
