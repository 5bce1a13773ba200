"""The one look of all plots: a column of a paper wide, readable in grey and by the colour-blind.

A series has a colour, a marker, a line pattern: any of the three tells it from its neighbours.
Colours are those of Okabe and Ito (jfly.uni-koeln.de/color), which most colour-blind people tell
apart, without yellow, in an order whose greys alternate between dark and light.
"""

import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from leaderboards.text import clean

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

COLUMN = 3.3
"""Inches: one column of a two-column paper."""
TEXT = 6.9
"""Inches: both columns."""
INK, SOFT, FAINT = "#1b1b1f", "#6b6b75", "#d0d0d8"
GROUND = "#c6c6ce"
"""Of what is only looked at beside the methods: driving clips."""
_COLOURS = ("#0072b2", "#e69f00", "#7a3b69", "#009e73", "#56b4e9", "#d55e00", "#cc79a7")
_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*")
_DASHES: tuple[Any, ...] = ("-", (0, (4, 1.5)), (0, (1, 1.2)), (0, (5, 1.2, 1, 1.2)))
_LONGEST = 36
_LEGEND, _HALF, _THIRD = 48, 21, 11
"""Characters of a name that fit a column of the page, half of it, and a third."""
_LINE = 0.135  # inches a line of a legend

STYLE: Any = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 7.0,
    "axes.titlesize": 7.5,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.labelsize": 7.0,
    "axes.labelcolor": INK,
    "axes.edgecolor": SOFT,
    "axes.linewidth": 0.6,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "axes.unicode_minus": True,
    "grid.color": FAINT,
    "grid.linewidth": 0.5,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.major.size": 2.5,
    "ytick.major.size": 2.5,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "legend.fontsize": 6.5,
    "legend.frameon": False,
    "legend.handlelength": 2.0,
    "lines.linewidth": 1.2,
    "lines.markersize": 3.5,
    "text.color": INK,
    "text.parse_math": False,  # names are text: a dollar sign begins no formula
}


@dataclass(frozen=True, slots=True)
class Look:
    """How one series is drawn."""

    colour: str
    marker: str
    dash: Any


def look(index: int) -> Look:
    """Return the look of the series at ``index``; the first 56 differ in colour or marker."""
    return Look(
        _COLOURS[index % len(_COLOURS)],
        _MARKERS[index % len(_MARKERS)],
        _DASHES[index % len(_DASHES)],
    )


def label(text: str, longest: int = _LONGEST) -> str:
    """Return a name as one line that matplotlib prints as it is.

    A leading underscore would take a series out of its legend, so that a space stands before it.
    """
    line = clean(text, longest)
    return f" {line}" if line.startswith("_") else line


def wrapped(text: str, width: int, lines: int = 3) -> str:
    """Return a name broken into lines of at most ``width`` characters."""
    return "\n".join(
        textwrap.wrap(
            label(text, width * lines),
            width,
            max_lines=lines,
            placeholder="…",
            break_on_hyphens=False,
        )
    )


@contextmanager
def styled() -> Iterator[None]:
    """Draw and save in this style; nothing global stays changed."""
    from matplotlib import rc_context

    with rc_context(STYLE):
        yield


def new_figure(width: float, height: float) -> "Figure":
    """Return an empty figure of this size in inches; call it inside `styled`."""
    from matplotlib.figure import Figure  # no pyplot: nothing global, no window

    return Figure(figsize=(width, height), layout="constrained")


def legend_height(names: Sequence[str]) -> float:
    """Return the inches that `legend_above` takes of a figure."""
    return _LINE * -(-len(names) // _columns(names))


def legend_above(figure: "Figure", handles: Sequence[Any], names: Sequence[str]) -> None:
    """Put a legend above all panels, where it hides nothing; long names stand in one column."""
    figure.legend(
        list(handles),
        [label(name, _LEGEND) for name in names],
        loc="outside upper left",
        ncols=_columns(names),
        columnspacing=1.2,
        borderpad=0.1,
        handletextpad=0.5,
    )


def _columns(names: Sequence[str]) -> int:
    longest = max(len(label(name, _LEGEND)) for name in names)
    wide = 3 if longest <= _THIRD else 2 if longest <= _HALF else 1
    return min(wide, len(names))


def bare(axis: "Axes") -> None:
    """Take ticks and grid from a panel whose axes have no unit."""
    axis.set_xticks([])
    axis.set_yticks([])
    axis.grid(False)


def number(value: float) -> str:
    """Return a number in three digits with a true minus."""
    return f"{value:.3g}".replace("-", "−")
