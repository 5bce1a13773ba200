"""A process of its own for every point: methods in it, workers below it, crashes, the command."""

import json
import sys
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from speed_lab import loaded, measured
from typer.testing import CliRunner

from adapters.description import Invocation, invocation
from benchmark.cli.perf import app, chunks_of, glass_model, statements
from benchmark.config import Config
from benchmark.errors import BenchError, EnvironmentProblem, NotComparable, UsageProblem
from benchmark.process import MethodBroken
from benchmark.spec import MethodSpec
from benchmark.speed.child import blind
from benchmark.speed.device import Device
from benchmark.speed.launch import Order, measure_apart
from benchmark.speed.plan import PerfOptions
from benchmark.speed.record import GpuReport, GpuSample, MachineReport, Point, read_record
from benchmark.speed.run import Measuring, measure_all
from benchmark.speed.synthetic import Truth

METHODS = Path(__file__).parent / "timed_methods"
SHORT = PerfOptions(size=64, frames=24, min_s=0.3, warm_s=0.05, percentile=50)


def order(tmp_path: Path, name: str, **options: Any) -> Order:
    spec = MethodSpec(name.lower(), name, f"timed:{name}", options=options, search=str(METHODS))
    return Order(spec, SHORT, Device(), None, tmp_path / "log")


@pytest.mark.slow
def test_a_class_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    point = measure_apart(order(tmp_path, "Sleeps", chunk=2))
    figures = point.figures
    assert figures is not None, point.flaws
    assert any(flaw.startswith("too short: 0.3") for flaw in point.flaws)
    assert figures.query_frames == 2
    assert figures.query_s.p50 is not None
    assert 0.004 <= figures.query_s.p50 < 0.03
    assert {stage.name for stage in figures.stages} == {"sleep", "other"}
    assert figures.latency.frames == 1  # it answers the first of two at once: so it was seen
    assert figures.memory.process is not None
    # The kernel counts in batches: a few pages may be missing.
    assert figures.memory.process >= (figures.memory.before or 0) - (1 << 20) > 10 << 20
    assert figures.load_s is not None and figures.load_s > 0
    assert point.cohort.precision == "fp32"
    assert "loading, on cpu" in (tmp_path / "log").read_text()


@pytest.mark.slow
def test_a_process_that_is_killed_is_an_invalid_point(tmp_path: Path) -> None:
    point = measure_apart(order(tmp_path, "Killed"))
    assert point.flaws == ("the method's process ended (SIGKILL, out of memory?)",)
    assert point.figures is None
    assert point.cohort.device


@pytest.mark.slow
def test_a_method_that_cannot_be_loaded_is_said(tmp_path: Path) -> None:
    with pytest.raises(MethodBroken, match=r"no checkpoint at weights/model\.pth"):
        measure_apart(order(tmp_path, "Broken"))
    with pytest.raises(MethodBroken, match="has no option 'chunk'"):
        measure_apart(order(tmp_path, "Broken", chunk=2))


HOOK = """
import time
import numpy as np
class Hook:
    chunk_frames = 4
    look_ahead = 2
    def __init__(self, options):
        self.stages = {"decode": 0.0}
    def animate(self, job):
        for i in range(job["frames"]):
            if i % 4 == 0:
                time.sleep(0.02)
                self.stages["decode"] += 0.02
            yield np.full((job["height"], job["width"], 3), i, np.uint8)
"""


@pytest.mark.slow
def test_a_worker_tells_its_seconds_stages_and_reach(tmp_path: Path) -> None:
    (tmp_path / "hook.py").write_text(HOOK)
    how = invocation(Invocation(worker="hook.py:Hook"))
    home = {"repository": str(tmp_path), "python": sys.executable, "prefix": []}
    spec = MethodSpec(
        "hook", "Hook", "adapters.resident:Resident", options={"how": how, "home": home}
    )
    point = measure_apart(Order(spec, SHORT, Device(), None, tmp_path / "log"))
    figures = point.figures
    assert figures is not None, (point.flaws, (tmp_path / "log").read_text())
    assert figures.query_frames == 4
    assert figures.query_s.p50 is not None
    assert 0.02 <= figures.query_s.p50 < 0.06
    assert figures.latency.frames == 6
    assert not figures.latency.seen
    assert figures.stages[0].name == "decode"
    assert figures.stages[0].frame_s == pytest.approx(0.005)
    assert "its own process" in point.cohort.includes


