"""Courses of scores over minutes."""

from pathlib import Path

import numpy as np
import pytest
from scipy import stats
from test_drift_runs import AED, LONG, RATE, SSIM, write

from benchmark.drift import drifts
from benchmark.drift_curves import DriftCurve, curve, span
from benchmark.store import load_run
from metrics.drift import BLOCKS


def course(root: Path, metric: str = AED) -> DriftCurve:
    record = load_run(root)
    (found,) = [one for one in drifts({"m": record}, [metric]) if one.metric == metric]
    return curve(record, found, span({"m": record}, [found]))


def test_a_straight_line_stays_straight(tmp_path: Path) -> None:
    one = course(write(tmp_path / "r", {("a", AED, -1): 0.3}, {"a": LONG}))
    minutes = LONG / float(RATE) / 60
    assert one.minutes[0] == pytest.approx(minutes / BLOCKS / 2)
    np.testing.assert_allclose(one.mean, 0.5 + 0.3 * one.minutes, atol=1e-3)
    assert (one.low < one.mean).all()
    assert (one.mean < one.high).all()
    assert one.clips.tolist() == [1] * BLOCKS


def test_between_clips_the_level_does_not_count(tmp_path: Path) -> None:
    """Clips of one slope and any level have the same course: no interval at all."""
    values = {c: {(AED, -1): np.full(LONG, level)} for c, level in (("a", 0.2), ("b", 0.9))}
    one = course(
        write(tmp_path / "r", {}, {"a": LONG, "b": LONG}, values=values, metrics={AED: {}})
    )
    np.testing.assert_allclose(one.mean, 0.55)
    np.testing.assert_allclose(one.high - one.low, 0.0, atol=1e-12)


def test_the_interval_is_students_of_shifted_clips(tmp_path: Path) -> None:
    slopes = {(c, AED, -1): s for c, s in (("a", 0.1), ("b", 0.3), ("c", 0.8))}
    one = course(write(tmp_path / "r", slopes, dict.fromkeys("abc", LONG)))
    middle = LONG / float(RATE) / 120.0
    last = np.array([s * (one.minutes[-1] - middle) for s in slopes.values()])
    reach = stats.t.ppf(0.975, 2) * last.std(ddof=1) / 3**0.5 * (BLOCKS / (BLOCKS - 1)) ** 0.5
    assert (one.high[-1] - one.low[-1]) / 2 == pytest.approx(reach, rel=1e-2)


def test_a_clip_that_ends_early_is_counted_and_does_not_bend(tmp_path: Path) -> None:
    values = {
        c: {(SSIM, -1): np.full(n, v)} for c, n, v in (("a", 2 * LONG, 0.2), ("b", LONG, 0.9))
    }
    run = write(tmp_path / "r", {}, {"a": 2 * LONG, "b": LONG}, values=values, metrics={SSIM: {}})
    one = course(run, SSIM)
    assert one.clips.tolist() == [2] * 5 + [1] * 5
    assert one.whole.tolist() == [True] * 5 + [False] * 5
    np.testing.assert_allclose(one.mean, 0.55)


def test_a_gap_leaves_its_block_out(tmp_path: Path) -> None:
    series = np.full(LONG, 0.5)
    series[: LONG // 20] = np.nan
    values = {"a": {(AED, 0): series, (AED, 1): np.full(LONG, 0.1)}}
    one = course(write(tmp_path / "r", {}, {"a": LONG}, values=values, metrics={AED: {}}))
    np.testing.assert_allclose(one.mean, 0.3)
    assert np.isfinite(one.mean).all()
