"""A method that stays loaded in its own environment."""

import ast
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outside import request
from support import ROOT

from adapters.base import Animation, MethodError
from adapters.description import Invocation, invocation
from adapters.resident import FORMAT, Resident

HOOK = """
import os, sys, time
import numpy as np
print("printed while importing")
class Hook:
    def __init__(self, options):
        self.options = options
        self.served = 0
        if options.get("broken"):
            raise OSError("no checkpoint")
    def animate(self, job):
        self.served += 1
        print("printed while working")
        sys.stdout.write("{not json")
        os.system("echo from a child")
        what = self.options.get("what", "plain")
        if what == "exits" and self.served == 1:
            os._exit(7)
        if what == "noise" and self.served == 1:
            os.write(self.options["pipe"], self.options["noise"].encode() + b"\\n")
            time.sleep(30)
        for i in range(job["frames"]):
            frame = np.full((8, 8, 3), i * 20, np.uint8)
            if what == "floats":
                yield frame / 255.0
            elif what == "range":
                yield frame * 1.0
            elif what == "nan":
                yield frame * np.nan
            elif what == "indexed":
                yield i, frame
            elif what == "shifted":
                yield i + 1, frame
            elif what == "late" and i == 3:
                raise ValueError("broke at 3")
            elif what == "serves":
                yield frame * 0 + self.served
            elif what == "slow":
                time.sleep(0.02)
                yield frame
            elif what == "draws":
                yield np.full((8, 8, 3), np.random.randint(200), np.uint8)
            elif what == "few" and i > 5:
                return
            else:
                yield frame
"""


def resident(folder: Path, **options: Any) -> Resident:
    (folder / "repo").mkdir(exist_ok=True)
    (folder / "hook.py").write_text(HOOK)
    how = Invocation.model_validate({"worker": "hook.py:Hook", "options": options})
    home = {"repository": str(folder / "repo"), "python": sys.executable, "hooks": str(folder)}
    return Resident(invocation(how), home)


def levels(animation: Animation) -> list[int]:
    assert not isinstance(animation.frames, Path)
    return [int(frame[0, 0, 0]) for frame in animation.frames]  # type: ignore[union-attr]


def test_it_loads_once_and_serves_case_after_case(tmp_path: Path) -> None:
    method = resident(tmp_path, what="serves")
    assert method.load_s > 0
    for number in (1, 2, 3):
        animation = method.animate(request(tmp_path / str(number)))
        assert animation.frame_map == list(range(10))
        assert levels(animation) == [number] * 10


@pytest.mark.parametrize("what", ["plain", "floats", "indexed"])
def test_frames_arrive_as_they_are(tmp_path: Path, what: str) -> None:
    animation = resident(tmp_path, what=what).animate(request(tmp_path))
    assert levels(animation) == [20 * i for i in range(10)]


def test_the_clock_is_the_methods_own(tmp_path: Path) -> None:
    animation = resident(tmp_path, what="slow").animate(request(tmp_path))
    levels(animation)
    assert len(animation.times) == 10
    assert all(0.015 < t < 0.5 for t in animation.times)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("what", "reason"),
    [
        ("range", "frame 1 must lie in \\[0, 1\\], it is in \\[20, 20\\]"),
        ("nan", "frame 0 holds NaN or infinity"),
        ("shifted", "says that frame 0 came from driving frame 1; its frame rule says 0"),
        ("late", "ValueError: broke at 3"),
        ("few", "gave 6 frames where its frame rule says 10"),
    ],
)
def test_failures_say_what_happened_and_the_next_case_is_served(
    tmp_path: Path, what: str, reason: str
) -> None:
    method = resident(tmp_path, what=what)
    for number in (1, 2):
        with pytest.raises(MethodError, match=reason):
            levels(method.animate(request(tmp_path / str(number))))


@pytest.mark.slow
def test_a_worker_that_died_is_said_and_started_again(tmp_path: Path) -> None:
    method = resident(tmp_path, what="exits")
    for number in (1, 2):
        with pytest.raises(MethodError, match="its worker ended \\(exit code 7\\)"):
            levels(method.animate(request(tmp_path / str(number))))


NOISE = (
    "no JSON",
    "[" * 60_000,
    "[]",
    '{"kind": "done", "bytes": Infinity}',
    '{"kind": "dance", "bytes": 0}',
    '{"kind": "frame", "bytes": 0, "shape": [0, 8, 3], "index": null, "run_s": 1}',
    '{"kind": "frame", "bytes": 3, "shape": [-1, -1, 3], "index": null, "run_s": 1}',
    '{"kind": "frame", "bytes": 4, "shape": [2, 2], "index": null, "run_s": 1}',
    '{"kind": "frame", "bytes": 3, "shape": [1, 1, 3], "index": "0", "run_s": 1}',
    '{"kind": "frame", "bytes": 3, "shape": [1, 1, 3], "index": 0}',
    '{"kind": "frame", "bytes": 3, "shape": [1, 1, 3], "index": 0, "run_s": NaN}',
)
"""What a method's own noise in the pipe, or another worker, may say instead of an answer."""


@pytest.mark.slow
def test_what_is_no_answer_fails_one_case_and_no_other(tmp_path: Path) -> None:
    for number, noise in enumerate(NOISE):
        method = resident(tmp_path, what="noise", noise=noise, pipe=3)
        with pytest.raises(MethodError, match="its worker sent what is no answer"):
            levels(method.animate(request(tmp_path / f"{number}")))
        # Its noise comes with the first case of each process only: `served` counts them.
        method._how.options["what"] = "plain"
        assert levels(method.animate(request(tmp_path / f"{number}b")))[-1] == 180


@pytest.mark.slow
def test_a_seed_holds_for_each_case(tmp_path: Path) -> None:
    method = resident(tmp_path, what="draws")
    drawn = [
        levels(method.animate(request(tmp_path / str(i), seed=seed)))
        for i, seed in enumerate((3, 4, 3))
    ]
    assert drawn[0] == drawn[2] != drawn[1]


def test_what_cannot_be_loaded_says_why(tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="cannot be loaded: OSError: no checkpoint"):
        resident(tmp_path, broken=True)


def test_the_worker_is_old_pythons_too_and_needs_nothing_but_numpy() -> None:
    for name in ("worker.py", "seeded.py"):
        tree = ast.parse((ROOT / "adapters" / name).read_text(), feature_version=(3, 8))
        names = {
            alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }
        froms = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
        assert froms <= {"__future__", "typing", "collections.abc"}
        assert names - set(sys.stdlib_module_names) <= {"numpy", "torch"}


def test_both_sides_speak_the_same_format() -> None:
    tree = ast.parse((ROOT / "adapters" / "worker.py").read_text())
    stated = [
        node.value.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Constant)
        and getattr(node.targets[0], "id", "") == "FORMAT"
    ]
    assert stated == [FORMAT]
    assert np.uint8(FORMAT) == FORMAT
