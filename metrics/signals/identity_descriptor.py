"""Identity without a network: how the texture of the aligned face is patterned, part by part.

Local binary patterns after Ojala et al. 2002 and Ahonen et al. 2006 ("Face description with local
binary patterns"), at two scales. A pattern says which of eight neighbours are at least as bright
as the pixel, so that it does not depend on brightness and contrast. The neighbours lie on a
square ring of whole pixels: comparisons of integers give the same bits on every machine, where
scikit-image's interpolated ring leaves flat areas to rounding.

It orders, it does not recognise. On 203 crops of 36 people (portraits, paintings, cartoons, 13
people in clips) two crops of one person are nearer than crops of two people with AUC 0.993; what it
misses are heads turned by more than 15 degrees. Histograms of oriented gradients reach 0.983 on the
same crops, both together 0.990.
"""

import hashlib
from functools import cache

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Batch, Frame, Network, Where
from metrics.signals.face_engine import Detection, check_frame
from metrics.signals.face_points import ALIGNED_SIDE, aligned, five_points, in_pixels

_SIGMA = 1.5  # of the blur that takes out noise and the codec's blocks
_RADII = (3, 6)
_CELL = 14
_MARGIN = 14  # left out on all sides: hair and background
_FACE = ALIGNED_SIDE - 2 * _MARGIN
_CELLS = (_FACE // _CELL) ** 2
_UNIFORM = 59  # 58 patterns with at most two changes around the ring, and one for all others
_NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1))

WIDTH = len(_RADII) * _CELLS * _UNIFORM
PREPROCESSING = (
    f"crop of {ALIGNED_SIDE}x{ALIGNED_SIDE} px aligned by five mesh points (eyes, nose tip, mouth "
    f"corners) to ArcFace's template; grey (BT.601), Gaussian blur sigma {_SIGMA} px; local binary "
    f"patterns of 8 neighbours on square rings of radius {' and '.join(map(str, _RADII))} px, "
    f"{_UNIFORM} uniform bins; shares in the {_CELLS} cells of {_CELL}x{_CELL} px of the inner "
    f"{_FACE}x{_FACE} px; square root, minus the mean of each cell"
)
EMBEDDED_SHA256 = hashlib.sha256(PREPROCESSING.encode()).hexdigest()
"""There is no state to hash: the definition in words and numbers stands for it."""


def crops(frame: Frame, faces: Detection) -> list[Batch | None]:
    """Return one aligned crop a face, in the order of the detections.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        faces: The faces found in it.

    Returns:
        ``(112, 112, 3)`` uint8 each; ``None`` for landmarks that are no face.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    check_frame(frame)
    five = five_points(in_pixels(faces.landmarks, (frame.shape[0], frame.shape[1])))
    return [aligned(frame, points) for points in five]


def describe(crop: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the descriptor, ``(4248,)``, of an aligned ``(112, 112, 3)`` uint8 RGB crop.

    Compare two by the cosine: 1 for the same crop, about 0.76 for one person in a clip and 0.34
    for two people.
    """
    import cv2

    grey = cv2.cvtColor(crop, cv2.COLOR_RGB2GRAY)
    smooth = np.asarray(cv2.GaussianBlur(grey, (0, 0), _SIGMA), dtype=np.uint8)
    return np.concatenate([_ring(smooth, radius) for radius in _RADII]).astype(np.float32)


def open_embedded(where: Where) -> Network:
    """Return `describe` as a network: ``(B, 112, 112, 3)`` uint8 to ``(B, 4248)`` float32."""

    def network(batch: Batch) -> NDArray[np.float32]:
        rows = [describe(crop) for crop in batch]
        return np.stack(rows) if rows else np.zeros((0, WIDTH), dtype=np.float32)

    return network


def _ring(grey: NDArray[np.uint8], radius: int) -> NDArray[np.float64]:
    """Return the centred square roots of the pattern shares in each cell, all cells in a row."""
    centre = grey[_MARGIN : _MARGIN + _FACE, _MARGIN : _MARGIN + _FACE]
    code = np.zeros((_FACE, _FACE), dtype=np.intp)
    for bit, (down, across) in enumerate(_NEIGHBOURS):
        y, x = _MARGIN + down * radius, _MARGIN + across * radius
        code |= (grey[y : y + _FACE, x : x + _FACE] >= centre).astype(np.intp) << bit
    bins = _cell_index() * _UNIFORM + _uniform()[code]
    counts = np.bincount(bins.ravel(), minlength=_CELLS * _UNIFORM)
    roots: NDArray[np.float64] = np.sqrt(counts.reshape(_CELLS, _UNIFORM) / _CELL**2)
    centred: NDArray[np.float64] = roots - roots.mean(axis=1, keepdims=True)
    return centred.ravel()


@cache
def _cell_index() -> NDArray[np.intp]:
    """Return which cell each pixel of the face lies in."""
    line = np.arange(_FACE) // _CELL
    cells: NDArray[np.intp] = line[:, None] * (_FACE // _CELL) + line
    return cells


@cache
def _uniform() -> NDArray[np.intp]:
    """Return the bin of each of the 256 patterns."""
    bits = (np.arange(256)[:, None] >> np.arange(8)) & 1
    few = (bits != np.roll(bits, 1, axis=1)).sum(axis=1) <= 2
    table = np.full(256, _UNIFORM - 1, dtype=np.intp)
    table[few] = np.arange(few.sum())
    return table
