"""Scripts beside descriptions, which run in a method's environment; and longer driving videos."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from outside import driving_frames, index_of, request

from adapters.description import Invocation
from adapters.home import Home
from adapters.rows import FOLDER
from adapters.workplace import prepare
from benchmark.media.video import read_video

SCRIPT = """
import json, sys
steps = 30
prompt = "The girl is singing"
size = [512, 512]

def inner():
    steps = 1
    return draw(mouth=False, pen="thin")

def draw(mouth, pen, steps=2):
    return [mouth, pen]

if __name__ == "__main__":
    seed = 43
    print(json.dumps([steps, prompt, size, seed, inner(), sys.argv, __file__]))
"""


def changed(tmp_path: Path, *words: str) -> "subprocess.CompletedProcess[str]":
    (tmp_path / "script.py").write_text(SCRIPT)
    return subprocess.run(
        [sys.executable, str(FOLDER / "constants.py"), "script.py", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )


def test_constants_take_texts_numbers_and_arguments_of_calls(tmp_path: Path) -> None:
    done = changed(tmp_path, "steps:=min(201, (10 - 1) // 4 * 4 + 1)", "prompt=", "seed:=7",
                   "draw.mouth:=True", "--", "--out", "x")  # fmt: skip
    assert done.returncode == 0, done.stderr
    steps, prompt, size, seed, drawn, argv, file = json.loads(done.stdout)
    assert (steps, prompt, size, seed, drawn) == (9, "", [512, 512], 7, [True, "thin"])
    assert (argv, file) == (["script.py", "--out", "x"], "script.py")
    assert (tmp_path / "script.py").read_text() == SCRIPT


def test_nothing_is_changed_without_being_asked(tmp_path: Path) -> None:
    steps, prompt, *_, drawn, _, _ = json.loads(changed(tmp_path).stdout)
    assert (steps, prompt, drawn) == (30, "The girl is singing", [False, "thin"])


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("stepz:=1", "script.py does not set stepz"),
        ("draw.eyes:=1", "script.py does not set draw.eyes"),
        ("--steps", "not a change: --steps"),
        ("seed:=open('x')", "NameError"),
    ],
)
def test_a_constant_that_is_not_there_is_an_error(tmp_path: Path, word: str, said: str) -> None:
    done = changed(tmp_path, word)
    assert done.returncode != 0
    assert said in done.stderr
    assert done.stdout == ""


def test_steps_stop_at_the_first_that_fails(tmp_path: Path) -> None:
    def step(text: str) -> list[str]:
        return [sys.executable, "-c", text]

    words = [*step("print(1, flush=True)"), "--then", *step("raise SystemExit(3)"), "--then",
             *step("print(2)")]  # fmt: skip
    done = subprocess.run([sys.executable, str(FOLDER / "steps.py"), *words], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (3, "1\n")


def hook(name: str) -> ModuleType:
    spec = importlib.util.spec_from_file_location(name, FOLDER / f"{name}.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_configuration_must_have_each_key_once() -> None:
    configured = hook("followyouremoji").configured
    text = "resolution_w: 512\nvideo_length: 16\nseed: 12580\n"
    assert configured(text, 124, 3) == "resolution_w: 512\nvideo_length: 124\nseed: 3\n"
    with pytest.raises(SystemExit, match="0 lines 'seed:'"):
        configured("video_length: 16\n", 124, 3)


def test_paths_of_another_machine_are_found_at_home(tmp_path: Path) -> None:
    at_home = hook("emoportraits").at_home
    place = tmp_path / "repos" / "MODNet" / "m.ckpt"
    place.parent.mkdir(parents=True)
    place.touch()
    assert at_home("/fsx/somebody/repos/MODNet/m.ckpt", tmp_path) == str(place)
    assert at_home("/fsx/somebody/other.ckpt", tmp_path) == "/fsx/somebody/other.ckpt"
    assert at_home("/data/repos/MODNet/m.ckpt", tmp_path) == "/data/repos/MODNet/m.ckpt"


def test_one_checkpoint_is_taken_and_several_are_not(tmp_path: Path) -> None:
    only = hook("emoportraits").only_checkpoint
    (tmp_path / "300_model.pth").touch()
    assert only(tmp_path) == "300_model.pth"
    (tmp_path / "301_model.pth").touch()
    with pytest.raises(RuntimeError, match="2 checkpoints"):
        only(tmp_path)


def test_a_longer_driving_video_repeats_its_last_frame(tmp_path: Path) -> None:
    words = {"command": ["x"], "output": "{out}/r.mp4", "inputs": {"extra": 3}}
    place = prepare(Invocation.model_validate(words), Home(), request(tmp_path, driving_frames(5)))
    frames = read_video(Path(place.values["driving"]))
    assert [index_of(frame) for frame in frames] == [0, 1, 2, 3, 4, 4, 4, 4]
    assert place.values["frames"] == "5"
