"""Landmark distance between result and ground truth."""

import numpy as np

from metrics.card import Card, Direction
from metrics.common import EXTRACTOR, INFINITE, MISSING, REDUCTION, SELF
from metrics.frames import FaceMetric, FloatArray, absolute
from metrics.signals.face import FaceTrack


def landmark_distance(generated: FaceTrack, driver: FaceTrack) -> FloatArray:
    """Return the mean Euclidean distance over 478 points per frame, ``(N,)``.

    x is divided by the width and y by the height, so that the unit is anisotropic on frames that
    are not square: this is what tables in units of 10^-3 print.
    """
    delta = generated.landmarks[..., :2].astype(np.float64) - driver.landmarks[..., :2]
    distance: FloatArray = np.linalg.norm(delta, axis=-1).mean(axis=-1)
    return distance


LMD = absolute(
    landmark_distance,
    Card(
        name="lmd",
        definition="mediapipe478",
        title="LMD",
        formula="mean_k |p_k - q_k|_2 over 478 points, x/W and y/H; " + REDUCTION,
        unit="",
        direction=Direction.LOWER,
        bounds=(0.0, INFINITE),
        protocols=SELF,
        extractors=(EXTRACTOR,),
        missing=MISSING,
        identical=0.0,
        source="FantasyPortrait Table 1 (x10^-3); FlashPortrait Table 3 (no scale given)",
        inference="both papers say MediaPipe and average distance; that coordinates are in [0, 1] "
        "per axis follows from the size of their numbers, that all 478 points count is ours",
        scale_exponent=3,
        digits=2,
    ),
)

METRICS: tuple[FaceMetric, ...] = (LMD,)
