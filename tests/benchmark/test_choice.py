"""Which metrics are measured, by name and by cost."""

import pytest

from benchmark.choice import choose_metrics, fits, heavy, light, measured_before
from benchmark.errors import UsageProblem
from benchmark.splits.case import Case
from metrics.registry import CANONICAL

CASE = {
    "id": "a",
    "protocol": "cross",
    "source": "a.png",
    "driving": "b.mp4",
    "frames": (0, 2),
    "fps": "25",
    "size": (64, 64),
    "sha256": {"source": "0" * 64, "driving": "1" * 64},
}


def test_all_is_everything_in_table_order() -> None:
    assert [c.id for c in choose_metrics(["all"], [])] == list(CANONICAL)


def test_the_default_leaves_expensive_ones_out_on_a_cpu_only() -> None:
    left_out = set(choose_metrics(["all"], [])) - set(choose_metrics([], []))
    assert left_out
    assert all(heavy(card) for card in left_out)
    assert choose_metrics([], [], "cuda") == choose_metrics(["all"], [])


def test_light_needs_no_further_network() -> None:
    chosen = choose_metrics(["light"], [])
    assert all(light(card) for card in chosen)
    assert {"aed", "ssim", "flicker"} <= {card.name for card in chosen}
    assert not {"fid", "lpips", "id_sim"} & {card.name for card in chosen}


def test_names_definitions_and_ids() -> None:
    aed = {card.id for card in CANONICAL.values() if card.name == "aed"}
    assert {card.id for card in choose_metrics(["aed"], [])} == aed
    assert [c.id for c in choose_metrics(["aed.mediapipe51", "fps.offline@1"], [])] == [
        "aed.mediapipe51@1",
        "fps.offline@1",
    ]
    assert not {c.name for c in choose_metrics(["all"], ["fid", "aed"])} & {"fid", "aed"}


def test_mistakes_are_sentences() -> None:
    with pytest.raises(UsageProblem, match="unknown metric 'aedd'"):
        choose_metrics(["aedd"], [])
    with pytest.raises(UsageProblem, match="no metric is left"):
        choose_metrics(["aed"], ["aed"])


def test_a_metric_fits_the_cases_it_is_defined_for() -> None:
    cross, self = (Case.model_validate({**CASE, "protocol": p}) for p in ("cross", "self"))
    assert fits(CANONICAL["ssim.wang-rgb@2"], self)
    assert not fits(CANONICAL["ssim.wang-rgb@2"], cross)
    still = CANONICAL["still_mouth.mediapipe23@1"]
    held = Case.model_validate({**CASE, "components": ["pose"], "still": ["mouth"]})
    assert fits(still, held)
    assert not fits(still, cross)


def test_what_a_run_has_measured_before_cannot_be_skipped() -> None:
    stored = [card.id for card in choose_metrics(["ssim.wang-rgb", "psnr.frame-cap100"], [])]
    assert len(stored) == 2
    assert [card.id for card in measured_before(["ssim", "lpips"], stored)] == stored[:1]
    assert measured_before([], stored) == ()
    assert measured_before(["ssim"], []) == ()
    with pytest.raises(UsageProblem, match="unknown metric 'sim'"):
        measured_before(["sim"], stored)


def test_a_stand_in_counts_as_measured() -> None:
    from metrics.selection import variants

    card, stand_in = next((card, one) for card in CANONICAL.values() for one in variants(card))
    assert stand_in.id != card.id
    assert measured_before([card.id], [stand_in.id]) == (card,)
