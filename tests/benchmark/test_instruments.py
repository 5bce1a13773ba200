"""Opening what a plan measures with: the right things, and a sentence where one does not open."""

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmark import instruments as module
from benchmark.config import Config
from benchmark.errors import EnvironmentProblem, ExitCode
from benchmark.instruments import instruments
from benchmark.methods import find_method
from benchmark.plan import Plan, RunOptions, make_plan
from benchmark.profiles import Decided
from metrics.selection import Decision
from metrics.signals.catalogue import SPECS
from metrics.signals.extractor import Where
from metrics.signals.pixel_stream import PixelStream

WEIGHTS = [
    # timm, which SMIRK stands on, takes seconds to import
    pytest.param(name, marks=pytest.mark.slow) if name == "smirk" else name
    for name, spec in SPECS.items()
    if spec.canonical.weights
]


@pytest.fixture
def plan(tiny: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Plans on the tiny split, with a face engine that is never asked."""

    @contextlib.contextmanager
    def no_engine(*_: Any) -> Any:
        yield None

    monkeypatch.setattr(module, "open_face_engine", no_engine)

    def make(*metrics: str, **options: Any) -> Plan:
        spec = find_method("frozen", Config(), Path())
        return make_plan(spec, tiny.split, RunOptions(metrics=metrics, **options))

    return make


def official(plan: Plan, name: str, files: dict[str, Path]) -> Plan:
    """The plan with an extractor on these files."""
    decisions = {**plan.decided.decisions, name: Decision(name, "canonical", "0" * 64)}
    return replace(plan, decided=Decided(decisions, files))


@pytest.mark.parametrize("content", [b"", b"no network at all", b"PK\x03\x04 half a zip"])
@pytest.mark.parametrize("name", WEIGHTS)
def test_a_damaged_weights_file_is_a_sentence(
    plan: Any, tmp_path: Path, name: str, content: bytes
) -> None:
    files = {}
    for weights in SPECS[name].canonical.weights:
        files[weights] = tmp_path / f"{weights}.bin"
        files[weights].write_bytes(content)
    broken = official(plan("ssim"), name, files)
    with (
        pytest.raises(EnvironmentProblem, match=f"cannot open {name}: ") as raised,
        instruments(broken, Path("unused")) as opened,
    ):
        opened.open()
    assert raised.value.exit_code is ExitCode.ENVIRONMENT
    assert "\n" not in raised.value.problem
    assert len(raised.value.problem) < 400
    assert f"bench weights verify {SPECS[name].canonical.weights[0]}" in raised.value.remedy


def test_only_what_the_metrics_need_is_opened(plan: Any) -> None:
    with instruments(plan("ssim.wang-rgb", "aed.mediapipe51"), Path("unused")) as opened:
        assert opened.wanted.extractors == ()
        (stream,) = opened.wanted.pairs()
        assert isinstance(stream, PixelStream)
    with instruments(plan("flicker", "aed"), Path("unused")) as opened:
        assert "flicker-step" in opened.wanted.extractors
        assert opened.wanted.pairs() == []


def test_what_cannot_run_is_not_opened(plan: Any) -> None:
    asked = plan("flicker", "ssim.wang-rgb")
    absent = Decision("flicker-step", None, reason="not today")
    decided = Decided({**asked.decided.decisions, "flicker-step": absent}, {})
    with instruments(replace(asked, decided=decided), Path("unused")) as opened:
        assert opened.tools.extractors == []
        assert len(opened.wanted.pairs()) == 1


def test_each_case_gets_pair_streams_of_its_own(plan: Any) -> None:
    with instruments(plan("ssim.wang-rgb"), Path("unused")) as opened:
        first, second = opened.wanted.pairs(), opened.wanted.pairs()
        assert first[0] is not second[0]


def test_a_key_holds_definition_and_library_and_no_device(
    plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another definition or library is another key; where it runs is none of its business."""

    def key(asked: Plan) -> str:
        with instruments(asked, Path("unused")) as opened:
            opened.open()
            return opened.tools.extractors[0].key

    seen: list[Where] = []

    def opener(definition: Any, files: Any, where: Where) -> Any:
        seen.append(where)
        return definition

    monkeypatch.setattr("metrics.signals.open_plain.flicker_step", opener)
    base = plan("flicker")
    assert key(base) == key(plan("flicker", device="cuda"))
    assert [where.device for where in seen] == ["cpu", "cuda"]
    spec = SPECS["flicker-step"]
    monkeypatch.setattr(module, "SPECS", {"flicker-step": replace(spec, imports=("numpy",))})
    with_library = key(base)
    assert with_library.startswith(key(base).split("-numpy")[0])
    assert "-numpy-" in with_library
    monkeypatch.setattr(module, "_version", lambda _: "0.0")
    assert key(base) != with_library
    monkeypatch.setattr("benchmark.plan.SPECS", {"flicker-step": replace(spec, preprocessing="x")})
    assert key(base).partition("-numpy")[0] != with_library.partition("-numpy")[0]


def test_work_around_networks_has_one_thread_and_networks_all(
    plan: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch = pytest.importorskip("torch")
    seen: list[Where] = []
    monkeypatch.setattr(
        "metrics.signals.open_plain.flicker_step", lambda d, f, w: seen.append(w) or "open"
    )
    monkeypatch.setattr(module.provenance, "cores", lambda: 3)
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with instruments(plan("flicker"), Path("unused")) as opened:
            opened.open()
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
        with instruments(plan("flicker", device="cuda"), Path("unused")) as opened:
            opened.open()
            assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
    assert seen[0].threads == 3
