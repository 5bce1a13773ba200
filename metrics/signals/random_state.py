"""Weights from a pinned generator: the same bits on every platform and library version.

Embedded stand-ins are real networks with random weights. Their numbers can only be compared if
everyone has the same weights, so nothing here depends on how a library rounds or orders: raw words
of a counter-based generator (Philox 4x64-10, Salmon et al., SC 2011; numpy keeps the stream of
its bit generators fixed), sums of integers, and IEEE operations that are correctly rounded.

A weight is He-normal (He et al., ICCV 2015, fan-in, gain of a ReLU) but for its tails: the sum of
twelve 16-bit uniform integers stands for the normal variable, and none is beyond 6 sigma.
"""

import hashlib
import math
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

Shapes = Mapping[str, tuple[int, ...]]
State = dict[str, torch.Tensor]

_TERMS, _BITS = 12, 16
_CENTRE = _TERMS * (2**_BITS - 1)  # twice the mean of the sum, which is not whole
_SIGMA = math.sqrt((2 ** (2 * _BITS) - 1) * (_TERMS // 12))  # of the sum
_LANES = np.uint64(0x0000FFFF0000FFFF)


class PinnedStateError(Exception):
    """The generated weights are not those that the definition names."""


def he_normal_state(network: nn.Module | Shapes, seed: int, spread: float = 0.0) -> State:
    """Return weights for a network of convolutions, linear layers and batch norms.

    A tensor depends only on seed, name and shape: not on order or on what else there is. Weights
    of two or more axes are He-normal with fan-in; batch norms and biases are neutral.

    Args:
        network: A module, or the shapes of its state by name.
        seed: Any integer.
        spread: Standard deviation of biases and batch norms' entries around their neutral values
            (variances only grow). Above 0 for parity tests, where a neutral batch norm would hide
            mistakes.

    Returns:
        Float32 tensors on the CPU, ``num_batches_tracked`` int64; it loads with ``strict=True``.

    Raises:
        ValueError: If an entry is none of these.
    """
    shapes = shapes_of(network) if isinstance(network, nn.Module) else network
    return {name: _entry(name, shape, seed, spread) for name, shape in shapes.items()}


def load_pinned(module: nn.Module, seed: int, sha256: str) -> None:
    """Give ``module`` the pinned weights of ``seed``.

    Raises:
        PinnedStateError: If what was generated has another hash; the module is left as it was.
    """
    state = he_normal_state(module, seed)
    actual = state_sha256(state)
    if actual != sha256:
        raise PinnedStateError(
            f"the embedded weights of {type(module).__name__} are {actual[:12]}… on this machine "
            f"instead of {sha256[:12]}…: no number may come from them"
        )
    module.load_state_dict(state)


def shapes_of(module: nn.Module) -> Shapes:
    """Return the shapes of a module's state by name."""
    return {name: tuple(value.shape) for name, value in module.state_dict().items()}


def state_sha256(state: Mapping[str, torch.Tensor]) -> str:
    """Return a hash of names, types, shapes and little-endian values, in order of names."""
    digest = hashlib.sha256()
    for name in sorted(state):
        array = state[name].detach().cpu().contiguous().numpy()
        array = array.astype(array.dtype.newbyteorder("<"), copy=False)
        digest.update(f"{name} {array.dtype.str[1:]} {list(array.shape)}\n".encode())
        digest.update(array.data if array.ndim else array.tobytes())
    return digest.hexdigest()


def _entry(name: str, shape: tuple[int, ...], seed: int, spread: float) -> torch.Tensor:
    leaf = name.rpartition(".")[2]
    if leaf == "num_batches_tracked":
        return torch.zeros(shape, dtype=torch.int64)
    if leaf == "weight" and len(shape) >= 2:
        values = _normals(name, shape, seed, math.sqrt(2 / math.prod(shape[1:])))
    elif leaf in {"bias", "running_mean"}:
        values = _around(0, name, shape, seed, spread)
    elif leaf == "weight" and len(shape) == 1:
        values = _around(1, name, shape, seed, spread)
    elif leaf == "running_var":
        values = 1 + np.abs(_around(0, name, shape, seed, spread))
    else:
        raise ValueError(f"no rule for the weights of {name} {shape}")
    return torch.from_numpy(values.astype(np.float32))


def _around(
    neutral: int, name: str, shape: tuple[int, ...], seed: int, spread: float
) -> NDArray[np.float64]:
    if spread == 0:
        return np.full(shape, neutral, dtype=np.float64)
    return neutral + _normals(name, shape, seed, spread)


def _normals(name: str, shape: tuple[int, ...], seed: int, sigma: float) -> NDArray[np.float64]:
    key = hashlib.sha256(f"{seed}/{name}".encode()).digest()[:16]
    count = math.prod(shape)
    words = np.random.Philox(key=int.from_bytes(key, "little")).random_raw(3 * count)
    # Each word holds four of the 16-bit numbers: pairs are added in two lanes of 32 bits.
    lanes = (words & _LANES) + ((words >> np.uint64(16)) & _LANES)
    lanes = lanes.reshape(3, count).sum(axis=0)
    total = ((lanes & np.uint64(0xFFFFFFFF)) + (lanes >> np.uint64(32))).astype(np.int64)
    exact = (2 * total - _CENTRE).astype(np.float64)
    values: NDArray[np.float64] = exact * (sigma / (2 * _SIGMA))
    return values.reshape(shape)
