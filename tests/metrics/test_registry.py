import pytest

from metrics.registry import CARDS, card, named


@pytest.mark.parametrize("item", CARDS.values(), ids=CARDS)
def test_every_card_is_complete(item: object) -> None:
    from metrics.card import Card

    assert isinstance(item, Card)
    for field in ("name", "definition", "title", "formula", "missing", "source"):
        assert getattr(item, field).strip(), field
    assert item.protocols <= {"self", "cross"}
    assert item.protocols
    assert item.bounds[0] < item.bounds[1]
    assert CARDS[item.id] is item
    assert item.id == f"{item.name}.{item.definition}@{item.version}"


def test_names_group_definitions() -> None:
    assert {"aed.mediapipe51@1", "aed.mediapipe51rel@1"} < {c.id for c in named("aed")}
    assert {c.name for c in named("aed")} == {"aed"}
    assert card("lmd.mediapipe478@1").name == "lmd"
    with pytest.raises(KeyError):
        card("lmd")


def test_ground_truth_metrics_stay_out_of_cross_reenactment() -> None:
    for name in ("lmd", "ssim", "psnr", "l1"):
        assert all(c.protocols == {"self"} for c in named(name))
