"""Distances of expression and head pose between SMIRK's parameters."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, CROSS, EXTRACTOR, INFINITE, MISSING, REDUCTION, RELATIVE
from metrics.frames import FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.pose import geodesic_degrees, since_start
from metrics.signals import smirk
from metrics.signals.face import FaceTrack

SMIRK = "smirk"

Distance = Callable[[FloatArray, FloatArray], FloatArray]
Since = Callable[[FloatArray, int], FloatArray]


def axis_angle_matrices(vectors: FloatArray) -> NDArray[np.float64]:
    """Return rotations ``(N, 3, 3)`` of ``(N, 3)`` axes times angles in rad; NaN gives NaN.

    Rodrigues' formula, R = I + sin(t)/t K + (1 - cos(t))/t^2 K^2, with the quotients as sinc so
    that it holds at t = 0.
    """
    x, y, z = vectors.T
    zero = np.zeros_like(x)
    cross = np.stack([zero, -z, y, z, zero, -x, -y, x, zero], axis=-1).reshape(-1, 3, 3)
    turns = np.linalg.norm(vectors, axis=-1)[:, None, None] / np.pi
    once, twice = np.sinc(turns), np.sinc(turns / 2) ** 2 / 2
    matrices: NDArray[np.float64] = np.eye(3) + once * cross + twice * (cross @ cross)
    return matrices


def _mean_l1(a: FloatArray, b: FloatArray) -> FloatArray:
    result: FloatArray = np.abs(a - b).mean(axis=-1)
    return result


def _sum_l1(a: FloatArray, b: FloatArray) -> FloatArray:
    result: FloatArray = np.abs(a - b).sum(axis=-1)
    return result


def _minus_start(values: FloatArray, start: int) -> FloatArray:
    motion: FloatArray = values - values[start]
    return motion


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What is compared: some of SMIRK's numbers, how far apart, and how motion is taken."""

    select: Callable[[FloatArray], FloatArray]
    distance: Distance
    since: Since = _minus_start

    def of(self, track: FaceTrack) -> FloatArray:
        return self.select(track.features[SMIRK].astype(np.float64))

    def absolute(self, evidence: FaceEvidence) -> FrameValues:
        made, drove = self.of(evidence.generated), self.of(evidence.driver)
        return FrameValues(self.distance(made, drove), _finite(drove))

    def relative(self, evidence: FaceEvidence) -> FrameValues:
        made, drove = self.of(evidence.generated), self.of(evidence.driver)
        judgeable = _finite(drove)
        both = np.flatnonzero(judgeable & _finite(made))
        if not len(both):
            return FrameValues(np.full(len(made), np.nan), judgeable)
        start = int(both[0])
        values = self.distance(self.since(made, start), self.since(drove, start))
        values[:start] = np.nan
        return FrameValues(values, judgeable, baseline=start)


def _finite(values: FloatArray) -> NDArray[np.bool_]:
    total: FloatArray = values.sum(axis=tuple(range(1, values.ndim)))
    return np.isfinite(total)


def _expression(vector: FloatArray) -> FloatArray:
    return vector[:, smirk.EXPRESSION]


def _face(vector: FloatArray) -> FloatArray:
    return np.concatenate(
        [vector[:, part] for part in (smirk.EXPRESSION, smirk.EYELIDS, smirk.JAW)], axis=-1
    )


def _pose(vector: FloatArray) -> FloatArray:
    return vector[:, smirk.POSE]


def _rotation(vector: FloatArray) -> FloatArray:
    return axis_angle_matrices(_pose(vector))


@dataclass(frozen=True, slots=True)
class _Definition:
    """What the definitions of one name do not share."""

    definition: str
    title: str
    formula: str
    quantity: _Quantity
    scale_exponent: int = 0
    default: bool = False


