"""Pixel metrics on the faces of the true frame alone; self-reenactment only.

A background that stands still flatters every method; of several people the smallest weighs
nothing in a mean over the frame. Here only pixels inside the faces count.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card
from metrics.common import EXTRACTOR
from metrics.frame_pair import Frame, FrameError, check_pair
from metrics.perceptual import face_mask
from metrics.pixels import L1, PSNR, PSNR_CAP, SSIM, PixelMetric
from metrics.structural import WINDOW, Planes, similarity_map

_HALF = WINDOW // 2


class Region:
    """The part of two frames around the faces, and the pixels that belong to them.

    Args:
        generated: Frame of the result, ``(H, W, 3)`` uint8 RGB.
        truth: The true frame, of the same size.
        landmarks: Faces of the true frame, ``(F, 478, 2 or 3)`` in [0, 1] of width and height.

    Raises:
        FrameError: If these are not two such frames, or an SSIM window does not fit into them.
    """

    def __init__(self, generated: Frame, truth: Frame, landmarks: NDArray[np.float32]) -> None:
        check_pair(generated, truth)
        height, width = truth.shape[:2]
        if min(height, width) < WINDOW:
            raise FrameError(f"the {WINDOW}x{WINDOW} window does not fit into {width}x{height}")
        mask: NDArray[np.bool_] = face_mask(landmarks, (height, width)) > 0.0
        rows = _extent(np.logical_or.reduce(mask, axis=1))
        columns = _extent(np.logical_or.reduce(mask, axis=0))
        self.mask = mask[rows, columns]
        self.generated = generated[rows, columns]
        self.truth = truth[rows, columns]

    @property
    def empty(self) -> bool:
        """Whether no pixel of the frame belongs to a face."""
        return not self.mask.any()

    def differences(self) -> NDArray[np.int16]:
        """Return result minus truth of the pixels inside, ``(P, 3)``."""
        made, true = self.generated[self.mask], self.truth[self.mask]
        return made.astype(np.int16) - true.astype(np.int16)

    def similarities(self) -> NDArray[np.float32]:
        """Return SSIM of the windows that lie in the frame and whose centre is inside, (P, 3)."""
        found = similarity_map(Planes.of(self.generated, self.truth))
        inside: NDArray[np.float32] = found[self.mask[_HALF:-_HALF, _HALF:-_HALF]]
        return inside


def _extent(hit: NDArray[np.bool_]) -> slice:
    """Return the range of hits with room for the windows around them, inside the frame."""
    where = np.flatnonzero(hit)
    if not len(where):
        return slice(0, 0)
    start, stop = max(int(where[0]) - _HALF, 0), min(int(where[-1]) + _HALF + 1, len(hit))
    # a face at the rim may leave less than a window
    return slice(min(start, len(hit) - WINDOW), max(stop, WINDOW))


def l1_of(region: Region) -> float:
    """Return the mean absolute difference in [0, 1] over the pixels inside."""
    return float(np.abs(region.differences()).mean(dtype=np.float64)) / 255.0


def psnr_of(region: Region) -> float:
    """Return ``10 log10(255^2 / MSE)`` over the pixels inside in dB, at most `PSNR_CAP`."""
    mse = float(np.square(region.differences(), dtype=np.float64).mean())
    return PSNR_CAP if mse == 0.0 else min(PSNR_CAP, 10.0 * float(np.log10(255.0**2 / mse)))


def ssim_of(region: Region) -> float:
    """Return the mean of `Region.similarities`; NaN if faces are within 5 pixels of the rim."""
    inside = region.similarities()
    return float(inside.mean(dtype=np.float64)) if len(inside) else float("nan")


@dataclass(frozen=True, slots=True)
class FacePixelMetric:
    """A metric of one frame of the result against the true frame, inside the faces.

    Attributes:
        card: Its card.
        of_region: Its value on a region that is not empty.
    """

    card: Card
    of_region: Callable[[Region], float]

    def per_frame(self, generated: Frame, truth: Frame, landmarks: NDArray[np.float32]) -> float:
        """Return the value of two frames; NaN where the true frame has no face. See `Region`."""
        return self.on(Region(generated, truth, landmarks))

    def on(self, region: Region) -> float:
        """Return the value on a region; NaN where it is empty."""
        return float("nan") if region.empty else self.of_region(region)


_WHERE = (
    "only pixels inside the faces of the true frame: the convex hulls of their 478 landmarks, all "
    "faces that are found, together"
)
_OF_SSIM = " (SSIM: windows in the frame whose centre is inside)"


def _metric(whole: PixelMetric, of_region: Callable[[Region], float]) -> FacePixelMetric:
    """Return a metric of the frame on the faces alone, under its own id."""
    where = _WHERE + (_OF_SSIM if whole.card.name == "ssim" else "")
    card = replace(
        whole.card,
        definition=f"{whole.card.definition}-faces",
        title=f"{whole.card.title} faces",
        formula=f"{where}; {whole.card.formula}",
        extractors=(EXTRACTOR,),
        missing="frames whose true frame has no face are not judged; a result of another size is "
        "resized first and says so, or fails",
        source=f"ours, after {whole.card.name}.{whole.card.definition}; no paper here prints it",
        inference="hulls of landmarks, no segmentation: hair, ears and neck are outside; one mean "
        "over all faces, so that a larger face weighs more",
        notes=(),
        version=1,
        default=False,
    )
    return FacePixelMetric(card, of_region)


METRICS: tuple[FacePixelMetric, ...] = (
    _metric(SSIM, ssim_of),
    _metric(PSNR, psnr_of),
    _metric(L1, l1_of),
)
