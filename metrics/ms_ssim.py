"""Structural similarity over five scales; self-reenactment only."""

import numpy as np

from metrics.card import Direction
from metrics.frame_pair import Frame, FrameError, Pair
from metrics.pixels import PixelMetric, pixel_card
from metrics.structural import WINDOW

WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
"""Exponents of Wang, Simoncelli and Bovik 2003, finest scale first; they add up to 1.0001."""
SMALLEST = (WINDOW - 1) * 2 ** (len(WEIGHTS) - 1) + 1
"""Shortest side (161) that still holds a window at the coarsest scale."""


def ms_ssim_of(pair: Pair) -> float:
    """Return the product of contrast terms over four scales and of the index at the fifth.

    Each to the power of its weight; by channel, with negative means taken as 0, then averaged
    over RGB. In [0, 1], exactly 1 for identical frames.

    Raises:
        FrameError: If a side is shorter than `SMALLEST`.
    """
    if min(pair.size) < SMALLEST:
        height, width = pair.size
        raise FrameError(
            f"MS-SSIM needs at least {SMALLEST} pixels a side for its {len(WEIGHTS)} scales, "
            f"got {width}x{height}"
        )
    last = len(WEIGHTS) - 1
    terms = [pair.similarity(scale).contrast for scale in range(last)]
    terms.append(pair.similarity(last).index)
    powers = np.maximum(np.stack(terms), 0.0) ** np.array(WEIGHTS)[:, None]
    return float(powers.prod(axis=0).mean())


def ms_ssim(generated: Frame, truth: Frame) -> float:
    """Return `ms_ssim_of` two ``(H, W, 3)`` uint8 frames; `FrameError` for anything else."""
    return ms_ssim_of(Pair(generated, truth))


MS_SSIM = PixelMetric(
    pixel_card(
        "ms_ssim",
        "wang-rgb",
        "MS-SSIM",
        "Wang 2003: product over 5 scales of the mean contrast-structure term (at the 5th of the "
        "whole index) to the power .0448, .2856, .3001, .2363, .1333; each scale as SSIM "
        "(11x11 Gaussian, sigma 1.5, population covariance, K (.01, .03), data range 255, valid "
        "windows); 2x2 means between scales, an odd side repeats its last row or column; "
        "negative means count as 0; product by channel, then mean over RGB; sides of at least "
        "161 pixels",
        direction=Direction.HIGHER,
        bounds=(0.0, 1.0),
        identical=1.0,
        source="Wang, Simoncelli, Bovik 2003 and its msssim.m; equal to pytorch-msssim@b057b07 "
        "ssim.py where both sides are multiples of 16 (it pads odd sides with zeros on both "
        "ends, torchmetrics drops the last row); no paper of this field prints it",
        inference="by channel before the mean, and negative means as 0, as pytorch-msssim does; "
        "the paper treats grey pictures",
        default=False,
    ),
    ms_ssim_of,
)

METRICS: tuple[PixelMetric, ...] = (MS_SSIM,)
