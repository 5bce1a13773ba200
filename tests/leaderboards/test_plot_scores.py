"""Plots of scores: components, cases, drift, interpolation, from invented runs."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmark.errors import NotComparable, UsageProblem
from benchmark.store import Outcome
from leaderboards.plots.cases import cases_figure, draw_cases, paired, said
from leaderboards.plots.components import components_figure, draw_components
from leaderboards.plots.drift import DriftPanel, draw_drift, drift_figure
from leaderboards.plots.interpolation import (
    ResponseCurves,
    draw_interpolation,
    interpolation_figure,
)
from leaderboards.plots.scores import drawn, notes, panels
from leaderboards.plots.style import look
from metrics.score import Measured, NotMeasured

EVIL = "$a_{b$ <i>&"
SSIM, LMD, APD, FLICKER, FPS = (f"{n}.test@1" for n in ("ssim", "lmd", "apd", "flicker", "fps"))


def flicker(value: float, driver: float) -> Measured:
    return Measured(value, 31, 31, driver=driver)


def two(invented: Any, **changes: Any) -> list[Any]:
    one = invented("one", {LMD: [0.1, 0.2, 0.3, 0.4]}, label=EVIL)
    other = {"scores": {LMD: [0.2, 0.1, 0.1, 0.4]}, **changes}
    return [one.record(), invented("other", **other).record()]


def test_values_are_by_run_and_case_and_losses_are_named(invented: Any, cards: Any) -> None:
    lost = NotMeasured("no face in any frame of the result")
    records = two(invented, scores={LMD: [0.2, lost, 0.1, None]}, reached=3)
    self_, cross = panels(records, cards, ["lmd"])
    assert (self_.column.kind, cross.column.kind) == ("self", "cross")
    assert list(self_.values) == [EVIL, "other"]
    assert self_.values["other"] == {"a": 0.2}
    assert cross.values["other"] == {"c": 0.1}
    assert notes([self_, cross]) == [
        "other, self, lmd.test@1: 1 of 2 cases missing: no face in any frame of the result",
        "other, cross, lmd.test@1: 1 of 2 cases missing: not reached yet",
    ]


def test_what_is_judged_by_the_driver_is_drawn_as_distance(invented: Any, cards: Any) -> None:
    values = [flicker(0.98, 0.95), flicker(0.9, 0.95), flicker(0.95, 0.95), flicker(1.0, 0.95)]
    self_, _ = panels([invented("m", {FLICKER: values}).record()], cards, ["flicker"])
    assert list(self_.values["m"].values()) == pytest.approx([0.03, 0.05])
    assert self_.quantity == "|flicker − driver's|"
    assert self_.better == "lower"


def test_runs_that_do_not_belong_together_are_refused(invented: Any, cards: Any) -> None:
    with pytest.raises(NotComparable, match="is a run of mini/single"):
        panels(two(invented, split={"sha256": "77" * 32}), cards, ["lmd"])
    with pytest.raises(NotComparable, match="different extractors"):
        panels(two(invented, face="88" * 32), cards, ["lmd"])
    once = two(invented)[:1]
    with pytest.raises(UsageProblem, match="occurs twice"):
        panels(once * 2, cards, ["lmd"])
    with pytest.raises(UsageProblem, match="no run to show"):
        panels([], cards, ["lmd"])


def test_metrics_that_give_no_picture_are_refused(invented: Any, cards: Any) -> None:
    absent = NotMeasured("weights missing")
    run = invented("m", {LMD: [0.1] * 4, APD: [absent] * 4, "fid.test@1": [None] * 4})
    with pytest.raises(UsageProblem, match="unknown metric 'lmdd'"):
        panels([run.record()], cards, ["lmdd"])
    with pytest.raises(UsageProblem, match="no run holds the metric 'ssim'"):
        panels([run.record()], cards, ["ssim"])
    with pytest.raises(UsageProblem, match=r"no run has a value of apd.test@1: weights missing"):
        panels([run.record()], cards, ["apd"])
    sets = {**cards, "fid.test@1": replace(cards[LMD], name="fid", title="FID", over="set")}
    for wanted in (["fid"], ["fid", "lmd"]):
        with pytest.raises(UsageProblem, match="one score of all cases together"):
            panels([run.record()], sets, wanted)
    both = panels([run.record()], cards, ["lmd", "apd"])
    assert [panel.column.card.id for panel in drawn(both)] == [LMD, LMD]
    assert notes(both) == [
        f"m, {kind}, {APD}: 2 of 2 cases missing: weights missing" for kind in ("self", "cross")
    ], "what is not drawn is said"


def test_a_metric_that_one_run_lacks_is_noted(invented: Any, cards: Any) -> None:
    found = panels(two(invented, scores={FPS: [1.0] * 4}), cards, ["lmd"])
    assert [panel.values["other"] for panel in found] == [{}, {}]
    assert "2 of 2 cases missing: the run was made without this metric" in notes(found)[0]
    assert paired(found[0]) is None


def test_pairs_are_counted_as_tables_print_them(invented: Any, cards: Any) -> None:
    changed = [0.1000001, 0.1, 0.1, 0.4]
    self_, cross = (paired(p) for p in panels(two(invented, scores={LMD: changed}), cards, ["lmd"]))
    assert self_ is not None
    assert cross is not None
    assert (self_.better, self_.equal) == (["b"], ["a"]), "no table shows 1e-7"
    assert self_.means == pytest.approx((0.15, 0.10000005))
    assert (cross.better, cross.equal) == (["c"], ["d"])
    assert f"other is better than {EVIL} in 1 of 2 cases, 1 alike" in said(cross)


def test_higher_is_better_where_the_card_says_so(invented: Any, cards: Any) -> None:
    records = [invented(n, {SSIM: v}).record() for n, v in (("m", [0.5, 0.7]), ("n", [0.6, 0.6]))]
    (one,) = panels(records, cards, ["ssim"])
    pair = paired(one)
    assert pair is not None
    assert pair.better == ["a"]
    assert one.arrow == "↑"


def test_only_two_runs_are_paired(invented: Any, cards: Any) -> None:
    (self_, _) = panels(two(invented)[:1], cards, ["lmd"])
    with pytest.raises(UsageProblem, match="1 run cannot be paired"):
        paired(self_)


def test_every_case_is_a_line(invented: Any, cards: Any, tmp_path: Path) -> None:
    found = [p for p in map(paired, panels(two(invented), cards, ["lmd"])) if p]
    figure = cases_figure(found)
    assert len(figure.axes) == 2
    lines = figure.axes[0].get_lines()
    assert [list(line.get_ydata()) for line in lines] == [
        [0.1, 0.2],
        [0.2, 0.1],
        pytest.approx([0.15, 0.15]),
    ]
    worse, better, _ = lines
    assert worse.get_linestyle() != better.get_linestyle(), "told apart in grey"
    draw_cases(found, tmp_path / "cases.svg")
    assert "<i>" not in (tmp_path / "cases.svg").read_text()


def parts(cards: Any, name: str) -> Any:
    return replace(cards[LMD], name="blendshape_l2", definition=name, title=f"{name} L2")


def test_components_show_means_cases_and_intervals(
    invented: Any, cards: Any, tmp_path: Path
) -> None:
    still = replace(parts(cards, "still"), still="eyes", unit="deg")
    cards = {c.id: c for c in (parts(cards, "mouth"), parts(cards, "eyes"), still)}
    values = {i: [0.1, 0.3, 0.2, 0.2] for i in cards}
    records = [
        invented("m", values).record(),
        invented("n", {"blendshape_l2.eyes@1": [0.5] * 4}).record(),
    ]
    found = panels(records, cards, list(cards))
    asked: list[Mapping[str, float]] = []

    def interval(values: Mapping[str, float]) -> tuple[float, float] | None:
        asked.append(values)
        return (0.15, 0.25) if len(asked) == 1 else None

    figure = components_figure(found, interval)
    shown = [axis for axis in figure.axes if axis.get_visible()]
    assert len(shown) == 4, "two kinds, driver and portrait apart"
    assert [t.get_text() for t in shown[0].get_yticklabels()] == ["mouth L2", "eyes L2"]
    assert "portrait [deg]" in shown[2].get_xlabel()
    assert asked[0] == {"a": 0.1, "b": 0.3}
    drawn = [list(line.get_xdata()) for line in shown[0].get_lines()]
    assert [0.15, 0.25] in drawn
    assert [pytest.approx(0.2)] in drawn
    assert [0.1, 0.3] in drawn, "every case"
    (legend,) = figure.legends
    assert len(legend.get_texts()) == 2, "a run without a component keeps its entry"
    draw_components(found, lambda values: None, tmp_path / "parts.svg")
    assert (tmp_path / "parts.svg").stat().st_size > 5_000


@dataclass(frozen=True)
class Course:
    minutes: np.ndarray
    mean: np.ndarray
    low: np.ndarray
    high: np.ndarray
    whole: np.ndarray


def test_blocks_on_fewer_clips_are_hollow(tmp_path: Path) -> None:
    minutes = np.arange(4.0)
    course = Course(
        minutes, minutes, minutes - 1, minutes + 1, np.array([True, True, False, False])
    )
    panel = DriftPanel("AED", "self", "lower", {EVIL: course})
    figure = drift_figure([panel], ["other", EVIL])
    _, full, hollow = figure.axes[0].get_lines()
    assert list(full.get_xdata()) == [0.0, 1.0]
    assert list(hollow.get_xdata()) == [2.0, 3.0]
    assert hollow.get_markerfacecolor() == "white"
    assert full.get_color() == look(1).colour, "a run looks the same in every panel"
    draw_drift([panel], [EVIL], tmp_path / "drift.svg")
    assert (tmp_path / "drift.svg").is_file()


def test_a_mean_answer_and_how_far_it_is_from_a_line(tmp_path: Path) -> None:
    series = {"s": [(0.0, 0.0), (0.5, 0.3), (1.0, 1.0)], "t": [(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)]}
    one = ResponseCurves(EVIL, "pose", series)
    assert one.mean == [(0.0, 0.0), (0.5, pytest.approx(0.4)), (1.0, 1.0)]
    assert one.bend == pytest.approx(0.1)
    figure = interpolation_figure([one, replace(one, channel="expression")], "strength")
    assert [axis.get_title(loc="left") for axis in figure.axes] == ["pose", "expression"]
    assert len(figure.axes[0].get_lines()) == 4, "the straight line, two series, their mean"
    draw_interpolation([one], "strength", tmp_path / "dial.svg")
    assert (tmp_path / "dial.svg").is_file()


def test_failed_cases_are_counted_against_the_method(invented: Any, cards: Any) -> None:
    outcomes = {"a": (Outcome.FAILED, "fell over"), "c": (Outcome.UNJUDGEABLE, "no face")}
    self_, cross = panels(two(invented, outcomes=outcomes), cards, ["lmd"])
    assert self_.missing["other"] == "1 of 2 cases missing: the method failed"
    assert cross.missing["other"] == "", "what cannot be judged is nobody's loss"
