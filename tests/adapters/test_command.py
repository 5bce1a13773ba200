"""A command line as a method, and all the ways in which one goes wrong."""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from outside import TwoBoxes, driving_frames, frames_of, index_of, method, request

from adapters.base import Component, FacePair, Geometry, MethodError
from adapters.description import Invocation

FAKE = """
import argparse, sys, os, shutil
import numpy as np, av
from pathlib import Path
p = argparse.ArgumentParser()
p.add_argument("--src"); p.add_argument("--drv"); p.add_argument("--out")
p.add_argument("--how", default="")
p.add_argument("--size", type=int, default=0); p.add_argument("--abs", action="store_true")
a = p.parse_args()
def read(path):
    with av.open(path) as c: return [f.to_ndarray(format="rgb24") for f in c.decode(video=0)]
def write(path, frames, fps=25):
    with av.open(path, "w") as c:
        s = c.add_stream("libx264rgb", rate=fps, options={"qp": "0"})
        s.height, s.width = frames[0].shape[:2]; s.pix_fmt = "rgb24"
        for f in map(np.ascontiguousarray, frames):
            c.mux(s.encode(av.VideoFrame.from_ndarray(f, format="rgb24")))
        c.mux(s.encode(None))
frames = read(a.drv)
exec(a.how.replace(";;", chr(10)))
write(a.out, frames)
"""
COMMAND = ("{python}", "fake.py", "--src", "{source}", "--drv", "{driving}", "--out", "{out}/r.mp4")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    folder = tmp_path / "repository"
    folder.mkdir()
    (folder / "fake.py").write_text(FAKE)
    (folder / "weights").mkdir()
    (folder / "weights" / "model.bin").write_bytes(b"weights")
    return folder


def fake(*how: str, **words: Any) -> Invocation:
    command = (*COMMAND, "--how", ";;".join(how)) if how else COMMAND
    given = {"command": command, "output": "{out}/*.mp4", **words}
    return Invocation.model_validate(given)


def test_a_command_gives_frames_by_index(repository: Path, tmp_path: Path) -> None:
    animation = method(fake(), repository).animate(request(tmp_path))
    assert animation.frame_map == list(range(10))
    assert animation.geometry is Geometry.RESIZED
    assert [index_of(f) for f in frames_of(animation)] == list(range(10))


def test_a_video_too_short_for_the_method_is_said_before_it_runs(
    repository: Path, tmp_path: Path
) -> None:
    how = fake("1/0", frames={"multiple": 16})
    with pytest.raises(MethodError, match="10 driving frames are too few for it \\(16k\\)"):
        method(how, repository).animate(request(tmp_path))


def test_inputs_come_as_the_method_wants_them(repository: Path, tmp_path: Path) -> None:
    how = fake(
        "assert frames[0].shape == (32, 32, 3)",
        "assert av.open(a.drv).streams.audio",
        "assert av.open(a.src).streams.video[0].width == 32",
        inputs={"size": [32, 32], "audio": "track"},
    )
    frames = frames_of(method(how, repository).animate(request(tmp_path)))
    assert [index_of(f) for f in frames] == list(range(10))
    assert frames[0].shape == (32, 32, 3)


def test_silence_is_as_long_as_the_video(repository: Path, tmp_path: Path) -> None:
    how = fake(
        "import wave; w = wave.open(a.src)",
        "assert abs(w.getnframes() / w.getframerate() - len(frames) / 25) < 1e-3",
        "assert not any(w.readframes(9999))",
        inputs={"audio": "file"},
    )
    words = tuple("{audio}" if word == "{source}" else word for word in how.command)
    how = how.model_copy(update={"command": words})
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10


@pytest.mark.slow
def test_flags_follow_the_kind_of_case(repository: Path, tmp_path: Path) -> None:
    how = fake("assert a.abs == ('self' in a.out)", self=["--abs"], own=["self", "cross"])
    for kind in ("self", "cross"):
        out = "{work}/" + kind + "/r.mp4"
        words = tuple(out if word == "{out}/r.mp4" else word for word in how.command)
        here = how.model_copy(update={"command": words, "output": out})
        case = request(tmp_path / kind, protocol=kind)
        assert len(frames_of(method(here, repository).animate(case))) == 10
    assert sorted(p.name for p in repository.iterdir()) == ["fake.py", "weights"]