@dataclass(frozen=True, slots=True)
class _Family:
    """What the definitions of one name share."""

    name: str
    title: str
    unit: str
    highest: float
    source: str
    inference: str

    def metrics(self, each: _Definition) -> tuple[FaceMetric, FaceMetric]:
        """Return the absolute and the relative metric of a definition."""
        card = Card(
            name=self.name,
            definition=f"smirk-{each.definition}",
            title=f"{self.title} {each.title}".rstrip(),
            formula=f"{each.formula}; {REDUCTION}",
            unit=self.unit,
            direction=Direction.LOWER,
            bounds=(0.0, self.highest),
            protocols=BOTH,
            extractors=(EXTRACTOR, SMIRK),
            missing=MISSING + _NO_CROP,
            identical=0.0,
            source=f"{self.source}. Network: georgeretsi/smirk@c7de404 src/smirk_encoder.py",
            inference=self.inference,
            scale_exponent=each.scale_exponent,
            digits=2,
            default=each.default,
        )
        relative = replace(
            card,
            definition=f"{card.definition}-rel",
            title=f"{card.title} rel",
            formula=f"{each.formula.replace(_APART, _MOVED_APART)},{RELATIVE}; {REDUCTION}",
            protocols=CROSS,
            default=False,
        )
        return (
            FaceMetric(card, each.quantity.absolute),
            FaceMetric(relative, each.quantity.relative),
        )


_APART, _MOVED_APART = "|g - d|", "|(g - g0) - (d - d0)|"
_NO_CROP = "; frames in which the driver's face is too small to be cropped are not judged either"
_AED = _Family(
    name="aed",
    title="AED SMIRK",
    unit="",
    highest=INFINITE,
    source="FlashPortrait (supplement: Manhattan distance of expression from SMIRK; Table 3, "
    "29.68, no scale printed); FantasyPortrait prints AED x10^-2 on the same scale (Tables 1 and "
    "2, 30 to 74)",
    inference="FlashPortrait states neither coefficients nor crop nor scale; FantasyPortrait names "
    "no extractor and cites Siarohin et al. 2019, whose AED is of identity. Its raw 0.30 to 0.74 "
    "fits a mean over coefficients; a sum would be some 50 times larger",
)
_APD = _Family(
    name="apd",
    title="APD SMIRK",
    unit="rad",
    highest=INFINITE,
    source="FlashPortrait (supplement: Manhattan distance of pose parameters from SMIRK; Table 3, "
    "24.40, no scale printed); FantasyPortrait prints APD x10^-3 on the same scale (Tables 1 and "
    "2, 23 to 47)",
    inference="that the pose is SMIRK's three numbers, axis times angle in rad, and that "
    "FantasyPortrait's raw 0.023 to 0.047 is their mean is our reading: neither paper says so. "
    "SMIRK sees a crop, so translation is not part of it",
)
_ANGLE = _Family(
    name="apd",
    title="APD SMIRK",
    unit="deg",
    highest=180.0,
    source="geodesic distance on SO(3), beside the L1 of axis times angle that papers print, which "
    "is no distance of rotations",
    inference="",
)

METRICS: tuple[FaceMetric, ...] = (
    *_AED.metrics(
        _Definition(
            "exp50-mean",
            "",
            "mean over SMIRK's 50 expression coefficients of |g - d|",
            _Quantity(_expression, _mean_l1),
            scale_exponent=2,
            default=True,
        )
    ),
    *_AED.metrics(
        _Definition(
            "exp50-sum",
            "sum",
            "sum over SMIRK's 50 expression coefficients of |g - d| (Manhattan distance)",
            _Quantity(_expression, _sum_l1),
        )
    ),
    *_AED.metrics(
        _Definition(
            "exp55-mean",
            "55",
            "mean over SMIRK's 50 expression coefficients, 2 eyelids and 3 jaw angles of |g - d|",
            _Quantity(_face, _mean_l1),
            scale_exponent=2,
        )
    ),
    *_APD.metrics(
        _Definition(
            "aa-mean",
            "",
            "mean over the three numbers of SMIRK's head rotation, axis times angle, of |g - d|",
            _Quantity(_pose, _mean_l1),
            scale_exponent=3,
            default=True,
        )
    ),
    *_APD.metrics(
        _Definition(
            "aa-sum",
            "sum",
            "sum over the three numbers of SMIRK's head rotation, axis times angle, of |g - d| "
            "(Manhattan distance)",
            _Quantity(_pose, _sum_l1),
            scale_exponent=3,
        )
    ),
    *_ANGLE.metrics(
        _Definition(
            "geodesic",
            "geo",
            "angle of R_g R_d^T in degrees, R from SMIRK's head rotation",
            _Quantity(_rotation, geodesic_degrees, since_start),
        )
    ),
)
