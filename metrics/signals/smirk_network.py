"""SMIRK's encoder: three MobileNetV3s without attention, one linear layer on each.

After georgeretsi/smirk@c7de404 ``src/smirk_encoder.py``; the trunks are timm's, as there. Names of
the state are those of the published checkpoint without its prefix ``smirk_encoder.``.
"""

from typing import Any, cast

import torch
from torch import nn
from torch.nn import functional

from metrics.torchvision_guard import import_torchvision

_EXPRESSION, _EYELIDS, _JAW = 50, 2, 3
_LARGEST_JAW_TURN = 0.2  # rad, but for opening


class _Branch(nn.Module):
    """A trunk whose last feature map is averaged over space."""

    def __init__(self, trunk: str) -> None:
        super().__init__()
        self.encoder, self.width = _trunk(trunk)

    def pooled(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, width)``."""
        return cast(torch.Tensor, self.encoder(pictures)[-1]).mean(dim=(2, 3))


class PoseEncoder(_Branch):
    """Head rotation and camera."""

    def __init__(self) -> None:
        super().__init__("tf_mobilenetv3_small_minimal_100")
        self.pose_cam_layers = nn.Sequential(nn.Linear(self.width, 6))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 6)``: axis-angle in rad; scale and translation."""
        return cast(torch.Tensor, self.pose_cam_layers(self.pooled(pictures)))


class ShapeEncoder(_Branch):
    """FLAME's identity coefficients."""

    def __init__(self) -> None:
        super().__init__("tf_mobilenetv3_large_minimal_100")
        self.shape_layers = nn.Sequential(nn.Linear(self.width, 300))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 300)``."""
        return cast(torch.Tensor, self.shape_layers(self.pooled(pictures)))


class ExpressionEncoder(_Branch):
    """Expression, eyelids and jaw."""

    def __init__(self) -> None:
        super().__init__("tf_mobilenetv3_large_minimal_100")
        outputs = _EXPRESSION + _EYELIDS + _JAW
        self.expression_layers = nn.Sequential(nn.Linear(self.width, outputs))

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 55)``: 50 expression coefficients, 2 eyelids, 3 jaw angles in rad."""
        raw = self.expression_layers(self.pooled(pictures))
        expression, lids, opening, turns = raw.split((_EXPRESSION, _EYELIDS, 1, _JAW - 1), dim=1)
        turns = turns.clamp(-_LARGEST_JAW_TURN, _LARGEST_JAW_TURN)
        return torch.cat([expression, lids.clamp(0, 1), functional.relu(opening), turns], dim=1)


class SmirkEncoder(nn.Module):
    """Crops to one vector a face, in the order of the slices in `metrics.signals.smirk`."""

    def __init__(self) -> None:
        super().__init__()
        self.pose_encoder = PoseEncoder()
        self.shape_encoder = ShapeEncoder()
        self.expression_encoder = ExpressionEncoder()

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 361)`` of ``(B, 3, 224, 224)`` float32 RGB in [0, 1]."""
        parts = (self.pose_encoder, self.shape_encoder, self.expression_encoder)
        return torch.cat([part(pictures) for part in parts], dim=1)


def _trunk(name: str) -> tuple[nn.Module, int]:
    """Return one of timm's trunks with random weights, and how many channels it gives."""
    import_torchvision()  # timm imports it
    import timm

    model: Any = timm.create_model(name, pretrained=False, features_only=True)
    return model, int(model.feature_info[-1]["num_chs"])
