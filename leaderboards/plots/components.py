"""How well each part of the face follows: every case, the mean, and its interval."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from leaderboards.numbers import mean
from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.scores import Panel
from leaderboards.plots.style import (
    COLUMN,
    FAINT,
    label,
    legend_above,
    legend_height,
    look,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.lines import Line2D

Interval = Callable[[Mapping[str, float]], tuple[float, float] | None]
"""Takes values by case; returns the 95 % interval of their mean, or ``None``."""
_ROW = 0.085  # inches a method in a component
_GAP = 0.09  # further inches a component
_MOST_DOTS = 400
_OF = {"follows": "distance from driver", "stays": "distance from portrait"}


def draw_components(found: Sequence[Panel], interval: Interval, path: Path) -> None:
    """Draw a row a component, methods below each other in it; self beside cross.

    Args:
        found: One a component and kind, of the same runs.
        interval: Of a mean over cases.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(components_figure(found, interval), path)


def components_figure(found: Sequence[Panel], interval: Interval) -> "Figure":
    """Return the figure, see `draw_components`."""
    grid = _grid(found)
    kinds = list(dict.fromkeys(kind for row in grid.values() for kind in row))
    runs = list(found[0].values)
    most = [max(len(group) for group in row.values()) for row in grid.values()]
    heights = [rows * (_GAP + _ROW * len(runs)) for rows in most]
    with styled():
        figure = new_figure(COLUMN, sum(heights) + 0.5 * len(grid) + legend_height(runs))
        axes = figure.subplots(len(grid), len(kinds), squeeze=False, height_ratios=heights)
        for line, ((part, unit), row) in zip(axes, grid.items(), strict=True):
            for axis, kind in zip(line, kinds, strict=True):
                axis.set_visible(kind in row)
                if kind in row:
                    _rows(axis, row[kind], runs, interval)
                    axis.set_title(kind)
                    axis.set_xlabel(f"{_OF[part]}{f' [{unit}]' if unit else ''} ↓")
                if axis is not line[0] and _titles(row.get(kind, [])) == _titles(row[kinds[0]]):
                    axis.set_yticklabels([])
        legend_above(figure, [_handle(number) for number in range(len(runs))], runs)
        return figure


def _grid(found: Sequence[Panel]) -> dict[tuple[str, str], dict[str, list[Panel]]]:
    """Return panels by what they are compared with and their unit, then by kind."""
    grid: dict[tuple[str, str], dict[str, list[Panel]]] = {}
    for panel in found:
        card = panel.column.card
        row = grid.setdefault(("stays" if card.still else "follows", card.unit), {})
        row.setdefault(panel.column.kind, []).append(panel)
    return grid


def _titles(group: Sequence[Panel]) -> list[str]:
    return [panel.column.title for panel in group]


def _handle(number: int) -> "Line2D":
    from matplotlib.lines import Line2D

    own = look(number)
    return Line2D([], [], color=own.colour, marker=own.marker, ls="", ms=5)


def _rows(axis: "Axes", group: Sequence[Panel], runs: Sequence[str], interval: Interval) -> None:
    step = 0.8 / len(runs)
    for row, panel in enumerate(group):
        for number, run in enumerate(runs):
            own, y = look(number), row - 0.4 + step * (number + 0.5)
            values = panel.values[run]
            if reach := interval(values) if values else None:
                axis.plot(reach, [y, y], color=own.colour, lw=1.4, solid_capstyle="butt")
            if values:
                axis.plot(
                    [mean(list(values.values()))], [y], own.marker, color=own.colour, mec="white",
                    mew=0.5, ms=5, zorder=4, clip_on=False,
                )  # fmt: skip
            if 1 < len(values) <= _MOST_DOTS:
                dots = list(values.values())
                axis.plot(dots, [y] * len(dots), "|", color=own.colour, ms=4, mew=0.7, alpha=0.6)
    axis.set_yticks(range(len(group)), [label(title) for title in _titles(group)])
    axis.set_ylim(len(group) - 0.5, -0.5)
    axis.set_xlim(left=0.0)
    axis.tick_params(axis="y", length=0)
    axis.grid(False, axis="y")
    axis.grid(True, axis="x")
    for row in range(1, len(group)):
        axis.axhline(row - 0.5, color=FAINT, lw=0.5)
