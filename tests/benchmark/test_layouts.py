"""Each layout on a small tree of the same shape, to the end: found, prepared, paired, validated."""

import json
from collections.abc import Callable
from pathlib import Path

import clips
import pytest
from brought import run
from layout_trees import RATE, imported, look, names, people, tags

from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.splits.layouts import LAYOUTS, Ask


def test_hdtf(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        "RD_Radio1_000.mp4",
        "RD_Radio1_001.mp4",
        "WDA_AndyKim_000_002.mp4",
        "_videos_raw/RD_Radio1.mp4",
        text={"RD_video_url.txt": "x", "WRA_NoNumber.mp4": ""},
    )
    found = look("hdtf", root)
    assert names(found) == {"RD_Radio1_000.mp4", "RD_Radio1_001.mp4", "WDA_AndyKim_000_002.mp4"}
    assert [line.split(":")[0] for line in found.skipped] == [
        "RD_video_url.txt",
        "WRA_NoNumber.mp4",
        "_videos_raw",
    ]
    cases = imported("hdtf", root, tmp_path / "out")
    assert people(cases) == {("RD_Radio1", "WDA_AndyKim"), ("WDA_AndyKim", "RD_Radio1")}
    assert sum(case.protocol == "self" for case in cases) == 3
    for out in (root / "out", root / "_videos_raw/out", root):
        with pytest.raises(UsageProblem, match="among the files to import"):
            run(root, out, layout="hdtf")


VFHQ = "GT/Interval1_512x512_LANCZOS4/"


def test_vfhq_test(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        f"{VFHQ}Clip+a-_abcdefgh+P0+C0+F10-12/",
        f"{VFHQ}Clip+a-_abcdefgh+P0+C1+F10-12/",
        f"{VFHQ}Clip+bbbbbbbbbbb+P2+C0+F7-9/",
        f"{VFHQ}something/",
        text={f"{VFHQ}notes.txt": "x"},
    )
    found = look("vfhq-test", root)
    assert len(names(found)) == 3
    assert len(found.skipped) == 2
    cases = imported("vfhq-test", root, tmp_path / "out")
    assert people(cases) == {
        ("a-_abcdefgh+P0", "bbbbbbbbbbb+P2"),
        ("bbbbbbbbbbb+P2", "a-_abcdefgh+P0"),
    }
    assert {(case.fps, case.n_frames) for case in cases} == {("25", 3)}


def test_folders_of_frames_must_be_whole(put: Callable[..., Path]) -> None:
    folder = f"{VFHQ}Clip+bbbbbbbbbbb+P2+C0+F7-9/"
    root = put(folder, text={f"{folder}cover.png": "x", f"{folder}.thumb": "x"})
    assert len(look("vfhq-test", root).skipped) == 2
    with pytest.raises(UsageProblem, match="states no rate") as caught:
        look("vfhq-test", root, Ask())
    assert "--frame-rate" in caught.value.remedy
    (root / folder / "00000001.png").rename(root / folder / "1.jpg")
    assert look("vfhq-test", root).groups  # another ending, the same number
    (root / folder / "01.png").write_text("x")
    with pytest.raises(UsageProblem, match="same number"):
        look("vfhq-test", root)
    (root / folder / "01.png").unlink()
    (root / folder / "1.jpg").unlink()
    with pytest.raises(UsageProblem, match="lacks frame 1 "):
        look("vfhq-test", root)


def test_frames_of_another_size_are_refused(put: Callable[..., Path], tmp_path: Path) -> None:
    folder = f"{VFHQ}Clip+bbbbbbbbbbb+P2+C0+F7-9/"
    root = put(folder)
    write_png(root / folder / "00000002.png", clips.scene(size=(60, 80)))
    with pytest.raises(UsageProblem) as caught:
        run(root, tmp_path / "out", layout="vfhq-test", ask=RATE)
    assert "00000002.png has another size" in caught.value.remedy


