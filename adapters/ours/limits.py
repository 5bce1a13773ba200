"""How far the warp of one face may reach: the frame, and half way to each neighbour."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from adapters.ours import indices as at
from adapters.ours.geometry import Points


@dataclass(frozen=True, slots=True)
class Limit:
    """A convex region of the picture: all p with ``normals @ p <= offsets``.

    Attributes:
        normals: ``(N, 2)`` outward unit normals.
        offsets: ``(N,)`` in pixels.
        hard: ``(N,)``: whether a side must never be crossed (a neighbour's; the frame's may,
            where the face itself does).
    """

    normals: NDArray[np.float64]
    offsets: NDArray[np.float64]
    hard: NDArray[np.bool_]

    def distance(self, origin: Points, direction: Points) -> tuple[Points, NDArray[np.bool_]]:
        """Return how far each ray runs inside, ``(M,)``, and whether a hard side ends it.

        Args:
            origin: ``(M, 2)`` starts of the rays; a ray that starts outside has distance 0.
            direction: ``(M, 2)`` unit vectors.
        """
        slack = self.offsets - origin @ self.normals.T
        speed = direction @ self.normals.T
        with np.errstate(divide="ignore", invalid="ignore"):
            reach = np.where(speed > 1e-9, np.maximum(slack, 0.0) / speed, np.inf)
        side = reach.argmin(axis=1)
        return reach[np.arange(len(origin)), side], self.hard[side]

    def mask(self, box: tuple[int, int, int, int]) -> NDArray[np.bool_] | None:
        """Return which pixels of ``box`` (x0, y0, x1, y1) lie inside the hard sides.

        ``None`` when there is no hard side: everything is inside.
        """
        if not self.hard.any():
            return None
        x0, y0, x1, y1 = box
        x, y = np.arange(x0, x1), np.arange(y0, y1)[:, None]
        inside = np.ones((y1 - y0, x1 - x0), dtype=np.bool_)
        for normal, offset in zip(self.normals[self.hard], self.offsets[self.hard], strict=True):
            inside &= normal[0] * x + normal[1] * y <= offset
        return inside


def frame_limit(size: tuple[int, int]) -> Limit:
    """Return the region of a whole frame of ``(height, width)``."""
    height, width = size
    normals = np.array([(-1.0, 0.0), (1.0, 0.0), (0.0, -1.0), (0.0, 1.0)])
    offsets = np.array([0.0, width - 1.0, 0.0, height - 1.0])
    return Limit(normals, offsets, np.zeros(4, dtype=np.bool_))


def separate(faces: Sequence[Points], size: tuple[int, int]) -> list[Limit]:
    """Return one region a face, such that no two overlap.

    Between two faces runs the line half way between the nearest points of their outlines, across
    the line that joins them; where outlines overlap, half way between their centres.

    Args:
        faces: Landmarks ``(478, 3)`` of each face, in pixels.
        size: ``(height, width)`` of the frame.
    """
    outlines = [face[list(at.OVAL), :2] for face in faces]
    whole = frame_limit(size)
    regions = []
    for i, own in enumerate(outlines):
        sides = [_between(own, other) for j, other in enumerate(outlines) if j != i]
        normals = np.array([*whole.normals, *(normal for normal, _ in sides)])
        offsets = np.array([*whole.offsets, *(offset for _, offset in sides)])
        hard = np.array([False] * len(whole.offsets) + [True] * len(sides))
        regions.append(Limit(normals, offsets, hard))
    return regions


def _between(own: Points, other: Points) -> tuple[NDArray[np.float64], float]:
    """Return normal (from ``own`` to ``other``) and offset of the line between two outlines."""
    gaps = np.linalg.norm(own[:, None] - other[None], axis=2)
    i, j = np.unravel_index(gaps.argmin(), gaps.shape)
    start, end = own[i], other[j]
    normal = (end - start) / max(float(gaps[i, j]), 1e-9)
    apart = (own @ normal).max() <= normal @ (start + end) / 2.0 <= (other @ normal).min()
    if not apart:
        start, end = own.mean(axis=0), other.mean(axis=0)
        normal = (end - start) / max(float(np.linalg.norm(end - start)), 1e-9)
    return normal, float(normal @ (start + end) / 2.0)
