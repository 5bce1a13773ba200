from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ours_faces import SIDE, face, moved
from support import rotation

from adapters.base import Component
from adapters.ours import indices as at
from adapters.ours import lids
from adapters.ours.geometry import pixels
from adapters.ours.motion import CAMERA, Driver
from adapters.ours.retarget import Sitter, proportions
from adapters.ours.rings import face_size

SIZE = (SIDE, SIDE)
ANGLES = st.floats(-25, 25)


@settings(deadline=None)
@given(ANGLES, ANGLES, ANGLES)
def test_a_turn_is_no_expression(pitch: float, yaw: float, roll: float) -> None:
    # Turned without perspective, while the method assumes a camera at three face sizes.
    first, turned = face(), rotation(pitch, yaw, roll)
    motion = Driver(first, SIZE).motion(moved(first, turned, (0.03, -0.02)))
    error = np.degrees(np.arccos(np.clip((np.trace(motion.rotation @ turned.T) - 1) / 2, -1, 1)))
    assert error < 0.13 * max(abs(pitch), abs(yaw)) + 0.5
    assert np.abs(motion.expression[list(at.STEADY)]).mean() < 0.02 * face_size(pixels(first, SIZE))


def test_the_first_frame_is_no_motion() -> None:
    motion = Driver(face(), SIZE).motion(face())
    np.testing.assert_allclose(motion.rotation, np.eye(3), atol=1e-6)
    assert motion.scale == pytest.approx(1.0)
    np.testing.assert_allclose(motion.shift, 0.0, atol=1e-3)
    np.testing.assert_allclose(motion.expression, 0.0, atol=1e-3)


def test_a_part_of_a_motion() -> None:
    motion = Driver(face(), SIZE).motion(moved(face(), rotation(yaw=20.0), (0.02, 0.0)))
    assert motion.scaled(1.0) is motion
    still = motion.scaled(0.0)
    np.testing.assert_allclose(still.rotation, np.eye(3), atol=1e-12)
    assert still.scale == 1.0
    assert not still.shift.any()
    assert not still.expression.any()
    assert all(first == now for first, now in still.eyes.values())
    half = motion.scaled(0.5)
    np.testing.assert_allclose(half.rotation @ half.rotation, motion.rotation, atol=1e-9)
    np.testing.assert_allclose(2.0 * half.shift, motion.shift)


def test_growth_and_shift_by_hand() -> None:
    first = face()
    centre = first.landmarks[list(at.TRAGI)].mean(axis=0)
    near = (first.landmarks - centre) * np.float32(1.25) + centre + np.float32([0.1, 0.05, 0])
    motion = Driver(first, SIZE).motion(replace(first, landmarks=near))
    assert motion.scale == pytest.approx(1.25, rel=0.03)
    np.testing.assert_allclose(motion.shift, [0.1 * SIDE, 0.05 * SIDE], atol=2.0)


@settings(deadline=None, max_examples=30)
@given(ANGLES, ANGLES, ANGLES, st.integers(0, 1000))
def test_onto_the_same_face_every_landmark_goes_where_the_driver_has_it(
    pitch: float, yaw: float, roll: float, seed: int
) -> None:
    first = face()
    driver = Driver(first, SIZE)
    now = moved(first, rotation(pitch, yaw, roll), (0.02, 0.01))
    noise = np.random.default_rng(seed).normal(0.0, 0.003, now.landmarks.shape)
    now = replace(now, landmarks=(now.landmarks + noise).astype(np.float32))
    target, _ = Sitter(first, SIZE, driver.first).follow(driver.motion(now))
    # Lids and lips are closed or opened by shares, and the gaze is amplified, on purpose.
    loops = {i for o in (*at.EYES, at.MOUTH) for i in o.loop}
    rest = [i for i in (*at.OVAL, *at.NOSE, *at.BROWS, *at.JAW) if i not in loops]
    np.testing.assert_allclose(target[rest, :2], pixels(now, SIZE)[rest, :2], atol=0.05)


def sitting(components: set[Component]) -> tuple[np.ndarray, np.ndarray, Sitter]:
    """A driver who turns, opens the mouth, raises brows, looks aside; carried onto a portrait."""
    first = face("astronaut")
    points = first.landmarks.copy()
    points[list(at.MOUTH.lower), 1] += 0.05
    points[list(at.OUTER_LIPS.lower), 1] += 0.05
    points[list(at.BROWS), 1] -= 0.03
    points[[468, *at.EYES[0].iris], 0] += 0.01
    now = moved(replace(first, landmarks=points), rotation(yaw=10))
    driver = Driver(first, SIZE)
    sitter = Sitter(face("hopper"), SIZE, driver.first, components=components)
    target, _ = sitter.follow(driver.motion(now))
    return target - sitter.landmarks, target, sitter


def test_mouth_only() -> None:
    change, _, _ = sitting({Component.MOUTH})
    assert change[list(at.MOUTH.lower[3:-3]), 1].min() > 10.0
    still = [*at.BROWS, *at.NOSE, *at.FOREHEAD, 468, 473]
    np.testing.assert_allclose(change[still], 0.0, atol=1e-6)


def test_eyes_only() -> None:
    change, _, _ = sitting({Component.EYES})
    assert change[468, 0] > 3.0
    np.testing.assert_allclose(change[[*at.MOUTH.loop, *at.BROWS, *at.JAW]], 0.0, atol=1e-6)


def test_emotion_only() -> None:
    change, _, _ = sitting({Component.EMOTION})
    assert change[list(at.BROWS), 1].max() < -5.0
    np.testing.assert_allclose(change[[*at.MOUTH.loop, 468, 473, *at.JAW]], 0.0, atol=1e-6)


def test_pose_only() -> None:
    _, target, sitter = sitting({Component.POSE})
    assert np.abs(target - sitter.landmarks)[1, 0] > 10.0
    unturned = sitter.landmarks
    mouth = lids.openness(target, at.MOUTH)
    assert mouth == pytest.approx(lids.openness(unturned, at.MOUTH), abs=0.02)


def test_a_face_stops_before_it_leaves_its_room() -> None:
    first = face()
    driver = Driver(first, SIZE)
    sitter = Sitter(first, SIZE, driver.first, room=(40.0, 60.0, 30.0, 30.0))
    for far, bound in ((0.5, 60.0), (-0.5, 40.0)):
        _, head = sitter.follow(driver.motion(moved(first, np.eye(3), (far, 0.0))))
        assert 0.6 * bound < abs(head.shift[0]) <= bound
    _, head = sitter.follow(driver.motion(moved(first, np.eye(3), (0.03, 0.0))))
    assert head.shift[0] == pytest.approx(0.03 * SIDE, rel=0.02)  # free where there is room


def test_proportions_are_those_of_the_faces() -> None:
    shape = Driver(face(), SIZE).first.points
    np.testing.assert_allclose(proportions(shape * (1.2, 0.8, 1.5), shape), [1.2, 0.8, 1.5])


def test_the_camera_is_near_enough_to_matter_and_far_enough_to_be_safe() -> None:
    assert Driver(face(), SIZE).first.distance == CAMERA * face_size(pixels(face(), SIZE))
    assert 2.0 <= CAMERA <= 6.0
