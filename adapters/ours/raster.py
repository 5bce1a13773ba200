"""From moved triangles to an inverse map: for each pixel, where its colour comes from."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from adapters.ours.geometry import Points

_SUBPIXEL_BITS = 4
_THINNEST = 1e-3  # twice a triangle's area in pixels squared below which it is not drawn
Box = tuple[int, int, int, int]
Map = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Triangles over a picture.

    Attributes:
        points: ``(V, 2)`` where the vertices lie in the picture, pixel centres at integers.
        triangles: ``(T, 3)`` vertex indices.
        layers: ``(T,)`` what is drawn over what, lowest first.
        box: x0, y0, x1, y1 (exclusive): the only pixels that change.
    """

    points: Points
    triangles: NDArray[np.int32]
    layers: NDArray[np.int32]
    box: Box

    def inverse_map(self, moved: Points) -> tuple[Map, Map]:
        """Return, for each pixel of the box, the x and y in the picture it shows.

        Triangles of a lower layer are drawn before those of a higher one, in a layer those that
        are turned over before the others, and then far ones before near ones, so that a nose hides
        a cheek and a dropped chin the neck. Neighbours share their edges, and an affine map holds
        a little beyond its triangle, so there are neither cracks nor seams. Pixels that no triangle
        covers show themselves.

        Args:
            moved: ``(V, 3)`` where the vertices go; z (away) decides what hides what.
        """
        corners = moved[self.triangles]
        affine, drawn, turned = self._affine(corners[..., :2])
        x0, y0, x1, y1 = self.box
        labels = np.full((y1 - y0, x1 - x0), len(self.triangles), dtype=np.int32)
        scaled = (corners[..., :2] - (x0, y0)) * (1 << _SUBPIXEL_BITS)
        polygons = np.rint(scaled).astype(np.int32)
        order = np.lexsort((-corners[..., 2].mean(axis=1), ~turned, self.layers))
        for k in order[drawn[order]].tolist():
            cv2.fillConvexPoly(labels, polygons[k], k, cv2.LINE_8, _SUBPIXEL_BITS)
        return self._apply(affine, labels)

    def _affine(
        self, corners: Points
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], NDArray[np.bool_]]:
        """Return ``(6, T + 1)`` coefficients per triangle, which exist, which are turned over.

        The last column of the coefficients is the identity.
        """
        origin = corners[:, 0]
        u, v = corners[:, 1] - origin, corners[:, 2] - origin
        area = u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]
        drawn = np.abs(area) > _THINNEST
        inverse = 1.0 / np.where(drawn, area, 1.0)
        rest = self.points[self.triangles]
        a, b = rest[:, 1] - rest[:, 0], rest[:, 2] - rest[:, 0]
        along_x = (a * v[:, 1:2] - b * u[:, 1:2]) * inverse[:, None]
        along_y = (b * u[:, 0:1] - a * v[:, 0:1]) * inverse[:, None]
        start = rest[:, 0] - along_x * origin[:, 0:1] - along_y * origin[:, 1:2]
        rows = np.stack([along_x, along_y, start], axis=2)  # (T, axis, coefficient)
        table = np.concatenate([rows.reshape(-1, 6), [[1.0, 0.0, 0.0, 0.0, 1.0, 0.0]]])
        turned = area * (a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]) <= 0.0
        return np.ascontiguousarray(table.T, dtype=np.float32), drawn, turned

    def _apply(self, affine: NDArray[np.float32], labels: NDArray[np.int32]) -> tuple[Map, Map]:
        x0, y0, x1, y1 = self.box
        x = np.arange(x0, x1, dtype=np.float32)
        y = np.arange(y0, y1, dtype=np.float32)[:, None]
        flat = labels.astype(np.intp)
        maps = []
        for row in (0, 3):
            values = np.take(affine[row], flat)
            values *= x
            values += np.take(affine[row + 1], flat) * y
            values += np.take(affine[row + 2], flat)
            maps.append(values)
        return maps[0], maps[1]
