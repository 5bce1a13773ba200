"""What protocols do to pixels, held to values: another filter or constant is another definition.

The pictures are drawn by numpy on sines, smooth and with edges, so that every filter shows. Means
are compared, not bits, so that another build of OpenCV may round differently. A change here that is
meant comes with a new version of the metric or extractor.
"""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from metrics.crowd import swaps
from metrics.frame_pair import reduce_frame
from metrics.leakage import fit
from metrics.perceptual import masked_sum
from metrics.signals import face_crop, l2cs
from metrics.warping import warp_step

Frame = NDArray[np.uint8]


def picture(shift: float = 0.0, height: int = 420, width: int = 540) -> Frame:
    y, x = np.mgrid[:height, :width]
    waves = np.stack([np.sin((x + shift) / s) * np.cos(y / (s + 1)) for s in (1.7, 5.0, 23.0)], -1)
    edges = ((x + round(shift)) // 7 + y // 11) % 2
    return np.asarray(np.clip(90 + 70 * waves + 60 * edges[..., None], 0, 255), dtype=np.uint8)


def detail(frame: NDArray[np.uint8] | None) -> float:
    """Mean size of the steps to the next row and column: what filters change most."""
    assert frame is not None
    values = frame.astype(np.float64)
    return float(np.abs(np.diff(values, axis=0)).mean() + np.abs(np.diff(values, axis=1)).mean())


def landmarks(share: float) -> NDArray[np.float32]:
    """Points on an ellipse of that share of the frame."""
    angle = np.linspace(0, 2 * np.pi, 478)
    points = np.zeros((478, 3), dtype=np.float32)
    points[:, 0], points[:, 1] = 0.5 + share * np.cos(angle), 0.5 + share * np.sin(angle)
    return points


def layers() -> list[NDArray[np.float64]]:
    return [picture(height=h, width=h)[..., 0].astype(np.float64) for h in (63, 31)]


def disc() -> NDArray[np.float32]:
    y, x = np.mgrid[:250, :250]
    return ((x - 110) ** 2 + (y - 140) ** 2 < 70**2).astype(np.float32)


MEASURED: dict[str, tuple[Callable[[], float], float]] = {
    "the 256x256 protocol": (lambda: detail(reduce_frame(picture())), 39.5535),
    "L2CS crop, smaller": (lambda: detail(l2cs.crop(picture(), landmarks(0.45))), 18.9508),
    "L2CS crop, larger": (lambda: detail(l2cs.crop(picture(), landmarks(0.1))), 5.21069),
    "face crop, smaller": (
        lambda: detail(face_crop.cut(picture(), face_crop.Square(60, 10, 400), 96)),
        60.9293,
    ),
    "face crop, larger": (
        lambda: detail(face_crop.cut(picture(), face_crop.Square(60, 10, 50), 96)),
        15.1163,
    ),
    "warping error": (lambda: 1e3 * warp_step(picture(), picture(2.5)), 0.505078),
    "masked LPIPS": (lambda: masked_sum(layers(), disc()), 234.626),
    "margin of identity swaps": (lambda: swaps._MARGIN, 0.02),
    "drivers too alike": (lambda: fit.MOST_ALIKE, 0.8),
}


@pytest.mark.parametrize("name", MEASURED)
def test_a_protocol_keeps_its_pixels(name: str) -> None:
    measure, expected = MEASURED[name]
    assert measure() == pytest.approx(expected, rel=2e-3)
