"""Planted changes: each ends with its documented verdict, at the size that docs/gate.md states."""

from typing import Any

import numpy as np
import pytest
from gate_runs import (
    AED,
    APD,
    FID,
    FLICKER,
    FPS,
    LATENCY,
    LMD,
    MOUTH,
    SSIM,
    Cast,
    Invented,
    fid,
)

from benchmark.errors import ExitCode
from benchmark.gate.config import GateConfig
from benchmark.gate.judge import Finding, Judgement, judge
from benchmark.gate.outcome import Outcome
from benchmark.store import Outcome as Ended
from metrics.registry import named
from metrics.score import Measured, NotMeasured

BASE = Invented(fid=fid(50.0))
NOISY = BASE.but(noise=0.2, seed=1)
"""The same method with another seed: every case moves, none in one direction."""


def gate(candidate: Invented, baseline: Invented = BASE, **config: Any) -> Judgement:
    return judge(candidate.side(), baseline.side(), GateConfig(**config))


def finding(judged: Judgement, metric: str, kind: str = "") -> Finding:
    return next(f for f in judged.findings if f.card.id == metric and kind in ("", f.kind))


def outcomes(judged: Judgement) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for one in judged.findings:
        found.setdefault(one.outcome.key, set()).add(one.card.id)
    return found


def test_no_change_passes() -> None:
    judged = gate(BASE)
    assert judged.exit_code is ExitCode.OK
    assert {f.outcome for f in judged.findings} == {Outcome.PASS}
    assert all(f.test and f.test.effect.loss.value == 0.0 for f in judged.findings)


def test_noise_without_direction_passes() -> None:
    judged = gate(NOISY)
    assert judged.exit_code is ExitCode.OK
    assert any(f.test and f.test.effect.loss.value > 0.0 for f in judged.findings)


def test_a_blur_that_costs_2_percent() -> None:
    judged = gate(NOISY.but(changes={SSIM: lambda v: v * 0.98}))
    assert outcomes(judged)["regression"] == {SSIM}
    assert judged.exit_code is ExitCode.FAILED
    test = finding(judged, SSIM).test
    assert test is not None
    assert test.effect.loss.value == pytest.approx(0.02 * 0.8471, abs=0.004)


def test_one_frame_of_delay() -> None:
    # Neighbouring frames of a talking clip: 1.0e-3 in landmarks (docs/gate.md).
    judged = gate(NOISY.but(changes={LMD: lambda v: v + 0.001, AED: lambda v: v * 1.1}))
    assert outcomes(judged)["regression"] == {LMD, AED}


def test_a_head_that_is_turned_by_3_degrees() -> None:
    judged = gate(NOISY.but(changes={APD: lambda v: v + 1.0}))  # mean of three angles
    assert outcomes(judged)["regression"] == {APD}


def test_a_mouth_that_opens_20_percent_less() -> None:
    judged = gate(NOISY.but(changes={MOUTH: lambda v: v * 1.15}))
    assert outcomes(judged)["regression"] == {MOUTH}


def test_one_broken_case() -> None:
    broken = NOISY.but(outcomes={"self-003": (Ended.FAILED, "ran out of memory")})
    judged = gate(broken)
    assert judged.exit_code is ExitCode.FAILED
    assert [r.outcome for r in judged.remarks] == [Outcome.FAILED_CASES]
    assert "1 of 72 cases failed, 0 allowed" in judged.remarks[0].said
    assert "self-003: ran out of memory" in judged.remarks[0].said
    assert gate(broken, max_failed=1).exit_code is ExitCode.OK


def test_15_percent_slower() -> None:
    slower = NOISY.but(changes={FPS: lambda v: v * 0.85, LATENCY: lambda v: v / 0.85})
    judged = gate(slower)
    assert outcomes(judged)["regression"] == {FPS, LATENCY}
    assert gate(slower, speed={"percent": 20.0}).exit_code is ExitCode.OK
    # 15 % of 28 is 4 frames a second: below an absolute floor of 8 it does not count
    assert gate(slower, speed={"fps": 8.0, "latency": 12.0}).exit_code is ExitCode.OK


