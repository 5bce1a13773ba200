"""Gaze relative to the head, from where the irises lie between the eye corners."""

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, CROSS, EXTRACTOR, REDUCTION, RELATIVE
from metrics.frames import FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.signals import face
from metrics.signals.face import FaceTrack

# (corner nearer the image's left, corner nearer its right, iris centre) of an upright face
_EYES = ((33, 133, 468), (362, 263, 473))
_FISSURE_OVER_RADIUS = 30.0 / 12.0
"""Width of the eye opening over the radius of the eyeball, both in mm, adult means."""
BLINK = 0.5
"""An eye whose eyeBlink blendshape is above this is closed: it has no gaze."""
_BLINK_INDICES = face.blendshape_indices(["eyeBlinkLeft", "eyeBlinkRight"])
_LARGEST_SINE = 0.95
_ABSENT = "no frame of the result shows a face with open eyes where the driver's are open"


def head_relative_gaze(track: FaceTrack) -> FloatArray:
    """Return gaze directions in head axes, ``(N, 3)`` unit vectors (right, up, forward).

    Landmarks are turned into the head's axes by the inverse head rotation. In each eye the offset
    of the iris centre from the middle of the corners, in units of the eyeball's radius, is the
    sine of the gaze angle along the corner line and across it. Both eyes are averaged. Frames
    without a face, or with an eye closed (eyeBlink above `BLINK`), give NaN.
    """
    height, width = track.size
    points = track.landmarks.astype(np.float64) * (width, height, width)
    points *= (1.0, -1.0, -1.0)  # image axes to right, up, towards the camera
    points = points @ track.rotation  # row vectors: p R is R^T p
    with np.errstate(invalid="ignore", divide="ignore"):  # corners that coincide: no eye, NaN
        directions = [_eye(points, *indices) for indices in _EYES]
        mean = np.mean(directions, axis=0)
        mean /= np.linalg.norm(mean, axis=-1, keepdims=True)
    result: FloatArray = np.where(eyes_open(track)[:, None], mean, np.nan)
    return result


def _eye(points: NDArray[np.float64], left: int, right: int, iris: int) -> FloatArray:
    line = points[:, right] - points[:, left]
    opening = np.linalg.norm(line, axis=-1, keepdims=True)
    along = line / opening
    up = np.array([0.0, 1.0, 0.0]) - along * along[:, 1:2]
    up /= np.linalg.norm(up, axis=-1, keepdims=True)
    offset = points[:, iris] - (points[:, left] + points[:, right]) / 2.0
    offset = offset * (_FISSURE_OVER_RADIUS / opening)
    sine = np.stack([(offset * along).sum(-1), (offset * up).sum(-1)], axis=-1)
    length = np.linalg.norm(sine, axis=-1, keepdims=True)
    sine *= np.minimum(1.0, _LARGEST_SINE / np.maximum(length, 1e-12))
    forward = np.sqrt(1.0 - (sine * sine).sum(-1, keepdims=True))
    return np.concatenate([sine, forward], axis=-1)


def eyes_open(track: FaceTrack) -> NDArray[np.bool_]:
    """Return ``(N,)``: whether both eyes are open; False where there is no face."""
    blink = track.blendshapes[:, _BLINK_INDICES].max(axis=-1)
    result: NDArray[np.bool_] = blink <= BLINK  # False for NaN
    return result


def angle_degrees(a: FloatArray, b: FloatArray) -> FloatArray:
    """Return the angle between unit vectors ``(N, 3)`` in degrees; exactly 0 for equal input."""
    chord = np.linalg.norm(a - b, axis=-1)
    total = np.linalg.norm(a + b, axis=-1)
    result: FloatArray = np.degrees(2.0 * np.arctan2(chord, total))
    return result


def _yaw_pitch(direction: FloatArray) -> FloatArray:
    yaw = np.arctan2(direction[:, 0], direction[:, 2])
    pitch = np.arcsin(np.clip(direction[:, 1], -1.0, 1.0))
    angles: FloatArray = np.degrees(np.stack([yaw, pitch], axis=-1))
    return angles


def _absolute(evidence: FaceEvidence) -> FrameValues:
    made, drove = head_relative_gaze(evidence.generated), head_relative_gaze(evidence.driver)
    return FrameValues(angle_degrees(made, drove), np.isfinite(drove[:, 0]), absent=_ABSENT)


def _relative(evidence: FaceEvidence) -> FrameValues:
    made = _yaw_pitch(head_relative_gaze(evidence.generated))
    drove = _yaw_pitch(head_relative_gaze(evidence.driver))
    judgeable = np.isfinite(drove[:, 0])
    both = np.flatnonzero(judgeable & np.isfinite(made[:, 0]))
    if not len(both):
        return FrameValues(np.full(len(made), np.nan), judgeable, absent=_ABSENT)
    start = int(both[0])
    values = np.linalg.norm((made - made[start]) - (drove - drove[start]), axis=-1)
    values[:start] = np.nan
    return FrameValues(values, judgeable, baseline=start)


def _card(definition: str, title: str, formula: str) -> Card:
    return Card(
        name="gaze_mae",
        definition=definition,
        title=title,
        formula=f"{formula}; {REDUCTION}",
        unit="deg",
        direction=Direction.LOWER,
        bounds=(0.0, 180.0 if definition == "iris" else 360.0),
        protocols=CROSS if definition.endswith("rel") else BOTH,
        extractors=(EXTRACTOR,),
        missing="frames in which the driver blinks (eyeBlink > 0.5) or has no face are not "
        "judged; frames in which only the result does lower the coverage",
        identical=0.0,
        source="our definition from MediaPipe's irises. FantasyPortrait (Table 1, 6.5-21.6, cited "
        "to Han 2024, whose code has no metric) and FlashPortrait ('mean angular error on the eye "
        "movement accuracy', supplement Table 3, 12.54) name no network and no unit: another "
        "quantity",
        inference="eye opening 30 mm, eyeball radius 12 mm: fixes the scale of the degrees; "
        "relative to the head, where networks give gaze with the head's turn in it",
        digits=2,
    )


METRICS: tuple[FaceMetric, ...] = (
    FaceMetric(
        _card("iris", "gaze", "angle between head-relative gaze directions in degrees"), _absolute
    ),
    FaceMetric(
        _card(
            "irisrel",
            "gaze rel",
            "|(g - g0) - (d - d0)|_2 of head-relative yaw and pitch in degrees," + RELATIVE,
        ),
        _relative,
    ),
)
