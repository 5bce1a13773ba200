import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from run_lab import Lab
from support import ROOT, Silent, misbehaving

from benchmark.config import Config
from benchmark.errors import BenchError, EnvironmentProblem, UsageProblem
from benchmark.methods import MethodSpec, find_method
from benchmark.run import run
from benchmark.splits.manifest import Protocol, Split
from benchmark.store import Outcome, RunPaths, RunRecord
from metrics.registry import CARDS
from metrics.score import Measured, NotMeasured

NEIGHBOURS = {"flicker", "jitter"}
"""Metrics that need more than one frame."""


def values(record: RunRecord, case: str) -> dict[str, Any]:
    return {s.metric: s.score for s in record.scores if s.case_id == case and s.person == -1}


def stable(record: RunRecord) -> list[Any]:
    """Everything but what belongs to a clock."""
    scores = [s for s in record.scores if not CARDS[s.metric].timing]
    clips = [(g.case_id, g.outcome, g.clip_sha256, g.frame_map) for g in record.generated.values()]
    return [scores, clips]


def test_driver_is_exact_on_self_reenactment(lab: Lab) -> None:
    record = lab.run("driver")
    scores = values(record, "self")
    for metric_id, score in scores.items():
        card = CARDS[metric_id]
        if card.timing:
            assert score == NotMeasured("a control: its speed means nothing")
        elif card.identical is None:
            assert score.value == score.driver
        else:
            assert score.value == card.identical, metric_id
            assert score.coverage == 1.0
            assert score.total + score.unjudged == 7, "frame 0 is the source, and is not scored"


@pytest.mark.slow
def test_frozen_is_worse_than_the_driver_and_flickers_less(lab: Lab) -> None:
    driver, frozen = lab.run("driver"), lab.run("frozen")
    for case in ("self", "cross"):
        still, moving = values(frozen, case), values(driver, case)
        for metric_id, score in still.items():
            if CARDS[metric_id].direction.value == "lower" and not CARDS[metric_id].timing:
                assert score.value >= moving[metric_id].value, metric_id
        assert still["flicker.vbench@1"].value == 1.0
        assert still["flicker.vbench@1"].driver == moving["flicker.vbench@1"].value < 1.0


def test_a_portrait_without_a_face_is_nobodys_failure(lab: Lab) -> None:
    record = lab.run("driver")
    assert record.generated["nobody"].outcome is Outcome.UNJUDGEABLE
    assert record.generated["nobody"].reason == "no face found in the portrait"
    assert not values(record, "nobody")
    assert record.complete


def test_a_failed_case_is_recorded_and_the_rest_goes_on(lab: Lab) -> None:
    record = lab.run(misbehaving("FailsOnSelf"))
    assert record.generated["self"].outcome is Outcome.FAILED
    assert record.generated["cross"].outcome is Outcome.OK
    assert not values(record, "self")
    assert values(record, "cross")


def test_frames_are_aligned_by_the_map_whatever_their_order(lab: Lab) -> None:
    scores = values(lab.run(misbehaving("Backwards")), "self")
    for metric_id in ("lmd.mediapipe478@1", "aed.mediapipe51@1", "l1.unit-rgb@1"):
        assert scores[metric_id] == Measured(0.0, 7, 7), metric_id
    assert scores["flicker.vbench@1"] == NotMeasured(
        "no two result frames come from neighbouring scored driving frames"
    )


@pytest.mark.slow
def test_a_dropped_first_frame_costs_nothing_in_self_reenactment(lab: Lab) -> None:
    frozen = values(lab.run("frozen"), "self")
    dropped = values(lab.run(misbehaving("DropsFirst")), "self")
    for metric_id, score in dropped.items():
        if not CARDS[metric_id].timing and metric_id != "flicker.vbench@1":
            assert score == frozen[metric_id], metric_id


@pytest.mark.slow
def test_a_result_at_another_size_is_resized_for_pixel_metrics(lab: Lab) -> None:
    half, whole = (
        values(lab.run(misbehaving("HalfSize")), "self"),
        values(lab.run("frozen"), "self"),
    )
    assert half["ssim.wang-rgb@2"].value == pytest.approx(whole["ssim.wang-rgb@2"].value, abs=0.1)
    assert half["lmd.mediapipe478@1"].value == pytest.approx(
        whole["lmd.mediapipe478@1"].value, abs=0.01
    )


def test_the_same_command_again_computes_nothing(lab: Lab) -> None:
    plan = lab.plan("driver")
    first = run(plan, lab.folder / "a", lab.model, Silent())
    silent = Silent()
    second = run(plan, lab.folder / "a", lab.model, silent)
    assert silent.stages == []
    assert first == second


