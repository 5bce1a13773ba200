"""The eyeball: it stays where it is while lids slide over it, and turns with the gaze."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from adapters.ours import indices as at
from adapters.ours.geometry import Points
from adapters.ours.opening import Axes, Edges, Grid, edges, rest_axes

_IRIS_MARGIN = 1.15  # of the iris' radius that moves with it unstretched
_RIM = 0.15  # of the opening, along a lid, darkened by lashes and shadow
_STEPS = 12  # of the search around the iris
_RADIUS = 12.0 / 30.0  # of the eyeball over the width of the opening, adult means in mm
_NARROWEST = 0.5  # an iris is never drawn narrower than this share of its width
_CORNER = 0.02  # the iris' side of the stretched white keeps this far from the corners


@dataclass(frozen=True, slots=True)
class Eyeball:
    """One eyeball of a portrait.

    Attributes:
        source: The portrait.
        axes: Axes of the eye's opening at rest.
        edges: Its lids at rest.
        iris: Centre of the iris in these axes.
        radius: Radius of the iris in these axes.
    """

    source: Frame
    axes: Axes
    edges: Edges
    iris: tuple[float, float]
    radius: float

    @classmethod
    def of(cls, source: Frame, points: Points, opening: at.Opening) -> "Eyeball":
        """Return the eyeball behind an opening; ``points`` are landmarks at rest."""
        axes = rest_axes(points, opening)
        iris = axes.local(points[list(opening.iris), :2])
        radius = float(np.linalg.norm(iris[1:] - iris[0], axis=1).mean())
        centre = (float(iris[0, 0]), float(iris[0, 1]))
        return cls(source, axes, edges(points, opening, axes), centre, radius)

    def look(self, x: Grid, y: Grid, lids: Edges, iris: tuple[float, float]) -> NDArray[np.float32]:
        """Return the colours ``(h, w, 3)`` of the moved eyeball.

        Args:
            x: ``(h, w)`` points in the moved axes of the opening.
            y: The same.
            lids: The moved lids in these axes.
            iris: Where the iris' centre lies in these axes.
        """
        return self._colours(*self._rest_place(x, y, lids, iris))

    def _sample(self, x: Grid, y: Grid) -> NDArray[np.float32]:
        """Return the portrait's colours at points in the eye's axes at rest."""
        map_x, map_y = self.axes.picture(x, y)
        colours = cv2.remap(
            self.source, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE
        )
        result: NDArray[np.float32] = colours.astype(np.float32)
        return result

    def _colours(self, x: Grid, y: Grid, hidden: NDArray[np.bool_]) -> NDArray[np.float32]:
        """Return colours at points of the eyeball, guessed where the portrait's lids hide it.

        Iris and white are round about the centre of the iris: a hidden point goes around it, to
        either side, until the portrait shows it; near the middle both sides are mixed.
        """
        layer = self._sample(x, y)
        if not hidden.any():
            return layer
        hidden_x, hidden_y = x[hidden], y[hidden]
        offset = hidden_x - self.iris[0]
        share = 0.5 + 0.5 * np.clip(offset / (0.6 * self.radius), -1.0, 1.0)
        colours, weights = [], []
        for side, weight in ((-1.0, 1.0 - share), (1.0, share)):
            there_x, there_y, found = self._around(hidden_x, hidden_y, side)
            colours.append(self._sample(there_x[None], there_y[None])[0])
            weights.append(np.where(found, weight + 1e-3, 1e-6))
        both = np.stack(weights)
        both /= both.sum(axis=0)
        layer[hidden] = (both[..., None] * np.stack(colours)).sum(axis=0)
        near = cv2.dilate(hidden.astype(np.uint8), np.ones((3, 3), np.uint8)).astype(np.bool_)
        layer[near] = cv2.GaussianBlur(layer, (3, 3), 0.8)[near]
        return layer

    def _around(self, x: Grid, y: Grid, side: float) -> tuple[Grid, Grid, NDArray[np.bool_]]:
        """Return where points come into sight on their way around the iris, and whether they do.

        A point that does not goes to the nearest place between the lids.
        """
        radius = np.hypot(x - self.iris[0], y - self.iris[1])
        start = np.arctan2(y - self.iris[1], side * (x - self.iris[0]))
        found_x, found_y = x.copy(), np.clip(y, *_inner(self.edges, x))
        found = np.zeros(x.shape, dtype=np.bool_)
        for step in np.arange(1, _STEPS + 1) / _STEPS:
            angle = start * (1.0 - step)
            there_x = self.iris[0] + side * radius * np.cos(angle)
            there_y = self.iris[1] + radius * np.sin(angle)
            top, bottom = _inner(self.edges, there_x)
            shown = ~found & (there_y >= top) & (there_y <= bottom)
            shown &= (there_x > _CORNER) & (there_x < 1.0 - _CORNER)
            found_x[shown], found_y[shown] = there_x[shown], there_y[shown]
            found |= shown
        return found_x, found_y, found

    def _rest_place(
        self, x: Grid, y: Grid, lids: Edges, iris: tuple[float, float]
    ) -> tuple[Grid, Grid, NDArray[np.bool_]]:
        """Return where each point of the moved eye lies at rest, and whether it is hidden there.

        Sideways the iris moves as a whole and the white beside it is stretched up to the corners.
        Up and down everything moves as a whole: a lid that comes down hides, so that closing lids
        never fold. The rim along the upper lid, with lashes and shadow, stays with that lid.
        """
        half = _IRIS_MARGIN * self.radius
        narrowed = _foreshortening(iris[0]) / _foreshortening(self.iris[0])
        near = np.array([iris[0] - half * narrowed, iris[0] + half * narrowed])
        near = np.clip(near, _CORNER, 1.0 - _CORNER)
        knots = self.iris[0] + (near - iris[0]) / narrowed
        knots = np.clip(knots, 0.5 * _CORNER, 1.0 - 0.5 * _CORNER)
        rest_x = np.interp(x, [0.0, *near, 1.0], [0.0, *knots, 1.0])
        outside = (x < 0.0) | (x > 1.0)
        rest_x[outside] = x[outside]
        turn_y = iris[1] - self.iris[1]
        rest_y = y - turn_y
        hidden = np.zeros(x.shape, dtype=np.bool_)
        rest_edges, moved_edges = self.edges.at(rest_x), lids.at(x)
        rim = _RIM * (rest_edges[1] - rest_edges[0])
        for sign, kept, rest, moved in zip(
            (1.0, -1.0), (rim, 0.0 * rim), rest_edges, moved_edges, strict=True
        ):
            uncovered = np.maximum(sign * (rest - (moved - turn_y)), 0.0)
            shy = np.minimum(uncovered, kept)
            inwards = sign * (rest_y - (moved - turn_y))  # distance from the lid
            hidden |= (inwards > shy) & (inwards < uncovered + np.minimum(uncovered, rim))
            at_lid = (inwards <= shy) & (uncovered > 0.0)
            rest_y = np.where(at_lid, rest + sign * inwards, rest_y)
        return rest_x, rest_y, hidden & ~outside


def _inner(edges_: Edges, x: Grid) -> tuple[Grid, Grid]:
    """Return the edges at ``x`` without the rim where lashes and shadow lie."""
    top, bottom = edges_.at(x)
    rim = _RIM * (bottom - top)
    return top + rim, bottom - rim


def _foreshortening(x: float) -> float:
    """Return the width of an iris at ``x`` over its width when it looks straight ahead."""
    sine = (x - 0.5) / _RADIUS
    return float(np.sqrt(max(1.0 - sine * sine, _NARROWEST**2)))
