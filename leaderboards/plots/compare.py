"""Differences between two runs with their intervals, one line a metric; reads in grey."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmark.errors import UsageProblem
from leaderboards.plots.save import check_ending, save
from leaderboards.text import clean

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_LINE = 0.26  # inches a metric
_WIDEST = 100.0
"""Per cent beyond which a difference is drawn at the edge, as an arrow."""
_SURE = {"worse": "#b2182b", "better": "#2166ac"}
_UNSURE = "#777777"


@dataclass(frozen=True, slots=True)
class Bar:
    """One metric.

    Attributes:
        name: Title and kind.
        loss: Difference in per cent of the first run's value, above 0 where the second is worse.
        low: Lower end of the interval; ``None`` without one.
        high: Upper end.
        word: What it comes to; ``worse`` and ``better`` are drawn filled.
    """

    name: str
    loss: float
    low: float | None
    high: float | None
    word: str


def draw_comparison(bars: Sequence[Bar], title: str, path: Path) -> None:
    """Draw differences into ``path``.

    Args:
        bars: From the top.
        title: Of the figure; may have several lines.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If there is nothing to draw, or the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    if not bars:
        raise UsageProblem("the two runs share no value that could be drawn")
    save(comparison_figure(bars, title), path)


def comparison_figure(bars: Sequence[Bar], title: str) -> "Figure":
    """Return the figure, see `draw_comparison`."""
    from matplotlib.figure import Figure  # no pyplot: nothing global, no window

    figure = Figure(figsize=(7.0, 1.4 + _LINE * len(bars)), layout="constrained")
    axis = figure.subplots()
    reach = min(_WIDEST, 1.15 * max(_reach(bar) for bar in bars) or 1.0)
    for place, bar in enumerate(bars):
        _draw(axis, place, bar, reach)
    axis.axvline(0.0, color="black", linewidth=0.8)
    axis.set_xlim(-reach, reach)
    axis.set_ylim(len(bars) - 0.4, -0.6)
    axis.set_yticks(range(len(bars)), [_safe(bar.name) for bar in bars], fontsize=8)
    axis.tick_params(axis="y", length=0)
    axis.set_xlabel("← B is better     difference in % of A, 95 % interval     B is worse →")
    axis.grid(axis="x", color="#dddddd", linewidth=0.6)
    axis.set_axisbelow(True)
    for side in ("top", "right", "left"):
        axis.spines[side].set_visible(False)
    axis.set_title("\n".join(map(_safe, title.splitlines())), fontsize=9, loc="left")
    return figure


def _draw(axis: Any, place: int, bar: Bar, reach: float) -> None:  # noqa: ANN401 - untyped library
    colour = _SURE.get(bar.word, _UNSURE)
    if bar.low is not None and bar.high is not None:
        ends = [max(-reach, bar.low), min(reach, bar.high)]
        axis.plot(ends, [place, place], color=colour, linewidth=1.6, solid_capstyle="butt")
    beyond = abs(bar.loss) > reach
    marker = "o" if not beyond else (">" if bar.loss > 0 else "<")
    at = max(-reach, min(reach, bar.loss))
    filled = colour if bar.word in _SURE else "white"
    axis.plot([at], [place], marker, color=colour, markerfacecolor=filled, markersize=5,
              clip_on=False)  # fmt: skip


def _reach(bar: Bar) -> float:
    return max(abs(end) for end in (bar.loss, bar.low or 0.0, bar.high or 0.0))


def _safe(text: str) -> str:
    return clean(text).replace("$", r"\$")  # a dollar sign would begin a formula
