"""Gaze in camera axes, by a network that looks at the face."""

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, REDUCTION
from metrics.frames import FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.gaze import BLINK, angle_degrees, eyes_open
from metrics.signals.face import FaceTrack
from metrics.signals.l2cs import PITCH, YAW

L2CS = "l2cs"


def gaze_direction(angles: NDArray[np.floating]) -> FloatArray:
    """Return unit vectors ``(N, 3)`` of yaw and pitch ``(N, 2)`` in degrees; NaN gives NaN.

    Gaze360's axes as in L2CS-Net@a4d8f7f ``l2cs/utils.py`` ``gazeto3d``: yaw turns around the
    vertical axis, pitch lifts, (0, 0) looks at the camera, along -z.
    """
    radians = np.radians(angles.astype(np.float64))
    yaw, pitch = radians[:, YAW], radians[:, PITCH]
    direction: FloatArray = np.stack(
        [-np.cos(pitch) * np.sin(yaw), -np.sin(pitch), -np.cos(pitch) * np.cos(yaw)], axis=-1
    )
    return direction


def _seen(track: FaceTrack) -> FloatArray:
    """Return gaze directions, NaN where an eye is closed or nobody is there."""
    return np.where(eyes_open(track)[:, None], gaze_direction(track.features[L2CS]), np.nan)


def _per_frame(evidence: FaceEvidence) -> FrameValues:
    made, drove = _seen(evidence.generated), _seen(evidence.driver)
    return FrameValues(
        angle_degrees(made, drove),
        np.isfinite(drove.sum(axis=-1)),
        absent="no frame of the result shows a face with open eyes where the driver's are open",
    )


CARD = Card(
    name="gaze_mae",
    definition="l2cs",
    title="gaze L2CS",
    formula="angle between the gaze directions of yaw and pitch, 2 atan2(|g - d|, |g + d|), in "
    f"degrees; {REDUCTION}",
    unit="deg",
    direction=Direction.LOWER,
    bounds=(0.0, 180.0),
    protocols=BOTH,
    extractors=(EXTRACTOR, L2CS),
    missing=f"frames in which the driver blinks (an eyeBlink blendshape above {BLINK}) or has no "
    "face are not judged; frames in which only the result does lower the coverage",
    identical=0.0,
    source="MAE of FantasyPortrait (Tables 1 and 2: 6.5 to 24.4, self and cross, cited to Han et "
    "al. 2024) and FlashPortrait (Table 3: 12.54), printed in degrees without scale; angle and "
    "axes after Ahmednull/L2CS-Net@a4d8f7f l2cs/utils.py (gazeto3d, angular)",
    inference="neither paper names the network or the formula, and Han et al. publish no metric "
    "code; L2CS-Net is the usual choice. The reference's arccos is cut off at 0.9999999 and reads "
    "0.026 degrees for identical gaze, ours 0. The face's box comes from our landmarks instead of "
    "RetinaFace. Masking blinks is ours",
    digits=2,
    notes=("gaze in camera axes: it contains the head's pose; gaze_mae.iris leaves that out",),
)

METRICS: tuple[FaceMetric, ...] = (FaceMetric(CARD, _per_frame),)