def test_speed_of_another_machine_is_no_pass_and_no_failure() -> None:
    slower = BASE.but(
        changes={FPS: lambda v: v * 0.5},
        manifest_changes={"hardware": {"generation": {"label": "1 x GPU"}}},
    )
    judged = gate(slower)
    assert outcomes(judged)["not-judged"] == {FPS, LATENCY}
    assert judged.exit_code is ExitCode.OK
    always = gate(slower, speed={"judge": "always"})
    assert outcomes(always)["other-machine"] == {FPS, LATENCY}
    assert always.exit_code is ExitCode.NOT_COMPARABLE
    assert finding(always, FPS).said == "measured on 1 x GPU, the baseline on 2 x CPU"
    nameless = slower.but(manifest_changes={"hardware": {}})
    said = finding(gate(nameless), FPS).said
    assert said == "measured on an unknown machine, the baseline on 2 x CPU"
    assert finding(gate(BASE, nameless), FPS).said.endswith("the baseline on unknown")
    asked = gate(slower, metrics=("default", "fps"))
    assert outcomes(asked)["other-machine"] == {FPS}
    never = gate(slower, speed={"judge": "never"})
    assert outcomes(never)["not-judged"] == {FPS, LATENCY}
    assert outcomes(gate(BASE, speed={"judge": "never"}))["not-judged"] == {FPS, LATENCY}


def test_another_extractor() -> None:
    metrics = BASE.manifest()["metrics"]
    other = {**metrics, LMD: {"extractors": {"face": "77" * 8}}}
    judged = gate(BASE.but(manifest_changes={"metrics": other}))
    assert outcomes(judged)["other-definition"] == {LMD}
    assert finding(judged, LMD).said.startswith("face is 7777")
    assert judged.exit_code is ExitCode.NOT_COMPARABLE
    fewer = {**metrics, LMD: {"extractors": {}}}
    judged = gate(BASE.but(manifest_changes={"metrics": fewer}))
    assert outcomes(judged)["other-definition"] == {LMD}


def test_an_emptied_result() -> None:
    judged = gate(BASE.but(reached=0))
    assert [r.outcome for r in judged.remarks] == [Outcome.UNFINISHED]
    assert "the candidate is not finished: 72 of 72 to run" in judged.remarks[0].said
    assert judged.exit_code is ExitCode.NOT_COMPARABLE
    assert not judged.findings


def test_a_result_without_scores() -> None:
    side = BASE.side()
    bare = {name: m.model_copy(update={"scores": ()}) for name, m in side.metrics.items()}
    empty = side.model_copy(update={"metrics": bare, "sets": {}})
    judged = judge(empty, BASE.side(), GateConfig())
    assert set(outcomes(judged)) == {"disappeared"}
    assert [r.outcome for r in judged.remarks] == [Outcome.NOTHING_MEASURED]
    assert judged.exit_code is ExitCode.FAILED


def test_two_empty_results_do_not_pass() -> None:
    side = BASE.side()
    bare = {name: m.model_copy(update={"scores": ()}) for name, m in side.metrics.items()}
    empty = side.model_copy(update={"metrics": bare, "sets": {}})
    judged = judge(empty, empty, GateConfig())
    assert not judged.findings
    assert [r.outcome for r in judged.remarks] == [Outcome.NOTHING_MEASURED]
    assert judged.exit_code is ExitCode.NOT_COMPARABLE


def test_another_split() -> None:
    split = {**BASE.manifest()["split"], "sha256": "11" * 32, "version": "2"}
    judged = gate(BASE.but(manifest_changes={"split": split}))
    assert [r.outcome for r in judged.remarks] == [Outcome.OTHER_SPLIT]
    assert "version 2 (111111111111), not clips/single version 1" in judged.remarks[0].said
    assert judged.exit_code is ExitCode.NOT_COMPARABLE


def test_another_protocol() -> None:
    split = {**BASE.manifest()["split"], "protocol": {"id": "exprbench@1"}}
    judged = gate(BASE.but(manifest_changes={"split": split}))
    assert [r.outcome for r in judged.remarks] == [Outcome.OTHER_PROTOCOL]
    assert judged.exit_code is ExitCode.NOT_COMPARABLE


