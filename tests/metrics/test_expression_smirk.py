"""AED and APD on SMIRK's parameters: known answers, and what missing faces do."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.transform import Rotation
from support import random_track

from metrics.expression_smirk import METRICS, axis_angle_matrices
from metrics.frames import FaceEvidence, FaceMetric
from metrics.score import Measured, NotMeasured
from metrics.signals import smirk
from metrics.signals.face import FaceTrack

N = 10
ALL = pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)
BY_ID = {m.card.id: m for m in METRICS}
PARTS = (smirk.POSE, smirk.CAMERA, smirk.SHAPE, smirk.EXPRESSION, smirk.EYELIDS, smirk.JAW)


def track(seed: int = 0, length: int = N) -> FaceTrack:
    vectors = np.random.default_rng(seed).normal(0, 0.3, (length, smirk.WIDTH))
    return with_vectors(random_track(length, seed), vectors)


def with_vectors(base: FaceTrack, vectors: np.ndarray) -> FaceTrack:
    return replace(base, features={"smirk": vectors.astype(np.float32)})


def moved(base: FaceTrack, part: slice, by: float | list[float] | np.ndarray) -> FaceTrack:
    vectors = base.features["smirk"].astype(np.float64)
    vectors[:, part] += by
    return with_vectors(base, vectors)


def evidence(made: FaceTrack, drove: FaceTrack, first_scored: int = 0) -> FaceEvidence:
    return FaceEvidence(made, drove, np.arange(len(made.landmarks)) >= first_scored)


def value(protocol: str, made: FaceTrack, drove: FaceTrack) -> float:
    score = BY_ID[protocol](evidence(made, drove))
    assert isinstance(score, Measured), score
    return score.value


def test_the_parts_fill_the_vector() -> None:
    covered = np.concatenate([np.arange(smirk.WIDTH)[part] for part in PARTS])
    assert covered.tolist() == list(range(smirk.WIDTH))
    assert [part.stop - part.start for part in PARTS] == [3, 3, 300, 50, 2, 3]


class TestEverySmirkMetric:
    @ALL
    def test_identical_is_zero_and_different_is_not(self, metric: FaceMetric) -> None:
        same = metric(evidence(track(), track(), 1))
        assert isinstance(same, Measured) and same.value == metric.card.identical == 0.0
        other = metric(evidence(track(1), track(2)))
        low, high = metric.card.bounds
        assert isinstance(other, Measured) and low < other.value <= high

    @ALL
    def test_only_its_own_numbers_count(self, metric: FaceMetric) -> None:
        changed = moved(moved(track(), smirk.CAMERA, 5.0), smirk.SHAPE, 5.0)
        changed = moved(changed, smirk.POSE if metric.card.name == "aed" else smirk.EXPRESSION, 1.0)
        score = metric(evidence(changed, track()))
        assert isinstance(score, Measured) and score.value == 0.0

    @ALL
    def test_a_lost_face_lowers_the_coverage_not_the_value(self, metric: FaceMetric) -> None:
        made, drove = track(1), track(2)
        values = metric.per_frame(evidence(made, drove)).values
        lost = made.features["smirk"].copy()
        lost[[3, 7]] = np.nan
        score = metric(evidence(with_vectors(made, lost), drove))
        assert isinstance(score, Measured)
        assert score.total - score.frames == 2
        kept = np.delete(values, [3, 7])
        first = 1 if metric.card.definition.endswith("rel") else 0
        assert score.value == pytest.approx(np.mean(kept[first:]))

    @ALL
    def test_a_driver_that_smirk_cannot_use_is_nobodys_fault(self, metric: FaceMetric) -> None:
        made, drove = track(1), track(2)
        lost = drove.features["smirk"].copy()
        lost[[3, 7]] = np.nan  # the face engine still sees the face
        score = metric(evidence(made, with_vectors(drove, lost)))
        assert isinstance(score, Measured)
        assert score.coverage == 1.0 and score.unjudged == 2

    @ALL
    def test_nothing_is_no_number(self, metric: FaceMetric) -> None:
        nothing = with_vectors(track(), np.full((N, smirk.WIDTH), np.nan))
        lost = metric(evidence(nothing, track()))
        assert isinstance(lost, NotMeasured) and not lost.of_input
        unjudgeable = metric(evidence(track(), nothing))
        assert isinstance(unjudgeable, NotMeasured) and unjudgeable.of_input


@settings(max_examples=40, deadline=None)
@given(by=st.floats(-1, 1, width=32))
def test_mean_and_sum_of_a_constant_difference(by: float) -> None:
    base = with_vectors(random_track(N), np.zeros((N, smirk.WIDTH)))
    made = moved(base, smirk.EXPRESSION, by)
    assert value("aed.smirk-exp50-mean@1", made, base) == pytest.approx(abs(by))
    assert value("aed.smirk-exp50-sum@1", made, base) == pytest.approx(50 * abs(by))
    assert value("aed.smirk-exp55-mean@1", made, base) == pytest.approx(50 / 55 * abs(by))
    assert value("aed.smirk-exp50-mean-rel@1", made, base) == 0.0


def test_eyelids_and_jaw_count_only_among_55() -> None:
    made = moved(moved(track(), smirk.EYELIDS, 0.11), smirk.JAW, 0.11)
    assert value("aed.smirk-exp50-mean@1", made, track()) == 0.0
    assert value("aed.smirk-exp55-mean@1", made, track()) == pytest.approx(0.01, rel=1e-5)


def test_pose_of_a_turn_about_one_axis() -> None:
    base = with_vectors(random_track(N), np.zeros((N, smirk.WIDTH)))
    made = moved(base, smirk.POSE, [0.0, 0.03, 0.0])
    assert value("apd.smirk-aa-mean@1", made, base) == pytest.approx(0.01)
    assert value("apd.smirk-aa-sum@1", made, base) == pytest.approx(0.03)
    assert value("apd.smirk-geodesic@1", made, base) == pytest.approx(np.degrees(0.03))


def test_a_full_turn_is_far_in_numbers_and_near_in_space() -> None:
    base = with_vectors(random_track(N), np.zeros((N, smirk.WIDTH)))
    made = moved(base, smirk.POSE, [0.0, 2 * np.pi, 0.0])
    assert value("apd.smirk-aa-sum@1", made, base) == pytest.approx(2 * np.pi)
    assert value("apd.smirk-geodesic@1", made, base) < 1e-4


def test_relative_pose_forgives_a_head_that_is_mounted_differently() -> None:
    drove = track()
    mount = Rotation.from_rotvec([0.1, -0.2, 0.3])
    turns = Rotation.from_rotvec(drove.features["smirk"][:, smirk.POSE]) * mount
    vectors = drove.features["smirk"].astype(np.float64)
    vectors[:, smirk.POSE] = turns.as_rotvec()
    made = with_vectors(drove, vectors)
    assert value("apd.smirk-geodesic@1", made, drove) == pytest.approx(
        np.degrees(mount.magnitude())
    )
    assert value("apd.smirk-geodesic-rel@1", made, drove) < 1e-4


component = st.floats(-4, 4)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(component, component, component), min_size=1, max_size=4))
def test_matrices_are_those_of_the_rotations(vectors: list[tuple[float, float, float]]) -> None:
    found = axis_angle_matrices(np.array(vectors))
    expected = Rotation.from_rotvec(np.array(vectors)).as_matrix()
    np.testing.assert_allclose(found, expected, atol=1e-12)


def test_tiny_and_absent_rotations() -> None:
    rows = np.array([[0.0, 0.0, 0.0], [1e-200, 0.0, 0.0], [np.nan, 0.0, 0.0]])
    found = axis_angle_matrices(rows)
    assert np.array_equal(found[0], np.eye(3))
    np.testing.assert_allclose(found[1], np.eye(3), atol=1e-150)
    assert np.isnan(found[2]).any()
