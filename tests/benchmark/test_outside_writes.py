"""A home folder of a trial's own: what is there is found, what is put there is seen."""

import os
from pathlib import Path

import numpy as np
import pytest

from benchmark.conformance.outside import HomeApart, judge
from benchmark.conformance.trials import Trial
from benchmark.conformance.verdict import Verdict

WENT = Trial(np.zeros((1, 8, 8, 3), np.uint8), (0,))


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """A home folder with settings, weights in the cache and something in .local."""
    home = tmp_path / "real"
    for name in (".bashrc", ".cache/hub/model.pth", ".config/app/rc", ".local/bin/tool"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("there")
    return home


def test_what_is_in_the_real_home_is_found(real: Path, tmp_path: Path) -> None:
    apart = HomeApart(tmp_path / "apart", {"HOME": str(real), "PATH": "x"})
    home = tmp_path / "apart"
    assert apart.variables == {"HOME": str(home)}, "what the user has not moved is not named"
    for name in (".bashrc", ".cache/hub/model.pth", ".config/app/rc", ".local/bin/tool"):
        assert (home / name).read_text() == "there"
    assert list(apart.written()) == []


def test_what_is_put_there_is_seen_and_never_reaches_the_real_one(
    real: Path, tmp_path: Path
) -> None:
    before = sorted(real.rglob("*"))
    apart, home = HomeApart(tmp_path / "apart", {"HOME": str(real)}), tmp_path / "apart"
    for name in ("results.mp4", ".cache/new/x", ".config/new/rc", ".local/share/a/b", ".local/c"):
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text("new")
    found = [".cache/new/x", ".config/new/rc", ".local/c", ".local/share/a/b", "results.mp4"]
    assert list(apart.written()) == found
    (home / ".bashrc").write_text("less")
    os.utime(home / ".config/app/rc", ns=(1, 1))
    assert list(apart.written()) == sorted([".bashrc", *found]), "a linked folder is the real one"
    assert sorted(real.rglob("*")) == before
    assert (real / ".bashrc").read_text() == "there"


def test_folders_that_the_user_has_moved_are_moved_too(real: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "hub").mkdir(parents=True)
    moved = {"HOME": str(real), "XDG_CACHE_HOME": str(tmp_path / "elsewhere")}
    variables = HomeApart(tmp_path / "apart", moved).variables
    assert set(variables) == {"HOME", "XDG_CACHE_HOME"}
    cache = Path(variables["XDG_CACHE_HOME"])
    assert cache.is_relative_to(variables["HOME"])
    assert [path.name for path in cache.iterdir()] == ["hub"]


@pytest.mark.parametrize(
    ("trial", "files", "verdict", "said"),
    [
        (WENT, [], Verdict.HELD, "none of 1 files in code changed, nothing new in its home folder"),
        (WENT, [".cache/mpl/f"], Verdict.HELD, "nothing new in its home folder but caches (~/.cac"),
        (WENT, ["r.mp4"], Verdict.BROKEN, "writes ~/r.mp4"),
        (WENT, list("abcde"), Verdict.BROKEN, "writes ~/a, ~/b, ~/c and 2 more"),
        (Trial(reason="no model"), [], Verdict.UNTESTABLE, "it fails: no model"),
        (Trial(reason="no model"), ["a"], Verdict.BROKEN, "writes ~/a"),
    ],
)
def test_the_verdict(trial: Trial, files: list[str], verdict: Verdict, said: str) -> None:
    same = {"code/x": (1, 1)}
    found = judge(same, same, [Path("code")], (trial, files))
    assert (found.verdict, said in found.said) == (verdict, True), found.said
    changed = judge(same, {"code/x": (1, 2)}, [Path("code")], (trial, files))
    assert changed.verdict is Verdict.BROKEN
    assert "first code/x" in changed.said


def test_a_method_in_our_process_has_our_home() -> None:
    assert judge({}, {}, [], None).verdict is Verdict.UNTESTABLE
    found = judge({}, {}, [Path("code")], None)
    assert (found.verdict, found.said) == (Verdict.HELD, "none of 0 files in code changed")


def test_a_home_that_cannot_be_read_shows_nothing(tmp_path: Path) -> None:
    apart = HomeApart(tmp_path / "apart", {"HOME": str(tmp_path / "nowhere")})
    assert list(apart.written()) == []
    (tmp_path / "apart" / "x").write_text("new")
    assert list(apart.written()) == ["x"]
