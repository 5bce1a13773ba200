"""How a method answers its dial: a straight line where half the dial is half the motion."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.style import (
    COLUMN,
    SOFT,
    legend_above,
    legend_height,
    look,
    new_figure,
    styled,
)

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_HEIGHT = 1.9
_LINEAR = "linear"


@dataclass(frozen=True, slots=True)
class ResponseCurves:
    """The answers of one run in one channel.

    Attributes:
        run: Its label.
        channel: ``expression`` or ``pose``.
        series: By series: pairs of dial setting and response, by rising setting.
    """

    run: str
    channel: str
    series: Mapping[str, Sequence[tuple[float, float]]]

    @property
    def mean(self) -> list[tuple[float, float]]:
        """Mean response at each setting that every series has."""
        shared = set.intersection(*({s for s, _ in one} for one in self.series.values()))
        by_setting = {s: [r for one in self.series.values() for t, r in one if t == s]
                      for s in sorted(shared)}  # fmt: skip
        return [(s, float(np.mean(values))) for s, values in by_setting.items()]

    @property
    def bend(self) -> float:
        """Largest distance of the mean from a straight line between its ends, in responses."""
        settings, responses = np.array(self.mean).T
        straight = np.interp(settings, settings[[0, -1]], responses[[0, -1]])
        return float(np.abs(responses - straight).max())


def draw_interpolation(found: Sequence[ResponseCurves], dial: str, path: Path) -> None:
    """Draw a panel a channel: each series thin, the mean of a run bold, the straight line dotted.

    Args:
        found: At least one.
        dial: Name of the dial.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(interpolation_figure(found, dial), path)


def interpolation_figure(found: Sequence[ResponseCurves], dial: str) -> "Figure":
    """Return the figure, see `draw_interpolation`."""
    from matplotlib.lines import Line2D

    channels = list(dict.fromkeys(one.channel for one in found))
    runs = list(dict.fromkeys(one.run for one in found))
    with styled():
        figure = new_figure(COLUMN, _HEIGHT + legend_height([*runs, _LINEAR]))
        axes = figure.subplots(1, len(channels), squeeze=False, sharey=True)[0]
        for axis, channel in zip(axes, channels, strict=True):
            axis.set_title(channel)
            axis.set_xlabel(f"dial '{dial}'")
            ends = [s for one in found for s, _ in one.mean]
            axis.plot([min(ends), max(ends)], [0, 1], color=SOFT, ls=":", lw=1.0)
            for one in found:
                if one.channel == channel:
                    _curves(axis, one, runs.index(one.run))
        axes[0].set_ylabel("share of the full motion")
        looks = [look(number) for number in range(len(runs))]
        shown = [Line2D([], [], color=o.colour, marker=o.marker, ls=o.dash) for o in looks]
        shown.append(Line2D([], [], color=SOFT, ls=":", lw=1.0))
        legend_above(figure, shown, [*runs, _LINEAR])
        return figure


def _curves(axis: "Axes", one: ResponseCurves, number: int) -> None:
    own = look(number)
    faint = max(0.15, min(0.5, 5.0 / len(one.series)))
    for points in one.series.values():
        axis.plot(*zip(*points, strict=True), color=own.colour, lw=0.7, alpha=faint)
    settings, responses = zip(*one.mean, strict=True)
    axis.plot(
        settings, responses, color=own.colour, marker=own.marker, ls=own.dash, lw=1.6, zorder=4
    )
