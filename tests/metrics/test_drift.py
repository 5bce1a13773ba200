import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import stats
from scipy.signal import lfilter

from metrics.drift import _T_975, BLOCKS, Drift, drift, drift_card
from metrics.pixels import SSIM
from metrics.registry import CARDS
from metrics.score import NotMeasured
from metrics.temporal import FLICKER

FPS = 25.0


def seconds(minutes: float) -> NDArray[np.float64]:
    return np.arange(int(minutes * 60 * FPS) + 1) / FPS


def found(values: object, times: NDArray[np.float64]) -> Drift:
    result = drift(values, times)  # type: ignore[arg-type]
    assert isinstance(result, Drift), result
    return result


@settings(max_examples=30, deadline=None)
@given(slope=st.floats(-5, 5), start=st.floats(-10, 10), minutes=st.floats(1, 4))
def test_a_straight_line_has_its_slope_and_no_doubt(
    slope: float, start: float, minutes: float
) -> None:
    times = seconds(minutes)
    result = found(start + slope * times / 60.0, times)
    assert result.slope == pytest.approx(slope, abs=1e-9)
    assert result.high - result.low < 1e-9 * (1 + abs(start))
    assert result.frames == result.total == len(times)


def test_the_interval_is_students() -> None:
    assert pytest.approx(stats.t.ppf(0.975, BLOCKS - 2)) == _T_975
    times = seconds(2)
    values = np.random.default_rng(0).normal(size=len(times)) + times / 60
    result = found(values, times)
    edges = np.searchsorted(times, np.linspace(0, times[-1], BLOCKS + 1)[1:-1])
    means = [
        (b.mean() / 60, v.mean())
        for b, v in zip(np.split(times, edges), np.split(values, edges), strict=True)
    ]
    line = stats.linregress(*zip(*means, strict=True))
    assert result.slope == pytest.approx(line.slope)
    assert result.high - result.slope == pytest.approx(_T_975 * line.stderr)
    assert result.slope - result.low == pytest.approx(_T_975 * line.stderr)


def test_lost_frames_do_not_bend_the_line() -> None:
    times = seconds(1.5)
    values = 3.0 - 0.5 * times / 60.0
    lost = np.random.default_rng(1).random(len(times)) < 0.7
    values[lost] = np.nan
    result = found(values, times)
    assert result.slope == pytest.approx(-0.5)
    assert result.total - result.frames == lost.sum()


def test_a_clip_that_falls_apart_at_the_end_drifts() -> None:
    times = seconds(2)
    values = 0.04 + np.random.default_rng(0).normal(0, 0.01, len(times))
    values[times > 100] += 0.2
    assert found(values, times).low > 0.0


@pytest.mark.parametrize(
    ("memory_frames", "minutes", "least"), [(1, 1, 0.92), (33, 1, 0.89), (100, 4, 0.89)]
)
def test_the_interval_covers_what_it_should(
    memory_frames: float, minutes: float, least: float
) -> None:
    """Noise without drift, as long-winded as scores of faces are; nominal is 0.95."""
    rng, times = np.random.default_rng(3), seconds(minutes)
    keep = 1.0 - 1.0 / memory_frames
    noise = rng.normal(size=(400, len(times) + 600))
    series = lfilter([1.0], [1.0, -keep], noise, axis=1)[:, 600:]
    results = [found(values, times) for values in series]
    share = np.mean([r.low <= 0.0 <= r.high for r in results])
    assert least <= share <= 0.98


def test_short_clips_and_gaps_have_no_drift() -> None:
    short = drift(np.zeros(100), np.arange(100) / FPS)
    assert isinstance(short, NotMeasured)
    assert short.of_input
    times = seconds(1)
    gap = np.where((times > 20) & (times < 33), np.nan, 1.0)
    lost = drift(gap, times)
    assert isinstance(lost, NotMeasured)
    assert not lost.of_input
    assert isinstance(drift(np.full(len(times), np.nan), times), NotMeasured)
    assert isinstance(drift([], []), NotMeasured)


@pytest.mark.parametrize(
    ("values", "times"),
    [
        ([1.0, 2.0], [0.0]),
        ([[1.0]], [[0.0]]),
        ([1.0, float("inf")], [0.0, 100.0]),
        ([1.0, 2.0], [100.0, 0.0]),
        ([1.0, 2.0, 3.0], [0.0, 0.0, 100.0]),
        ([1.0, 2.0], [0.0, float("nan")]),
    ],
)
def test_wrong_input_is_refused(values: object, times: object) -> None:
    with pytest.raises(ValueError):
        drift(values, times)  # type: ignore[arg-type]


def test_cards() -> None:
    card = drift_card(SSIM.card)
    assert (card.id, card.unit) == ("ssim_drift.wang-rgb@2", "1/min")
    assert card.direction is SSIM.card.direction
    assert card.identical == 0.0
    assert drift_card(CARDS["apd.mediapipe-geodesic@1"]).unit == "deg/min"
    with pytest.raises(ValueError, match="no side"):
        drift_card(FLICKER)
