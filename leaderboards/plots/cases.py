"""Two methods case by case: a line for each case, which a difference of means hides."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UsageProblem
from leaderboards.numbers import mean, printed
from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.scores import Panel
from leaderboards.plots.style import (
    COLUMN,
    INK,
    SOFT,
    label,
    legend_above,
    look,
    new_figure,
    number,
    styled,
    wrapped,
)
from metrics.card import Direction

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_ACROSS = 2
_HEIGHT = 2.0
_BETTER, _WORSE = look(0).colour, look(1).colour


@dataclass(frozen=True, slots=True)
class Paired:
    """Two runs on the cases that both have.

    Attributes:
        panel: What is compared.
        names: The two runs.
        pairs: Both values by case.
    """

    panel: Panel
    names: tuple[str, str]
    pairs: Mapping[str, tuple[float, float]]

    @property
    def better(self) -> list[str]:
        """Cases in which the second run prints a better number."""
        return [case for case, (a, b) in self.pairs.items() if self._gain(a, b) > 0]

    @property
    def equal(self) -> list[str]:
        """Cases in which both print the same number."""
        return [case for case, (a, b) in self.pairs.items() if self._gain(a, b) == 0]

    @property
    def means(self) -> tuple[float, float]:
        """Means of both over the same cases."""
        first, second = zip(*self.pairs.values(), strict=True)
        return mean(first), mean(second)

    def _gain(self, a: float, b: float) -> float:
        """Return how much better ``b`` is; differences that no table prints are none."""
        card = self.panel.column.card
        shown = [float(printed(v, card.scale_exponent, card.digits)) for v in (a, b)]
        gain = shown[1] - shown[0]
        higher = card.direction is Direction.HIGHER
        return gain if higher else -gain


def paired(panel: Panel) -> Paired | None:
    """Return the two runs of a panel side by side; ``None`` if no case has both.

    Raises:
        UsageProblem: If there are not two runs.
    """
    names = list(panel.values)
    if len(names) != 2:
        raise UsageProblem(
            f"{len(names)} run{'s' if len(names) != 1 else ''} cannot be paired", "name two runs"
        )
    one, two = panel.values[names[0]], panel.values[names[1]]
    pairs = {case: (value, two[case]) for case, value in one.items() if case in two}
    return Paired(panel, (names[0], names[1]), pairs) if pairs else None


def said(one: Paired) -> str:
    """Say in a line how many cases are better."""
    total, better, equal = len(one.pairs), len(one.better), len(one.equal)
    card, (a, b) = one.panel.column.card, one.means
    alike = f", {equal} alike" if equal else ""
    return (
        f"{card.id}, {one.panel.column.kind}: {one.names[1]} is better than {one.names[0]} in "
        f"{better} of {total} cases{alike}; means {number(b)} and {number(a)}"
    )


def draw_cases(found: Sequence[Paired], path: Path) -> None:
    """Draw a panel for each metric and kind: the first run at the left, the second at the right.

    Args:
        found: At least one, of the same runs.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(cases_figure(found), path)


def cases_figure(found: Sequence[Paired]) -> "Figure":
    """Return the figure, see `draw_cases`."""
    across = min(_ACROSS, len(found))
    down = -(-len(found) // across)
    with styled():
        figure = new_figure(COLUMN, _HEIGHT * down + 0.25)
        axes = figure.subplots(down, across, squeeze=False)
        for axis, one in zip(axes.flat, found, strict=False):
            _panel(axis, one)
        for axis in axes.flat[len(found) :]:
            axis.set_visible(False)
        _legend(figure)
        return figure


def _panel(axis: "Axes", one: Paired) -> None:
    better, equal = set(one.better), set(one.equal)
    faint = max(0.15, min(0.9, 12.0 / len(one.pairs)))
    for case, values in one.pairs.items():
        style: dict[str, Any] = {"color": _BETTER, "ls": "-"}
        if case in equal:
            style = {"color": SOFT, "ls": ":"}
        elif case not in better:
            style = {"color": _WORSE, "ls": (0, (4, 1.5))}
        axis.plot([0, 1], values, lw=0.9, alpha=faint, marker="o", ms=2, **style)
    axis.plot([0, 1], one.means, color=INK, lw=2.0, marker="o", ms=4.5, zorder=5)
    axis.set_xlim(-0.4, 1.4)
    axis.set_xticks([0, 1], [wrapped(name, 13) for name in one.names], fontsize=6.0)
    axis.set_title(
        f"{label(one.panel.quantity, 24)} {one.panel.arrow} {one.panel.column.kind}\n"
        f"{len(better)} of {len(one.pairs)} better"
    )


def _legend(figure: "Figure") -> None:
    from matplotlib.lines import Line2D

    shown = [
        Line2D([], [], color=_BETTER, ls="-"),
        Line2D([], [], color=_WORSE, ls=(0, (4, 1.5))),
        Line2D([], [], color=INK, lw=2.0, marker="o", ms=4),
    ]
    legend_above(figure, shown, ["gets better", "gets worse", "mean"])
