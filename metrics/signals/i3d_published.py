"""The published TorchScript I3D, as everybody calls it for FVD."""

import io
import warnings
from pathlib import Path
from typing import Any, cast

import torch
from torch import nn


class PublishedI3D(nn.Module):
    """The program with its switches set: no rescaling, no resizing, logits before softmax."""

    def __init__(self, script: Any) -> None:  # noqa: ANN401 - a compiled program
        super().__init__()
        self.script = script

    def forward(self, windows: torch.Tensor) -> torch.Tensor:
        """Return ``(B, 400)`` of ``(B, 3, T, 224, 224)`` float32 in [-1, 1]."""
        features = self.script(windows, rescale=False, resize=False, return_features=True)
        return cast(torch.Tensor, features)


def load(path: Path) -> PublishedI3D:
    """Load a verified file onto the CPU.

    Raises:
        RuntimeError: If it is no TorchScript file.
    """
    program = io.BytesIO(path.read_bytes())
    with warnings.catch_warnings():
        # torch.export has taken over, but what is published is a TorchScript file.
        warnings.filterwarnings("ignore", message=".*torch.jit.load", category=DeprecationWarning)
        script: Any = torch.jit.load
        return PublishedI3D(script(program, map_location="cpu"))