def test_what_a_method_cannot_do_is_said_before_it_runs(repository: Path, tmp_path: Path) -> None:
    case = request(tmp_path)
    two = replace(case, pairs=(FacePair(0, 1), FacePair(1, 0)))
    with pytest.raises(MethodError, match="animates one face; the case has 2"):
        method(fake(), repository).animate(two)
    with pytest.raises(MethodError, match="gives every face the same motion"):
        method(fake(faces="alike"), repository).animate(two)
    eyes = replace(case, components=frozenset({Component.EYES, Component.MOUTH}))
    with pytest.raises(MethodError, match="cannot drive eyes\\+mouth alone"):
        method(fake(), repository).animate(eyes)
    how = fake("assert a.abs", components={"eyes+mouth": ["--abs"]})
    assert len(frames_of(method(how, repository).animate(eyes))) == 10


@pytest.mark.parametrize(("order", "lit"), [("left", "left"), ("right", "right")])
def test_each_face_gets_its_own_driver_in_a_known_order(
    repository: Path, tmp_path: Path, order: str, lit: str
) -> None:
    frames = driving_frames(4)
    frames[:, :, 32:] = 200  # the driving person on the right is bright
    # Portrait face 0 (left) is driven by person 1 (right), so `left` order gives bright first.
    how = Invocation.model_validate(
        {
            "command": ["{python}", "several.py", "{out}/r.mp4", "{drivings}"],
            "output": "{out}/r.mp4",
            "faces": "each",
            "inputs": {"order": order, "margin": 0.2},
        }
    )
    (repository / "several.py").write_text(
        "import sys; out, *drv = sys.argv[1:]; sys.argv = ['x', '--drv', drv[0], '--out', out]\n"
        + FAKE.replace("write(a.out, frames)", "")
        + "means = [f.mean() > 150 for f in read(drv[0])], [f.mean() > 150 for f in read(drv[1])]\n"
        "assert len(drv) == 2\n"
        f"lit = {0 if lit == 'left' else 1}\n"
        "assert all(means[lit]) and not any(means[1 - lit])\n"
        "write(out, frames)\n"
    )
    case = request(tmp_path, frames, pairs=(FacePair(0, 1), FacePair(1, 0)))
    assert isinstance(case.services.faces, TwoBoxes)
    assert len(frames_of(method(how, repository).animate(case))) == 4


def test_files_of_a_case_are_written_before_it_starts(repository: Path, tmp_path: Path) -> None:
    (repository / "pairs.yaml").write_text("old")
    how = fake(
        "assert open('pairs.yaml').read() == f'{{a: [{a.src}, 10]}}'",
        files=[{"path": "{work}/pairs.yaml", "content": "{a: [{source}, {frames}]}"}],
    )
    # One name in braces is a placeholder, `{a: [...]}` is YAML: nothing to escape.
    assert how.files[0].content.startswith("{a:")
    how = fake(
        "assert open('pairs.yaml').read() == '{a: [' + a.src + ', 10]}', open('pairs.yaml').read()",
        files=[{"path": "{work}/pairs.yaml", "content": "{a: [{source}, {frames}]}"}],
    )
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10
    assert (repository / "pairs.yaml").read_text() == "old"


def test_a_file_of_a_case_below_a_folder_of_the_repository(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "configs" / "deep").mkdir(parents=True)
    for name in ("configs/deep/x.yaml", "configs/base.yaml"):
        (repository / name).write_text("shipped")
    before = {p: p.read_text() for p in repository.rglob("*.yaml")}
    how = fake(
        "assert open('configs/deep/x.yaml').read() == '10'",
        "assert open('configs/base.yaml').read() == 'shipped'",
        files=[{"path": "{work}/configs/deep/x.yaml", "content": "{frames}"}],
    )
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10
    assert {p: p.read_text() for p in repository.rglob("*.yaml")} == before


def test_a_file_of_a_case_stays_inside_whatever_fills_its_name(
    repository: Path, tmp_path: Path
) -> None:
    file = {"path": "{work}/{name}.yaml", "content": "x"}
    how = fake(files=[file], options={"name": "../../../out"})
    with pytest.raises(MethodError, match="a file of the case would lie outside it"):
        method(how, repository).animate(request(tmp_path))


def test_an_old_result_in_the_repository_is_not_taken_for_a_new_one(
    repository: Path, tmp_path: Path
) -> None:
    (repository / "results").mkdir()
    done = frames_of(method(fake(), repository).animate(request(tmp_path / "first")))
    assert done
    (tmp_path / "first" / "case" / "out" / "r.mp4").rename(repository / "results" / "r.mp4")
    how = fake("sys.exit(0)", output="{work}/results/*.mp4")
    with pytest.raises(MethodError, match=r"behind a link out of the case: .*results/r\.mp4 \(own"):
        method(how, repository).animate(request(tmp_path / "second"))


