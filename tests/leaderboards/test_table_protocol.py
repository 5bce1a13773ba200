"""What a table says about the rules of its split, and about what a method has seen before."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from benchmark.errors import UsageProblem
from leaderboards.build import build
from leaderboards.formats.csv import csv
from leaderboards.formats.html import html
from leaderboards.formats.latex import latex
from leaderboards.formats.markdown import markdown
from leaderboards.model import Table
from metrics.card import Card

Cards = Mapping[str, Card]
Maker = Callable[..., Any]
SCORES = {"lmd.test@1": [0.1, 0.2, 0.3, 0.4]}
LISTED = {"lists": ["vox_train.txt"], "cases": {"a": "seen", "c": "seen", "d": "seen"}}


def test_frame_0_is_said_to_count_where_it_does(invented: Maker, cards: Cards) -> None:
    rules = {"id": "reenactment-frame0@1", "first_frame": "scored"}
    table = build([invented("m", SCORES, split={"protocol": rules}).record()], cards)
    assert table.notes[0].startswith(
        "Means over cases by protocol reenactment-frame0@1; in self-reenactment frame 0 is the "
        "source and is scored, too."
    )
    plain = build([invented("m", SCORES).record()], cards)
    assert "frame 0 is the source and is not scored" in plain.notes[0]


def test_a_contaminated_method_carries_a_mark(invented: Maker, cards: Cards) -> None:
    seen = invented("m", SCORES, note="Mine.", extra={"contamination": LISTED})
    table = build([seen.record(), invented("n", SCORES).record()], cards)
    notes = {row.label: row.note for row in table.rows}
    assert notes["m"] == (
        "Mine. Contaminated: 1 of 2 self cases and 2 of 2 cross cases show a clip, picture or "
        "person of its training data (vox_train.txt)."
    )
    assert notes["n"] == ""


def test_lists_that_hold_none_of_the_cases_leave_no_mark(invented: Maker, cards: Cards) -> None:
    clean = invented("m", SCORES, extra={"contamination": {"lists": ["x"], "cases": {}}})
    assert build([clean.record()], cards).rows[0].note == ""


@pytest.mark.parametrize("form", [markdown, csv, latex, html])
def test_every_format_shows_the_mark(
    form: Callable[[Table], str], invented: Maker, cards: Cards
) -> None:
    seen = invented("m", SCORES, extra={"contamination": LISTED})
    assert "Contaminated" in form(build([seen.record()], cards))


@pytest.mark.parametrize("bad", [7, {"cases": []}, {"lists": "x", "cases": {"a": 1}}])
def test_a_record_edited_by_hand(bad: Any, invented: Maker, cards: Cards) -> None:
    run = invented("m", SCORES, extra={"contamination": bad})
    with pytest.raises(UsageProblem, match="contamination"):
        build([run.record()], cards)
