"""Cards in words: nothing of a card is lost, and what is generated from them is current."""

import importlib.util
from dataclasses import replace
from pathlib import Path
from types import ModuleType

import pytest
from support import ROOT

from metrics import floor
from metrics.card import Card
from metrics.card_text import bounds, sections, value
from metrics.floor import FloorRecord, floor_sentence
from metrics.registry import CANONICAL, CARDS
from metrics.signals.catalogue import SPECS
from metrics.weights import registry
from metrics.weights_users import used_by

AED = CANONICAL["aed.mediapipe51@1"]


def tool(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, ROOT / "tools" / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("card", CARDS.values(), ids=CARDS)
def test_what_a_card_says_is_shown(card: Card) -> None:
    said = dict(sections(card))
    assert said["formula"] == card.formula
    assert said["missing"] == card.missing
    assert said["source"] == card.source
    assert said.get("inferred", "") == card.inference
    assert all(note.rstrip(".") in said["notes"] for note in card.notes)
    assert all(name in said["needs"] for name in card.extractors)
    assert all(text.strip() for text in said.values())


def test_ranges_and_values_in_words() -> None:
    infinite = float("inf")
    assert bounds(AED) == "from 0 to 1"
    assert bounds(replace(AED, bounds=(0.0, infinite))) == "from 0 up"
    assert bounds(replace(AED, bounds=(-infinite, 2.0))) == "up to 2"
    assert bounds(replace(AED, bounds=(-infinite, infinite))) == "any value"
    scaled = replace(AED, unit="deg", scale_exponent=3, digits=2)
    assert value(scaled) == (
        "in deg, from 0 to 1, lower is better, tables print it times 1e-3, 2 digits"
    )


def test_the_floor_stands_on_the_card(monkeypatch: pytest.MonkeyPatch) -> None:
    record = FloorRecord(9, 360, {AED.id: {"identical": 0.0, "jpeg-75": 0.00421, "frozen": 0.0961}})
    monkeypatch.setattr(floor, "recorded", lambda: record)
    assert floor_sentence(AED.id, 2) == (
        "JPEG 75 0.0042 (mean over 9 real clips). For comparison: identical 0, frozen first frame "
        "0.096"
    )
    assert dict(sections(AED))["floor"].startswith("JPEG 75 0.0042")
    assert floor_sentence("nothing@1", 2) == ""


def test_the_floor_on_record_is_of_metrics_that_exist() -> None:
    floor.recorded.cache_clear()
    record = floor.recorded()
    assert record is not None
    assert set(record.values) <= set(CARDS), "regenerate it: see docs/floor.md"
    known = {condition.name for condition in floor.CONDITIONS}
    assert all(set(by_condition) <= known for by_condition in record.values.values())


def test_docs_of_the_metrics_are_current() -> None:
    written = (ROOT / "docs" / "metrics.md").read_text(encoding="utf-8")
    assert written == tool("metric_docs").page(), "run: python tools/metric_docs.py"


def test_every_file_of_weights_is_registered_and_needed() -> None:
    needed = {name for spec in SPECS.values() for name in spec.canonical.weights}
    assert needed <= set(registry())
    assert [name for name in registry() if not used_by(name)] == []
    assert "aed" in used_by("face_landmarker")


def test_the_parity_page_shows_the_worst_and_the_missing(tmp_path: Path) -> None:
    one = {
        "metric": "fid.x@1",
        "reference": "ref",
        "version": "1.0",
        "of": "relative",
        "on": "4 frames",
        "bound": 1e-5,
    }
    entries = [
        {**one, "difference": 2e-6},
        {**one, "difference": 3e-6, "on": "1 frame"},
        {**one, "metric": "aed.x@1", "difference": 0.0},
        {"skipped": "tests/parity/test_a.py", "reason": "nothing is not installed"},
        {"skipped": "tests/parity/test_b.py::test_c[1]", "reason": "nothing is not installed"},
    ]
    page = tool("parity_report").page(entries)
    assert page.index("`aed.x@1`") < page.index("`fid.x@1`")
    assert "| relative; 1 frame (the worst of 2) | 3.0e-06 | 1e-05 |" in page
    assert page.count("`fid.x@1`") == 1
    assert "- `test_a.py`, `test_b.py`: nothing is not installed" in page
