"""The metrics of several people, each put on a made-up pair of people for the contract."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache, partial

import numpy as np
from crowd_faces import Figure, signal
from metric_contract import Subject
from motions import smooth
from support import rotation

from metrics.card import Card
from metrics.crowd import Tracks
from metrics.crowd.counts import COUNTS
from metrics.crowd.evidence import WHOLE, CrowdEvidence, CrowdFamily
from metrics.score import Measured, NotMeasured, Score
from metrics.several import FAMILIES
from metrics.signals.face import FaceSignal

FPS = 25.0
PEOPLE = 2
_EYES = ((33, 133, 468), (362, 263, 473))
_OUTLINE = Figure(0, 300, size=120)


@dataclass(frozen=True)
class Scene:
    """Two people over time, as detected, and which of its frames were delivered."""

    faces: FaceSignal
    slots: np.ndarray
    delivered: np.ndarray


class CrowdSubject(Subject):
    """One card of a family.

    Clip 1 is clip 2 with everything wrong: half of the other's motion in each, a face too many,
    for the first 18 frames each person with the other's face, and, where faces are counted, one
    that is lost now and then.
    """

    length = 30
    context = None

    def __init__(self, family: CrowdFamily, which: int) -> None:
        self.family, self.which = family, which
        self.card: Card = family.cards[which]
        self.ordered = self.card.name in {"leakage_floor", "id_swaps", "id_swap_frames"}

    def clip(self, length: int, seed: int) -> Scene:
        worse = seed == 1
        faces = _performance(length, 0.5 if worse else 0.0, exchanged=worse)
        slots = np.tile(np.arange(PEOPLE)[:, None], (1, length))
        if worse and self.family is COUNTS:
            slots[1, 3::7] = -1
        return Scene(faces if worse else _two(faces), slots, np.ones(length, dtype=np.bool_))

    def constant(self, length: int) -> Scene:
        """Two twins who never move."""
        still = signal(
            [[replace(_OUTLINE, who=0, shape=1), Figure(0, 700, size=120, shape=1)]] * length
        )
        return Scene(
            still, np.tile(np.arange(PEOPLE)[:, None], (1, length)), np.ones(length, dtype=np.bool_)
        )

    def take(self, clip: Scene, frames: Sequence[int]) -> Scene:
        order = np.array(frames, dtype=np.intp)
        faces = FaceSignal(
            clip.faces.count[order],
            clip.faces.landmarks[order],
            clip.faces.blendshapes[order],
            clip.faces.pose[order],
            clip.faces.size,
        )
        return Scene(faces, clip.slots[:, order], clip.delivered[order])

    def without(self, clip: Scene, frames: Sequence[int]) -> Scene:
        delivered = clip.delivered.copy()
        delivered[list(frames)] = False
        return replace(clip, delivered=delivered)

    def evidence(self, generated: Scene, reference: Scene) -> CrowdEvidence:
        length = len(reference.faces.count)
        return CrowdEvidence(
            portrait=self.take(reference, [0]).faces,
            result=generated.faces,
            made=Tracks(generated.slots),
            drivers=Tracks(reference.slots).faces(reference.faces),
            pairs=((0, 0), (1, 1)),
            place=np.where(generated.delivered, np.arange(len(generated.faces.count)), -1),
            scored=np.ones(length, dtype=np.bool_),
            fps=FPS,
        )

    def score(self, generated: Scene, reference: Scene) -> Score:
        found = self.family.scores(self.evidence(generated, reference))[self.which]
        if WHOLE in found:
            return found[WHOLE]
        return _case([found[person] for person in sorted(found)])

    def check_identical(self, score: Score) -> None:
        """Of clip 2: a driving clip that changes its people has no portrait to be identical to."""
        super().check_identical(self.score(self.clip(self.length, 2), self.clip(self.length, 2)))

    def refused(self) -> Iterator[Callable[[], object]]:
        given = self.evidence(self.clip(4, 2), self.clip(4, 2))
        assert given.drivers is not None
        loud = replace(given.drivers[0], blendshapes=given.drivers[0].blendshapes * 100.0)
        for changes in (
            {"place": given.place[:3]},
            {"place": given.place + 1},
            {"scored": given.scored.astype(np.int64)},
            {"portrait": given.result},
            {"fps": 0.0},
            {"pairs": ((0, 2),)},
            {"pairs": ((5, 0),)},
            {"made": Tracks(np.zeros((2, 9), dtype=np.intp))},
            {"drivers": [loud, given.drivers[1]]},
        ):
            yield partial(replace, given, **changes)


def _case(scores: list[Score]) -> Score:
    """The mean over the people of a case; the driver's own, where there is one, likewise."""
    known = [score for score in scores if isinstance(score, Measured)]
    absent = [score for score in scores if isinstance(score, NotMeasured)]
    if absent:
        return min(absent, key=lambda score: score.of_input)
    drivers = [score.driver for score in known if score.driver is not None]
    return Measured(
        float(np.mean([score.value for score in known])),
        sum(score.frames for score in known),
        sum(score.total for score in known),
        float(np.mean(drivers)) if drivers else None,
        sum(score.unjudged for score in known),
    )


def _two(faces: FaceSignal) -> FaceSignal:
    """Only the first two faces of each frame."""
    return FaceSignal(
        np.full(len(faces.count), PEOPLE),
        faces.landmarks[:, :PEOPLE],
        faces.blendshapes[:, :PEOPLE],
        faces.pose[:, :PEOPLE],
        faces.size,
    )


@cache
def _performance(length: int, leaked: float, exchanged: bool) -> FaceSignal:
    """Two people who move face, head and eyes, and a third who stands still; not to be changed."""
    places = zip((250, 700, 900), (1, 2, 3), strict=True)
    row = [Figure(0, x, size=120, shape=shape) for x, shape in places]
    other = [replace(row[0], shape=2), replace(row[1], shape=1), row[2]]
    faces = signal([other if exchanged and t < 18 else row for t in range(length)])
    for person in range(PEOPLE):
        own, others = (_motion(length, who) for who in (person, 1 - person))
        course = own + leaked * others
        faces.blendshapes[:, person, 20:30] = np.clip(0.45 + course[:, :10], 0.0, 1.0)
        faces.blendshapes[:, person, :20] = 0.0
        for left, right, iris in _EYES:
            middle = faces.landmarks[0, person, 1].copy()
            middle[2] = 0.0
            for corner, way in ((left, -1), (right, 1)):
                faces.landmarks[:, person, corner] = middle + way * np.array([0.02, 0.0, 0.0])
            faces.landmarks[:, person, iris] = middle
            faces.landmarks[:, person, iris, :2] += 0.01 * course[:, 10:12]
        for frame, angles in enumerate(10.0 * course[:, 13:]):
            faces.pose[frame, person, :3, :3] = rotation(*angles)
    return faces


def _motion(length: int, who: int) -> np.ndarray:
    if length < 4:
        return np.zeros((length, 16))
    parts = [smooth(90 + 10 * who + k, length, size, 0.5) for k, size in enumerate((10, 3, 3))]
    return np.concatenate(parts, axis=1)


CROWD = [CrowdSubject(family, which) for family in FAMILIES for which in range(len(family.cards))]
