import json
import os
import shutil
from contextlib import closing
from pathlib import Path
from typing import Any

import clips
import numpy as np
import pytest
from brought import FACE, bring, case, content, run

from benchmark.errors import BenchError, EnvironmentProblem, UsageProblem
from benchmark.media.image import read_image, write_png
from benchmark.media.video import probe, read_video
from benchmark.splits.importer import ImportPlan, import_folder
from benchmark.splits.manifest import read_manifest
from benchmark.splits.validate import validate_manifest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return bring(tmp_path / "my data")


def test_the_whole_walk(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    report = run(folder, out, portraits_per_clip=2, licence="CC0", citation="me")
    single, multi = report.splits
    assert {p.name for p in out.iterdir()} == {
        "single.jsonl",
        "multi.jsonl",
        "media",
        "import.json",
    }
    assert not (tmp_path / "out.part").exists()
    assert len(single.cases) == 2 * (1 + 2)
    assert [c.id for c in multi.cases] == ["self-duo", "trio+duo"]
    assert (single.header.dataset, single.header.split) == ("my-data", "single")
    assert (single.header.licence, single.header.citation) == ("CC0", "me")
    assert report.no_face == ("portraits/single/nobody.png",)
    assert report.skipped == ()
    for name in ("single", "multi"):
        assert validate_manifest(out / f"{name}.jsonl")[1] == []


def test_self_cases_start_from_the_first_prepared_frame(folder: Path, tmp_path: Path) -> None:
    single = run(folder, tmp_path / "out").splits[0]
    own = case(single, "self-sway")
    assert (own.frames, own.fps, own.size, own.protocol) == ((0, 6), "25", (512, 512), "self")
    np.testing.assert_array_equal(
        read_image(single.file(own.source)), read_video(single.file(own.driving))[0]
    )


def test_native_rates_and_no_audio(folder: Path, tmp_path: Path) -> None:
    single = run(folder, tmp_path / "out").splits[0]
    slow = next(c for c in single.cases if c.id.startswith("self-still-one-"))
    assert slow.fps == "12000/1001"
    for item in (slow, case(single, "self-sway")):
        path = single.file(item.driving)
        assert probe(path).fps == item.rate
        assert b"soun" not in path.read_bytes()


def test_people_from_the_left(folder: Path, tmp_path: Path) -> None:
    multi = run(folder, tmp_path / "out").splits[1]
    cross = case(multi, "trio+duo")
    assert [(p.source, p.driving) for p in cross.pairs] == [(0, 0), (1, 1)]
    assert cross.size == (768, 1024)


def test_a_portrait_without_a_face_has_tagged_cases(folder: Path, tmp_path: Path) -> None:
    single = run(folder, tmp_path / "out", portraits_per_clip=3).splits[0]
    tagged = {c.id for c in single.cases if "no-face" in c.tags}
    assert tagged == {c.id for c in single.cases if c.id.startswith("nobody+")}
    assert len(tagged) == 2


def test_content_decides_what_a_picture_is(folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    shutil.copy(folder / "portraits/single/face.png", folder / "portraits/single/wrong.jpg")
    run(folder, out)
    np.testing.assert_array_equal(
        read_image(out / "media/single/portraits/wrong.png"),
        read_image(out / "media/single/portraits/face.png"),
    )


def test_imports_are_the_same_byte_for_byte(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "one", name="x")
    moved = tmp_path / "elsewhere"
    shutil.copytree(folder, moved)
    (moved / "notes.txt").write_text("an unrelated file")
    for path in sorted(moved.rglob("*"), reverse=True):  # other times, other order of making
        os.utime(path, (1, 1))
    run(moved, tmp_path / "two", name="x")
    assert content(tmp_path / "one") == content(tmp_path / "two")


def test_another_portrait_leaves_cases_that_do_not_draw_it(folder: Path, tmp_path: Path) -> None:
    before = run(folder, tmp_path / "one", portraits_per_clip=1).splits[0]
    for i in range(3):
        write_png(folder / f"portraits/single/more{i}.png", clips.scene(FACE))
    after = run(folder, tmp_path / "two", portraits_per_clip=1).splits[0]
    unchanged = [c for c in after.cases if "more" not in c.id]
    assert [c for c in before.cases if c in unchanged] == unchanged


def test_a_limit_of_frames(folder: Path, tmp_path: Path) -> None:
    split = run(folder, tmp_path / "out", max_frames=3).splits[0]
    assert all(c.frames == (0, 3) for c in split.cases)
    assert probe(split.file(split.cases[0].driving)).n_frames == 3
    assert "first 3 frames" in split.header.fps


def test_names_with_anything_in_them(tmp_path: Path) -> None:
    root = tmp_path / "odd"
    names = ["a b.mp4", "q'u\"o.mp4", "new\nline.mp4", "名前.mp4", "x#y%20.mp4", "A B.mp4"]
    (root / "driving/single").mkdir(parents=True)
    (root / "portraits/single").mkdir(parents=True)
    for i, name in enumerate(names):
        frames = [clips.scene((50 + i, 40, 90, 70))] * 2
        clips.encode(tmp_path / "clip.mp4", frames).rename(root / "driving/single" / name)
    bad = root / "portraits/single" / os.fsdecode(b"caf\xe9\xe2\x80\xa8.png")
    write_png(tmp_path / "x.png", clips.scene(FACE))
    (tmp_path / "x.png").rename(bad)
    split = run(root, tmp_path / "out").splits[0]
    assert len({c.id.casefold() for c in split.cases}) == 12
    assert validate_manifest(tmp_path / "out/single.jsonl")[1] == []
    tags = {tag for c in split.cases for tag in c.tags}
    assert {"driving=名前.mp4", "driving=new\\nline.mp4", "portrait=caf\\udce9\\u2028.png"} <= tags


def test_phone_video_is_imported_upright(tmp_path: Path) -> None:
    root = tmp_path / "phone"
    (root / "driving/single").mkdir(parents=True)
    upright = clips.scene((30, 20, 60, 60), size=(160, 96))
    path = root / "driving/single/a.mp4"
    clips.encode(path, [np.ascontiguousarray(np.rot90(upright))] * 3, crf="1")
    clips.turned(path, 0, 1, -1, 0)
    split = run(root, tmp_path / "out").splits[0]
    record = json.loads((tmp_path / "out/import.json").read_text())["originals"][0]
    assert record["survey"]["size"] == [160, 96]
    assert record["survey"]["box"] == pytest.approx([30, 20, 60, 60], abs=2)
    assert split.cases[0].size == (512, 512)


def test_all_faults_are_named_before_anything_is_converted(folder: Path, tmp_path: Path) -> None:
    single, portraits = folder / "driving/single", folder / "portraits/single"
    whole = (single / "sway.mp4").read_bytes()
    (single / "cut.mp4").write_bytes(whole[: len(whole) * 2 // 3])
    (single / "list.mp4").write_bytes(b"#EXTM3U\nsway.mp4\n")
    (single / "empty.mp4").touch()
    (single / "gone.mp4").symlink_to("nowhere.mp4")
    clips.only_audio(single / "sound.mp4")
    clips.encode(single / "one.mp4", [clips.scene(FACE)])
    (portraits / "text.png").write_text("hello")
    with pytest.raises(UsageProblem) as caught:
        run(folder, tmp_path / "out")
    assert caught.value.problem == "7 of 14 files cannot be used"
    lines = caught.value.remedy.splitlines()
    for name in ("cut", "list", "empty", "gone", "sound", "one", "text"):
        assert sum(f"/{name}." in line for line in lines) == 1, name
    assert not (tmp_path / "out").exists()
    for path in (*single.iterdir(), portraits / "text.png"):
        if path.name not in {"sway.mp4", "still one.mov"}:
            path.unlink()
    run(folder, tmp_path / "out")


def test_unexpected_files_are_named(folder: Path, tmp_path: Path) -> None:
    (folder / "driving/single/notes.txt").write_text("x")
    (folder / "portraits/single/.DS_Store").write_text("x")
    (folder / "portraits/multi/clip.mp4").write_bytes(b"x")
    report = run(folder, tmp_path / "out")
    assert [line.split(": ")[0] for line in report.skipped] == [
        "portraits/single/.DS_Store",
        "driving/single/notes.txt",
        "portraits/multi/clip.mp4",
    ]
    assert json.loads((tmp_path / "out/import.json").read_text())["skipped"] == list(report.skipped)


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"name": "a b"}, "cannot name a dataset"),
        ({"name": "../x"}, "cannot name a dataset"),
        ({"name": ""}, "cannot name a dataset"),
        ({"portraits_per_clip": -1}, "0 or more"),
        ({"max_frames": 1}, "2 or more"),
    ],
)
def test_wrong_options(options: dict[str, Any], says: str, folder: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageProblem, match=says):
        run(folder, tmp_path / "out", **options)
    assert {p.name for p in tmp_path.iterdir()} == {"my data"}


