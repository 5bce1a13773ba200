"""``--groups``: methods that cannot be told apart share a rank; ranks found again with scipy."""

import csv
from collections.abc import Callable, Mapping
from itertools import permutations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import typer
from scipy import stats
from typer.testing import CliRunner

from benchmark.cli.intervals import groups
from benchmark.cli.table import table
from benchmark.errors import UsageProblem
from leaderboards.build import build
from leaderboards.formats.layout import Style, layout
from leaderboards.groups import NOTE
from leaderboards.model import Table
from metrics.card import Card
from metrics.score import Measured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
LMD, SSIM, FLICKER, REAL = "lmd.test@1", "ssim.test@1", "flicker.test@1", "lmd.mediapipe478@1"
N = 14
CASES = [f"c{i:02}" for i in range(N)]
KINDS = dict.fromkeys(CASES, "self")
PEOPLE = {case: [case, case] for case in CASES}
METHODS = ("good", "alike", "bad", "worst")
app = typer.Typer()
app.command()(table)


def drawn(seed: int) -> dict[str, list[float]]:
    random = np.random.default_rng(seed)
    hard = random.uniform(0.01, 0.05, N)
    steps = dict(zip(METHODS, (0.0, 0.0002, 0.004, 0.02), strict=True))
    return {m: (hard + step + 0.002 * random.normal(size=N)).tolist() for m, step in steps.items()}


def made(invented: Maker, metric: str, values: Mapping[str, list[Any]], **extra: Any) -> list[Any]:
    said = {"people": extra.pop("people", PEOPLE)}
    return [
        invented(name, {metric: scores}, kinds=KINDS, extra=said, **extra)
        for name, scores in values.items()
    ]


def ranks(found: Table) -> list[int | None]:
    return [cell.rank for row in found.rows if row.role == "method" and (cell := row.cells[0])]


def again(values: Mapping[str, list[float]]) -> list[int]:
    """Every pair by a one-sided paired t-test, Holm's steps by hand."""
    pairs = list(permutations(METHODS, 2))
    p = {(a, b): stats.ttest_rel(values[b], values[a], alternative="less").pvalue for a, b in pairs}
    worse = dict.fromkeys(METHODS, 1)
    for step, (pair, value) in enumerate(sorted(p.items(), key=lambda item: item[1])):
        if value * (len(pairs) - step) > 0.05:
            break
        worse[pair[0]] += 1
    return list(worse.values())


@pytest.mark.parametrize("seed", range(8))
def test_ranks_are_found_again(cards: Cards, invented: Maker, seed: int) -> None:
    values = drawn(seed)
    runs = [one.record() for one in made(invented, LMD, values)]
    assert ranks(build(runs, cards, grouping=groups)) == again(values)
    assert sorted(r or 0 for r in ranks(build(runs, cards))) == [1, 2, 3, 4], "and else by print"


def test_higher_is_better_and_distances_have_their_own(cards: Cards, invented: Maker) -> None:
    values = drawn(0)
    high = {m: [1.0 - v for v in one] for m, one in values.items()}
    far = {m: [Measured(0.5 - v, 31, 31, driver=0.5) for v in one] for m, one in values.items()}
    for metric, scores in ((SSIM, high), (FLICKER, far)):
        runs = [one.record() for one in made(invented, metric, scores)]
        assert ranks(build(runs, cards, grouping=groups)) == again(values), metric


def test_who_takes_part_stays_as_it_is(cards: Cards, invented: Maker) -> None:
    values = drawn(0)
    runs = made(invented, LMD, values)
    control = made(invented, LMD, {"frozen": [0.0] * N}, control=True)
    stopped = made(invented, LMD, {"stopped": [0.0] * N}, reached=3)
    found = build([one.record() for one in (*control, *runs, *stopped)], cards, grouping=groups)
    assert ranks(found) == [*again(values), None]
    assert found.rows[-1].label == "frozen"
    (cell,) = found.rows[-1].cells
    assert cell is not None
    assert cell.rank is None


@pytest.mark.parametrize("people", [{}, {case: [f"p{i % 9}"] * 2 for i, case in enumerate(CASES)}])
def test_too_few_people_and_nobody_is_ranked(cards: Cards, invented: Maker, people: Any) -> None:
    runs = [one.record() for one in made(invented, LMD, drawn(0), people=people)]
    found = build(runs, cards, grouping=groups)
    assert ranks(found) == [None] * 4
    shown = layout(found)
    assert not shown.ranked
    assert all(line.cells[2].style is Style.PLAIN for line in shown.panels[0].lines)
    assert any("fewer than ten people" in said for _, said in shown.marked)


def test_a_user_asks_for_them(tmp_path: Path, invented: Maker) -> None:
    values = drawn(0)
    for one in made(invented, REAL, values):
        one.write(tmp_path)

    def bench(*arguments: object) -> Any:
        done = CliRunner().invoke(app, [str(a) for a in (tmp_path, *arguments)])
        if done.exception and not isinstance(done.exception, SystemExit):
            raise done.exception
        return done

    lines = csv.DictReader(bench("--groups", "--format", "csv").output.splitlines())
    assert {line["method"]: int(line["rank"]) for line in lines} == dict(
        zip(METHODS, again(values), strict=True)
    )
    assert NOTE.partition(":")[0] in bench("--groups", "--format", "md").output
    assert NOTE.partition(":")[0] not in bench("--format", "md").output
    with pytest.raises(UsageProblem, match="a layout has its own columns and ranks"):
        bench("--groups", "--layout", "xnemo-1")
