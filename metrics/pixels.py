"""Full-reference pixel metrics on uint8 RGB frames; self-reenactment only.

At native size here; the same at 256x256 in `metrics.pixels_256`, over five scales in
`metrics.ms_ssim`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np

from metrics.card import Card, Direction
from metrics.common import SELF
from metrics.frame_pair import Frame, FrameError, Pair, check_pair

__all__ = [
    "METRICS",
    "PSNR_CAP",
    "Frame",
    "FrameError",
    "PixelMetric",
    "check_pair",
    "l1",
    "pixel_card",
    "psnr",
    "ssim",
]

PSNR_CAP = 100.0
_REDUCTION = "frame -> case (mean over frames) -> split (mean)"
_MISSING = (
    "no frame is ever missing; a result of another size is resized first and says so, or fails"
)


def l1_of(pair: Pair) -> float:
    """Return the mean absolute difference in [0, 1] over pixels and channels."""
    return float(cv2.norm(pair.generated, pair.truth, cv2.NORM_L1)) / (255.0 * pair.truth.size)


def psnr_of(pair: Pair) -> float:
    """Return ``10 log10(255^2 / MSE)`` in dB, at most `PSNR_CAP` (identical frames)."""
    mse = float(cv2.norm(pair.generated, pair.truth, cv2.NORM_L2SQR)) / pair.truth.size
    if mse == 0.0:
        return PSNR_CAP
    return min(PSNR_CAP, 10.0 * float(np.log10(255.0**2 / mse)))


def ssim_of(pair: Pair) -> float:
    """Return Wang's structural similarity, mean over RGB channels and window positions.

    As `metrics.structural.similarity` computes it, at the frames' own size.

    Raises:
        FrameError: If the frames are smaller than the 11x11 window.
    """
    return float(pair.similarity(0).index.mean())


def l1(generated: Frame, truth: Frame) -> float:
    """Return `l1_of` two ``(H, W, 3)`` uint8 frames; raises `FrameError` for anything else."""
    return l1_of(Pair(generated, truth))


def psnr(generated: Frame, truth: Frame) -> float:
    """Return `psnr_of` two ``(H, W, 3)`` uint8 frames; raises `FrameError` for anything else."""
    return psnr_of(Pair(generated, truth))


def ssim(generated: Frame, truth: Frame) -> float:
    """Return `ssim_of` two ``(H, W, 3)`` uint8 frames; raises `FrameError` for anything else."""
    return ssim_of(Pair(generated, truth))


@dataclass(frozen=True, slots=True)
class PixelMetric:
    """A metric of one frame of the result against the true frame.

    Attributes:
        card: Its card.
        of_pair: Its value; raises `FrameError` where it is not defined.
    """

    card: Card
    of_pair: Callable[[Pair], float]

    def per_frame(self, generated: Frame, truth: Frame) -> float:
        """Return the value of two frames; where several metrics are wanted, share a `Pair`."""
        return self.of_pair(Pair(generated, truth))


def pixel_card(name: str, definition: str, title: str, formula: str, **changes: object) -> Card:
    """Return a card with what all pixel metrics have in common, reduction order included."""
    common: dict[str, object] = {
        "formula": f"{formula}; {_REDUCTION}",
        "unit": "",
        "protocols": SELF,
        "extractors": (),
        "missing": _MISSING,
        "digits": 4,
    }
    return Card(name=name, definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


SSIM = PixelMetric(
    pixel_card(
        "ssim",
        "wang-rgb",
        "SSIM",
        "Wang 2004: 11x11 Gaussian, sigma 1.5, population covariance, K (.01, .03), data range "
        "255, valid windows, mean over RGB",
        direction=Direction.HIGHER,
        bounds=(-1.0, 1.0),
        identical=1.0,
        source="scikit-image 0.26 metrics/_structural_similarity.py (gaussian_weights=True, "
        "sigma=1.5, use_sample_covariance=False, data_range=255, channel_axis=-1), equal to "
        "pytorch-msssim@b057b07 ssim.py; printed unscaled in FantasyPortrait Table 1 "
        "(0.69-0.82) and, at 256x256, in X-NeMo Table 1 (0.73-0.83)",
        inference="neither paper names window, colour handling or library, FantasyPortrait not "
        "even the size; defaults of libraries differ by 0.03, grey from RGB by 0.13",
        notes=(
            "version 2: same definition, exact arithmetic; version 1 was off by up to 3e-5 on "
            "bright even areas and by 1e-6 on photographs",
        ),
        version=2,
    ),
    ssim_of,
)

PSNR = PixelMetric(
    pixel_card(
        "psnr",
        "frame-cap100",
        "PSNR",
        "10 log10(255^2 / MSE) per frame over pixels and channels, at most 100 (what identical "
        "frames get)",
        unit="dB",
        direction=Direction.HIGHER,
        bounds=(0.0, PSNR_CAP),
        identical=PSNR_CAP,
        source="scikit-image 0.26 metrics/simple_metrics.py per frame; 100 for identical frames "
        "as in common_metrics_on_video_quality@5f75173 (scikit-image: infinity); not printed in "
        "the tables of FantasyPortrait, FlashPortrait, X-NeMo or PortraitDirector",
        inference="mean of dB, not dB of the pooled error (torchmetrics' class): the two are "
        "several dB apart when frames differ in quality",
        digits=2,
    ),
    psnr_of,
)

L1 = PixelMetric(
    pixel_card(
        "l1",
        "unit-rgb",
        "L1",
        "mean |x - y| over pixels and channels, x and y in [0, 1]",
        direction=Direction.LOWER,
        bounds=(0.0, 1.0),
        identical=0.0,
        source="first-order-model@c027484 reconstruction.py (mean over all frames there, over "
        "clips here); printed unscaled in X-NeMo Table 1 (0.055-0.085), at 256x256",
        inference="X-NeMo does not state the range; [0, 1] follows from the size of its numbers",
    ),
    l1_of,
)

METRICS: tuple[PixelMetric, ...] = (SSIM, PSNR, L1)
