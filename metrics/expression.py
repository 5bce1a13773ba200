"""Expression distances on MediaPipe blendshapes."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from metrics.card import Card, Direction
from metrics.common import BOTH, CROSS, EXTRACTOR, MISSING, REDUCTION, RELATIVE
from metrics.frames import FaceMetric, FloatArray, absolute, relative
from metrics.signals import face
from metrics.signals.face import FaceTrack

_ALL = np.arange(1, face.N_BLENDSHAPES)  # without _neutral, which is ~0 for everybody

_LARGEST_DELTA = 2.0  # of one coefficient, reached in the relative form

Norm = Callable[[FloatArray], FloatArray]


def _mean_abs(delta: FloatArray) -> FloatArray:
    result: FloatArray = np.abs(delta).mean(axis=-1)
    return result


def _l2(delta: FloatArray) -> FloatArray:
    result: FloatArray = np.linalg.norm(delta, axis=-1)
    return result


def _pair(card: Card, relative_card: Card, names: NDArray[np.intp], norm: Norm) -> list[FaceMetric]:
    """Return the absolute and the relative metric of one set of coefficients."""

    def select(track: FaceTrack) -> FloatArray:
        return track.blendshapes[:, names].astype(np.float64)

    def plain(generated: FaceTrack, driver: FaceTrack) -> FloatArray:
        return norm(select(generated) - select(driver))

    def since(generated: FaceTrack, driver: FaceTrack, start: int) -> FloatArray:
        made, drove = select(generated), select(driver)
        return norm((made - made[start]) - (drove - drove[start]))

    return [absolute(plain, card), relative(since, relative_card)]


def _aed() -> list[FaceMetric]:
    def card(definition: str, title: str, formula: str) -> Card:
        return Card(
            name="aed",
            definition=definition,
            title=title,
            formula=f"mean over 51 blendshapes (without _neutral) of {formula}; {REDUCTION}",
            unit="",
            direction=Direction.LOWER,
            bounds=(0.0, 1.0 if definition == "mediapipe51" else 2.0),
            protocols=CROSS if definition.endswith("rel") else BOTH,
            extractors=(EXTRACTOR,),
            missing=MISSING,
            identical=0.0,
            source="X-NeMo (appendix: average L1 of MediaPipe blendshapes)",
            inference="X-NeMo publishes no evaluation code; that _neutral is left out and that "
            "the L1 is a mean, not a sum, follows from the size of its numbers",
            digits=4,
        )

    return _pair(
        card("mediapipe51", "AED", "|g - d|"),
        card("mediapipe51rel", "AED rel", "|(g - g0) - (d - d0)|," + RELATIVE),
        _ALL,
        _mean_abs,
    )


_PARTS: dict[str, tuple[list[str], bool]] = {
    "mouth23": (face.MOUTH, True),
    "eyes14": (face.EYES, True),
    "brows5": (face.BROWS, False),
    "jaw4": (face.JAW, False),
    "cheeks3": (face.CHEEKS, False),
    "nose2": (face.NOSE, False),
}


def _blendshape_l2(part: str, names: list[str], default: bool) -> list[FaceMetric]:
    label = part.rstrip("0123456789")

    def card(definition: str, title: str, formula: str) -> Card:
        return Card(
            name="blendshape_l2",
            definition=definition,
            title=title,
            formula=f"|{formula}|_2 over the {len(names)} {label} blendshapes; {REDUCTION}",
            unit="",
            direction=Direction.LOWER,
            bounds=(0.0, _LARGEST_DELTA * len(names) ** 0.5),
            protocols=CROSS if definition.endswith("rel") else BOTH,
            extractors=(EXTRACTOR,),
            missing=MISSING,
            identical=0.0,
            source="PortraitDirector Table 3: Mouth [26-48] and Eye [8-21], indices into the list "
            "without _neutral (confirmed by the names they then select)"
            if default
            else "the same formula on a part that PortraitDirector does not print",
            inference="reduction over frames and clips is not stated; we average",
            digits=3,
            default=default,
        )

    return _pair(
        card(part, f"{label} L2", "g - d"),
        card(f"{part}rel", f"{label} L2 rel", "(g - g0) - (d - d0)" + RELATIVE),
        face.blendshape_indices(names),
        _l2,
    )


METRICS: tuple[FaceMetric, ...] = (
    *_aed(),
    *(m for part, (names, default) in _PARTS.items() for m in _blendshape_l2(part, names, default)),
)
