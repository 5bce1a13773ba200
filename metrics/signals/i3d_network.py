"""I3D: Inception-v1 with its filters inflated to three dimensions, for 400 classes of action.

Written from the paper (Carreira and Zisserman, CVPR 2017, figure 3) and from what the TF-hub graph
``deepmind/i3d-kinetics-400/1`` says: convolutions and max-pools padded as TensorFlow's SAME, batch
norm with epsilon 1e-3 and no scale, average pool (2, 7, 7) without padding, a 1x1x1 convolution
with bias, mean of the logits over time. Scales of batch norms are here, as 1, for the checkpoints
that have them. Names of layers are those of the graph.
"""

from collections import OrderedDict
from collections.abc import Iterator

import torch
from torch import nn

CLASSES = 400
_EPSILON = 1e-3

Triple = tuple[int, int, int]

# Channels out of the four branches: 1x1; 1x1 then 3x3; 1x1 then 3x3; pool then 1x1.
Branches = tuple[int, tuple[int, int], tuple[int, int], int]
_MIXED: dict[str, Branches] = {
    "3b": (64, (96, 128), (16, 32), 32),
    "3c": (128, (128, 192), (32, 96), 64),
    "4b": (192, (96, 208), (16, 48), 64),
    "4c": (160, (112, 224), (24, 64), 64),
    "4d": (128, (128, 256), (24, 64), 64),
    "4e": (112, (144, 288), (32, 64), 64),
    "4f": (256, (160, 320), (32, 128), 128),
    "5b": (256, (160, 320), (32, 128), 128),
    "5c": (384, (192, 384), (48, 128), 128),
}


def same_padding(size: int, kernel: int, stride: int) -> tuple[int, int]:
    """Return TensorFlow's SAME padding before and after an axis; the odd pixel goes after."""
    steps = -(-size // stride)
    total = max((steps - 1) * stride + kernel - size, 0)
    return total // 2, total - total // 2


class Unit(nn.Module):
    """Convolution, batch norm, ReLU."""

    def __init__(self, inputs: int, outputs: int, kernel: int = 1, stride: int = 1) -> None:
        super().__init__()
        self.conv_3d = nn.Conv3d(inputs, outputs, kernel, stride, bias=False)
        self.batch_norm = nn.BatchNorm3d(outputs, eps=_EPSILON)
        self._kernel, self._stride = kernel, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(B, outputs, T', H', W')`` of ``(B, inputs, T, H, W)``."""
        pads = [same_padding(int(size), self._kernel, self._stride) for size in x.shape[2:]]
        if any(before or after for before, after in pads):
            x = nn.functional.pad(x, [side for pad in reversed(pads) for side in pad])
        return nn.functional.relu(self.batch_norm(self.conv_3d(x)))


class SamePool(nn.Module):
    """Max-pool whose padding never wins, as in TensorFlow."""

    def __init__(self, kernel: Triple, stride: Triple) -> None:
        super().__init__()
        self._kernel, self._stride = kernel, stride

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the maxima; sizes are divided by the stride, rounded up."""
        # Where SAME adds more after an axis than before, ceil_mode looks over the edge instead;
        # for a stride of 1 it does not, but the kernels with that stride are odd.
        before = [
            same_padding(int(size), kernel, stride)[0]
            for size, kernel, stride in zip(x.shape[2:], self._kernel, self._stride, strict=True)
        ]
        return nn.functional.max_pool3d(x, self._kernel, self._stride, before, ceil_mode=True)


class Mixed(nn.Module):
    """Four branches side by side."""

    def __init__(self, inputs: int, branches: Branches) -> None:
        super().__init__()
        one, (narrow, wide), (narrower, less_wide), pooled = branches
        self.branch_0 = Unit(inputs, one)
        self.branch_1 = nn.Sequential(Unit(inputs, narrow), Unit(narrow, wide, 3))
        self.branch_2 = nn.Sequential(Unit(inputs, narrower), Unit(narrower, less_wide, 3))
        self.branch_3 = nn.Sequential(SamePool((3, 3, 3), (1, 1, 1)), Unit(inputs, pooled))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return the branches' channels one after the other."""
        branches = (self.branch_0, self.branch_1, self.branch_2, self.branch_3)
        return torch.cat([branch(x) for branch in branches], dim=1)


class I3D(nn.Module):
    """Windows to logits."""

    def __init__(self) -> None:
        super().__init__()
        self.stages = nn.Sequential(OrderedDict(_stages()))
        self.logits = nn.Conv3d(_width(_MIXED["5c"]), CLASSES, 1)

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 400)`` logits of ``(B, 3, T, 224, 224)`` float32 in [-1, 1], T >= 9."""
        features = self.stages(windows)
        pooled = nn.functional.avg_pool3d(features, (2, 7, 7), stride=1)
        logits: torch.Tensor = self.logits(pooled).flatten(2).mean(dim=2)
        return logits


def _width(branches: Branches) -> int:
    one, (_, wide), (_, less_wide), pooled = branches
    return one + wide + less_wide + pooled


def _stages() -> Iterator[tuple[str, nn.Module]]:
    yield "Conv3d_1a_7x7", Unit(3, 64, 7, 2)
    yield "MaxPool3d_2a_3x3", SamePool((1, 3, 3), (1, 2, 2))
    yield "Conv3d_2b_1x1", Unit(64, 64)
    yield "Conv3d_2c_3x3", Unit(64, 192, 3)
    width = 192
    pools = {
        "3b": ("MaxPool3d_3a_3x3", (1, 3, 3), (1, 2, 2)),
        "4b": ("MaxPool3d_4a_3x3", (3, 3, 3), (2, 2, 2)),
        "5b": ("MaxPool3d_5a_2x2", (2, 2, 2), (2, 2, 2)),
    }
    for name, branches in _MIXED.items():
        if name in pools:
            pool, kernel, stride = pools[name]
            yield pool, SamePool(kernel, stride)
        yield f"Mixed_{name}", Mixed(width, branches)
        width = _width(branches)
