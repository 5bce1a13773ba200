"""Pinned weights: the same bits everywhere, and the right distribution."""

import hashlib
import math
from fractions import Fraction

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from metrics.signals.random_state import (
    PinnedStateError,
    he_normal_state,
    load_pinned,
    shapes_of,
    state_sha256,
)

# Of _network() with seed 1. It must never change: embedded protocol ids carry such hashes.
PINNED = "5387f693aa1a1a6cb0746cceda885bd75ffed4e162cf6352734eadd7cfdbceac"


def _network() -> nn.Module:
    return nn.Sequential(nn.Conv2d(3, 16, 3), nn.BatchNorm2d(16), nn.Linear(16, 4))


def test_bits_are_pinned() -> None:
    assert state_sha256(he_normal_state(_network(), 1)) == PINNED


def test_one_weight_by_hand() -> None:
    """The sum of twelve 16-bit integers, in exact arithmetic."""
    key = int.from_bytes(hashlib.sha256(b"7/layer.weight").digest()[:16], "little")
    words = [int(w) for w in np.random.Philox(key=key).random_raw(6)]
    mine = words[1::2]  # the second weight's words
    total = sum((word >> shift) & 0xFFFF for word in mine for shift in (0, 16, 32, 48))
    variance = Fraction(12 * (2**32 - 1), 12)
    expected = (total - Fraction(12 * 65535, 2)) / Fraction(math.sqrt(variance)) * 1  # 2 / fan-in
    weight = he_normal_state({"layer.weight": (1, 2)}, 7)["layer.weight"]
    assert weight[0, 1].item() == pytest.approx(float(expected), rel=1e-7)


def test_he_normal_moments() -> None:
    weight = he_normal_state({"c.weight": (256, 64, 3, 3)}, 0)["c.weight"].double()
    unit = weight * math.sqrt(64 * 9 / 2)
    assert unit.mean().abs() < 0.01
    assert unit.std() == pytest.approx(1, abs=0.01)
    assert (unit**4).mean() == pytest.approx(3 - 6 / 5 / 12, abs=0.05)  # twelve uniforms' kurtosis
    assert unit.abs().max() < 6


@settings(max_examples=20, deadline=None)
@given(st.integers(-(2**70), 2**70), st.permutations(sorted(shapes_of(_network()))))
def test_a_tensor_depends_on_seed_name_and_shape_only(seed: int, order: list[str]) -> None:
    shapes = shapes_of(_network())
    whole = he_normal_state(shapes, seed)
    for name in order[:3]:
        assert torch.equal(he_normal_state({name: shapes[name]}, seed)[name], whole[name])
    assert state_sha256({name: whole[name] for name in order}) == state_sha256(whole)
    assert state_sha256(he_normal_state(shapes, seed + 1)) != state_sha256(whole)


def test_neutral_unless_spread() -> None:
    neutral = he_normal_state(_network(), 3)
    assert torch.equal(neutral["1.weight"], torch.ones(16))
    assert torch.equal(neutral["1.running_var"], torch.ones(16))
    assert not neutral["2.bias"].any()
    spread = he_normal_state(_network(), 3, spread=0.5)
    assert (spread["1.running_var"] > 1).all()
    assert spread["2.bias"].any()
    assert torch.equal(spread["0.weight"], neutral["0.weight"])
    _network().load_state_dict(spread, strict=True)


def test_hash_sees_names_types_shapes_and_values() -> None:
    base = {"a": torch.zeros(4), "b": torch.ones(2)}
    others = [
        {"a": torch.zeros(4), "c": torch.ones(2)},
        {"a": torch.zeros(2, 2), "b": torch.ones(2)},
        {"a": torch.zeros(4, dtype=torch.int32), "b": torch.ones(2)},
        {"a": torch.zeros(4), "b": torch.tensor([1, 1 + 2**-23])},
    ]
    assert len({state_sha256(state) for state in [base, *others]}) == 5


def test_a_wrong_hash_refuses_and_leaves_the_module_alone() -> None:
    module = _network()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    with pytest.raises(PinnedStateError, match="no number may come"):
        load_pinned(module, 2, PINNED)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    load_pinned(module, 1, PINNED)
    assert state_sha256(module.state_dict()) == PINNED


def test_unknown_entries_are_refused() -> None:
    with pytest.raises(ValueError, match="no rule for the weights of shift"):
        he_normal_state({"shift": (3,)}, 0)
