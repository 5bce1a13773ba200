"""Valence, arousal and expression by EmoNet: which crop it sees, and what its numbers are.

Crop after face-analysis/emonet@49eef30 ``emonet/data/affecnet.py`` and
``emonet/data_augmentation.py``: the protocol of its data set, not of its demo, which squashes a
detector's tight box. The 68 points there come from FAN, here from MediaPipe's mesh.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from metrics.signals.extractor import Batch, Files, Frame, Network, Where
from metrics.signals.face_engine import Detection, check_frame
from metrics.signals.face_points import Points, in_pixels, points_68

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = ("emonet_8",)
IMPORTS = ("torch",)
SIDE = 256
WIDTH = 10
VALENCE, AROUSAL = 0, 1
"""On [-1, 1] but not cut to it."""
EXPRESSION = slice(2, 10)
"""Logits of `EXPRESSIONS`."""
EXPRESSIONS = ("neutral", "happy", "sad", "surprise", "fear", "disgust", "anger", "contempt")
PREPROCESSING = (
    "square of 200/220 x (width + height) of the box of 68 mesh points, centred on it, warped to "
    f"{SIDE}x{SIDE} (bilinear, no antialiasing, outside black), uint8 RGB, x/255"
)

_SHARE = 200.0 / 220.0


def crops(frame: Frame, faces: Detection) -> list[Batch | None]:
    """Return one crop a face, in the order of the detections.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        faces: The faces found in it.

    Returns:
        ``(256, 256, 3)`` uint8 each; ``None`` for landmarks that are no face.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    check_frame(frame)
    points = points_68(in_pixels(faces.landmarks, (frame.shape[0], frame.shape[1])))
    return [crop(frame, face) for face in points]


def crop(frame: Frame, points: Points) -> Batch | None:
    """Return what EmoNet sees of the face with these ``(68, 2)`` points in pixels."""
    import cv2

    low, high = points.min(axis=0), points.max(axis=0)
    side = _SHARE * (high - low).sum()
    if not side > 0.0:  # NaN is not
        return None
    scale = SIDE / side
    shift = SIDE / 2 - scale * (low + high) / 2
    matrix = np.array([[scale, 0.0, shift[0]], [0.0, scale, shift[1]]])
    warped = cv2.warpAffine(frame, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return np.asarray(warped, dtype=np.uint8)


def open_canonical(files: Files, where: Where) -> Network:
    """Return EmoNet: ``(B, 256, 256, 3)`` uint8 crops to ``(B, 10)`` float32.

    Args:
        files: Path of ``emonet_8``.
        where: Where it runs.

    Raises:
        ModelError: If the file is another network.
    """
    from metrics.signals.emonet_network import load

    return run_on(load(Path(files["emonet_8"])), where)


def run_on(module: "nn.Module", where: Where) -> Network:
    """Return a network on crops that runs ``module``, which takes pictures in [0, 1]."""
    import torch

    from metrics.signals.pieces import BatchNetwork
    from metrics.signals.runtime import accelerate

    example = torch.linspace(0, 1, 2 * 3 * SIDE * SIDE).reshape(2, 3, SIDE, SIDE)
    return BatchNetwork(
        lambda crops: crops.permute(0, 3, 1, 2).float() / 255, accelerate(module, example, where)
    )
