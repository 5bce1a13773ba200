"""Features in baselines, and differences between sets by drawing the same clips for both."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from gate_runs import FID, Cast, Invented, fid

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.gate import packed, redraw
from benchmark.gate.baseline import Baseline, content_of, read_baseline, save_baseline
from benchmark.gate.config import GateConfig
from benchmark.gate.features import RunFeatures, set_metric
from benchmark.gate.judge import judge
from benchmark.gate.outcome import Outcome
from benchmark.gate.packed import pack, unpack
from benchmark.gate.read import Opened
from benchmark.gate.side import MetricSide, SetSide, Side, Unmeasured
from benchmark.stats.sets import bootstrap_difference
from metrics.distribution import FVD, KVD
from metrics.frechet import Frechet
from metrics.kernel_distance import KernelDistance

I3D = FVD.extractor
RUN = Invented(Cast(12))
Arrays = dict[str, np.ndarray[Any, Any]]


def made(shift: float = 0.0, seed: int = 0) -> Arrays:
    random = np.random.default_rng(seed)
    cases = [name for name, *_ in RUN.cast.cases]
    return {name: (random.normal(size=(3, 4)) + shift).astype(np.float32) for name in cases}


def features(shift: float = 0.0) -> RunFeatures:
    clip = {name: driving for name, _, _, driving in RUN.cast.cases}
    random = np.random.default_rng(9)
    real = {f"d{i}": random.normal(size=(3, 4)).astype(np.float32) for i in range(12)}
    return RunFeatures(made(shift, seed=1), clip, real)


def with_sets(score: float = 50.0, **changes: Any) -> Side:
    side = RUN.side()
    one = SetSide(**{**_plain(score), **changes})
    names = (FVD.card.id, KVD.card.id, FID, "other.set@1")
    sets = {kind: dict.fromkeys(names, one) for kind in ("self", "cross")}
    metrics = {**side.metrics, **dict.fromkeys(names, MetricSide())}
    return side.model_copy(update={"sets": sets, "metrics": metrics})


def _plain(score: float) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(fid(score))


@pytest.fixture
def kept(tmp_path: Path) -> Baseline:
    path = tmp_path / "b.baseline.json"
    content = content_of(with_sets()).model_copy(update={"features": {I3D: pack(made(), path)}})
    save_baseline(content, path)
    return read_baseline(path)


def same(first: Mapping[str, Any] | None, second: Mapping[str, Any]) -> bool:
    return (
        first is not None
        and set(first) == set(second)
        and all(np.array_equal(first[name], second[name]) for name in first)
    )


def test_features_come_back(kept: Baseline) -> None:
    assert same(unpack(kept, I3D), made())
    assert unpack(kept, "inception") is None
    assert not kept.content.features[I3D].file


def test_large_ones_lie_beside_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "b.baseline.json"
    size = pack(made(), path).size
    monkeypatch.setattr(packed, "INSIDE", size)
    assert not pack(made(), path).file
    monkeypatch.setattr(packed, "INSIDE", size - 1)
    stored = pack(made(), path)
    assert stored.file == f"{stored.sha256[:16]}.safetensors" and not stored.data
    content = content_of(RUN.side()).model_copy(update={"features": {I3D: stored}})
    saved = save_baseline(content, path)
    assert same(unpack(saved, I3D), made())
    beside = tmp_path / stored.file
    data = beside.read_bytes()
    beside.write_bytes(data[:-1])
    with pytest.raises(UsageProblem, match="another size"):
        unpack(saved, I3D)
    beside.write_bytes(data[:-1] + b"\0")
    with pytest.raises(UsageProblem, match="signed off"):
        unpack(saved, I3D)
    beside.unlink()
    with pytest.raises(UsageProblem, match="cannot be read"):
        unpack(saved, I3D)


def test_a_place_that_cannot_be_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "INSIDE", 0)
    (tmp_path / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        pack(made(), tmp_path / "file" / "b.json")


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"nobody": np.zeros((2, 4), np.float32)}, "of other cases"),
        ({"self-000": np.zeros((2, 4, 1), np.float32)}, "differ in shape"),
        (
            {"self-000": np.zeros((2, 4), np.float32), "self-001": np.zeros((2, 3), np.float32)},
            "differ in shape",
        ),
        ({"self-000": np.full((2, 4), np.nan, np.float32)}, "no finite numbers"),
    ],
)
def test_hostile_features_are_refused(tmp_path: Path, arrays: Arrays, said: str) -> None:
    path = tmp_path / "b.baseline.json"
    content = content_of(RUN.side()).model_copy(update={"features": {I3D: pack(arrays, path)}})
    with pytest.raises(UsageProblem, match=said):
        unpack(save_baseline(content, path), I3D)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"size": 10}, "another size"),
        ({"size": 10**6}, "another size"),
        ({"data": "%%%"}, "cannot be read"),
        ({"data": "QUJD"}, "cannot be read"),
        ({"sha256": "0" * 64}, "signed off"),
    ],
)
def test_damaged_features_are_refused(kept: Baseline, change: Any, said: str) -> None:
    stored = kept.content.features[I3D].model_copy(update=change)
    content = kept.content.model_copy(update={"features": {I3D: stored}})
    with pytest.raises(UsageProblem, match=said):
        unpack(Baseline(kept.path, "", content), I3D)


def test_results_are_paired_by_reference_clip() -> None:
    ours = features()
    cases = [name for name, kind, *_ in RUN.cast.cases if kind == "cross"]
    theirs = made()
    del theirs["cross-003-1"], theirs["cross-005-1"], theirs["cross-005-2"]
    sets = redraw.paired(ours, theirs, cases)
    assert len(sets.reference) == 12
    assert np.array_equal(sets.reference[3], ours.real["d3"])
    both = np.concatenate([ours.made["cross-003-1"], ours.made["cross-003-2"]])
    assert np.array_equal(sets.first[3], both)
    assert np.array_equal(sets.second[3], theirs["cross-003-2"])
    assert sets.second[5].shape == (0, 4)
    short = RunFeatures(ours.made, ours.clip, {**ours.real, "d3": ours.real["d3"][:0]})
    assert len(redraw.paired(short, theirs, cases).reference) == 11
    judged = {case: clip for case, clip in ours.clip.items() if clip != "d4"}
    assert (
        len(redraw.paired(RunFeatures(ours.made, judged, ours.real), theirs, cases).reference) == 11
    )


def test_distances_are_of_all_items() -> None:
    assert redraw.whole(Frechet()) == Frechet()
    assert redraw.whole(KernelDistance()) == KernelDistance(size=2**62)


def test_metrics_are_found_by_any_of_their_ids() -> None:
    assert set_metric(FVD.card.id) is FVD
    assert set_metric(KVD.card.id) is KVD
    assert set_metric("ssim.wang-rgb@2") is None


@pytest.fixture
def measured(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Stand in for what a dataset and a cache would give; remember whose features were taken."""
    seen: list[str] = []

    def run_features(record: Any, split: Any, wanted: Any, model: Any) -> dict[str, RunFeatures]:
        seen.append(f"{record} {','.join(wanted)}")
        return dict.fromkeys(wanted, features(0.5 if record == "new" else 0.0))

    few = partial(bootstrap_difference, draws=20)
    monkeypatch.setattr(redraw, "bootstrap_difference", few)
    monkeypatch.setattr(redraw, "run_features", run_features)
    monkeypatch.setattr(redraw, "split_of", lambda record, data: data)
    monkeypatch.setattr("benchmark.tracker.face_source", lambda *_: type("S", (), {"model": None}))
    return seen


