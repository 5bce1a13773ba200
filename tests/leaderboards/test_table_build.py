"""Means, counts, coverage and labels against a few independent lines."""

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from benchmark.errors import UsageProblem
from benchmark.store import Outcome
from leaderboards.build import build
from leaderboards.model import Cell, Row, Table
from metrics.card import Card
from metrics.score import Measured, NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
Shop = list[Any]
SSIM, LMD, APD, JAW, FLICKER, FPS = (
    f"{n}.test@1" for n in ("ssim", "lmd", "apd", "jaw", "flicker", "fps")
)


def cell(table: Table, label: str, kind: str, protocol_id: str) -> Cell:
    row = next(r for r in table.rows if r.label == label)
    i = next(i for i, c in enumerate(table.columns) if (c.kind, c.card.id) == (kind, protocol_id))
    found = row.cells[i]
    assert found is not None
    return found


def row(table: Table, label: str) -> Row:
    return next(r for r in table.rows if r.label == label)


@pytest.fixture
def table(shop: Shop, cards: Cards) -> Table:
    return build([run.record() for run in shop], cards)


def test_columns_self_before_cross_in_registry_order(table: Table) -> None:
    got = [(c.kind, c.card.id) for c in table.columns]
    assert got == [("self", p) for p in (SSIM, LMD, APD, FLICKER, FPS)] + [
        ("cross", p) for p in (LMD, APD, FLICKER, FPS)
    ]


def test_methods_then_controls_then_the_driving_clip(table: Table) -> None:
    assert [(r.label, r.role) for r in table.rows] == [
        ("ours (built-in warp)", "method"),
        ("LivePortrait", "method"),
        ("Flaky & Sons", "method"),
        ("stopped", "method"),
        ("older", "method"),
        ("frozen (control)", "control"),
        ("driving clip", "reference"),
    ]


def test_means_per_kind(table: Table) -> None:
    got = cell(table, "ours (built-in warp)", "self", LMD)
    assert got.value == pytest.approx(np.mean([0.0121, 0.0098]), rel=1e-15)
    got = cell(table, "ours (built-in warp)", "cross", LMD)
    assert got.value == pytest.approx(np.mean([0.0312, 0.0287]), rel=1e-15)
    assert (got.measured, got.judgeable, got.coverage) == (2, 2, 1.0)


def test_distance_is_the_mean_of_distances(cards: Cards, invented: Maker) -> None:
    scores = [Measured(v, 31, 31, driver=0.5) for v in (0.4, 0.6, 0.4, 0.6)]
    got = build([invented("m", {FLICKER: scores}).record()], cards)
    for kind in ("self", "cross"):
        flicker = cell(got, "m", kind, FLICKER)
        assert flicker.value == pytest.approx(0.5)
        assert flicker.driver == 0.5
        assert flicker.distance == pytest.approx(0.1)
    assert cell(got, "driving clip", "self", FLICKER).value == 0.5


def test_coverage_is_weighted_by_frames(cards: Cards, invented: Maker) -> None:
    scores = [Measured(1.0, 10, 10), Measured(1.0, 0 + 45, 90), Measured(1.0, 7, 7, unjudged=3)]
    got = build([invented("m", {LMD: [*scores, 1.0]}).record()], cards)
    assert cell(got, "m", "self", LMD).coverage == pytest.approx(55 / 100)
    assert cell(got, "m", "cross", LMD).coverage == 1.0
    assert cell(got, "m", "cross", LMD).unjudged == 3
    assert any("cannot be judged, left out for every method: LMD cross 3" in n for n in got.notes)


def test_no_frames_to_score_is_no_coverage(cards: Cards, invented: Maker) -> None:
    got = build([invented("m", {LMD: [Measured(1.0, 0, 0)] * 4}).record()], cards)
    assert cell(got, "m", "self", LMD).coverage == 0.0
    assert cell(got, "m", "self", LMD).unranked == "coverage is below 95%"


def test_people_of_whom_nothing_can_be_said_are_no_lost_frames(
    cards: Cards, invented: Maker
) -> None:
    """Nobody moves: that is no coverage of 0, which the row's lowest coverage would show."""
    crowd = {**cards, LMD: replace(cards[LMD], people=2)}
    for known, coverage in ((cards, 0.0), (crowd, None)):
        got = build([invented("m", {LMD: [NotMeasured("nothing moves")] * 4}).record()], known)
        assert cell(got, "m", "self", LMD).coverage == coverage


def test_failed_case_counts_against_the_method(table: Table) -> None:
    got = cell(table, "Flaky & Sons", "self", SSIM)
    assert (got.value, got.measured, got.judgeable, got.rank) == (0.9, 1, 2, None)
    assert got.reason == "the method failed: ran longer than 600 s"
    counts = row(table, "Flaky & Sons").counts["self"]
    assert (counts.delivered, counts.failed, counts.judgeable) == (1, 1, 2)


