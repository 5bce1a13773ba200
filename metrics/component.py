"""Component control: what moves although it should stand still, against the portrait.

A component case drives a part of the motion (``components``) and demands that other parts stay as
in the source (``still``). How well the driven part follows the driver, `FOLLOWS` says with metrics
that exist anyway; what the rest does, the metrics here say. Each is defined only for cases whose
``still`` lists its component (`metrics.card.Card.still`).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from metrics.card import Card, Direction
from metrics.common import BOTH, EXTRACTOR, REDUCTION
from metrics.frames import FaceEvidence, FaceMetric, FloatArray, FrameValues
from metrics.gaze import angle_degrees, head_relative_gaze
from metrics.pose import geodesic_degrees
from metrics.score import NotMeasured
from metrics.signals import face
from metrics.signals.face import FaceTrack

FOLLOWS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "mouth": ("blendshape_l2.mouth23@1", "blendshape_l2.jaw4@1"),
        "eyes": ("blendshape_l2.eyes14@1", "gaze_mae.iris@1"),
        "emotion": (
            "blendshape_l2.brows5@1",
            "blendshape_l2.cheeks3@1",
            "blendshape_l2.nose2@1",
        ),
        "pose": ("apd.mediapipe-euler@1", "apd.mediapipe-geodesic@1"),
    }
)
"""By component (`adapters.base.Component`), the protocol ids that say how well it follows the
driver when it is driven; of each, the first is what PortraitDirector or X-NeMo print."""

Distance = Callable[[FaceTrack, FaceTrack], FloatArray]
"""Takes the result ``(N,)`` and the portrait ``(1,)``; returns ``(N,)``."""


def _no_face(source: FaceTrack) -> str:
    return "" if source.present.all() else "no face found in the portrait"


def _no_gaze(source: FaceTrack) -> str:
    shut = bool(np.isnan(head_relative_gaze(source)).any())
    return _no_face(source) or ("the eyes of the portrait are closed" if shut else "")


@dataclass(frozen=True, slots=True)
class StillMetric(FaceMetric):
    """A metric of one person's face against the same person's in the portrait.

    Attributes:
        problem: Says why a portrait cannot be compared with; empty if it can.
    """

    problem: Callable[[FaceTrack], str] = _no_face

    def frames(self, evidence: FaceEvidence) -> FrameValues | NotMeasured:
        """Return the values of each frame; the evidence must hold the portrait."""
        if evidence.source is None:
            return NotMeasured("the portrait was not looked at", of_input=True)
        if problem := self.problem(evidence.source):
            return NotMeasured(problem, of_input=True)
        return self.per_frame(evidence)


def _metric(
    card: Card, distance: Distance, problem: Callable[[FaceTrack], str] = _no_face
) -> StillMetric:
    def per_frame(evidence: FaceEvidence) -> FrameValues:
        assert evidence.source is not None
        return FrameValues(distance(evidence.generated, evidence.source), evidence.driver.present)

    return StillMetric(card, per_frame, problem)


_MISSING = (
    "the same frames are judged as elsewhere (those whose driving frame has a face); frames whose "
    "result has no face lower the coverage; a portrait without a face is judged for no method"
)
_SOURCE = (
    "our definition. PortraitDirector (supplement, section 2) measures only the driven part, and "
    "lets people judge clips in which 'all other facial parts remained static' (section 4); "
    "DeX-Portrait (supplement C) shows pose-only and expression-only editing in pictures"
)
_CONTROLS = (
    "controls: the frozen portrait reads exactly 0, as the same pixels are looked at twice; the "
    "driver itself reads another person's face in full motion, which is no bound",
    "absolute, against the portrait's own reading: result and portrait are one person, so that "
    "no difference between faces enters",
)


_CONSTANT = "MediaPipe's model hardly moves these coefficients on any clip"


def _card(name: str, definition: str, title: str, **changes: object) -> Card:
    common: dict[str, object] = {
        "unit": "",
        "direction": Direction.LOWER,
        "protocols": BOTH,
        "extractors": (EXTRACTOR,),
        "missing": _MISSING,
        "identical": None,
        "source": _SOURCE,
        "notes": _CONTROLS,
    }
    return Card(name=name, definition=definition, title=title, **{**common, **changes})  # type: ignore[arg-type]


def _blendshapes(part: str, names: list[str], component: str, default: bool) -> StillMetric:
    chosen = face.blendshape_indices(names)

    def distance(generated: FaceTrack, source: FaceTrack) -> FloatArray:
        delta = generated.blendshapes[:, chosen].astype(np.float64) - source.blendshapes[:, chosen]
        moved: FloatArray = np.linalg.norm(delta, axis=-1)
        return moved

    changes = {"notes": (*_CONTROLS, _CONSTANT)} if part in ("cheeks", "nose") else {}
    card = _card(
        f"still_{part}",
        f"mediapipe{len(names)}",
        f"still {part}",
        formula=f"|g - s|_2 over the {len(names)} {part} blendshapes, s from the portrait; "
        + REDUCTION,
        bounds=(0.0, len(names) ** 0.5),
        inference=f"that {part} blendshapes are the component '{component}' is our reading",
        still=component,
        default=default,
        **changes,
    )
    return _metric(card, distance)


def _turned(generated: FaceTrack, source: FaceTrack) -> FloatArray:
    return geodesic_degrees(generated.rotation, source.rotation)


def _looked_away(generated: FaceTrack, source: FaceTrack) -> FloatArray:
    return angle_degrees(head_relative_gaze(generated), head_relative_gaze(source))


STILL_POSE = _metric(
    _card(
        "still_pose",
        "mediapipe-geodesic",
        "still pose",
        formula="angle of R_g R_s^T in degrees, s from the portrait; " + REDUCTION,
        unit="deg",
        bounds=(0.0, 180.0),
        inference="rotation only: shift and size of the head are not looked at",
        still="pose",
        digits=2,
    ),
    _turned,
)
STILL_GAZE = _metric(
    _card(
        "still_gaze",
        "iris",
        "still gaze",
        formula="angle between the head-relative gaze directions of result and portrait in "
        "degrees, as gaze_mae.iris; " + REDUCTION,
        unit="deg",
        bounds=(0.0, 180.0),
        missing=_MISSING + "; so do frames in which the result blinks (eyeBlink > 0.5), and a "
        "portrait with closed eyes",
        inference="gaze belongs to the component 'eyes'; relative to the head, so that a driven "
        "pose does not count as motion of the eyes",
        still="eyes",
        digits=2,
    ),
    _looked_away,
    _no_gaze,
)

METRICS: tuple[StillMetric, ...] = (
    _blendshapes("mouth", face.MOUTH, "mouth", True),
    _blendshapes("jaw", face.JAW, "mouth", False),
    _blendshapes("eyes", face.EYES, "eyes", True),
    STILL_GAZE,
    _blendshapes("brows", face.BROWS, "emotion", True),
    _blendshapes("cheeks", face.CHEEKS, "emotion", False),
    _blendshapes("nose", face.NOSE, "emotion", False),
    STILL_POSE,
)

STAYS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        component: tuple(m.card.id for m in METRICS if m.card.still == component)
        for component in FOLLOWS
    }
)
"""By component, the protocol ids that say how far it moved although it should stand still."""
