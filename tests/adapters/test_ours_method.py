from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest
from ours_faces import PORTRAITS, SIDE, Stage, beside, face, moved
from support import rotation

from adapters.base import Component, Method, MethodError
from adapters.ours import Warp
from benchmark.splits.mini import portraits

ASTRONAUT = portraits.load("astronaut").image


def turning(name: str = "hopper", n: int = 4) -> list[list]:
    return [[moved(face(name), rotation(yaw=3.0 * k, roll=2.0 * k))] for k in range(n)]


def stage(performance: list[list] | None = None) -> Stage:
    return Stage(ASTRONAUT, [face("astronaut")], turning() if performance is None else performance)


def test_it_is_a_method() -> None:
    assert isinstance(Warp(), Method)


def test_the_first_frame_is_the_portrait_and_the_rest_moves() -> None:
    frames = list(Warp().animate(stage().request()).frames)
    assert len(frames) == 4
    assert np.abs(frames[0].astype(int) - ASTRONAUT).mean() < 0.01
    assert all(f.shape == (SIDE, SIDE, 3) and f.dtype == np.uint8 for f in frames)
    distance = [np.abs(f.astype(int) - ASTRONAUT).mean() for f in frames]
    assert distance == sorted(distance)
    assert distance[1] > 1.0


def test_frames_come_one_by_one() -> None:
    played = stage()
    frames = Warp().animate(played.request()).frames
    assert isinstance(frames, Iterator)
    assert played.read == 1  # the first driving frame decides whether there is a result at all
    next(frames)
    next(frames)
    assert played.read == 2


def test_the_time_of_each_stage_is_stated() -> None:
    animation = Warp().animate(stage().request())
    list(animation.frames)
    assert set(animation.stages) == {"track", "motion", "render"}
    assert min(animation.stages.values()) > 0.0


def test_the_last_motion_is_held_while_the_driver_is_lost() -> None:
    performance = turning(n=4)
    performance[2] = []
    frames = list(Warp().animate(stage(performance).request()).frames)
    np.testing.assert_array_equal(frames[2], frames[1])
    assert (frames[3] != frames[2]).any()


@pytest.mark.parametrize(
    ("sitters", "drivers", "pairs", "sentence"),
    [
        ([], 1, ((0, 0),), "the portrait shows no faces, the pairs need 1"),
        ([face()], 0, ((0, 0),), "the first driving frame shows no faces, the pairs need 1"),
        ([face()], 1, ((1, 0),), "the portrait shows 1 face, the pairs need 2"),
    ],
)
def test_missing_faces_are_said_at_once(
    sitters: list, drivers: int, pairs: tuple, sentence: str
) -> None:
    performance = [[face()][:drivers]] * 3
    with pytest.raises(MethodError, match=sentence):
        Warp().animate(Stage(ASTRONAUT, sitters, performance).request(pairs))


def test_a_driving_video_without_frames() -> None:
    with pytest.raises(MethodError, match="no frames"):
        Warp().animate(stage([]).request())


def couple(left: np.ndarray, right: np.ndarray) -> list:
    one, two = face("astronaut"), face("hopper")
    return beside(moved(one, left), moved(two, right))


def test_each_person_moves_their_own_face() -> None:
    both = np.hstack([portraits.load(name).image for name in PORTRAITS])
    still, turned = np.eye(3), rotation(yaw=12)
    performance = [couple(still, still), couple(turned, still)]  # only the left person moves
    for pairs, moving in ((((0, 0), (1, 1)), 0), (((0, 1), (1, 0)), 1)):
        scene = Stage(both, couple(still, still), performance)
        _, second = Warp().animate(scene.request(pairs)).frames
        change = np.abs(second.astype(int) - both).mean(axis=(0, 2))
        sides = change[:512].mean(), change[512:].mean()
        assert sides[moving] > 2.0
        assert sides[1 - moving] < 0.1


def test_a_face_without_a_driver_stays() -> None:
    both = np.hstack([portraits.load(name).image for name in PORTRAITS])
    sitters = couple(np.eye(3), np.eye(3))
    scene = Stage(both, sitters, [[face("hopper")], [moved(face("hopper"), rotation(yaw=10))]])
    _, second = Warp().animate(scene.request(((1, 0),))).frames
    np.testing.assert_array_equal(second[:, :480], both[:, :480])
    assert (second[:, 600:] != both[:, 600:]).any()


def test_only_what_is_driven_moves() -> None:
    # The driver only turns: without POSE there is little left to move.
    (whole, mouth) = (
        np.abs(
            list(Warp().animate(stage().request(components=c)).frames)[-1].astype(int) - ASTRONAUT
        )
        for c in (set(Component), {Component.MOUTH})
    )
    assert mouth.mean() < 0.2 * whole.mean()
    assert mouth[:200].mean() < 0.05  # nothing above the nose


def test_the_dial_sets_how_much_moves() -> None:
    def moves(strength: float) -> float:
        request = replace(stage().request(), dials={"strength": strength})
        last = list(Warp().animate(request).frames)[-1]
        return float(np.abs(last.astype(int) - ASTRONAUT).mean())

    none, half, whole = moves(0.0), moves(0.5), moves(1.0)
    assert none < 0.01 < half < whole
