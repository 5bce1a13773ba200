"""Who is who in a case, and what is said where nobody can tell."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from support import random_track

from benchmark.measure import CaseEvidence
from benchmark.people import everybody, unjudgeable
from benchmark.readings import result_of
from benchmark.signals import ClipSignals
from benchmark.splits.case import Case, Pair
from metrics.frames import FaceEvidence
from metrics.score import NotMeasured
from metrics.signals.face import FaceSignal

LENGTH = 6
LEFT, RIGHT = 0.2, 0.8
MOST = 100.0
"""More than anybody's number, which goes into blendshapes: they end at 1."""


@dataclass(frozen=True)
class Figure:
    """One face in one frame: who it is, where its middle is, and its shape."""

    who: float
    x: float
    shape: int = 0


def signal(frames: Sequence[Sequence[Figure]]) -> FaceSignal:
    """The face signal of drawn frames, faces in the order given."""
    shape = (len(frames), max((len(faces) for faces in frames), default=0))
    landmarks = np.full((*shape, 478, 3), np.nan, np.float32)
    blendshapes = np.full((*shape, 52), np.nan, np.float32)
    pose = np.full((*shape, 4, 4), np.nan, np.float32)
    for t, faces in enumerate(frames):
        for slot, figure in enumerate(faces):
            form = random_track(1, figure.shape).landmarks[0] - np.float32(0.5)
            landmarks[t, slot] = form * np.float32(0.2) + np.float32([figure.x, 0.5, 0.0])
            blendshapes[t, slot] = figure.who / MOST
            pose[t, slot] = np.eye(4)
    count = np.array([len(faces) for faces in frames], dtype=np.int64)
    return FaceSignal(count, landmarks, blendshapes, pose, (500, 1000))


def case(*pairs: tuple[int, int]) -> Case:
    return Case.model_validate(
        {
            "id": "a",
            "protocol": "cross",
            "source": "a.png",
            "driving": "b.mp4",
            "pairs": [Pair(source=s, driving=d) for s, d in pairs],
            "frames": (0, LENGTH),
            "fps": "25",
            "size": (500, 1000),
            "sha256": {"source": "0" * 64, "driving": "1" * 64},
        }
    )


def two(first: float, second: float, length: int = LENGTH, swap: bool = False) -> list[Any]:
    """Two people, left and right; ``swap`` turns the order of detection every other frame."""
    made = []
    for t in range(length):
        faces = [
            Figure(first, LEFT + 0.005 * t, shape=1),
            Figure(second, RIGHT - 0.005 * t, shape=2),
        ]
        made.append(faces[::-1] if swap and t % 2 else faces)
    return made


def signals(frames: Sequence[Sequence[Figure]]) -> ClipSignals:
    """The face signal, and as a feature of each face who it is."""
    face = signal(frames)
    who = face.blendshapes[..., :1] * np.float32(MOST)
    return ClipSignals(face, {"arcface": np.repeat(who, 4, -1), "flicker-step": np.zeros(3)})


def people(
    pairs: Sequence[tuple[int, int]],
    portrait: list[Any],
    driver: list[Any],
    clip: list[Any],
    frame_map: Sequence[int] = range(LENGTH),
) -> Any:
    one = case(*pairs)
    places = np.array(frame_map, dtype=np.intp)
    evidence = CaseEvidence(signals(portrait), signals(driver), signals(clip), places, {})
    length = len(driver)
    scored = np.ones(length, dtype=np.bool_)
    return one, everybody(one, evidence, result_of(places, length), scored)


def who(found: Any) -> NDArray[np.float64]:
    values: NDArray[np.float64] = np.round(found.blendshapes[:, 0].astype(np.float64) * MOST)
    return values


def test_each_person_stands_beside_their_driver() -> None:
    portrait, driver, clip = two(1, 2, 1), two(11, 12, swap=True), two(21, 22, swap=True)
    one, found = people([(0, 1), (1, 0)], portrait, driver, clip)
    for pair, expected in zip(one.pairs, [(21, 12, 1), (22, 11, 2)], strict=True):
        evidence = found.person(pair)
        assert isinstance(evidence, FaceEvidence)
        made, drove, source = expected
        assert who(evidence.generated).tolist() == [made] * LENGTH
        assert who(evidence.driver).tolist() == [drove] * LENGTH
        assert evidence.source is not None
        assert who(evidence.source).tolist() == [source]
        assert evidence.generated.features["arcface"][:, 0].tolist() == [made] * LENGTH
        assert set(evidence.generated.features) == {"arcface"}, "steps belong to nobody"
        assert evidence.fps == 25.0


def test_results_stand_at_the_driving_frames_they_came_from() -> None:
    clip = [[Figure(21 + t, LEFT, shape=1)] for t in range(4)]
    driver = [[Figure(11, LEFT, shape=1)] for _ in range(LENGTH)]
    one, found = people([(0, 0)], [[Figure(1, LEFT, shape=1)]], driver, clip, [0, 2, 2, 5])
    evidence = found.person(one.pairs[0])
    assert who(evidence.generated)[[0, 2, 5]].tolist() == [21, 22, 24], "the first of two counts"
    assert evidence.generated.present.tolist() == [True, False, True, False, False, True]
    assert np.isnan(evidence.generated.features["arcface"][1]).all()


def test_a_driver_who_is_not_there_is_nobodys_failure() -> None:
    alone = [[Figure(11, LEFT, shape=1)] for _ in range(LENGTH)]
    one, found = people([(0, 0), (1, 1)], two(1, 2, 1), alone, two(21, 22))
    lost = found.person(one.pairs[0])
    assert isinstance(lost, NotMeasured)
    assert lost.of_input
    assert "no driving frame shows all driving people" in lost.reason


def test_a_result_without_faces_is_the_methods_doing() -> None:
    nobody: list[Any] = [[] for _ in range(LENGTH)]
    one, found = people([(0, 0)], [[]], two(11, 12), nobody)
    lost = found.person(one.pairs[0])
    assert isinstance(lost, NotMeasured)
    assert not lost.of_input


def test_a_result_that_loses_one_of_two_leaves_that_one_absent() -> None:
    clip = [[Figure(21, LEFT + 0.005 * t, shape=1)] for t in range(LENGTH)]
    one, found = people([(0, 0), (1, 1)], two(1, 2, 1), two(11, 12), clip)
    kept, lost = (found.person(pair) for pair in one.pairs)
    assert kept.generated.present.all(), "it stands where the portrait has it"
    assert not lost.generated.present.any()


@pytest.mark.parametrize(
    ("faces", "pairs", "says"),
    [
        (0, [(0, 0)], "no face found in the portrait"),
        (1, [(0, 0), (1, 1)], "1 of 2 faces found in the portrait"),
        (1, [(0, 0)], ""),
        (3, [(0, 0), (1, 1)], ""),
    ],
)
def test_portraits_that_cannot_be_judged(
    faces: int, pairs: list[tuple[int, int]], says: str
) -> None:
    shown = [[Figure(k, 0.2 + 0.3 * k) for k in range(faces)]]
    assert unjudgeable(case(*pairs), signal(shown)) == says
