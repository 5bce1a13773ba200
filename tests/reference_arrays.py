"""Inputs and states from a recipe, and what the reference code made of them once.

The arrays in ``tests/parity/data`` were computed by running the reference code itself; where, how
and with which versions is in its README. Everything else can be made again from numbers.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import torch
from torch import nn

from metrics.signals.random_state import he_normal_state, state_sha256

_FOLDER = Path(__file__).resolve().parent / "parity" / "data"

TOLERANCE = 1e-5
"""Relative, in the L2 norm, for features in float32."""


def levels(key: int, *shape: int) -> np.ndarray:
    """Noise of uint8 from raw words of Philox 4x64-10, little-endian: the same everywhere."""
    count = int(np.prod(shape))
    words = np.random.Philox(key=key).random_raw(-(-count // 8)).astype("<u8")
    return words.view(np.uint8)[:count].reshape(shape)


def recorded(name: str) -> dict[str, np.ndarray]:
    """The arrays that the reference code gave."""
    with np.load(_FOLDER / f"{name}.npz", allow_pickle=False) as file:
        return dict(file)


def with_recipe(module: nn.Module, expected: str, scale: Mapping[str, float] | None = None) -> None:
    """Give ``module`` the state of the recipe: seed 1, spread 0.2, some entries scaled.

    Args:
        module: What to load it into.
        expected: Hash of the state that the reference code ran on.
        scale: Factors for entries whose name contains the key.
    """
    state = he_normal_state(module, 1, 0.2)
    for mark, factor in (scale or {}).items():
        state = {k: v * factor if mark in k else v for k, v in state.items()}
    # A reference may have names of its own; then the hash was taken before they were translated.
    assert state_sha256(state) == expected
    module.load_state_dict(state, strict=True)
    module.eval()


def relative(ours: np.ndarray | torch.Tensor, theirs: np.ndarray) -> float:
    """Distance of two arrays of one shape, relative to the second."""
    mine = np.asarray(ours, dtype=np.float64)
    assert mine.shape == theirs.shape
    return float(np.linalg.norm(mine - theirs) / np.linalg.norm(theirs))
