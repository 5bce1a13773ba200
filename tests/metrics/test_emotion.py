"""EMO-SIM: the correlations, and when there is no value."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import random_track

from metrics.emotion import EMO_SIM, FEATURE, METRICS, SHORTEST, ccc, emotion_similarity, pcc
from metrics.frames import FaceEvidence
from metrics.score import Measured, NotMeasured
from metrics.signals import emonet
from metrics.signals.face import FaceTrack

N = 40
DROVE = np.random.default_rng(1).normal(0, 0.2, (N, 2))
MADE = 0.5 * DROVE + np.random.default_rng(2).normal(0.1, 0.1, (N, 2))


def track(series: np.ndarray) -> FaceTrack:
    rows = np.zeros((len(series), 10), dtype=np.float32)
    rows[:, [emonet.VALENCE, emonet.AROUSAL]] = series
    rows[np.isnan(series).any(axis=1)] = np.nan
    return replace(random_track(len(series)), features={FEATURE: rows})


def evidence(made: np.ndarray, drove: np.ndarray, first: int = 0) -> FaceEvidence:
    return FaceEvidence(track(made), track(drove), np.arange(len(made)) >= first)


def value(made: np.ndarray, drove: np.ndarray, first: int = 0) -> float:
    score = emotion_similarity(evidence(made, drove, first))
    assert isinstance(score, Measured), score
    return score.value


def refused(made: np.ndarray, drove: np.ndarray, first: int = 0) -> NotMeasured:
    score = emotion_similarity(evidence(made, drove, first))
    assert isinstance(score, NotMeasured), score
    return score


series = st.integers(0, 10_000).map(lambda s: np.random.default_rng(s).normal(0.1, 0.3, N))


@settings(max_examples=80, deadline=None)
@given(series, series, st.floats(0.1, 10), st.floats(-2, 2))
def test_correlations(a: np.ndarray, b: np.ndarray, scale: float, shift: float) -> None:
    assert pcc(a, b) == pytest.approx(pcc(b, a), abs=1e-12)
    assert ccc(a, b) == pytest.approx(ccc(b, a), abs=1e-12)
    assert abs(ccc(a, b)) <= abs(pcc(a, b)) + 1e-12 <= 1.0 + 1e-12
    assert pcc(a, scale * b + shift) == pytest.approx(pcc(a, b), abs=1e-9)
    assert ccc(scale * a + shift, scale * b + shift) == pytest.approx(ccc(a, b), abs=1e-9)
    assert (pcc(a, a), ccc(a, a)) == (1.0, pytest.approx(1.0, abs=1e-15))
    assert pcc(a, -a) == -1.0


def test_correlations_of_constants_are_no_numbers() -> None:
    one, varying = np.ones(N), DROVE[:, 0]
    assert np.isnan(pcc(one, varying))
    assert np.isnan(ccc(one, one))
    assert ccc(one, varying) == 0.0


def test_a_constant_offset_lowers_concordance_only() -> None:
    drove = DROVE - DROVE.mean(axis=0)
    shifted = drove + (0.2, -0.3)
    v = drove.astype(np.float32).astype(float).var(axis=0)
    expected = np.mean([1, 1, *(2 * v / (2 * v + np.square((0.2, 0.3))))])
    assert value(shifted, drove) == pytest.approx(expected, rel=1e-5)


def test_it_is_the_mean_of_four() -> None:
    made, drove = (x.astype(np.float32).astype(np.float64) for x in (MADE, DROVE))
    four = [f(made[:, k], drove[:, k]) for f in (ccc, pcc) for k in (0, 1)]
    assert value(MADE, DROVE) == pytest.approx(np.mean(four), rel=1e-12)
    assert value(DROVE, DROVE) == pytest.approx(EMO_SIM.identical, abs=1e-15)
    low, high = EMO_SIM.bounds
    assert low <= value(-DROVE, DROVE) < value(MADE, DROVE) < value(DROVE, DROVE) <= high


def test_outputs_beyond_the_scale_are_cut() -> None:
    loud = DROVE.copy()
    loud[:5] = 7.0
    cut = np.clip(loud, -1, 1)
    assert value(loud, DROVE) == value(cut, DROVE)


def test_order_in_time_does_not_matter() -> None:
    order = np.random.default_rng(3).permutation(N)
    assert value(MADE[order], DROVE[order]) == pytest.approx(value(MADE, DROVE), rel=1e-12)


def test_lost_frames_are_left_out_of_both() -> None:
    made, drove = MADE.copy(), DROVE.copy()
    made[[3, 7]] = np.nan
    drove[[1, 7, 9]] = np.nan
    score = emotion_similarity(evidence(made, drove, first=1))
    kept = [f for f in range(1, N) if f not in (1, 3, 7, 9)]
    assert isinstance(score, Measured)
    assert score.value == pytest.approx(value(MADE[kept], DROVE[kept]), rel=1e-12)
    assert (score.frames, score.total, score.unjudged) == (N - 5, N - 4, 3)


def test_short_clips() -> None:
    assert value(MADE[:SHORTEST], DROVE[:SHORTEST]) < 1.0
    assert refused(MADE[:SHORTEST], DROVE[:SHORTEST], first=1).of_input
    made = MADE.copy()
    made[SHORTEST - 1 :] = np.nan
    lost = refused(made, DROVE)
    assert not lost.of_input
    assert f"{SHORTEST - 1} of {N} frames of the result" in lost.reason


@pytest.mark.parametrize("column,name", [(0, "valence"), (1, "arousal")])
def test_constant_series(column: int, name: str) -> None:
    rounding = np.random.default_rng(0).normal(0, 1e-6, N)
    still = DROVE.copy()
    still[:, column] = 0.3 + rounding
    of_input, of_method = refused(MADE, still), refused(still, DROVE)
    assert (of_input.of_input, of_method.of_input) == (True, False)
    assert name in of_input.reason
    assert name in of_method.reason


def test_a_driver_seen_only_at_rest_is_the_methods_doing() -> None:
    drove, made = DROVE.copy(), MADE.copy()
    drove[:20] = 0.1
    made[20:] = np.nan
    assert not refused(made, drove).of_input


def test_the_metric() -> None:
    (metric,) = METRICS
    assert metric.card.id == "emo_sim.emonet8@1"
    assert metric(evidence(MADE, DROVE)) == emotion_similarity(evidence(MADE, DROVE))
