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


_AED_SOURCE = (
    "X-NeMo, section 4.2: 'average L1 difference between extracted facial blendshapes' of driving "
    "and generated frames by MediaPipe, printed unscaled in Table 1 (0.039-0.062). Not the AED of "
    "FantasyPortrait (times 10^-2, cited to Siarohin 2019, extractor not named) and not that of "
    "FlashPortrait (SMIRK, Manhattan)"
)
_AED_RELATIVE = (
    "our relative form of X-NeMo's AED, so that a resting face unlike the driver's is no error; "
    "no paper prints it"
)
_AED_INFERENCE = (
    "X-NeMo publishes no evaluation code; that _neutral is left out (with it the mean is 2 % "
    "less: it is 0 for everybody, face_blendshapes_graph.cc of mediapipe@85c0cdc says to ignore "
    "it) and that the L1 is a mean, not a sum, follows from the size of its numbers. It measures "
    "at 256x256, we at native size, in IMAGE mode: VIDEO mode alone moves the value by 0.016"
)


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
            source=_AED_RELATIVE if definition.endswith("rel") else _AED_SOURCE,
            inference=_AED_INFERENCE,
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


_NEARLY_CONSTANT = (
    "MediaPipe's model hardly moves these coefficients: a frozen video reads 1e-4 (cheeks) and "
    "3e-6 (nose) on real clips, so that differences between methods are noise",
)


def _part_source(definition: str, printed: bool) -> str:
    if definition.endswith("rel"):
        return "our relative form of PortraitDirector's component error; no paper prints it"
    if printed:
        return (
            "PortraitDirector, supplement, section 2: L2 of MediaPipe coefficients, Mouth [26-48] "
            "and Eye [8-21]; its supplement prints no values"
        )
    return "PortraitDirector's formula on a part that it does not measure"


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
            source=_part_source(definition, default),
            inference="indices select mouth and eye names only in the list without _neutral "
            "(mediapipe@85c0cdc face_blendshapes_graph.cc), so that is how we read them; "
            "reduction over frames and clips, and whether the norm is divided by the number of "
            "coefficients, are not stated: we do not divide, and average",
            digits=3,
            default=default,
            notes=_NEARLY_CONSTANT if part in ("cheeks3", "nose2") else (),
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
