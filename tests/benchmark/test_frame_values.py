"""What a run keeps of each frame: the means are the scores, and nothing half-written is read."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from support import Silent

from benchmark import frame_values
from benchmark.config import Config
from benchmark.errors import UsageProblem
from benchmark.frame_values import CaseFrames, load_frame_values, save_frame_values
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.run import run
from benchmark.store import RunPaths, RunRecord
from metrics.registry import CARDS, DRIFTS
from metrics.score import Measured

LENGTH = 7
numbers = arrays(np.float64, LENGTH, elements=st.just(float("nan")) | st.floats(-1e300, 1e300))


@pytest.fixture
def carry_out(tiny: Any, face_model: Path, tmp_path: Path) -> Any:
    def make(method: str, *metrics: str) -> RunRecord:
        spec = find_method(method, Config(), Path())
        plan = make_plan(spec, tiny.split, RunOptions(metrics=metrics))
        return run(plan, tmp_path / "run", face_model, Silent())

    return make


_OURS: list[RunRecord] = []


@pytest.fixture
def ours(tiny: Any, face_model: Path, tmp_path_factory: pytest.TempPathFactory) -> RunRecord:
    """One run for all tests that only look; the cache is each test's own to name."""
    if not _OURS:
        plan = make_plan(
            find_method("ours", Config(), Path()), tiny.split, RunOptions(metrics=("light",))
        )
        _OURS.append(run(plan, tmp_path_factory.mktemp("ours"), face_model, Silent()))
    return _OURS[0]


def same(a: CaseFrames, b: CaseFrames) -> None:
    assert (a.case_id, a.rate) == (b.case_id, b.rate)
    np.testing.assert_array_equal(a.scored, b.scored)
    for mine, other in ((a.values, b.values), (a.driver, b.driver)):
        assert set(mine) == set(other)
        for key, values in mine.items():  # type: ignore[attr-defined]
            np.testing.assert_array_equal(values, other[key])  # type: ignore[index]


@settings(max_examples=25, deadline=None)
@given(
    scored=arrays(np.bool_, LENGTH),
    values=st.dictionaries(
        st.tuples(st.sampled_from(["ssim.wang-rgb@2", "aed.mediapipe51@1"]), st.integers(-1, 3)),
        numbers,
    ),
    driver=st.dictionaries(st.just("flicker.vbench@1"), numbers),
    rate=st.fractions(1, 120, max_denominator=1001),
)
def test_what_goes_in_comes_out(
    tmp_path_factory: pytest.TempPathFactory, scored: Any, values: Any, driver: Any, rate: Fraction
) -> None:
    paths = RunPaths(tmp_path_factory.mktemp("run"))
    frames = CaseFrames("a", rate, scored, values, driver)
    save_frame_values(paths, frames)
    same(load_frame_values(paths, "a"), frames)
    assert [p.name for p in (paths.root / "frames").iterdir()] == ["a.safetensors"]


def test_the_means_are_the_journals_scores_bit_for_bit(ours: RunRecord) -> None:
    compared: set[str] = set()
    for one in ours.scores:
        frames = load_frame_values(ours.paths, one.case_id)
        has = (one.metric, one.person) in frames.values
        of_frames = one.metric in DRIFTS or CARDS[one.metric].name == "flicker"
        assert has == (of_frames and isinstance(one.score, Measured)), one
        if not has:
            continue
        assert isinstance(one.score, Measured)
        series = frames.series(one.metric, one.person)
        there = series[np.isfinite(series)]
        assert float(np.mean(there)) == one.score.value, one
        assert len(there) == one.score.frames, one
        compared.add(CARDS[one.metric].name)
        if one.score.driver is not None:
            own = frames.driver[one.metric]
            assert float(np.mean(own[np.isfinite(own)])) == one.score.driver
    assert {"ssim", "aed", "apd", "lmd", "flicker", "jitter"} <= compared


def test_the_first_frame_of_a_self_case_is_not_scored(ours: RunRecord) -> None:
    own = load_frame_values(ours.paths, "self")
    assert own.scored.tolist() == [False] + [True] * 7
    assert own.rate == 25
    assert own.seconds[-1] == pytest.approx(7 / 25)
    assert np.isnan(own.series("ssim.wang-rgb@2")[0])
    assert own.values["ssim.wang-rgb@2", -1][0] > 0.9, "measured, and kept, all the same"
    assert np.isnan(own.values["flicker.vbench@1", -1][:2]).all(), "no step between scored frames"
    cross = load_frame_values(ours.paths, "cross")
    assert cross.scored.all()
    assert np.isnan(cross.values["flicker.vbench@1", -1][0])
    assert np.isfinite(cross.values["flicker.vbench@1", -1][1])


@pytest.mark.slow
def test_values_come_before_the_scores_and_are_made_again_where_they_are_lost(
    carry_out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = carry_out("frozen", "ssim.wang-rgb", "flicker")
    before = load_frame_values(first.paths, "self")
    path = first.paths.frame_values("self")
    path.unlink()
    again = carry_out("frozen", "ssim.wang-rgb", "flicker")
    assert again.scores == first.scores
    same(load_frame_values(again.paths, "self"), before)

    path.unlink()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr("benchmark.run.save_frame_values", full)
    with pytest.raises(Exception, match="No space left"):
        carry_out("frozen", "ssim", "flicker")
    monkeypatch.undo()
    held = {score.metric for score in carry_out("frozen", "flicker").scores}
    assert {"ssim.wang-rgb@2", "flicker.vbench@1"} <= held


def test_missing_and_damaged_files_are_sentences(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    with pytest.raises(UsageProblem, match="no values of frames for case a"):
        load_frame_values(paths, "a")
    ssim = {("ssim.wang-rgb@2", -1): np.zeros(LENGTH)}
    good = CaseFrames("a", Fraction(25), np.ones(LENGTH, np.bool_), ssim, {})
    save_frame_values(paths, good)
    path = paths.frame_values("a")
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    with pytest.raises(UsageProblem, match="is damaged"):
        load_frame_values(paths, "a")
    paths.frame_values("b").write_bytes(whole)
    with pytest.raises(UsageProblem, match="of another case"):
        load_frame_values(paths, "b")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"scored": np.ones(LENGTH)}, "which frames are scored"),
        ({"ssim.wang-rgb@2/-1": np.zeros(LENGTH, np.float32)}, "one finite number"),
        ({"ssim.wang-rgb@2/-1": np.zeros(LENGTH + 1)}, "one finite number"),
        ({"ssim.wang-rgb@2/-1": np.full(LENGTH, np.inf)}, "one finite number"),
        ({"ssim.wang-rgb@2/all": np.zeros(LENGTH)}, "invalid literal"),
    ],
)
def test_what_does_not_belong_is_refused(change: dict[str, Any], says: str) -> None:
    facts = {"format": frame_values.FORMAT, "case": "a", "rate": "25"}
    good = {"scored": np.ones(LENGTH, np.bool_), "ssim.wang-rgb@2/-1": np.zeros(LENGTH)}
    assert frame_values._checked("a", facts, good).rate == 25
    with pytest.raises(ValueError, match=says):
        frame_values._checked("a", facts, {**good, **change})
    for rate in ("", "0", "25/0", "1e9", "-25"):
        with pytest.raises(ValueError, match="no rate"):
            frame_values._checked("a", {**facts, "rate": rate}, good)
