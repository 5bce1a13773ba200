"""Licences that are not permissive are accepted once, by the user, and only as they stand."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest
from in_process import bench

from benchmark import licences as module
from benchmark import weights as weights_module
from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.licences import accept, accepted_on, is_accepted, record_file
from benchmark.weights import available, check_licence
from metrics.weights import Weights, licences, registry

INSIGHTFACE, MIT = licences()["insightface"], licences()["mit"]


@pytest.fixture(autouse=True)
def _nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user who accepted nothing and has no weights."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "user"))
    monkeypatch.setenv("BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("BENCH_WEIGHTS", str(tmp_path / "weights"))


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Weights]:
    """Registered files of a few bytes: ``free``, and ``face`` and ``points`` under a licence."""
    known = {}
    for name, licence in (("free", MIT), ("face", INSIGHTFACE), ("points", INSIGHTFACE)):
        known[name] = replace(
            registry()["smirk"],
            name=name,
            file=f"{name}.bin",
            licence=licence,
            sha256=hashlib.sha256(name.encode()).hexdigest(),
            bytes=len(name),
        )
    monkeypatch.setattr(weights_module, "registry", lambda: known)
    monkeypatch.setattr(module, "registry", lambda: known)
    return known


def put(folder: Path, *names: str) -> None:
    folder.mkdir(exist_ok=True)
    for name in names:
        (folder / f"{name}.bin").write_bytes(name.encode())


def test_it_is_said_once_and_kept_with_its_date() -> None:
    said: list[str] = []
    assert not is_accepted(INSIGHTFACE)
    accept(["arcface_r50", "scrfd_10g", "insightface", "mit"], said.append)
    assert is_accepted(INSIGHTFACE)
    assert len(said) == 2
    assert INSIGHTFACE.says in said[0]
    assert str(record_file()) in said[1]
    entry = json.loads(record_file().read_text())["insightface"]
    assert entry["accepted"] == accepted_on(INSIGHTFACE)
    assert len(entry["accepted"]) == len("2026-01-31")
    accept(["insightface"], said.append)
    assert len(said) == 2
    accept(["emonet"], said.append)
    assert is_accepted(INSIGHTFACE)
    assert is_accepted(licences()["emonet"])
    assert not is_accepted(licences()["gaze360"])
    assert [p.name for p in record_file().parent.iterdir()] == ["licences.json"]


def test_what_says_something_else_today_is_asked_for_again() -> None:
    accept(["insightface"], lambda _: None)
    assert not is_accepted(replace(INSIGHTFACE, says="Something else."))


@pytest.mark.parametrize(
    "text", ["", "{", "[]", '{"insightface": true}', '{"insightface": {"accepted": "2026-01-31"}}']
)
def test_a_record_that_cannot_be_read_accepts_nothing(text: str) -> None:
    record_file().parent.mkdir(parents=True)
    record_file().write_text(text)
    assert not is_accepted(INSIGHTFACE)
    accept(["insightface"], lambda _: None)
    assert is_accepted(INSIGHTFACE)


def test_a_wrong_name_has_a_suggestion() -> None:
    with pytest.raises(UsageProblem) as caught:
        accept(["insightfase"], lambda _: None)
    assert "did you mean 'insightface'?" in caught.value.remedy
    assert "apache" not in caught.value.remedy
    assert not record_file().exists()


def test_a_record_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "user").write_bytes(b"")
    with pytest.raises(EnvironmentProblem, match="cannot keep the acceptance"):
        accept(["insightface"], lambda _: None)


def test_available_gives_files_or_one_sentence(small: dict[str, Weights], tmp_path: Path) -> None:
    folder = tmp_path / "weights"
    assert available(["free"]) == "weights missing: bench weights fetch free"
    assert available(["face", "points"]) == (
        "weights missing: bench weights fetch face points --accept-licence insightface"
    )
    put(folder, "free", "points")
    assert available(["free"]) == {"free": folder / "free.bin"}
    assert available(["free", "face"]) == (
        "weights missing: bench weights fetch face --accept-licence insightface"
    )
    put(folder, "face")
    refused = available(["free", "face", "points"])
    assert isinstance(refused, str)
    assert refused.startswith(f"licence of face not accepted: {INSIGHTFACE.says}")
    assert refused.endswith("to accept it: --accept-licence insightface")
    accept(["face"], lambda _: None)
    assert available(["free", "face", "points"]) == {
        name: folder / f"{name}.bin" for name in ("free", "face", "points")
    }
    (folder / "face.bin").write_bytes(b"fake")
    wrong = available(["free", "face"])
    assert isinstance(wrong, str)
    assert wrong.startswith(f"weights wrong: {folder / 'face.bin'} is not the registered face.bin")
    assert "\n" not in wrong


def test_every_registered_file_has_its_sentence() -> None:
    for name in registry():
        reason = available([name])
        assert isinstance(reason, str)
        assert reason.startswith(f"weights missing: bench weights fetch {name}")


def test_the_gate_names_terms_and_both_ways_to_accept(small: dict[str, Weights]) -> None:
    check_licence(small["free"])
    with pytest.raises(EnvironmentProblem) as caught:
        check_licence(small["face"])
    assert INSIGHTFACE.says in caught.value.problem
    for part in (INSIGHTFACE.terms, "--accept-licence insightface", 'accept_licences = ["insight'):
        assert part in caught.value.remedy
    accept(["insightface"], lambda _: None)
    check_licence(small["face"])


def test_the_configuration_and_the_run_accept_too(tmp_path: Path) -> None:
    config = tmp_path / "bench.toml"
    config.write_text('accept_licences = ["insightface"]\n')
    run = ["run", "--method", "nobody", "--split", "single", "--config", config]
    done = bench(*run, "--accept-licence", "emonet_8")
    assert done.returncode == 2
    assert "unknown method 'nobody'" in done.stderr
    assert "licence insightface accepted: " in done.stderr
    assert "licence emonet accepted: " in done.stderr
    assert is_accepted(licences()["insightface"])
    assert is_accepted(licences()["emonet"])
    assert "accepted" not in bench(*run).stderr
    config.write_text('accept_licences = ["insigtface"]\n')
    assert "did you mean 'insightface'?" in bench(*run).stderr
