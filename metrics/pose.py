"""Head pose distances on MediaPipe's facial transformation matrix (rotation only)."""

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, CROSS, EXTRACTOR, MISSING, REDUCTION, RELATIVE
from metrics.frames import FaceMetric, FloatArray, absolute, relative
from metrics.signals.face import FaceTrack


def euler_degrees(rotation: NDArray[np.float64]) -> FloatArray:
    """Return extrinsic x, y, z angles (pitch, yaw, roll) in degrees, ``(N, 3)``.

    Args:
        rotation: ``(N, 3, 3)`` with R = Rz Ry Rx; rows with NaN give NaN. Within (-180, 180],
            y within [-90, 90]. The convention is scipy's ``'xyz'``, as in AniPortrait's pose_util.
    """
    pitch = np.arctan2(rotation[:, 2, 1], rotation[:, 2, 2])
    yaw = np.arctan2(-rotation[:, 2, 0], np.hypot(rotation[:, 2, 1], rotation[:, 2, 2]))
    roll = np.arctan2(rotation[:, 1, 0], rotation[:, 0, 0])
    angles: FloatArray = np.degrees(np.stack([pitch, yaw, roll], axis=-1))
    return angles


def geodesic_degrees(a: NDArray[np.float64], b: NDArray[np.float64]) -> FloatArray:
    """Return the angle in degrees of the rotation from ``a`` to ``b``, both ``(N, 3, 3)``.

    Uses ``2 atan2(|a - b|_F, sqrt(8 - |a - b|_F^2))``, since ``|a - b|_F = 2 sqrt(2) sin(t / 2)``:
    exact zero for equal input, where arccos of the trace reads 0.03 degrees in float32.
    """
    chord = np.linalg.norm(a - b, axis=(-2, -1))
    rest = np.sqrt(np.maximum(8.0 - chord * chord, 0.0))
    result: FloatArray = np.degrees(2.0 * np.arctan2(chord, rest))
    return result


def since_start(rotation: NDArray[np.float64], start: int) -> NDArray[np.float64]:
    """Return ``R_t R_start^T``: head motion since frame ``start`` in camera axes."""
    motion: NDArray[np.float64] = rotation @ rotation[start].T
    return motion


def _angle_difference(a: FloatArray, b: FloatArray) -> FloatArray:
    delta = np.abs(a - b)
    result: FloatArray = np.minimum(delta, 360.0 - delta).mean(axis=-1)
    return result


def _euler(generated: FaceTrack, driver: FaceTrack) -> FloatArray:
    return _angle_difference(euler_degrees(generated.rotation), euler_degrees(driver.rotation))


def _euler_since(generated: FaceTrack, driver: FaceTrack, start: int) -> FloatArray:
    made, drove = since_start(generated.rotation, start), since_start(driver.rotation, start)
    return _angle_difference(euler_degrees(made), euler_degrees(drove))


def _geodesic(generated: FaceTrack, driver: FaceTrack) -> FloatArray:
    return geodesic_degrees(generated.rotation, driver.rotation)


def _geodesic_since(generated: FaceTrack, driver: FaceTrack, start: int) -> FloatArray:
    return geodesic_degrees(
        since_start(generated.rotation, start), since_start(driver.rotation, start)
    )


_INFERENCE = (
    "X-NeMo states neither unit nor parametrisation; degrees fit its numbers, the angles are "
    "scipy's extrinsic 'xyz' as in AniPortrait@7f6593f pose_util.py. It measures at 256x256, we at "
    "native size"
)


def _source(definition: str) -> str:
    if definition.endswith("rel"):
        return "our relative form: motion since the first frame; no paper prints it"
    if "geodesic" in definition:
        return "geodesic distance on SO(3), beside the L1 of angles that papers print"
    return (
        "X-NeMo, section 4.2: average L1 of MediaPipe head poses, printed unscaled in Table 1 "
        "(3.42-6.61). Not the APD of FantasyPortrait (times 10^-3, cited to Siarohin 2019, "
        "extractor not named) and not that of FlashPortrait (SMIRK, Manhattan)"
    )


def _card(definition: str, title: str, formula: str, default: bool) -> Card:
    return Card(
        name="apd",
        definition=definition,
        title=title,
        formula=f"{formula}; {REDUCTION}",
        unit="deg",
        direction=Direction.LOWER,
        bounds=(0.0, 180.0),
        protocols=CROSS if definition.endswith("rel") else BOTH,
        extractors=(EXTRACTOR,),
        missing=MISSING,
        identical=0.0,
        source=_source(definition),
        inference=_INFERENCE,
        digits=2,
        default=default,
    )


_EULER = "mean over pitch, yaw, roll of |g - d| in degrees"
_ANGLE = "angle of R_g R_d^T in degrees"

METRICS: tuple[FaceMetric, ...] = (
    absolute(_euler, _card("mediapipe-euler", "APD", _EULER, True)),
    relative(_euler_since, _card("mediapipe-eulerrel", "APD rel", _EULER + RELATIVE, True)),
    absolute(_geodesic, _card("mediapipe-geodesic", "APD geo", _ANGLE, False)),
    relative(
        _geodesic_since, _card("mediapipe-geodesicrel", "APD geo rel", _ANGLE + RELATIVE, False)
    ),
)