def test_unjudgeable_case_counts_against_nobody(cards: Cards, invented: Maker) -> None:
    cat = {"b": (Outcome.UNJUDGEABLE, "no face found in the portrait")}
    runs = [invented(n, {LMD: [v] * 4}, outcomes=cat).record() for n, v in (("x", 1.0), ("y", 2.0))]
    got = build(runs, cards)
    first = cell(got, "x", "self", LMD)
    assert (first.measured, first.judgeable, first.rank) == (1, 1, 1)
    counts = row(got, "x").counts["self"]
    assert (counts.judgeable, counts.unjudgeable) == (1, 1)
    assert counts.flaw == "no face found in the portrait"


def test_scores_of_a_failed_case_are_not_used(cards: Cards, invented: Maker) -> None:
    run = invented("m", {LMD: [1.0, 9.0, 1.0, 1.0]})
    record = run.record()
    run.outcomes = {"b": (Outcome.FAILED, "late")}
    late = invented("m", run.scores, outcomes=run.outcomes).record()
    mixed = type(record)(record.paths, record.manifest, late.generated, record.scores)
    got = cell(build([mixed], cards), "m", "self", LMD)
    assert (got.value, got.measured, got.judgeable) == (1.0, 1, 2)


def test_nothing_measured_anywhere(cards: Cards, invented: Maker) -> None:
    none = NotMeasured("no face in any frame")
    other = NotMeasured("the driving clip shows nobody")
    got = build([invented("m", {LMD: [none, none, other, none]}).record()], cards)
    for kind in ("self", "cross"):
        empty = cell(got, "m", kind, LMD)
        assert (empty.value, empty.coverage, empty.rank) == (None, 0.0, None)
    assert cell(got, "m", "self", LMD).reason == "no face in any frame"
    # equally common: the earlier one
    assert cell(got, "m", "cross", LMD).reason == "the driving clip shows nobody"


def test_every_case_unjudgeable(cards: Cards, invented: Maker) -> None:
    cats = dict.fromkeys("abcd", (Outcome.UNJUDGEABLE, "cat"))
    got = build([invented("m", {LMD: [1.0] * 4}, outcomes=cats).record()], cards)
    empty = cell(got, "m", "self", LMD)
    assert (empty.value, empty.judgeable, empty.reason) == (None, 0, "no case can be judged")


@pytest.mark.parametrize("reached", [0, 1, 3])
def test_unfinished_run_is_not_ranked(cards: Cards, invented: Maker, reached: int) -> None:
    runs = [
        invented("half", {LMD: [0.1] * 4}, reached=reached).record(),
        invented("x", {LMD: [0.2] * 4}).record(),
        invented("y", {LMD: [0.3] * 4}).record(),
    ]
    got = build(runs, cards)
    assert not row(got, "half").complete
    assert sum(c.finished for c in row(got, "half").counts.values()) == reached
    assert all(c is not None and c.rank is None for c in row(got, "half").cells)
    assert cell(got, "x", "self", LMD).rank == 1


def test_a_clip_without_scores_is_not_finished(cards: Cards, invented: Maker) -> None:
    run = invented("m", {LMD: [0.1, 0.1, 0.1, None]})
    got = build([run.record()], cards)
    counts = row(got, "m").counts["cross"]
    assert (counts.finished, counts.delivered, counts.total) == (1, 2, 2)
    assert cell(got, "m", "cross", LMD).reason == "the run has not measured it yet"


def test_values_that_are_not_numbers_are_no_values(cards: Cards, invented: Maker) -> None:
    scores = [math.nan, 1.0, math.inf, -math.inf]
    got = build([invented("m", {LMD: scores}).record()], cards)
    assert cell(got, "m", "self", LMD).measured == 1
    assert cell(got, "m", "self", LMD).reason == "the value is not a number"
    assert cell(got, "m", "cross", LMD).value is None
    assert cell(got, "m", "cross", LMD).reason == "the mean is not a number"


def test_driver_missing_or_undefined(cards: Cards, invented: Maker) -> None:
    missing = [Measured(0.5, 31, 31)] * 2
    endless = [Measured(math.inf, 31, 31, driver=math.inf)] * 2
    got = build([invented("m", {FLICKER: [*missing, *endless]}).record()], cards)
    assert cell(got, "m", "self", FLICKER).value == 0.5
    for kind in ("self", "cross"):
        assert cell(got, "m", kind, FLICKER).distance is None
        assert cell(got, "m", kind, FLICKER).unranked == "the driving clip's own value is missing"


def test_reference_row_says_when_drivers_differ(cards: Cards, invented: Maker) -> None:
    runs = [
        invented(n, {FLICKER: [Measured(0.5, 31, 31, driver=d)] * 4}).record()
        for n, d in (("x", 0.5), ("y", 0.6))
    ]
    reference = cell(build(runs, cards), "driving clip", "self", FLICKER)
    assert reference.value is None
    assert reference.reason.startswith("differs between the runs")