@pytest.mark.slow
def test_a_second_method_does_not_pay_for_the_inputs_again(lab: Lab) -> None:
    from benchmark import measure

    lab.run("driver")
    calls: list[Any] = []
    original = measure._driving
    try:
        measure._driving = lambda split, case: calls.append(case.id) or original(split, case)  # type: ignore[assignment, func-returns-value]
        lab.run("frozen")
    finally:
        measure._driving = original
    assert calls == ["self"], "a cross driver that is known is not decoded again"


@pytest.mark.slow
def test_killed_anywhere_it_goes_on_to_the_same_result(lab: Lab, tiny: Any) -> None:
    undisturbed = lab.run("shuffled", "undisturbed")
    out = lab.folder / "killed"
    code = (
        "import sys; from pathlib import Path;"
        "from test_run import *;"
        "from benchmark.splits.manifest import read_manifest;"
        f"lab = Lab(read_manifest(Path({str(tiny.root / 'single.jsonl')!r})),"
        f" Path({str(lab.model)!r}), Path({str(lab.folder)!r}));"
        "lab.run('shuffled', 'killed')"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}:{ROOT / 'tests' / 'benchmark'}",
    }
    kills = 0
    for delay in (1.5, 2.0, 2.5, 3.0):
        process = subprocess.Popen(
            [sys.executable, "-c", code], cwd=ROOT, env=environment, start_new_session=True
        )
        try:
            process.wait(delay)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            kills += 1
    assert kills
    deadline = time.monotonic() + 10  # the orphaned worker sees its pipe close
    while time.monotonic() < deadline:
        try:
            resumed = lab.run("shuffled", "killed")
            break
        except UsageProblem:
            time.sleep(0.2)
    assert stable(resumed) == stable(undisturbed)
    assert not list((out / ".scratch").glob("*"))


def test_another_run_in_the_same_place_is_refused(lab: Lab) -> None:
    lab.run("driver", "place")
    with pytest.raises(UsageProblem, match="holds another run: its method differs"):
        lab.run("frozen", "place")
    with pytest.raises(UsageProblem, match="differs"):
        lab.run("driver", "place", limit=1)
    (lab.folder / "full").mkdir()
    (lab.folder / "full" / "thesis.tex").write_text("precious")
    with pytest.raises(UsageProblem, match=r"is not empty and is not a run .*thesis\.tex"):
        lab.run("driver", "full")
    assert (lab.folder / "full" / "thesis.tex").read_text() == "precious"


