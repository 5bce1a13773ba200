import json
import shutil
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import clips
import pytest

from benchmark.media.image import write_png
from benchmark.splits.importer import ImportPlan, import_folder
from benchmark.splits.validate import validate_manifest
from metrics.weights import file_sha256


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("originals")
    for kind in ("portraits", "driving"):
        (root / kind / "single").mkdir(parents=True)
    sway = [clips.scene((60 + 2 * i, 40, 90 + 2 * i, 70)) for i in range(6)]
    clips.encode(root / "driving/single/sway.mp4", sway)
    write_png(root / "portraits/single/face.png", clips.scene((60, 40, 90, 70)))
    out = root / "out"
    import_folder(ImportPlan(root, out, name="tiny"), clips.BoxTracker())
    return out


@pytest.fixture
def data(made: Path, tmp_path: Path) -> Path:
    """A dataset of the test's own: cases self-sway and face+sway."""
    return Path(shutil.copytree(made, tmp_path / "data"))


def edit(data: Path, change: Callable[[list[dict[str, Any]]], None]) -> None:
    path = data / "single.jsonl"
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    change(lines)
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))


def faults(data: Path, name: str = "single.jsonl") -> list[str]:
    return [str(fault) for fault in validate_manifest(data / name)[1]]


CLIP, FIRST, FACE = (
    "media/single/driving/sway.mp4",
    "media/single/first/sway.png",
    "media/single/portraits/face.png",
)


def test_a_good_split_has_no_faults(data: Path) -> None:
    seen: list[tuple[int, int]] = []
    split, found = validate_manifest(data / "single.jsonl", lambda *step: seen.append(step))
    assert found == []
    assert split is not None
    assert len(split.cases) == 2
    assert seen == [(1, 2), (2, 2)]


def test_a_missing_file_is_named_once(data: Path) -> None:
    (data / CLIP).unlink()
    [fault] = faults(data)
    assert CLIP in fault
    assert "no video at" in fault


def test_a_changed_picture(data: Path) -> None:
    write_png(data / FACE, clips.noise(1, 512, 512)[0])
    [fault] = faults(data)
    assert fault.startswith(f"single.jsonl: face+sway: {FACE} has another sha256")
    assert "import again" in fault


def test_a_picture_of_another_size(data: Path) -> None:
    write_png(data / FACE, clips.noise(1, 512, 510)[0])
    assert "source is 510x512, stated 512x512" in "\n".join(faults(data))


def test_a_clip_that_was_cut_short(data: Path) -> None:
    clips.cut(data / CLIP, (data / CLIP).stat().st_size * 3 // 4)
    [fault] = faults(data)
    assert "truncated" in fault


def test_a_clip_with_fewer_frames_is_faulty_for_every_case(data: Path) -> None:
    frames = [clips.scene((60, 40, 90, 70), size=(512, 512))] * 4
    clips.encode(data / CLIP, frames)
    sha256 = file_sha256(data / CLIP)

    def change(lines: list[dict[str, Any]]) -> None:
        for line in lines[1:]:
            line["sha256"]["driving"] = sha256

    edit(data, change)
    text = "\n".join(faults(data))
    assert text.count("driving has 4 frames, stated [0, 6]") == 2
    assert "source is not frame 0" in text


def test_another_rate(data: Path) -> None:
    edit(data, lambda lines: lines[1].update(fps="30"))
    [fault] = faults(data)
    assert "self-sway: driving has 25 frames a second, stated 30" in fault


def test_the_source_of_a_self_case_must_be_its_frame(data: Path) -> None:
    edit(data, lambda lines: lines[1].update(frames=[4, 6]))
    # Frame 4 differs from frame 0 by a moved face: small, but not encoding noise.
    assert any("source is not frame 4" in fault for fault in faults(data))


def test_a_self_case_of_one_frame_scores_nothing(data: Path) -> None:
    edit(data, lambda lines: lines[1].update(frames=[0, 1]))
    [fault] = faults(data)
    assert "a self case needs two frames" in fault


def test_paths_out_of_the_dataset(data: Path, tmp_path: Path) -> None:
    shutil.move(data / FACE, tmp_path / "face.png")
    (data / FACE).symlink_to(tmp_path / "face.png")
    [fault] = faults(data)
    assert "leads out of the dataset" in fault
    edit(data, lambda lines: lines[2].update(source="../face.png"))
    [fault] = faults(data)
    assert "path must be relative and stay inside" in fault


def test_duplicate_ids_and_bad_lines_are_all_named(data: Path) -> None:
    edit(data, lambda lines: lines.extend([lines[1], {"id": "x"}, {**lines[2], "id": "b b"}]))
    found = faults(data)
    assert len(found) == 3
    assert "case id 'self-sway' occurs twice" in found[0]


def test_the_file_is_named_like_its_split(data: Path) -> None:
    (data / "single.jsonl").rename(data / "other.jsonl")
    [fault] = faults(data, "other.jsonl")
    assert "its header says split 'single'" in fault


def test_a_manifest_that_cannot_be_read(data: Path) -> None:
    (data / "single.jsonl").write_bytes(b"\xff\xff")
    split, found = validate_manifest(data / "single.jsonl")
    assert split is None
    assert ["Invalid JSON" in str(fault) for fault in found] == [True]


def test_one_file_as_picture_and_video_at_once(data: Path) -> None:
    edit(data, lambda lines: lines[2].update(source=CLIP))
    [fault] = faults(data)
    assert f"{CLIP}: cannot read the image" in fault


def test_faults_are_single_printable_lines(data: Path) -> None:
    edit(data, lambda lines: lines[2].update(source="media/\x1b[31mred\nline.png"))
    [fault] = faults(data)
    assert fault.isprintable()


def test_a_rate_that_only_looks_like_another(data: Path) -> None:
    edit(data, lambda lines: lines[1].update(fps="50/2"))
    assert faults(data) == []
    assert Fraction("50/2") == 25
