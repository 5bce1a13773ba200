"""Each layout on a small tree of the same shape, to the end: found, prepared, paired, validated."""

import json
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import clips
import pytest
from brought import run

from adapters.base import Frame
from benchmark.errors import UsageProblem
from benchmark.media.image import write_png
from benchmark.splits.layouts import LAYOUTS, Ask, layout
from benchmark.splits.manifest import Case
from benchmark.splits.originals import Found
from benchmark.splits.protocols import Counts, Spec, protocol
from benchmark.splits.validate import validate_manifest

RATE = Ask(frame_rate=Fraction(25))


@pytest.fixture
def put(tmp_path: Path) -> Callable[..., Path]:
    """Make a tree: names ending in ``/`` are folders of three frames, text comes as a dict."""
    taken: set[tuple[int, int]] = set()

    def frames() -> list[Frame]:
        """Three frames that no other clip of the tree has."""
        at = (30 + 4 * (len(taken) % 10), 20 + 4 * (len(taken) // 10))
        taken.add(at)
        return [clips.scene((at[0] + i, at[1], at[0] + 30 + i, at[1] + 30)) for i in range(3)]

    def make(*names: str, text: dict[str, str] | None = None) -> Path:
        root = tmp_path / "set"
        for name in names:
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith("/"):
                path.mkdir(exist_ok=True)
                for i, frame in enumerate(frames()):
                    write_png(path / f"{i:08d}.png", frame)
            elif name.endswith(".png"):
                write_png(path, frames()[0])
            else:
                clips.encode(tmp_path / "clip.mp4", frames(), crf="1").rename(path)
        for name, content in (text or {}).items():
            (root / name).parent.mkdir(parents=True, exist_ok=True)
            (root / name).write_text(content)
        return root

    return make


def look(name: str, root: Path, ask: Ask = RATE) -> Found:
    return layout(name).read(root, ask)


def imported(name: str, root: Path, out: Path, ask: Ask = RATE, **options: object) -> list[Case]:
    """Import and validate; return the cases."""
    run(root, out, layout=name, ask=ask, **options)
    split, faults = validate_manifest(out / "single.jsonl")
    assert split is not None
    assert faults == []
    return list(split.cases)


def people(cases: list[Case]) -> set[tuple[str, str]]:
    """Who drives whom in the cross cases."""
    pairs = [case.origins for case in cases if case.protocol == "cross"]
    return {(pair.driving.identity, pair.source.identity) for pair in pairs if pair is not None}


def names(found: Found) -> set[str]:
    return {original.name for original in found.groups["single"].driving}


def tags(found: Found, name: str) -> tuple[str, ...]:
    return next(o.tags for o in found.groups["single"].driving if o.name == name)


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


def one_clip() -> Spec:
    plain = protocol("reenactment")
    return plain.model_copy(update={"counts": {"single": Counts(clips=1)}})


def test_fomm(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put("test/a.mp4", "test/b/", "test/c.mp4", "test/d.png")
    (root / "train").mkdir()
    pairs = tmp_path / "pairs.csv"
    pairs.write_text("distance,source,driving,frame\n0.25,a.mp4,b,7\n0.5,c.mp4,a.mp4,0\n")
    ask = Ask(Fraction(25), pairs)
    found = look("fomm", root, ask)
    assert names(found) == {"a.mp4", "b", "c.mp4"}
    assert [line.split(":")[0] for line in found.skipped] == ["test/d.png"]
    cases = imported("fomm", root, tmp_path / "out", ask)
    cross = {case.id: case for case in cases if case.protocol == "cross"}
    assert set(cross) == {"a+b", "c+a"}
    assert cross["a+b"].source == "media/single/first/a.png"
    assert {"distance=0.25", "frame=7"} <= set(cross["a+b"].tags)
    assert sum(case.protocol == "self" for case in cases) == 3
    lost = run(root, tmp_path / "lost", layout="fomm", ask=ask, protocol=one_clip())
    assert lost.notes[0] == "single: the protocol has 1 clips, here are 3: 1 taken by lot"
    assert lost.notes[-1] == "single: 2 of 2 listed pairs name a file that was not taken"
    drawn = imported("fomm", root, tmp_path / "drawn", RATE)
    assert len(drawn) == 3 + 6
    for bad, says in (
        ("source,driving\na.mp4,e.mp4\n", "no video 'e.mp4'"),
        ("source,driving\na.mp4,a.mp4\n", "drives itself"),
        ("source,driving\na.mp4,b\na.mp4,b\n", "occurs twice"),
        ("source,driving,colour\na.mp4,b,x\n", "unknown column 'colour'"),
        ("source;driving\na.mp4;b\n", "no column 'source'"),
    ):
        pairs.write_text(bad)
        with pytest.raises(UsageProblem, match=says):
            look("fomm", root, ask)


def test_a_table_of_pairs(put: Callable[..., Path], tmp_path: Path) -> None:
    table = "source,driving,tags\nfaces/a b.png,v/x.mp4,easy; glasses\nv/y.mp4,v/x.mp4,\n"
    root = put("faces/a b.png", "v/x.mp4", "v/y.mp4", text={"pairs.csv": table})
    cases = imported("pairs", root, tmp_path / "out", Ask())
    cross = [case for case in cases if case.protocol == "cross"]
    assert {Path(case.source).parts[2] for case in cross} == {"portraits", "first"}
    assert {"easy", "glasses"} <= set(next(c for c in cross if "portraits" in c.source).tags)
    assert sum(case.protocol == "self" for case in cases) == 2
    for bad, says in (
        ("source,driving\n../secret.png,v/x.mp4\n", "no path inside"),
        ("source,driving\n/etc/passwd,v/x.mp4\n", "no path inside"),
        ("source,driving\n,v/x.mp4\n", "no path inside"),
        ("source,driving\nfaces/a b.png,v/z.mp4\n", "cannot be used|v/z.mp4"),
        ("source,driving\nv/x.mp4,faces/a b.png\n", "cannot drive"),
        ("source,driving\npairs.csv,v/x.mp4\n", "not one of"),
        ("source,driving\n", "has no pairs"),
    ):
        (root / "pairs.csv").write_text(bad)
        with pytest.raises(UsageProblem, match=says):
            run(root, tmp_path / "no", layout="pairs")
    with pytest.raises(UsageProblem, match="no table of pairs"):
        look("pairs", tmp_path, Ask())


def test_a_hugging_face_folder_without_tables(put: Callable[..., Path], tmp_path: Path) -> None:
    root = put("train/smile/a.mp4", "test/b.mp4", "c.mp4", text={"README.md": "x"})
    found = look("huggingface", root)
    assert tags(found, "train/smile/a.mp4") == ("part=train", "label=smile")
    assert [line.split(":")[0] for line in found.skipped] == ["README.md"]
    assert len(imported("huggingface", root, tmp_path / "out")) == 3 + 6
    (root / "test/data.parquet").write_text("x")
    with pytest.raises(UsageProblem, match="parquet"):
        look("huggingface", root)


def test_a_hugging_face_folder_with_files(put: Callable[..., Path], tmp_path: Path) -> None:
    rows = [
        {"file_name": "clips/a.mp4", "identity": "ann", "caption": "she nods", "n": 3},
        {"file_name": "clips/b.mp4", "identity": "bob", "long": "x" * 200},
        {"file_name": "p.png", "identity": "ann"},
    ]
    table = "\n".join(json.dumps(row) for row in rows) + "\n\n"
    root = put(
        "test/clips/a.mp4", "test/clips/b.mp4", "test/p.png", text={"test/metadata.jsonl": table}
    )
    found = look("huggingface", root)
    assert tags(found, "test/clips/a.mp4") == ("part=test", "caption=she nods", "n=3")
    assert tags(found, "test/clips/b.mp4") == ("part=test",)
    cases = imported("huggingface", root, tmp_path / "out")
    assert people(cases) == {("bob", "ann")}
    for bad in ("[]", "{", '{"x": 1}', '{"file_name": "../../x.mp4"}', '{"file_name": "no.mp4x"}'):
        (root / "test/metadata.jsonl").write_text(bad)
        with pytest.raises(UsageProblem, match="jsonl:1"):
            look("huggingface", root)


def test_a_hugging_face_folder_with_pairs(put: Callable[..., Path], tmp_path: Path) -> None:
    table = "source_file_name,driving_file_name,level\np.png,a.mp4,hard\n"
    root = put("p.png", "a.mp4", text={"metadata.csv": table})
    cases = imported("huggingface", root, tmp_path / "out")
    assert [case.id for case in cases] == ["self-a", "p+a"]
    assert "level=hard" in cases[1].tags
    (root / "metadata.csv").write_text("source_file_name,driving_file_name\na.mp4,p.png\n")
    with pytest.raises(UsageProblem, match="cannot drive"):
        look("huggingface", root)


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