def test_two_processes_cannot_work_on_one_run(lab: Lab) -> None:
    import fcntl

    lab.run("driver", "place")
    with (lab.folder / "place" / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(UsageProblem, match="another process is working on"):
            lab.run("driver", "place")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_an_unwritable_run_directory_is_said(lab: Lab) -> None:
    lab.folder.chmod(0o500)
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        lab.run("driver", "place")


def test_a_file_where_the_run_should_be_is_said(lab: Lab) -> None:
    (lab.folder / "file").write_text("")
    with pytest.raises(EnvironmentProblem, match="cannot write to"):
        lab.run("driver", "file/run")


@pytest.mark.slow
def test_a_clip_lost_before_it_was_measured_is_made_again(lab: Lab) -> None:
    import sqlite3

    first = lab.run("shuffled", "place")
    paths = RunPaths(lab.folder / "place")
    with sqlite3.connect(paths.journal) as db:
        db.execute("DELETE FROM scores WHERE case_id = 'cross'")
    paths.clip("cross").write_bytes(b"garbage")
    assert stable(lab.run("shuffled", "place")) == stable(first)


def test_limits_choose_cases_and_frames(lab: Lab) -> None:
    record = lab.run("frozen", limit=1, max_frames=4)
    assert list(record.generated) == ["self"]
    assert record.generated["self"].frame_map == (0, 1, 2, 3)
    for wrong in ({"limit": 0}, {"max_frames": -1}):
        with pytest.raises(BenchError, match="at least 1"):
            lab.plan("frozen", **wrong)


def test_one_frame_leaves_nothing_to_score_in_self_reenactment(lab: Lab) -> None:
    record = lab.run("frozen", max_frames=1)
    for metric_id, score in values(record, "self").items():
        if not CARDS[metric_id].timing and CARDS[metric_id].name not in NEIGHBOURS:
            assert score == NotMeasured(
                "no frame is scored: there is only the first one", of_input=True
            ), metric_id
    assert isinstance(values(record, "cross")["aed.mediapipe51@1"], Measured)


@pytest.mark.slow
def test_the_record_says_what_was_run(lab: Lab) -> None:
    manifest = lab.run("driver").manifest
    assert manifest["split"]["sha256"] == lab.split.sha256
    assert manifest["extractors"]["face"]["mode"] == "IMAGE"
    assert len(manifest["extractors"]["face"]["weights_sha256"]) == 64
    assert (
        manifest["metrics"]["lmd.mediapipe478@1"]["extractors"]["face"]
        == (manifest["extractors"]["face"]["fingerprint"])
    )
    assert manifest["hardware"]["generation"]["label"]
    assert manifest["packages"]["mediapipe"]
    assert set(manifest["code"]) == {"version", "commit", "dirty"}


def test_the_protocol_says_whether_frame_0_is_scored(lab: Lab) -> None:
    rules = Protocol(id="frame0@1", first_frame="scored")
    header = lab.split.header.model_copy(update={"protocol": rules})
    lab.split = Split(header, lab.split.cases, lab.split.root)
    record = lab.run("driver", limit=1)
    score = next(s for m, s in values(record, "self").items() if m.startswith("lmd."))
    assert score.total + score.unjudged == 8
    assert record.manifest["split"]["protocol"]["first_frame"] == "scored"


@pytest.mark.slow
def test_dials_reach_the_method(lab: Lab) -> None:
    rules = Protocol(id="dial@1", task="interpolation")
    header = lab.split.header.model_copy(update={"protocol": rules})
    cases = tuple(
        lab.split.cases[1].model_copy(
            update={"id": f"d{i}", "dials": {"strength": i / 2}, "series": "d"}
        )
        for i in range(3)
    )
    lab.split = Split(header, cases, lab.split.root)
    record = lab.run(misbehaving("FailsWithItsDials"))
    assert [g.reason for g in record.generated.values()] == [
        f"RuntimeError: {{'strength': {i / 2}}}" for i in range(3)
    ]
    without = lab.run(misbehaving("Good"))
    assert {g.reason for g in without.generated.values()} == {"has no dial 'strength'"}


def test_frames_that_no_result_came_from_lower_the_coverage(lab: Lab) -> None:
    """A method may not win by delivering only the frames it is good at."""
    record = lab.run(misbehaving("OnlyTheSecond"))
    for case, judgeable in (("self", 7), ("cross", 8)):
        for metric_id, score in values(record, case).items():
            card = CARDS[metric_id]
            if card.timing or card.name in NEIGHBOURS:
                continue
            if card.definition.endswith("rel"):  # the one frame is the baseline
                assert isinstance(score, NotMeasured), metric_id
                assert not score.of_input, metric_id
            else:
                assert (score.frames, score.total) == (1, judgeable), metric_id


def test_media_that_are_not_what_the_manifest_states_are_refused(
    lab: Lab, tmp_path_factory: pytest.TempPathFactory
) -> None:
    import shutil

    from benchmark.splits.manifest import read_manifest

    copy = tmp_path_factory.mktemp("other")
    shutil.copytree(lab.split.root, copy, dirs_exist_ok=True)
    shutil.copyfile(copy / "media" / "mirrored.png", copy / "media" / "first.png")
    changed = Lab(read_manifest(copy / "single.jsonl"), lab.model, lab.folder)
    with pytest.raises(UsageProblem, match=r"first\.png is not the file that the manifest states"):
        changed.run("driver", "changed")


def test_a_changed_method_is_another_run(tmp_path: Path, lab: Lab) -> None:
    module = tmp_path / "mine.py"
    module.write_text("class Mine: ...\n")
    spec = MethodSpec("mine", "mine", "mine:Mine", search=str(tmp_path))
    before = lab.plan(spec).run_id
    assert lab.plan(spec).run_id == before
    module.write_text("class Mine: pass\n")
    assert lab.plan(spec).run_id != before
    videos = tmp_path / "videos"
    videos.mkdir()
    finished = find_method(f"precomputed:{videos}", Config(), Path())
    before = lab.plan(finished).run_id
    (videos / "self.mp4").write_bytes(b"new")
    assert lab.plan(finished).run_id != before


@pytest.mark.slow
def test_failed_cases_are_run_again_when_asked(lab: Lab, tmp_path: Path) -> None:
    gate = tmp_path / "gate"
    method = misbehaving("FailsUntil", path=str(gate))
    assert lab.run(method, "place").generated["cross"].outcome is Outcome.FAILED
    gate.mkdir()  # a folder: an option that names a file would make it another run
    assert lab.run(method, "place").generated["cross"].outcome is Outcome.FAILED
    again = lab.run(method, "place", retry_failed=True)
    assert again.generated["cross"].outcome is Outcome.OK
    assert values(again, "cross")


@pytest.mark.parametrize("wrong", [{"timeout_s": 0.0}, {"timeout_s": float("nan")}, {"seed": -1}])
def test_options_out_of_range_are_said(lab: Lab, wrong: dict[str, Any]) -> None:
    with pytest.raises(UsageProblem, match=r"--(timeout|seed) must be"):
        lab.plan("driver", **wrong)


def test_an_option_that_names_no_file_is_just_an_option(lab: Lab) -> None:
    plain, other = misbehaving("Good", prompt="~nobody"), misbehaving("Good", prompt="x" * 5000)
    assert lab.plan(plain).run_id != lab.plan(other).run_id