def opened(side: Side, record: Any = None, kept: Baseline | None = None) -> Opened:
    return Opened(Path("x"), side, record, kept)


def test_a_run_beside_a_file(kept: Baseline, measured: list[str]) -> None:
    new, old = opened(with_sets(51.0), "new"), opened(with_sets(), kept=kept)
    drawn, note = redraw.redraw(new, old, Path("data"))
    assert not note and measured == [f"new {I3D}"]
    assert set(drawn) == {(k, i) for k in ("self", "cross") for i in (FVD.card.id, KVD.card.id)}
    config = GateConfig(metrics=("fvd",))
    found = [f for f in judge(new.side, old.side, config, drawn).findings if f.test]
    assert {f.test.effect.method for f in found if f.test} == {"bootstrap"}
    assert {f.test.effect.loss.value for f in found if f.test} == {1.0}
    plain = judge(new.side, old.side, config)
    assert {f.test.effect.method for f in plain.findings if f.test} == {"jackknife"}
    assert all(f.outcome in (Outcome.PASS, Outcome.REGRESSION) for f in found)


def test_a_run_beside_a_run(measured: list[str]) -> None:
    drawn, _ = redraw.redraw(
        opened(with_sets(51.0), "new"), opened(with_sets(), "old"), Path("data")
    )
    assert len(drawn) == 4 and measured == [f"old {I3D}", f"new {I3D}"]


