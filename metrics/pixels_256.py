"""Pixel metrics in X-NeMo's protocol: everything at 256x256."""

from dataclasses import replace

from metrics.frame_pair import REDUCED, Pair
from metrics.ms_ssim import MS_SSIM
from metrics.pixels import L1, PSNR, SSIM, PixelMetric

_SIZE = (
    f"both frames first at {REDUCED}x{REDUCED}: OpenCV INTER_AREA, rounded to uint8, aspect not "
    "kept, nothing enlarged; then "
)
_INFERENCE = (
    f"X-NeMo: 'all metrics computed at a resolution of {REDUCED}x{REDUCED}', without filter or "
    "crop; its clips are square, for others we squeeze as first-order-model@c027484 demo.py does"
)


def reduced(metric: PixelMetric) -> PixelMetric:
    """Return the metric on both frames at 256x256, under its own id."""
    card = metric.card

    def of_pair(pair: Pair) -> float:
        return metric.of_pair(pair.reduced())

    return PixelMetric(
        replace(
            card,
            definition=f"{card.definition}-{REDUCED}",
            title=f"{card.title} {REDUCED}",
            formula=_SIZE + card.formula,
            inference=f"{_INFERENCE}; {card.inference}",
            notes=(),
            version=1,
            default=False,
        ),
        of_pair,
    )


METRICS: tuple[PixelMetric, ...] = tuple(reduced(m) for m in (SSIM, MS_SSIM, PSNR, L1))
