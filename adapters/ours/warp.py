"""Warping one face of a picture to new landmarks."""

import cv2
import numpy as np

from adapters.base import Frame
from adapters.ours import indices as at
from adapters.ours import topology
from adapters.ours.eyes import Eye
from adapters.ours.geometry import Points, RigidMotion
from adapters.ours.limits import Limit, frame_limit
from adapters.ours.mouth import Mouth
from adapters.ours.raster import Box, Map, Mesh
from adapters.ours.rings import N_RINGS, build_rings, ring_triangles

_UPPER_RIM, _LOWER_RIM = 0.14, 0.07  # of the opening, by which the skin begins outside the lids
_CUT = 4.0  # pixels by which the map jumps from one pixel to the next where something is hidden
_PIXEL_CENTRE = 0.5  # landmarks count from a pixel's corner, the rasteriser from its centre


class FaceWarp:
    """One face of a picture, ready to be moved.

    Args:
        image: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(478, 3)`` in pixels of the image: x right, y down, z away, same unit.
        limit: Where the warp must end; by default the frame. See `limits.separate`.
    """

    def __init__(self, image: Frame, landmarks: Points, limit: Limit | None = None) -> None:
        self._image = image
        size = (image.shape[0], image.shape[1])
        limit = limit or frame_limit(size)
        points = _prepared(landmarks)
        self._rings = build_rings(points, limit)
        everything = np.concatenate([points, self._rings.points.reshape(-1, 3)])
        face, (around, ring) = topology.load().triangles, ring_triangles()
        layers = np.concatenate([N_RINGS + topology.is_skin(), ring])
        self._box = _box(everything, size)
        self._mesh = Mesh(everything[:, :2], np.concatenate([face, around]), layers, self._box)
        inside = limit.mask(self._box)
        self._inside = None if inside is None else inside.astype(np.uint8)
        self._eyes = [Eye.of(image, points, opening) for opening in at.EYES]
        self._mouth = Mouth.of(image, points)
        self._rest = points

    @property
    def room(self) -> tuple[float, float, float, float]:
        """Pixels from the face's outline to the end of the warp: left, right, up, down."""
        return self._rings.room()

    def render(self, target: Points, head: RigidMotion, onto: Frame | None = None) -> Frame:
        """Return the picture with the face moved.

        Args:
            target: ``(478, 3)`` where the landmarks go, in pixels as in the constructor; z only
                decides what hides what.
            head: The rigid part of the movement, which hair and ears follow.
            onto: Frame to draw on, in place, for pictures of several faces; by default a copy of
                the picture.

        Returns:
            ``(H, W, 3)`` uint8. Landmarks and motion at rest give the picture itself.
        """
        points = _prepared(target)
        frame = self._image.copy() if onto is None else onto
        if self._inside is None:
            self._draw(frame, points, head)
            return frame
        alone = self._image.copy()
        self._draw(alone, points, head)
        x0, y0, x1, y1 = self._box
        cv2.copyTo(alone[y0:y1, x0:x1], self._inside, frame[y0:y1, x0:x1])
        return frame

    def _draw(self, frame: Frame, points: Points, head: RigidMotion) -> None:
        outline = list(at.OVAL)
        own = points[outline] - head(self._rest[outline])
        rings = self._rings.move(head, own)
        map_x, map_y = self._mesh.inverse_map(np.concatenate([points, rings.reshape(-1, 3)]))
        skin: Frame = cv2.remap(
            self._image, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REFLECT_101
        ).astype(np.uint8, copy=False)
        _soften_cuts(skin, map_x, map_y)
        x0, y0, x1, y1 = self._box
        frame[y0:y1, x0:x1] = skin
        for eye in self._eyes:
            eye.draw(frame, points, head)
        self._mouth.draw(frame, points, head)


def _prepared(landmarks: Points) -> Points:
    """Return landmarks with pixel centres at integers and lids where the skin begins.

    The tracker's lids lie a little inside the opening. Moving skin from there would drag a rim of
    the eyeball along; so the edge of the skin is put outside by a share of the opening, which
    vanishes as the eye closes.
    """
    points = landmarks - (_PIXEL_CENTRE, _PIXEL_CENTRE, 0.0)
    for eye in at.EYES:
        upper, lower = list(eye.upper[1:-1]), list(eye.lower[1:-1])
        gap = points[upper] - points[lower]
        points[upper] += _UPPER_RIM * gap
        points[lower] -= _LOWER_RIM * gap
    return points


def _soften_cuts(frame: Frame, map_x: Map, map_y: Map) -> None:
    """Smooth, in place, the edges where something hides something else.

    There the map jumps, and whole pixels are taken from either side: stairs. Everywhere else it is
    continuous, and interpolation has done its work.
    """
    cut = np.zeros(map_x.shape, dtype=np.uint8)
    for values in (map_x, map_y):
        cut[:, 1:] |= np.abs(np.diff(values, axis=1)) > _CUT
        cut[1:] |= np.abs(np.diff(values, axis=0)) > _CUT
    if not cut.any():
        return
    near = cv2.dilate(cut, np.ones((2, 2), dtype=np.uint8), anchor=(0, 0))
    cv2.copyTo(cv2.GaussianBlur(frame, (3, 3), 0.8), near, frame)


def _box(points: Points, size: tuple[int, int]) -> Box:
    low = np.floor(points[:, :2].min(axis=0)).astype(int)
    high = np.ceil(points[:, :2].max(axis=0)).astype(int) + 1
    height, width = size
    x0, y0 = int(np.clip(low[0], 0, width - 1)), int(np.clip(low[1], 0, height - 1))
    x1, y1 = int(np.clip(high[0], x0 + 1, width)), int(np.clip(high[1], y0 + 1, height))
    return x0, y0, x1, y1
