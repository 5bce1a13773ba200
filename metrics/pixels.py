"""Full-reference pixel metrics on uint8 RGB frames; self-reenactment only."""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import SELF

PSNR_CAP = 100.0
_SSIM_WINDOW, _SSIM_SIGMA, _SSIM_STRIP = 11, 1.5, 32
_C1, _C2 = 0.01**2, 0.03**2
_REDUCTION = "frame -> case (mean over frames) -> split (mean)"

Frame = NDArray[np.uint8]


class FrameError(ValueError):
    """Frames that a pixel metric cannot compare; the message says why."""


def check_pair(generated: Frame, truth: Frame) -> None:
    """Refuse anything but two ``(H, W, 3)`` uint8 frames of one size.

    Raises:
        FrameError: With what was expected and what came.
    """
    for frame in (generated, truth):
        if frame.dtype != np.uint8 or frame.ndim != 3 or frame.shape[2] != 3:
            raise FrameError(f"expected (H, W, 3) uint8 frames, got {frame.shape} {frame.dtype}")
    if generated.shape != truth.shape:
        raise FrameError(f"sizes differ: {generated.shape[:2]} and {truth.shape[:2]}")


def l1(generated: Frame, truth: Frame) -> float:
    """Return the mean absolute difference in [0, 1] over pixels and channels."""
    check_pair(generated, truth)
    return float(cv2.norm(generated, truth, cv2.NORM_L1)) / (255.0 * truth.size)


def psnr(generated: Frame, truth: Frame) -> float:
    """Return ``10 log10(255^2 / MSE)`` in dB, at most `PSNR_CAP` (identical frames)."""
    check_pair(generated, truth)
    mse = float(cv2.norm(generated, truth, cv2.NORM_L2SQR)) / truth.size
    if mse == 0.0:
        return PSNR_CAP
    return min(PSNR_CAP, 10.0 * float(np.log10(255.0**2 / mse)))


def ssim(generated: Frame, truth: Frame) -> float:
    """Return Wang's structural similarity, mean over RGB channels and window positions.

    11x11 Gaussian window, sigma 1.5, population covariance, K = (0.01, 0.03), data range 255,
    only window positions that lie inside the frame.

    Raises:
        FrameError: If the frames are smaller than the window, besides `check_pair`'s reasons.
    """
    check_pair(generated, truth)
    if min(truth.shape[:2]) < _SSIM_WINDOW:
        raise FrameError(f"SSIM needs frames of at least {_SSIM_WINDOW}x{_SSIM_WINDOW} pixels")
    x = generated.astype(np.float32) / np.float32(255.0)
    y = truth.astype(np.float32) / np.float32(255.0)
    half = _SSIM_WINDOW // 2
    rows, columns = truth.shape[0] - 2 * half, truth.shape[1] - 2 * half
    total = 0.0
    for top in range(0, rows, _SSIM_STRIP):  # strips that stay in the cache: twice as fast
        strip = slice(top, min(top + _SSIM_STRIP, rows) + 2 * half)
        total += _ssim_sum(x[strip], y[strip])
    return float(total / (rows * columns * 3))


def _ssim_sum(x: NDArray[np.float32], y: NDArray[np.float32]) -> float:
    """Return the sum of the similarity over window positions and channels of a strip."""
    mx, my = _window_mean(x), _window_mean(y)
    mxy, mxx, myy = mx * my, mx * mx, my * my
    vx, vy, vxy = _window_mean(x * x) - mxx, _window_mean(y * y) - myy, _window_mean(x * y) - mxy
    ratio = (2 * mxy + _C1) * (2 * vxy + _C2) / ((mxx + myy + _C1) * (vx + vy + _C2))
    return float(ratio.sum(dtype=np.float64))


def _window_mean(image: NDArray[np.float32]) -> NDArray[np.float32]:
    kernel = cv2.getGaussianKernel(_SSIM_WINDOW, _SSIM_SIGMA, cv2.CV_32F)
    half = _SSIM_WINDOW // 2
    smooth = np.asarray(cv2.sepFilter2D(image, -1, kernel, kernel), dtype=np.float32)
    return smooth[half:-half, half:-half]


@dataclass(frozen=True, slots=True)
class PixelMetric:
    """A metric of one frame of the result against the true frame."""

    card: Card
    per_frame: Callable[[Frame, Frame], float]


def _card(name: str, definition: str, title: str, **changes: object) -> Card:
    common: dict[str, object] = {
        "unit": "",
        "protocols": SELF,
        "extractors": (),
        "missing": "no frame is ever missing; a result of another size is resized first and says "
        "so, or fails",
        "digits": 4,
    }
    return Card(name=name, definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


METRICS: tuple[PixelMetric, ...] = (
    PixelMetric(
        _card(
            "ssim",
            "wang-rgb",
            "SSIM",
            formula="Wang 2004: 11x11 Gaussian, sigma 1.5, population covariance, K (.01, .03), "
            "valid windows, mean over RGB; " + _REDUCTION,
            direction=Direction.HIGHER,
            bounds=(-1.0, 1.0),
            identical=1.0,
            source="scikit-image structural_similarity(gaussian_weights=True, sigma=1.5, "
            "use_sample_covariance=False, data_range=255); FantasyPortrait Table 1, X-NeMo Table 1",
            inference="neither paper names its window or colour handling; library defaults differ "
            "by 0.03",
        ),
        ssim,
    ),
    PixelMetric(
        _card(
            "psnr",
            "frame-cap100",
            "PSNR",
            formula="10 log10(255^2 / MSE) per frame, 100 for identical frames; " + _REDUCTION,
            unit="dB",
            direction=Direction.HIGHER,
            bounds=(0.0, PSNR_CAP),
            identical=PSNR_CAP,
            source="mean of per-frame dB (scikit-image per frame); cap as in common_metrics",
            digits=2,
        ),
        psnr,
    ),
    PixelMetric(
        _card(
            "l1",
            "unit-rgb",
            "L1",
            formula="mean |x - y|, x and y in [0, 1]; " + _REDUCTION,
            direction=Direction.LOWER,
            bounds=(0.0, 1.0),
            identical=0.0,
            source="FOMM reconstruction.py (mean over all frames there, over clips here); "
            "X-NeMo Table 1 at 256x256",
        ),
        l1,
    ),
)
