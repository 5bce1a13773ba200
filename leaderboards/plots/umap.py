"""A map of frames: one panel a signal, coloured by method, identity, emotion, case or part."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
from numpy.typing import NDArray

from benchmark.errors import UsageProblem
from leaderboards.plots.projection import Projection
from leaderboards.plots.save import check_ending, save_styled
from leaderboards.plots.style import (
    COLUMN,
    GROUND,
    SOFT,
    bare,
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

COLOURS = ("method", "part", "identity", "emotion", "case")
DRIVING = "driving"
OTHERS = "others"
_MOST = 8
"""Groups with a look of their own; the rest are one."""
_HEIGHT = 1.75
_BENEATH = 3.0
"""Driving points are so much larger that they look out from under results that meet them."""


class Point(Protocol):
    """What is known of a point, see `benchmark.points.Strand`."""

    @property
    def part(self) -> str: ...  # noqa: D102
    @property
    def run(self) -> str: ...  # noqa: D102
    @property
    def case(self) -> str: ...  # noqa: D102
    @property
    def identity(self) -> str: ...  # noqa: D102
    @property
    def emotion(self) -> str: ...  # noqa: D102


@dataclass(frozen=True, slots=True)
class Map:
    """Points of one signal in a plane.

    Attributes:
        title: Which signal.
        projection: Where the points lie.
    """

    title: str
    projection: Projection


def groups(points: Sequence[Point], colour: str) -> list[str]:
    """Return the group of each point; the largest keep their names, the rest are `OTHERS`.

    Args:
        points: One a point.
        colour: One of `COLOURS`. By method, driving clips are a group of their own.

    Raises:
        UsageProblem: If no point says what is asked for.
    """
    if colour == "method":
        named = [point.run or DRIVING for point in points]
    else:
        named = [str(getattr(point, colour)) for point in points]
    if not any(named):
        raise UsageProblem(
            f"no case says its {colour}", "split layouts give tags, see: bench data layouts"
        )
    named = [name or "not stated" for name in named]
    # Equal sizes are ordered by name, so that a picture does not depend on the order of files.
    order = sorted(Counter(named).items(), key=lambda item: (-item[1], item[0]))
    kept = {name for name, _ in order[:_MOST]} if len(order) > _MOST + 1 else set(named)
    return [name if name in kept else OTHERS for name in named]


def order(named: Sequence[str]) -> list[str]:
    """Return the names of groups as they are drawn: driving clips first, below; others last."""
    found = list(dict.fromkeys(named))
    special = {DRIVING: -1, OTHERS: 1}
    return sorted(found, key=lambda name: (special.get(name, 0), found.index(name)))


def draw_map(maps: Sequence[Map], named: Sequence[str], path: Path) -> None:
    """Draw the panels side by side, two in a row.

    Args:
        maps: At least one, of the same points.
        named: The group of each point.
        path: Ends in .png, .svg or .pdf.

    Raises:
        UsageProblem: If the ending of ``path`` names no format.
        EnvironmentProblem: If it cannot be written.
    """
    check_ending(path)
    save_styled(map_figure(maps, named), path)


def map_figure(maps: Sequence[Map], named: Sequence[str]) -> "Figure":
    """Return the figure, see `draw_map`."""
    from matplotlib.lines import Line2D

    shown, which = order(named), np.array(named)
    looks = looks_of(shown)
    with styled():
        across = min(2, len(maps))
        down = -(-len(maps) // across)
        height = _HEIGHT * down * (1.0 if across == 2 else 1.5)
        figure = new_figure(COLUMN, height + legend_height(shown) + 0.1)
        axes = figure.subplots(down, across, squeeze=False)
        for axis, one in zip(axes.flat, maps, strict=False):
            _panel(axis, one, which, looks)
        for axis in axes.flat[len(maps) :]:
            axis.set_visible(False)
        handles = [
            Line2D(
                [], [], color=colour, marker=marker, ls="", ms=3.5, mec=_edge(name, colour), mew=0.4
            )
            for name, (colour, marker) in looks.items()
        ]
        legend_above(figure, handles, shown)
        return figure


def looks_of(shown: Sequence[str]) -> Mapping[str, tuple[str, str]]:
    """Return colour and marker of each group: what is no method is grey."""
    found, number = {}, 0
    for name in shown:
        if name in (DRIVING, OTHERS):
            found[name] = (GROUND if name == DRIVING else SOFT, "o" if name == DRIVING else "x")
            continue
        own = look(number)
        found[name] = (own.colour, own.marker)
        number += 1
    return found


def _edge(name: str, colour: str) -> str:
    """Return the colour of a point's outline: what is light has a dark one."""
    return SOFT if name == DRIVING else colour


def _panel(
    axis: "Axes", one: Map, which: NDArray[np.str_], looks: Mapping[str, tuple[str, str]]
) -> None:
    points = one.projection.points
    size = float(np.clip(4000.0 / len(points), 1.2, 9.0))
    for layer, (name, (colour, marker)) in enumerate(looks.items()):
        x, y = points[which == name].T
        # Points as pixels, axes as curves: 6,400 markers make a PDF that no viewer scrolls.
        axis.scatter(
            x,
            y,
            s=size * (_BENEATH if name == DRIVING else 1.0),
            c=colour,
            marker=marker,
            alpha=0.75,
            lw=0.5 if marker == "x" else 0.3 if name == DRIVING else 0.0,
            ec="face" if marker == "x" else _edge(name, colour),
            rasterized=True,
            zorder=2 if name in (DRIVING, OTHERS) else 3 + layer,
        )
    bare(axis)
    for side in ("top", "right"):
        axis.spines[side].set_visible(True)
    axis.set_title(label(one.title))
    axis.set_xlabel(f"trustworthiness {one.projection.trustworthiness:.2f}", color=SOFT)
