"""The described methods, each against a fake program with its flags, its naming and its quirks."""

import shutil
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from outside import driving_frames, frames_of, index_of, request

from adapters.base import Animation, Component, FacePair, Geometry, MethodError
from adapters.command import Command
from adapters.description import invocation
from adapters.rows import our_rows

PROGRAMS = Path(__file__).parent / "programs"
COUNT = 10  # no multiple of 4, and not 4k+1
FIRST_NINE, FIRST_EIGHT, ALL = list(range(9)), list(range(8)), list(range(COUNT))
NAMES = ("facevid2vid", "fantasyportrait", "fantasyportrait-multi", "fasterliveportrait", "fomm",
         "imtalker", "lia", "liveportrait", "personalive", "tpsmm", "xportrait")  # fmt: skip
SCRIPTS = {name: our_rows()[name].command[1] for name in NAMES}
SHIPPED = ("config/vox-256.yaml", "config/cldm_v15_appearance_pose_local_mm.yaml",
           "configs/trt_infer.yaml", "model_lib/__init__.py", "renderer/models.py",
           "results/old.txt")  # fmt: skip


def slow(*values: Any) -> Any:
    return pytest.param(*values, marks=pytest.mark.slow)


@pytest.fixture
def repositories(tmp_path: Path) -> Path:
    """Each method's repository with the fake in its script's place, and weights."""
    for name, script in SCRIPTS.items():
        repository = tmp_path / "repositories" / name
        place = repository / script
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(PROGRAMS / f"{name.replace('-', '_')}.py", place)
        shutil.copy(PROGRAMS / "film.py", place.parent)
        for item in our_rows()[name].weights:
            path = repository / item.path
            path = path if path.suffix else path / "model"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(b"weights")
        for shipped in SHIPPED:
            (repository / shipped).parent.mkdir(parents=True, exist_ok=True)
            (repository / shipped).touch()
    return tmp_path / "repositories"


def run(repositories: Path, name: str, tmp: Path, frames: Any = None, **changes: Any) -> Animation:
    home = {"repository": str(repositories / name), "python": sys.executable}
    method = Command(invocation(our_rows()[name]), home)
    return method.animate(request(tmp, frames, **changes))


@pytest.mark.parametrize(
    ("name", "frame_map", "geometry", "shape"),
    [
        ("liveportrait", ALL, Geometry.SOURCE, (64, 64, 3)),
        slow("fomm", ALL, Geometry.RESIZED, (256, 256, 3)),
        slow("tpsmm", ALL, Geometry.RESIZED, (256, 256, 3)),
        slow("facevid2vid", ALL, Geometry.RESIZED, (256, 256, 3)),
        slow("xportrait", ALL, Geometry.RESIZED, (512, 512, 3)),
        ("personalive", FIRST_EIGHT, Geometry.RESIZED, (512, 512, 3)),
        slow("fasterliveportrait", ALL, Geometry.SOURCE, (64, 64, 3)),
        slow("imtalker", ALL, Geometry.RESIZED, (512, 512, 3)),
        ("fantasyportrait", FIRST_NINE, Geometry.RESIZED, (720, 720, 3)),
    ],
)
def test_the_adapter_comes_through(
    repositories: Path,
    tmp_path: Path,
    name: str,
    frame_map: list[int],
    geometry: Geometry,
    shape: tuple[int, int, int],
) -> None:
    before = sorted(str(p) for p in (repositories / name).rglob("*"))
    animation = run(repositories, name, tmp_path)
    frames = frames_of(animation)
    assert animation.frame_map == frame_map
    assert [index_of(f) for f in frames] == frame_map
    assert animation.geometry is geometry
    assert frames[0].shape == shape
    assert sorted(str(p) for p in (repositories / name).rglob("*")) == before


