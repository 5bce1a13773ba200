"""``bench drift``: slopes of runs, with the clips that have none named."""

import csv
import io
from collections.abc import Mapping
from contextlib import closing
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from in_process import bench
from scipy import stats

from benchmark.drift import MeanSlope, drifts, over_clips, verdict
from benchmark.errors import UsageProblem
from benchmark.frame_values import CaseFrames, save_frame_values
from benchmark.store import (
    FORMAT,
    CaseScore,
    Generated,
    Journal,
    Outcome,
    RunPaths,
    load_run,
    write_manifest,
)
from metrics.card import Direction
from metrics.drift import Drift
from metrics.registry import CARDS, DRIFTS
from metrics.score import Measured, NotMeasured

AED, SSIM, FLICKER, EMO = (
    "aed.mediapipe51@1",
    "ssim.wang-rgb@2",
    "flicker.vbench@1",
    "emo_sim.emonet8@1",
)
RATE = Fraction(25, 2)
LONG, SHORT = 900, 100
Slopes = Mapping[tuple[str, str, int], float]


def frames(slope: float, length: int) -> Any:
    return 0.5 + slope * np.arange(length) / float(RATE) / 60.0


def write(root: Path, slopes: Slopes, lengths: Mapping[str, int], **changes: Any) -> Path:
    """A run whose values are straight lines: slope by case, metric and person."""
    paths = RunPaths(root)
    root.mkdir()
    cases = [*lengths, *changes.get("outcomes", {})]
    manifest = {
        "format": FORMAT,
        "run_id": root.name,
        "method": {"name": root.name, "label": root.name},
        "split": {"dataset": "d", "split": "s", "version": "1", "sha256": "0" * 64},
        "case_ids": cases,
        "cases": {c: {"protocol": "self", "frames": 9, "people": 1} for c in cases},
        "metrics": changes.get("metrics") or {metric: {} for _, metric, _ in slopes},
    }
    write_manifest(paths, manifest)
    with closing(Journal(paths.journal)) as journal:
        for case, length in lengths.items():
            mine = {(m, p): frames(s, length) for (c, m, p), s in slopes.items() if c == case}
            mine |= changes.get("values", {}).get(case, {})
            scored = np.ones(length, dtype=np.bool_)
            save_frame_values(paths, CaseFrames(case, RATE, scored, mine, {}))
            scores = [
                CaseScore(case, "self", m, p, Measured(float(np.nanmean(v)), length, length))
                for (m, p), v in mine.items()
            ]
            several = {s.metric for s in scores if s.person >= 0}
            absent = {k[1:]: s for k, s in changes.get("absent", {}).items() if k[0] == case}
            scores += [CaseScore(case, "self", m, p, s) for (m, p), s in absent.items()]
            scores += [
                CaseScore(case, "self", m, -1, Measured(0.5, 1, 1))
                for m in several
                if (m, -1) not in absent
            ]
            journal.record_scores(scores)
            journal.record_generated(Generated(case, Outcome.OK))
        for case, outcome in changes.get("outcomes", {}).items():
            journal.record_generated(Generated(case, outcome, reason="it fell over"))
    return root


def found(root: Path, *names: str) -> dict[str, Any]:
    return {one.metric: one for one in drifts({"m": load_run(root)}, names)}


def test_slopes_are_averaged_over_clips_and_short_clips_are_named(tmp_path: Path) -> None:
    slopes = {("a", AED, -1): 0.3, ("b", AED, -1): 0.1, ("c", AED, -1): 9.0}
    one = found(write(tmp_path / "r", slopes, {"a": LONG, "b": LONG, "c": SHORT}))[AED]
    assert one.mean is not None
    assert one.mean.slope == pytest.approx(0.2)
    assert len(one.measured) == 2
    lost = one.clips["c"]
    assert isinstance(lost, NotMeasured)
    assert lost.of_input
    assert "shorter than 60 seconds" in lost.reason


def test_the_interval_over_clips_is_students() -> None:
    slopes = np.random.default_rng(0).normal(0.3, 0.1, 7)
    mean = over_clips([Drift(float(s), -9.0, 9.0, 1, 1) for s in slopes])
    low, high = stats.t.interval(0.95, 6, slopes.mean(), stats.sem(slopes))
    assert mean is not None
    assert (mean.slope, mean.low, mean.high) == pytest.approx((slopes.mean(), low, high))
    assert over_clips([Drift(1.0, 0.5, 1.5, 1, 1)]) == MeanSlope(1.0, 0.5, 1.5), "its own"
    assert over_clips([]) is None


def test_persons_are_averaged_within_a_case(tmp_path: Path) -> None:
    slopes = {("a", AED, 0): 0.3, ("a", AED, 1): 0.1}
    one = found(write(tmp_path / "r", slopes, {"a": LONG}))[AED]
    assert one.clips["a"].slope == pytest.approx(0.2)
    lost = {("a", AED, 1): NotMeasured("lost"), ("a", AED, -1): NotMeasured("one person: lost")}
    few = write(tmp_path / "q", {("a", AED, 0): 0.3}, {"a": LONG}, absent=lost)
    assert found(few)[AED].clips["a"] == NotMeasured("one person: lost")


