"""Whole runs on each face engine: driver is exact, and engines do not mix in a run."""

from pathlib import Path
from typing import Any

import pytest
from support import Silent

pytest.importorskip("torch")
pytest.importorskip("tflite", reason="the package tflite is not installed")

from benchmark.config import Config
from benchmark.errors import UsageProblem
from benchmark.methods import find_method
from benchmark.plan import RunOptions, make_plan
from benchmark.run import run
from benchmark.store import RunRecord
from metrics.registry import CARDS
from metrics.score import Measured
from metrics.signals.face_backends import OFFICIAL, Backend

TORCH, EMBEDDED = Backend("torch"), Backend("embedded")


def carry_out(tiny: Any, method: str, backend: Backend, model: Path, out: Path) -> RunRecord:
    spec = find_method(method, Config(), Path())
    plan = make_plan(spec, tiny.split, RunOptions(backend=backend, metrics=("light",)))
    return run(plan, out, model, Silent())


def exact(record: RunRecord) -> None:
    for score in record.scores:
        card = CARDS[score.metric]
        if score.case_id == "self" and not card.timing and card.identical is not None:
            assert isinstance(score.score, Measured), score
            assert score.score.value == card.identical, score


def values(record: RunRecord) -> dict[tuple[str, str, int], float]:
    return {
        (s.case_id, s.metric, s.person): s.score.value
        for s in record.scores
        if isinstance(s.score, Measured) and not CARDS[s.metric].timing
    }


@pytest.mark.slow
def test_torch_gives_the_official_numbers(tiny: Any, face_model: Path, tmp_path: Path) -> None:
    official = carry_out(tiny, "frozen", OFFICIAL, face_model, tmp_path / "official")
    ours = carry_out(tiny, "frozen", TORCH, face_model, tmp_path / "torch")
    assert official.manifest["metrics"] == ours.manifest["metrics"]  # one definition
    assert ours.manifest["extractors"]["face"]["backend"] == "torch:cpu"
    expected, got = values(official), values(ours)
    assert expected.keys() == got.keys()
    for key, value in expected.items():
        assert got[key] == pytest.approx(value, rel=5e-3, abs=5e-4), key


@pytest.mark.slow
def test_driver_is_exact_in_torch(tiny: Any, face_model: Path, tmp_path: Path) -> None:
    exact(carry_out(tiny, "driver", TORCH, face_model, tmp_path / "run"))


@pytest.mark.slow
def test_a_run_goes_on_with_its_own_engine_only(
    tiny: Any, face_model: Path, tmp_path: Path
) -> None:
    carry_out(tiny, "driver", TORCH, face_model, tmp_path / "run")
    with pytest.raises(UsageProblem, match="its options differs"):
        carry_out(tiny, "driver", OFFICIAL, face_model, tmp_path / "run")


def test_driver_is_exact_embedded(tiny: Any, embedded_models: Path, tmp_path: Path) -> None:
    record = carry_out(tiny, "driver", EMBEDDED, embedded_models, tmp_path / "run")
    exact(record)
    assert record.manifest["extractors"]["face"]["profile"] == "embedded"
    for metric_id, facts in record.manifest["metrics"].items():
        assert CARDS[metric_id].embedded == ("face" in facts["extractors"]), metric_id