@pytest.mark.parametrize("options", [{"max_frames": 16, "limit": None}, {"limit": 10}])
def test_another_cohort(options: dict[str, int | None]) -> None:
    judged = gate(BASE.but(manifest_changes={"options": options}))
    assert [r.outcome for r in judged.remarks] == [Outcome.OTHER_COHORT]
    assert "not all frames of all cases" in judged.remarks[0].said


def test_fewer_cases_and_others() -> None:
    few = BASE.but(cast=Cast(22))
    judged = gate(few)
    assert [r.outcome for r in judged.remarks] == [Outcome.FEWER_CASES]
    assert "6 of 72 cases are missing: self-022, cross-022-1, cross-022-2 and 3 more" in (
        judged.remarks[0].said
    )
    three = gate(BASE.but(cast=Cast(23)))
    assert three.remarks[0].said.endswith("missing: self-023, cross-023-1, cross-023-2")
    more = gate(BASE, few)
    assert [r.outcome for r in more.remarks] == [Outcome.OTHER_CASES]
    cases = BASE.manifest()["cases"]
    cases["self-003"] = {**cases["self-003"], "frames": 31}
    longer = gate(BASE.but(manifest_changes={"cases": cases}))
    assert [r.outcome for r in longer.remarks] == [Outcome.OTHER_CASES]
    assert "self-003" in longer.remarks[0].said


def test_lower_coverage() -> None:
    lost = {(LMD, f"self-{i:03}"): Measured(0.002, 25, 31) for i in range(24)}
    judged = gate(BASE.but(scores=lost))
    assert outcomes(judged)["lower-coverage"] == {LMD}
    assert finding(judged, LMD).said == "coverage fell from 100.0% to 80.6%"
    assert judged.exit_code is ExitCode.FAILED
    low = gate(BASE.but(scores=lost), BASE.but(scores=lost))
    assert finding(low, LMD).said == "coverage is 80.6%, 95.0% needed"
    assert gate(BASE.but(scores=lost), BASE.but(scores=lost), min_coverage=0.8).exit_code == 0
    kept = gate(BASE.but(scores=lost), min_coverage=0.8, coverage_loss=0.2)
    assert kept.exit_code is ExitCode.OK


@pytest.mark.parametrize("instead", [None, NotMeasured("no face in any frame of the result")])
def test_a_case_that_cannot_be_measured_any_more(instead: NotMeasured | None) -> None:
    judged = gate(BASE.but(scores={(LMD, "self-007"): instead}))
    assert outcomes(judged)["lower-coverage"] == {LMD}
    assert finding(judged, LMD).said == ("1 cases could not be measured any more, first self-007")


def test_an_input_that_cannot_be_judged_any_more_is_no_pass() -> None:
    judged = gate(BASE.but(outcomes={"self-007": (Ended.UNJUDGEABLE, "no face")}))
    assert judged.exit_code is ExitCode.FAILED
    assert LMD in outcomes(judged)["lower-coverage"]


def test_a_metric_that_disappeared() -> None:
    judged = gate(BASE.but(without=(AED,)))
    assert outcomes(judged)["disappeared"] == {AED}
    assert "without this metric" in finding(judged, AED).said
    assert judged.exit_code is ExitCode.FAILED
    why = NotMeasured("no face in any frame of the result")
    gone = {(LMD, f"self-{i:03}"): why for i in range(24)}
    judged = gate(BASE.but(scores=gone))
    assert finding(judged, LMD).said == f"no case has a value: {why.reason}"


def test_a_metric_under_another_definition() -> None:
    metrics = BASE.manifest()["metrics"]
    del metrics[FID]
    metrics["fid.torch-fidelity-embedded-b446dae2@1"] = {"extractors": {}}
    judged = gate(BASE.but(fid=None, manifest_changes={"metrics": metrics}))
    assert outcomes(judged)["other-definition"] == {FID}
    assert finding(judged, FID).said == (
        "the candidate has fid.torch-fidelity-embedded-b446dae2@1 instead"
    )


def test_weights_that_are_missing_here() -> None:
    metrics = {**BASE.manifest()["metrics"], LMD: {"absent": "weights missing: bench weights"}}
    judged = gate(BASE.but(without=(LMD,), manifest_changes={"metrics": metrics}))
    assert outcomes(judged)["absent-here"] == {LMD}
    assert judged.exit_code is ExitCode.ENVIRONMENT


