"""Quality against speed as a picture that reads in grey: marks tell cohorts apart, not colours."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from leaderboards.plots.save import check_ending, save
from leaderboards.speed.front import Plane, Spot
from leaderboards.text import clean
from metrics.card import Direction

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_MARKS = "osD^vPX<>p"
_LINES = ("-", "--", ":", "-.")
_REAL_TIME = (25, 30)
_WORDS = 110
"""Longest line below the picture, in characters."""


def draw_pareto(plane: Plane, title: str, path: Path) -> None:
    """Draw methods by frames a second (logarithmic) and a metric, with the front of each cohort.

    Args:
        plane: See `leaderboards.speed.front.plane`.
        title: What was run.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save(pareto_figure(plane, title), path)


def pareto_figure(plane: Plane, title: str) -> "Figure":
    """Return the figure, see `draw_pareto`."""
    from matplotlib.figure import Figure  # no pyplot: nothing global, no window

    figure = Figure(figsize=(6.4, 4.6), layout="constrained")
    axis = figure.subplots()
    letters = list(plane.cohorts)
    for letter in letters:
        _cohort(axis, [s for s in plane.spots if s.letter == letter], letters.index(letter), letter)
    axis.set_xscale("log")
    _room(axis, plane)
    for fps in _REAL_TIME:
        axis.axvline(fps, color="0.8", linewidth=0.8, zorder=0)
    axis.set_xlabel("frames a second (lines: 25 and 30)")
    axis.set_ylabel(_metric(plane))
    axis.grid(axis="y", color="0.92")
    axis.set_axisbelow(True)
    for side in ("top", "right"):
        axis.spines[side].set_visible(False)
    _ticks(axis)
    if len(letters) > 1:
        axis.legend(fontsize=8, frameon=False)
    axis.set_title(_plain(title), fontsize=10)
    figure.supxlabel(_below(plane), fontsize=6.5, x=0.02, ha="left", color="0.3")
    return figure


def _cohort(axis: Any, spots: list[Spot], index: int, letter: str) -> None:  # noqa: ANN401
    mark = _MARKS[index % len(_MARKS)]
    front = sorted((s for s in spots if s.best), key=lambda s: s.fps)
    label = f"cohort {letter}" if letter else None
    line = _LINES[index % len(_LINES)]
    speeds, values = [s.fps for s in front], [s.quality for s in front]
    # Whoever wants to be faster than one spot has to take the next one's quality.
    axis.plot(speeds, values, line, color="0.55", linewidth=1, drawstyle="steps-pre")
    for best, face in ((True, "black"), (False, "white")):
        chosen = [s for s in spots if s.best is best]
        axis.plot(
            [s.fps for s in chosen],
            [s.quality for s in chosen],
            mark,
            markerfacecolor=face,
            markeredgecolor="black",
            linestyle="none",
            label=label if best else None,
        )
    for spot in spots:
        axis.annotate(
            _plain(spot.label, 40),
            (spot.fps, spot.quality),
            xytext=(6, 5),
            textcoords="offset points",
            fontsize=8,
        )


def _room(axis: Any, plane: Plane) -> None:  # noqa: ANN401 - untyped library
    """Leave room to the right of the last spot for its name."""
    speeds = [spot.fps for spot in plane.spots]
    low, high = min(*speeds, 20.0), max(*speeds, 35.0)
    axis.set_xlim(low / 1.6, high * (high / low) ** 0.35 * 1.3)
    axis.margins(y=0.15)


def _ticks(axis: Any) -> None:  # noqa: ANN401 - untyped library
    from matplotlib.ticker import FuncFormatter, LogLocator, NullLocator

    axis.xaxis.set_major_locator(LogLocator(base=10, subs=(1.0, 2.0, 5.0)))
    axis.xaxis.set_minor_locator(NullLocator())
    axis.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def _metric(plane: Plane) -> str:
    card = plane.column.card
    if plane.column.by_distance:
        name, arrow = f"|Δ {plane.column.title}|", "↓"
    else:
        name = plane.column.title
        arrow = "↑" if card.direction is Direction.HIGHER else "↓"
    unit = f" [{card.unit}]" if card.unit and card.unit != "1" else ""
    return _plain(f"{name}{unit} {arrow}, {plane.column.kind}-reenactment")


def _below(plane: Plane) -> str:
    from textwrap import fill

    lines = [
        fill(_plain(f"{f'{letter}: ' if letter else ''}{words}", 600), _WORDS)
        for letter, words in plane.cohorts.items()
    ]
    filled = "filled: not beaten in both by another of its cohort"
    return "\n".join([filled, *lines, *(fill(_plain(a, 300), _WORDS) for a in plane.absent)])


def _plain(text: str, longest: int = 300) -> str:
    return clean(text, longest).replace("$", r"\$")  # a dollar sign would begin a formula
