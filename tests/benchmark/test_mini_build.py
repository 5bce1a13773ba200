import hashlib
import json
import shutil
import threading
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from benchmark.errors import EnvironmentProblem, ExitCode
from benchmark.media.image import read_image
from benchmark.media.video import frame_rate, read_video
from benchmark.paths import cache_dir
from benchmark.splits.manifest import Split, read_manifest
from benchmark.splits.mini import build, cache, cases, portraits
from benchmark.splits.mini.choreography import course
from benchmark.splits.mini.clips import motion_file
from benchmark.splits.mini.rig import DIALS


@pytest.fixture
def mini() -> Path:
    return build(cache_dir())


@pytest.fixture(params=cases.SPLITS)
def split(request: pytest.FixtureRequest, mini: Path) -> Split:
    return read_manifest(mini / f"{request.param}.jsonl")


def hashes(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in root.rglob("*")
        if path.is_file()
    }


def test_what_there_is(mini: Path) -> None:
    single, multi = (read_manifest(mini / f"{name}.jsonl") for name in cases.SPLITS)
    assert [case.protocol for case in single.cases] == ["self", "cross", "self", "cross"]
    assert [case.protocol for case in multi.cases] == ["self", "cross"]
    assert {case.size for case in single.cases} == {(512, 512)}
    assert {case.size for case in multi.cases} == {(512, 1024)}
    assert {len(case.pairs) for case in multi.cases} == {2}
    for split in (single, multi):
        assert split.header.dataset == "mini"
        assert "self-check" in split.header.notice
        assert {case.frames for case in split.cases} == {(0, 32)}


def test_media_are_as_the_manifest_says(split: Split) -> None:
    for case in split.cases:
        video = read_video(split.file(case.driving))
        assert video.shape == (case.n_frames, *case.size, 3)
        assert frame_rate(split.file(case.driving)) == case.rate == Fraction(25)
        source = read_image(split.file(case.source))
        assert source.shape[:2] == case.size
        if case.protocol == "self":
            np.testing.assert_array_equal(source, video[0])


def test_nobody_drives_themselves_in_a_cross_case(mini: Path) -> None:
    left, right = (read_image(mini / "media" / f"{name}.png") for name in portraits.ORIGINS)
    single, multi = (read_manifest(mini / f"{name}.jsonl") for name in cases.SPLITS)
    for case in single.cases:
        if case.protocol == "cross":
            first = read_video(single.file(case.driving))[0].astype(int)
            source = read_image(single.file(case.source)).astype(int)
            assert np.abs(first - source).mean() > 20.0
    (cross,) = [case for case in multi.cases if case.protocol == "cross"]
    np.testing.assert_array_equal(read_image(multi.file(cross.source)), np.hstack([left, right]))
    assert [(pair.source, pair.driving) for pair in cross.pairs] == [(0, 1), (1, 0)]


def test_the_known_motion_lies_beside_each_clip(split: Split) -> None:
    for case in split.cases:
        driving = split.file(case.driving)
        motion = json.loads(motion_file(driving).read_text(encoding="utf-8"))
        assert "Rz(roll) Ry(yaw) Rx(pitch)" in motion["convention"]
        assert len(motion["people"]) == len(case.pairs)
        for person in motion["people"]:
            steps = course(driving.stem, person["portrait"])
            assert {name: person[name] for name in DIALS} == {
                name: [getattr(step, name) for step in steps] for name in DIALS
            }


def test_the_second_time_nothing_is_made(mini: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: Path) -> None:
        raise AssertionError("made again")

    monkeypatch.setattr(cases, "make", fail)
    before = {path: path.stat().st_mtime_ns for path in mini.rglob("*")}
    assert build(cache_dir()) == mini
    assert {path: path.stat().st_mtime_ns for path in mini.rglob("*")} == before


@pytest.mark.slow
def test_the_same_bytes_every_time(mini: Path, tmp_path: Path) -> None:
    again = build(tmp_path / "elsewhere")
    assert again.name == mini.name
    assert hashes(again) == hashes(mini)


