"""Points by which other networks know a face, taken from MediaPipe's mesh; the aligned crop."""

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]

ALIGNED_SIDE = 112
ALIGNED_FIVE: Points = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ]
)
"""Where ArcFace wants the five points in its 112x112 crop, in pixels: eyes, nose tip and corners
of the mouth, the image's left first (deepinsight/insightface@7fadd42 ``face_align.py``)."""

_EYES = ((33, 133), (362, 263))  # corners
_NOSE_TIP = 4  # 48 % of the way from eyes to mouth, as in the template; vertex 1 is at 58 %
_MOUTH_CORNERS = (61, 291)

_JAW = (162, 234, 93, 58, 172, 136, 149, 148, 152, 377, 378, 365, 397, 288, 323, 454, 389)
_BROWS = (71, 63, 105, 66, 107, 336, 296, 334, 293, 301)
_NOSE = (168, 197, 5, 4, 75, 97, 2, 326, 305)
_LIDS = (33, 160, 158, 133, 153, 144, 362, 385, 387, 263, 373, 380)
_OUTER_LIPS = (61, 39, 37, 0, 267, 269, 291, 405, 314, 17, 84, 181)
_INNER_LIPS = (78, 82, 13, 312, 308, 317, 14, 87)
MESH_68: tuple[int, ...] = (*_JAW, *_BROWS, *_NOSE, *_LIDS, *_OUTER_LIPS, *_INNER_LIPS)
"""Vertices that stand for the 68 points of iBUG 300-W, in its order. Nobody publishes an official
list; this one is in common use. A mesh's jaw follows the head, a 68-point network's the visible
outline, so that turned heads differ."""


def in_pixels(landmarks: NDArray[np.float32], size: tuple[int, int]) -> Points:
    """Return ``(..., 478, 2)`` float64 pixels of landmarks in [0, 1] of ``(height, width)``."""
    height, width = size
    pixels: Points = landmarks[..., :2].astype(np.float64) * (width, height)
    return pixels


def five_points(pixels: Points) -> Points:
    """Return ``(..., 5, 2)``: eyes, nose tip and mouth corners of ``(..., 478, 2)`` points."""
    eyes = [pixels[..., corners, :].mean(axis=-2) for corners in _EYES]
    rest = [pixels[..., vertex, :] for vertex in (_NOSE_TIP, *_MOUTH_CORNERS)]
    return np.stack([*eyes, *rest], axis=-2)


def points_68(pixels: Points) -> Points:
    """Return ``(..., 68, 2)`` of ``(..., 478, 2)`` points."""
    return pixels[..., MESH_68, :]


def similarity(points: Points, target: Points) -> Points:
    """Return the turn, scale and shift, ``(2, 3)``, that brings points nearest to ``target``.

    Least squares without reflection: with points as complex numbers it is the line
    ``target = a * point + b``.

    Args:
        points: ``(K, 2)``.
        target: ``(K, 2)``.

    Returns:
        The matrix; not finite if all points are one.
    """
    z, w = (p[:, 0] + 1j * p[:, 1] for p in (points, target))
    around = z - z.mean()
    with np.errstate(divide="ignore", invalid="ignore"):
        a = np.vdot(around, w - w.mean()) / np.vdot(around, around).real
    b = w.mean() - a * z.mean()
    return np.array([[a.real, -a.imag, b.real], [a.imag, a.real, b.imag]])


def aligned(frame: NDArray[np.uint8], five: Points) -> NDArray[np.uint8] | None:
    """Return the ``(112, 112, 3)`` crop in which five points lie at `ALIGNED_FIVE`.

    Bilinear, black outside the frame. ``None`` if the points are not finite or all one.
    """
    import cv2

    matrix = similarity(five, ALIGNED_FIVE)
    if not np.isfinite(matrix).all():
        return None
    size = (ALIGNED_SIDE, ALIGNED_SIDE)
    crop = cv2.warpAffine(frame, matrix, size, flags=cv2.INTER_LINEAR)
    return np.asarray(crop, dtype=np.uint8)
