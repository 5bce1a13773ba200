"""The head pose from landmarks: MediaPipe's geometry pipeline.

Screen landmarks are lifted into a perspective camera (63 degrees high, near plane at 1 cm) by the
scale that a weighted orthogonal Procrustes fit of the canonical face finds, twice; the third fit
is the pose. Source: face_geometry/libs/geometry_pipeline.cc and Gower & Dijksterhuis, Procrustes
Problems (2004), 4.6. Done in float64: the official float32 differs by about 1e-4 degrees.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_VERTICAL_FOV = np.deg2rad(63.0)
_COMPACT = 1e-3


@dataclass(frozen=True, slots=True)
class CanonicalFace:
    """The face that pose is measured from.

    Attributes:
        points: ``(468, 3)`` centimetres, right-handed, y up.
        weights: ``(468,)`` how much each point takes part in the fit.
    """

    points: Floats
    weights: Floats


def poses(
    landmarks: NDArray[np.float32], size: tuple[int, int], face: CanonicalFace
) -> NDArray[np.float32]:
    """Return the head poses of the faces of one frame.

    Args:
        landmarks: ``(K, 478, 3)`` as in `FaceSignal`.
        size: ``(height, width)`` of the frame.
        face: The canonical face.

    Returns:
        ``(K, 4, 4)`` canonical face to camera, centimetres; NaN for faces that are smaller than a
        thousandth of the frame, where the official pipeline gives none.
    """
    height, width = size
    near_height = 2 * np.tan(_VERTICAL_FOV / 2)
    near_width = near_height * width / height
    screen = landmarks[:, : len(face.points)].astype(np.float64)
    projected = np.stack(
        [
            (screen[..., 0] - 0.5) * near_width,
            (0.5 - screen[..., 1]) * near_height,
            screen[..., 2] * near_width,
        ],
        axis=-1,
    )
    depth = projected[..., 2].mean(axis=1)[:, None]
    scale = _fit(face, projected * (1, 1, -1))[1]
    again = _fit(face, _lift(projected, depth, scale))[1]
    result = _fit(face, _lift(projected, depth, scale * again))[0]
    result[_compact(screen)] = np.nan
    return result.astype(np.float32)


def _lift(projected: Floats, depth: Floats, scale: Floats) -> Floats:
    """Undo the projection at a known scale; z points towards the camera afterwards."""
    z = (projected[..., 2] - depth + 1) / scale[:, None]
    return np.stack([projected[..., 0] * z, projected[..., 1] * z, -z], axis=-1)


def _fit(face: CanonicalFace, targets: Floats) -> tuple[Floats, Floats]:
    """Return the weighted similarity ``(K, 4, 4)`` onto ``targets`` and its scale ``(K,)``."""
    weights = face.weights / face.weights.sum()
    centred = face.points - weights @ face.points
    middle = np.einsum("n,knj->kj", weights, targets)
    design = np.einsum("kni,n,nj->kij", targets, weights, centred)
    left, _, right = np.linalg.svd(design)
    left[np.linalg.det(left @ right) < 0, :, 2] *= -1  # no reflections
    rotation = left @ right
    scale = np.einsum("kij,kij->k", rotation, design) / (weights @ (centred**2).sum(axis=1))
    matrix = np.zeros((len(targets), 4, 4))
    matrix[:, :3, :3] = rotation * scale[:, None, None]
    matrix[:, :3, 3] = middle - matrix[:, :3, :3] @ (weights @ face.points)
    matrix[:, 3, 3] = 1
    return matrix, scale


def _compact(screen: Floats) -> NDArray[np.bool_]:
    offset = screen[..., :2] - screen[..., :2].mean(axis=1, keepdims=True)
    radius: Floats = np.sqrt((offset**2).sum(axis=-1)).max(axis=1)
    return radius <= _COMPACT