def test_lists_of_the_command_line() -> None:
    assert chunks_of(" 1, 2,4,2 ") == (1, 2, 4)
    assert chunks_of("") == ()
    for text in ("0", "a", "1;2", "-1", "1.5", ",", "9" * 20):
        with pytest.raises(UsageProblem, match="--chunk"):
            chunks_of(text)
    assert statements(["precision=fp16", "steps = 4"]) == {"precision": "fp16", "steps": "4"}
    with pytest.raises(UsageProblem, match="unknown statement 'presicion'"):
        statements(["presicion=fp16"])
    with pytest.raises(UsageProblem, match="NAME=VALUE"):
        statements(["steps"])


def test_a_model_of_glass_to_glass_needs_all_its_terms() -> None:
    model = glass_model("camera=30, transport=5,display=60")
    assert (model.camera_s, model.transport_s, model.display_hz) == (0.030, 0.005, 60.0)
    for text in (
        "camera=30",
        "camera=30,transport=5,display=0",
        "a",
        "camera=-1,transport=0,display=60",
    ):
        with pytest.raises(UsageProblem, match="--glass"):
            glass_model(text)


def test_a_gpu_that_was_not_used_lends_no_name_to_figures(monkeypatch: pytest.MonkeyPatch) -> None:
    point = measured(Truth({"render": 0.015625}))
    method = loaded(object())
    gpu = Device("cuda", "0", 1)
    for sees, used, says in (
        (True, True, ""),
        (True, False, "the GPU was not used: the method's torch did nothing on it"),
        (False, False, "the GPU was not used: this environment's torch sees none"),
    ):
        cuda = SimpleNamespace(
            is_available=lambda sees=sees: sees, is_initialized=lambda used=used: used
        )
        monkeypatch.setitem(sys.modules, "torch", SimpleNamespace(cuda=cuda))
        assert says in "".join(blind(point, method, gpu).flaws)
        assert blind(point, method, gpu).valid is (not says)
        assert blind(point, method, Device()).valid
        assert blind(point, loaded(object(), "worker"), gpu).valid  # its torch is not ours
    monkeypatch.delitem(sys.modules, "torch")
    other = blind(point, method, gpu)  # some other library may have used it
    assert other.valid
    assert "not waited for" in other.notes[-1]


@pytest.mark.parametrize(
    ("use", "valid"), [([0.0] * 9, False), ([0.0] * 8 + [1.0], True), ([None] * 9, True)]
)
def test_a_gpu_that_stood_still_was_not_used(
    monkeypatch: pytest.MonkeyPatch, use: list[float | None], valid: bool
) -> None:
    point = measured(Truth({"render": 0.015625}))
    samples = tuple(GpuSample(at=i, busy=busy) for i, busy in enumerate(use))
    machine = MachineReport(gpu=GpuReport(name="NVIDIA H200", samples=samples))
    monkeypatch.delitem(sys.modules, "torch", raising=False)
    point = point.model_copy(update={"machine": machine})
    marked = blind(point, loaded(object(), "worker"), Device("cuda", "0", 1))
    assert marked.valid is valid, marked.flaws