def test_same_method_twice_is_told_apart_by_directory(cards: Cards, invented: Maker) -> None:
    runs = [invented("m", {LMD: [0.1] * 4}, run_id=i).record() for i in ("before", "after")]
    got = build(runs, cards)
    assert [r.label for r in got.rows] == ["m [before]", "m [after]"]


def test_metric_selection(shop: Shop, cards: Cards, invented: Maker) -> None:
    records = [run.record() for run in shop]
    for wanted in (["apd"], ["apd.test"], [APD]):
        assert {c.card.id for c in build(records, cards, wanted).columns} == {APD}
    jaw = invented("m", {JAW: [0.1] * 4, LMD: [0.1] * 4}).record()
    assert {c.card.id for c in build([jaw], cards).columns} == {LMD}
    assert {c.card.id for c in build([jaw], cards, ["all"]).columns} == {JAW, LMD}
    only = invented("m", {JAW: [0.1] * 4}).record()
    assert {c.card.id for c in build([only], cards).columns} == {JAW}


def test_kind_without_cases_has_no_columns(cards: Cards, invented: Maker) -> None:
    run = invented("m", {LMD: [0.1], FLICKER: [Measured(1, 1, 1, 1)]}, kinds={"a": "cross"})
    assert {c.kind for c in build([run.record()], cards).columns} == {"cross"}


def test_unknown_protocol_ids_are_named(cards: Cards, invented: Maker) -> None:
    run = invented("m", {LMD: [0.1] * 4, "lmd.test@2": [0.1] * 4})
    assert any("lmd.test@2" in note for note in build([run.record()], cards).notes)


def test_same_titles_get_their_definition(cards: Cards, invented: Maker) -> None:
    twin = {
        **cards,
        "lmd.twin@1": type(cards[LMD])(**{**_fields(cards[LMD]), "definition": "twin"}),
    }
    run = invented("m", {LMD: [0.1] * 4, "lmd.twin@1": [0.2] * 4})
    titles = [c.title for c in build([run.record()], twin).columns if c.kind == "self"]
    assert titles == ["LMD (test)", "LMD (twin)"]


def test_notes_name_what_numbers_stand_on(table: Table, cards: Cards, invented: Maker) -> None:
    text = "\n".join(table.notes)
    assert "frame 0 is the source and is not scored" in text
    assert "LMD = lmd.test@1 (×10⁻³: 1 stands for 1e-3)" in text
    assert "Extractors: face 3fa1c2d43fa1 and 777777777777." in text
    assert "FPS: ours (built-in warp) on 2 x CPU; LivePortrait on 1 x GPU." in text
    changed = {"packages": {"torch": "2.9.0"}, "code": {"version": "0.1.0", "dirty": True}}
    runs = [
        invented("x", {LMD: [0.1] * 4}).record(),
        invented("y", {LMD: [0.1] * 4}, extra=changed).record(),
    ]
    assert any("differ in code (dirty), torch" in note for note in build(runs, cards).notes)
    assert not any("The runs differ" in note for note in table.notes)


def test_same_runs_same_table(shop: Shop, cards: Cards) -> None:
    first, second = (build([run.record() for run in shop], cards) for _ in range(2))
    assert first == second


def _fields(card: object) -> dict[str, object]:
    return {name: getattr(card, name) for name in type(card).__dataclass_fields__}


@pytest.mark.parametrize(
    ("check", "note"),
    [
        (None, ""),
        ({"needed": False}, ""),
        ({"needed": True}, "Unchecked: its frame map, geometry and seeds were not tried"),
        ({"needed": True, "rules": []}, ""),
        (
            {
                "needed": True,
                "rules": [
                    {"rule": "frame map", "verdict": "broken", "said": "one late"},
                    {"rule": "geometry", "verdict": "held", "said": "2%"},
                    {"rule": "value range", "verdict": "not testable", "said": "noise"},
                ],
            },
            "Broken, as bench methods check found: frame map (one late).",
        ),
    ],
)
def test_a_row_says_whether_its_method_was_checked(
    cards: Cards, invented: Maker, check: dict[str, Any] | None, note: str
) -> None:
    run = invented("ours", {SSIM: [0.8, 0.8]}, extra={} if check is None else {"check": check})
    row = build([run.record()], cards).rows[0]
    assert row.note.startswith(note)
    assert bool(row.note) == bool(note)


def test_a_check_that_is_no_check_is_refused(cards: Cards, invented: Maker) -> None:
    run = invented("ours", {SSIM: [0.8, 0.8]}, extra={"check": {"rules": ["held"]}})
    with pytest.raises(UsageProblem, match="check"):
        build([run.record()], cards)
