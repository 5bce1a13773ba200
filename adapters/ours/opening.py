"""What eyes and mouth have in common: an opening in the skin through which something shows.

Everything is done in the opening's own axes: origin in one corner, x along the line to the other
corner (which lies at 1), y across it, downwards, in the same unit at rest. They move with the
head, so that a picture that is rigid in these axes is a picture that turns with the head.
"""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.base import Frame
from adapters.ours import indices as at
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.raster import Box

SUBPIXEL_BITS = 3
Grid = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Axes:
    """The axes of an opening: ``p = origin + x * along + y * across``."""

    origin: NDArray[np.float64]
    along: NDArray[np.float64]
    across: NDArray[np.float64]

    def local(self, points: Points) -> Points:
        """Return picture points ``(..., 2)`` in these axes."""
        matrix = np.stack([self.along, self.across], axis=1)
        result: Points = (points - self.origin) @ np.linalg.inv(matrix).T
        return result

    def picture(self, x: Grid, y: Grid) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return where points given in these axes lie in the picture, as an OpenCV map."""
        px = self.origin[0] + x * self.along[0] + y * self.across[0]
        py = self.origin[1] + x * self.along[1] + y * self.across[1]
        return px.astype(np.float32), py.astype(np.float32)


def rest_axes(points: Points, opening: at.Opening) -> Axes:
    """Return the axes of an opening at rest; ``points`` are landmarks ``(478, >=2)``."""
    origin = points[opening.upper[0], :2]
    along = points[opening.upper[-1], :2] - origin
    return Axes(origin, along, np.array([-along[1], along[0]]))


def moved_axes(points: Points, opening: at.Opening, rest: Axes, head: RigidMotion) -> Axes:
    """Return the axes after the head moved and the landmarks went to ``points``.

    The corners give origin and x; y turns, grows and foreshortens with the head. A face so far
    from frontal that the axes collapse keeps them apart by a tenth.
    """
    origin = points[opening.upper[0], :2]
    along = points[opening.upper[-1], :2] - origin
    across = head.scale * (head.rotation[:2, :2] @ rest.across)
    area = along[0] * across[1] - along[1] * across[0]
    if abs(area) < 0.1 * float(rest.along @ rest.along):
        across = np.array([-along[1], along[0]])
        if float(along @ along) < 1.0:
            along, across = rest.along, rest.across
    return Axes(origin, along, across)


@dataclass(frozen=True, slots=True)
class Edges:
    """The two contours of an opening in its axes, as functions of x."""

    upper: Points
    lower: Points

    def at(self, x: Grid) -> tuple[Grid, Grid]:
        """Return y of the upper and of the lower edge (never above it) at ``x``."""
        top = np.interp(x, self.upper[:, 0], self.upper[:, 1])
        bottom = np.interp(x, self.lower[:, 0], self.lower[:, 1])
        return top, np.maximum(top, bottom)


def edges(points: Points, opening: at.Opening, axes: Axes) -> Edges:
    """Return the contours of an opening whose landmarks lie at ``points``."""
    return Edges(
        _increasing(axes.local(points[list(opening.upper), :2])),
        _increasing(axes.local(points[list(opening.lower), :2])),
    )


def _increasing(contour: Points) -> Points:
    x = np.maximum.accumulate(contour[:, 0] + 1e-6 * np.arange(len(contour)))
    return np.stack([x, contour[:, 1]], axis=1)


def pixel_box(points: Points, margin: float, size: tuple[int, int]) -> Box | None:
    """Return the pixels around ``points`` ``(N, 2)``, cut to the frame; ``None`` for none."""
    x0, y0 = np.floor(points.min(axis=0) - margin).astype(int)
    x1, y1 = np.ceil(points.max(axis=0) + margin).astype(int) + 1
    height, width = size
    box = (max(int(x0), 0), max(int(y0), 0), min(int(x1), width), min(int(y1), height))
    return box if box[0] < box[2] and box[1] < box[3] else None


def opening_box(points: Points, opening: at.Opening, size: tuple[int, int]) -> Box | None:
    """Return the pixels an opening touches, cut to the frame, or ``None`` if there are none."""
    return pixel_box(points[list(opening.loop), :2], 1.0, size)


def pixel_grid(box: Box, axes: Axes) -> tuple[Grid, Grid]:
    """Return the coordinates of a box's pixels in the given axes."""
    x0, y0, x1, y1 = box
    plane = np.stack(np.meshgrid(np.arange(x0, x1), np.arange(y0, y1)), axis=-1)
    local = axes.local(plane.astype(np.float64))
    return local[..., 0], local[..., 1]


def opening_mask(points: Points, opening: at.Opening, box: Box) -> NDArray[np.float32]:
    """Return how much of each pixel of ``box`` lies in the opening, ``(h, w)`` in [0, 1].

    Where the edges are nearer than a pixel the opening fades: OpenCV draws even an outline without
    area a pixel wide, which would leave bright slits in closed eyes.
    """
    x0, y0, x1, y1 = box
    mask = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
    loop = (points[list(opening.loop), :2] - (x0, y0)) * (1 << SUBPIXEL_BITS)
    cv2.fillPoly(mask, [np.rint(loop).astype(np.int32)], 255, cv2.LINE_AA, SUBPIXEL_BITS)
    upper, lower = points[list(opening.upper), :2], points[list(opening.lower), :2]
    gaps = np.linalg.norm(lower - upper, axis=1)
    middle = (upper + lower) / 2.0 - (x0, y0)
    order = np.argsort(middle[:, 0])
    open_ = np.interp(np.arange(x1 - x0), middle[order, 0], np.clip(gaps[order], 0.0, 1.0))
    result: NDArray[np.float32] = mask.astype(np.float32) / 255.0 * open_.astype(np.float32)
    return result


def blend(frame: Frame, box: Box, mask: NDArray[np.float32], layer: NDArray[np.float32]) -> None:
    """Lay ``layer`` ``(h, w, 3)`` over ``frame`` in place, as far as ``mask`` ``(h, w)`` goes."""
    x0, y0, x1, y1 = box
    below = frame[y0:y1, x0:x1]
    mixed = below + mask[..., None] * (layer - below)
    below[...] = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