@pytest.fixture
def ready_made(mini: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Making mini by copying; the list grows with each time it is made."""
    made: list[Path] = []

    def make(root: Path) -> None:
        made.append(root)
        shutil.copytree(mini, root)

    monkeypatch.setattr(cases, "make", make)
    return made


@pytest.mark.parametrize("damage", ["media/both.png", "media/hopper-moves.mp4", "multi.jsonl"])
def test_a_damaged_folder_is_made_anew(
    damage: str, mini: Path, ready_made: list[Path], tmp_path: Path
) -> None:
    broken = tmp_path / mini.name
    shutil.copytree(mini, broken)
    (broken / damage).write_bytes(b"x")
    assert build(tmp_path) == broken
    assert len(ready_made) == 1
    assert hashes(broken) == hashes(mini)
    assert [path.name for path in tmp_path.iterdir()] == [mini.name]  # nothing is left behind


def test_a_lost_motion_file_is_noticed(mini: Path, ready_made: list[Path], tmp_path: Path) -> None:
    shutil.copytree(mini, tmp_path / mini.name)
    (tmp_path / mini.name / "media" / "both-moves.motion.json").unlink()
    build(tmp_path)
    assert len(ready_made) == 1


def test_builders_who_meet_do_not_disturb_each_other(
    mini: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3)

    def make(root: Path) -> None:
        shutil.copytree(mini, root)
        together.wait(timeout=30)  # all three have made it before any of them publishes

    monkeypatch.setattr(cases, "make", make)
    found: list[Path] = []
    builders = [threading.Thread(target=lambda: found.append(build(tmp_path))) for _ in range(3)]
    for builder in builders:
        builder.start()
    for builder in builders:
        builder.join(timeout=60)
    assert found == [tmp_path / mini.name] * 3
    assert hashes(found[0]) == hashes(mini)
    assert [path.name for path in tmp_path.iterdir()] == [mini.name]


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(root: Path) -> None:
        (root / "media").mkdir(parents=True)
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(cases, "make", fail)
    with pytest.raises(EnvironmentProblem, match="No space left") as caught:
        build(tmp_path)
    assert caught.value.exit_code is ExitCode.ENVIRONMENT
    assert caught.value.remedy
    assert list(tmp_path.iterdir()) == []


def test_a_cache_that_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("in the way")
    with pytest.raises(EnvironmentProblem, match="cannot write"):
        build(tmp_path / "cache")


def test_the_name_changes_with_the_recipe(monkeypatch: pytest.MonkeyPatch) -> None:
    before = cache.fingerprint()
    assert before == cache.fingerprint()
    monkeypatch.setattr(cases, "VERSION", "other")
    assert cache.fingerprint() != before


def altered(name: str, monkeypatch: pytest.MonkeyPatch, **changes: str) -> None:
    origin = replace(portraits.ORIGINS[name], **changes)
    monkeypatch.setitem(portraits.ORIGINS, name, origin)


def test_another_picture_under_the_same_name(monkeypatch: pytest.MonkeyPatch) -> None:
    altered("hopper", monkeypatch, sha256="0" * 64)
    with pytest.raises(EnvironmentProblem, match="not the picture") as caught:
        portraits.locate("hopper")
    assert "matplotlib" in caught.value.remedy


@pytest.mark.parametrize("changes", [{"file": "data/none.png"}, {"package": "no_such_package"}])
def test_a_picture_that_is_not_there(
    changes: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    altered("astronaut", monkeypatch, **changes)
    with pytest.raises(EnvironmentProblem, match="the mini split needs") as caught:
        portraits.locate("astronaut")
    assert "scikit-image" in caught.value.remedy


def test_portraits_are_canonical() -> None:
    for name in portraits.ORIGINS:
        portrait = portraits.load(name)
        assert portrait.image.shape == (512, 512, 3)
        assert portrait.landmarks.shape == (478, 3)
        low, high = portrait.landmarks[:, :2].min(axis=0), portrait.landmarks[:, :2].max(axis=0)
        assert (high - low).max() == pytest.approx(512 / 1.8, rel=0.04)
        np.testing.assert_allclose((low + high) / 2, 256.0, atol=8.0)
        rotation = portrait.pose[:3, :3]
        np.testing.assert_allclose(rotation @ rotation.T, np.eye(3), atol=1e-4)


def test_building_prints_nothing(
    ready_made: list[Path], tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    build(tmp_path)
    assert capfd.readouterr() == ("", "")
    assert len(ready_made) == 1
