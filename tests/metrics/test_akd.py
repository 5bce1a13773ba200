"""AKD: pixels at 256x256, per coordinate."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import random_track

from metrics.akd import AKD
from metrics.frames import FaceEvidence
from metrics.score import Measured
from metrics.signals.face import FaceTrack
from metrics.signals.face_points import MESH_68

N = 6


def value(made: FaceTrack, true: FaceTrack) -> float:
    score = AKD(FaceEvidence(made, true, np.ones(N, dtype=bool)))
    assert isinstance(score, Measured)
    return score.value


@settings(max_examples=30, deadline=None)
@given(st.floats(-0.3, 0.3), st.floats(-0.3, 0.3), st.sampled_from([(256, 256), (720, 1280)]))
def test_a_shift_counts_per_coordinate(dx: float, dy: float, size: tuple[int, int]) -> None:
    """Not its length: the mean of both axes, each in 256ths of the frame."""
    true = random_track(N, size=size)
    shift = np.array([dx, dy, 0.7], dtype=np.float32)
    made = replace(true, landmarks=true.landmarks + shift)
    assert value(made, true) == pytest.approx(128 * (abs(dx) + abs(dy)), abs=1e-4)


def test_only_the_68_count_and_each_the_same() -> None:
    true = random_track(N)
    landmarks = true.landmarks.copy()
    landmarks[:, [v for v in range(478) if v not in MESH_68]] += 0.2
    assert value(replace(true, landmarks=landmarks), true) == 0.0
    landmarks[:, MESH_68[40], 0] += 0.25
    assert value(replace(true, landmarks=landmarks), true) == pytest.approx(64 / 136, rel=1e-5)


def test_missing_keypoints_are_in_the_coverage() -> None:
    true, made = random_track(N, 1), random_track(N, 2)
    landmarks = made.landmarks.copy()
    landmarks[[0, 4]] = np.nan
    score = AKD(FaceEvidence(replace(made, landmarks=landmarks), true, np.ones(N, dtype=bool)))
    assert isinstance(score, Measured)
    assert 1 - score.coverage == pytest.approx(2 / N)