def test_what_is_not_drawn(kept: Baseline, measured: list[str]) -> None:
    new = opened(with_sets(51.0), "new")
    assert redraw.redraw(new, opened(with_sets(), "old"), None) == ({}, "")  # no dataset
    bare = Baseline(kept.path, "", content_of(with_sets()))
    assert redraw.redraw(new, opened(with_sets(), kept=bare), Path("d")) == ({}, "")
    few = opened(with_sets(reference_clips=9), "old")
    assert redraw.redraw(new, few, Path("d")) == ({}, "")
    enough = opened(with_sets(reference_clips=10), "old")
    assert redraw.redraw(new, enough, Path("d"))[0]
    file = opened(with_sets(51.0))
    assert redraw.redraw(file, opened(with_sets(), "old"), Path("d")) == ({}, "")
    other = with_sets()
    split = other.split.model_copy(update={"sha256": "1" * 64})
    moved = opened(other.model_copy(update={"split": split}), "old")
    assert redraw.redraw(new, moved, Path("d")) == ({}, "")
    stands = {FVD.card.id: MetricSide(extractors={"x": "y"})}
    defined = other.model_copy(update={"metrics": {**other.metrics, **stands}})
    drawn, _ = redraw.redraw(new, opened(defined, "old"), Path("d"))
    assert {name for _, name in drawn} == {KVD.card.id}
    gone = {n: m for n, m in other.metrics.items() if n != FVD.card.id}
    drawn, _ = redraw.redraw(
        opened(with_sets(51.0).model_copy(update={"metrics": gone}), "new"),
        opened(other, "old"),
        Path("d"),
    )
    assert {name for _, name in drawn} == {KVD.card.id}


def test_what_one_side_lacks_is_not_drawn(measured: list[str]) -> None:
    full = with_sets(51.0)
    sets = {k: {**v, FVD.card.id: Unmeasured(reason="no")} for k, v in full.sets.items()}
    lacking = full.model_copy(update={"sets": sets})
    for new, old in ((full, lacking), (lacking, full)):
        drawn, _ = redraw.redraw(opened(new, "new"), opened(old, "old"), Path("d"))
        assert {name for _, name in drawn} == {KVD.card.id}


def test_why_it_cannot_be_drawn(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: Any) -> Any:
        raise UsageProblem("a clip is missing")

    monkeypatch.setattr(redraw, "run_features", missing)
    both = opened(with_sets(51.0), "new"), opened(with_sets(), "old")
    assert redraw.redraw(*both, Path("d")) == (
        {},
        "differences between sets stand on the jackknife: a clip is missing",
    )


def test_sets_without_a_distance(measured: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    broken = features()
    broken.made["self-000"][0] = np.inf
    monkeypatch.setattr(redraw, "run_features", lambda *words: dict.fromkeys(words[2], broken))
    both = opened(with_sets(51.0), "new"), opened(with_sets(), "old")
    drawn, note = redraw.redraw(*both, Path("d"))
    assert not drawn and note.endswith("a feature is not finite")


def test_no_more_is_unpacked_than_lies_inside(
    kept: Baseline, monkeypatch: pytest.MonkeyPatch
) -> None:
    size = kept.content.features[I3D].size
    monkeypatch.setattr(packed, "INSIDE", size)
    assert unpack(kept, I3D)
    monkeypatch.setattr(packed, "INSIDE", size - 1)
    with pytest.raises(UsageProblem, match="too many to lie inside"):
        unpack(kept, I3D)


def test_features_of_another_width_are_not_drawn(kept: Baseline, measured: list[str]) -> None:
    wide = {name: np.zeros((3, 5), np.float32) for name in made()}
    content = content_of(with_sets()).model_copy(update={"features": {I3D: pack(wide, kept.path)}})
    old = opened(with_sets(), kept=save_baseline(content, kept.path))
    drawn, note = redraw.redraw(opened(with_sets(51.0), "new"), old, Path("d"))
    assert not drawn and note.endswith("in the baseline are of another width")


def test_300_cases_with_features_stay_under_5_mb(tmp_path: Path) -> None:
    random = np.random.default_rng(3)
    value = float(random.normal())
    side = Invented(Cast(100)).side()
    scores = tuple((value, 121, 125, 4, None) for _ in side.cases)
    metrics = {f"m{i}.x@1": MetricSide(scores=scores) for i in range(64)}
    path = tmp_path / "b.baseline.json"
    width = packed.INSIDE // 4 // 300 - 30
    stored = pack({c.id: random.normal(size=(1, width)) for c in side.cases}, path)
    assert not stored.file and stored.size > 0.97 * packed.INSIDE
    big = content_of(side.model_copy(update={"metrics": metrics}))
    save_baseline(big.model_copy(update={"features": {I3D: stored}}), path)
    assert path.stat().st_size < 5_000_000
