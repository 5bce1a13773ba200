"""Known answers of the metrics of one face; what all of them must do is in test_contract.py."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import random_track, rotation

from metrics.frames import FaceEvidence, FaceMetric
from metrics.pose import euler_degrees, geodesic_degrees
from metrics.registry import FACE_METRICS
from metrics.score import Measured
from metrics.signals.face import BLENDSHAPES, EYES, MOUTH, FaceTrack

BY_ID = {m.card.id: m for m in FACE_METRICS}
N = 12


def evidence(made: FaceTrack, drove: FaceTrack) -> FaceEvidence:
    return FaceEvidence(made, drove, np.ones(len(made.landmarks), dtype=np.bool_))


def value(metric: FaceMetric, item: FaceEvidence) -> float:
    score = metric(item)
    assert isinstance(score, Measured), score
    return score.value


def test_relative_metrics_forgive_a_constant_offset() -> None:
    drove = random_track(N)
    made = FaceTrack(
        drove.landmarks,
        drove.blendshapes + np.float32(0.25),
        drove.pose,
        drove.size,
    )
    assert value(BY_ID["aed.mediapipe51@1"], evidence(made, drove)) == pytest.approx(0.25)
    assert value(BY_ID["aed.mediapipe51rel@1"], evidence(made, drove)) < 1e-6
    mouth = value(BY_ID["blendshape_l2.mouth23@1"], evidence(made, drove))
    assert mouth == pytest.approx(0.25 * 23**0.5)
    assert value(BY_ID["blendshape_l2.mouth23rel@1"], evidence(made, drove)) < 1e-6


def test_lmd_is_per_axis_and_normalised() -> None:
    drove = random_track(N, size=(100, 400))
    shift = np.array([0.03, 0.04, 0.9], dtype=np.float32)
    made = FaceTrack(drove.landmarks + shift, drove.blendshapes, drove.pose, drove.size)
    assert value(BY_ID["lmd.mediapipe478@1"], evidence(made, drove)) == pytest.approx(0.05, 1e-5)


def test_neutral_blendshape_does_not_count() -> None:
    drove = random_track(N)
    changed = drove.blendshapes.copy()
    changed[:, 0] += 0.5
    made = FaceTrack(drove.landmarks, changed, drove.pose, drove.size)
    assert value(BY_ID["aed.mediapipe51@1"], evidence(made, drove)) == 0.0


def test_portraitdirector_indices_select_what_they_are_named_for() -> None:
    without_neutral = BLENDSHAPES[1:]
    assert list(without_neutral[8:22]) == EYES
    assert list(without_neutral[26:49]) == MOUTH
    assert without_neutral[8] == "eyeBlinkLeft"
    assert without_neutral[21] == "eyeWideRight"
    assert without_neutral[26] == "mouthClose"
    assert without_neutral[48] == "mouthUpperUpRight"


angle = st.floats(-80, 80)


@settings(max_examples=60, deadline=None)
@given(pitch=angle, yaw=angle, roll=st.floats(-170, 170))
def test_euler_angles_come_back(pitch: float, yaw: float, roll: float) -> None:
    found = euler_degrees(rotation(pitch, yaw, roll)[None])[0]
    assert found == pytest.approx([pitch, yaw, roll], abs=1e-6)


def test_euler_convention_is_scipys() -> None:
    from scipy.spatial.transform import Rotation

    matrices = Rotation.random(50, random_state=3).as_matrix()
    expected = Rotation.from_matrix(matrices).as_euler("xyz", degrees=True)
    assert euler_degrees(matrices) == pytest.approx(expected, abs=1e-6)


@settings(max_examples=60, deadline=None)
@given(degrees=st.floats(0, 179), seed=st.integers(0, 99))
def test_geodesic_is_the_angle_between(degrees: float, seed: int) -> None:
    from scipy.spatial.transform import Rotation

    base = Rotation.random(random_state=seed)
    axis = np.random.default_rng(seed).normal(size=3)
    turn = Rotation.from_rotvec(np.radians(degrees) * axis / np.linalg.norm(axis))
    found = geodesic_degrees(base.as_matrix()[None], (turn * base).as_matrix()[None])[0]
    assert found == pytest.approx(degrees, abs=1e-5)


def test_geodesic_of_identical_float32_rotations_is_zero() -> None:
    track = random_track(N)
    assert not geodesic_degrees(track.rotation, track.rotation).any()


def test_apd_of_a_constant_turn() -> None:
    drove = random_track(N)
    pose = drove.pose.astype(np.float64)
    pose[:, :3, :3] = pose[:, :3, :3] @ rotation(yaw=10)
    made = FaceTrack(drove.landmarks, drove.blendshapes, pose.astype(np.float32), drove.size)
    assert value(BY_ID["apd.mediapipe-geodesic@1"], evidence(made, drove)) == pytest.approx(
        10, abs=1e-3
    )
    straight = np.tile(np.eye(4, dtype=np.float32), (N, 1, 1))
    turned = straight.copy()
    turned[:, :3, :3] = rotation(pitch=6)
    a = FaceTrack(drove.landmarks, drove.blendshapes, turned, drove.size)
    b = FaceTrack(drove.landmarks, drove.blendshapes, straight, drove.size)
    assert value(BY_ID["apd.mediapipe-euler@1"], evidence(a, b)) == pytest.approx(2, abs=1e-4)


def test_euler_differences_wrap() -> None:
    straight = np.tile(np.eye(4, dtype=np.float32), (1, 1, 1))
    a, b = straight.copy(), straight.copy()
    a[0, :3, :3], b[0, :3, :3] = rotation(roll=179), rotation(roll=-179)
    base = random_track(1)
    score = value(
        BY_ID["apd.mediapipe-euler@1"],
        evidence(
            FaceTrack(base.landmarks, base.blendshapes, a, base.size),
            FaceTrack(base.landmarks, base.blendshapes, b, base.size),
        ),
    )
    assert score == pytest.approx(2 / 3, abs=1e-3)
