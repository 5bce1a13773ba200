"""A result frame beside the true frame: what the pixel metrics share is computed once."""

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.structural import WINDOW, Planes, Similarity, similarity

Frame = NDArray[np.uint8]
REDUCED = 256
"""Side of the frames in X-NeMo's protocol."""


class FrameError(ValueError):
    """Frames that a pixel metric cannot compare; the message says why."""


def check_pair(generated: Frame, truth: Frame) -> None:
    """Refuse anything but two ``(H, W, 3)`` uint8 frames of one size.

    Raises:
        FrameError: With what was expected and what came.
    """
    for frame in (generated, truth):
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise FrameError(f"expected (H, W, 3) uint8 frames, got {frame.shape} {frame.dtype}")
        if frame.size == 0:
            raise FrameError(f"expected frames with pixels, got {frame.shape}")
    if generated.shape != truth.shape:
        raise FrameError(f"sizes differ: {generated.shape[:2]} and {truth.shape[:2]}")


class Pair:
    """Two frames of one size; metrics that stand on the same intermediate values share them.

    Args:
        generated: Frame of the result, ``(H, W, 3)`` uint8 RGB; not changed afterwards.
        truth: The true frame, likewise.

    Raises:
        FrameError: If these are not two such frames of one size.
    """

    def __init__(self, generated: Frame, truth: Frame) -> None:
        check_pair(generated, truth)
        self.generated = generated
        self.truth = truth
        self._planes: list[Planes] = []
        self._similarities: list[Similarity] = []
        self._reduced: Pair | None = None

    @property
    def size(self) -> tuple[int, int]:
        """``(height, width)``."""
        return self.truth.shape[0], self.truth.shape[1]

    def similarity(self, scale: int) -> Similarity:
        """Return the structural similarity after halving both frames ``scale`` times.

        Raises:
            FrameError: If the window does not fit into the frames at that scale.
        """
        while len(self._similarities) <= scale:
            self._similarities.append(similarity(self._next_planes()))
        return self._similarities[scale]

    def _next_planes(self) -> Planes:
        """Return the planes of the first scale that has none yet, which must hold a window."""
        last = self._planes
        planes = last[-1].halved() if last else Planes.of(self.generated, self.truth)
        if min(planes.total.shape[:2]) < WINDOW:
            height, width = self.size
            raise FrameError(f"the {WINDOW}x{WINDOW} window does not fit into {width}x{height}")
        self._planes.append(planes)
        return planes

    def reduced(self) -> "Pair":
        """Return both frames at 256x256: area filter, rounded to uint8, aspect not kept.

        Raises:
            FrameError: If a side is shorter than that; nothing is enlarged.
        """
        if self._reduced is None:
            self._reduced = Pair(reduce_frame(self.generated), reduce_frame(self.truth))
        return self._reduced


def reduce_frame(frame: Frame) -> Frame:
    """Return a frame at 256x256: area filter, rounded to uint8, aspect not kept.

    A frame of that size is returned itself.

    Raises:
        FrameError: If a side is shorter than that; nothing is enlarged.
    """
    height, width = frame.shape[:2]
    if min(height, width) < REDUCED:
        raise FrameError(
            f"frames of {width}x{height} would be enlarged: "
            f"the {REDUCED}x{REDUCED} protocol needs at least that"
        )
    if (height, width) == (REDUCED, REDUCED):
        return frame
    small = cv2.resize(frame, (REDUCED, REDUCED), interpolation=cv2.INTER_AREA)
    return np.asarray(small, dtype=np.uint8)
