import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support import misbehaving

from benchmark.errors import EnvironmentProblem, UsageProblem
from benchmark.generate import generate_case
from benchmark.media.video import read_video
from benchmark.methods import MethodSpec
from benchmark.process import GenerateOptions, MethodBroken, Worker
from benchmark.splits.manifest import Split
from benchmark.store import Generated, Outcome, RunPaths
from metrics.weights import file_sha256


@dataclass
class Bench:
    """Runs cases of the tiny split."""

    split: Split
    model: Path
    paths: RunPaths

    def run(self, name: str, case: str = "self", timeout: float = 60, **options: Any) -> Generated:
        with self.worker(name, timeout, **options) as worker:
            return self.one(worker, case)

    def worker(self, name: str, timeout: float = 60, **options: Any) -> Worker:
        settings = GenerateOptions(timeout, 0, self.model)
        return Worker(misbehaving(name, **options), settings, self.paths.log)

    def one(self, worker: Worker, case: str) -> Generated:
        chosen = next(c for c in self.split.cases if c.id == case)
        return generate_case(worker, self.split, chosen, self.paths, 0)


@pytest.fixture
def bench(tiny: Any, face_model: Path, tmp_path: Path) -> Iterator[Bench]:
    paths = RunPaths(tmp_path / "run")
    paths.scratch.mkdir(parents=True)
    yield Bench(tiny.split, face_model, paths)
    assert list(paths.scratch.iterdir()) == [], "scratch directories are deleted"
    assert not list(paths.root.rglob("*.part*")), "no partial file stays"


def test_a_good_method(bench: Bench) -> None:
    result = bench.run("Good")
    assert result.outcome is Outcome.OK
    assert result.frame_map == tuple(range(8))
    assert result.size == (256, 256)
    assert not result.resized
    clip = bench.paths.clip("self")
    assert result.clip_sha256 == file_sha256(clip)
    source = read_video(bench.split.root / "media" / "sway.mp4")[0]
    assert (read_video(clip) == source).all(), "stored exactly"
    assert bench.paths.preview("self").is_file()
    assert len(result.timings["frames_s"]) == 8
    assert result.timings["total_s"] > 0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("Raises", "RuntimeError: CUDA out of memory, as usual"),
        ("RaisesLate", "ValueError: broke at frame 1"),
        ("TooFew", "returned 3 of 8 frames and no frame map that says which"),
        ("TooMany", "returned more than the 8 frames of its frame map"),
        ("Nothing", "returned no frames"),
        ("WrongMap", "frame map points outside the 8 driving frames"),
        ("FloatFrames", "frame 0 must be uint8, got float32"),
        ("NaNFrames", "frame 0 must be uint8, got float32 with NaN or infinity"),
        ("WrongSize", "frame 0 is 128x128, expected 256x256"),
        ("GreyFrames", "frame 0 must be (H, W, 3) uint8 RGB, got (256, 256)"),
        ("ChangesSize", "frame 2 is (254, 254), the frames before (256, 256)"),
        ("NotAnAnimation", "animate() must return an Animation, got list"),
        ("MissingFile", "no video at"),
        ("Exits", "the method's process ended (exit code 3)"),
        ("Killed", "the method's process ended (SIGKILL)"),
    ],
)
def test_a_failure_is_recorded_with_its_reason(bench: Bench, name: str, reason: str) -> None:
    result = bench.run(name)
    assert result.outcome is Outcome.FAILED
    assert result.reason.startswith(reason)
    assert "\n" not in result.reason
    assert not bench.paths.clip("self").exists()
    assert not bench.paths.preview("self").exists()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("then", "session", "clean"),
    [
        ("hang", False, False),
        ("hang", True, False),
        ("hang", True, True),
        ("die", True, False),
        ("finish", True, True),
    ],
)
def test_a_method_is_ended_with_what_it_started(
    bench: Bench, tmp_path: Path, then: str, session: bool, clean: bool
) -> None:
    pid_file = tmp_path / "pid"
    options = {"pid_file": str(pid_file), "session": session, "clean": clean, "then": then}
    result = bench.run("StartsAChild", timeout=3, **options)
    reasons = {
        "hang": "no result within 3 s (timeout)",
        "die": "the method's process ended (exit code 5)",
        "finish": "",
    }
    assert result.reason == reasons[then]
    child = int(pid_file.read_text())
    for _ in range(50):
        if not Path(f"/proc/{child}").exists() or _is_zombie(child):
            return
        time.sleep(0.1)
    os.kill(child, 9)
    pytest.fail("the method's child outlived the run")


