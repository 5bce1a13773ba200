"""Jitter, isotropic landmark distance, and what should have stood still: known answers."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from support import random_track, rotation

from adapters.base import Component
from metrics.component import FOLLOWS, METRICS, STAYS, STILL_GAZE, STILL_POSE
from metrics.frames import FaceEvidence, FaceMetric
from metrics.jitter import JITTER, acceleration
from metrics.landmarks import LMD, LMD_ISOTROPIC, interocular
from metrics.registry import CANONICAL
from metrics.score import Measured, NotMeasured
from metrics.signals.face import FaceTrack, blendshape_indices

N = 12
BY_ID = {metric.card.id: metric for metric in METRICS}


def evidence(made: FaceTrack, drove: FaceTrack, source: FaceTrack | None = None) -> FaceEvidence:
    return FaceEvidence(made, drove, np.ones(len(drove.landmarks), np.bool_), source)


def value(metric: FaceMetric, item: FaceEvidence) -> float:
    score = metric(item)
    assert isinstance(score, Measured), score
    return score.value


def repeated(track: FaceTrack, length: int = N) -> FaceTrack:
    return track.take(np.zeros(length, dtype=np.intp))


def moved(track: FaceTrack, shift: NDArray[np.floating]) -> FaceTrack:
    """The track with ``(N, 1 or 478, 2)`` pixels added."""
    height, width = track.size
    landmarks = track.landmarks.astype(np.float64)
    landmarks[..., :2] += shift / (width, height)
    return replace(track, landmarks=landmarks.astype(np.float32))


class TestIsotropicDistance:
    def test_a_shift_in_any_direction_counts_alike(self) -> None:
        true = random_track(N, size=(100, 400))
        for direction in ([5.0, 0.0], [0.0, 5.0], [3.0, -4.0]):
            found = LMD_ISOTROPIC.per_frame(evidence(moved(true, np.array([[direction]])), true))
            assert found.values == pytest.approx(5.0 / interocular(true), rel=1e-3)

    @settings(max_examples=20, deadline=None)
    @given(scale=st.sampled_from([0.25, 0.5, 2.0]), seed=st.integers(0, 20))
    def test_a_small_face_counts_as_a_large_one(self, scale: float, seed: int) -> None:
        pair = [random_track(3, seed), random_track(3, seed + 100)]
        small = [replace(t, landmarks=t.landmarks * np.float32(scale)) for t in pair]
        large_value, small_value = (value(LMD_ISOTROPIC, evidence(*p)) for p in (pair, small))
        assert small_value == pytest.approx(large_value, rel=1e-5)
        assert value(LMD, evidence(*small)) == pytest.approx(scale * value(LMD, evidence(*pair)))

    def test_eye_distance_does_not_shrink_as_the_head_turns(self) -> None:
        eyes = np.array([[-0.1, 0.0, 0.0], [0.1, 0.0, 0.0]])
        landmarks = np.full((5, 478, 3), 0.5, np.float32)
        for frame, yaw in enumerate((0, 15, 30, 45, 60)):
            landmarks[frame, [33, 263]] += (eyes @ rotation(yaw=yaw).T).astype(np.float32)
        track = replace(random_track(5, size=(300, 300)), landmarks=landmarks)
        assert interocular(track) == pytest.approx(60.0, rel=1e-5)

    def test_no_eye_distance_no_value(self) -> None:
        flat = replace(random_track(2), landmarks=np.full((2, 478, 3), 0.5, np.float32))
        assert isinstance(LMD_ISOTROPIC(evidence(random_track(2), flat)), NotMeasured)


class TestJitter:
    def test_steady_motion_has_no_acceleration(self) -> None:
        still = repeated(random_track(1, size=(200, 300)))
        path = np.arange(N)[:, None, None] * np.array([2.0, -1.0])
        assert np.nanmax(np.abs(acceleration(moved(still, path)))) < 1e-4

    def test_shaking_by_a_known_amount(self) -> None:
        """One pixel to and fro: 1 + 2 * 1 + 1 pixels of second difference."""
        still = repeated(random_track(1, size=(200, 300)))
        shake = np.where(np.arange(N) % 2, 1.0, -1.0)[:, None, None] * np.array([1.0, 0.0])
        found = value(JITTER, evidence(moved(still, shake), still))
        assert found == pytest.approx(4.0 / interocular(still)[0], rel=1e-3)

    def test_frozen_reads_the_drivers_own_acceleration(self) -> None:
        drove = random_track(N, 3)
        own = np.linalg.norm(acceleration(drove)[1:-1], axis=-1).mean()
        frozen = repeated(drove)
        assert value(JITTER, evidence(frozen, drove)) == pytest.approx(own, rel=1e-6)

    def test_ends_and_neighbours_of_lost_frames_do_not_count(self) -> None:
        made, drove = random_track(N, 1), random_track(N, 2)
        whole = JITTER(evidence(made, drove))
        assert isinstance(whole, Measured)
        assert (whole.frames, whole.total) == (N - 2, N - 2)
        gap = np.arange(N)
        gap[5] = -1
        lost = JITTER(evidence(made.take(gap), drove))
        assert isinstance(lost, Measured)
        assert (lost.frames, lost.total) == (N - 5, N - 2)
        unscored = np.arange(N) != 5
        fewer = JITTER(FaceEvidence(made, drove, unscored))
        assert isinstance(fewer, Measured)
        assert (fewer.frames, fewer.total) == (N - 5, N - 5)


class TestStill:
    @pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)
    def test_the_frozen_portrait_reads_nothing(self, metric: FaceMetric) -> None:
        source = random_track(1, 9)
        item = evidence(repeated(source), random_track(N, 2), source)
        assert value(metric, item) == 0.0

    def test_the_driver_does_not_enter(self) -> None:
        source, made = random_track(1, 9), random_track(N, 1)
        for metric in METRICS:
            items = [evidence(made, random_track(N, seed), source) for seed in (2, 3)]
            assert value(metric, items[0]) == value(metric, items[1])

    def test_each_part_sees_its_own_blendshapes_only(self) -> None:
        source = random_track(1, 9)
        smile = blendshape_indices(["mouthSmileLeft", "mouthSmileRight"])
        blendshapes = repeated(source).blendshapes
        blendshapes[:, smile] += np.float32(0.3)
        made = replace(repeated(source), blendshapes=blendshapes)
        item = evidence(made, random_track(N, 2), source)
        expected = {"still_mouth.mediapipe23@1": 0.3 * 2**0.5}
        for metric in METRICS:
            wanted = expected.get(metric.card.id, 0.0)
            assert value(metric, item) == pytest.approx(wanted, abs=1e-6)

    def test_a_turned_head_is_counted_in_degrees(self) -> None:
        source = random_track(1, 9)
        made = repeated(source)
        made.pose[:, :3, :3] = (rotation(yaw=7) @ source.rotation).astype(np.float32)
        item = evidence(made, random_track(N, 2), source)
        assert value(STILL_POSE, item) == pytest.approx(7.0, abs=1e-3)

    @pytest.mark.parametrize("metric", METRICS, ids=lambda m: m.card.id)
    def test_a_portrait_without_a_face_is_nobodys_fault(self, metric: FaceMetric) -> None:
        track = random_track(N, 2)
        for source in (None, FaceTrack.absent(1, track.size)):
            score = metric(evidence(track, track, source))
            assert isinstance(score, NotMeasured)
            assert score.of_input
            assert "portrait" in score.reason

    def test_gaze_needs_open_eyes_in_the_portrait(self) -> None:
        source, made = random_track(1, 9), random_track(N, 1)
        shut = source.blendshapes.copy()
        shut[:, blendshape_indices(["eyeBlinkLeft"])] = 0.9
        score = STILL_GAZE(evidence(made, made, replace(source, blendshapes=shut)))
        assert score == NotMeasured("the eyes of the portrait are closed", of_input=True)

    def test_components_are_those_of_the_adapter_contract(self) -> None:
        assert set(FOLLOWS) == set(STAYS) == {component.value for component in Component}
        assert all(i in CANONICAL for ids in FOLLOWS.values() for i in ids)
        assert {i for ids in STAYS.values() for i in ids} == set(BY_ID)
        assert all(BY_ID[i].card.still == part for part, ids in STAYS.items() for i in ids)
