"""Gaze in camera axes by L2CS-Net (Abdelrahman et al., ICIP 2023), trained on Gaze360.

After Ahmednull/L2CS-Net@a4d8f7f ``l2cs/pipeline.py`` and ``l2cs/utils.py``, but for two things.
The face's box is that of our 478 landmarks; RetinaFace, whose box it is there, would be one more
network. Both run from forehead to chin and from cheek to cheek, without margin. And the heads carry
their right names: the first one is yaw (the reference's pipeline calls it pitch, its training and
its geometry treat it as yaw; issues 32 and 45 there).
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Batch, Files, Frame, Network, Where
from metrics.signals.face_engine import Detection, check_frame

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = ("l2cs_gaze360",)
IMPORTS = ("torchvision",)
SIDE, NETWORK_SIDE = 224, 448
WIDTH = 2
YAW, PITCH = 0, 1
_PIECE = 2  # faces at once on a CPU: more is no faster
PREPROCESSING = (
    "box of the 478 landmarks in whole pixels without margin, cut at the frame's edge, squashed to "
    "224x224 by OpenCV bilinear, then to 448x448 by Pillow bilinear, both in uint8; RGB, x/255, "
    "ImageNet mean and deviation; 90 bins of 4 degrees from -180, softmax mean"
)


def crops(frame: Frame, faces: Detection) -> list[Batch | None]:
    """Return one crop a face, in the order of the detections."""
    return [crop(frame, landmarks) for landmarks in faces.landmarks]


def crop(frame: Frame, landmarks: NDArray[np.float32]) -> Batch | None:
    """Return what the network sees of one face.

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.
        landmarks: ``(478, 3)``, x in [0, 1] of the width, y of the height.

    Returns:
        ``(448, 448, 3)`` uint8, or ``None`` if less than a pixel of the face is in the frame.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    import cv2
    from PIL import Image

    check_frame(frame)
    box = face_box(landmarks, (frame.shape[0], frame.shape[1]))
    if box is None:
        return None
    left, top, right, bottom = box
    face = np.ascontiguousarray(frame[top:bottom, left:right])
    small = cv2.resize(face, (SIDE, SIDE), interpolation=cv2.INTER_LINEAR)
    size = (NETWORK_SIDE, NETWORK_SIDE)
    return np.asarray(Image.fromarray(small).resize(size, Image.Resampling.BILINEAR))


def face_box(
    landmarks: NDArray[np.float32], size: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Return left, top, right, bottom in whole pixels, the last two exclusive.

    Coordinates are cut off to whole pixels and kept inside the frame of ``size`` (height, width).
    ``None`` if nothing is left, or a landmark is NaN.
    """
    height, width = size
    points = landmarks[:, :2].astype(np.float64) * (width, height)
    if not np.isfinite(points).all():
        return None
    (left, top), (right, bottom) = (
        np.clip(edge, 0, (width, height)).astype(int).tolist()
        for edge in (points.min(axis=0), points.max(axis=0))
    )
    if right <= left or bottom <= top:
        return None
    return left, top, right, bottom


def open_canonical(files: Files, where: Where) -> Network:
    """Return L2CS-Net: ``(B, 448, 448, 3)`` uint8 crops to ``(B, 2)`` yaw and pitch in degrees.

    Args:
        files: Path of ``l2cs_gaze360``.
        where: Where it runs.

    Raises:
        ModelError: If the file is another network.
    """
    from metrics.signals.checkpoint import fill
    from metrics.signals.l2cs_network import L2CS

    module = L2CS()
    fill(module, Path(files["l2cs_gaze360"]))
    return run_on(module, where)


def run_on(module: "nn.Module", where: Where) -> Network:
    """Return a network on crops that runs ``module``, which takes normalised pictures."""
    import torch

    from metrics.signals.l2cs_network import normalised
    from metrics.signals.pieces import BatchNetwork
    from metrics.signals.runtime import accelerate

    example = torch.linspace(-2, 2, 2 * 3 * NETWORK_SIDE**2)
    example = example.reshape(2, 3, NETWORK_SIDE, NETWORK_SIDE)
    return BatchNetwork(normalised, accelerate(module, example, where), _PIECE)