def test_a_log_keeps_the_beginning_and_the_end(bench: Bench) -> None:
    assert bench.run("PrintsAlot").outcome is Outcome.OK
    log = bench.paths.log.read_bytes()
    assert len(log) < 2 << 20
    assert b"first words" in log
    assert b"bytes are left out here" in log
    assert b"last words" in log


def _is_zombie(pid: int) -> bool:
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text()
    except OSError:
        return True


@pytest.mark.slow
@pytest.mark.parametrize("name", ["FailsOnSelf", "HangsOnSelf"])
def test_the_next_case_runs_after_a_failure(bench: Bench, name: str) -> None:
    with bench.worker(name, timeout=4) as worker:
        assert bench.one(worker, "self").outcome is Outcome.FAILED
        assert bench.one(worker, "cross").outcome is Outcome.OK


def test_a_declared_frame_map_and_size_are_kept(bench: Bench) -> None:
    dropped = bench.run("DropsFirst")
    assert dropped.frame_map == tuple(range(1, 8))
    half = bench.run("HalfSize", case="cross")
    assert half.size == (128, 128)
    assert half.resized


def test_what_a_method_prints_goes_to_its_log(
    bench: Bench, capfd: pytest.CaptureFixture[str]
) -> None:
    assert bench.run("Chatty").outcome is Outcome.OK
    captured = capfd.readouterr()
    assert captured.out == captured.err == ""
    log = bench.paths.log.read_text()
    assert "hello from the method" in log
    assert "and from its C library" in log


def test_a_method_may_write_beside_its_input_but_not_into_the_dataset(bench: Bench) -> None:
    before = sorted(p.name for p in (bench.split.root / "media").iterdir())
    assert bench.run("WritesBeside").outcome is Outcome.OK
    assert sorted(p.name for p in (bench.split.root / "media").iterdir()) == before


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("CannotLoad", "no checkpoint at weights/model.pt"),
        ("NoAnimate", "has no animate"),
        ("Absent", "has no attribute 'Absent'"),
    ],
)
def test_a_method_that_cannot_be_loaded_stops_the_run(bench: Bench, name: str, reason: str) -> None:
    with pytest.raises(MethodBroken, match=reason):
        bench.run(name)


def test_a_frame_range_reaches_the_method_exactly(bench: Bench) -> None:
    case = bench.split.cases[0].model_copy(update={"frames": (2, 6)})
    driver = MethodSpec("driver", "driver", "adapters.controls:Driver")
    with Worker(driver, GenerateOptions(60, 0, bench.model), bench.paths.log) as worker:
        result = generate_case(worker, bench.split, case, bench.paths, 0)
    assert result.frame_map == (0, 1, 2, 3)
    whole = read_video(bench.split.root / "media" / "sway.mp4")
    assert np.array_equal(read_video(bench.paths.clip("self")), whole[2:6])


def test_a_manifest_that_promises_too_much_is_the_splits_fault(bench: Bench) -> None:
    case = bench.split.cases[0].model_copy(update={"frames": (0, 20)})
    with (
        bench.worker("Good") as worker,
        pytest.raises(UsageProblem, match="has 8 frames, the manifest says 20"),
    ):
        generate_case(worker, bench.split, case, bench.paths, 0)


def test_a_result_that_cannot_be_stored_is_not_the_methods_failure(bench: Bench) -> None:
    (bench.paths.root / "clips").write_text("in the way of the folder")
    with pytest.raises(EnvironmentProblem):
        bench.run("Good")
