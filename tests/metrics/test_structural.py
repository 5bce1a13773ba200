"""SSIM and MS-SSIM against arithmetic that shares nothing with them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.ndimage import correlate1d
from skimage.data import astronaut
from skimage.metrics import structural_similarity

from metrics.frame_pair import FrameError, Pair
from metrics.ms_ssim import SMALLEST, WEIGHTS, ms_ssim
from metrics.pixels import l1, psnr, ssim
from metrics.pixels_256 import METRICS as REDUCED_METRICS
from metrics.structural import Planes, similarity

Frame = NDArray[np.uint8]
C1, C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2


def wang(x: Frame, y: Frame) -> float:
    """scikit-image in double precision."""
    found: float = structural_similarity(
        x,
        y,
        data_range=255,
        channel_axis=-1,
        gaussian_weights=True,
        sigma=1.5,
        use_sample_covariance=False,
    )
    return found


def windowed(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    taps = np.exp(-(np.arange(-5, 6) ** 2) / (2 * 1.5**2))
    taps /= taps.sum()
    smooth = correlate1d(correlate1d(plane, taps, axis=0), taps, axis=1)
    inside: NDArray[np.float64] = smooth[5:-5, 5:-5]
    return inside


def textbook_ms_ssim(x: NDArray[np.float64], y: NDArray[np.float64]) -> float:
    """Wang 2003 with five filters a scale, channel by channel, in double precision."""
    channels = []
    for a, b in zip(x.transpose(2, 0, 1), y.transpose(2, 0, 1), strict=True):
        product = 1.0
        for scale, weight in enumerate(WEIGHTS):
            mean_a, mean_b = windowed(a), windowed(b)
            var_a, var_b = windowed(a * a) - mean_a**2, windowed(b * b) - mean_b**2
            covariance = windowed(a * b) - mean_a * mean_b
            term = (2 * covariance + C2) / (var_a + var_b + C2)
            if scale == len(WEIGHTS) - 1:
                term = term * (2 * mean_a * mean_b + C1) / (mean_a**2 + mean_b**2 + C1)
            product *= max(term.mean(), 0.0) ** weight
            a, b = halved(a), halved(b)
        channels.append(product)
    return float(np.mean(channels))


def halved(plane: NDArray[np.float64]) -> NDArray[np.float64]:
    even = np.pad(plane, [(0, side % 2) for side in plane.shape], mode="edge")
    half: NDArray[np.float64] = (
        even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]
    ) / 4
    return half


def noisy(image: Frame, sigma: float, seed: int = 0) -> Frame:
    noise = np.random.default_rng(seed).normal(0, sigma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


@pytest.mark.parametrize("level", [1, 128, 254])
@pytest.mark.parametrize("spread", [1, 3])
def test_even_areas_are_as_exact_as_textured_ones(level: int, spread: int) -> None:
    """Bright even areas are where float32 variances cancel."""
    rng = np.random.default_rng(level)
    frames = level + rng.integers(-spread, spread + 1, (2, 96, 96, 3))
    x, y = np.clip(frames, 0, 255).astype(np.uint8)
    assert ssim(x, y) == pytest.approx(wang(x, y), abs=1e-6)


def test_black_and_white_halves() -> None:
    x = np.zeros((64, 64, 3), np.uint8)
    x[:, 32:] = 255
    assert ssim(x, x[:, ::-1].copy()) == pytest.approx(wang(x, x[:, ::-1]), abs=1e-6)


@settings(max_examples=8, deadline=None)
@given(
    height=st.integers(SMALLEST, 190),
    width=st.integers(SMALLEST, 190),
    sigma=st.sampled_from([0.5, 5.0, 60.0]),
    seed=st.integers(0, 99),
)
def test_ms_ssim_is_the_textbooks(height: int, width: int, sigma: float, seed: int) -> None:
    image = astronaut()[100 : 100 + height, 150 : 150 + width]
    other = noisy(image, sigma, seed)
    expected = textbook_ms_ssim(other.astype(np.float64), image.astype(np.float64))
    assert ms_ssim(other, image) == pytest.approx(expected, abs=1e-6)


def test_inverted_frames_have_no_structure_in_common() -> None:
    image = noisy(np.full((SMALLEST, SMALLEST, 3), 128, np.uint8), 40)
    assert ms_ssim(255 - image, image) == 0.0


@pytest.mark.parametrize("shape", [(SMALLEST - 1, 300, 3), (300, SMALLEST - 1, 3), (11, 11, 3)])
def test_ms_ssim_says_what_it_needs(shape: tuple[int, ...]) -> None:
    frame = np.zeros(shape, np.uint8)
    with pytest.raises(FrameError, match="161 pixels a side"):
        ms_ssim(frame, frame)


def test_a_pair_computes_what_it_shares_once(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[tuple[int, ...]] = []

    def counting(planes: Planes) -> object:
        calls.append(planes.total.shape)
        return similarity(planes)

    monkeypatch.setattr("metrics.frame_pair.similarity", counting)
    pair = Pair(noisy(astronaut(), 5), astronaut())
    for metric in REDUCED_METRICS:
        metric.of_pair(pair)
    assert calls == [(side, side, 3) for side in (256, 128, 64, 32, 16)]


PLAIN: dict[str, Callable[[Frame, Frame], float]] = {
    "ssim.wang-rgb-256@1": ssim,
    "ms_ssim.wang-rgb-256@1": ms_ssim,
    "psnr.frame-cap100-256@1": psnr,
    "l1.unit-rgb-256@1": l1,
}


@pytest.mark.parametrize("metric", REDUCED_METRICS, ids=lambda m: m.card.id)
def test_reduced_frames_are_area_means(metric: object) -> None:
    from metrics.pixels import PixelMetric

    assert isinstance(metric, PixelMetric)
    x, y = noisy(astronaut(), 20), astronaut()
    small = [_block_means(frame) for frame in (x, y)]
    expected = PLAIN[metric.card.id](*small)
    assert metric.per_frame(x, y) == pytest.approx(expected, abs=1e-12)
    assert metric.per_frame(*small) == expected


def _block_means(frame: Frame) -> Frame:
    """Means of 2x2 pixels, halves rounded up."""
    blocks = frame.reshape(256, 2, 256, 2, 3).astype(np.int64).sum(axis=(1, 3))
    return ((blocks + 2) // 4).astype(np.uint8)


@pytest.mark.parametrize("metric", REDUCED_METRICS, ids=lambda m: m.card.id)
def test_frames_are_squeezed_never_enlarged(metric: object) -> None:
    from metrics.pixels import PixelMetric

    assert isinstance(metric, PixelMetric)
    wide = np.repeat(astronaut(), 2, axis=1)
    tall = astronaut()
    assert metric.per_frame(noisy(wide, 9), wide) != metric.per_frame(noisy(tall, 9), tall)
    with pytest.raises(FrameError, match="would be enlarged"):
        metric.per_frame(tall[:255], tall[:255])