def test_what_this_version_does_not_define() -> None:
    metrics = {**BASE.manifest()["metrics"], "ssim.wang-rgb@1": {}, "gone.since@1": {}}
    old = BASE.but(manifest_changes={"metrics": metrics})
    judged = gate(old, old)
    assert [r.outcome for r in judged.remarks] == [Outcome.OTHER_DEFINITION] * 2
    assert "ssim.wang-rgb@1, which this version does not define; it has ssim.wang-rgb@2" in (
        judged.remarks[0].said
    )
    assert judged.exit_code is ExitCode.NOT_COMPARABLE
    assert gate(old, old, skip=("ssim", "gone")).exit_code is ExitCode.OK
    absent = {**metrics, "ssim.wang-rgb@1": {"absent": "x"}, "gone.since@1": {"absent": "x"}}
    never = BASE.but(manifest_changes={"metrics": absent})
    assert gate(never, never).exit_code is ExitCode.OK


def test_what_is_asked_for_must_be_in_the_baseline() -> None:
    judged = gate(BASE, BASE.but(without=(AED,)), metrics=("default", "aed.mediapipe51rel"))
    assert outcomes(judged)["not-in-baseline"] == {AED}
    assert finding(judged, AED).said.endswith("the candidate has it")
    assert judged.exit_code is ExitCode.NOT_COMPARABLE
    assert AED not in {f.card.id for f in gate(BASE, BASE.but(without=(AED,))).findings}
    gone = {(LMD, f"self-{i:03}"): NotMeasured("no") for i in range(24)}
    bare = gate(BASE, BASE.but(scores=gone), metrics=("default", "lmd"))
    assert outcomes(bare)["not-in-baseline"] == {LMD}
    assert "not-in-baseline" not in outcomes(gate(BASE, BASE.but(scores=gone)))


def test_a_name_is_there_if_one_of_its_definitions_is() -> None:
    assert outcomes(gate(BASE, metrics=("aed",))) == {
        "pass": {AED},
        "not-in-baseline": {"aed.mediapipe51@1"},
    }  # of self cases it has none
    assert outcomes(gate(BASE, metrics=("lmd",))) == {"pass": {LMD}}
    assert outcomes(gate(BASE, metrics=("lmd.mediapipe478",))) == {"pass": {LMD}}
    exact = gate(BASE, metrics=("lmd.mediapipe478-iso",))
    assert outcomes(exact) == {"not-in-baseline": {"lmd.mediapipe478-iso@1"}}
    assert exact.exit_code is ExitCode.NOT_COMPARABLE
    tuned = gate(BASE, metric={"lmd": {"relative": 0.5}, "aed": {"alpha": 0.1}})
    assert set(outcomes(tuned)) == {"pass"}
    assert outcomes(gate(BASE, metrics=("kvd",))) == {"not-in-baseline": {named("kvd")[0].id}}


def test_a_distance_between_sets() -> None:
    assert finding(gate(BASE.but(fid=fid(50.4))), FID).outcome is Outcome.PASS  # 1 % tolerated
    worse = gate(BASE.but(fid=fid(53.0, wobble=0.05)))
    assert outcomes(worse)["regression"] == {FID}
    test = finding(worse, FID).test
    assert test is not None and test.effect.method == "jackknife"
    assert gate(BASE.but(fid=fid(47.0))).exit_code is ExitCode.OK
    unsure = gate(BASE.but(fid=fid(53.0, wobble=2.0)))
    assert unsure.exit_code is ExitCode.OK


def test_sets_of_other_sizes_do_not_compare() -> None:
    fewer = gate(BASE.but(fid=fid(50.0, clips=59)))
    assert outcomes(fewer)["lower-coverage"] == {FID}
    assert finding(fewer, FID).said == "stands on 59 clips, the baseline on 60"
    for other in ({"reference_clips": 59}, {"reference_items": 1}, {"cases": 61}):
        assert outcomes(gate(BASE.but(fid=fid(50.0, **other))))["other-cases"] == {FID}
    items = gate(BASE.but(fid=fid(50.0, items=1700)))
    assert finding(items, FID).said == "coverage fell from 100.0% to 91.4%"
    none = gate(BASE.but(fid=NotMeasured("no case was delivered")))
    assert outcomes(none)["disappeared"] == {FID}
    before = gate(BASE, BASE.but(fid=NotMeasured("no")))
    assert FID not in {f.card.id for f in before.findings}


