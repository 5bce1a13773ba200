"""LPIPS of a result frame and the true one, over the frame and inside the face.

The networks are elsewhere (`metrics.signals`); here are the definitions, the face mask, and the
masked form as functions of what a network gives.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import INFINITE, SELF
from metrics.reduced import reduced_card

LPIPS_ALEX = "lpips-alex"
LPIPS_VGG = "lpips-vgg"
"""Extractors that give LPIPS v0.1."""

_REDUCTION = "frame -> case (mean over frames) -> split (mean)"
_LPIPS = (
    "LPIPS v0.1: RGB in [-1, 1], v0.1 shift and scale, channels of unit length (eps 1e-10), "
    "squared difference, linear weights, sum over 5 layers"
)
_SOURCE = "lpips 0.1.4 (PerceptualSimilarity@082bb24 lpips/lpips.py)"
_MISSING = (
    "no frame is ever missing; a result of another size is resized first and says so, or fails"
)

Mask = NDArray[np.float32]
Map = NDArray[np.floating]


def face_mask(landmarks: NDArray[np.float32], size: tuple[int, int]) -> Mask:
    """Return the filled convex hulls of the faces of a frame, ``(H, W)`` of 0 and 1.

    Args:
        landmarks: ``(F, 478, 3)`` or ``(F, 478, 2)`` in [0, 1] of width and height; faces with NaN
            are left out. Points may lie outside the frame.
        size: ``(height, width)``.
    """
    height, width = size
    mask = np.zeros(size, dtype=np.uint8)
    for face in landmarks[..., :2].astype(np.float64):
        if np.isfinite(face).all():
            hull = cv2.convexHull(np.rint(face * (width, height) - 0.5).astype(np.int32))
            cv2.fillConvexPoly(mask, hull, (1,))
    return mask.astype(np.float32)


def masked_sum(layers: Sequence[Map], mask: Mask) -> float:
    """Return LPIPS inside a mask: the sum over layers of the mean of their maps under the mask.

    Args:
        layers: One map a layer, ``(h, w)``: linear weights already applied, summed over channels.
        mask: ``(H, W)`` in [0, 1] of the frame; brought to each layer's grid by area.

    Returns:
        The masked value; the plain LPIPS for a mask of ones; NaN where the mask is empty.
    """
    if not mask.any():
        return float("nan")
    total = 0.0
    for layer in layers:
        weights = _on_grid(mask, layer.shape)
        total += float((weights * layer).sum(dtype=np.float64)) / float(weights.sum())
    return total


def _on_grid(mask: Mask, shape: tuple[int, ...]) -> NDArray[np.float64]:
    size = (shape[1], shape[0])
    return np.asarray(cv2.resize(mask, size, interpolation=cv2.INTER_AREA), dtype=np.float64)


def _card(name: str, definition: str, title: str, **changes: object) -> Card:
    common: dict[str, object] = {
        "unit": "",
        "direction": Direction.LOWER,
        "bounds": (0.0, INFINITE),
        "protocols": SELF,
        "missing": _MISSING,
        "identical": 0.0,
        "digits": 4,
    }
    return Card(name=name, definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


_INFERENCE = (
    "X-NeMo names neither network nor version and measures at 256x256; values of the two networks "
    "cannot be exchanged"
)

LPIPS = _card(
    "lpips",
    "alex",
    "LPIPS",
    formula=f"{_LPIPS} of the spatial mean, AlexNet, native size; {_REDUCTION}",
    extractors=(LPIPS_ALEX,),
    source=f"{_SOURCE}, net='alex'; X-NeMo Table 1 prints an LPIPS unscaled (0.168-0.291)",
    inference=_INFERENCE,
)
LPIPS_OF_VGG = _card(
    "lpips",
    "vgg",
    "LPIPS VGG",
    formula=f"{_LPIPS} of the spatial mean, VGG-16, native size; {_REDUCTION}",
    extractors=(LPIPS_VGG,),
    source=f"{_SOURCE}, net='vgg'; X-NeMo Table 1 prints an LPIPS unscaled (0.168-0.291)",
    inference=_INFERENCE,
    default=False,
)
LPIPS_FACE = _card(
    "lpips_face",
    "alex",
    "LPIPS face",
    formula=f"{_LPIPS} of the mean under a mask, AlexNet, native size; the mask is the convex "
    "hull of the true frame's 478 landmarks, all faces together, brought to each layer's grid by "
    f"area; {_REDUCTION}",
    extractors=(LPIPS_ALEX, "face"),
    missing="frames whose true frame has no face are not measured",
    default=False,
    source="after DeX-Portrait, supplement B.1, eq. 3: sum over VGG-16 layers of "
    "|M (VGG(true) - VGG(result))|^2, M a face segmentation. That is a training loss (weight "
    "100); the paper prints no number of it",
    inference="our evaluation form: calibrated AlexNet LPIPS, not raw VGG features; a hull of "
    "landmarks, not a segmentation (hair, ears and neck are outside); a mean over the mask, not a "
    "sum, so that the size of the face does not count",
)

LPIPS_256 = reduced_card(LPIPS)

METRICS: tuple[Card, ...] = (LPIPS, LPIPS_OF_VGG, LPIPS_256, LPIPS_FACE)
