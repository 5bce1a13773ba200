"""LPIPS v0.1 in two steps: features of a picture once, distances of pairs as often as wanted.

After lpips 0.1.4 (PerceptualSimilarity 082bb24 ``lpips.py:112-141``), whose linear weights are read
from the installed package; torchvision's AlexNet and VGG-16 are the trunks. A picture's features
are the unit-length channels of five layers, multiplied by the roots of the linear weights: a
distance is then the plain squared distance, averaged over a layer and summed over the layers.
"""

import importlib.util
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from metrics.signals.extractor import Files, Frame, Where
from metrics.signals.lpips_trunk import SEED, SMALLEST, TRUNKS
from metrics.signals.ordering import Ordering, ordering
from metrics.signals.pieces import Batch, Pieces, upload
from metrics.signals.random_state import PinnedStateError, load_pinned, state_sha256
from metrics.signals.runtime import FastNetwork, accelerate
from metrics.torchvision_guard import import_torchvision

Features = tuple[Tensor, ...]
"""Five tensors ``(B, C, h, w)`` float32: AlexNet makes 7 MB of a picture of 512x512, VGG 123.
Channels that the linear weights ignore are left out."""

# lpips 0.1.4, ScalingLayer, for pictures in [-1, 1]; here folded together with that range.
_SHIFT, _SCALE = (-0.030, -0.088, -0.188), (0.458, 0.448, 0.450)
_EPSILON = 1e-10


class Lpips:
    """LPIPS on one trunk.

    Attributes:
        core: The trunk up to the features, in its runtime.
    """

    def __init__(self, core: FastNetwork, piece: int) -> None:
        self.core = core
        self._pieces = Pieces(piece if core.device.type == "cpu" else 0)

    def __call__(self, pictures: Batch) -> list[Features]:
        """Return the features of each picture on its own, ``(1, C, h, w)`` a layer.

        Args:
            pictures: ``(B, H, W, 3)`` uint8 RGB.

        Raises:
            ValueError: If they are something else, or smaller than 32 pixels a side.
        """
        return [one for piece in self._pieces_of(pictures) for one in _split(piece)]

    def features(self, pictures: Batch) -> Features:
        """Return the features of all pictures, ``(B, C, h, w)`` a layer, on the device.

        Args:
            pictures: ``(B, H, W, 3)`` uint8 RGB.

        Raises:
            ValueError: If they are something else, or smaller than 32 pixels a side.
        """
        pieces = self._pieces_of(pictures)
        if len(pieces) == 1:
            return pieces[0]
        return tuple(torch.cat(layers) for layers in zip(*pieces, strict=True))

    def _pieces_of(self, pictures: Batch) -> list[Features]:
        kind = str(pictures.dtype).removeprefix("torch.")
        if kind != "uint8" or pictures.ndim != 4 or pictures.shape[3] != 3:
            raise ValueError(f"expected (B, H, W, 3) uint8, got {kind} {tuple(pictures.shape)}")
        if min(pictures.shape[1:3]) < SMALLEST:
            raise ValueError(f"LPIPS needs {SMALLEST} x {SMALLEST} pixels or more")
        return self._pieces.run(self._run, pictures)

    def _run(self, piece: Batch) -> Features:
        with torch.inference_mode():
            planes = upload(piece, self.core.device).permute(0, 3, 1, 2).float()
            return self.core(planes)


def _split(features: Features) -> list[Features]:
    return [tuple(x[i : i + 1] for x in features) for i in range(len(features[0]))]


def distance(a: Features, b: Features) -> Tensor:
    """Return LPIPS of pairs of pictures, ``(B,)`` float32 >= 0, exactly 0 for equal features."""
    return overall(maps(a, b))


def maps(a: Features, b: Features) -> tuple[Tensor, ...]:
    """Return where pairs of pictures differ: ``(B, h, w)`` float32 a layer, on its own grid.

    `overall` makes the distance of them.
    """
    with torch.inference_mode():
        return tuple((x - y).square_().sum(dim=1) for x, y in zip(a, b, strict=True))


def overall(layers: tuple[Tensor, ...]) -> Tensor:
    """Return the distances ``(B,)`` that `maps` amount to: means over maps, summed over layers."""
    with torch.inference_mode():
        return torch.stack([layer.mean(dim=(1, 2)) for layer in layers]).sum(dim=0)


def spatial(a: Features, b: Features, size: tuple[int, int]) -> Tensor:
    """Return LPIPS as a map of ``size`` (height, width), ``(B, H, W)`` float32.

    As lpips with ``spatial=True``: layers are brought to that size bilinearly, then summed. Its
    mean is near `distance`, and not the same.
    """
    with torch.inference_mode():
        grown = [
            functional.interpolate(m[:, None], size, mode="bilinear", align_corners=False)
            for m in maps(a, b)
        ]
        return torch.stack(grown).sum(dim=0)[:, 0]