def test_voxceleb1(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        "test/id10283#abc#000010#000020.mp4",
        "test/id10283#abd#000010#000020/",
        "train/id10001#xyz#000001#000002.mp4",
        "test/odd.mp4",
        text={"vox-metadata.csv": "x"},
    )
    found = look("voxceleb1", root)
    assert len(names(found)) == 3
    assert "part=train" in tags(found, "train/id10001#xyz#000001#000002.mp4")
    assert [line.split(":")[0] for line in found.skipped] == ["test/odd.mp4", "vox-metadata.csv"]
    cases = imported("voxceleb1", root, tmp_path / "out")
    assert people(cases) == {("id10283", "id10001"), ("id10001", "id10283")}
    only = imported("voxceleb1", root, tmp_path / "test", where=("part=test",))
    assert {case.protocol for case in only} == {"self"}  # one person: nobody to drive


def test_voxceleb2(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        "mp4/id00017/01dfn2spqyE/00001.mp4",
        "mp4/id00061/cAT9aR8oFx0/00141.mp4",
        "mp4/id00061/cAT9aR8oFx0/first.mp4",
        text={"mp4/id00061/readme.txt": "x", "mp4/extras/x/00001.mp4": "x"},
    )
    found = look("voxceleb2", root)
    assert names(found) == {"id00017/01dfn2spqyE/00001.mp4", "id00061/cAT9aR8oFx0/00141.mp4"}
    assert [line.split(":")[0] for line in found.skipped] == [
        "mp4/extras",
        "mp4/id00061/readme.txt",
        "mp4/id00061/cAT9aR8oFx0/first.mp4",
    ]
    assert len(imported("voxceleb2", root, tmp_path / "out")) == 4


def test_celebv_hq(put: Callable[..., Path], tmp_path: Path) -> None:
    info = {"clips": {"-_abcdefghi_0": {"attributes": {"emotion": {"labels": ["happy"]}}}}}
    info["clips"] |= {"-_abcdefghi_1": {}, "bbbbbbbbbbb_12": {"attributes": {}}}
    root = put(
        "-_abcdefghi_0.mp4",
        "-_abcdefghi_1.mp4",
        "bbbbbbbbbbb_12.mp4",
        "ccccccccccc_0.mp4",
        "other.mp4",
        text={"celebvhq_info.json": json.dumps(info)},
    )
    found = look("celebv-hq", root)
    assert tags(found, "-_abcdefghi_0.mp4") == ("emotion=happy",)
    assert [line.split(":")[0] for line in found.skipped] == ["ccccccccccc_0.mp4", "other.mp4"]
    cases = imported("celebv-hq", root, tmp_path / "out")
    assert ("-_abcdefghi", "-_abcdefghi") not in people(cases)
    (root / "celebvhq_info.json").unlink()
    assert len(names(look("celebv-hq", root))) == 4
    for bad in ("[]", "{", '{"clips": []}', '{"clips": {"a": 1}}', "[" * 100_000):
        (root / "celebvhq_info.json").write_text(bad)
        with pytest.raises(UsageProblem, match="celebvhq_info"):
            look("celebv-hq", root)


def test_mead(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        "M003/video/front/angry/level_1/001.mp4",
        "M003/video/left_30/angry/level_1/001.mp4",
        "W009/video/front/neutral/level_1/002.mp4",
        "W009/video/front/neutral/level_2/002.mp4",
        "W009/video/behind/happy/level_1/002.mp4",
        "W011#happy#level_3#004.mp4",
        "W011#glad#level_3#004.mp4",
        "M003/video/front/angry/level_1/cover.mp4",
        text={"M003/audio/x.m4a": "x"},
    )
    found = look("mead", root)
    assert len(names(found)) == 4
    assert tags(found, "W011#happy#level_3#004.mp4") == ("emotion=happy", "level=3")
    assert [line.split(":")[0] for line in found.skipped] == [
        "M003/audio",
        "M003/video/front/angry/level_1/cover.mp4",
        "W009/video/behind/happy/level_1",
        "W009/video/front/neutral/level_2",
        "W011#glad#level_3#004.mp4",
    ]
    cases = imported("mead", root, tmp_path / "out", where=("view=front",))
    assert people(cases) == {("M003", "W009"), ("W009", "M003")}
    with pytest.raises(UsageProblem, match="no clip of single has view=back") as caught:
        run(root, tmp_path / "no", layout="mead", where=("view=back",))
    assert "view=left_30" in caught.value.remedy


