"""A Rich renderable: as many tables as the width asks for, so that no number is ever cut."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rich import box
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.table import Table as Grid
from rich.text import Text

from leaderboards.formats.layout import Layout, Line, Panel, Shown, Style, layout
from leaderboards.model import Table

_LABEL = 24
"""Longer labels are folded."""
_NARROW = 8
"""Labels are folded down to this width where the terminal is narrow."""
_GAP = 2
_BOX = box.Box("    \n    \n ── \n    \n ── \n ── \n    \n    \n", ascii=False)
"""Rules below the header and above the controls, nothing else."""
_STYLES = {Style.PLAIN: "", Style.BEST: "bold", Style.SECOND: "underline"}
# Where the output has no bold (a pipe, a file), the best and the second are marked as text.
_PLAIN = {Style.BEST: "*{}*", Style.SECOND: "_{}_"}
_LETTERS = str.maketrans("abcdefghijklmnoprstuvwxyz", "ᵃᵇᶜᵈᵉᶠᵍʰⁱʲᵏˡᵐⁿᵒᵖʳˢᵗᵘᵛʷˣʸᶻ")


@dataclass(frozen=True, slots=True)
class Terminal:
    """A table for a terminal; ``console.print`` it."""

    page: Layout

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Yield title, tables and footnotes for the width at hand."""
        styled = console.is_terminal
        yield Text(self.page.title, style="bold")
        if self.page.notice:
            yield Text(self.page.notice, style="yellow")
        for panel in self.page.panels:
            yield from _tables(panel, options.max_width, styled)
        yield Text()
        legend = self.page.legend() if styled else self.page.legend("*starred*", "_like this_")
        yield _notes([(m.translate(_LETTERS), text) for m, text in self.page.marked])
        yield _notes([("·", note) for note in legend])


def terminal(table: Table, coverage: bool = False) -> Terminal:
    """Return the table as a Rich renderable that reads well from 80 columns."""
    return Terminal(layout(table, coverage))


def _notes(notes: Sequence[tuple[str, str]]) -> Grid:
    grid = Grid.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for mark, text in notes:
        grid.add_row(mark, Text(text, style="dim"))
    return grid


def _tables(panel: Panel, width: int, styled: bool) -> Iterator[Text | Grid]:
    """Yield the panel in parts that fit ``width``; what may not be split is never cut."""
    widths = [_column(panel, i, styled).width + _GAP for i in range(len(panel.heads))]
    widest = max(sum(widths[first:stop]) for first, stop in panel.blocks())
    names = [panel.first, *(x.block for x in panel.lines)]
    widest_label = max(*map(cell_len, names), *(_label(x).cell_len for x in panel.lines))
    label = min(_LABEL, widest_label)
    label = min(label, max(_NARROW, width - widest))
    for part in panel.split(widths, width - label):
        yield Text(f"\n{part.name}", style="bold") if part.name else Text()
        yield _grid(part.filled(), label, styled)


def _grid(panel: Panel, label: int, styled: bool) -> Grid:
    columns = [_column(panel, i, styled) for i in range(len(panel.heads))]
    grid = Grid(
        box=_BOX,
        show_edge=False,
        pad_edge=False,
        padding=(0, 0, 0, _GAP - 1),
        header_style="bold",
        width=label + sum(column.width + _GAP for column in columns),
    )
    grid.add_column(panel.first, width=label, overflow="fold", vertical="bottom")
    for column in columns:
        grid.add_column(column.head, justify="right", vertical="bottom", width=column.width)
    i = 0
    for block, lines in panel.sections():
        if block:
            grid.add_row(Text(block, style="bold"))
        for line in lines:
            last = line is lines[-1]  # a rule after the last row of all is not drawn
            grid.add_row(_label(line), *(column.cells[i] for column in columns), end_section=last)
            i += 1
    return grid


@dataclass(frozen=True, slots=True)
class _Column:
    head: Text
    cells: list[Text]
    width: int


def _column(panel: Panel, index: int, styled: bool) -> _Column:
    """Set one column so that its digits stand below each other, beside marks and stars."""
    head = panel.heads[index]
    shown = [line.cells[index] for line in panel.lines]
    starred = not styled and any(x.style is not Style.PLAIN for x in shown)
    pad = max(len(x.mark) for x in shown)
    cells = [_cell(x, styled, starred, pad) for x in shown]
    width = max(
        *map(cell_len, head.title.split()), cell_len(head.detail), *(c.cell_len for c in cells)
    )
    above = f"{head.group}\n" if panel.grouped else ""
    width = max(width, *map(cell_len, head.group.split()), 0)
    return _Column(Text.assemble(above, head.title, "\n", (head.detail, "not bold")), cells, width)


def _cell(shown: Shown, styled: bool, starred: bool, pad: int) -> Text:
    if styled:
        text = Text(shown.text, style=_STYLES[shown.style])
    elif shown.style is Style.PLAIN:
        text = Text(f"{shown.text} " if starred and shown.text else shown.text)
    else:
        text = Text(_PLAIN[shown.style].format(shown.text))
    return Text.assemble(text, shown.mark.translate(_LETTERS).ljust(pad))


def _label(line: Line) -> Text:
    text = f"{line.label.text}{line.label.mark.translate(_LETTERS)}"
    return Text(text, style="" if line.role == "method" else "italic")
