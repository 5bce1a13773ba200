"""How many people there are, and who stands left of whom."""

import numpy as np
from numpy.typing import NDArray

from metrics.crowd.boxes import Boxes, centres, sizes
from metrics.crowd.definition import TRACKER
from metrics.signals.face import FaceSignal


def left_to_right(boxes: Boxes, people: int) -> NDArray[np.intp]:
    """Return the indices of the ``people`` largest boxes ``(F, 4)``, by box centre from the left.

    Fewer indices come back if there are fewer boxes; rows of NaN are no boxes.
    """
    valid = np.flatnonzero(np.isfinite(boxes[:, 0]))
    largest = valid[np.argsort(-sizes(boxes[valid]), kind="stable")[:people]]
    result: NDArray[np.intp] = largest[np.argsort(centres(boxes[largest])[:, 0], kind="stable")]
    return result


def grown(boxes: Boxes) -> NDArray[np.int64]:
    """Return the number of faces that count as people, ``(...)`` for boxes ``(..., F, 4)``.

    Those of at least `TrackerDefinition.smallest` of the size of the largest face of their frame,
    and of the usual largest one (the median over the frames that show any): where everybody is
    lost for a moment, the tiny faces that remain are still bystanders.
    """
    size = np.nan_to_num(sizes(boxes), nan=0.0)
    if size.shape[-1] == 0:
        return np.zeros(size.shape[:-1], dtype=np.int64)
    largest = size.max(axis=-1, keepdims=True)
    usual = float(np.median(largest[largest > 0.0])) if (largest > 0.0).any() else 0.0
    large = (size > 0.0) & (size >= TRACKER.smallest * np.maximum(largest, usual))
    return np.asarray(large.sum(axis=-1), dtype=np.int64)


def people_in(signal: FaceSignal, at_least: int) -> int:
    """Return how many people a clip or picture shows.

    The most frequent number of `grown` faces over the frames that show any (the smallest of
    several), but ``at_least`` that many: those whom the manifest names.
    """
    count = grown(signal.boxes())
    present = count[count > 0]
    usual = int(np.bincount(present).argmax()) if len(present) else 0
    return max(usual, at_least)