def test_a_folder_that_cannot_be_written(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for out in (tmp_path / "file/out", Path("/proc/out")):
        with pytest.raises(EnvironmentProblem, match="cannot write"):
            run(folder, out)


def test_a_read_only_folder_can_be_imported(folder: Path, tmp_path: Path) -> None:
    before = content(folder)
    paths = [folder, *folder.rglob("*")]
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    try:
        run(folder, tmp_path / "out")
        assert content(folder) == before
    finally:
        for path in paths:
            path.chmod(0o755)


def test_the_same_file_twice(folder: Path, tmp_path: Path) -> None:
    shutil.copy(folder / "driving/single/sway.mp4", folder / "driving/single/copy.mp4")
    split = run(folder, tmp_path / "out").splits[0]
    own, copy = case(split, "self-sway"), case(split, "self-copy")
    assert own.sha256 == copy.sha256
    assert own.driving != copy.driving


def test_originals_may_be_links(folder: Path, tmp_path: Path) -> None:
    (folder / "portraits/single/face.png").rename(tmp_path / "stored")
    (folder / "portraits/single/face.png").symlink_to(tmp_path / "stored")
    out = tmp_path / "out"
    run(folder, out)
    assert not any(path.is_symlink() for path in out.rglob("*"))


def test_only_one_kind_of_split(folder: Path, tmp_path: Path) -> None:
    shutil.rmtree(folder / "driving/multi")
    report = run(folder, tmp_path / "out")
    assert [split.header.split for split in report.splits] == ["single"]
    assert report.skipped == ("portraits/multi: there are no clips in driving/multi",)
    shutil.rmtree(folder / "portraits")
    report = run(folder, tmp_path / "two")
    assert {c.protocol for c in report.splits[0].cases} == {"self"}


def test_progress_reaches_its_total(folder: Path, tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    import_folder(
        ImportPlan(folder, tmp_path / "out"), clips.BoxTracker(), lambda *step: seen.append(step)
    )
    for step in ("finding faces", "converting"):
        own = [(done, total) for name, done, total in seen if name == step]
        assert own[0][0] == 0
        assert own[-1] == (19, 19)
        assert own == sorted(own)


def test_the_manifest_says_by_which_rules_it_was_made(folder: Path, tmp_path: Path) -> None:
    run(folder, tmp_path / "out", seed=5)
    header = read_manifest(tmp_path / "out/single.jsonl").header
    assert "x 1.8" in header.crop
    assert "INTER_AREA" in header.crop
    assert "'5/clip name/portrait name'" in header.pairing
    assert header.version.startswith("originals-")
    with pytest.raises(BenchError):
        run(folder, tmp_path / "out")


@pytest.mark.slow
def test_real_media(shared_media: Path, face_model: Path, tmp_path: Path) -> None:
    from benchmark.tracker import LentTracker

    with closing(LentTracker(face_model)) as tracker:
        report = run(shared_media, tmp_path / "out", tracker, max_frames=3)
    assert report.no_face == ("portraits/single/lp_s39_cat.jpg",)
    assert [len(split.cases) for split in report.splits] == [11 * 4, 3 * 4]
    multi = report.splits[1]
    assert len(case(multi, "built_trio+built_duo_d10_d9").pairs) == 2
    for split in report.splits:
        assert validate_manifest(split.root / f"{split.header.split}.jsonl")[1] == []
