"""SMIRK's face parameters: which crop of a frame it sees, and what its numbers are.

Crop after georgeretsi/smirk@c7de404 ``demo.py``: the box of MediaPipe's landmarks, a square of 1.4
times its mean side around its centre, warped to 224x224 with the values cut off to whole levels.
The landmarks here come from the suite's face signal (confidence 0.5, several faces), there from a
detector with confidence 0.1 and one face.
"""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Batch, Files, Frame, Network, Where
from metrics.signals.face_engine import Detection, check_frame

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = ("smirk",)
IMPORTS = ("timm",)
SIDE = 224
PREPROCESSING = (
    "square of int(1.4 x mean side) of the 478 landmarks' box, centred on it, warped bilinearly "
    "to 224x224 (corner pixels at 0 and 223, outside black), truncated to uint8, RGB, x/255"
)

WIDTH = 361
POSE = slice(0, 3)
"""Rotation of the head as axis times angle, rad."""
CAMERA = slice(3, 6)
"""Scale and translation in the crop."""
SHAPE = slice(6, 306)
"""FLAME's identity coefficients."""
EXPRESSION = slice(306, 356)
"""FLAME's expression coefficients."""
EYELIDS = slice(356, 358)
"""Left and right eyelid, 0 to 1."""
JAW = slice(358, 361)
"""Rotation of the jaw as axis times angle, rad; opening at least 0, the others within 0.2."""

_SCALE = 1.4
_FAR = 2**15 - 1


def crops(frame: Frame, faces: Detection) -> list[Batch | None]:
    """Return one crop a face, in the order of the detections."""
    return [crop(frame, landmarks) for landmarks in faces.landmarks]


def crop(frame: Frame, landmarks: NDArray[np.float32]) -> Batch | None:
    """Return what SMIRK sees of one face.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(478, 3)``, x in [0, 1] of the width, y of the height.

    Returns:
        ``(224, 224, 3)`` uint8, or ``None`` if the face is not found or smaller than a pixel.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    check_frame(frame)
    height, width = frame.shape[:2]
    points = landmarks[:, :2].astype(np.float64) * (width, height)
    if not np.isfinite(points).all():
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    size = int((high - low).sum() / 2 * _SCALE)
    if size < 1:
        return None
    left, top = (low + high) / 2 - size / 2
    step = size / (SIDE - 1)
    return _sample(frame, left + np.arange(SIDE) * step, top + np.arange(SIDE) * step)


def _sample(frame: Frame, x: NDArray[np.float64], y: NDArray[np.float64]) -> Batch:
    """Sample bilinearly at the grid ``y`` times ``x``, in pixels; black outside; cut to uint8.

    What scikit-image's ``warp`` gives for such a grid, without turning whole frames into doubles.
    """
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    across, down = (x - left)[:, None], (y - top)[:, None, None]

    def line(rows: NDArray[np.intp]) -> NDArray[np.float64]:
        first, second = _look_up(frame, rows, left), _look_up(frame, rows, left + 1)
        return first * (1 - across) + second * across

    values = line(top) * (1 - down) + line(top + 1) * down
    sampled: Batch = values.astype(np.uint8)
    return sampled


def _look_up(frame: Frame, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Frame:
    """Return the pixels at ``rows`` times ``columns``, black outside.

    OpenCV does this some ten times faster than numpy's indexing; its places are 16 bit.
    """
    import cv2

    places = np.empty((len(rows), len(columns), 2), dtype=np.int16)
    places[..., 0] = np.clip(columns, -1, _FAR)
    places[..., 1] = np.clip(rows, -1, _FAR)[:, None]
    remap: Any = cv2.remap  # whose types do not know that the second map may be missing
    found: Frame = remap(frame, places, None, cv2.INTER_NEAREST, borderMode=cv2.BORDER_CONSTANT)
    return found


def open_canonical(files: Files, where: Where) -> Network:
    """Return SMIRK's encoder: ``(B, 224, 224, 3)`` uint8 crops to ``(B, 361)`` float32.

    Args:
        files: Path of ``smirk``.
        where: Where it runs.

    Raises:
        ModelError: If the file is another network.
    """
    from metrics.signals.checkpoint import fill
    from metrics.signals.smirk_network import SmirkEncoder

    module = SmirkEncoder()
    fill(module, Path(files["smirk"]), "smirk_encoder.")
    return run_on(module, where)


def run_on(module: "nn.Module", where: Where) -> Network:
    """Return a network on crops that runs ``module``, which takes pictures in [0, 1]."""
    import torch

    from metrics.signals.pieces import BatchNetwork
    from metrics.signals.runtime import accelerate

    example = torch.linspace(0, 1, 2 * 3 * SIDE * SIDE).reshape(2, 3, SIDE, SIDE)
    return BatchNetwork(
        lambda crops: crops.permute(0, 3, 1, 2).float() / 255, accelerate(module, example, where)
    )
