"""Which face model a run stands on, when models and networks are missing."""

from pathlib import Path

import pytest

from benchmark import tracker
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.tracker import (
    EMBEDDED_MODELS,
    FACE_MODEL,
    FaceSource,
    face_backend,
    face_definition,
    face_source,
    open_face_engine,
)
from metrics.signals.face_backends import OFFICIAL, Backend
from metrics.weights import WeightsError

EMBEDDED = Backend("embedded")


@pytest.fixture(autouse=True)
def bare_machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A machine without models, on which every engine could run."""
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("BENCH_WEIGHTS", raising=False)
    monkeypatch.delenv("BENCH_OFFLINE", raising=False)
    monkeypatch.setattr(
        tracker, "choose", lambda name=None: OFFICIAL if name is None else Backend(name)
    )


def no_host(*_: object) -> Path:
    raise WeightsError("cannot fetch https://example.org/face.task: timed out")


def test_the_embedded_engine_takes_the_place_of_a_model_that_cannot_be_had(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    said: list[str] = []

    def by_source(weights: object, folder: Path) -> Path:
        return folder / "x.tflite" if getattr(weights, "pypi", "") else no_host()

    monkeypatch.setattr("benchmark.weights.fetch", by_source)
    source = face_source(None, said.append)
    assert source == FaceSource(EMBEDDED, tmp_path / "cache" / "weights")
    text = " ".join(said)
    assert "timed out" in text and "dagger" in text and "mediapipe==0.10.21" in text


@pytest.mark.parametrize("name", ["mediapipe", "torch"])
def test_a_named_engine_is_never_exchanged(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmark.weights.fetch", no_host)
    with pytest.raises(EnvironmentProblem, match=r"face_landmarker\.task is missing"):
        face_source(name, lambda _: None)


def test_without_any_network_everything_to_bring_is_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("benchmark.weights.fetch", no_host)
    with pytest.raises(EnvironmentProblem) as caught:
        face_source(None, lambda _: None)
    assert caught.value.exit_code == 4
    for file in ("face_landmarker.task", "face_landmark.tflite", "iris_landmark.tflite"):
        assert file in caught.value.remedy
    assert "bring:" in caught.value.remedy and "put" in caught.value.remedy


@pytest.mark.parametrize("name", [None, "embedded"])
def test_offline_fetches_nothing(name: str | None, monkeypatch: pytest.MonkeyPatch) -> None:
    def fetched(*_: object) -> Path:
        raise AssertionError("the network was asked")

    monkeypatch.setattr("benchmark.weights.fetch", fetched)
    monkeypatch.setenv("BENCH_OFFLINE", "1")
    with pytest.raises(EnvironmentProblem, match="BENCH_OFFLINE forbids"):
        face_source(name, lambda _: None)


def test_a_wrong_model_is_not_passed_over(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "face_landmarker.task").write_bytes(b"<html>")
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path))
    with pytest.raises(EnvironmentProblem, match="is not the registered"):
        face_source(None, lambda _: None)


def test_an_unknown_engine() -> None:
    with pytest.raises(UsageProblem, match="embeded"):
        face_backend("embeded")


def test_definitions() -> None:
    official, torch_, embedded = (
        face_definition(1, backend) for backend in (OFFICIAL, Backend("torch", "cuda"), EMBEDDED)
    )
    assert official == torch_
    assert embedded.runtime != official.runtime
    assert embedded.weights_sha256 != official.weights_sha256


def test_a_file_that_is_no_model_is_the_environment(tmp_path: Path) -> None:
    pytest.importorskip("torch")
    pytest.importorskip("tflite", reason="the package tflite is not installed")
    wrong = tmp_path / "face_landmarker.task"
    wrong.write_bytes(b"<html>")
    for backend in (Backend("torch"), EMBEDDED):
        with pytest.raises(EnvironmentProblem):
            open_face_engine(backend, wrong, face_definition(1, backend))


def test_names_of_the_registry() -> None:
    assert FACE_MODEL == "face_landmarker"
    assert len(EMBEDDED_MODELS) == 3
