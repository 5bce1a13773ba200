"""``--intervals``: what stands behind ± in tables and layouts, and when there is none."""

import math
import statistics
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from benchmark.cli.intervals import spread
from benchmark.cli.table import table
from leaderboards.build import build
from leaderboards.formats.layout import layout
from leaderboards.layouts.build import paper_table
from leaderboards.published import load
from metrics.card import Card
from metrics.registry import CARDS
from metrics.score import Measured, NotMeasured

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
LMD, FLICKER, REAL = "lmd.test@1", "flicker.test@1", "lmd.mediapipe478@1"
N = 12
T_11 = 2.200985160082949
"""Student's t at 0.975 with 11 degrees of freedom, from tables."""
CASES = [f"c{i:02}" for i in range(N)]
KINDS = dict.fromkeys(CASES, "self")
PEOPLE = {case: [f"p{i}", f"p{i}"] for i, case in enumerate(CASES)}
VALUES = [0.01 + 0.001 * ((5 * i) % N) for i in range(N)]
app = typer.Typer()
app.command()(table)


def run(invented: Maker, metric: str = LMD, **changes: Any) -> Any:
    people = changes.pop("people", PEOPLE)
    scores = changes.pop("scores", VALUES)
    return invented("x", {metric: scores}, kinds=KINDS, extra={"people": people}, **changes)


def reach(values: list[float]) -> float:
    """Half the width where every case has a person of its own: the textbook interval."""
    return T_11 * statistics.stdev(values) / math.sqrt(len(values))


def test_people_of_their_own_give_the_textbook_interval(cards: Cards, invented: Maker) -> None:
    (row,) = build([run(invented).record()], cards, spread=spread).rows
    assert row.cells[0].spread == pytest.approx(reach(VALUES), rel=1e-9)


def test_nobody_asked_and_nothing_is_printed(cards: Cards, invented: Maker) -> None:
    plain = build([run(invented).record()], cards)
    asked = build([run(invented).record()], cards, spread=spread)
    assert plain.rows[0].cells[0].spread is None
    assert "±" not in layout(plain).panels[0].lines[0].cells[2].text
    assert layout(asked).panels[0].lines[0].cells[2].text == f"15.50 ±{reach(VALUES) * 1e3:.2f}"
    assert [note for note in asked.notes if note not in plain.notes] == [asked.notes[-1]]


def test_of_a_distance_the_distance_has_the_interval(cards: Cards, invented: Maker) -> None:
    scores = [Measured(0.9 + v, 31, 31, driver=0.9) for v in VALUES]
    (row, _) = build([run(invented, FLICKER, scores=scores).record()], cards, spread=spread).rows
    assert row.cells[0].spread == pytest.approx(reach(VALUES), rel=1e-6)


@pytest.mark.parametrize(
    "people",
    [
        {},
        "nobody",
        {case: ["p0", "p0"] for case in CASES},
        {case: [f"p{i % 9}"] * 2 for i, case in enumerate(CASES)},
        {case: ["", "p"] for case in CASES},
        {case: [1, 2] for case in CASES},
        {**PEOPLE, "c03": None},
        {**PEOPLE, "c03": ["p"]},
    ],
)
def test_without_people_there_is_none(invented: Maker, people: Any) -> None:
    record = run(invented, people=people).record()
    assert spread(record, dict(zip(CASES, VALUES, strict=True))) is None


def test_what_was_not_measured_is_not_in_it(cards: Cards, invented: Maker) -> None:
    lost = NotMeasured("no face")
    people = {case: [f"p{i}"] * 2 for i, case in enumerate(CASES)}
    whole = run(invented, scores=[*VALUES[:11], lost], people=people).record()
    got = build([whole], cards, spread=spread).rows[0].cells[0].spread
    t_10 = 2.228138851964939
    assert got == pytest.approx(t_10 * statistics.stdev(VALUES[:11]) / math.sqrt(11), rel=1e-9)
    endless = run(invented, scores=[*VALUES[:11], math.inf], people=people).record()
    assert build([endless], cards, spread=spread).rows[0].cells[0].spread is None


def test_in_a_layout_it_has_the_papers_scale(invented: Maker) -> None:
    library = load()
    fantasy = library.table("fantasyportrait-1")
    made = paper_table(library, fantasy, [run(invented, REAL).record()], CARDS, spread=spread)
    cell = made.rows[-1].cells[3]
    assert cell.spread == pytest.approx(reach(VALUES), rel=1e-9)
    assert cell.printed == "15.50"


def test_on_the_command_line(tmp_path: Path, invented: Maker) -> None:
    root = run(invented, REAL).write(tmp_path)
    wanted = f"15.50 ±{reach(VALUES) * 1e3:.2f}"
    for more in ((), ("--layout", "fantasyportrait-1")):
        words = [str(root), "--format", "md", *more]
        assert wanted not in CliRunner().invoke(app, words).output
        assert wanted in CliRunner().invoke(app, [*words, "--intervals"]).output
