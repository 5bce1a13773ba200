"""Stability over time."""

import cv2
import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH
from metrics.score import Measured, NotMeasured, Score


def flicker_step(before: NDArray[np.uint8], after: NDArray[np.uint8]) -> float:
    """Return ``(255 - mean |f_t - f_t+1|) / 255`` of two uint8 frames, in [0, 1]."""
    return 1.0 - float(cv2.norm(before, after, cv2.NORM_L1)) / (255.0 * after.size)


def flicker(generated: list[float], driver: list[float], scored: int) -> Score:
    """Average the steps of a clip, beside those of the driving clip.

    Args:
        generated: One `flicker_step` for each pair of result frames that came from neighbouring
            driving frames.
        driver: The driving clip's own steps at the same places.
        scored: How many steps there are in all between scored driving frames.
    """
    if not scored:
        return NotMeasured("there are no two scored frames", of_input=True)
    if not generated:
        return NotMeasured("no two result frames come from neighbouring scored driving frames")
    return Measured(
        float(np.mean(generated)), len(generated), scored, driver=float(np.mean(driver))
    )


FLICKER = Card(
    name="flicker",
    definition="vbench",
    title="flicker",
    formula="(255 - mean |f_t - f_t+1|) / 255 at native size; frame pair -> case (mean) -> split "
    "(mean); judged by the distance to the driving clip's own value",
    unit="",
    direction=Direction.DRIVER,
    bounds=(0.0, 1.0),
    protocols=BOTH,
    extractors=(),
    missing="frame pairs that do not come from neighbouring driving frames are left out and lower "
    "the coverage",
    identical=None,
    source="VBench temporal_flickering.py (without its static-scene filter); PortraitDirector "
    "Table 3",
    inference="VBench ranks higher as better on static scenes; a frozen video would win, so we "
    "rank by the distance to the driver",
    digits=4,
)
