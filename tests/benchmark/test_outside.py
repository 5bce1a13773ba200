"""A method outside, run by the harness: whatever one case does, the next one runs."""

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from benchmark.config import Config
from benchmark.generate import generate_case
from benchmark.media.video import read_video
from benchmark.methods import find_method
from benchmark.process import GenerateOptions, Worker
from benchmark.spec import MethodSpec
from benchmark.store import Generated, Outcome, RunPaths

PROGRAM = """
import os, subprocess, sys, time, shutil
case, driving, out, notes = sys.argv[1:]
open(notes, "a").write(case + " " + os.getcwd() + chr(10))
if case == "self":
    left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"],
                            start_new_session=True, env={})
    open(notes + ".pid", "w").write(str(left.pid))
    time.sleep(600)
if case == "cross":
    print("no face, sorry")
    sys.exit(0)
for _ in range(64):
    os.write(1, b"x" * (1 << 20))
shutil.copy(driving, out + "/result.mp4")
"""

HOOK = """
import os
import numpy as np
class Hook:
    def __init__(self, options):
        self.count = 0
    def animate(self, job):
        self.count += 1
        if job["case"] == "cross" and self.count == 2:
            os.kill(os.getpid(), 9)
        for index in range(job["frames"]):
            yield index, np.full((job["height"], job["width"], 3), 10 * self.count, np.uint8)
"""


@pytest.fixture
def paths(tmp_path: Path) -> Iterator[RunPaths]:
    paths = RunPaths(tmp_path / "run")
    paths.scratch.mkdir(parents=True)
    yield paths
    assert list(paths.scratch.iterdir()) == [], "scratch directories are deleted"


def spec(folder: Path, **words: Any) -> MethodSpec:
    entry = {"at": str(folder), "interpreter": sys.executable, **words}
    return find_method("ours", Config.model_validate({"methods": {"ours": entry}}), folder)


def run_all(
    method: MethodSpec, tiny: Any, model: Path, paths: RunPaths, timeout: float
) -> dict[str, Generated]:
    with Worker(method, GenerateOptions(timeout, 0, model), paths.log) as worker:
        return {
            case.id: generate_case(worker, tiny.split, case, paths, 0) for case in tiny.split.cases
        }


def ended(pid: int, within: float = 10.0) -> bool:
    """Say whether a process ends soon; one that nobody has collected yet has ended."""
    stop = time.monotonic() + within
    while time.monotonic() < stop:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.1)
    return False


@pytest.mark.slow
def test_a_command_that_hangs_or_delivers_nothing_stops_nobody(
    tiny: Any, face_model: Path, tmp_path: Path, paths: RunPaths
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM)
    notes = tmp_path / "notes"
    command = ["{python}", "program.py", "{case}", "{driving}", "{out}", str(notes)]
    method = spec(tmp_path, command=command, output="{out}/result.mp4")
    made = run_all(method, tiny, face_model, paths, timeout=5)
    assert made["self"].reason == "no result within 5 s (timeout)"
    assert made["cross"].reason == "ended without a result ({out}/result.mp4)"
    assert made["nobody"].outcome is Outcome.OK
    assert made["nobody"].frame_map == tuple(range(8))
    assert made["nobody"].timings["frames_s"] == []
    assert 0 < made["nobody"].timings["total_s"] < 5
    assert method.no_speed
    log = paths.log.read_bytes()
    assert b"no face, sorry" in log
    assert len(log) < 4 << 20
    assert ended(int((tmp_path / "notes.pid").read_text()))
    folders = {line.split()[1] for line in notes.read_text().splitlines()}
    assert len(folders) == 3, "each case has a working directory of its own"


@pytest.mark.slow
def test_a_worker_that_dies_is_started_again(
    tiny: Any, face_model: Path, tmp_path: Path, paths: RunPaths
) -> None:
    (tmp_path / "hook.py").write_text(HOOK)
    method = spec(tmp_path, worker="hook.py:Hook")
    made = run_all(method, tiny, face_model, paths, timeout=30)
    assert made["self"].outcome is Outcome.OK
    assert made["cross"].reason == "its worker ended (exit code -9)"
    assert made["nobody"].outcome is Outcome.OK
    assert (read_video(paths.clip("nobody")) == 10).all(), "a fresh one: its first case"
    assert len(made["self"].timings["frames_s"]) == 8
    assert made["self"].timings["load_s"] > 0
    assert not method.no_speed
