"""From the face detector's raw output to regions of interest, as BlazeFace does it.

Formulas: Bazarevsky et al., BlazeFace (2019), and the calculators that MediaPipe's
FaceDetectorGraph is made of (SsdAnchors, TensorsToDetections, NonMaxSuppression WEIGHTED,
DetectionsToRects, RectTransformation), written anew. Arithmetic is float32, as there.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]

_STRIDES = ((8, 2), (16, 6))  # cells of that many pixels, each with that many anchors
_SUPPRESSION = 0.5
_SCORE_CLIP = 100.0
_EXPAND = np.float32(1.5)
_N_KEYPOINTS = 6


@dataclass(frozen=True, slots=True)
class Regions:
    """Rotated rectangles in pixels of one frame.

    Attributes:
        centre: ``(K, 2)`` x, y.
        size: ``(K, 2)`` width, height.
        angle: ``(K,)`` radians, clockwise on the screen.
    """

    centre: Floats
    size: Floats
    angle: Floats

    def __len__(self) -> int:
        return len(self.angle)


def anchors(size: int) -> Floats:
    """Return the anchor centres ``(A, 2)`` as x, y in [0, 1]; all anchors have size 1."""
    rows = []
    for stride, repeats in _STRIDES:
        cells = -(-size // stride)
        centres = (np.arange(cells, dtype=np.float32) + np.float32(0.5)) / np.float32(cells)
        grid = np.stack(np.meshgrid(centres, centres), axis=-1).reshape(-1, 2)
        rows.append(np.repeat(grid, repeats, axis=0))
    return np.concatenate(rows)


def decode(raw: Floats, scores: Floats, threshold: float, size: int) -> tuple[Floats, Floats]:
    """Decode the anchors of one frame that may be faces.

    Args:
        raw: ``(A, 16)`` box centre and size, then six keypoints, relative to the anchors, pixels.
        scores: ``(A,)`` logits.
        threshold: Smallest probability.
        size: Side of the detector's input in pixels.

    Returns:
        ``(N, 16)``: x0, y0, x1, y1 and six keypoints x, y, all in [0, 1] of the detector's input;
        and ``(N,)`` probabilities.
    """
    probability = sigmoid(scores)
    chosen = probability >= np.float32(threshold)
    raw = raw[chosen] / np.float32(size)
    anchor = anchors(size)[chosen]
    centre, extent = raw[:, :2] + anchor, raw[:, 2:4]
    keypoints = raw[:, 4:].reshape(-1, _N_KEYPOINTS, 2) + anchor[:, None]
    boxes = np.concatenate(
        [centre - extent / 2, centre + extent / 2, keypoints.reshape(-1, 2 * _N_KEYPOINTS)], axis=1
    )
    real = (extent >= 0).all(axis=1)  # also drops NaN
    return boxes[real].astype(np.float32), probability[chosen][real]


def sigmoid(logits: Floats) -> Floats:
    """Return probabilities; logits are clipped at 100, as the official calculator does."""
    clipped = np.clip(logits.astype(np.float64), -_SCORE_CLIP, _SCORE_CLIP)
    return (1 / (1 + np.exp(-clipped))).astype(np.float32)


def suppress(boxes: Floats, scores: Floats) -> Floats:
    """Merge overlapping detections: each cluster becomes its score-weighted mean.

    Args:
        boxes: ``(N, 16)`` as `decode` returns them.
        scores: ``(N,)``.

    Returns:
        ``(M, 16)``, the best score of a cluster first.
    """
    order = np.argsort(-scores, kind="stable")
    merged = []
    while len(order):
        overlap = _iou(boxes[order[0]], boxes[order])
        near = overlap > _SUPPRESSION
        if not near.any():  # a box without area overlaps nothing, not even itself
            merged.append(boxes[order[0]])
            break
        cluster = order[near]
        weight = scores[cluster]
        merged.append((boxes[cluster] * weight[:, None]).sum(axis=0) / weight.sum())
        order = order[~near]
    return np.array(merged, dtype=np.float32).reshape(-1, boxes.shape[1])


def _iou(one: Floats, many: Floats) -> Floats:
    low = np.maximum(one[:2], many[:, :2])
    high = np.minimum(one[2:4], many[:, 2:4])
    shared = np.prod(np.maximum(high - low, 0), axis=1)
    area = np.prod(one[2:4] - one[:2]) + np.prod(many[:, 2:4] - many[:, :2], axis=1) - shared
    overlap: Floats = np.divide(shared, area, out=np.zeros_like(shared), where=area > 0)
    return overlap


def letterbox(height: int, width: int) -> Regions:
    """Return the square around a whole frame that the detector looks at."""
    side = max(height, width)
    return Regions(
        np.array([[width / 2, height / 2]], dtype=np.float32),
        np.full((1, 2), side, dtype=np.float32),
        np.zeros(1, dtype=np.float32),
    )


def box_pixels(boxes: Floats, height: int, width: int) -> tuple[Floats, Floats, Floats]:
    """Return upper left and lower right corners and the step from eye to eye, ``(M, 2)`` pixels.

    Args:
        boxes: ``(M, 16)`` in [0, 1] of the letterbox.
        height: Of the frame, in pixels.
        width: Of the frame, in pixels.
    """
    square = letterbox(height, width)
    corner = square.centre - square.size / 2
    points = boxes.reshape(-1, 2 + _N_KEYPOINTS, 2) * square.size[0, 0] + corner
    return points[:, 0], points[:, 1], points[:, 3] - points[:, 2]


def face_regions(boxes: Floats, height: int, width: int) -> Regions:
    """Return where the landmark network looks: 1.5 times the box, turned upright by the eyes.

    Args:
        boxes: ``(M, 16)`` in [0, 1] of the letterbox.
        height: Of the frame, in pixels.
        width: Of the frame, in pixels.
    """
    low, high, across = box_pixels(boxes, height, width)
    angle = np.arctan2(across[:, 1], across[:, 0])
    return Regions(_middle(low, high), (high - low) * _EXPAND, angle.astype(np.float32))


def _middle(low: Floats, high: Floats) -> Floats:
    middle: Floats = (low + high) * np.float32(0.5)
    return middle


def square_regions(low: Floats, high: Floats, across: Floats, scale: float) -> Regions:
    """Return squares around boxes, turned so that ``across`` is horizontal in them.

    Args:
        low: ``(K, 2)`` upper left corners in pixels.
        high: ``(K, 2)`` lower right corners.
        across: ``(K, 2)`` vectors from the face's right to its left.
        scale: Side of the square over the longer side of the box.
    """
    side = (high - low).max(axis=1, keepdims=True) * np.float32(scale)
    angle = np.arctan2(across[:, 1], across[:, 0]).astype(np.float32)
    return Regions(_middle(low, high), np.repeat(side, 2, axis=1), angle)