def test_an_argument_that_no_program_can_get_is_said(repository: Path, tmp_path: Path) -> None:
    how = fake(options={"text": "a\0b"}, self=["{text}"])
    with pytest.raises(MethodError, match=r"cannot start .*: embedded null byte"):
        method(how, repository).animate(request(tmp_path))


def test_relative_paths_work_and_the_repository_stays_as_it_is(
    repository: Path, tmp_path: Path
) -> None:
    how = fake(
        "assert open('weights/model.bin').read() == 'weights'",
        "open('temp_audio.aac', 'w').write('x')",
        "open(a.drv + '.pkl', 'w').write('motion')",
        "os.makedirs('results/deep')",
        own=["results"],
    )
    (repository / "results").mkdir()
    before = sorted(str(p) for p in repository.rglob("*"))
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10
    assert sorted(str(p) for p in repository.rglob("*")) == before


@pytest.mark.parametrize(
    ("how", "reason"),
    [
        ("raise RuntimeError('no face')", "its command ended with code 1: RuntimeError: no face"),
        ("os.kill(os.getpid(), 9)", "its command was ended by SIGKILL"),
        ("os.kill(os.getpid(), 40)", "its command was ended by signal 40"),
        ("os.symlink('/etc/passwd', a.out); sys.exit(0)", "behind a link out of the case: /etc/pa"),
        ("print('No face, sorry'); sys.exit(0)", "ended without a result"),
        ("write(a.out + '_concat.mp4', frames)", "several files could be the result"),
        (
            "open(a.out, 'w').write('not a video'); os._exit(0)",
            r"its result cannot be read: out/r\.mp4",
        ),
        ("open('gone.yaml')", "code 1: FileNotFoundError: .*'gone.yaml'"),
        ("open(a.drv + '.txt')", "code 1: FileNotFoundError: .*'in/driving.mp4.txt'"),
    ],
)
def test_failures_say_what_happened(
    repository: Path, tmp_path: Path, how: str, reason: str
) -> None:
    with pytest.raises(MethodError, match=reason):
        frames_of(method(fake(how), repository).animate(request(tmp_path)))


@pytest.mark.slow
def test_other_files_are_told_apart(repository: Path, tmp_path: Path) -> None:
    how = fake("write(a.out[:-4] + '_concat.mp4', frames)", ignore=["*_concat.mp4"])
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10


@pytest.mark.slow
def test_a_method_that_fails_after_its_work_may_be_tolerated(
    repository: Path, tmp_path: Path
) -> None:
    how = fake("write(a.out, frames); sys.exit(3)", tolerant=True)
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10


@pytest.mark.slow
def test_numbered_pictures_are_a_result(repository: Path, tmp_path: Path) -> None:
    how = fake(
        "from PIL import Image",
        "[Image.fromarray(f).save(a.out + f'{i:04d}.png') for i, f in enumerate(frames)]",
        "sys.exit()",
        output="{out}/*.png",
    )
    frames = frames_of(method(how, repository).animate(request(tmp_path)))
    assert [index_of(f) for f in frames] == list(range(10))


def test_a_missing_interpreter_is_said(tmp_path: Path) -> None:
    how = fake()
    command = method(how, tmp_path, python="/nowhere/python")
    with pytest.raises(MethodError, match="cannot start /nowhere/python: No such file"):
        command.animate(request(tmp_path))


def test_children_left_behind_are_ended_and_a_pipe_held_open_is_no_hang(
    repository: Path, tmp_path: Path
) -> None:
    pid_file = tmp_path / "pid"
    how = fake(
        "import subprocess",
        "c = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(99)'], start_new_session=True, env={})",  # noqa: E501
        f"open({str(pid_file)!r}, 'w').write(str(c.pid))",
    )
    start = time.monotonic()
    assert len(frames_of(method(how, repository).animate(request(tmp_path)))) == 10
    assert time.monotonic() - start < 10
    assert not Path(f"/proc/{pid_file.read_text()}").exists()


@pytest.mark.slow
def test_a_seed_reaches_what_has_no_option_for_it(
    repository: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    (repository / "torch.py").write_text("def manual_seed(seed): print('torch too', seed)\n")
    (repository / "draws.py").write_text(FAKE)
    words = ("{python}", "{seeded}", "{seed}", "draws.py", *COMMAND[2:])
    said = []
    for number, seed in enumerate((3, 3, 4)):
        how = fake("import random; frames = [f * 0 + random.randrange(200) for f in frames]")
        how = how.model_copy(update={"command": (*words, *how.command[len(COMMAND) :])})
        case = request(tmp_path / str(number), seed=seed)
        said.append([int(f[0, 0, 0]) for f in frames_of(method(how, repository).animate(case))])
    assert said[0] == said[1] != said[2]
    assert "torch too 4" in capfd.readouterr().err