def open_canonical(files: Files, where: Where, net: str) -> Lpips:
    """Return LPIPS on the official trunk.

    Args:
        files: Path of the trunk's weights.
        where: Device and runtime.
        net: One of `TRUNKS`.

    Raises:
        PinnedStateError: If the installed lpips has other linear weights than v0.1.
    """
    state = torch.load(files[TRUNKS[net].weights], map_location="cpu", weights_only=True)
    trunk = build(net)
    trunk.load_state_dict({name: state[f"features.{name}"] for name in trunk.state_dict()})
    return _open(trunk, where, net)


def open_embedded(where: Where, net: str) -> Lpips:
    """Return the stand-in: the same trunk with pinned random weights, the real linear weights.

    Raises:
        PinnedStateError: If one of them is not what the definition names.
    """
    trunk = build(net)
    load_pinned(trunk, SEED, TRUNKS[net].embedded_sha256)
    return _open(trunk, where, net)


def self_test(lpips: Lpips) -> tuple[Ordering, Ordering]:
    """Check that LPIPS orders noise < blur < another person.

    Raises:
        OrderingError: If it does not.
    """

    def between(a: Frame, b: Frame) -> float:
        one, other = lpips(np.stack([a, b]))
        return float(distance(one, other))

    return ordering(between)


def build(net: str) -> nn.Module:
    """Return the convolutional part of a trunk, weights undefined, names without ``features.``."""
    models: Any = import_torchvision().models
    with torch.device("meta"):  # no time is spent on weights that are replaced, or not used
        whole = models.alexnet() if net == "alex" else models.vgg16(init_weights=False)
    trunk: nn.Module = whole.features[: TRUNKS[net].layers[-1] + 1]
    return trunk.to_empty(device="cpu")


def linear_weights(net: str) -> list[Tensor]:
    """Return the linear weights of the installed lpips, ``(C,)`` a layer, none negative.

    Raises:
        PinnedStateError: If they are not those of v0.1.
    """
    package = importlib.util.find_spec("lpips")  # importing it would cost a second
    if package is None or package.origin is None:
        raise PinnedStateError("lpips is not installed: pip install lpips")
    path = Path(package.origin).parent / "weights" / "v0.1" / f"{net}.pth"
    state = torch.load(path, map_location="cpu", weights_only=True)
    actual, expected = state_sha256(state), TRUNKS[net].linear_sha256
    if actual != expected:
        raise PinnedStateError(f"{path} holds other weights than LPIPS v0.1: {actual[:12]}…")
    return [state[f"lin{layer}.model.1.weight"].flatten() for layer in range(5)]


class _Features(nn.Module):
    """A trunk between the scaling of its input and the weighting of its layers."""

    gain: Tensor
    offset: Tensor

    def __init__(self, trunk: nn.Module, layers: tuple[int, ...], linear: list[Tensor]) -> None:
        super().__init__()
        self.trunk = trunk
        self.layers = layers
        shift, scale = torch.tensor(_SHIFT), torch.tensor(_SCALE)
        self.register_buffer("gain", (2 / 255 / scale).view(3, 1, 1))
        self.register_buffer("offset", ((-1 - shift) / scale).view(3, 1, 1))
        for index, weight in enumerate(linear):
            kept = weight.nonzero().flatten()  # half of AlexNet's first layer has weight zero
            self.register_buffer(f"kept{index}", kept)
            self.register_buffer(f"root{index}", weight[kept].sqrt().view(-1, 1, 1))

    def forward(self, planes: Tensor) -> Features:
        x = planes * self.gain + self.offset
        outputs: list[Tensor] = []
        for index, module in enumerate(self.trunk.children()):
            x = module(x)
            if index in self.layers:
                length = x.square().sum(dim=1, keepdim=True).sqrt() + _EPSILON
                kept, root = (getattr(self, f"{what}{len(outputs)}") for what in ("kept", "root"))
                heard = x if len(kept) == x.shape[1] else x.index_select(1, kept)
                outputs.append(heard * (root / length))
        return tuple(outputs)


def feature_network(trunk: nn.Module, net: str) -> nn.Module:
    """Return the network from planes ``(B, 3, H, W)`` in 0..255 to `Features`.

    Raises:
        PinnedStateError: If the installed lpips has other linear weights than v0.1.
    """
    return _Features(trunk, TRUNKS[net].layers, linear_weights(net))


def _open(trunk: nn.Module, where: Where, net: str) -> Lpips:
    ramp = torch.linspace(0, 255, 3 * 96 * 96).reshape(3, 96, 96)
    example = torch.stack([ramp, 127.5 * (1 + torch.sin(ramp))])
    core = accelerate(feature_network(trunk, net), example, where, (0, 2, 3))
    return Lpips(core, TRUNKS[net].piece)
