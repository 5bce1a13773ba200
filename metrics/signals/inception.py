"""Inception features for FID and KID: one network, three ways to bring a picture into it."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from metrics.signals.extractor import Files, Frame, Where
from metrics.signals.ordering import Ordering, ordering

if TYPE_CHECKING:
    from torch import nn

    from metrics.signals.pieces import BatchNetwork

WEIGHTS = ("inception",)
IMPORTS = ("torch", "torch_fidelity", "torchvision")
WIDTH = 2048
SIDE = 299

SEED = 0
EMBEDDED_SHA256 = "b446dae20faf7a3758ac234584b383bbbfd778980ae74a3498103c221cd8bb44"
"""Of the state that `open_embedded` generates."""

_FEATURES = "; 2048 features after the last average pooling"

PREPROCESSING: Mapping[str, str] = MappingProxyType(
    {
        "torch-fidelity": "RGB squashed to 299x299 (TensorFlow 1 bilinear: asymmetric, not "
        "antialiased, not rounded), (x - 128) / 128" + _FEATURES,
        "pytorch-fid": "RGB squashed to 299x299 (torch bilinear: half-pixel centres, not "
        "antialiased, not rounded), 2x/255 - 1" + _FEATURES,
        "clean-fid": "RGB squashed to 299x299 (Pillow bicubic on float channels: antialiased, "
        "clipped to 0..255, not rounded), (x - 128) / 128" + _FEATURES,
    }
)
"""By front end: the name of the reference, which is the name of the definition in protocol ids."""


def open_canonical(files: Files, where: Where, front_end: str) -> "BatchNetwork":
    """Return the network with the official weights: ``(B, H, W, 3)`` uint8 to ``(B, 2048)``.

    Args:
        files: Path of ``inception``.
        where: Device and runtime.
        front_end: One of `PREPROCESSING`.
    """
    import torch

    from metrics.signals.inception_network import build

    state = torch.load(files["inception"], map_location="cpu", weights_only=True)
    network = build()
    # The classifier is not needed.
    network.load_state_dict({k: v for k, v in state.items() if not k.startswith("fc.")})
    return _open(network, where, front_end)


def open_embedded(where: Where, front_end: str) -> "BatchNetwork":
    """Return the stand-in: the same network with pinned random weights.

    Raises:
        PinnedStateError: If the generated weights are not `EMBEDDED_SHA256`.
    """
    from metrics.signals.inception_network import build
    from metrics.signals.random_state import load_pinned

    network = build()
    load_pinned(network, SEED, EMBEDDED_SHA256)
    return _open(network, where, front_end)


def self_test(network: "BatchNetwork") -> tuple[Ordering, Ordering]:
    """Check that squared distances of features order noise < blur < another person.

    Raises:
        OrderingError: If they do not.
    """

    def squared(a: Frame, b: Frame) -> float:
        one, other = network(np.stack([a, b])).astype(np.float64)
        return float(np.square(one - other).sum())

    return ordering(squared)


def _open(network: "nn.Module", where: Where, front_end: str) -> "BatchNetwork":
    from metrics.signals.inception_network import PREPARE, example
    from metrics.signals.pieces import BatchNetwork
    from metrics.signals.runtime import accelerate

    return BatchNetwork(PREPARE[front_end], accelerate(network, example(), where))
