"""What a run measures can grow; what it was measured with does not change under it."""

import json
from pathlib import Path
from typing import Any

import pytest
from support import Silent

from benchmark import generate, profiles
from benchmark.config import Config
from benchmark.errors import EnvironmentProblem
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.run import run
from benchmark.store import RunRecord
from metrics.score import Measured, NotMeasured


@pytest.fixture
def carry_out(tiny: Any, face_model: Path, tmp_path: Path) -> Any:
    def make(*metrics: str, **options: Any) -> RunRecord:
        spec = find_method("frozen", Config(), Path())
        plan = make_plan(spec, tiny.split, RunOptions(metrics=metrics, **options))
        return run(plan, tmp_path / "run", face_model, Silent())

    return make


def measured(record: RunRecord) -> set[str]:
    return {score.metric for score in record.scores}


@pytest.mark.slow
def test_more_metrics_go_on_with_the_same_clips(
    carry_out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = carry_out("ssim.wang-rgb", "aed.mediapipe51")
    assert measured(first) == {"ssim.wang-rgb@2", "aed.mediapipe51@1"}
    monkeypatch.setattr(generate, "generate_case", None)  # nothing is generated again
    second = carry_out("flicker")
    assert measured(second) == measured(first) | {"flicker.vbench@1"}
    before = {(s.case_id, s.metric, s.person): s.score for s in first.scores}
    after = {(s.case_id, s.metric, s.person): s.score for s in second.scores}
    assert before.items() <= after.items(), "what was measured stays"
    assert set(second.manifest["metrics"]) == measured(second)


@pytest.mark.slow
def test_what_cannot_be_measured_is_on_record_and_comes_later(
    carry_out: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        profiles, "_not_installed", lambda packages: "no package" if packages else ""
    )
    first = carry_out("fid.torch-fidelity", "aed.mediapipe51")
    assert first.complete
    assert first.manifest["metrics"]["fid.torch-fidelity@1"]["absent"] == "no package"
    assert first.sets == ()
    monkeypatch.undo()
    second = carry_out("aed.mediapipe51")
    absent = [m for m, facts in second.manifest["metrics"].items() if facts.get("absent")]
    assert absent == [], "the extractor was decided anew"


@pytest.mark.slow
def test_a_set_metric_is_scored_over_all_cases(carry_out: Any) -> None:
    record = carry_out("fid.torch-fidelity", profile="embedded")
    scores = {(e.protocol, e.metric.partition("-embedded-")[0]): e.score for e in record.sets}
    own = scores["self", "fid.torch-fidelity"]
    assert not isinstance(own, NotMeasured)
    assert own.value > 0
    assert own.clips == 1
    again = carry_out("fid.torch-fidelity", profile="embedded")
    assert again.sets == record.sets


@pytest.mark.slow
def test_a_set_metric_of_faces_is_scored_over_the_people_that_are_followed(carry_out: Any) -> None:
    record = carry_out("fid.torch-fidelity-faces", profile="embedded")
    scores = {e.protocol: e.score for e in record.sets}
    own = scores["self"]
    assert not isinstance(own, NotMeasured)
    assert own.value > 0
    assert own.items == own.reference_items == 7, "one face in each frame but the first"


@pytest.mark.slow
def test_weights_that_vanish_are_an_error_not_another_number(
    carry_out: Any, tmp_path: Path
) -> None:
    carry_out("fid.torch-fidelity", "aed.mediapipe51")
    manifest = tmp_path / "run" / "run.json"
    record = json.loads(manifest.read_text())
    record["extractors"]["inception-torch-fidelity"]["profile"] = "canonical"
    manifest.write_text(json.dumps(record))
    with pytest.raises(EnvironmentProblem, match="stands on inception-torch-fidelity"):
        carry_out("aed.mediapipe51")


def test_coverage_comes_with_every_score(carry_out: Any) -> None:
    for score in carry_out("light").scores:
        if isinstance(score.score, Measured):
            assert 0 < score.score.frames <= score.score.total, score
