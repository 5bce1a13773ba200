"""How well frames follow their own motion: the warping error of Lai et al., by Farneback flow."""

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

FLOW_SIDE = 256
"""Flow is computed on frames whose shorter side is at most this."""
_FARNEBACK = (0.5, 3, 15, 3, 5, 1.2, 0)
"""Scale, levels, window, iterations, neighbourhood, sigma, flags: those of TecoGAN's tOF."""

Frame = NDArray[np.uint8]
Flow = NDArray[np.float32]
"""``(H, W, 2)``: pixels to the right and down from the first frame to the second."""


@dataclass(frozen=True, slots=True)
class Motion:
    """Where the pixels of a frame are in the next one.

    Attributes:
        forward: ``(H, W, 2)`` flow from the first frame to the next.
        visible: ``(H, W)``: pixels that are seen in both and lie on no boundary of motion.
    """

    forward: Flow
    visible: NDArray[np.bool_]


def motion(before: Frame, after: Frame) -> Motion:
    """Return the motion between two ``(H, W, 3)`` uint8 RGB frames.

    Farneback's flow of the grey frames in both directions, at most `FLOW_SIDE` on the shorter
    side, enlarged to the frames' size. A pixel counts as visible by Lai's two rules: with the
    flow f and the flow back g found at its end, ``|f + g|^2 <= 0.01 (|f|^2 + |g|^2) + 0.5``, and
    ``|df/dx|^2 + |df/dy|^2 <= 0.01 |f|^2 + 0.002``.
    """
    first, second = _grey(before), _grey(after)
    forward = _enlarged(_farneback(first, second), before.shape)
    backward = _enlarged(_farneback(second, first), before.shape)
    back = pulled(backward, forward)
    length = _squared(forward)
    returns = _squared(forward + back) <= 0.01 * (length + _squared(back)) + 0.5
    even = _squared_gradient(forward) <= 0.01 * length + 0.002
    return Motion(forward, returns & even)


def warp_error(before: Frame, after: Frame, along: Motion) -> float:
    """Return the mean squared difference of a frame and its pulled-back successor, in [0, 1].

    Over visible pixels and RGB channels in [0, 1]; NaN where no pixel is visible.
    """
    if not along.visible.any():
        return float("nan")
    difference = pulled(after.astype(np.float32), along.forward) - before
    mask = along.visible.astype(np.uint8)
    squared = float(cv2.norm(difference, cv2.NORM_L2SQR, mask))
    return min(1.0, squared / (3 * int(mask.sum()) * 255.0**2))


def warp_step(before: Frame, after: Frame) -> float:
    """Return the warping error of two frames along their own motion."""
    return warp_error(before, after, motion(before, after))


def pulled(image: NDArray[np.float32], flow: Flow) -> NDArray[np.float32]:
    """Return ``image[p + flow(p)]`` for every pixel p: bilinear, clamped to the border."""
    height, width = flow.shape[:2]
    places = flow + np.dstack(np.meshgrid(np.arange(width), np.arange(height))).astype(np.float32)
    found = cv2.remap(image, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
    return np.asarray(found, dtype=np.float32)


def _grey(frame: Frame) -> Frame:
    grey = cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY)
    height, width = grey.shape
    if min(height, width) > FLOW_SIDE:
        scale = FLOW_SIDE / min(height, width)
        size = (round(width * scale), round(height * scale))
        grey = cv2.resize(grey, size, interpolation=cv2.INTER_AREA)
    return np.asarray(grey, dtype=np.uint8)


def _farneback(first: Frame, second: Frame) -> Flow:
    flow = cv2.calcOpticalFlowFarneback(first, second, None, *_FARNEBACK)  # type: ignore[call-overload]
    return np.asarray(flow, dtype=np.float32)


def _enlarged(flow: Flow, shape: tuple[int, ...]) -> Flow:
    height, width = shape[:2]
    scale = np.array([width / flow.shape[1], height / flow.shape[0]], dtype=np.float32)
    if flow.shape[:2] != (height, width):
        resized = cv2.resize(flow, (width, height), interpolation=cv2.INTER_LINEAR)
        flow = np.asarray(resized, dtype=np.float32)
    return flow * scale


def _squared(flow: Flow) -> NDArray[np.float32]:
    squared: NDArray[np.float32] = (flow * flow).sum(axis=-1)
    return squared


def _squared_gradient(flow: Flow) -> NDArray[np.float32]:
    """Return the squared forward differences in both directions; 0 past the last pixel."""
    gradient = np.zeros(flow.shape[:2], dtype=np.float32)
    gradient[:, :-1] += _squared(flow[:, :-1] - flow[:, 1:])
    gradient[:-1] += _squared(flow[:-1] - flow[1:])
    return gradient