@pytest.mark.slow
def test_lia_gets_256_and_its_stretch_is_a_footnote(repositories: Path, tmp_path: Path) -> None:
    frames = frames_of(run(repositories, "lia", tmp_path))
    assert frames[0].shape == (256, 256, 3)
    assert [round(float(f.mean()) / 255 * 9) for f in frames] == ALL, "180 became 255"
    assert "stretches the contrast" in our_rows()["lia"].footnotes[0]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "flags"),
    [
        ("liveportrait", {"self": "no_flag_relative_motion=True", "cross": "motion=False"}),
        ("fomm", {"self": "relative=False, adapt_scale=False", "cross": "relative=True, adapt_sc"}),
        ("tpsmm", {"self": "mode='standard'", "cross": "mode='relative'"}),
        ("xportrait", {"self": "best_frame=0, ", "cross": "best_frame=-1, "}),
    ],
)
@pytest.mark.parametrize("kind", ["self", "cross"])
def test_self_and_cross_have_flags_of_their_own(
    repositories: Path,
    tmp_path: Path,
    capfd: pytest.CaptureFixture[str],
    name: str,
    flags: dict[str, str],
    kind: str,
) -> None:
    run(repositories, name, tmp_path, protocol=kind)
    assert flags[kind] in capfd.readouterr().err


@pytest.mark.slow
def test_liveportrait_drives_the_mouth_alone(
    repositories: Path, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    run(repositories, "liveportrait", tmp_path, components=frozenset({Component.MOUTH}))
    assert "animation_region='lip'" in capfd.readouterr().err


def test_skipped_frames_are_a_failure_not_a_shift(repositories: Path, tmp_path: Path) -> None:
    frames = driving_frames(COUNT)
    frames[4] = 255  # no face there
    animation = run(repositories, "fasterliveportrait", tmp_path, frames)
    with pytest.raises(MethodError, match="gave 9 frames where its frame rule says 10"):
        frames_of(animation)


def test_code_0_without_a_file_is_a_failure(repositories: Path, tmp_path: Path) -> None:
    with pytest.raises(MethodError, match="ended without a result"):
        run(repositories, "imtalker", tmp_path, driving_frames(COUNT) * 0 + 255)


@pytest.mark.slow
def test_no_face_in_the_portrait_is_its_last_words(repositories: Path, tmp_path: Path) -> None:
    black = np.zeros((64, 64, 3), np.uint8)
    with pytest.raises(MethodError, match=r"ended with code 1: no face in .*source\.png! exit!"):
        run(repositories, "fasterliveportrait", tmp_path, portrait=black)


@pytest.mark.parametrize("pairs", [slow(((0, 0), (1, 1))), ((0, 1), (1, 0))])
def test_each_face_of_the_multi_method_gets_its_driver(
    repositories: Path, tmp_path: Path, pairs: tuple[tuple[int, int], ...]
) -> None:
    frames = driving_frames(COUNT)
    frames[:, :, 32:] = 230  # the right driver is bright, whatever the time
    faces = tuple(FacePair(*pair) for pair in pairs)
    animation = run(repositories, "fantasyportrait-multi", tmp_path, frames, pairs=faces)
    assert animation.frame_map == FIRST_NINE
    for made in frames_of(animation):
        halves = made[:, :256].mean(), made[:, 256:].mean()
        bright = {pair.source: pair.driving == 1 for pair in faces}
        assert [value > 220 for value in halves] == [bright[0], bright[1]]


def test_hooks_run_on_old_pythons_and_name_no_foreign_code() -> None:
    import ast

    from adapters.rows import FOLDER

    hooks = sorted(FOLDER.glob("*.py"))
    assert hooks
    for path in hooks:
        ast.parse(path.read_text(), feature_version=(3, 8))
    for row in our_rows().values():
        if row.worker:
            name, _, kind = row.worker.partition(":")
            tree = ast.parse((FOLDER / name).read_text())
            assert kind in {n.name for n in tree.body if isinstance(n, ast.ClassDef)}
