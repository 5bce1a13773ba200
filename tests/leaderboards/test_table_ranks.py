"""Who is ranked against whom: never across definitions, cases, losses or machines."""

import math
from collections import defaultdict
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmark.store import Outcome
from leaderboards.build import build
from leaderboards.model import MIN_COVERAGE, Table
from leaderboards.numbers import printed
from metrics.card import Card
from metrics.score import Measured, NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
SSIM, LMD, FLICKER, FPS = (f"{n}.test@1" for n in ("ssim", "lmd", "flicker", "fps"))
FACES = ("3f" * 32, "77" * 32)


def ranks(table: Table, protocol_id: str, kind: str = "self") -> dict[str, int | None]:
    i = next(i for i, c in enumerate(table.columns) if (c.kind, c.card.id) == (kind, protocol_id))
    return {r.label: r.cells[i].rank for r in table.rows if r.cells[i] is not None}


def reasons(table: Table, protocol_id: str) -> dict[str, str]:
    i = next(i for i, c in enumerate(table.columns) if c.card.id == protocol_id)
    return {r.label: r.cells[i].unranked for r in table.rows if r.cells[i] is not None}


def simple(cards: Cards, invented: Maker, protocol_id: str, **values: float) -> Table:
    size = 2 if protocol_id == SSIM else 4
    runs = [
        invented(n, {FPS: [1.0] * 4, protocol_id: [v] * size}).record() for n, v in values.items()
    ]
    return build(runs, cards)


def test_directions(cards: Cards, invented: Maker) -> None:
    values = {"x": 0.1, "y": 0.2, "z": 0.3}
    assert ranks(simple(cards, invented, LMD, **values), LMD) == {"x": 1, "y": 2, "z": 3}
    assert ranks(simple(cards, invented, SSIM, **values), SSIM) == {"x": 3, "y": 2, "z": 1}


def test_distance_to_the_driver_is_ranked(cards: Cards, invented: Maker) -> None:
    drivers = {"frozen": 1.0, "near": 0.96, "far": 0.90}
    runs = [
        invented(n, {FLICKER: [Measured(v, 31, 31, driver=0.97)] * 4}).record()
        for n, v in drivers.items()
    ]
    got = ranks(build(runs, cards), FLICKER)
    assert (got["near"], got["frozen"], got["far"]) == (1, 2, 3)


def test_numbers_that_print_alike_share_a_rank(cards: Cards, invented: Maker) -> None:
    got = simple(cards, invented, LMD, x=0.010001, y=0.010002, z=0.02)
    assert ranks(got, LMD) == {"x": 1, "y": 1, "z": 3}


def test_infinite_values_are_shown_but_not_ranked(cards: Cards, invented: Maker) -> None:
    inf = float("inf")
    got = simple(cards, invented, SSIM, x=inf, y=1e300, z=-1e300, low=-inf)
    assert ranks(got, SSIM) == {"x": None, "y": 1, "z": 2, "low": None}
    assert reasons(got, SSIM)["x"] == "the value is infinite"
    assert [row.cells[0].value for row in got.rows if row.label == "x"] == [inf]


def test_no_definition_is_infinite_for_identical_frames() -> None:
    """What `leaderboards.ranks` says of infinity: if one ever is, it must be ranked again."""
    from metrics.registry import CARDS as KNOWN

    for card in KNOWN.values():
        assert card.identical is None or math.isfinite(card.identical), card.id
        if card.name == "psnr":
            assert card.bounds[1] == card.identical == 100.0


def test_a_lone_method_has_nobody_to_beat(cards: Cards, invented: Maker) -> None:
    assert ranks(simple(cards, invented, LMD, x=0.1), LMD) == {"x": None}


def test_controls_are_never_ranked(cards: Cards, invented: Maker) -> None:
    runs = [
        invented(n, {LMD: [v] * 4}, control=n == "driver").record()
        for n, v in {"driver": 0.0, "x": 0.1, "y": 0.2}.items()
    ]
    assert ranks(build(runs, cards), LMD) == {"x": 1, "y": 2, "driver": None}


def test_larger_group_of_extractors_is_ranked(cards: Cards, invented: Maker) -> None:
    faces = {"x": FACES[0], "y": FACES[0], "old": FACES[1]}
    runs = [invented(n, {LMD: [0.1] * 4}, face=f).record() for n, f in faces.items()]
    got = build(runs, cards)
    assert ranks(got, LMD) == {"x": 1, "y": 1, "old": None}
    assert reasons(got, LMD)["old"] == "other extractors than the rest of the column"


def test_equal_groups_are_not_ranked_at_all(cards: Cards, invented: Maker) -> None:
    runs = [
        invented(f"{n}{f[0]}", {LMD: [0.1] * 4, SSIM: [0.5] * 2}, face=f).record()
        for n in "xy"
        for f in FACES
    ]
    got = build(runs, cards)
    assert set(ranks(got, LMD).values()) == {None}
    assert set(ranks(got, SSIM).values()) == {1}  # no extractor behind it


