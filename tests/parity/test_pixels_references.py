"""Pixel metrics against the libraries that their cards name."""

from collections.abc import Callable
from importlib.metadata import version
from itertools import islice
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from skimage.data import astronaut
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from metrics.ms_ssim import MS_SSIM, ms_ssim
from metrics.pixels import PSNR, SSIM, psnr, ssim

Frame = NDArray[np.uint8]
Record = Callable[..., None]
BOUND = 1e-6
SIZES = ((256, 256), (176, 304))
"""Multiples of 16: elsewhere pytorch-msssim pads with zeros, as the card says."""


def noisy(image: Frame, sigma: float) -> Frame:
    noise = np.random.default_rng(0).normal(0, sigma, image.shape)
    return np.clip(image + noise, 0, 255).astype(np.uint8)


def crop(height: int, width: int) -> Frame:
    image: Frame = astronaut()[:height, :width]
    return image


def wang(x: Frame, y: Frame) -> float:
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


def pytorch_msssim(x: Frame, y: Frame) -> tuple[float, float]:
    """SSIM and MS-SSIM of pytorch-msssim in double precision.

    Its own window is rounded to float32, which moves even areas by 1e-5: it is given ours.
    """
    library = pytest.importorskip(
        "pytorch_msssim", reason="pytorch-msssim is not installed (extra: parity)"
    )
    import torch

    taps = torch.exp(-((torch.arange(11, dtype=torch.float64) - 5) ** 2) / (2 * 1.5**2))
    options = {"data_range": 255, "win": (taps / taps.sum()).expand(3, 1, 1, 11)}
    pair = [torch.from_numpy(a.transpose(2, 0, 1)[None]).double() for a in (x, y)]
    return float(library.ssim(*pair, **options)), float(library.ms_ssim(*pair, **options))


@pytest.mark.parametrize(("height", "width"), SIZES)
@pytest.mark.parametrize("sigma", [1, 10, 60])
def test_pytorch_msssim(height: int, width: int, sigma: float, parity_record: Record) -> None:
    image = crop(height, width)
    other = noisy(image, sigma)
    plain, multi = pytorch_msssim(other, image)
    reference = ("pytorch-msssim", version("pytorch-msssim"))
    said = {"of": "difference of values", "on": "a photograph with three levels of noise"}
    apart = abs(ssim(other, image) - plain)
    parity_record(SSIM.card.id, *reference, apart, BOUND, **said)
    apart = abs(ms_ssim(other, image) - multi)
    parity_record(MS_SSIM.card.id, *reference, apart, BOUND, **said)


def test_pytorch_msssim_differs_at_odd_sides() -> None:
    """What the card says of odd sides holds: if this fails, the card can promise more."""
    image = crop(203, 187)
    other = noisy(image, 10)
    plain, multi = pytorch_msssim(other, image)
    assert ssim(other, image) == pytest.approx(plain, abs=BOUND)
    assert BOUND < abs(ms_ssim(other, image) - multi) < 1e-2


def test_scikit_image_on_real_frames(shared_media: Path, parity_record: Record) -> None:
    from benchmark.media.video import read_frames

    reference = ("scikit-image", version("scikit-image"))
    said = {"of": "difference of values", "on": "frames 1 and 6 of 3 real clips"}
    for clip in sorted((shared_media / "driving" / "single").glob("*.mp4"))[:3]:
        first, *_, last = islice(read_frames(clip), 6)
        apart = abs(ssim(last, first) - wang(last, first))
        parity_record(SSIM.card.id, *reference, apart, BOUND, **said)
        peak = float(peak_signal_noise_ratio(first, last, data_range=255))
        parity_record(PSNR.card.id, *reference, abs(psnr(last, first) - peak), 1e-9, **said)