def test_cases_without_a_clip_or_a_score_are_named(tmp_path: Path) -> None:
    root = write(
        tmp_path / "r",
        {("a", SSIM, -1): 0.1},
        {"a": LONG},
        outcomes={"f": Outcome.FAILED, "u": Outcome.UNJUDGEABLE},
        absent={("a", AED, -1): NotMeasured("no face in any frame")},
        metrics={AED: {}, SSIM: {}, "lmd.iso@1": {"absent": "weights missing"}},
    )
    seen = found(root)
    assert seen[SSIM].clips["f"] == NotMeasured("failed: it fell over")
    assert seen[SSIM].clips["u"].of_input
    assert seen[AED].clips["a"] == NotMeasured("no face in any frame")
    assert seen[AED].mean is None


@pytest.mark.parametrize(
    ("direction", "low", "high", "says"),
    [
        (Direction.LOWER, 0.1, 0.2, "gets worse"),
        (Direction.LOWER, -0.2, -0.1, "gets better"),
        (Direction.HIGHER, -0.2, -0.1, "gets worse"),
        (Direction.HIGHER, 0.1, 0.2, "gets better"),
        (Direction.LOWER, -0.1, 0.1, "no drift seen"),
        (Direction.HIGHER, 0.0, 0.0, "no drift seen"),
    ],
)
def test_what_an_interval_says(direction: Direction, low: float, high: float, says: str) -> None:
    assert verdict(direction, MeanSlope((low + high) / 2, low, high)) == says
    assert verdict(direction, None) == ""


def test_metrics_that_cannot_drift_say_why(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {("a", AED, -1): 0.0}, {"a": LONG}, metrics={AED: {}, FLICKER: {}})
    with pytest.raises(UsageProblem, match="judged by the driving clip's own value"):
        found(root, "flicker")
    with pytest.raises(UsageProblem, match="has no value of each frame"):
        found(root, EMO)
    with pytest.raises(UsageProblem, match="unknown metric of these runs 'aad'"):
        found(root, "aad")
    only = write(tmp_path / "q", {}, {"a": LONG}, metrics={FLICKER: {}})
    with pytest.raises(UsageProblem, match="nothing that can drift"):
        found(only)


def test_every_metric_of_frames_has_a_card_and_others_have_none() -> None:
    assert all(DRIFTS[i].id.replace("_drift.", ".") == i for i in DRIFTS)
    assert not {FLICKER, EMO, "fid.torch-fidelity@1", "fps.offline@1"} & set(DRIFTS)
    embedded = [i for i in CARDS if i.startswith("aed.mediapipe51-embedded")]
    assert embedded
    assert set(embedded) <= set(DRIFTS)


def test_the_command_prints_all_forms(tmp_path: Path) -> None:
    slopes = {("a", AED, -1): 0.3, ("b", AED, -1): 0.1, ("b", SSIM, -1): -0.25}
    one = write(tmp_path / "one", slopes, {"a": SHORT, "b": LONG})
    two = write(tmp_path / "two", slopes, {"a": LONG, "b": LONG})
    done = bench("drift", one, two, "--metric", "aed")
    assert done.returncode == 0, done.stderr
    assert "AED drift, self, 1/min (lower is better): aed_drift.mediapipe51@1" in done.stdout
    assert "gets worse" in done.stdout
    assert "one, self: 1 clip not measured: the clip is shorter than 60 seconds: a" in done.stdout
    assert "ssim" not in done.stdout
    page = bench("drift", one, two, "--format", "md").stdout
    assert "| one | 1/2 | +0.1 | +0.1 to +0.1 | gets worse |" in page
    assert "| two | 1/1 | -0.25 | -0.25 to -0.25 | gets worse |" in page
    rows = list(csv.DictReader(io.StringIO(bench("drift", one, "--format", "csv").stdout)))
    mean, short, long = [row for row in rows if row["metric"] == AED]
    assert (mean["case"], mean["clips"], mean["verdict"]) == ("", "1", "gets worse")
    assert float(mean["slope"]) == pytest.approx(0.1)
    assert short["reason"] == "the clip is shorter than 60 seconds"
    assert (long["case"], long["frames"]) == ("b", str(LONG))


def test_a_run_without_values_says_how_to_get_them(tmp_path: Path) -> None:
    root = write(tmp_path / "r", {("a", AED, -1): 0.0}, {"a": LONG})
    RunPaths(root).frame_values("a").unlink()
    done = bench("drift", root)
    assert done.returncode == 2
    assert "no values of frames for case a" in done.stderr
    assert "run the same bench run command again" in done.stderr


def test_the_card_of_a_drift_is_shown() -> None:
    done = bench("metrics", "show", "aed_drift.mediapipe51@1")
    assert done.returncode == 0
    assert "slope of a line" in done.stdout
    assert "did you mean 'aed_drift'" in bench("metrics", "show", "aedd_drift").stderr
