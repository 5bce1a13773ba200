"""What comes after a run (a list of training data, a check) is noted without running it again."""

from dataclasses import replace
from pathlib import Path

import pytest
from run_lab import Lab
from support import Silent, misbehaving

from benchmark.checks import record_check
from benchmark.config import Config
from benchmark.conformance.verdict import Finding, Verdict
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.run import run


@pytest.mark.slow
def test_training_lists_that_come_later_mark_a_run_without_running_it_again(
    lab: Lab, tmp_path: Path
) -> None:
    spec = find_method("frozen", Config(), Path())
    lab.run(spec, "r", limit=2)
    before = make_plan(spec, lab.split, RunOptions(limit=2, metrics=("light",)))
    marked = replace(before, contamination={"lists": ["train.txt"], "cases": {"self": "seen"}})
    progress = Silent()
    record = run(marked, tmp_path / "r", lab.model, progress)
    assert progress.stages == []
    assert record.manifest["contamination"]["cases"] == {"self": "seen"}
    assert record.manifest["created"] == lab.run(spec, "r", limit=2).manifest["created"]


@pytest.mark.slow
def test_a_check_that_came_after_the_run_is_noted(lab: Lab) -> None:
    spec = misbehaving("FailsOnSelf")
    first = lab.run(spec, limit=1, name="checked")
    assert first.manifest["check"] == {"needed": True}
    record_check(spec, [Finding("frame map", Verdict.BROKEN, "one late")], 17)
    again = lab.run(spec, limit=1, name="checked")
    assert again.manifest["check"]["rules"][0]["said"] == "one late"
    assert "check" not in lab.plan(spec).identity()
    assert lab.plan("frozen").manifest()["check"] == {"needed": False}
