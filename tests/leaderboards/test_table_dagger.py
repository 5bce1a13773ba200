"""Columns that stand on the embedded face engine carry a dagger, and a note says whose."""

from collections.abc import Mapping
from typing import Any

from leaderboards.build import build
from metrics.card import Card

EMBEDDED = {"extractors": {"face-embedded": "ab" * 32}}
LMD, SSIM = "lmd.test@1", "ssim.test@1"


def run(invented: Any, name: str, embedded: bool) -> Any:
    scores = {SSIM: [0.9, 0.9], LMD: [0.01, 0.01, 0.02, 0.02]}
    extra = {"metrics": {SSIM: {"extractors": {}}, LMD: EMBEDDED}} if embedded else {}
    return invented(name, scores, extra=extra).record()


def test_official_columns_have_none(invented: Any, cards: Mapping[str, Card]) -> None:
    table = build([run(invented, "a", embedded=False)], cards)
    assert not any("†" in column.title for column in table.columns)
    assert not any("†" in note for note in table.notes)


def test_columns_of_the_embedded_engine(invented: Any, cards: Mapping[str, Card]) -> None:
    table = build([run(invented, "a", embedded=True)], cards)
    marked = {column.card.id for column in table.columns if column.title.endswith("†")}
    assert marked == {LMD}
    assert any(note.startswith("† Faces by the embedded engine") for note in table.notes)


def test_rows_of_both_engines_are_not_ranked_together(
    invented: Any, cards: Mapping[str, Card]
) -> None:
    table = build([run(invented, "a", embedded=False), run(invented, "b", embedded=True)], cards)
    assert any(note.startswith("† Faces of b by the embedded engine") for note in table.notes)
    for index, column in enumerate(table.columns):
        ranks = [row.cells[index].rank for row in table.rows if row.cells[index]]
        if column.card.id == LMD:
            assert None in ranks
        else:
            assert None not in ranks
