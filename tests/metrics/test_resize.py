"""Resize filters by known answers; parity with the references is in tests/parity."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from metrics.signals.resize import pil_bicubic, tf1_bilinear, torch_bilinear

FILTERS = [tf1_bilinear, torch_bilinear, pil_bicubic]
SIZES = st.tuples(st.integers(1, 40), st.integers(1, 40))


def _picture(row: list[int]) -> torch.Tensor:
    return torch.tensor(row, dtype=torch.uint8).view(1, 1, -1, 1).expand(1, 2, -1, 3)


@pytest.mark.parametrize("resize", FILTERS)
@settings(max_examples=20, deadline=None)
@given(SIZES, SIZES, st.integers(0, 255))
def test_a_plain_picture_stays_plain(
    resize: object, size: tuple[int, int], to: tuple[int, int], level: int
) -> None:
    picture = torch.full((2, *size, 3), level, dtype=torch.uint8)
    resized = resize(picture, to)  # type: ignore[operator]
    assert resized.shape == (2, 3, *to)
    assert resized.dtype == torch.float32
    assert torch.allclose(resized, torch.tensor(float(level)), atol=1e-4)


@pytest.mark.parametrize("resize", FILTERS)
def test_the_same_size_changes_nothing(resize: object) -> None:
    picture = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (1, 7, 9, 3), np.uint8))
    resized = resize(picture, (7, 9))  # type: ignore[operator]
    assert torch.allclose(resized, picture.permute(0, 3, 1, 2).float(), atol=1e-4)


def test_each_filter_has_its_own_grid() -> None:
    """Four pixels become two: at 0 and 2; at 0.5 and 2.5; with a wide window."""
    picture = _picture([0, 100, 200, 40])
    assert tf1_bilinear(picture, (2, 2))[0, 0, 0].tolist() == [0, 200]
    assert torch_bilinear(picture, (2, 2))[0, 0, 0].tolist() == [50, 120]
    # By hand: taps at 1/4, 1/4, 3/4 and 5/4 of the stretched kernel, made to sum to 1.
    near, far, edge = 111 / 128, 29 / 128, -9 / 128
    first = (100 * near + 200 * far + 40 * edge) / (2 * near + far + edge)
    second = (100 * far + 200 * near + 40 * near) / (2 * near + far + edge)
    assert pil_bicubic(picture, (2, 2))[0, 0, 0].tolist() == pytest.approx([first, second])


def test_tensorflow_repeats_the_last_pixel() -> None:
    picture = _picture([0, 100])
    assert tf1_bilinear(picture, (2, 4))[0, 0, 0].tolist() == [0, 50, 100, 100]
    assert torch_bilinear(picture, (2, 4))[0, 0, 0].tolist() == [0, 25, 75, 100]
