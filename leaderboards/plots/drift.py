"""A score over the minutes of long clips, with intervals: where methods begin to fall apart."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.style import (
    COLUMN,
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

_HEIGHT = 1.5


class Curve(Protocol):
    """What is drawn of a run, see `benchmark.drift_curves.DriftCurve`: ``(B,)`` each."""

    @property
    def minutes(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def mean(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def low(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def high(self) -> NDArray[np.float64]: ...  # noqa: D102
    @property
    def whole(self) -> NDArray[np.bool_]: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class DriftPanel:
    """One metric in one kind of reenactment.

    Attributes:
        quantity: Title and unit.
        kind: Self- or cross-reenactment.
        better: Which way is better, in words.
        curves: By run label.
    """

    quantity: str
    kind: str
    better: str
    curves: Mapping[str, Curve]


def draw_drift(found: Sequence[DriftPanel], runs: Sequence[str], path: Path) -> None:
    """Draw a panel below the other: block means, joined, with the interval as a band.

    A hollow point stands on fewer clips than the others, because some have ended.

    Args:
        found: At least one.
        runs: Labels of all runs; the same run looks the same in every panel.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(drift_figure(found, runs), path)


def drift_figure(found: Sequence[DriftPanel], runs: Sequence[str]) -> "Figure":
    """Return the figure, see `draw_drift`."""
    from matplotlib.lines import Line2D

    with styled():
        figure = new_figure(COLUMN, _HEIGHT * len(found) + legend_height(runs) + 0.2)
        axes = figure.subplots(len(found), 1, squeeze=False, sharex=True)[:, 0]
        for axis, panel in zip(axes, found, strict=True):
            for number, run in enumerate(runs):
                if run in panel.curves:
                    _curve(axis, panel.curves[run], number)
            axis.set_title(f"{label(panel.quantity)}, {panel.kind} ({panel.better} is better)")
            axis.set_xlim(left=0.0)
        axes[-1].set_xlabel("minutes")
        looks = [look(number) for number in range(len(runs))]
        shown = [Line2D([], [], color=o.colour, marker=o.marker, ls=o.dash) for o in looks]
        legend_above(figure, shown, runs)
        return figure


def _curve(axis: "Axes", one: Curve, number: int) -> None:
    own = look(number)
    axis.fill_between(one.minutes, one.low, one.high, color=own.colour, alpha=0.18, lw=0)
    axis.plot(one.minutes, one.mean, color=own.colour, ls=own.dash)
    for whole, face in ((True, own.colour), (False, "white")):
        where = one.whole == whole
        axis.plot(
            one.minutes[where], one.mean[where], own.marker, color=own.colour, mfc=face, zorder=4
        )
