"""Numbers that stand on stand-ins carry a dagger and are never ranked with canonical ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from leaderboards.build import build
from metrics.card import Card

LMD, SSIM = "lmd.test@1", "ssim.test@1"
STAND_IN = "lmd.test-embedded-0123abcd@1"


@pytest.fixture
def both(cards: Mapping[str, Card]) -> Mapping[str, Card]:
    made = replace(cards[LMD], definition="test-embedded-0123abcd", embedded=True)
    return {**cards, made.id: made}


def run(invented: Any, name: str, lmd: str) -> Any:
    return invented(name, {SSIM: [0.9, 0.9], lmd: [0.01, 0.01, 0.02, 0.02]}).record()


def test_official_columns_have_none(invented: Any, both: Mapping[str, Card]) -> None:
    table = build([run(invented, "a", LMD)], both)
    assert not any("†" in column.title for column in table.columns)
    assert not any("†" in note for note in table.notes)


def test_stand_ins_have_one_and_a_note(invented: Any, both: Mapping[str, Card]) -> None:
    table = build([run(invented, "a", STAND_IN)], both)
    marked = {column.card.id for column in table.columns if column.title.endswith("†")}
    assert marked == {STAND_IN}
    assert any(note.startswith("† Measured with stand-ins") for note in table.notes)


def test_they_stand_in_columns_of_their_own(invented: Any, both: Mapping[str, Card]) -> None:
    table = build([run(invented, "a", LMD), run(invented, "b", STAND_IN)], both)
    for index, column in enumerate(table.columns):
        ranks = [cell.rank for row in table.rows if (cell := row.cells[index])]
        if column.card.name == "lmd":
            assert set(ranks) == {None}
        elif column.card.name == "ssim":
            assert None not in ranks
