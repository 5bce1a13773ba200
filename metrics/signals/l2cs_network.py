"""L2CS-Net: a ResNet-50 with a classifier of 90 angles for yaw and one for pitch.

After Ahmednull/L2CS-Net@a4d8f7f ``l2cs/model.py``; the trunk is torchvision's. Names of the state
are those of the published checkpoint.
"""

from typing import Any

import torch
from torch import nn

from metrics.torchvision_guard import import_torchvision

_BINS, _BIN_DEGREES, _FIRST_DEGREES = 90, 4, -180
_MEAN, _DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class L2CS(nn.Module):
    """Face crops to angles."""

    def __init__(self) -> None:
        super().__init__()
        import_torchvision()
        from torchvision.models import resnet50

        trunk: Any = resnet50(weights=None)
        for name, part in trunk.named_children():
            if name != "fc":
                self.add_module(name, part)
        width = trunk.fc.in_features
        self.fc_yaw_gaze = nn.Linear(width, _BINS)
        self.fc_pitch_gaze = nn.Linear(width, _BINS)
        self.fc_finetune = nn.Linear(width + 3, 3)  # in the checkpoint, but never used
        self._trunk = [name for name, _ in self.named_children() if not name.startswith("fc_")]

    def forward(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 2)`` yaw and pitch in degrees of ``(B, 3, 448, 448)`` normalised RGB."""
        yaw, pitch = self.heads(pictures)
        return torch.stack([expected_degrees(yaw), expected_degrees(pitch)], dim=1)

    def heads(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return logits ``(B, 90)`` of yaw and of pitch."""
        x = pictures
        for name in self._trunk:
            x = self.get_submodule(name)(x)
        x = x.flatten(1)
        return self.fc_yaw_gaze(x), self.fc_pitch_gaze(x)


def normalised(crops: torch.Tensor) -> torch.Tensor:
    """Return ``(B, 3, H, W)`` float32, normalised as ImageNet, of ``(B, H, W, 3)`` uint8."""
    mean, deviation = (
        torch.tensor(values, device=crops.device)[:, None, None] for values in (_MEAN, _DEVIATION)
    )
    return (crops.permute(0, 3, 1, 2).float() / 255 - mean) / deviation


def expected_degrees(logits: torch.Tensor) -> torch.Tensor:
    """Return the mean angle ``(B,)`` in degrees under the softmax of ``(B, 90)`` logits."""
    bins = torch.arange(_BINS, dtype=logits.dtype, device=logits.device)
    mean: torch.Tensor = (logits.softmax(dim=1) * bins).sum(dim=1)
    return mean * _BIN_DEGREES + _FIRST_DEGREES