def test_speed_is_ranked_on_one_machine_only(cards: Cards, invented: Maker) -> None:
    machines = {"x": "A", "y": "A", "z": "B"}
    runs = [
        invented(n, {FPS: [9.0] * 4, LMD: [0.1] * 4}, hardware=h).record()
        for n, h in machines.items()
    ]
    got = build(runs, cards)
    assert ranks(got, FPS) == {"x": 1, "y": 1, "z": None}
    assert ranks(got, LMD) == {"x": 1, "y": 1, "z": 1}


def test_other_judged_cases_are_not_ranked_together(cards: Cards, invented: Maker) -> None:
    easy = {"b": (Outcome.UNJUDGEABLE, "too hard")}
    runs = [
        invented("x", {LMD: [0.2] * 4}).record(),
        invented("y", {LMD: [0.3] * 4}).record(),
        invented("picky", {LMD: [0.1] * 4}, outcomes=easy).record(),
    ]
    got = build(runs, cards)
    assert ranks(got, LMD) == {"x": 1, "y": 2, "picky": None}
    assert reasons(got, LMD)["picky"] == "other judgeable cases than the rest of the column"
    assert ranks(got, LMD, "cross")["picky"] == 1


@pytest.mark.parametrize(("frames", "rank"), [(19, 1), (18, None)])
def test_coverage_threshold_is_inclusive(
    cards: Cards, invented: Maker, frames: int, rank: int | None
) -> None:
    runs = [
        invented("x", {LMD: [Measured(0.1, frames, 20)] * 4}).record(),
        invented("y", {LMD: [0.2] * 4}).record(),
        invented("z", {LMD: [0.3] * 4}).record(),
    ]
    assert ranks(build(runs, cards), LMD)["x"] == rank


SCORES = st.one_of(
    st.builds(
        lambda value, lost: Measured(value, 100 - lost, 100),
        st.sampled_from([0.0, 0.1, 0.1000001, 0.2, 1e-9, -1.0, 1e9, float("inf")]),
        st.sampled_from([0, 0, 0, 5, 6, 50]),
    ),
    st.just(NotMeasured("no face")),
)
OUTCOMES = st.sampled_from([Outcome.OK] * 6 + [Outcome.FAILED, Outcome.UNJUDGEABLE])
RUNS = st.lists(
    st.fixed_dictionaries(
        {
            "scores": st.lists(SCORES, min_size=4, max_size=4),
            "outcomes": st.lists(OUTCOMES, min_size=4, max_size=4),
            "reached": st.sampled_from([4, 4, 4, 4, 3]),
            "face": st.sampled_from(FACES),
            "hardware": st.sampled_from(["A", "B"]),
            "control": st.sampled_from([False] * 5 + [True]),
        }
    ),
    min_size=1,
    max_size=6,
)


@given(RUNS, st.sampled_from([LMD, FPS]))
@settings(max_examples=200, deadline=None)
def test_no_rank_crosses_a_border(
    cards: Cards, invented: Maker, runs: list[dict[str, Any]], protocol_id: str
) -> None:
    made = {}
    for i, run in enumerate(runs):
        outcomes = {c: (o, "") for c, o in zip("abcd", run["outcomes"], strict=True)}
        made[f"m{i}"] = invented(
            f"m{i}",
            {protocol_id: run["scores"]},
            outcomes=outcomes,
            **{k: run[k] for k in ("reached", "face", "hardware", "control")},
        )
    table = build([run.record() for run in made.values()], cards)
    for i, column in enumerate(table.columns):
        entries = [(made[r.name], r.cells[i]) for r in table.rows if r.role != "reference"]
        ranked = [(run, c) for run, c in entries if c.rank is not None]
        assert len(ranked) != 1
        groups = defaultdict(list)
        for run, cell in ranked:
            assert not run.control
            assert run.reached == 4
            ids = [c for c in run.kinds if run.kinds[c] == column.kind]
            ends = {c: run.outcomes[c][0] for c in ids}
            assert Outcome.FAILED not in ends.values()
            judged = tuple(c for c in ids if ends[c] is Outcome.OK)
            used = [dict(zip("abcd", run.scores[protocol_id], strict=True))[c] for c in judged]
            assert all(isinstance(s, Measured) and math.isfinite(s.value) for s in used)
            frames = sum(s.frames for s in used), sum(s.total for s in used)
            assert frames[0] / frames[1] >= MIN_COVERAGE
            key = (run.face if protocol_id == LMD else "", judged)
            groups[(*key, run.hardware if column.card.timing else "")].append(cell)
        assert len(groups) <= 1
        order = [(_shown(column.card, c.value), c.rank) for _, c in ranked]
        for value, rank in order:
            better = [v for v, _ in order if (v > value if protocol_id == FPS else v < value)]
            assert rank == 1 + len(better)


def _shown(card: Card, value: float) -> Decimal:
    return Decimal(printed(value, card.scale_exponent, card.digits))
