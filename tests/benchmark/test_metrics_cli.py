"""``bench metrics list | show``: how exactly is it computed?"""

import json

import pytest
from in_process import bench

from metrics.registry import CANONICAL, CARDS


def test_list_fits_80_columns_and_names_every_metric() -> None:
    done = bench("metrics", "list")
    assert done.returncode == 0
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    shown = {line.split()[0] for line in done.stdout.splitlines()}
    assert set(CANONICAL) <= shown


def test_list_speaks_json_with_and_without_stand_ins() -> None:
    plain = json.loads(bench("metrics", "list", "--format", "json").stdout)
    assert [row["protocol id"] for row in plain] == list(CANONICAL)
    every = json.loads(bench("metrics", "list", "--embedded", "--format", "json").stdout)
    assert [row["protocol id"] for row in every] == list(CARDS)
    assert all(row["title"].endswith("†") == row["embedded"] for row in every)


def test_show_answers_how_exactly_aed_is_computed() -> None:
    done = bench("metrics", "show", "aed")
    assert done.returncode == 0
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    ids = [card.id for card in CANONICAL.values() if card.name == "aed"]
    assert f"aed: {len(ids)} definitions" in done.stdout
    assert all(f"\n{metric_id}  " in done.stdout for metric_id in ids)
    words = " ".join(done.stdout.split())
    assert "mean over 51 blendshapes (without _neutral) of |g - d|" in words
    for label in ("formula", "value", "needs", "missing", "identical", "source", "inferred"):
        assert f"\n{label} " in done.stdout


def test_every_definition_can_be_shown() -> None:
    for name in dict.fromkeys(card.name for card in CANONICAL.values()):
        done = bench("metrics", "show", name)
        assert done.returncode == 0
        assert all(len(line) <= 80 for line in done.stdout.splitlines()), name
        ids = [card.id for card in CANONICAL.values() if card.name == name]
        assert all(f"{metric_id}  " in done.stdout for metric_id in ids)
        cards = json.loads(bench("metrics", "show", name, "--format", "json").stdout)
        assert [card["id"] for card in cards] == ids
        assert [c["said"]["formula"] for c in cards] == [CANONICAL[i].formula for i in ids]


def test_a_stand_in_is_marked() -> None:
    card = next(card for card in CARDS.values() if card.embedded)
    done = bench("metrics", "show", card.id)
    assert done.stdout.startswith(f"{card.id}  {card.title} † embedded stand-in\n")
    words = " ".join(done.stdout.split())
    assert card.notes
    assert all(" ".join(note.split()) in words for note in card.notes)


def test_a_definition_without_its_version_is_found() -> None:
    assert bench("metrics", "show", "aed.mediapipe51").stdout.startswith("aed.mediapipe51@1")


@pytest.mark.parametrize(
    ("name", "guess"),
    [("aedd", "aed"), ("aed.mediapipe52", "aed.mediapipe51"), ("lmb.mediapipe478@1", "lmd.med")],
)
def test_a_wrong_name_has_a_suggestion(name: str, guess: str) -> None:
    done = bench("metrics", "show", name)
    assert done.returncode == 2
    assert f"did you mean '{guess}" in done.stderr
    if name.startswith("aed."):
        assert "psnr" not in done.stderr  # only what could be meant
