from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from skimage.data import astronaut
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from metrics.pixels import METRICS, FrameError, PixelMetric, l1, psnr, ssim

Frame = NDArray[np.uint8]
ALL = pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)


def noisy(image: Frame, sigma: float, seed: int = 0) -> Frame:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@ALL
def test_identical_is_what_the_card_says(metric: PixelMetric) -> None:
    image = astronaut()
    assert metric.per_frame(image, image.copy()) == metric.card.identical


@ALL
def test_more_noise_is_worse(metric: PixelMetric) -> None:
    image = astronaut()
    values = [metric.per_frame(noisy(image, sigma), image) for sigma in (2, 8, 32)]
    better_first = sorted(values, reverse=metric.card.direction.value == "higher")
    assert values == better_first
    low, high = metric.card.bounds
    assert all(low <= v <= high for v in values)


@ALL
@pytest.mark.parametrize(
    "wrong",
    [
        np.zeros((64, 64, 3), np.float32),
        np.zeros((64, 64), np.uint8),
        np.zeros((64, 64, 4), np.uint8),
        np.zeros((64, 65, 3), np.uint8),
    ],
)
def test_anything_but_two_uint8_rgb_frames_is_refused(
    metric: PixelMetric, wrong: NDArray[np.generic]
) -> None:
    with pytest.raises(FrameError):
        metric.per_frame(wrong, np.zeros((64, 64, 3), np.uint8))


def test_ssim_needs_a_window() -> None:
    tiny = np.zeros((10, 64, 3), np.uint8)
    with pytest.raises(FrameError, match="11x11"):
        ssim(tiny, tiny)


REFERENCE: dict[Callable[[Frame, Frame], float], Callable[[Frame, Frame], float]] = {
    ssim: lambda x, y: structural_similarity(
        x,
        y,
        data_range=255,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    ),
    psnr: lambda x, y: peak_signal_noise_ratio(y, x, data_range=255),
    l1: lambda x, y: np.abs(x / 255.0 - y / 255.0).mean(),
}


@pytest.mark.parametrize("ours", REFERENCE, ids=lambda f: f.__name__)
@pytest.mark.parametrize("sigma", [1, 10, 60])
def test_parity_with_the_reference_on_a_photograph(
    ours: Callable[[Frame, Frame], float], sigma: float
) -> None:
    image = astronaut()
    other = noisy(image, sigma)
    assert ours(other, image) == pytest.approx(REFERENCE[ours](other, image), abs=1e-5)


@settings(max_examples=20, deadline=None)
@given(
    height=st.integers(11, 40),
    width=st.integers(11, 40),
    seed=st.integers(0, 1000),
    low=st.integers(0, 200),
)
def test_parity_on_anything(height: int, width: int, seed: int, low: int) -> None:
    rng = np.random.default_rng(seed)
    x, y = rng.integers(low, 256, (2, height, width, 3), dtype=np.uint8)
    for ours, reference in REFERENCE.items():
        assert ours(x, y) == pytest.approx(reference(x, y), abs=1e-5)


def test_constant_frames() -> None:
    black, white = np.zeros((32, 32, 3), np.uint8), np.full((32, 32, 3), 255, np.uint8)
    assert l1(black, white) == 1.0
    assert psnr(black, white) == 0.0
    assert 0.0 <= ssim(black, white) < 1e-3
