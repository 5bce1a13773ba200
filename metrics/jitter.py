"""Landmark jitter: acceleration that the result has and the driver has not, or the reverse."""

import numpy as np

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, INFINITE, REDUCTION
from metrics.frames import BoolArray, FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.landmarks import in_plane, interocular
from metrics.signals.face import FaceTrack


def acceleration(track: FaceTrack) -> FloatArray:
    """Return the second difference of the landmarks in the picture plane, ``(N, 478, 2)``.

    In units of the person's own eye distance at that frame, per frame squared. NaN at both ends
    and where one of the three frames lacks the face.
    """
    pixels = in_plane(track)
    second = np.full_like(pixels, np.nan)
    second[1:-1] = pixels[2:] - 2.0 * pixels[1:-1] + pixels[:-2]
    normalised: FloatArray = second / interocular(track)[:, None, None]
    return normalised


def _with_neighbours(frames: BoolArray) -> BoolArray:
    """Return ``(N,)``: frames for which they and both neighbours hold."""
    both = np.zeros_like(frames)
    both[1:-1] = frames[:-2] & frames[1:-1] & frames[2:]
    return both


def _per_frame(evidence: FaceEvidence) -> FrameValues:
    difference = acceleration(evidence.generated) - acceleration(evidence.driver)
    values = np.linalg.norm(difference, axis=-1).mean(axis=-1)
    return FrameValues(
        values,
        _with_neighbours(evidence.driver.present & evidence.scored),
        absent="no three neighbouring frames of the result show the face",
    )


JITTER = FaceMetric(
    Card(
        name="jitter",
        definition="accel478",
        title="jitter",
        formula="mean_k |a_k(g) - a_k(d)|_2 over 478 points with a_t = p_t+1 - 2 p_t + p_t-1 in "
        "the picture plane, each in units of its own outer eye corner distance (3D) at t; "
        + REDUCTION,
        unit="eye distance/frame^2",
        direction=Direction.LOWER,
        bounds=(0.0, INFINITE),
        protocols=BOTH,
        extractors=(EXTRACTOR,),
        missing="a frame counts where it and both neighbours are scored and the driver has the "
        "face in all three; where the result lacks it in one of them, the coverage falls",
        identical=0.0,
        source="our definition (acceleration error of human pose, in units of the face); no "
        "paper of this field prints it",
        inference="the difference of the motions, not of their sizes: a frozen clip reads the "
        "driver's own acceleration, not 0, and shaking at other times than the driver is not "
        "forgiven. Per frame, since detector noise does not scale with the frame rate",
        scale_exponent=3,
        digits=2,
        default=False,
    ),
    _per_frame,
)

METRICS: tuple[FaceMetric, ...] = (JITTER,)