def test_nersemble(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put(
        "017/sequences/EMO-1-shout+laugh/images/cam_222200037.mp4",
        "017/sequences/EMO-1-shout+laugh/images/cam_220700191.mp4",
        "018/sequences/SEN-01-cramp/images/cam_222200037.mp4",
        "018/sequences/SEN-01-cramp/images/left.mp4",
        text={
            "017/calibration/camera_params.json": "{}",
            "017/sequences/EMO-1-shout+laugh/annotations/a.npz": "x",
            "metadata.csv": "x",
        },
    )
    found = look("nersemble", root)
    assert len(names(found)) == 3
    assert [line.split(":")[0] for line in found.skipped] == [
        "metadata.csv",
        "017/sequences/EMO-1-shout+laugh/annotations",
        "018/sequences/SEN-01-cramp/images/left.mp4",
    ]
    cases = imported("nersemble", root, tmp_path / "out", where=("camera=222200037",))
    assert people(cases) == {("017", "018"), ("018", "017")}
    assert any("sequence=SEN-01-cramp" in case.tags for case in cases)


def test_dfew(put: Callable[..., Path], tmp_path: Path) -> None:
    labels = "EmoLabel_DataSplit"
    root = put(
        "Clip/clip_224x224/00001/",
        "Clip/clip_224x224/00002/",
        "Clip/clip_224x224/00009/",
        text={
            f"{labels}/train(single-labeled)/set_1.csv": "video_name,label\n1,1\n7,2\n",
            f"{labels}/test(single-labeled)/set_1.csv": "video_name,label\n00002,6\n",
            f"{labels}/test(single-labeled)/set_2.csv": "video_name,label\n1,1\n",
        },
    )
    found = look("dfew", root)
    assert tags(found, "00001") == ("emotion=happy", "set_1=train", "set_2=test")
    assert tags(found, "00002") == ("emotion=disgust", "set_1=test")
    assert found.skipped == (
        "Clip/clip_224x224/00009: in no label table",
        "00007: labelled, but not there",
    )
    assert len(imported("dfew", root, tmp_path / "out")) == 4
    assert len(imported("dfew", root, tmp_path / "test", where=("set_1=test",))) == 1
    table = root / f"{labels}/test(single-labeled)/set_1.csv"
    for bad, says in (
        ("video_name,label\n1,1\n", "train and test of one set"),
        ("video_name,label\n1,2\n", "another label"),
        ("video_name,label\n1,8\n", "label from 1 to 7"),
        ("video_name,label\nx,1\n", "label from 1 to 7"),
        ("video_name\n1\n", "no column 'label'"),
        ("video_name,label\n1\n", "1 fields"),
        ("", "no column"),
        ('video_name,label\n"1', "cannot read the table"),
    ):
        table.write_text(bad)
        with pytest.raises(UsageProblem, match=says):
            look("dfew", root)


@pytest.mark.parametrize("name", LAYOUTS)
def test_an_empty_folder_and_none_at_all(name: str, tmp_path: Path) -> None:
    for root in (tmp_path, tmp_path / "none"):
        with pytest.raises(UsageProblem) as caught:
            look(name, root)
        assert caught.value.remedy


@pytest.mark.parametrize("name", LAYOUTS)
def test_the_documentation_shows_each_tree_and_its_command(name: str) -> None:
    from support import ROOT

    page = (ROOT / "docs/layouts.md").read_text()
    assert f"--layout {name}" in page
    for line in LAYOUTS[name].tree.splitlines():
        assert line.strip() in page, line


@pytest.mark.parametrize("name", LAYOUTS)
def test_a_tree_of_strange_things_is_named_or_refused(name: str, put: Callable[..., Path]) -> None:
    """Whatever lies about, the answer is a listing or a sentence."""
    root = put("mp4/x.mp4", "test/x.mp4", "Clip/clip_224x224/x.mp4", text={"a\nb #'.mp4": "x"})
    (root / "test/loop").symlink_to("loop")
    (root / "self").symlink_to(".")
    try:
        found = look(name, root)
    except UsageProblem as refusal:
        assert refusal.problem
    else:
        assert found.groups
        assert all(line.isprintable() for line in found.skipped)
