"""What a worker tells of speed: chunk and look-ahead, stages, the GPU waited for, its memory."""

import sys
from pathlib import Path

from outside import request

from adapters.description import Invocation, invocation
from adapters.resident import Resident

HOOK = """
import sys, time, types
import numpy as np

waited = []

def synchronize():
    waited.append(1)
    time.sleep(0.01)

cuda = types.SimpleNamespace(
    is_initialized=lambda: True,
    synchronize=synchronize,
    max_memory_allocated=lambda: 3 << 30,
    max_memory_reserved=lambda: 4 << 30,
)
torch = types.ModuleType("torch")
torch.cuda = cuda
torch.manual_seed = lambda seed: None

class Hook:
    chunk_frames = 8
    look_ahead = 3
    def __init__(self, options):
        sys.modules["torch"] = torch
        self.stages = {"denoise": 0.0, "odd": float("nan")}
    def animate(self, job):
        for i in range(job["frames"]):
            self.stages["denoise"] += 0.5
            yield np.full((8, 8, 3), len(waited), np.uint8)

class Silent:
    def __init__(self, options):
        self.chunk_frames = "eight"
    def animate(self, job):
        for i in range(job["frames"]):
            yield np.zeros((8, 8, 3), np.uint8)
"""


def resident(folder: Path, name: str) -> Resident:
    (folder / "repo").mkdir(exist_ok=True)
    (folder / "hook.py").write_text(HOOK)
    how = Invocation.model_validate({"worker": f"hook.py:{name}"})
    home = {"repository": str(folder / "repo"), "python": sys.executable, "hooks": str(folder)}
    return Resident(invocation(how), home)


def test_a_hook_tells_its_reach_its_stages_and_its_memory(tmp_path: Path) -> None:
    method = resident(tmp_path, "Hook")
    assert method.says == {"chunk_frames": 8, "look_ahead": 3}
    method.synchronise = True
    animation = method.animate(request(tmp_path))
    seen = [
        (int(frame[0, 0, 0]), animation.stages["denoise"])  # type: ignore[index]
        for frame in animation.frames  # type: ignore[union-attr]
    ]
    # Once before the case, then once after each frame: so many waits before frame i.
    assert seen == [(i + 1, 0.5 * (i + 1)) for i in range(10)]
    assert set(animation.stages) == {"denoise"}  # what is no number is none
    assert all(seconds >= 0.01 for seconds in animation.times)
    assert method.memory == {"allocated": 3 << 30, "reserved": 4 << 30}


def test_nobody_waits_in_an_ordinary_run(tmp_path: Path) -> None:
    animation = resident(tmp_path, "Hook").animate(request(tmp_path))
    assert {int(frame[0, 0, 0]) for frame in animation.frames} == {0}  # type: ignore[union-attr,index]


def test_a_hook_that_tells_nothing_is_fine(tmp_path: Path) -> None:
    method = resident(tmp_path, "Silent")
    assert method.says == {}
    animation = method.animate(request(tmp_path))
    assert sum(1 for _ in animation.frames) == 10  # type: ignore[union-attr]
    assert (dict(animation.stages), method.memory) == ({}, {})
