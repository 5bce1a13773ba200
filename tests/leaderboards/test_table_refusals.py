"""What is refused: other cases, damaged manifests, metrics that nobody knows."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest

from benchmark.errors import ExitCode, NotComparable, UsageProblem
from benchmark.store import RunRecord
from leaderboards.build import build
from leaderboards.find import find_runs
from metrics.card import Card

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
LMD = "lmd.test@1"


def two(invented: Maker, **second: Any) -> list[RunRecord]:
    first = invented("x", {LMD: [0.1] * 4})
    return [first.record(), invented("y", {LMD: [0.1] * 4}, **second).record()]


def test_other_split(cards: Cards, invented: Maker) -> None:
    other = {"split": "multi", "sha256": "ab" * 32}
    with pytest.raises(NotComparable) as caught:
        build(two(invented, split=other), cards)
    assert caught.value.exit_code == ExitCode.NOT_COMPARABLE
    for part in ("runs/x-1", "mini/single", "9b1e77aa9b1e", "runs/y-1", "mini/multi", "abababab"):
        assert part in caught.value.problem
    assert "same split" in caught.value.remedy


@pytest.mark.parametrize("options", [{"max_frames": 16}, {"limit": 4}])
def test_other_extent(cards: Cards, invented: Maker, options: dict[str, int]) -> None:
    with pytest.raises(NotComparable) as caught:
        build(two(invented, options=options), cards)
    assert "all frames of all cases" in caught.value.problem
    assert str(next(iter(options.values()))) in caught.value.problem
    assert "--max-frames" in caught.value.remedy


def test_same_hash_other_cases(cards: Cards, invented: Maker) -> None:
    kinds = {"a": "self", "b": "self", "c": "cross", "e": "cross"}
    with pytest.raises(NotComparable, match="list different cases"):
        build(two(invented, kinds=kinds), cards)


def test_no_run_and_the_same_run_twice(cards: Cards, invented: Maker) -> None:
    with pytest.raises(UsageProblem, match="no run"):
        build([], cards)
    record = invented("x", {LMD: [0.1] * 4}).record()
    with pytest.raises(UsageProblem, match="twice"):
        build([record, record], cards)


def test_metrics_nobody_knows(cards: Cards, invented: Maker) -> None:
    records = two(invented)
    with pytest.raises(UsageProblem) as caught:
        build(records, cards, ["lmdd"])
    assert "did you mean 'lmd'" in caught.value.remedy
    with pytest.raises(UsageProblem, match="no run holds the metric 'apd'"):
        build(records, cards, ["apd"])
    strange = invented("z", {"lmd.test@9": [0.1] * 4}).record()
    with pytest.raises(NotComparable, match=r"lmd\.test@9"):
        build([strange], cards)


@pytest.mark.parametrize(
    ("change", "part"),
    [
        ({"method": {"name": "x"}}, "method.label"),
        ({"method": {"name": "x", "label": " \u200b\n"}}, "method.label"),
        ({"method": {"name": "x", "label": "\ud800"}}, "method.label"),
        ({"split": {}}, "split.dataset"),
        ({"case_ids": ["a", "nobody"]}, "'nobody' is listed but not described"),
        ({"cases": 7}, "cases"),
        ({"hardware": []}, "hardware"),
    ],
)
def test_damaged_manifest_is_named(
    cards: Cards, invented: Maker, change: dict[str, Any], part: str
) -> None:
    with pytest.raises(UsageProblem) as caught:
        build([_with(invented, change)], cards)
    assert part in caught.value.problem
    assert "run.json" in caught.value.problem


def _with(invented: Maker, change: dict[str, Any]) -> RunRecord:
    record = invented("x", {LMD: [0.1] * 4}).record()
    manifest = {**record.manifest, **change}
    return type(record)(record.paths, manifest, record.generated, record.scores)


def test_find_runs(tmp_path: Path, invented: Maker) -> None:
    for name in ("b", "a"):
        invented(name, {LMD: [0.1] * 4}).write(tmp_path / "runs")
    (tmp_path / "runs" / "notes").mkdir()
    found = find_runs([tmp_path / "runs" / "b-1", tmp_path / "runs"])
    assert [p.name for p in found] == ["b-1", "a-1"]
    with pytest.raises(UsageProblem, match="holds none"):
        find_runs([tmp_path])
    with pytest.raises(UsageProblem, match="there is no folder"):
        find_runs([tmp_path / "nowhere"])


def test_a_label_is_shortened_to_what_fits_beside_numbers(cards: Cards, invented: Maker) -> None:
    (row,) = build([invented("x", {LMD: [0.1] * 4}, label="L" * 5000).record()], cards).rows
    assert row.label == "L" * 79 + "…"
