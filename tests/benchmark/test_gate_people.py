"""Who is in the cases, and the features of a real run: what the gate takes from a split."""

import pytest
from run_lab import Lab
from tiny_split import TinySplit

from benchmark.gate.features import run_features, set_metric, split_of
from benchmark.gate.of_run import side_of
from benchmark.identities import identities
from benchmark.splits.manifest import Case, Origin, Origins
from metrics.set_score import set_score


def named(case: Case, source: str, driving: str) -> Case:
    origins = Origins(
        source=Origin(name="s.png", identity=source), driving=Origin(name="d.mp4", identity=driving)
    )
    return case.model_copy(update={"origins": origins})


def test_names_come_before_files(tiny: TinySplit) -> None:
    one, cross, _ = tiny.split.cases
    found = identities([named(one, "x", "anna"), named(cross, "ben", "anna")])
    assert found == {
        "self": ["person anna", "person anna"],
        "cross": ["person ben", "person anna"],
    }


def test_files_stand_for_people_without_names(tiny: TinySplit) -> None:
    one, cross, _ = tiny.split.cases
    found = identities([one, named(cross, "", "")])
    driving = f"file {one.sha256.driving[:16]}"
    assert found == {
        "self": [driving, driving],
        "cross": [f"file {cross.sha256.source[:16]}", driving],
    }


def test_a_run_says_who_is_in_it_and_is_the_same_run(lab: Lab) -> None:
    plan = lab.plan("driver")
    assert plan.manifest()["people"] == identities(plan.cases)
    assert "people" not in plan.identity()


@pytest.mark.slow
def test_features_of_a_run_are_those_of_its_scores(lab: Lab) -> None:
    record = lab.run("frozen", metrics=("fid.torch-fidelity",), profile="embedded")
    side = side_of(record)
    (name,) = side.sets["cross"]
    metric = set_metric(name)
    assert metric is not None
    found = run_features(record, lab.split, [metric.extractor], lab.model)[metric.extractor]
    assert set(found.made) == {"self", "cross"}
    again = set_score(
        [found.made["cross"]],
        [found.real[found.clip["cross"]]],
        [found.clip["cross"]],
        metric.distance,
    )
    assert getattr(again, "value", None) == getattr(side.sets["cross"][name], "value", None)
    assert split_of(record, None) is None
    assert split_of(record, lab.split.root) == lab.split
