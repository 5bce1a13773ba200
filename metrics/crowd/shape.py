"""The shape of a face without place, size, pose and most of its expression.

It tells people apart only roughly: the landmark network sees a turned head as another shape. On
real clips the distance of two shapes is about 0.01 between neighbouring frames of one person, 0.03
between frames a second apart, and 0.04 to 0.1 between two people; in profile, 0.1 within one
person. So it breaks ties where boxes overlap, and otherwise counts only between like views.
"""

import numpy as np
from numpy.typing import NDArray

STEADY: tuple[int, ...] = (
    *(127, 162, 21, 54, 103, 67, 109, 10, 338, 297, 332, 284, 251, 389, 356, 234, 454),
    *(33, 133, 362, 263, 168, 6, 197, 195, 151, 8, 122, 351, 193, 417),
)
"""Landmarks that expression hardly moves: outline above the jaw, eye corners, bridge of nose."""

Shapes = NDArray[np.float64]


def shapes(landmarks: NDArray[np.float32], size: tuple[int, int]) -> Shapes:
    """Return steady landmarks about their middle, scaled to unit norm.

    Args:
        landmarks: ``(..., 478, 3)`` as in `FaceSignal`; NaN stays NaN.
        size: ``(height, width)`` of the frames.

    Returns:
        ``(..., 31, 3)`` float64.
    """
    height, width = size
    points = landmarks[..., list(STEADY), :].astype(np.float64) * (width, height, width)
    points -= points.mean(axis=-2, keepdims=True)
    norm = np.sqrt((points * points).sum(axis=(-2, -1), keepdims=True))
    result: Shapes = points / np.maximum(norm, np.finfo(np.float64).tiny)
    return result


def distance(a: Shapes, b: Shapes) -> NDArray[np.float64]:
    """Return the Procrustes distance of shapes ``(..., 31, 3)``, broadcast; NaN stays NaN.

    The least Frobenius norm of the difference over all rotations, ``sqrt(2 - 2 tr(D))`` with the
    signed singular values D of the product (Kabsch 1976): 0 to the root of 2, blind to head pose.
    """
    product = np.einsum("...ni,...nj->...ij", a, b)
    known = np.isfinite(product).all(axis=(-2, -1))
    values = np.linalg.svd(np.where(known[..., None, None], product, 0.0), compute_uv=False)
    mirrored = np.sign(np.linalg.det(np.where(known[..., None, None], product, 0.0)))
    trace = values[..., 0] + values[..., 1] + mirrored * values[..., 2]
    result: NDArray[np.float64] = np.where(
        known, np.sqrt(np.maximum(2.0 - 2.0 * trace, 0.0)), np.nan
    )
    return result
