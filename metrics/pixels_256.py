"""Pixel metrics in X-NeMo's protocol: everything at 256x256."""

from metrics.frame_pair import Pair
from metrics.ms_ssim import MS_SSIM
from metrics.pixels import L1, PSNR, SSIM, PixelMetric
from metrics.reduced import reduced_card


def reduced(metric: PixelMetric) -> PixelMetric:
    """Return the metric on both frames at 256x256, under its own id."""

    def of_pair(pair: Pair) -> float:
        return metric.of_pair(pair.reduced())

    return PixelMetric(reduced_card(metric.card), of_pair)


METRICS: tuple[PixelMetric, ...] = tuple(reduced(m) for m in (SSIM, MS_SSIM, PSNR, L1))
