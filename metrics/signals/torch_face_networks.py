"""The three networks of the face landmarker on a device, run in batches of one fixed size.

A row's result then never depends on how many frames happened to arrive together: on one machine
the bits are the same for any order of work (a test holds that).
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from metrics.signals.face import N_LANDMARKS
from metrics.signals.tflite_model import ModelError
from metrics.signals.tflite_network import TFLiteNetwork
from metrics.signals.torch_face_boxes import sigmoid
from metrics.signals.torch_face_bundle import Bundle

Floats = NDArray[np.float32]

_LANDMARK_OUTPUTS = ("Identity", "Identity_1", "Identity_2")

# The 146 landmarks that the blendshape network reads (face_blendshapes_graph.cc).
_SUBSET = """
0 1 4-8 10 13 14 17 21 33 37 39 40 46 52-55 58 61 63 65-67 70 78 80-82 84 87 88 91 93 95 103 105
107 109 127 132 133 136 144-146 148-150 152-155 157-163 168 172 173 176 178 181 185 191 195 197
234 246 249 251 263 267 269 270 276 282-285 288 291 293 295-297 300 308 310-312 314 317 318 321
323 324 332 334 336 338 356 361 362 365 373-375 377-382 384-390 397 398 400 402 405 409 415 454
466 468-477
"""


def _numbers(text: str) -> Iterator[int]:
    for part in text.split():
        first, _, last = part.partition("-")
        yield from range(int(first), int(last or first) + 1)


BLENDSHAPE_LANDMARKS = np.array(list(_numbers(_SUBSET)), dtype=np.intp)
"""Which landmarks the blendshape network reads, in its order."""


class FaceNetworks:
    """The networks.

    Args:
        bundle: The model files.
        device: Where they run.
        batch: Rows they always run with; fewer are padded, more are split.

    Raises:
        ModelError: If the files hold other networks.
    """

    def __init__(self, bundle: Bundle, device: torch.device, batch: int) -> None:
        self.device = device
        self._batch = batch
        self._detector = load_network(bundle.detector, device, ("regressors", "classificators"))
        self._landmarks = load_network(bundle.landmarks, device, _LANDMARK_OUTPUTS)
        self._blendshapes = load_network(bundle.blendshapes, device)
        self.detector_size = self._detector.input_shape[0]
        self.landmark_size = self._landmarks.input_shape[0]
        if self._blendshapes.input_shape != (len(BLENDSHAPE_LANDMARKS), 2):
            raise ModelError(f"blendshape network reads {self._blendshapes.input_shape}")

    def detect(self, pixels: torch.Tensor) -> tuple[Floats, Floats]:
        """Return raw boxes ``(N, A, 16)`` and logits ``(N, A)`` of ``(N, S, S, 3)`` uint8."""
        boxes, scores = run_padded(self._detector, pixels, self._batch, signed)
        return boxes, scores[..., 0]

    def landmarks(self, pixels: torch.Tensor) -> tuple[Floats, Floats]:
        """Return landmarks ``(N, 478, 3)`` and presence ``(N,)`` of ``(N, S, S, 3)`` uint8.

        Landmarks are in pixels of the crop, presence in [0, 1].
        """
        points, presence, _ = run_padded(self._landmarks, pixels, self._batch, unit)
        return points.reshape(-1, N_LANDMARKS, 3), sigmoid(presence.reshape(-1))

    def blendshapes(self, landmarks: Floats) -> Floats:
        """Return ``(N, 52)`` coefficients of ``(N, 478, 2)`` landmarks in pixels."""
        subset = torch.from_numpy(np.ascontiguousarray(landmarks[:, BLENDSHAPE_LANDMARKS]))
        return run_padded(self._blendshapes, subset.to(self.device), self._batch)[0]


def run_padded(
    network: nn.Module,
    rows: torch.Tensor,
    batch: int,
    prepare: Callable[[torch.Tensor], torch.Tensor] = lambda x: x,
) -> tuple[Floats, ...]:
    """Run a network on ``(N, ...)`` rows, ``batch`` at a time; the last rows are padded.

    At least one batch runs, so that the outputs have their shapes even without rows.
    """
    chunks: list[tuple[torch.Tensor, ...]] = []
    with torch.inference_mode(), _exact(rows.device):
        for chunk in torch.functional.split(rows, batch):
            padded = chunk.new_zeros((batch, *rows.shape[1:]))
            padded[: len(chunk)] = chunk
            chunks.append(tuple(part[: len(chunk)] for part in network(prepare(padded))))
        return tuple(torch.cat(parts).cpu().numpy() for parts in zip(*chunks, strict=True))


def _exact(device: torch.device) -> AbstractContextManager[None]:
    """Keep cuDNN from rounding fp32 convolutions to TF32 and from timing kernels to pick them."""
    if device.type != "cuda":
        return nullcontext()
    flags: AbstractContextManager[None] = torch.backends.cudnn.flags(
        allow_tf32=False, benchmark=False, deterministic=True
    )
    return flags


def unit(pixels: torch.Tensor) -> torch.Tensor:
    """Return uint8 pixels as float32 in [0, 1]."""
    return pixels.float() * (1 / 255)


def signed(pixels: torch.Tensor) -> torch.Tensor:
    """Return uint8 pixels as float32 in [-1, 1]."""
    return pixels.float() * (2 / 255) - 1


def load_network(
    data: bytes, device: torch.device, outputs: tuple[str, ...] | None = None
) -> TFLiteNetwork:
    """Return a network on a device.

    Raises:
        ModelError: If it cannot be run, or has other outputs than those named.
    """
    network = TFLiteNetwork.from_bytes(data).to(device)
    if outputs is not None and network.output_names != outputs:
        raise ModelError(f"has outputs {', '.join(network.output_names)}, not a face network")
    return network
