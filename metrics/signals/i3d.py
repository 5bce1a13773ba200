"""I3D features for FVD and KVD: what a window of frames is, and the networks that take it.

Preprocessing after google-research@0090728 ``frechet_video_distance.py``. The canonical network is
the TorchScript file of StyleGAN-V@3fecd69 (sha256 in the registry), called as universome's
``fvd-comparison@33a5552`` does: with its own rescaling and resizing off, features before softmax.
"""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from metrics.signals.extractor import Batch, Files, Frame, Network, Where
from metrics.signals.face_engine import check_frame
from metrics.signals.tflite_model import ModelError

if TYPE_CHECKING:
    from torch import nn

WEIGHTS = ("i3d",)
LENGTH = STRIDE = 16
SIDE = 224
WIDTH = 400
PREPROCESSING = (
    "windows of 16 frames, stride 16, from the first frame on, the rest unused; each frame "
    "squashed to 224x224 (TensorFlow 1 bilinear: asymmetric, not antialiased, not rounded), RGB, "
    "2x/255 - 1; 400 logits before softmax, mean over time"
)

SEED = 0
EMBEDDED_SHA256 = "68c1ffa68d11951ce83dfc99bfba7216678712b9eb2388475fd0ff68715978d9"
"""Hash of the state that ``he_normal_state(I3D(), SEED)`` gives on every machine."""

_PIECE = 2  # windows at once on a CPU: more is no faster and takes 100 MB each


def windows(frames: int) -> NDArray[np.intp]:
    """Return the first frame of each window of a clip of that many frames."""
    return np.arange(0, frames - LENGTH + 1, STRIDE, dtype=np.intp)


def prepare(frame: Frame) -> Batch:
    """Return a frame's part of the window, ``(224, 224, 3)`` float32 in [-1, 1].

    Args:
        frame: ``(H, W, 3)`` uint8 RGB.

    Raises:
        ValueError: If ``frame`` is not ``(H, W, 3)`` uint8.
    """
    import torch

    from metrics.signals.pieces import upload
    from metrics.signals.resize import tf1_bilinear

    check_frame(frame)
    picture = tf1_bilinear(upload(frame[None], torch.device("cpu")), (SIDE, SIDE))[0]
    return (picture * 2 / 255 - 1).permute(1, 2, 0).contiguous().numpy()


def open_canonical(files: Files, where: Where) -> Network:
    """Return the published I3D: ``(B, 16, 224, 224, 3)`` windows to ``(B, 400)`` float32.

    Args:
        files: Path of ``i3d``, verified: a TorchScript file is a program.
        where: Where it runs.

    Raises:
        ModelError: If the file is no program.
    """
    from metrics.signals.i3d_published import load

    path = Path(files["i3d"])
    try:
        program = load(path)
    except RuntimeError as error:
        raise ModelError(f"{path.name} is no TorchScript program: {error}") from None
    return run_on(program, where)


def open_embedded(where: Where) -> Network:
    """Return I3D with pinned random weights: windows to ``(B, 400)`` float32.

    Raises:
        PinnedStateError: If other weights than `EMBEDDED_SHA256` were generated.
    """
    from metrics.signals.i3d_network import I3D
    from metrics.signals.random_state import load_pinned

    module = I3D()
    load_pinned(module, SEED, EMBEDDED_SHA256)
    return run_on(module, where)


def run_on(module: "nn.Module", where: Where) -> Network:
    """Return a network on windows that runs ``module``, which takes them channels first."""
    import torch

    from metrics.signals.pieces import BatchNetwork
    from metrics.signals.runtime import accelerate

    example = torch.linspace(-1, 1, 2 * LENGTH * SIDE * SIDE * 3)
    example = example.reshape(2, LENGTH, SIDE, SIDE, 3).permute(0, 4, 1, 2, 3)
    return BatchNetwork(
        lambda windows: windows.permute(0, 4, 1, 2, 3), accelerate(module, example, where), _PIECE
    )
