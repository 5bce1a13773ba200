"""Eyes: the eyeball behind the lids, and the line of lashes where they meet."""

from dataclasses import dataclass

import cv2
import numpy as np

from adapters.base import Frame
from adapters.ours import indices as at
from adapters.ours.eyeball import Eyeball
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.opening import (
    SUBPIXEL_BITS,
    blend,
    edges,
    moved_axes,
    opening_box,
    opening_mask,
    pixel_box,
    pixel_grid,
)

_LASHES = 0.032  # thickness of the line of lashes over the width of the eye
_LASH_DARKNESS = 0.7


@dataclass(frozen=True, slots=True)
class Eye:
    """One eye of a portrait.

    Attributes:
        opening: Which landmarks it is.
        ball: What lies behind the lids.
        gap: Mean distance of the lids at rest, pixels.
    """

    opening: at.Opening
    ball: Eyeball
    gap: float

    @classmethod
    def of(cls, source: Frame, points: Points, opening: at.Opening) -> "Eye":
        """Return the eye of a portrait with landmarks ``points`` (pixel centres at integers)."""
        return cls(opening, Eyeball.of(source, points, opening), _gap(points, opening))

    def draw(self, frame: Frame, points: Points, head: RigidMotion) -> None:
        """Draw what shows between the lids at ``points`` into ``frame``."""
        box = opening_box(points, self.opening, (frame.shape[0], frame.shape[1]))
        if box is None:
            return
        axes = moved_axes(points, self.opening, self.ball.axes, head)
        lids = edges(points, self.opening, axes)
        iris = axes.local(points[self.opening.iris[0], :2])
        layer = self.ball.look(*pixel_grid(box, axes), lids, (float(iris[0]), float(iris[1])))
        blend(frame, box, opening_mask(points, self.opening, box), layer)
        self._draw_lashes(frame, points)

    def _draw_lashes(self, frame: Frame, points: Points) -> None:
        """Darken the line where the lids meet, the more the further they are closed.

        The lashes of an open eye are part of what its lid hides when it comes down.
        """
        closed = 1.0 - _gap(points, self.opening) / max(self.gap, 1e-6)
        width = _LASHES * float(np.linalg.norm(self.ball.axes.along))
        lid = points[list(self.opening.upper[1:-1]), :2]
        box = pixel_box(lid, 3.0 * width, (frame.shape[0], frame.shape[1]))
        if closed <= 0.0 or box is None:
            return
        x0, y0, x1, y1 = box
        line = np.zeros((y1 - y0, x1 - x0), dtype=np.uint8)
        corners = np.rint((lid - (x0, y0)) * (1 << SUBPIXEL_BITS)).astype(np.int32)
        thickness = max(1, round(width))
        cv2.polylines(line, [corners], False, 255, thickness, cv2.LINE_AA, SUBPIXEL_BITS)
        shade = cv2.GaussianBlur(line, (0, 0), max(0.6, 0.6 * width))
        dark = 1.0 - _LASH_DARKNESS * closed * shade.astype(np.float32)[..., None] / 255.0
        part = frame[y0:y1, x0:x1]
        part[...] = np.rint(part * dark).astype(np.uint8)


def _gap(points: Points, opening: at.Opening) -> float:
    upper, lower = points[list(opening.upper), :2], points[list(opening.lower), :2]
    return float(np.linalg.norm(lower - upper, axis=1).mean())
