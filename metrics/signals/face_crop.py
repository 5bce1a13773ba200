"""Squares around faces, for networks that look at pictures: FID and FVD of faces alone."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Frame
from metrics.signals.face_engine import Detection, check_frame

FACTOR = 1.5
"""Side of the square in longer sides of the landmarks' box: hair and chin are in it."""
_MOST = 4
"""Longer sides of the frame; landmarks that span more are no face."""
WHERE = (
    f"square of {FACTOR:g} x the longer side of the 478 landmarks' box, centred on it, in whole "
    "pixels, beyond the frame its rim repeated, resized by OpenCV (INTER_AREA to shrink, "
    "INTER_CUBIC to grow), uint8"
)


@dataclass(frozen=True, slots=True)
class Square:
    """A square in a frame, in pixels; may reach beyond it."""

    left: int
    top: int
    side: int


def squares(faces: Detection, size: tuple[int, int]) -> list[Square | None]:
    """Return the square around each face, in the order of the detections.

    Args:
        faces: Faces of a frame.
        size: ``(height, width)`` of the frame.

    Returns:
        ``None`` for landmarks that are no face: not finite, less than a pixel, or far beyond the
        frame.
    """
    return [_square(one[:, :2].astype(np.float64), size) for one in faces.landmarks]


def _square(points: NDArray[np.float64], size: tuple[int, int]) -> Square | None:
    points = points * (size[1], size[0])
    if not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    longer = float((high - low).max())
    far = max(float(np.abs(low).max()), float(np.abs(high).max())) > _MOST * max(size)
    if longer < 1.0 or far:
        return None
    side = round(FACTOR * longer)
    left, top = np.round((low + high - side) / 2.0).astype(int)
    return Square(int(left), int(top), side)


def cut(frame: Frame, square: Square, side: int) -> Frame:
    """Return what a square shows, ``(side, side, 3)`` uint8.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        square: Where; beyond the frame its rim is repeated.
        side: Pixels of the result.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    import cv2

    check_frame(frame)
    rows = np.clip(np.arange(square.top, square.top + square.side), 0, frame.shape[0] - 1)
    columns = np.clip(np.arange(square.left, square.left + square.side), 0, frame.shape[1] - 1)
    shown = frame[rows[:, None], columns]
    method = cv2.INTER_AREA if square.side > side else cv2.INTER_CUBIC
    return np.asarray(cv2.resize(shown, (side, side), interpolation=method), dtype=np.uint8)


def crops(frame: Frame, faces: Detection, side: int) -> list[Frame | None]:
    """Return each face's crop, ``(side, side, 3)`` uint8; ``None`` where `squares` has none."""
    found = squares(faces, (frame.shape[0], frame.shape[1]))
    return [None if square is None else cut(frame, square, side) for square in found]
