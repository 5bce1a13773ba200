"""EmoNet: a face alignment network whose features, weighted by its heat maps, tell the emotion.

After Toisoul et al. 2021 and face-analysis/emonet@49eef30 ``emonet/models/emonet.py``. Names of the
state are those of the published checkpoint without its prefix ``module.``. What the reference calls
InstanceNorm2d is BatchNorm2d (it renames torch's class on import), with its stored statistics.
"""

import pickle
from itertools import pairwise
from pathlib import Path
from typing import cast

import torch
from torch import nn
from torch.nn import functional

from metrics.signals.tflite_model import ModelError

_WIDTH = 256
_POINTS = 68
_STACKS = 2
_DEPTH = 4
_EXPRESSIONS = 8


class Block(nn.Module):
    """Three 3x3 convolutions in a row whose outputs stand side by side, around a skip."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__()
        widths = (inputs, outputs // 2, outputs // 4, outputs // 4)
        for number, (before, after) in enumerate(pairwise(widths), start=1):
            self.add_module(f"bn{number}", nn.BatchNorm2d(before))
            self.add_module(f"conv{number}", nn.Conv2d(before, after, 3, padding=1, bias=False))
        self.downsample: nn.Module = nn.Identity()
        if inputs != outputs:
            self.downsample = nn.Sequential(
                nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False)
            )

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(B, outputs, H, W)``."""
        parts, y = [], x
        for number in (1, 2, 3):
            active = functional.relu(_apply(self, f"bn{number}", y))
            y = _apply(self, f"conv{number}", active)
            parts.append(y)
        skip: torch.Tensor = self.downsample(x)
        return torch.cat(parts, dim=1) + skip


class Hourglass(nn.Module):
    """Blocks at five sizes, from full to a sixteenth, each size added to the one above."""

    def __init__(self) -> None:
        super().__init__()
        for level in range(1, _DEPTH + 1):
            for name in ("b1", "b2", "b3"):
                self.add_module(f"{name}_{level}", Block(_WIDTH, _WIDTH))
        self.add_module("b2_plus_1", Block(_WIDTH, _WIDTH))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 256, H, W)``; H and W are multiples of 16."""
        return self._level(_DEPTH, x)

    def _level(self, level: int, x: torch.Tensor) -> torch.Tensor:
        low = _apply(self, f"b2_{level}", functional.max_pool2d(x, 2))
        low = self._level(level - 1, low) if level > 1 else _apply(self, "b2_plus_1", low)
        low = _apply(self, f"b3_{level}", low)
        up = functional.interpolate(low, scale_factor=2, mode="nearest")
        return _apply(self, f"b1_{level}", x) + up


class EmoNet(nn.Module):
    """Pictures to valence, arousal and the logits of eight expressions."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(3, 64, 7, stride=2, padding=3)
        self.bn1 = nn.BatchNorm2d(64)
        self.conv2, self.conv3, self.conv4 = Block(64, 128), Block(128, 128), Block(128, _WIDTH)
        for stack in range(_STACKS):
            self.add_module(f"m{stack}", Hourglass())
            self.add_module(f"top_m_{stack}", Block(_WIDTH, _WIDTH))
            self.add_module(f"conv_last{stack}", nn.Conv2d(_WIDTH, _WIDTH, 1))
            self.add_module(f"bn_end{stack}", nn.BatchNorm2d(_WIDTH))
            self.add_module(f"l{stack}", nn.Conv2d(_WIDTH, _POINTS, 1))
            if stack < _STACKS - 1:
                self.add_module(f"bl{stack}", nn.Conv2d(_WIDTH, _WIDTH, 1))
                self.add_module(f"al{stack}", nn.Conv2d(_POINTS, _WIDTH, 1))
        self.conv1x1_input_emo_2 = nn.Conv2d(_WIDTH * (_STACKS + 1), _WIDTH, 1)
        pairs = [(Block(_WIDTH, _WIDTH), nn.MaxPool2d(2)) for _ in range(4)]
        self.emo_net_2 = nn.Sequential(*(part for pair in pairs for part in pair))
        self.emo_fc_2 = nn.Sequential(
            nn.Linear(_WIDTH, 128), nn.BatchNorm1d(128), nn.ReLU(), nn.Linear(128, _EXPRESSIONS + 2)
        )

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 10)`` of ``(B, 3, 256, 256)`` in [0, 1]: valence, arousal, logits."""
        x = functional.relu(self.bn1(self.conv1(pictures)))
        x = self.conv4(self.conv3(functional.max_pool2d(self.conv2(x), 2)))
        features, heat = self._alignment(x)
        weighted = torch.cat([x, features * heat.sum(dim=1, keepdim=True)], dim=1)
        emotion = self.emo_net_2(self.conv1x1_input_emo_2(weighted))
        pooled = functional.avg_pool2d(emotion, 4).flatten(1)
        outputs = cast(torch.Tensor, self.emo_fc_2(pooled))
        return torch.cat([outputs[:, _EXPRESSIONS:], outputs[:, :_EXPRESSIONS]], dim=1)

    def _alignment(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return what every stack knows, ``(B, 512, 64, 64)``, and the last one's heat maps."""
        known: list[torch.Tensor] = []
        heat = x
        for stack in range(_STACKS):
            y = _apply(self, f"top_m_{stack}", _apply(self, f"m{stack}", x))
            y = _apply(self, f"bn_end{stack}", _apply(self, f"conv_last{stack}", y))
            y = functional.relu(y)
            heat = _apply(self, f"l{stack}", y)
            if stack < _STACKS - 1:
                y = _apply(self, f"bl{stack}", y)
                x = x + y + _apply(self, f"al{stack}", heat)
            known.append(y)
        return torch.cat(known, dim=1), heat


def load(path: Path) -> EmoNet:
    """Return the published network, ready to be run.

    As in the reference, entries that it does not know are passed over; none may be missing but
    the counters of batch norms.

    Raises:
        ModelError: If the file holds something else.
    """
    network = EmoNet()
    try:
        stored = torch.load(path, map_location="cpu", weights_only=True)
        state = {name.replace("module.", ""): value for name, value in stored.items()}
        missing = network.load_state_dict(state, strict=False).missing_keys
    except (pickle.UnpicklingError, RuntimeError, AttributeError, TypeError, EOFError) as error:
        first = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise ModelError(f"{path.name} is no checkpoint of EmoNet: {first}") from None
    lost = [name for name in missing if not name.endswith("num_batches_tracked")]
    if lost:
        raise ModelError(f"{path.name} is no checkpoint of EmoNet: it lacks {lost[0]}")
    return network.eval().requires_grad_(False)


def _apply(parent: nn.Module, name: str, x: torch.Tensor) -> torch.Tensor:
    return cast(torch.Tensor, parent.get_submodule(name)(x))
