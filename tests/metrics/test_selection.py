"""Which definition a number carries: decided by what its extractors stand on."""

from dataclasses import replace

import pytest

from metrics.registry import CANONICAL, CARDS
from metrics.selection import Decision, active, embedded, state_sha256, variants
from metrics.signals.catalogue import SPECS

LPIPS_FACE = CANONICAL["lpips_face.alex@1"]
OFFICIAL = {
    "face": Decision("face", "canonical", "a" * 64),
    "lpips-alex": Decision("lpips-alex", "canonical", "b" * 64),
}


def test_official_extractors_give_the_canonical_definition() -> None:
    assert active(LPIPS_FACE, OFFICIAL).card == LPIPS_FACE


def test_each_stand_in_gives_another_definition() -> None:
    ids = {LPIPS_FACE.id}
    for changed in (["face"], ["lpips-alex"], ["face", "lpips-alex"]):
        decisions = {
            n: replace(d, profile="embedded") if n in changed else d for n, d in OFFICIAL.items()
        }
        card = active(LPIPS_FACE, decisions).card
        assert card.embedded
        assert card.id in CARDS, "tables know every definition a run may carry"
        ids.add(card.id)
    assert len(ids) == 4


def test_the_id_names_the_state_it_stands_on() -> None:
    made = embedded(LPIPS_FACE, ["lpips-alex"])
    assert made.definition.endswith(f"-embedded-{state_sha256('lpips-alex')[:8]}")


def test_what_cannot_run_is_absent_with_its_reason() -> None:
    decisions = {**OFFICIAL, "lpips-alex": Decision("lpips-alex", None, reason="weights missing")}
    found = active(LPIPS_FACE, decisions)
    assert found.absent == "weights missing"
    assert found.card == LPIPS_FACE


@pytest.mark.parametrize("card", CANONICAL.values(), ids=lambda card: card.id)
def test_every_extractor_of_a_card_is_known(card: object) -> None:
    names = card.extractors  # type: ignore[attr-defined]
    assert all(name == "face" or name in SPECS for name in names)


def test_no_two_stand_ins_share_an_id() -> None:
    made = [v.id for card in CANONICAL.values() for v in variants(card)]
    assert len(made) == len(set(made))