def test_a_frozen_video_is_worse_although_it_flickers_less() -> None:
    for far in (1.05, 0.90):  # the driving clips' own is 0.975
        judged = gate(NOISY.but(changes={FLICKER: lambda _, far=far: far}))
        assert outcomes(judged)["regression"] == {FLICKER}
    assert gate(NOISY.but(changes={FLICKER: lambda _: 0.975})).exit_code is ExitCode.OK


def test_no_change_either_way_where_none_is_allowed() -> None:
    better = NOISY.but(changes={LMD: lambda v: v * 0.9})
    assert gate(better).exit_code is ExitCode.OK
    assert outcomes(gate(better, metric={"lmd": {"direction": "any"}}))["regression"] == {LMD}
    worse = NOISY.but(changes={LMD: lambda v: v * 1.1})
    assert outcomes(gate(worse, metric={"lmd": {"direction": "any"}}))["regression"] == {LMD}
    few = Invented(Cast(3))
    shifted = few.but(changes={LMD: lambda v: v * 0.9})
    assert gate(shifted, few).exit_code is ExitCode.OK
    assert gate(shifted, few, metric={"lmd": {"direction": "any"}}).exit_code is ExitCode.FAILED


def test_a_shown_loss_is_the_news() -> None:
    metrics = {**BASE.manifest()["metrics"], AED: {"extractors": {"face": "77" * 8}}}
    both = BASE.but(changes={SSIM: lambda v: v * 0.9}, manifest_changes={"metrics": metrics})
    judged = gate(both)
    assert {"regression", "other-definition"} <= set(outcomes(judged))
    assert judged.exit_code is ExitCode.FAILED


def test_few_people_are_judged_by_the_effect_alone() -> None:
    few = Invented(Cast(3))
    judged = gate(few.but(changes={SSIM: lambda v: v * 0.98}), few)
    assert outcomes(judged)["regression"] == {SSIM}
    one = finding(judged, SSIM)
    assert one.p_adjusted is None and one.detectable is None
    assert "10 people needed, 3 there" in one.said
    assert gate(few.but(changes={SSIM: lambda v: v * 0.995}), few).exit_code is ExitCode.OK


def test_a_run_that_does_not_say_who_is_in_it() -> None:
    nobody = BASE.but(manifest_changes={"people": {}})
    judged = gate(nobody.but(changes={SSIM: lambda v: v * 0.98}), nobody)
    assert outcomes(judged)["regression"] == {SSIM}
    assert "does not say who" in finding(judged, SSIM).said


def test_what_surrounds_the_numbers_is_a_warning() -> None:
    other = BASE.but(
        manifest_changes={
            "packages": {"torch": "2.9.0", "av": "15"},
            "method": {"name": "mine", "label": "mine"},
        }
    )
    judged = gate(other)
    assert judged.exit_code is ExitCode.OK
    assert judged.warnings == ("method ours → mine", "av none → 15", "torch 2.8.0 → 2.9.0")
    assert gate(BASE).warnings == ()
    newer = BASE.but(manifest_changes={"code": {"commit": "1" * 40, "dirty": True}})
    assert gate(newer).warnings == ("portraitbench commit 000000000000 → 111111111111 (dirty)",)
    installed = BASE.but(manifest_changes={"code": {"commit": None}})
    assert gate(installed).warnings == ("portraitbench commit 000000000000 → none",)


def test_the_order_of_cases_does_not_matter() -> None:
    manifest = BASE.manifest()
    ids = [manifest["case_ids"][i] for i in np.random.default_rng(0).permutation(72)]
    turned = BASE.but(manifest_changes={"case_ids": ids})
    judged = gate(turned)
    assert judged.exit_code is ExitCode.OK
    assert all(f.test and f.test.effect.loss.value == 0.0 for f in judged.findings)
