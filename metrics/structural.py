"""Structural similarity of two frames (Wang 2004), in the form that costs least.

With s = x + y and d = x - y, every term of the index follows from the Gaussian means of s, d, s^2
and d^2: 2 mx my = (P - Q) / 2 and mx^2 + my^2 = (P + Q) / 2 with P, Q the squared means of s, d;
2 cov = (var s - var d) / 2 and var x + var y = (var s + var d) / 2. That is four filters for the
five of the textbook form. s and d are whole numbers, exact in float32 as their squares are; s is
taken around the middle of its range, which keeps the variances of bright frames exact.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

WINDOW, SIGMA = 11, 1.5
_HALF = WINDOW // 2
_STRIP = 64
"""Window rows at a time: the working arrays of a strip stay in the second-level cache."""
_RANGE = np.float32(255.0)
_C1, _C2 = np.float32(2 * (0.01 * 255) ** 2), np.float32(2 * (0.03 * 255) ** 2)
"""Wang's constants for K = (0.01, 0.03), doubled as all four terms are."""

Plane = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Planes:
    """Two frames as sum and difference.

    Attributes:
        total: ``(H, W, 3)``: x + y - 255, in [-255, 255].
        difference: ``(H, W, 3)``: x - y, in [-255, 255].
    """

    total: Plane
    difference: Plane

    @classmethod
    def of(cls, x: NDArray[np.uint8], y: NDArray[np.uint8]) -> "Planes":
        """Return the planes of two ``(H, W, 3)`` uint8 frames."""
        total = np.asarray(cv2.add(x, y, dtype=cv2.CV_32F), dtype=np.float32)
        total -= _RANGE
        difference = cv2.subtract(x, y, dtype=cv2.CV_32F)
        return cls(total, np.asarray(difference, dtype=np.float32))

    def halved(self) -> "Planes":
        """Return the next coarser scale: means of 2x2 pixels, without rounding.

        An odd side repeats its last row or column, as Wang's code does.
        """
        return Planes(_halved(self.total), _halved(self.difference))


@dataclass(frozen=True, slots=True)
class Similarity:
    """Means over all window positions inside the frame, by channel.

    Attributes:
        index: ``(3,)`` float64: the whole index (luminance, contrast and structure).
        contrast: ``(3,)`` float64: contrast and structure alone.
    """

    index: NDArray[np.float64]
    contrast: NDArray[np.float64]


def similarity(planes: Planes) -> Similarity:
    """Return the structural similarity of two frames of at least 11x11 pixels.

    11x11 Gaussian window with sigma 1.5, population covariance, K = (0.01, 0.03), data range 255,
    only window positions that lie inside the frame. Exactly 1 for equal frames.
    """
    height, width = planes.total.shape[:2]
    rows, columns = height - WINDOW + 1, width - WINDOW + 1
    work = np.empty((6, _STRIP + WINDOW - 1, width, 3), dtype=np.float32)
    sums = np.zeros((2, 3))
    for strip in _strips(rows):
        one = Planes(planes.total[strip], planes.difference[strip])
        maps = _strip_maps(one, work[:, : len(one.total)])
        sums += np.array([cv2.sumElems(plane)[:3] for plane in maps])
    index, contrast = sums / (rows * columns)
    return Similarity(index, contrast)


def similarity_map(planes: Planes) -> Plane:
    """Return the whole index of `similarity` at each window position, ``(H - 10, W - 10, 3)``."""
    height, width = planes.total.shape[:2]
    found = np.empty((height - WINDOW + 1, width - WINDOW + 1, 3), dtype=np.float32)
    work = np.empty((6, _STRIP + WINDOW - 1, width, 3), dtype=np.float32)
    for strip in _strips(len(found)):
        one = Planes(planes.total[strip], planes.difference[strip])
        index, _ = _strip_maps(one, work[:, : len(one.total)])
        found[strip.start : strip.start + len(index)] = index
    return found


def _strips(rows: int) -> Iterator[slice]:
    for top in range(0, rows, _STRIP):
        yield slice(top, min(top + _STRIP, rows) + WINDOW - 1)


def _strip_maps(planes: Planes, work: Plane) -> tuple[Plane, Plane]:
    """Return index and contrast at the window positions of a strip; overwrites ``work``."""
    squares = work[0]
    _smooth(planes.total, work[1])
    _smooth(planes.difference, work[2])
    _smooth(np.multiply(planes.total, planes.total, out=squares), work[3])
    _smooth(np.multiply(planes.difference, planes.difference, out=squares), work[4])
    # whole rows, margins left and right included: contiguous arrays are twice as fast
    contrast, p, q, s, d, index = work[:, _HALF:-_HALF]
    s -= np.multiply(p, p, out=contrast)
    q *= q
    d -= q
    p += _RANGE
    p *= p
    p += _C1
    s += _C2
    np.subtract(s, d, out=contrast)
    s += d
    contrast /= s
    np.subtract(p, q, out=index)
    p += q
    index /= p
    index *= contrast
    inside = slice(_HALF, -_HALF)
    return index[:, inside], contrast[:, inside]


def _smooth(plane: Plane, out: Plane) -> None:
    kernel = cv2.getGaussianKernel(WINDOW, SIGMA, cv2.CV_32F)
    cv2.sepFilter2D(plane, cv2.CV_32F, kernel, kernel, dst=out)


def _halved(plane: Plane) -> Plane:
    height, width = plane.shape[:2]
    if height % 2 or width % 2:
        plane = np.pad(plane, ((0, height % 2), (0, width % 2), (0, 0)), mode="edge")
    size = (plane.shape[1] // 2, plane.shape[0] // 2)
    # at exactly half the size the bilinear filter is the mean of 2x2, three times as fast as area
    half = cv2.resize(plane, size, interpolation=cv2.INTER_LINEAR)
    return np.asarray(half, dtype=np.float32)
