"""Gaze by a network: angles, blinks, and which head is yaw."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import random_track

from metrics.frames import FaceEvidence
from metrics.gaze import BLINK, angle_degrees
from metrics.gaze_l2cs import CARD, METRICS, gaze_direction
from metrics.score import Measured, NotMeasured
from metrics.signals.face import FaceTrack, blendshape_indices

(METRIC,) = METRICS
N = 8
LID = blendshape_indices(["eyeBlinkRight"])[0]


def track(angles: list[tuple[float, float]] | np.ndarray, seed: int = 0) -> FaceTrack:
    rows = np.broadcast_to(np.asarray(angles, dtype=np.float32), (N, 2))
    return replace(random_track(N, seed), features={"l2cs": rows.copy()})


def score(made: FaceTrack, drove: FaceTrack) -> Measured:
    found = METRIC(FaceEvidence(made, drove, np.ones(N, dtype=bool)))
    assert isinstance(found, Measured), found
    return found


def blinking(base: FaceTrack, frames: list[int], amount: float) -> FaceTrack:
    shapes = base.blendshapes.copy()
    shapes[frames, LID] = amount
    return replace(base, blendshapes=shapes)


yaws, pitches = st.floats(-180, 176), st.floats(-89, 89)


@settings(max_examples=60, deadline=None)
@given(yaws, pitches, yaws, pitches)
def test_the_angle_is_the_arccos_of_the_product(a: float, b: float, c: float, d: float) -> None:
    first, second = gaze_direction(np.array([[a, b], [c, d]]))
    assert np.linalg.norm(first) == pytest.approx(1)
    expected = np.degrees(np.arccos(np.clip(first @ second, -1, 1)))
    assert angle_degrees(first[None], second[None])[0] == pytest.approx(expected, abs=2e-5)


def test_axes() -> None:
    np.testing.assert_allclose(gaze_direction(np.array([[0.0, 0.0]]))[0], [0, 0, -1], atol=1e-15)
    np.testing.assert_allclose(gaze_direction(np.array([[90.0, 0.0]]))[0], [-1, 0, 0], atol=1e-15)
    np.testing.assert_allclose(gaze_direction(np.array([[0.0, 90.0]]))[0], [0, -1, 0], atol=1e-15)


def test_identical_gaze_is_exactly_zero() -> None:
    base = track(np.random.default_rng(0).uniform(-40, 40, (N, 2)))
    assert score(base, base).value == CARD.identical == 0.0


def test_known_angles() -> None:
    assert score(track([(10, 0)]), track([(-10, 0)])).value == pytest.approx(20)
    assert score(track([(0, 5)]), track([(0, -7)])).value == pytest.approx(12)
    # A turn about the vertical axis moves a lifted gaze by less: names must not be swapped.
    steep = score(track([(0, 60)]), track([(30, 60)])).value
    swapped = score(track([(60, 0)]), track([(60, 30)])).value
    assert steep == pytest.approx(np.degrees(2 * np.arcsin(0.5 * np.sin(np.radians(15)))), rel=1e-6)
    assert swapped == pytest.approx(30, rel=1e-6)


def test_blinks_of_the_driver_are_not_judged_those_of_the_result_are() -> None:
    made, drove = track([(10, 0)]), track([(0, 0)])
    judged = score(made, blinking(drove, [1, 2], BLINK + 0.1))
    assert judged.unjudged == 2 and judged.coverage == 1.0
    lost = score(blinking(made, [1, 2], BLINK + 0.1), drove)
    assert lost.unjudged == 0 and lost.total - lost.frames == 2
    assert score(made, blinking(drove, [1, 2], BLINK)).unjudged == 0


def test_nothing_is_no_number() -> None:
    made = track([(np.nan, np.nan)])
    everything = np.ones(N, dtype=bool)
    lost = METRIC(FaceEvidence(made, track([(0, 0)]), everything))
    assert isinstance(lost, NotMeasured) and "of the result" in lost.reason and not lost.of_input
    unjudged = METRIC(FaceEvidence(track([(0, 0)]), made, everything))
    assert isinstance(unjudged, NotMeasured) and unjudged.of_input
