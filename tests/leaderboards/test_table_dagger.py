"""Numbers that stand on stand-ins carry a dagger and are never ranked with canonical ones."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from leaderboards.build import build
from leaderboards.columns import official
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


def titles(invented: Any, cards: Mapping[str, Card], *ids: str) -> list[str]:
    made = invented("x", {i: [0.01, 0.01, 0.02, 0.02] for i in ids}).record()
    return [column.title for column in build([made], cards).columns if column.kind == "self"]


def test_headers_are_as_short_as_they_can_be(invented: Any, both: Mapping[str, Card]) -> None:
    assert titles(invented, both, STAND_IN) == ["LMD†"]
    assert titles(invented, both, LMD, STAND_IN) == ["LMD", "LMD†"]
    other = replace(both[STAND_IN], definition="test-embedded-ffff0000")
    iso = replace(both[LMD], definition="iso")
    iso_stand_in = replace(both[STAND_IN], definition="iso-embedded-0123abcd")
    more = {**both, **{card.id: card for card in (other, iso, iso_stand_in)}}
    assert titles(invented, more, STAND_IN, iso_stand_in.id) == ["LMD (test)†", "LMD (iso)†"]
    assert titles(invented, more, LMD, STAND_IN, iso.id) == ["LMD (test)", "LMD†", "LMD (iso)"]
    assert titles(invented, more, STAND_IN, other.id) == ["LMD (test 0123)†", "LMD (test ffff)†"]


def test_no_two_definitions_have_one_header() -> None:
    from leaderboards.columns import _titles
    from metrics.registry import CARDS

    assert len(set(_titles(list(CARDS.values())))) == len(CARDS)
    embedded = [card for card in CARDS.values() if card.embedded]
    assert all(title.endswith("†") for title in _titles(embedded))
    assert all("-embedded-" not in official(card) for card in CARDS.values())


def test_a_definition_names_its_stand_ins(invented: Any, both: Mapping[str, Card]) -> None:
    """The words of ``bench run --metrics`` find what that run then held."""
    made = run(invented, "a", STAND_IN)
    for word in ("lmd", "lmd.test", LMD, STAND_IN, "lmd.test-embedded-0123abcd"):
        table = build([made], both, [word])
        assert {column.card.id for column in table.columns} == {STAND_IN}
