"""Crops: bit for bit what OpenCV's warp does, on every path."""

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from metrics.signals.torch_face_boxes import Regions, letterbox  # noqa: E402
from metrics.signals.torch_face_crop import (  # noqa: E402
    _coordinates,
    affine_maps,
    crop,
    crop_torch,
    warp_maps,
)


def noise(*shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(1).integers(0, 256, shape, dtype=np.uint8))


def regions(*rows: tuple[float, float, float, float, float]) -> Regions:
    table = np.array(rows, dtype=np.float32)
    return Regions(table[:, :2], table[:, 2:4], table[:, 4])


inside = st.floats(-60, 260, width=32)
extent = st.floats(1, 300, width=32)
turn = st.floats(-3.25, 3.25, width=32)


@settings(max_examples=30, deadline=None)
@given(inside, inside, extent, extent, turn, st.booleans())
def test_the_paths_agree_bit_for_bit(
    x: float, y: float, width: float, height: float, angle: float, border: bool
) -> None:
    frames = noise(2, 97, 141, 3)
    owner = torch.tensor([1])
    maps = torch.from_numpy(warp_maps(regions((x, y, width, height, angle)), 70))
    by_opencv = crop(frames, owner, maps, 70, border)
    by_torch = crop_torch(frames, owner, *_coordinates(maps, 70), border)
    assert torch.equal(by_opencv, by_torch)


def test_a_whole_frame_at_its_own_size_is_itself() -> None:
    frames = noise(1, 64, 64, 3)
    maps = torch.from_numpy(warp_maps(letterbox(64, 64), 64))
    assert torch.equal(crop(frames, torch.tensor([0]), maps, 64, False), frames)


def test_outside_is_black_or_the_edge() -> None:
    frames = noise(1, 32, 64, 3)
    maps = torch.from_numpy(warp_maps(letterbox(32, 64), 64))
    black = crop(frames, torch.tensor([0]), maps, 64, False)[0]
    assert black[:15].sum() == 0 and black[49:].sum() == 0
    assert torch.equal(black[16:48], frames[0])
    edge = crop(frames, torch.tensor([0]), maps, 64, True)[0]
    assert torch.equal(edge[0], frames[0, 0]) and torch.equal(edge[-1], frames[0, -1])


def test_it_is_opencvs_warp_up_to_one_level() -> None:
    """Newer OpenCV warps in float; the rounding to 1/32 pixel is all that may differ."""
    picture = cv2.GaussianBlur(noise(120, 150, 3).numpy(), (0, 0), 4)
    one = regions((70, 60, 50, 66, 0.4))
    maps = warp_maps(one, 64)
    expected = cv2.warpPerspective(
        picture, maps[0], (64, 64), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    )
    got = crop(torch.from_numpy(picture[None]), torch.tensor([0]), torch.from_numpy(maps), 64, True)
    assert np.abs(got[0].numpy().astype(int) - expected).max() <= 1


@given(st.floats(2, 200), st.floats(2, 200), turn)
def test_maps_agree_with_the_plain_formula(width: float, height: float, angle: float) -> None:
    one = regions((50, 40, width, height, angle))
    warp, plain = warp_maps(one, 32)[0], affine_maps(one)[0]
    points = np.array([[0, 0, 1], [32, 0, 1], [7, 19, 1]], dtype=np.float64)
    projected = points @ warp.T
    expected = (points / (32, 32, 1)) @ plain.T
    # Corners travel in float32, as in the official code.
    np.testing.assert_allclose(projected[:, :2] / projected[:, 2:], expected, atol=2e-3)
