"""What a method does to its inputs is seen; as another user than root it can be forbidden."""

import sys
from pathlib import Path

import pytest
from outside import frames_of, request

from adapters.base import MethodError
from adapters.command import Command
from adapters.description import Invocation, invocation
from adapters.guard import Guard, binds, post, relieve

WORDS = {"command": ["{python}", "program.py", "{source}", "{driving}", "{out}/r.mp4"],
         "output": "{out}/r.mp4"}  # fmt: skip
HONEST = "import sys, shutil; shutil.copy(*sys.argv[2:])"
TEMPORARY = HONEST + "; p = sys.argv[2] + '.tmp'; open(p, 'w').close(); __import__('os').remove(p)"


def run(program: str, guard: Guard, tmp: Path) -> list[str]:
    """Run a program on a case; return what became of its inputs."""
    (tmp / "repository").mkdir()
    (tmp / "repository" / "program.py").write_text(program)
    how = invocation(Invocation.model_validate(WORDS))
    method = Command(how, {"repository": str(tmp / "repository"), "python": sys.executable}, guard)
    case = request(tmp)
    assert len(frames_of(method.animate(case))) == case.n_frames
    return list(relieve(case.scratch))


@pytest.mark.parametrize("guard", ["", "listed", "sealed"])
def test_inputs_that_are_left_alone(tmp_path: Path, guard: Guard) -> None:
    assert run(HONEST, guard, tmp_path) == []


def test_what_is_changed_removed_and_added_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    (folder / "deep").mkdir(parents=True)
    for name in ("same", "other", "gone"):
        (folder / name).write_text(name)
    post(tmp_path, "listed")
    (folder / "other").write_text("OTHER")
    (folder / "gone").unlink()
    (folder / "deep" / "new").touch()
    assert list(relieve(tmp_path)) == ["deep/new", "gone (removed)", "other (changed)"]


def test_nothing_is_listed_in_a_run(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    post(tmp_path, "")
    assert [p.name for p in tmp_path.iterdir()] == ["in"]
    assert list(relieve(tmp_path)) == []


def test_a_sealed_folder_ends_a_method_that_writes_and_tidies_up(tmp_path: Path) -> None:
    if not binds(tmp_path):
        pytest.skip("permissions bind nobody here (root)")
    with pytest.raises(MethodError, match=r"PermissionError.*driving\.mp4\.tmp"):
        run(TEMPORARY, "sealed", tmp_path)
    assert list(relieve(tmp_path / "case")) == []