def test_a_chunk_that_is_refused_does_not_lose_the_ones_before(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    good = measured(Truth({"render": 0.015625}))

    def answer(order: Order) -> Point:
        if order.options.chunk == 1:
            return good
        raise MethodBroken("method 'm' cannot be loaded: has no option 'chunk'")

    monkeypatch.setattr("benchmark.speed.run.measure_apart", answer)
    monkeypatch.setattr("benchmark.speed.run._faces", lambda spec, say: None)
    spec = MethodSpec("m", "M", "timed:Sleeps", search=str(METHODS))
    what = Measuring(spec, Config(), SHORT, Device(), (1, 2))
    seen: list[Point] = []
    record = measure_all(what, tmp_path / "log", lambda text: None, seen.append)
    assert record.points == tuple(seen)
    assert [point.valid for point in record.points] == [True, False]
    assert "has no option 'chunk'" in record.points[1].flaws[0]
    only = replace(what, chunks=(2,))
    with pytest.raises(MethodBroken):
        measure_all(only, tmp_path / "log", lambda text: None, seen.append)


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, arguments)


def test_wrong_words_end_before_anything_is_measured(tmp_path: Path) -> None:
    out = str(tmp_path / "out")
    for arguments, kind, says in (
        ((), UsageProblem, "name the method"),
        (("--method", "frozen"), UsageProblem, "frozen has no speed to measure: a control"),
        (("--method", "ous"), UsageProblem, "unknown method 'ous'"),
        (("--method", "ours", "--size", "0"), UsageProblem, "--size must be 16 to 8192"),
        (("--method", "ours", "--percentile", "95"), UsageProblem, "--percentile"),
        (("--method", "ours", "--fps", "0"), UsageProblem, "--fps"),
        (("--method", "ours", "--fps", "nan"), UsageProblem, "--fps"),
        (("--method", "ours", "--fps", "inf"), UsageProblem, "--fps"),
        (("--method", "ours", "--floor", "nan"), UsageProblem, "--floor"),
        (("--method", "ours", "--max-s", "inf"), UsageProblem, "--max-s"),
        (("--method", "ours", "--max-s", "nan"), UsageProblem, "--max-s"),
        (("--method", "ours", "--max-s", "5"), UsageProblem, "--max-s must be 10 or more"),
        (("--method", "ours", "--size", "7"), UsageProblem, "--size must be 16 to 8192"),
        (("--method", "ours", "--chunk", "0"), UsageProblem, "--chunk"),
        (("--method", "ours", "--chunk", ","), UsageProblem, "--chunk"),
        (("--method", "ours", "--floor", "inf"), UsageProblem, "--floor"),
        (("--method", "ours", "--queue", "-1"), UsageProblem, "--queue"),
        (("--method", "ours", "--warm-s", "nan"), UsageProblem, "--warm-s"),
        (("--method", "ours", "--target", "h20"), UsageProblem, "unknown target 'h20'"),
        (
            ("--method", "ours", "--target", "h200", "--device", "cpu"),
            NotComparable,
            "this is not h200",
        ),
        (("--method", "ours", "--device", "tpu"), UsageProblem, "unknown device 'tpu'"),
        (("--method", "ours", "--device", "cuda:77"), EnvironmentProblem, "no GPU for --device"),
    ):
        result = run(*arguments, *(["--out", out] if arguments else []))
        assert isinstance(result.exception, kind), (arguments, result.output)
        assert isinstance(result.exception, BenchError)
        assert says in result.exception.problem
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_the_command_keeps_a_record_and_exits_by_its_verdict(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "bench.toml"
    config.write_text('[methods.mine]\npython = "timed:Sleeps"\noptions = { seconds = 0.003 }\n')
    (tmp_path / "timed.py").write_text((METHODS / "timed.py").read_text())
    out = tmp_path / "out"
    monkeypatch.setattr("benchmark.speed.run._faces", lambda spec, say: None)  # it needs none
    result = run(
        *("--method", "mine", "--config", str(config), "--out", str(out), "--device", "cpu"),
        *("--size", "64", "--chunk", "2", "--warm-s", "0", "--state", "steps=4"),
    )
    record = read_record(out)
    assert [point.name for point in record.points] == ["mine+chunk=2"]
    assert result.exit_code == (0 if all(p.valid for p in record.points) else 1)
    assert record.points[0].cohort.steps == "4"
    assert json.loads((out / "perf.json").read_text())["packages"]
    assert "kept in" in result.output
    assert max(len(line) for line in result.stdout.splitlines() if "kept in" not in line) <= 80
