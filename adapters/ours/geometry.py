"""Axes, rotations and rigid fits.

Image axes, everywhere in this package: pixels, x right, y down, z away from the camera. The
tracker's landmarks become isotropic by x times width, y times height, z times width (its z is in
units of the width).

Pictures are taken by a camera in perspective. Its distance is counted in pixels at the depth of
the face, in which unit it equals the focal length; its axis is taken to run through the centre of
the face, so that what is done to a face does not depend on where in the picture it is.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np
from numpy.typing import NDArray

from adapters.base import Face

Points = NDArray[np.float64]

_NEAREST = 0.3  # nothing is nearer to the camera than this share of the face's distance
_FLIP = np.array([1.0, -1.0, -1.0])


def to_image_axes(rotation: NDArray[np.floating]) -> NDArray[np.float64]:
    """Turn a rotation in camera axes (x right, y up, z to the viewer) into image axes.

    Its own inverse: it conjugates by diag(1, -1, -1).
    """
    result: NDArray[np.float64] = _FLIP[:, None] * rotation.astype(np.float64) * _FLIP
    return result


def pixels(face: Face, size: tuple[int, int]) -> Points:
    """Return a face's landmarks ``(478, 3)`` in image axes for a frame of ``(height, width)``."""
    height, width = size
    return face.landmarks.astype(np.float64) * (width, height, width)


def solid(points: Points, distance: float) -> Points:
    """Return the solid behind a picture: undo perspective.

    Args:
        points: ``(..., 3)`` relative to the centre of the face: x and y as pictured, z depth.
        distance: Of the camera from the centre; ``inf`` for none of it.
    """
    deeper = np.maximum(1.0 + points[..., 2:] / distance, _NEAREST)
    return np.concatenate([points[..., :2] * deeper, points[..., 2:]], axis=-1)


def pictured(points: Points, distance: float) -> Points:
    """Return how a solid appears in the picture; the inverse of `solid`."""
    deeper = np.maximum(1.0 + points[..., 2:] / distance, _NEAREST)
    return np.concatenate([points[..., :2] / deeper, points[..., 2:]], axis=-1)


@dataclass(frozen=True, slots=True)
class RigidMotion:
    """How a head moves: it turns about ``centre``, grows, and shifts.

    Attributes:
        rotation: ``(3, 3)`` in image axes.
        scale: Growth in the picture, 1 is none.
        centre: ``(3,)`` point about which it turns.
        shift: ``(3,)`` by which the centre moves.
        distance: Of the camera, see `solid`.
    """

    rotation: NDArray[np.float64]
    scale: float
    centre: NDArray[np.float64]
    shift: NDArray[np.float64]
    distance: float = np.inf

    def __call__(self, points: Points) -> Points:
        """Return where picture points ``(..., 3)`` of the head go."""
        turned = solid(points - self.centre, self.distance) @ self.rotation.T
        result: Points = self.centre + self.shift + pictured(self.scale * turned, self.distance)
        return result

    @classmethod
    def still(cls, centre: NDArray[np.float64]) -> Self:
        """Return the motion that moves nothing."""
        return cls(np.eye(3), 1.0, centre, np.zeros(3))


def fit_rigid(before: Points, after: Points) -> tuple[NDArray[np.float64], float]:
    """Return rotation ``(3, 3)`` and scale that best turn ``before`` into ``after``, ``(N, 3)``.

    Least squares after removing both means (Kabsch 1976; the scale as in Umeyama 1991).
    """
    a, b = before - before.mean(axis=0), after - after.mean(axis=0)
    u, s, vt = np.linalg.svd(b.T @ a)
    sign = np.array([1.0, 1.0, np.sign(np.linalg.det(u @ vt))])
    rotation: NDArray[np.float64] = (u * sign) @ vt
    return rotation, float((s * sign).sum() / (a * a).sum())
