"""What extractors stand on: files that are there, stand-ins, or a reason."""

from pathlib import Path

import pytest

from benchmark import profiles
from benchmark.errors import UsageProblem
from benchmark.profiles import decide, profile_named
from metrics.registry import CANONICAL
from metrics.selection import Decision

FACE = Decision("face", "canonical", "f" * 64)
FID, SMIRK, FLICKER = (
    CANONICAL[i] for i in ("fid.torch-fidelity@1", "aed.smirk-exp50-mean@1", "flicker.vbench@1")
)
MISSING = "weights missing: bench weights fetch inception"


@pytest.fixture
def bare(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """No weights at all, every package installed."""
    monkeypatch.setattr(profiles, "available", lambda names: MISSING)
    monkeypatch.setattr(profiles, "_not_installed", lambda packages: "")
    return monkeypatch


@pytest.fixture
def stocked(bare: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.write_bytes(b"weights")
    bare.setattr(profiles, "available", lambda names: dict.fromkeys(names, path))
    return path


@pytest.mark.usefixtures("bare")
def test_without_files_auto_takes_the_stand_in_and_says_what_has_none() -> None:
    found = decide([FID, SMIRK, FLICKER], FACE, "auto").decisions
    assert found["inception-torch-fidelity"].profile == "embedded"
    assert found["smirk"].profile is None
    assert found["smirk"].reason == MISSING
    assert found["flicker-step"].profile == "canonical"


@pytest.mark.usefixtures("bare")
def test_canonical_never_takes_a_stand_in() -> None:
    found = decide([FID, FLICKER], FACE, "canonical").decisions
    assert found["inception-torch-fidelity"].profile is None
    assert found["inception-torch-fidelity"].reason == MISSING
    assert found["flicker-step"].profile == "canonical"


def test_files_that_are_there_are_used_and_hashed(stocked: Path) -> None:
    decided = decide([FID], FACE, "auto")
    one = decided.decisions["inception-torch-fidelity"]
    assert one.profile == "canonical"
    assert len(one.weights_sha256) == 64
    assert decided.files["inception"] == stocked


@pytest.mark.usefixtures("stocked")
def test_embedded_never_takes_official_weights() -> None:
    found = decide([FID, SMIRK, FLICKER], FACE, "embedded").decisions
    assert found["inception-torch-fidelity"].profile == "embedded"
    assert found["smirk"].reason == "smirk has no embedded form"
    assert found["flicker-step"].profile == "canonical"


@pytest.mark.usefixtures("stocked")
def test_what_an_earlier_call_decided_is_kept() -> None:
    kept = {"inception-torch-fidelity": "embedded"}
    found = decide([FID], FACE, "auto", kept).decisions  # type: ignore[arg-type]
    assert found["inception-torch-fidelity"].profile == "embedded"


def test_a_package_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        profiles, "_not_installed", lambda packages: "the package x is not installed"
    )
    found = decide([FID], FACE, "auto").decisions["inception-torch-fidelity"]
    assert found.reason == "the package x is not installed"


def test_profiles_by_name() -> None:
    assert profile_named("auto") == "auto"
    with pytest.raises(UsageProblem, match="unknown profile"):
        profile_named("canonica")
