"""Boxes as x0, y0, x1, y1: sizes, centres, overlap."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.float64]


def sizes(boxes: Boxes) -> NDArray[np.float64]:
    """Return the root of the area of boxes ``(..., 4)``; NaN stays NaN."""
    width, height = boxes[..., 2] - boxes[..., 0], boxes[..., 3] - boxes[..., 1]
    result: NDArray[np.float64] = np.sqrt(np.maximum(width * height, 0.0))
    return result


def centres(boxes: Boxes) -> Boxes:
    """Return the centres ``(..., 2)`` of boxes ``(..., 4)``."""
    result: Boxes = (boxes[..., :2] + boxes[..., 2:]) / 2.0
    return result


def giou(a: Boxes, b: Boxes) -> NDArray[np.float64]:
    """Return the generalised IoU of ``(A, 4)`` with ``(B, 4)`` boxes, ``(A, B)`` in [-1, 1].

    IoU less the share of the smallest enclosing box that neither covers (Rezatofighi et al.,
    CVPR 2019): 1 for equal boxes, and below 0 the farther apart two boxes are. Boxes without area
    overlap nothing.
    """
    low = np.maximum(a[:, None, :2], b[None, :, :2])
    high = np.minimum(a[:, None, 2:], b[None, :, 2:])
    common = np.maximum(high - low, 0.0).prod(axis=-1)
    union = sizes(a)[:, None] ** 2 + sizes(b)[None] ** 2 - common
    low = np.minimum(a[:, None, :2], b[None, :, :2])
    high = np.maximum(a[:, None, 2:], b[None, :, 2:])
    around = (high - low).prod(axis=-1)
    tiny = np.finfo(np.float64).tiny
    result: NDArray[np.float64] = common / np.maximum(union, tiny) - (around - union) / np.maximum(
        around, tiny
    )
    return result
