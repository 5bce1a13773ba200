"""How far two face signals of the same frames differ, in the units of the documented bounds."""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from metrics.pose import geodesic_degrees
from metrics.signals.face import FaceSignal

Floats = NDArray[np.float64]


class Limits(NamedTuple):
    """Largest mean differences at which two engines share a definition.

    Attributes:
        landmarks: Pixels at 512 along the longer side.
        blendshapes: Mean absolute difference.
        rotation: Degrees.
    """

    landmarks: float
    blendshapes: float
    rotation: float


BOUNDS = Limits(0.1, 0.002, 0.1)
SAME_FACES = 0.995
"""Smallest share of frames in which both engines find the same number of faces."""


@dataclass(frozen=True, slots=True)
class Agreement:
    """Differences of all faces in frames where both engines find as many.

    Attributes:
        frames: Number of frames.
        same_faces: Share of frames with the same number of faces.
        landmarks: One value a face: mean distance in pixels at 512.
        blendshapes: One value a face: mean absolute difference of the 52.
        rotation: One value a face: geodesic angle in degrees.
    """

    frames: int
    same_faces: float
    landmarks: Floats
    blendshapes: Floats
    rotation: Floats

    def holds(self) -> bool:
        """Say whether all means are inside `BOUNDS` and the faces are the same."""
        pairs = zip((self.landmarks, self.blendshapes, self.rotation), BOUNDS, strict=True)
        inside = all(values.mean() <= bound for values, bound in pairs if len(values))
        return inside and self.same_faces >= SAME_FACES


def compare(one: FaceSignal, other: FaceSignal) -> Agreement:
    """Compare two signals of the same frames, face by face in the order found.

    Raises:
        ValueError: If they are not of the same frames.
    """
    if one.size != other.size or len(one.count) != len(other.count):
        raise ValueError("signals of different frames")
    same = one.count == other.count
    faces = [(t, f) for t in np.flatnonzero(same) for f in range(one.count[t])]
    rows = tuple(np.array(faces, dtype=np.intp).reshape(-1, 2).T)
    height, width = one.size
    to_pixels = np.array([width, height]) * 512 / max(height, width)
    step = (one.landmarks[rows][..., :2] - other.landmarks[rows][..., :2]) * to_pixels
    shapes = np.abs(one.blendshapes[rows].astype(np.float64) - other.blendshapes[rows])
    return Agreement(
        len(same),
        float(same.mean()) if len(same) else 1.0,
        np.linalg.norm(step, axis=-1).mean(axis=-1),
        shapes.mean(axis=-1),
        geodesic_degrees(_turns(one, rows), _turns(other, rows)),
    )


def _turns(signal: FaceSignal, rows: tuple[NDArray[np.intp], ...]) -> Floats:
    return signal.pose[rows][..., :3, :3].astype(np.float64)
